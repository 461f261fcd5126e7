"""Letters in a picture or a terminal: what they say, the room that they take, and where a line of them breaks.

Widths are those of a wide sans-serif (DejaVu), so that what fits here fits in the font of any reader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from rich.cells import cell_len

from conseil.rendering.typography import typographic

__all__ = ["COLUMNS", "Measure", "justified", "lines_of", "measure", "number", "said", "wrapped"]

COLUMNS = 80
"""How wide a picture in a terminal is."""

Measure = Callable[[str], float]

_NARROW = "\N{NARROW NO-BREAK SPACE}"
_WIDE = "\N{NO-BREAK SPACE}"
_BOLD = 1.15
_EMOJI = 1.4
_LETTER = 0.7
_LONGEST = 200
_EMS = {
    letter: em
    for em, letters in {
        0.2: _NARROW,
        0.3: "'ijlîïIJ",
        0.33: " .,’·" + _WIDE,
        0.36: "/:;f-",
        0.4: "()[]t!r|",
        0.53: '–_*?sz"',
        0.64: "aàâbcçdeéèêëghknoôpquùûvxyFLPEÉÈÊTY0123456789«»•",
        0.8: "ABCDGHKNOQRSUVXZÀÂÇÔÛ&",
        0.86: "w+=<>≥≤→↑↓#\N{MINUS SIGN}\N{MULTIPLICATION SIGN}",
        1.1: "mMWæœŒÆ%—…@■□●○",
    }.items()
    for letter in letters
}
_BREAKS = re.compile(r"[ \t-\r\x85\u2028\u2029]+")
_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What a terminal obeys, what turns the direction of writing, and what XML cannot hold."""


def said(text: str) -> str:
    r"""Make a text fit to be shown: on one line, with French spaces, and nothing that a screen or XML would obey.

    >>> said("Qui ?\n\x1b[31m« Nous »").replace(_NARROW, "~").replace(_WIDE, "_")
    'Qui~? [31m«_Nous_»'
    """
    plain = text.replace(_NARROW, " ").replace(_WIDE, " ")
    return typographic(_OBEYED.sub("", _BREAKS.sub(" ", plain)).strip())


def number(value: float, *, signed: bool = False) -> str:
    """Write a number as one does in French, with two decimals at most.

    >>> number(49.8), number(10, signed=True), number(-0.001)
    ('49,8', '+10', '0')
    """
    rounded = round(value, 2) or 0
    written = f"{rounded:+,.2f}" if signed and rounded else f"{rounded:,.2f}"
    figures = written.rstrip("0").removesuffix(".")
    return figures.replace(",", _NARROW).replace(".", ",").replace("-", "\N{MINUS SIGN}")


def measure(size: float, *, bold: bool = False) -> Measure:
    """Return what tells the width of a text in a picture, at this size of its letters: rather too much than too little.

    >>> 30 < measure(10)("Impact") < 50
    True
    """
    scale = size * (_BOLD if bold else 1)
    return lambda text: scale * sum(map(_em, text))


def _em(letter: str) -> float:
    known = _EMS.get(letter)
    if known is not None:
        return known
    if unicodedata.combining(letter):
        return 0
    return _EMOJI if unicodedata.east_asian_width(letter) in "WF" or letter > "\uffff" else _LETTER


def wrapped(text: str, width: float, measure: Measure = cell_len, most: int | None = None) -> list[str]:
    """Break a text at its plain spaces, and inside words that are wider than a line; at most so many lines, then "…".

    >>> wrapped("Recenser les besoins des acteurs", 14)
    ['Recenser les', 'besoins des', 'acteurs']
    >>> wrapped("Recenser les besoins des acteurs", 14, most=2)
    ['Recenser les', 'besoins des…']
    """
    lines: list[str] = []
    for line in _broken(text, width, measure):
        if most is not None and len(lines) == most:
            lines[-1] = _cut(lines[-1], width, measure)
            break
        lines.append(line)
    return lines or [""]


def _broken(text: str, width: float, measure: Measure) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if measure(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        *full, line = _pieces(word, width, measure)
        yield from full
    if line:
        yield line


def _pieces(word: str, width: float, measure: Measure) -> Iterator[str]:
    piece = ""
    for letter in word:
        if piece and (measure(piece + letter) > width or len(piece) >= _LONGEST):
            yield piece
            piece = ""
        piece += letter
    yield piece


def _cut(line: str, width: float, measure: Measure) -> str:
    """End a line with "…", whole words being kept where there are several."""
    while line and measure(f"{line}…") > width:
        line = line.rpartition(" ")[0] or line[:-1]
    return line.rstrip(f" ,.;:!?«{_NARROW}{_WIDE}") + "…"


def justified(text: str, width: int, *, right: bool = False) -> str:
    """Fill a text with spaces, by the columns that it takes in a terminal."""
    spaces = " " * (width - cell_len(text))
    return spaces + text if right else text + spaces


def lines_of(text: str, *, indent: str = "") -> list[str]:
    """Break a sentence to the width of a terminal."""
    return [indent + line for line in wrapped(said(text), COLUMNS - len(indent))]
