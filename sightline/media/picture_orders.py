"""What is said between `decoding` and the process that decodes: orders, replies, what they share.

It imports nothing of ours: a process that begins with each `sightline ask` is to begin soon.
"""

from __future__ import annotations

import struct

# A picture of 2048×2048, and most files, fit; only what is used takes memory.
SHARED_BYTES = 16 << 20
# Length, stored width and height, width and height wanted, orientation, format, seconds. Where no
# size is wanted, it is only glanced at.
ORDER = struct.Struct("<IIIIIBBd")
REPLY = struct.Struct("<BII")  # what came of it, height, width
DONE, DAMAGED, NO_MEMORY = range(3)
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
PIXEL_BYTES = 24  # the most that the formats take for each pixel of the file: WebP with alpha
