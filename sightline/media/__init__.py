"""Bytes in, pixels out: the only code that opens a URL and the only code that decodes a picture."""
