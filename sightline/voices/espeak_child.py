"""The process in which espeak-ng speaks: `python -m sightline.voices.espeak_child`.

espeak-ng is GPL-3 and keeps its state in globals, so it is loaded here and nowhere else; all that
crosses is text and samples. A line of JSON on stdin is an order; on stdout come blocks of a letter,
a length (4 bytes, little-endian) and bytes: `a` samples (16 bits, mono), `p` phonemes, `x` that it
cannot be spoken, and `e` at the end of each order.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
from typing import Any

from sightline.media.confined import limit, renew_cpu

_ADDRESS_SPACE = 2 << 30
_ORDER_S = 120  # of processor time; it speaks several hundred times as fast as is listened to
_SYNCHRONOUS, _DO_NOT_EXIT = 2, 0x8000
_BUFFER_MS = 60
_RATE, _PITCH, _RANGE = 1, 3, 4
_UTF8, _IPA = 1, 2


def main() -> None:
    """Speak what is ordered until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this ends it
    limit(0, _ADDRESS_SPACE)
    espeak = _Espeak()
    _block(b"r", str(espeak.rate).encode())
    for line in sys.stdin:
        renew_cpu(_ORDER_S)
        order = json.loads(line)
        if order["phonemes"]:
            espeak.phonemes(order)
        else:
            espeak.speak(order)
        _block(b"e", b"")


def _block(kind: bytes, data: bytes) -> None:
    out = sys.stdout.buffer
    out.write(kind + len(data).to_bytes(4, "little") + data)
    out.flush()


class _Espeak:
    def __init__(self) -> None:
        import espeakng_loader

        self._library: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
            ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        self._library.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int,
        ]  # fmt: skip
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.rate = int(
            self._library.espeak_Initialize(
                _SYNCHRONOUS, _BUFFER_MS, espeakng_loader.get_data_path().encode(), _DO_NOT_EXIT
            )
        )
        if self.rate <= 0:
            sys.exit("espeak-ng does not start")
        kind = ctypes.CFUNCTYPE(
            ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
        )
        self._heard = kind(self._hear)
        self._library.espeak_SetSynthCallback(self._heard)

    def _hear(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            _block(b"a", ctypes.string_at(samples, 2 * count))
        return 0

    def _take(self, voice: str) -> bool:
        if self._library.espeak_SetVoiceByName(voice.encode()) == 0:
            return True
        _block(b"x", b"voice")
        return False

    def speak(self, order: dict[str, Any]) -> None:
        """Speak a text."""
        if not self._take(order["voice"]):
            return
        for parameter, value in ((_RATE, "rate"), (_PITCH, "pitch"), (_RANGE, "range")):
            self._library.espeak_SetParameter(parameter, int(order[value]), 0)
        text = order["text"].replace("\0", " ").encode() + b"\0"
        if self._library.espeak_Synth(text, len(text), 0, 1, 0, _UTF8, None, None) != 0:
            _block(b"x", b"synthesis")

    def phonemes(self, order: dict[str, Any]) -> None:
        """Write a text in the International Phonetic Alphabet, clause by clause."""
        if not self._take(order["voice"]):
            return
        # It reads a sign ahead: a last clause of one would be said with the next text.
        text = ctypes.c_char_p(order["text"].replace("\0", " ").encode() + b" ")
        while text.value:
            said = self._library.espeak_TextToPhonemes(ctypes.byref(text), _UTF8, _IPA)
            _block(b"p", said or b"")


if __name__ == "__main__":
    main()
