"""What a film's container tells: size as shown, length, sound, and every frame's place in time.

Frames are counted, not believed: the packets are read through, and none is decoded but the first,
which alone knows how the camera was held. Times are presentation times from the film's start.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition

from sightline.media import file_kinds
from sightline.media.unreadable_film import CONVERT, WHOLE, Unread, refusal, sound_alone

# Containers that hold pictures and sound themselves; playlists and the like name other files.
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,h264,hevc,ivf,flv,gif,ogg,asf,webp_anim,apng"  # fmt: skip  # noqa: E501
_CODECS = frozenset(
    "h264 hevc vp8 vp9 av1 libdav1d mpeg1video mpeg2video mpeg4 mjpeg gif webp apng theora prores "
    "h263 wmv2 wmv3 vc1 flv dvvideo ffv1 rawvideo png msmpeg4v3 libvpx libvpx-vp9".split()
)
_LIVE_CODECS = _CODECS | {"bmp"}  # cameras and screens give bitmaps
SOUND_CODECS = frozenset(
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
    "codec_whitelist": ",".join(sorted(_CODECS | SOUND_CODECS)),
}
# A camera's sound is not heard, so that what unpacks it is never reached over RTSP.
LIVE_OPTIONS = {
    "format_whitelist": f"{_CONTAINERS},mpjpeg,jpeg_pipe,live_flv,hls,rtsp,rtp",
    "protocol_whitelist": "http,https,tcp,tls,udp,rtp,rtsp,rtsps,rtmp,rtmps,srt,crypto,data",
    "codec_whitelist": ",".join(sorted(_LIVE_CODECS | SOUND_CODECS)),
    "allowed_media_types": "video",
}
_TIMEOUT_S = 5.0
MOST_STREAMS = 64
_MOST_PACKETS = 5_000_000

Source = Path | bytes


@dataclass(frozen=True, slots=True)
class Film:
    """A film's frames in presentation order.

    `width` and `height` are in square pixels, upright; `duration_s` lasts to the end of the last
    frame. `pts` are the frames' times in units of `time_base`, and `keys` those that can be
    decoded by themselves. `stamps` are, for a bare stream that tells no times, those of its packets
    in the order in which they stand, below 0 where one shows nothing. `turn` is by how many quarter
    turns anticlockwise a frame is turned to stand upright. `damaged` says that there is less than
    the container tells of, or that it begins with frames that cannot be decoded.
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
    stamps: tuple[int, ...] = field(default=(), repr=False)

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

    Of several it is the one that players show. Cameras and screens (`live`) may also give bitmaps.

    Raises `Unread`, a `ValueError`, where there is none that may be decoded.
    """
    if len(container.streams) > MOST_STREAMS:
        raise Unread("It is a film of too many streams.", f"At most {MOST_STREAMS} are read.")
    # Not `streams.video`: it fails where a damaged stream has brought up others while opening.
    pictures = [
        stream
        for stream in container.streams
        if isinstance(stream, av.video.stream.VideoStream)
        and not stream.disposition & Disposition.attached_pic
    ]
    if not pictures:
        if any(stream.type == "audio" for stream in container.streams):
            raise sound_alone()
        raise Unread("It is a film without a moving picture.", WHOLE)
    stream = pictures[0] if live or len(pictures) == 1 else _shown(container, pictures)
    name = "" if stream.codec_context is None else stream.codec_context.name
    if name not in (_LIVE_CODECS if live else _CODECS):
        coded = f"coded as {name}, which is not" if name else "coded in a way that is not"
        raise Unread(f"It is a film, but its pictures are {coded} read here.", CONVERT)
    return stream


def _shown(
    container: av.container.InputContainer, pictures: list[av.video.stream.VideoStream]
) -> av.video.stream.VideoStream:
    """Choose among several streams as players do: the default one, of those one that moves."""
    try:
        best = container.streams.best("video")
    except (IndexError, ValueError, av.error.FFmpegError):
        best = None
    chosen = next((s for s in pictures if best is not None and s.index == best.index), None)
    default = next((s for s in pictures if s.disposition & Disposition.default), pictures[0])
    return chosen or default


def decoder(stream: av.video.stream.VideoStream) -> Any:
    """Give what decodes a stream: of VP8 and VP9 that say so what is seen through them too."""
    other = _SEEN_THROUGH.get(stream.codec_context.name)
    if other is None or stream.metadata.get("alpha_mode") != "1":
        return stream.codec_context
    return av.CodecContext.create(other, "r")


_SEEN_THROUGH = {"vp8": "libvpx", "vp9": "libvpx-vp9"}  # FFmpeg's own leave it out


def sound_stream(container: av.container.InputContainer) -> av.audio.stream.AudioStream | None:
    """Give the first stream of sound; None where there is none that may be decoded."""
    stream = next(iter(container.streams.audio), None)
    return stream if stream and stream.codec_context.name in SOUND_CODECS else None


def packets(
    container: av.container.InputContainer, stream: Any, film: Film | None = None
) -> Iterator[Any]:
    """Give a stream's packets from where the container is, each with a time, up to any damage.

    Those of a `film` that tells no times have its stamps, so they have to be read from its start.
    """
    counted = 0
    stamps = film.stamps if film is not None else ()
    given = container.demux(stream)
    while True:
        try:
            packet = next(given)
        except (StopIteration, IndexError, av.error.FFmpegError):
            return
        if packet.size == 0:
            return
        if packet.pts is None:
            told = stamps[counted] if counted < len(stamps) else counted
            packet.pts = packet.dts if packet.dts is not None else told
        counted += 1
        yield packet


def probe(source: Source, param: str) -> Film:
    """Read through a film. Raises `ImageError` with `param` for what is none."""
    try:
        with opened(source) as container:
            return _measured(source, container, picture_stream(container))
    except Unread as error:
        raise error.error(param) from None
    except (av.error.FFmpegError, IndexError, ValueError, OSError):
        raise refusal(head_of(source), param) from None


def head_of(source: Source) -> bytes:
    """Give the first bytes of a film; none where it cannot be read."""
    if isinstance(source, bytes):
        return source[: file_kinds.HEAD]
    try:
        with source.open("rb") as file:
            return file.read(file_kinds.HEAD)
    except OSError:
        return b""


def _is_cut(
    container: av.container.InputContainer,
    stream: av.video.stream.VideoStream,
    count: int,
    end_s: float,
) -> bool:
    """Say whether a film that was read to its end is much shorter than its head tells."""
    if stream.frames:
        return count < 0.98 * stream.frames - 1  # some heads count a frame too many
    if len(container.streams) > 1 or not container.duration:
        return False  # sound may last longer than the pictures
    told_s = container.duration / 1_000_000
    telling = any(name in _TELL_LENGTH for name in container.format.name.split(","))
    return telling and end_s < 0.95 * told_s - 0.5


_TELL_LENGTH = frozenset(("matroska", "webm", "flv", "asf"))


@dataclass(slots=True)
class _Packets:
    """What a film's packets tell: their times and its key frames', in the stream's time base.

    `end` is when the last one ends, `step` how long one lasts, `count` counts those thrown away
    too. `timed` says that any has a time, `late` that the first are no key frames.
    """

    times: list[int]
    keys: list[int]
    end: int = 0
    step: int = 1
    count: int = 0
    turn: int | None = None
    damaged: bool = False
    late: bool = False
    timed: bool = False

    def add(self, packet: av.Packet[av.video.stream.VideoStream]) -> None:
        """Take one packet. Raises `ValueError` where there are too many."""
        self.count += 1
        if packet.is_discard:
            return
        at = packet.pts if packet.pts is not None else packet.dts
        self.timed = self.timed or at is not None
        if at is None:
            at = len(self.times)
        self.times.append(at)
        self.end = max(self.end, at + (packet.duration or 0))
        self.step = packet.duration or self.step
        if packet.is_keyframe:
            self.keys.append(at)
        self.late = self.late or not self.keys
        if self.turn is None:
            self.turn = _turn(packet)
        if len(self.times) > _MOST_PACKETS:
            raise ValueError("too many frames")


def _walked(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> _Packets:
    found = _Packets([], [])
    given = container.demux(stream)
    while True:
        try:
            packet = next(given)
        except StopIteration:
            return found
        except (av.error.FFmpegError, IndexError):
            # What came before can be seen. (PyAV knows no stream that damage brings up later.)
            found.damaged = True
            return found
        if packet.size:
            found.add(packet)


def _measured(
    source: Source, container: av.container.InputContainer, stream: av.video.stream.VideoStream
) -> Film:
    width, height = stream.width, stream.height
    packets = _walked(container, stream)
    times, keys, end, step = packets.times, packets.keys, packets.end, packets.step
    damaged = packets.damaged
    if not times or not width or not height:
        raise Unread("It is a film, but no picture of it can be read: it is cut off.", WHOLE)
    turn = packets.turn or 0
    base = stream.time_base or Fraction(1, 25)
    stamps: tuple[int, ...] = ()
    if not packets.timed:
        if step == 1:
            step = max(1, round(1 / ((stream.average_rate or 25) * base)))
        stamps = _counted(source, len(times), step)
        keys = [stamps[number] for number in keys if stamps[number] >= 0]
        times = [at for at in stamps if at >= 0]
        end = max(times, default=0) + step
    elif keys and min(times) < keys[0]:
        # It begins within a run of pictures that others are made from: those may be lost.
        early = {at for at in times if at < keys[0]}
        shown = set(takewhile(lambda at: at < keys[0], _decoded(source, "SLICE")))
        lost = early - shown
        times = [at for at in times if at not in lost]
        damaged = damaged or (packets.late and bool(lost))
    if not times:
        raise Unread("It is a film, but no picture of it can be decoded.", WHOLE)
    damaged = damaged or _is_cut(container, stream, packets.count, float(end * base))
    aspect = stream.sample_aspect_ratio or Fraction(1)
    wide = max(1, round(width * aspect)) if aspect > 0 else width
    if turn % 2:
        wide, height = height, wide
    ordered = tuple(sorted(set(times)))
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
        stamps,
    )


def _counted(source: Source, count: int, step: int) -> tuple[int, ...]:
    """Find when each packet of a stream without times is shown, one frame a step.

    Pictures need not stand in the order in which they are shown, which their decoder alone knows.
    """
    stamps = [-1 - number for number in range(count)]
    for place, number in enumerate(_decoded(source, "AUTO")):
        stamps[number] = place * step
    return tuple(stamps)


def _decoded(source: Source, threads: str) -> Iterator[int]:
    """Decode a stream; give its frames' times as they are shown, or without any their numbers."""
    with opened(source) as container:
        stream = picture_stream(container)
        stream.thread_type = threads
        for packet in chain(packets(container, stream), [None]):
            with suppress(av.error.FFmpegError):
                for frame in stream.codec_context.decode(packet):
                    if frame.pts is not None:
                        yield frame.pts


def _turn(packet: Any) -> int | None:
    try:
        for frame in packet.decode():
            return (int(getattr(frame, "rotation", 0)) // 90) % 4
    except av.error.FFmpegError:
        return 0
    return None
