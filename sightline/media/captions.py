"""Subtitles drawn into pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sightline.media.subtitles import Cue

_SHARE = 0.055  # of the picture's height, for a line
_MARGIN = 0.06


class CaptionDrawer:
    """Draws the cue of each time, white with a dark outline, at the foot of a picture."""

    def __init__(self, cues: Sequence[Cue], size: tuple[int, int]) -> None:
        self._cues = list(cues)
        self._width, self._height = size
        self._font = ImageFont.load_default(max(10, round(_SHARE * min(size))))
        self._at = 0
        self._shown: Cue | None = None
        self._ink: NDArray[np.float32] = np.zeros((0, 0, 4), np.float32)
        self._top = 0

    def drawn(self, pixels: NDArray[np.uint8], time_s: float) -> NDArray[np.uint8]:
        """Give a picture with the words of its time; times rise."""
        while self._at < len(self._cues) and self._cues[self._at].end_s <= time_s:
            self._at += 1
        cue = self._cues[self._at] if self._at < len(self._cues) else None
        if cue is None or cue.start_s > time_s:
            return pixels
        if cue is not self._shown:
            self._draw(cue)
        made = pixels.copy()
        foot = made[self._top : self._top + len(self._ink)].astype(np.float32)
        opacity = self._ink[: len(foot), :, 3:] / 255
        foot += (self._ink[: len(foot), :, :3] - foot) * opacity
        made[self._top : self._top + len(foot)] = foot.astype(np.uint8)
        return made

    def _draw(self, cue: Cue) -> None:
        text = "\n".join(self._lines(cue.text))
        stroke = max(1, round(self._font.size / 14)) if hasattr(self._font, "size") else 1
        probe = ImageDraw.Draw(Image.new("RGBA", (1, 1)))
        left, top, right, bottom = probe.multiline_textbbox(
            (0, 0), text, font=self._font, stroke_width=stroke, align="center"
        )
        height = min(self._height, int(bottom - top) + 2 * stroke)
        sheet = Image.new("RGBA", (self._width, height))
        ImageDraw.Draw(sheet).multiline_text(
            ((self._width - (right - left)) / 2 - left, stroke - top),
            text, font=self._font, fill="white", stroke_width=stroke, stroke_fill="black",
            align="center",
        )  # fmt: skip
        self._ink = np.asarray(sheet, np.float32)
        self._top = max(0, round(self._height * (1 - _MARGIN)) - height)
        self._shown = cue

    def _lines(self, text: str) -> list[str]:
        room = self._width * (1 - 2 * _MARGIN)
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self._font.getlength(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines
