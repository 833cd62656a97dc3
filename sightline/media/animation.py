"""Animated WEBP pictures as films: FFmpeg cannot read them, Pillow can.

They are packed again, without loss, into a container that the rest of `media` reads.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from sightline.errors import ImageError
from sightline.media.video import Source, head_of

_MOST_PIXELS = 1_000_000_000  # of all frames together


def readable(source: Source, param: str) -> Source:
    """Give a film that FFmpeg reads: the source itself, or what an animated WEBP was packed into.

    Raises `ImageError` with `param` for one that is damaged or too large.
    """
    head = head_of(source)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return source
    from PIL import Image  # most films need neither it nor NumPy to be told what they are

    try:
        with Image.open(
            source if isinstance(source, Path) else io.BytesIO(source), formats=("WEBP",)
        ) as image:
            return _packed(image, param)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise ImageError(
            "It is neither a picture nor a film.", param=param, code="invalid_video"
        ) from None


def _packed(image: Any, param: str) -> bytes:
    import numpy as np
    from PIL import Image

    count, (width, height) = getattr(image, "n_frames", 1), image.size
    if count * width * height > _MOST_PIXELS:
        raise ImageError("The animation is too large.", param=param, code="video_too_large")
    out = io.BytesIO()
    with av.open(out, "w", format="mov") as container:
        stream: Any = container.add_stream("png", rate=1000)
        stream.width, stream.height, stream.pix_fmt = width, height, "rgb24"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        at = 0
        for number in range(count):
            image.seek(number)
            # What shines through is white, as in other films.
            shown = Image.new("RGBA", image.size, "white")
            shown.alpha_composite(image.convert("RGBA"))
            length = max(1, int(image.info.get("duration", 100) or 100))
            frame = av.VideoFrame.from_ndarray(np.asarray(shown.convert("RGB")), "rgb24")
            frame.pts, frame.duration = at, length
            for packet in stream.encode(frame):  # the last one's length is kept only if it is told
                packet.duration = round(length / 1000 / packet.time_base)
                container.mux(packet)
            at += length
    return out.getvalue()
