"""Sightline: images go in, answers come out, over the API that code already speaks."""

__version__ = "0.1.0"
