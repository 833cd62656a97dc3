"""What is said of a film that cannot be read: what it is, and why it is not."""

from __future__ import annotations

from sightline.errors import ImageError, UnreadFilm
from sightline.media import file_kinds

CONVERT = "Convert it to H.264 in MP4, for example with: ffmpeg -i FILM film.mp4"
WHOLE = "Send the whole file; a recording that broke off has to be repaired first."
_CODE = "invalid_video"


class Unread(ValueError):
    """A film cannot be read: a sentence of why, and a hint; `is_film` where it is one after all."""

    def __init__(self, message: str, hint: str, *, is_film: bool = True) -> None:
        super().__init__(message)
        self.message, self.hint, self.is_film = message, hint, is_film

    def error(self, param: str) -> ImageError:
        """Make the error that is told; `param` names the film."""
        kind = UnreadFilm if self.is_film else ImageError
        return kind(self.message, param=param, code=_CODE, hint=self.hint)


def sound_alone() -> Unread:
    """Make the refusal of a file without pictures that move."""
    return Unread(
        "It holds sound alone, and no moving picture.",
        "What is said in it, /v1/audio/transcriptions writes down; here send a film.",
        is_film=False,
    )


def refusal(head: bytes, param: str) -> ImageError:
    """Make the error for what cannot be opened as a film, by the first bytes of its file."""
    if (name := file_kinds.unread_film(head)) is not None:
        message = f"It is a film, but in a container that is not read here: {name}."
        return Unread(message, CONVERT).error(param)
    if file_kinds.is_sound(head):
        return sound_alone().error(param)
    if file_kinds.is_film(head) or head[4:8] in file_kinds.BOXES:
        message = "It is a film, but its file is damaged or cut off: it cannot be opened."
        return Unread(message, WHOLE).error(param)
    return ImageError("It is neither a picture nor a film.", param=param, code=_CODE)
