"""Files of sound, and films with it: opened without reaching for anything else, and decoded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from sightline.errors import InvalidRequest
from sightline.media.video import MOST_STREAMS, SOUND_CODECS

# Those of the API (flac, m4a, mp3, mp4, mpeg, mpga, oga, ogg, wav, webm), and of films.
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,flac,ogg,wav,w64,aac,aiff,caf,amr,avi,mpegts,mpeg,flv,asf"  # fmt: skip  # noqa: E501
_OPTIONS = {
    "format_whitelist": _CONTAINERS,
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(sorted(SOUND_CODECS)),
}
_TIMEOUT_S = 5.0
# Those that the API names, in its words.
_FORMATS = ["flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm"]


class Unheard(ValueError):
    """A file cannot be listened to: a sentence of why, and a hint."""

    def __init__(self, message: str, hint: str, code: str | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.code = message, hint, code

    @classmethod
    def unknown(cls) -> Unheard:
        """Make what is said of a file that cannot be opened."""
        return cls(f"Invalid file format. Supported formats: {_FORMATS}", "Is the file whole?")

    def error(self) -> InvalidRequest:
        """Make the error that is told."""
        return InvalidRequest(self.message, code=self.code, hint=self.hint)


def opened(source: Path | bytes) -> av.container.InputContainer:
    """Open a file without letting it reach for any other or for the network."""
    where = str(source) if isinstance(source, Path) else io.BytesIO(source)
    options = {"container_options": _OPTIONS, "timeout": _TIMEOUT_S, "metadata_errors": "replace"}
    return av.open(where, "r", **options)  # type: ignore[call-overload,no-any-return]


def sound_of(container: av.container.InputContainer) -> av.audio.stream.AudioStream:
    """Give the sound that players play. Raises `Unheard` where there is none, or none that is read.

    Covers and pictures beside it are not looked at.
    """
    if len(container.streams) > MOST_STREAMS:
        raise Unheard("The file has too many streams.", f"At most {MOST_STREAMS} are read.")
    if not container.streams.audio:
        raise Unheard("The file has no sound.", "Send one in which somebody speaks.", "no_sound")
    stream = container.streams.audio[0]
    name = "" if stream.codec_context is None else stream.codec_context.name
    if name not in SOUND_CODECS:
        coded = f"coded as {name}, which is not" if name else "coded in a way that is not"
        raise Unheard(f"The sound is {coded} read here.", "Convert it to MP3, AAC, Opus or FLAC.")
    return stream


def decoded(container: av.container.InputContainer, stream: Any) -> Iterator[Any]:
    """Give a stream's frames up to where it breaks off; damaged ones are left out."""
    packets = container.demux(stream)
    while True:
        try:
            yield from next(packets).decode()
        except av.error.InvalidDataError:
            continue
        except (StopIteration, av.error.FFmpegError, IndexError):
            return
