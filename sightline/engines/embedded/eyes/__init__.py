"""Answers about what is seen: photographs, drawings, films."""
