"""Bar codes and QR codes in a picture, read by zxing-cpp."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from sightline.perception.rows import Box

_NAMES = {
    "QRCode": "QR code",
    "MicroQRCode": "Micro QR code",
    "RMQRCode": "rMQR code",
    "DataMatrix": "Data Matrix code",
    "PDF417": "PDF417 code",
    "Aztec": "Aztec code",
}


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its content as text. `name` is what people call its kind."""

    name: str
    symbology: str
    content: str
    box: Box

    @property
    def is_bar_code(self) -> bool:
        """Whether it is made of bars, not of squares."""
        return _kind(self.symbology) not in _NAMES


def _kind(symbology: str) -> str:
    return symbology.replace(" ", "")


def find_codes(pixels: NDArray[np.uint8]) -> tuple[Code, ...]:
    """Find and decode every code of an RGB picture, top to bottom."""
    codes = []
    for found in zxingcpp.read_barcodes(pixels):
        if not found.valid:
            continue
        symbology = str(found.format).removeprefix("BarcodeFormat.")
        corners = found.position
        points = (
            corners.top_left,
            corners.top_right,
            corners.bottom_right,
            corners.bottom_left,
        )
        xs, ys = [float(p.x) for p in points], [float(p.y) for p in points]
        codes.append(
            Code(
                name=_NAMES.get(_kind(symbology), f"{symbology} bar code"),
                symbology=symbology,
                content=found.text,
                box=Box(min(xs), min(ys), max(xs), max(ys)),
            )
        )
    return tuple(sorted(codes, key=lambda code: (code.box.y0, code.box.x0)))
