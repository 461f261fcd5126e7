"""The matrix of impact and feasibility: where the live actions of a plan stand, and what the thresholds set apart.

Actions that have the same score share a frame, which stands exactly on their spot; what would overlap all the same is
moved aside, and a line leads back. The lines of the thresholds run where the rounded total reaches them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, sqrt
from typing import Literal

from conseil.plan import Item, Plan
from conseil.rendering.lettering import number, said, wrapped
from conseil.rendering.pictures.placing import Box, set_apart
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
    Canvas,
    Letters,
    Point,
    Sheet,
    Style,
)
from conseil.sentences import PRIORITIES, listed

__all__ = ["matrix", "matrix_table"]

_TITLE = "Impact et faisabilité des actions"
_HEADER = ["Rang", "Action", "Impact", "Faisabilité", "Total", "Priorité", "Quand"]
_LEFT, _RIGHT, _ROOM = MARGIN + 32, WIDTH - MARGIN, 16
_LOWEST, _HIGHEST, _POINT = 320, 480, 6.2
_RADIUS, _PITCH = 10, 23
_NARROWEST = 20
_WHOLE = 100

Level = Literal["high", "medium"]
_LEVELS: tuple[Level, ...] = ("high", "medium")


def matrix(plan: Plan) -> str:
    """Draw the live actions of a plan by impact and feasibility, with their legend, as SVG."""
    sheet = Sheet("matrice", f"{_TITLE} : {plan.profile.name}", _subtitle(plan), _description(plan))
    _Plot(sheet, plan).draw()
    if plan.ranked:
        _key(sheet, plan)
        _legend(sheet, plan)
    return sheet.written()


def matrix_table(plan: Plan) -> list[list[str]]:
    """Return what the matrix shows as a header and rows, in rank order."""
    rows = [
        [
            str(item.rank),
            said(item.action.title),
            str(item.score.impact.value),
            str(item.score.feasibility.value),
            str(item.score.total),
            _priority(item),
            _when(item),
        ]
        for item in plan.ranked
    ]
    return [_HEADER, *rows]


def _priority(item: Item) -> str:
    return PRIORITIES[item.priority] + ("" if item.certain else ", à confirmer")


def _when(item: Item) -> str:
    if item.status == "in_progress":
        return "en cours"
    return "maintenant" if item.now else f"vague {item.wave}"


def _subtitle(plan: Plan) -> str:
    live, waiting = len(plan.ranked), len(plan.to_confirm)
    if live > 1:
        placed = f"{live} actions recommandées ou en cours, numérotées par rang"
    else:
        placed = "1 action recommandée ou en cours" if live else "Aucune action recommandée ni en cours"
    if waiting:
        placed += f" ; {waiting} à confirmer {'ne sont pas placées' if waiting > 1 else 'n’est pas placée'} ici"
    return placed


def _description(plan: Plan) -> str:
    if not plan.ranked:
        return f"{_subtitle(plan)}."
    counts = ((name, sum(item.priority == level for item in plan.ranked)) for level, name in PRIORITIES.items())
    parts = listed(f"{count} de priorité {name}" for name, count in counts if count)
    first = listed(
        f"« {item.action.title} » (impact {item.score.impact.value}, faisabilité {item.score.feasibility.value})"
        for item in plan.ranked[:3]
    )
    thresholds = plan.rulebook.guide.score.thresholds
    return (
        f"{_subtitle(plan)} : {parts}. Dans l’ordre, d’abord {first}. La priorité est haute dès un total de "
        f"{thresholds.high}, moyenne dès {thresholds.medium}."
    )


# The plot


@dataclass(frozen=True, slots=True)
class _Spot:
    """The actions that share a score, and the room that their marks take."""

    impact: int
    feasibility: int
    items: tuple[Item, ...]

    @property
    def columns(self) -> int:
        count = len(self.items)
        return count if count <= 3 else ceil(sqrt(count))  # noqa: PLR2004 - three marks still read as one row

    @property
    def size(self) -> tuple[float, float]:
        if len(self.items) == 1:
            return 2 * _RADIUS + 2, 2 * _RADIUS + 2
        return self.columns * _PITCH + 4, ceil(len(self.items) / self.columns) * _PITCH + 4


def _spots(items: Iterable[Item]) -> list[_Spot]:
    shared: dict[tuple[int, int], list[Item]] = {}
    for item in items:
        shared.setdefault((item.score.impact.value, item.score.feasibility.value), []).append(item)
    return [_Spot(*score, tuple(found)) for score, found in shared.items()]


class _Plot:
    """The frame, its scales, the thresholds, and the marks."""

    def __init__(self, sheet: Sheet, plan: Plan) -> None:
        self.sheet = sheet
        self.plan = plan
        self.score = plan.rulebook.guide.score
        self.spots = _spots(plan.ranked)
        self.low, self.high = self._domain()
        self.top = sheet.bottom + 20
        self.height = min(max((self.high[1] - self.low[1]) * _POINT, _LOWEST), _HIGHEST) + 2 * _ROOM
        self.bottom = self.top + self.height
        self.frame = Box((_LEFT + _RIGHT) / 2, (self.top + self.bottom) / 2, _RIGHT - _LEFT, self.height)

    def _domain(self) -> tuple[Point, Point]:
        """Return the lowest and highest feasibility and impact to show: all of the marks, and every threshold."""
        axes = [[spot.feasibility for spot in self.spots], [spot.impact for spot in self.spots]]
        lows = [max(floor((min(values, default=0) - 3) / 10) * 10, 0) for values in axes]
        highs = [min(ceil((max(values, default=_WHOLE) + 3) / 10) * 10, _WHOLE) for values in axes]
        for axis in (0, 1):
            highs[axis] = min(max(highs[axis], lows[axis] + _NARROWEST), _WHOLE)
            lows[axis] = min(lows[axis], highs[axis] - _NARROWEST)
        while max(lows) > 0 and self._total(*lows) > self.score.thresholds.medium - 2:
            lows = [max(low - 10, 0) for low in lows]
        while min(highs) < _WHOLE and self._total(*highs) < self.score.thresholds.high + 2:
            highs = [min(high + 10, _WHOLE) for high in highs]
        return (lows[0], lows[1]), (highs[0], highs[1])

    def _total(self, feasibility: float, impact: float) -> float:
        weights = self.score.weights
        return (weights.feasibility * feasibility + weights.impact * impact) / _WHOLE

    def _x(self, feasibility: float) -> float:
        share = (feasibility - self.low[0]) / (self.high[0] - self.low[0])
        return _LEFT + _ROOM + share * (_RIGHT - _LEFT - 2 * _ROOM)

    def _y(self, impact: float) -> float:
        share = (impact - self.low[1]) / (self.high[1] - self.low[1])
        return self.bottom - _ROOM - share * (self.height - 2 * _ROOM)

    def draw(self) -> None:
        """Draw it all, what lies behind first."""
        borders = {level: self._border(self._above(self._reached(level)), self._reached(level)) for level in _LEVELS}
        self.sheet.polygon(self._on_sheet(self._above(self._reached("high"))), fill="#f1f4f7")
        self._scales()
        for level, border in borders.items():
            if border:
                start, end = self._on_sheet(border)
                dashes: Style = {"stroke_dasharray": "7 4"} if level == "medium" else {}
                self.sheet.line(start, end, stroke=INK, stroke_width=1.3, **dashes)
        boxes = self._marks()
        for level, border in borders.items():
            if border:
                boxes += self._label(level, self._on_sheet(border), tuple(boxes))
        if not self.spots:
            self._empty()
        self.sheet.bottom = self.bottom + 46

    def _reached(self, level: Level) -> float:
        """Return the exact total from which a rounded one reaches a threshold."""
        thresholds = self.score.thresholds
        return (thresholds.high if level == "high" else thresholds.medium) - 0.5

    def _scales(self) -> None:
        behind = self.sheet.group()
        for value in range(int(self.low[0]), int(self.high[0]) + 1, 10):
            x = self._x(value)
            behind.line((x, self.top), (x, self.bottom), stroke=GRID)
            behind.text(x, self.bottom + 16, str(value), QUIET, anchor="middle")
        for value in range(int(self.low[1]), int(self.high[1]) + 1, 10):
            y = self._y(value)
            behind.line((_LEFT, y), (_RIGHT, y), stroke=GRID)
            behind.text(_LEFT - 6, y + 4, str(value), QUIET, anchor="end")
        behind.rect(_LEFT, self.top, _RIGHT - _LEFT, self.height, fill="none", stroke=INK)
        behind.text(MARGIN, self.top - 8, "↑ Impact", HEADING)
        behind.text(_RIGHT, self.bottom + 34, "Faisabilité →", HEADING, anchor="end")
        if self.low != (0, 0) or self.high != (_WHOLE, _WHOLE):
            behind.text(
                MARGIN,
                self.bottom + 34,
                "Les axes vont de 0 à 100 ; seule la partie utile est montrée.",
                QUIET,
            )

    def _above(self, total: float) -> list[Point]:
        """Return the part of the frame, in points of feasibility and impact, where a total is reached."""
        corners = [self._value(x, y) for x in (_LEFT, _RIGHT) for y in (self.bottom, self.top)]
        corners = [corners[0], corners[2], corners[3], corners[1]]
        kept: list[Point] = []
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            before, after = self._total(*start) - total, self._total(*end) - total
            if before >= 0:
                kept.append(start)
            if before * after < 0:
                share = before / (before - after)
                kept.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
        return kept

    def _value(self, x: float, y: float) -> Point:
        """Return the feasibility and the impact of a place on the sheet."""
        return (
            self.low[0] + (x - _LEFT - _ROOM) / (_RIGHT - _LEFT - 2 * _ROOM) * (self.high[0] - self.low[0]),
            self.low[1] + (self.bottom - _ROOM - y) / (self.height - 2 * _ROOM) * (self.high[1] - self.low[1]),
        )

    def _border(self, area: Sequence[Point], total: float) -> list[Point]:
        """Return where the line of a total enters and leaves the frame; nothing where it does not cross it."""
        ends = sorted(point for point in area if abs(self._total(*point) - total) < 1e-6)  # noqa: PLR2004 - floats
        return [ends[0], ends[-1]] if len(ends) > 1 else []

    def _on_sheet(self, points: Iterable[Point]) -> list[Point]:
        return [(self._x(feasibility), self._y(impact)) for feasibility, impact in points]

    def _marks(self) -> list[Box]:
        """Draw the marks on their spots, or beside them with a line back; return what they take."""
        wanted = [Box(self._x(spot.feasibility), self._y(spot.impact), *spot.size) for spot in self.spots]
        placed = set_apart(wanted, self.frame, self._belongs)
        leaders = self.sheet.group()
        for own, box in zip(wanted, placed, strict=True):
            if (own.x, own.y) != (box.x, box.y):
                leaders.circle(own.x, own.y, 2.5, fill=INK)
                leaders.line((own.x, own.y), (box.x, box.y), stroke=INK, stroke_width=0.8)
        for spot, box in zip(self.spots, placed, strict=True):
            self._cluster(spot, box)
        return [*placed, *(Box(own.x, own.y, 5, 5) for own in wanted)]

    def _belongs(self, index: int, box: Box) -> bool:
        """Say whether a place has the priority of the actions that would be moved there."""
        total = self._total(*self._value(box.x, box.y))
        priority = next((level for level in _LEVELS if total >= self._reached(level)), "low")
        return priority == self.spots[index].items[0].priority

    def _cluster(self, spot: _Spot, box: Box) -> None:
        if len(spot.items) > 1:
            x, y = box.x - box.width / 2, box.y - box.height / 2
            self.sheet.rect(x, y, box.width, box.height, rx=6, fill=WHITE, stroke=MUTED, stroke_width=0.8)
        rows = ceil(len(spot.items) / spot.columns)
        for place, item in enumerate(spot.items):
            row, column = divmod(place, spot.columns)
            in_row = min(spot.columns, len(spot.items) - row * spot.columns)
            x = box.x + (column - (in_row - 1) / 2) * _PITCH
            _mark(self.sheet.group(_tooltip(item)), x, box.y + (row - (rows - 1) / 2) * _PITCH, item)

    def _label(self, level: Level, border: Sequence[Point], boxes: Sequence[Box]) -> Iterator[Box]:
        """Name a threshold above its line, in the part that it opens, where there is room; the key names it too."""
        value = getattr(self.score.thresholds, level)
        for text in (said(f"{PRIORITIES[level]} dès {value}"), str(value)):
            for box in self._above_line(border, PLAIN.width(text)):
                lower = level == "medium" and self._crosses(box)
                if box == box.inside(self.frame) and not lower and not any(box.touches(other) for other in boxes):
                    self.sheet.text(box.x, box.y + 4, text, anchor="middle")
                    yield box
                    return

    def _above_line(self, border: Sequence[Point], width: float) -> Iterator[Box]:
        (x1, y1), (x2, y2) = border
        for step in range(39, 1, -1):
            share = step / 40
            x, y = x1 + share * (x2 - x1), y1 + share * (y2 - y1)
            yield Box(x + 6 + width / 2, y - 10, width, PLAIN.size + 2)

    def _crosses(self, box: Box) -> bool:
        """Say whether a box reaches the part of high priority."""
        corner = self._value(box.x + box.width / 2 + 2, box.y - box.height / 2 - 2)
        return self._total(*corner) >= self._reached("high")

    def _empty(self) -> None:
        text = "Aucune action recommandée ni en cours"
        width = HEADING.width(text) + 24
        self.sheet.rect(self.frame.x - width / 2, self.frame.y - 18, width, 32, fill=WHITE, stroke=INK)
        self.sheet.text(self.frame.x, self.frame.y + 3, text, HEADING, anchor="middle")


def _mark(canvas: Canvas, x: float, y: float, item: Item) -> None:
    """Draw a rank in its shape: a full disc, a ring or a square by priority, dashed around where that may change."""
    rank = str(item.rank)
    _shape(canvas, x, y, item.priority, certain=item.certain)
    size = 11 if len(rank) < 3 else 8  # noqa: PLR2004 - two digits fit in large
    letters = Letters(size, bold=True, fill=WHITE if item.priority == "high" else INK)
    canvas.text(x, y + size * 0.36, rank, letters, anchor="middle")


def _shape(canvas: Canvas, x: float, y: float, priority: str, *, certain: bool) -> None:
    dashes: Style = {} if certain else {"stroke_dasharray": "2.6 2"}
    if priority == "high":
        canvas.circle(
            x, y, _RADIUS if certain else _RADIUS + 0.4, fill=WHITE, stroke=ACCENT, stroke_width=1.4, **dashes
        )
        canvas.circle(x, y, _RADIUS if certain else _RADIUS - 2, fill=ACCENT)
    elif priority == "medium":
        canvas.circle(x, y, _RADIUS - 0.3, fill=WHITE, stroke=ACCENT, stroke_width=1.6, **dashes)
    else:
        side = 2 * _RADIUS - 2
        canvas.rect(x - side / 2, y - side / 2, side, side, fill=WHITE, stroke=ACCENT, stroke_width=1.6, **dashes)


def _tooltip(item: Item) -> str:
    score = item.score
    return (
        f"{item.rank}. {item.action.title} : impact {score.impact.value}, faisabilité {score.feasibility.value}, "
        f"total {score.total}, priorité {_priority(item)}, {_when(item)}"
    )


# The key and the legend


def _key(sheet: Sheet, plan: Plan) -> None:
    """Say what the shapes and the lines mean."""
    score = plan.rulebook.guide.score
    thresholds, y = score.thresholds, sheet.bottom + 20
    entries = [
        ("high", True, f"priorité haute : dès {thresholds.high} (trait plein)"),
        ("medium", True, f"moyenne : dès {thresholds.medium} (tirets)"),
        ("low", True, "basse"),
        ("medium", False, "à confirmer"),
    ]
    x: float = MARGIN
    for priority, certain, text in entries:
        width = 2 * _RADIUS + 6 + PLAIN.width(said(text))
        if x + width > WIDTH - MARGIN:
            x, y = MARGIN, y + 26
        _shape(sheet, x + _RADIUS, y - 4, priority, certain=certain)
        sheet.text(x + 2 * _RADIUS + 6, y, text)
        x += width + 14
    notes = f"Total : {score.weights.impact} % de l’impact et {score.weights.feasibility} % de la faisabilité. "
    notes += "Un cadre réunit les actions de même score."
    lines = wrapped(said(notes), WIDTH - 2 * MARGIN, PLAIN.width)
    sheet.bottom = sheet.paragraph(MARGIN, y + 22, lines, QUIET)


def _legend(sheet: Sheet, plan: Plan) -> None:
    """Name the actions, with their figures."""
    y = sheet.bottom + 18
    ends = {"Impact": 518, "Faisab.": 574, "Total": 612}
    sheet.text(MARGIN, y, "Rang et action", STRONG)
    for name, x in ends.items():
        sheet.text(x, y, name, STRONG, anchor="end")
    sheet.text(624, y, "Quand", STRONG)
    y += 8
    for item in plan.ranked:
        y = _legend_row(sheet.group(_tooltip(item)), y, item, list(ends.values()), plan)
    sheet.line((MARGIN, y), (WIDTH - MARGIN, y), stroke=GRID)
    sheet.bottom = y


def _legend_row(canvas: Canvas, y: float, item: Item, ends: Sequence[float], plan: Plan) -> float:
    left, width = MARGIN + 2 * _RADIUS + 10, 432
    lines = wrapped(said(item.action.title), width, PLAIN.width, 3)
    twins = [f"de pair avec « {plan.rulebook.by_id[twin].title} »" for twin in item.folded]
    beside = [line for twin in twins for line in wrapped(said(twin), width, PLAIN.width, 2)]
    canvas.line((MARGIN, y), (WIDTH - MARGIN, y), stroke=GRID)
    base = y + 17
    _mark(canvas, MARGIN + _RADIUS, base - 4, item)
    below = canvas.paragraph(left, base, lines)
    below = canvas.paragraph(left, below, beside, QUIET)
    figures = (item.score.impact.value, item.score.feasibility.value, item.score.total)
    for end, figure in zip(ends, figures, strict=True):
        canvas.text(end, base, number(figure), anchor="end")
    canvas.text(624, base, _when(item))
    return max(below - 6, y + 26)
