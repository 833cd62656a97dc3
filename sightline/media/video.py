"""What a film's container tells: size as shown, length, sound, and every frame's place in time.

Frames are counted, not believed: the packets are read through, and none is decoded but the first,
which alone knows how the camera was held. Times are presentation times from the film's start.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition

from sightline.errors import ImageError

# Containers that hold pictures and sound themselves; playlists and the like name other files.
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,ivf,flv,gif,ogg,asf,webp_anim,apng"  # fmt: skip  # noqa: E501
_CODECS = frozenset(
    "h264 hevc vp8 vp9 av1 libdav1d mpeg1video mpeg2video mpeg4 mjpeg gif webp apng theora prores "
    "h263 wmv2 wmv3 vc1 flv dvvideo ffv1 rawvideo png msmpeg4v3 libvpx libvpx-vp9".split()
)
_LIVE_CODECS = _CODECS | {"bmp"}  # cameras and screens give bitmaps
_SOUND_CODECS = frozenset(
    "aac aac_latm mp3 mp3float mp2 mp2float ac3 eac3 dca opus libopus vorbis flac alac "
    "amrnb amrwb libopencore_amrnb libopencore_amrwb wmav1 wmav2 adpcm_ms adpcm_ima_wav "
    "adpcm_ima_qt pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f32be "
    "pcm_u8 pcm_s8 pcm_alaw pcm_mulaw pcm_bluray pcm_dvd".split()
)
# FFmpeg decodes a little of each stream while it opens a file, so what is never looked at is named
# there as well: most holes are in decoders that hardly anyone needs.
_OPTIONS = {
    "format_whitelist": _CONTAINERS,
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(sorted(_CODECS | _SOUND_CODECS)),
}
# A camera's sound is not heard, so that what unpacks it is never reached over RTSP.
LIVE_OPTIONS = {
    "format_whitelist": f"{_CONTAINERS},mpjpeg,jpeg_pipe,live_flv,hls,rtsp,rtp",
    "protocol_whitelist": "http,https,tcp,tls,udp,rtp,rtsp,rtsps,rtmp,rtmps,srt,crypto,data",
    "codec_whitelist": ",".join(sorted(_LIVE_CODECS | _SOUND_CODECS)),
    "allowed_media_types": "video",
}
_TIMEOUT_S = 5.0
_MOST_STREAMS = 64
_MOST_PACKETS = 5_000_000

Source = Path | bytes


@dataclass(frozen=True, slots=True)
class Film:
    """A film's frames in presentation order.

    `width` and `height` are in square pixels, upright; `duration_s` lasts to the end of the last
    frame. `pts` are the frames' times in units of `time_base`, and `keys` those that can be
    decoded by themselves. `turn` is by how many quarter turns anticlockwise a frame is turned to
    stand upright. `damaged` says that reading ended before the container did.
    """

    width: int
    height: int
    duration_s: float
    codec: str
    audio: bool
    turn: int
    aspect: Fraction
    time_base: Fraction
    pts: tuple[int, ...] = field(repr=False)
    keys: tuple[int, ...] = field(repr=False)
    damaged: bool = False

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return len(self.pts)

    def time_s(self, index: int) -> float:
        """When a frame is shown, in seconds from the first one."""
        return float((self.pts[index] - self.pts[0]) * self.time_base)


def opened(source: Source) -> av.container.InputContainer:
    """Open a film without letting it reach for any other file or for the network."""
    # Python shares the bytes of such files among them as long as none is written to.
    where = str(source) if isinstance(source, Path) else io.BytesIO(source)
    options = {"container_options": _OPTIONS, "timeout": _TIMEOUT_S, "metadata_errors": "replace"}
    return av.open(where, "r", **options)  # type: ignore[call-overload,no-any-return]


def picture_stream(
    container: av.container.InputContainer, *, live: bool = False
) -> av.video.stream.VideoStream:
    """Give the stream with the moving picture; the cover of a record is none.

    Cameras and screens (`live`) may also give bitmaps.

    Raises `ValueError` where there is none that may be decoded.
    """
    if len(container.streams) > _MOST_STREAMS:
        raise ValueError("too many streams")
    # Not `streams.video`: it fails where a damaged stream has brought up others while opening.
    for stream in container.streams:
        if not isinstance(stream, av.video.stream.VideoStream):
            continue
        if not stream.disposition & Disposition.attached_pic:
            known = _LIVE_CODECS if live else _CODECS
            if stream.codec_context is None or stream.codec_context.name not in known:
                raise ValueError("a codec that is not decoded")
            return stream
    raise ValueError("no moving picture")


def sound_stream(container: av.container.InputContainer) -> av.audio.stream.AudioStream | None:
    """Give the first stream of sound; None where there is none that may be decoded."""
    stream = next(iter(container.streams.audio), None)
    return stream if stream and stream.codec_context.name in _SOUND_CODECS else None


def packets(container: av.container.InputContainer, stream: Any) -> Iterator[Any]:
    """Give a stream's packets from where the container is, each with a time, up to any damage."""
    counted = 0
    given = container.demux(stream)
    while True:
        try:
            packet = next(given)
        except (StopIteration, IndexError, av.error.FFmpegError):
            return
        if packet.size == 0:
            return
        if packet.pts is None:
            packet.pts = packet.dts if packet.dts is not None else counted
        counted += 1
        yield packet


def probe(source: Source, param: str) -> Film:
    """Read through a film. Raises `ImageError` with `param` for what is none."""
    try:
        with opened(source) as container:
            return _measured(container, picture_stream(container))
    except (av.error.FFmpegError, IndexError, ValueError, OSError):
        raise ImageError(
            "It is neither a picture nor a film.", param=param, code="invalid_video"
        ) from None


def _measured(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> Film:
    width, height = stream.width, stream.height
    turn: int | None = None
    times: list[int] = []
    keys: list[int] = []
    end, damaged = 0, False
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            break
        except (av.error.FFmpegError, IndexError):
            # What came before can be seen. (PyAV knows no stream that damage brings up later.)
            damaged = True
            break
        if packet.size == 0 or packet.is_discard:
            continue
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None:
            at = len(times)  # a bare stream without times: they are counted
        times.append(at)
        end = max(end, at + (packet.duration or 0))
        if packet.is_keyframe:
            keys.append(at)
        if turn is None:
            turn = _turn(packet)
        if len(times) > _MOST_PACKETS:
            raise ValueError("too many frames")
    if not times or not width or not height:
        raise ValueError("no pictures")
    turn = turn or 0
    aspect = stream.sample_aspect_ratio or Fraction(1)
    wide = max(1, round(width * aspect)) if aspect > 0 else width
    if turn % 2:
        wide, height = height, wide
    ordered = tuple(sorted(set(times)))
    base = stream.time_base or Fraction(1, 25)
    return Film(
        wide,
        height,
        float((end - ordered[0]) * base),
        stream.codec_context.name,
        any(each.type == "audio" for each in container.streams),
        turn,
        aspect if aspect > 0 else Fraction(1),
        base,
        ordered,
        tuple(sorted(set(keys))),
        damaged,
    )


def _turn(packet: Any) -> int | None:
    try:
        for frame in packet.decode():
            return (int(getattr(frame, "rotation", 0)) // 90) % 4
    except av.error.FFmpegError:
        return 0
    return None
