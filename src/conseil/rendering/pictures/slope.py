"""A slope chart of ranks: how the actions of a plan move from one variant to the next.

A rank is at the same height in every variant, so that a level line means an unchanged rank. Each action has a letter,
which stands at every variant: nobody has to follow a line with the finger. What has no rank in a variant stands below
the ranks, in a part of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from conseil.rendering.lettering import said, wrapped
from conseil.rendering.pictures.svg import (
    ACCENT,
    GRID,
    HEADING,
    INK,
    MARGIN,
    MUTED,
    PLAIN,
    QUIET,
    STRONG,
    WHITE,
    WIDTH,
    Anchor,
    Canvas,
    Letters,
    Point,
    Sheet,
    Style,
)
from conseil.sentences import listed

__all__ = ["VARIANTS_SHOWN", "slope", "slope_table"]

VARIANTS_SHOWN = range(2, 7)
"""How many variants a slope chart can show."""

Row = tuple[str, Sequence[int | None]]

_TITLE = "Rang des actions selon les variantes"
_ABSENT = "sans rang"
_RADIUS, _LINE = 10, 15
_HEAD_LINES, _TAIL, _DROP = 3, 32, 13
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STYLES: dict[str, Style] = {
    "monte": {"stroke": ACCENT, "stroke_width": 2.4},
    "recule": {"stroke": INK, "stroke_width": 1.6, "stroke_dasharray": "7 4"},
    "garde son rang": {"stroke": MUTED, "stroke_width": 1},
    "entre ou sort": {"stroke": MUTED, "stroke_width": 1.6, "stroke_dasharray": "2 3"},
}


def slope(names: Sequence[str], rows: Sequence[Row], about: str = "") -> str:
    """Draw the ranks of actions over variants as SVG.

    Args:
        names: the variants, two to six.
        rows: the title of each action, and its rank in every variant; `None` where it has none.
        about: of what territory it is, and all else that the reader must know.

    Raises:
        ValueError: there are too few variants or too many, or a row does not have one rank a variant.
    """
    _check(names, rows)
    sheet = Sheet("pentes", _TITLE, _subtitle(names, rows, about), _description(names, rows, about))
    _Drawing(sheet, names, rows).draw()
    return sheet.written()


def slope_table(names: Sequence[str], rows: Sequence[Row]) -> list[list[str]]:
    """Return the ranks as a header and rows.

    >>> slope_table(["Base", "Avec foncier"], [("Cartographier", (1, 2)), ("Visiter", (2, None))])
    [['Action', 'Base', 'Avec foncier'], ['Cartographier', '1', '2'], ['Visiter', '2', 'sans rang']]
    """
    _check(names, rows)
    header = ["Action", *(said(name) for name in names)]
    return [header, *([said(title), *(_shown(rank) for rank in ranks)] for title, ranks in rows)]


def _check(names: Sequence[str], rows: Sequence[Row]) -> None:
    if len(names) not in VARIANTS_SHOWN:
        raise ValueError(f"{len(names)} variants: a slope chart shows {VARIANTS_SHOWN[0]} to {VARIANTS_SHOWN[-1]}")
    for title, ranks in rows:
        if len(ranks) != len(names):
            raise ValueError(f"{len(ranks)} ranks of {title!r} for {len(names)} variants")


def _shown(rank: int | None) -> str:
    return _ABSENT if rank is None else str(rank)


def _subtitle(names: Sequence[str], rows: Sequence[Row], about: str) -> str:
    count = f"{len(rows)} action{'s' if len(rows) > 1 else ''}, " if rows else ""
    return f"{_sentence(about)}{count}{len(names)} variantes ; le rang 1 est en haut"


def _sentence(about: str) -> str:
    return f"{about.rstrip('.')}. " if about else ""


def _description(names: Sequence[str], rows: Sequence[Row], about: str) -> str:
    parts = [f"{_sentence(about)}Variantes : {listed(f'« {name} »' for name in names)}."]
    if not rows:
        return f"{parts[0]} Aucune action à comparer."
    same = [title for title, ranks in rows if len(set(ranks)) == 1 and ranks[0] is not None]
    if same:
        parts.append(f"Même rang partout : {listed(f'« {title} »' for title in same)}.")
    for title, ranks in rows:
        if title not in same:
            moves = ", ".join(f"{_shown(rank)} ({name})" for name, rank in zip(names, ranks, strict=True))
            parts.append(f"« {title} » : {moves}.")
    return " ".join(parts)


def _movement(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return "entre ou sort"
    return "garde son rang" if before == after else "monte" if after < before else "recule"


def _letter(place: int) -> str:
    """Name a row: A to Z, then AA and so on.

    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    more, last = divmod(place, len(_ALPHABET))
    return (_letter(more - 1) if more else "") + _ALPHABET[last]


# The drawing


@dataclass(frozen=True, slots=True)
class _Heights:
    """Which place, from the top, each rank has: as many as rows share it in the variant where they are most."""

    ranks: Mapping[int, int]
    count: int
    outside: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> _Heights:
        columns = [Counter(column) for column in zip(*(ranks for _, ranks in rows), strict=True)]
        shared = Counter[int | None]()
        for column in columns:
            shared |= column
        outside = shared.pop(None, 0)
        ranks: dict[int, int] = {}
        count = 0
        for rank in sorted(rank for rank in shared if rank is not None):
            ranks[rank] = count
            count += shared[rank]
        return cls(ranks, count, outside)

    def places(self, column: Sequence[int | None]) -> list[int]:
        """Return the place of each row in a variant; those that share a rank follow one another."""
        taken: Counter[int | None] = Counter()
        found = []
        for rank in column:
            found.append((self.count if rank is None else self.ranks[rank]) + taken[rank])
            taken[rank] += 1
        return found


class _Drawing:
    """The variants as columns, the ranks as heights, an action as a line."""

    def __init__(self, sheet: Sheet, names: Sequence[str], rows: Sequence[Row]) -> None:
        self.sheet = sheet
        self.names = [said(name) for name in names]
        self.rows = rows
        self.both = len(names) == VARIANTS_SHOWN[0]
        self.room = 208 if self.both else 262
        self.left = MARGIN + self.room + 44
        self.right = WIDTH - MARGIN - (self.room + 44 if self.both else 44)
        self.heights = _Heights.of(rows)
        self.columns = [[ranks[place] for _, ranks in rows] for place in range(len(names))]
        self.labels = [wrapped(said(title), self.room, PLAIN.width, 4) for title, _ in rows]
        self.step = max(max(map(len, self.labels), default=1) * _LINE + 8, 2 * _RADIUS + 6)
        self.top = 0.0

    def _x(self, place: int) -> float:
        return self.left + place * (self.right - self.left) / (len(self.names) - 1)

    def _y(self, place: int) -> float:
        gap = 30 if place >= self.heights.count else 0
        return self.top + (place + 0.5) * self.step + gap

    def draw(self) -> None:
        """Draw the heads of the columns, the guides, the lines, then what stands on them."""
        self._heads()
        if not self.rows:
            self.sheet.text(MARGIN, self.top + 20, "Aucune action à comparer.", HEADING)
            self.sheet.bottom = self.top + 30
            return
        behind, lines = self.sheet.group(), self.sheet.group()
        self._guides(behind)
        places = [self.heights.places(column) for column in self.columns]
        for row in range(len(self.rows)):
            points = [(self._x(column), self._y(places[column][row])) for column in range(len(self.names))]
            self._line(lines, row, points)
            self._stops(row, points)
        self.sheet.bottom = self._y(self.heights.count + self.heights.outside - 1) + self.step / 2
        self._key()

    def _heads(self) -> None:
        """Write the variants over their columns; where one of them is too long, their numbers, and a list before."""
        fits = STRONG.width
        gap = (self.right - self.left) / (len(self.names) - 1) - 10
        heads = [wrapped(name, gap, fits) for name in self.names]
        words = [word for name in self.names for word in name.split(" ")]
        if max(map(len, heads)) > _HEAD_LINES or max(map(fits, words)) > gap:
            y: float = self.sheet.bottom + 12
            for place, name in enumerate(self.names, start=1):
                lines = wrapped(f"{place}. {name}", WIDTH - 2 * MARGIN, PLAIN.width, 3)
                y = self.sheet.group(name).paragraph(MARGIN, y, lines)
            self.sheet.bottom = y
            heads = [[str(place)] for place in range(1, len(self.names) + 1)]
        deepest = max(map(len, heads))
        for place, lines in enumerate(heads):
            half = max(map(fits, lines)) / 2
            x = min(self._x(place), WIDTH - MARGIN - half)
            y = self.sheet.bottom + 16 + (deepest - len(lines)) * _LINE
            self.sheet.paragraph(x, y, lines, STRONG, anchor="middle")
        self.top = self.sheet.bottom + deepest * _LINE + 14

    def _guides(self, behind: Canvas) -> None:
        """Draw a light line at each rank, and what separates the ranks from the absent."""
        ends: list[tuple[float, Anchor]] = [(self.left - 16, "end"), (self.right + 16, "start")]
        shared = [rank for rank in self.heights.ranks for _ in range(self._times(rank))]
        for place, rank in enumerate(shared):
            y = self._y(place)
            behind.line((self.left, y), (self.right, y), stroke=GRID)
            for x, anchor in ends:
                behind.text(x, y + 4, str(rank), QUIET, anchor=anchor)
        if self.heights.outside:
            y = self._y(self.heights.count) - self.step / 2
            behind.line((MARGIN, y - 20), (WIDTH - MARGIN, y - 20), stroke=MUTED, stroke_dasharray="2 3")
            behind.text(MARGIN, y - 5, "Sans rang dans la variante", STRONG)
        for place in range(len(self.names)):
            x = self._x(place)
            behind.line((x, self.top), (x, self._y(self.heights.count + self.heights.outside - 1)), stroke=GRID)

    def _times(self, rank: int) -> int:
        later = [place for place in self.heights.ranks.values() if place > self.heights.ranks[rank]]
        return min(later, default=self.heights.count) - self.heights.ranks[rank]

    def _line(self, canvas: Canvas, row: int, points: Sequence[Point]) -> None:
        """Draw how an action moves; where it enters or leaves, only a tail towards the absent."""
        for (before, after), (start, end) in zip(pairwise(self.rows[row][1]), pairwise(points), strict=True):
            if before is None and after is None:
                continue
            (x1, y1), (x2, y2) = start, end
            if before is None:
                x1, y1 = x2 - _TAIL, y2 + _DROP
            if after is None:
                x2, y2 = x1 + _TAIL, y1 + _DROP
            canvas.line((x1, y1), (x2, y2), **_STYLES[_movement(before, after)])

    def _stops(self, row: int, points: Sequence[Point]) -> None:
        """Put the letter of an action at every variant, and its title beside the first, or the first and the last."""
        title, ranks = self.rows[row]
        moves = " → ".join(_shown(rank) for rank in ranks)
        canvas = self.sheet.group(f"{_letter(row)}. {title} : {moves}")
        for (x, y), rank in zip(points, ranks, strict=True):
            _stop(canvas, x, y, _letter(row), outside=rank is None)
        self._title(canvas, row, points[0][1], MARGIN + self.room, at_end=True)
        if self.both:
            self._title(canvas, row, points[-1][1], WIDTH - MARGIN - self.room, at_end=False)

    def _title(self, canvas: Canvas, row: int, y: float, x: float, *, at_end: bool) -> None:
        lines = self.labels[row]
        base = y + 4 - (len(lines) - 1) * _LINE / 2
        canvas.paragraph(x, base, lines, anchor="end" if at_end else "start")

    def _key(self) -> None:
        """Say what the lines mean, of those that are there."""
        pairs = [pair for _, ranks in self.rows for pair in pairwise(ranks) if pair != (None, None)]
        found = {_movement(before, after) for before, after in pairs}
        x, y = float(MARGIN), self.sheet.bottom + 26
        for name, style in _STYLES.items():
            if name in found:
                self.sheet.line((x, y - 4), (x + 34, y - 4), **style)
                self.sheet.text(x + 41, y, name)
                x += 41 + PLAIN.width(name) + 20
        self.sheet.bottom = y


def _stop(canvas: Canvas, x: float, y: float, letter: str, *, outside: bool) -> None:
    if outside:
        side = 2 * _RADIUS - 2
        style: Style = {"stroke": MUTED, "stroke_dasharray": "2.6 2"}
        canvas.rect(x - side / 2, y - side / 2, side, side, fill=WHITE, **style)
    else:
        canvas.circle(x, y, _RADIUS, fill=WHITE, stroke=INK, stroke_width=1.4)
    size = 11 if len(letter) == 1 else 9
    canvas.text(x, y + size * 0.36, letter, Letters(size, bold=True), anchor="middle")
