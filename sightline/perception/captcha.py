"""Whether a picture is a CAPTCHA: a small network over the whole picture at thumbnail size.

The network was trained by `training/captcha.py` on pictures of several CAPTCHA generators against
photographs, scans and drawings; `bench/captcha.py` prints how well it does on generators and
pictures that it has not seen. It knows text CAPTCHAs, distorted characters among clutter; not
puzzles of photographs.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sightline.perception.image_background import content, edge_colour
from sightline.perception.neural_networks import session, session_options

WIDTH, HEIGHT = 192, 80
THRESHOLD = 0.75  # higher lets more CAPTCHAs through, lower refuses more bands of photographs
_MODEL = Path(__file__).with_name("captcha.onnx")
_LOOKED_AT = 512  # pixels on the long side; larger pictures are averaged down to it
_MOST_AVERAGED = 1400


def canvas(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Make what the network sees, of shape (3, HEIGHT, WIDTH), about -1 to 1.

    An even border is cut off, the rest is fitted in with its sides kept, and laid on the colour of
    the border.
    """
    small = _reduced(pixels)
    edge = edge_colour(small)
    small = _trimmed(small, edge)
    h, w = small.shape[:2]
    scale = min(WIDTH / w, HEIGHT / h)
    size = max(1, min(WIDTH, round(w * scale))), max(1, min(HEIGHT, round(h * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    fitted = cv2.resize(np.ascontiguousarray(small), size, interpolation=way)
    laid = np.empty((HEIGHT, WIDTH, 3), np.float32)
    laid[:] = edge
    x, y = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
    laid[y : y + size[1], x : x + size[0]] = fitted
    return np.ascontiguousarray((laid / 127.5 - 1.0).transpose(2, 0, 1), dtype=np.float32)


def _reduced(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bring a large picture near the size of the canvas, cheaply."""
    step = max(pixels.shape[:2]) // _MOST_AVERAGED
    if step > 1:
        pixels = np.ascontiguousarray(pixels[::step, ::step])
    height, width = pixels.shape[:2]
    scale = _LOOKED_AT / max(height, width)
    if scale > 0.5:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _trimmed(pixels: NDArray[np.uint8], edge: NDArray[np.float32]) -> NDArray[np.uint8]:
    rows, columns = content(pixels, edge)
    if len(rows) < 8 or len(columns) < 8:
        return pixels
    margin = max(2, (rows[-1] - rows[0]) // 8)
    top, bottom = max(0, rows[0] - margin), rows[-1] + 1 + margin
    left, right = max(0, columns[0] - margin), columns[-1] + 1 + margin
    return pixels[top:bottom, left:right]


class CaptchaDetector:
    """The loaded network; one may be used from several threads."""

    def __init__(self) -> None:
        # One thread: it is small, and requests run beside each other.
        self._session = session(_MODEL, session_options(1))

    def probability(self, pixels: NDArray[np.uint8]) -> float:
        """Say how likely RGB pixels of shape (height, width, 3) are a CAPTCHA, 0 to 1."""
        (logit,) = self._session.run(None, {"picture": canvas(pixels)[None]})
        return float(1.0 / (1.0 + np.exp(-float(np.ravel(logit)[0]))))

    def is_captcha(self, pixels: NDArray[np.uint8]) -> bool:
        """Say whether a picture is to be taken for a CAPTCHA."""
        return self.probability(pixels) >= THRESHOLD
