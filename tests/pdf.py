"""What stands on the pages of a PDF that Typst wrote, read back from its bytes.

Enough of the format for that, and no more: each font's own table says which letters its glyphs are.
"""

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(?s)(\d+) 0 obj(.*?)\bendobj")
_STREAM = re.compile(rb"(?s)stream\r?\n(.*?)\r?\nendstream")
# A font is chosen, or glyphs are shown until ET.
_DRAWN = re.compile(rb"(?s)/(f\d+) [\d.]+ Tf(.*?)\bET\b")
_ESCAPED = re.compile(rb"(?s)\\([0-7]{1,3}|.)")
_SHORT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def pages(pdf: bytes) -> list[str]:
    """The text of each page, in its order; blanks and line breaks are all one."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    told = [body for _, body in sorted(objects.items()) if b"/Type/Page/" in body]
    return [_text(objects, page) for page in told]


def _text(objects: dict[int, bytes], page: bytes) -> str:
    resources = objects[_named(page, b"Resources")]
    fonts = {
        name: _letters(objects, int(number))
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    lines: list[str] = []
    for font, shown in _DRAWN.findall(_stream(objects[_named(page, b"Contents")])):
        glyphs = b"".join(map(_unescaped, _strings(shown)))
        pairs = zip(glyphs[::2], glyphs[1::2], strict=True)
        lines.append("".join(fonts[font][high * 256 + low] for high, low in pairs))
    return " ".join(" ".join(lines).split())


def _strings(shown: bytes) -> Iterator[bytes]:
    """What stands in parentheses, which may stand within each other."""
    depth = began = place = 0
    while place < len(shown):
        letter = shown[place : place + 1]
        if letter == b"\\":
            place += 1
        elif letter == b"(":
            began = began if depth else place + 1
            depth += 1
        elif letter == b")":
            depth -= 1
            if not depth:
                yield shown[began:place]
        place += 1


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    table = _stream(objects[_named(objects[font], b"ToUnicode")])
    return {
        int(glyph, 16): bytes.fromhex(means.decode()).decode("utf-16-be")
        for glyph, means in re.findall(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\n", table)
    }


def _named(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found is not None, name
    return int(found[1])


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None, "no stream"
    return zlib.decompress(found[1]) if b"/FlateDecode" in body[: found.start()] else found[1]


def _unescaped(shown: bytes) -> bytes:
    return _ESCAPED.sub(
        lambda m: bytes([int(m[1], 8)]) if m[1][:1].isdigit() else _SHORT.get(m[1], m[1]), shown
    )
