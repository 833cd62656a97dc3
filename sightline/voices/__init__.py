"""Voices: text in, samples out."""
