"""Sightline Nano: a small vision-language model, trained on pictures that this folder draws."""
