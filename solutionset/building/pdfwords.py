"""Which phrases stand in the strings of a PDF: its title, bookmarks, alternative texts, names."""

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_OCTAL = re.compile(rb"\\([0-7]{3})")
_HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]{8,})>")
_LARGEST = 64 << 20


def phrases_in(pdf: bytes, phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the phrases, which are plain ASCII, that a string of the PDF holds.

    Strings may be written as text, in octal, in hexadecimal, with one byte a letter or two. The
    letters of a page are numbers of glyphs and not looked at: they come from the LaTeX.
    """
    if not phrases:
        return ()
    texts = [_plain(part) for part in _parts(pdf)]
    wanted = ((phrase, phrase.encode("ascii")) for phrase in phrases)
    return tuple(phrase for phrase, known in wanted if any(known in text for text in texts))


def _parts(pdf: bytes) -> Iterator[bytes]:
    """Yield the file itself and the contents of its compressed streams."""
    yield pdf
    for match in _STREAM.finditer(pdf):
        try:
            yield zlib.decompressobj().decompress(match[1], _LARGEST)
        except zlib.error:
            continue  # not compressed, so seen already


def _plain(part: bytes) -> bytes:
    octal = _OCTAL.sub(lambda match: bytes([int(match[1], 8) & 255]), part)
    written = _HEXADECIMAL.sub(lambda match: _unhexed(match[1]), octal)
    return written.replace(b"\0", b"")


def _unhexed(digits: bytes) -> bytes:
    packed = b"".join(digits.split())
    return bytes.fromhex(packed.decode() + "0" * (len(packed) % 2))
