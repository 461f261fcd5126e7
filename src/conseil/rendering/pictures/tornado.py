"""Sensitivity as a tornado: how far each unknown or choice can move a value from its base, the widest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from conseil.rendering.pictures.lettering import COLUMNS, justified, lines_of, number, said, wrapped
from conseil.rendering.pictures.svg import (
    ACCENT,
    GRID,
    HEADING,
    INK,
    MARGIN,
    PLAIN,
    QUIET,
    STRONG,
    WIDTH,
    Canvas,
    Sheet,
)
from conseil.sentences import listed

__all__ = ["tornado", "tornado_table", "tornado_text"]

Row = tuple[str, float, float]

_TITLE = "Ce qui peut changer le résultat"
_HEADER = ["Facteur", "Au plus bas", "Au plus haut", "Écart"]
_LABELS = 270
_EXACT = 1e-9
_BAR, _LINE = 16, 15
_TERMINAL_LABELS = 32


@dataclass(frozen=True, slots=True)
class _Bar:
    """One factor, and what it makes of the value at least and at most."""

    label: str
    low: float
    high: float


def tornado(base: float, rows: Sequence[Row]) -> str:
    """Draw sensitivity as SVG, longest bar first.

    Args:
        base: the value from which the others depart.
        rows: what moves it, and the two values that it then takes, in any order.
    """
    bars = _bars(rows)
    sheet = Sheet("tornade", _TITLE, _subtitle(base), _description(base, bars))
    _Drawing(sheet, base, bars).draw()
    return sheet.written()


def tornado_table(base: float, rows: Sequence[Row]) -> list[list[str]]:
    """Return the bars as a header and rows, longest first; the base is the first row.

    >>> tornado_table(62, [("Portage", 60, 64), ("Foncier", 50, 70)])[2]
    ['Foncier', '50', '70', '20']
    """
    first = ["Valeur de départ", number(base), number(base), "0"]
    return [
        _HEADER,
        first,
        *([bar.label, number(bar.low), number(bar.high), number(bar.high - bar.low)] for bar in _bars(rows)),
    ]


def _bars(rows: Iterable[Row]) -> list[_Bar]:
    bars = [_Bar(said(label), min(low, high), max(low, high)) for label, low, high in rows]
    return sorted(bars, key=lambda bar: bar.low - bar.high)


def _subtitle(base: float) -> str:
    return f"Valeur de départ : {number(base)} ; de ce qui la change le plus à ce qui la change le moins"


def _description(base: float, bars: Sequence[_Bar]) -> str:
    if not bars:
        return f"La valeur de départ est {number(base)}. Aucun facteur à montrer."
    moving = [bar for bar in bars if bar.low != base or bar.high != base]
    still = [bar.label for bar in bars if bar not in moving]
    parts = [f"La valeur de départ est {number(base)}."]
    parts += [f"« {bar.label} » : de {number(bar.low)} à {number(bar.high)}." for bar in moving]
    if still:
        parts.append(f"Sans effet : {listed(f'« {label} »' for label in still)}.")
    return " ".join(parts)


class _Drawing:
    """The bars around the base, on a scale of round numbers."""

    def __init__(self, sheet: Sheet, base: float, bars: Sequence[_Bar]) -> None:
        self.sheet = sheet
        self.base = base
        self.bars = bars
        low = min([base, *(bar.low for bar in bars)])
        high = max([base, *(bar.high for bar in bars)])
        wide = max(PLAIN.width(number(value)) for value in (low, high, *(bar.low for bar in bars)))
        self.left, self.right = MARGIN + _LABELS + 20 + wide, WIDTH - MARGIN - 8 - wide
        self.tick = 0.0
        spacing = 0.0
        while spacing < wide + 12:
            self.tick = _round_step(max((high - low) / 5, self.tick * 1.5))
            self.low = floor(low / self.tick) * self.tick
            self.high = max(ceil(high / self.tick) * self.tick, self.low + self.tick)
            spacing = (self.right - self.left) / round((self.high - self.low) / self.tick)

    def _x(self, value: float) -> float:
        return self.left + (value - self.low) / (self.high - self.low) * (self.right - self.left)

    def draw(self) -> None:
        """Draw the scale, the bars, and the line of the base over them."""
        if not self.bars:
            self.sheet.bottom += 20
            self.sheet.text(MARGIN, self.sheet.bottom, "Aucun facteur à montrer.", HEADING)
            return
        top = self.sheet.bottom + 24
        behind, y = self.sheet.group(), top + 8
        for bar in self.bars:
            y = self._bar(self.sheet.group(_sentence(bar)), bar, y)
        for step in range(round((self.high - self.low) / self.tick) + 1):
            value = self.low + step * self.tick
            behind.line((self._x(value), top + 4), (self._x(value), y), stroke=GRID)
            behind.text(self._x(value), y + 16, number(value), QUIET, anchor="middle")
        x = self._x(self.base)
        self.sheet.line((x, top + 2), (x, y + 2), stroke_width=1.8)
        text = said(f"départ : {number(self.base)}")
        centre = min(x, WIDTH - MARGIN - STRONG.width(text) / 2)
        self.sheet.text(centre, top - 4, text, STRONG, anchor="middle")
        self.sheet.bottom = y + 20
        self._key()

    def _bar(self, canvas: Canvas, bar: _Bar, y: float) -> float:
        """Draw one bar, below the base hatched and above it full, and return where the next one begins."""
        lines = wrapped(bar.label, _LABELS, PLAIN.width, 3)
        height = max(len(lines) * _LINE, _BAR) + 10
        middle = y + height / 2
        canvas.paragraph(MARGIN, middle + 4 - (len(lines) - 1) * _LINE / 2, lines)
        under = (min(bar.low, self.base), min(bar.high, self.base)) if bar.low < self.base else None
        over = (max(bar.low, self.base), max(bar.high, self.base)) if bar.high > self.base else None
        for part, fill in ((under, self.sheet.pattern("hatch")), (over, ACCENT)):
            if part:
                left, right = map(self._x, part)
                canvas.rect(left, middle - _BAR / 2, max(right - left, 1.5), _BAR, fill=fill, stroke=INK)
        if bar.low == bar.high:
            canvas.text(self._x(bar.high) + 6, middle + 4, number(bar.high))
        else:
            canvas.text(self._x(bar.low) - 6, middle + 4, number(bar.low), anchor="end")
            canvas.text(self._x(bar.high) + 6, middle + 4, number(bar.high))
        return y + height

    def _key(self) -> None:
        y, x = self.sheet.bottom + 24, float(MARGIN)
        for fill, text in ((self.sheet.pattern("hatch"), "au-dessous du départ"), (ACCENT, "au-dessus du départ")):
            self.sheet.rect(x + 0.5, y - 10, 22, 12, fill=fill, stroke=INK)
            self.sheet.text(x + 30, y, text)
            x += 200
        self.sheet.bottom = y


def _round_step(wanted: float) -> float:
    """Return the 1, 2 or 5 times a power of ten that is next above.

    >>> _round_step(3), _round_step(0.4), _round_step(0)
    (5.0, 0.5, 1)
    """
    if wanted <= 0:
        return 1
    power = 10.0 ** floor(log10(wanted))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= wanted * (1 - _EXACT))


def _sentence(bar: _Bar) -> str:
    return f"{bar.label} : de {number(bar.low)} à {number(bar.high)}"


# In a terminal


def tornado_text(base: float, rows: Sequence[Row]) -> str:
    """Draw sensitivity for a terminal: a bar of columns around the base, with both values."""
    bars = _bars(rows)
    lines = [*lines_of(_TITLE), *lines_of(_subtitle(base)), ""]
    if not bars:
        return "\n".join([*lines, "Aucun facteur à montrer."]) + "\n"
    low, high = min([base, *(bar.low for bar in bars)]), max([base, *(bar.high for bar in bars)])
    wide = max(len(number(value)) for bar in bars for value in (bar.low, bar.high))
    room = COLUMNS - 2 * wide - 3
    labels = min(_TERMINAL_LABELS, room // 2)
    places = room - labels
    scale = (places - 1) / ((high - low) or 1)
    middle = round((base - low) * scale)
    for bar in bars:
        start, end = round((bar.low - low) * scale), round((bar.high - low) * scale)
        drawn = "".join(_character(place, middle, start, end) for place in range(places))
        first, *others = wrapped(bar.label, labels)
        figures = justified(number(bar.low), wide, right=True), number(bar.high)
        lines.append(f"{justified(first, labels)} {figures[0]} {drawn} {figures[1]}".rstrip())
        lines += others
    lines += ["", "│ départ   ░ au-dessous   █ au-dessus"]
    return "\n".join(lines) + "\n"


def _character(place: int, base: int, start: int, end: int) -> str:
    if place == base:
        return "│"
    if start <= place <= end:
        return "░" if place < base else "█"
    return " "
