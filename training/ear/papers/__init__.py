"""Kinds of paper; each function writes one, registered under its name."""
