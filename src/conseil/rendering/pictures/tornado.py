"""Sensitivity as a tornado: how many of the first actions each missing answer can change, the most decisive first.

To the left of the middle stand the actions that leave the first ones, to the right those that enter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from conseil.rendering.lettering import COLUMNS, justified, number, said, wrapped
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

Row = tuple[str, int, int]

_TITLE = "Ce que chaque réponse qui manque peut changer"
_HEADER = ["Question et réponse", "Sortent", "Entrent"]
_LEAVE, _ENTER = "sortent des premières actions", "y entrent"
_NOTHING = "Aucune réponse ne manque."
_LABELS = 270
_BAR, _LINE = 16, 15
_TICKS = 6
_TERMINAL_LABELS = 44


@dataclass(frozen=True, slots=True)
class _Bar:
    """A question with one answer, and how many actions leave and enter because of it."""

    label: str
    leave: int
    enter: int

    @property
    def moves(self) -> str:
        """What it does, in words."""
        leaves, enters = "sortent" if self.leave > 1 else "sort", "entrent" if self.enter > 1 else "entre"
        return f"{number(self.leave)} {leaves}, {number(self.enter)} {enters}"


def tornado(rows: Sequence[Row], about: str = "") -> str:
    """Draw sensitivity as SVG, longest bar first.

    Args:
        rows: a question with its answer, how many actions leave the first ones, and how many enter.
        about: of what territory it is, and all else that the reader must know.
    """
    bars = _bars(rows)
    sheet = Sheet("tornade", _TITLE, about, _description(bars, about))
    _Drawing(sheet, bars).draw()
    return sheet.written()


def tornado_table(rows: Sequence[Row]) -> list[list[str]]:
    """Return the bars as a header and rows, longest first.

    >>> tornado_table([("Portage fort", 0, 1), ("Foncier disponible", 4, 2)])[1]
    ['Foncier disponible', '4', '2']
    """
    return [_HEADER, *([bar.label, number(bar.leave), number(bar.enter)] for bar in _bars(rows))]


def _bars(rows: Iterable[Row]) -> list[_Bar]:
    return sorted((_Bar(said(label), leave, enter) for label, leave, enter in rows), key=lambda bar: -_length(bar))


def _length(bar: _Bar) -> int:
    return bar.leave + bar.enter


def _description(bars: Sequence[_Bar], about: str) -> str:
    parts = [f"{about.rstrip('.')}."] if about else []
    if not bars:
        return " ".join([*parts, _NOTHING])
    parts += [f"« {bar.label} » : {bar.moves}." for bar in bars if _length(bar)]
    still = [bar.label for bar in bars if not _length(bar)]
    if still:
        each = "Chacune à elle seule ne fait" if len(still) > 1 else "Ne fait"
        parts.append(f"{each} entrer ni sortir aucune action : {listed(f'« {label} »' for label in still)}.")
    return " ".join(parts)


class _Drawing:
    """The bars around the middle, on a scale of whole numbers."""

    def __init__(self, sheet: Sheet, bars: Sequence[_Bar]) -> None:
        self.sheet = sheet
        self.bars = bars
        low, high = max([0, *(bar.leave for bar in bars)]), max([0, *(bar.enter for bar in bars)])
        wide = max(PLAIN.width(number(most)) for most in (low, high))
        self.left, self.right = MARGIN + _LABELS + 20 + wide, WIDTH - MARGIN - 8 - wide
        self.tick = 0
        spacing = 0.0
        while spacing < wide + 12:  # a coarser step, until its numbers have room
            self.tick = _round_step(max((low + high) / _TICKS, self.tick * 1.5))
            self.low, self.high = (ceil(most / self.tick) * self.tick for most in (low, high or not low))
            spacing = (self.right - self.left) / ((self.low + self.high) // self.tick)

    def _x(self, actions: float) -> float:
        """Return the place of a number of actions, below zero for those that leave."""
        return self.left + (actions + self.low) / (self.low + self.high) * (self.right - self.left)

    def draw(self) -> None:
        """Draw the scale, the bars, and the middle over them."""
        if not self.bars:
            self.sheet.bottom += 20
            self.sheet.text(MARGIN, self.sheet.bottom, _NOTHING, HEADING)
            return
        top = self.sheet.bottom + 24
        behind, y = self.sheet.group(), top + 8
        for bar in self.bars:
            y = self._bar(self.sheet.group(f"{bar.label} : {bar.moves}"), bar, y)
        for actions in range(-self.low, self.high + 1, self.tick):
            behind.line((self._x(actions), top + 4), (self._x(actions), y), stroke=GRID)
            behind.text(self._x(actions), y + 16, number(abs(actions)), QUIET, anchor="middle")
        middle = self._x(0)
        self.sheet.line((middle, top + 2), (middle, y + 2), stroke_width=1.8)
        entering = "entrent →"
        start = min(middle + 8, WIDTH - MARGIN - STRONG.width(entering))
        self.sheet.text(start, top - 4, entering, STRONG)
        self.sheet.text(start - 16, top - 4, "← sortent", STRONG, anchor="end")
        self.sheet.bottom = y + 20
        self._key()

    def _bar(self, canvas: Canvas, bar: _Bar, y: float) -> float:
        """Draw one bar, hatched for what leaves and full for what enters, and return where the next one begins."""
        lines = wrapped(bar.label, _LABELS, PLAIN.width, 3)
        height = max(len(lines) * _LINE, _BAR) + 10
        middle, zero = y + height / 2, self._x(0)
        canvas.paragraph(MARGIN, middle + 4 - (len(lines) - 1) * _LINE / 2, lines)
        if bar.leave:
            left = self._x(-bar.leave)
            canvas.rect(left, middle - _BAR / 2, zero - left, _BAR, fill=self.sheet.pattern("hatch"), stroke=INK)
        if bar.enter:
            right = self._x(bar.enter)
            canvas.rect(zero, middle - _BAR / 2, right - zero, _BAR, fill=ACCENT, stroke=INK)
        canvas.text(self._x(-bar.leave) - 6, middle + 4, number(bar.leave), anchor="end")
        canvas.text(self._x(bar.enter) + 6, middle + 4, number(bar.enter))
        return y + height

    def _key(self) -> None:
        y, x = self.sheet.bottom + 24, float(MARGIN)
        for fill, text in ((self.sheet.pattern("hatch"), _LEAVE), (ACCENT, _ENTER)):
            self.sheet.rect(x + 0.5, y - 10, 22, 12, fill=fill, stroke=INK)
            self.sheet.text(x + 30, y, text)
            x += 250
        self.sheet.bottom = y


def _round_step(wanted: float) -> int:
    """Return the 1, 2 or 5 times a power of ten that is next above.

    >>> _round_step(3), _round_step(0.4), _round_step(60)
    (5, 1, 100)
    """
    power = 1
    while 10 * power < wanted:
        power *= 10
    return next(step * power for step in (1, 2, 5, 10) if step * power >= wanted)


# In a terminal


def tornado_text(rows: Sequence[Row]) -> str:
    """Draw sensitivity for a terminal: a bar of columns on both sides of the middle, with both numbers."""
    bars = _bars(rows)
    if not bars:
        return f"{_NOTHING}\n"
    low, high = max(bar.leave for bar in bars), max(bar.enter for bar in bars)
    wide = [len(number(low)), len(number(high))]
    places = COLUMNS - _TERMINAL_LABELS - sum(wide) - 4
    scale = places / ((low + high) or 1)
    left = round(low * scale)
    lines: list[str] = []
    for bar in bars:
        first, *others = wrapped(bar.label, _TERMINAL_LABELS)
        drawn = ("░" * round(bar.leave * scale)).rjust(left), "█" * round(bar.enter * scale)
        figure = justified(number(bar.leave), wide[0], right=True)
        lines.append(f"{justified(first, _TERMINAL_LABELS)} {figure} {drawn[0]}│{drawn[1]} {number(bar.enter)}")
        lines += others
    return "\n".join([*lines, "", f"░ {_LEAVE}   █ {_ENTER}"]) + "\n"
