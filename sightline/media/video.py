"""What a film's container tells: its size as shown, its length, how many frames it has.

Frames are counted, not believed: the packets are read through, none is decoded but the first,
which alone knows how the camera was held.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av

from sightline.errors import ImageError

# Containers that hold pictures and sound themselves; playlists and the like name other files.
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,gif,ogg,asf,webp_anim,apng"
_OPTIONS = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Film:
    """`width` and `height` in square pixels, upright; `duration_s` to the end of the last frame."""

    width: int
    height: int
    frames: int
    duration_s: float


def probe(path: Path, param: str) -> Film:
    """Read through a film. Raises `ImageError` with `param` for what is none."""
    try:
        with av.open(str(path), container_options=_OPTIONS, timeout=_TIMEOUT_S) as container:
            stream = container.streams.video[0]
            return _measured(container, stream)
    except (av.error.FFmpegError, IndexError, ValueError, OSError):
        raise ImageError("It is neither a picture nor a film.", param=param) from None


def _measured(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> Film:
    width, height, shown = stream.width, stream.height, False
    first = last = None
    frames = 0
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_discard:
            continue
        frames += 1
        if packet.pts is not None:
            end = packet.pts + (packet.duration or 0)
            first = packet.pts if first is None else min(first, packet.pts)
            last = end if last is None else max(last, end)
        if not shown:
            for frame in packet.decode():
                shown = True
                if frame.rotation % 180:
                    width, height = height, width
    aspect = stream.sample_aspect_ratio
    if aspect and aspect != 1:
        width = max(1, round(width * float(aspect)))
    if not frames or not width or not height:
        raise ValueError("no pictures")
    if first is None or last is None or stream.time_base is None:
        return Film(width, height, frames, 0.0)
    length = float((last - first) * stream.time_base)
    return Film(width, height, frames, length)
