"""The score of an action as a waterfall: from where each axis starts to its value, one rule after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from conseil.authority import Basis
from conseil.explanation import Explanation, Term
from conseil.rendering.lettering import COLUMNS, justified, number, said, wrapped
from conseil.rendering.pictures.svg import (
    ACCENT,
    GRID,
    HEADING,
    INK,
    MARGIN,
    MUTED,
    PALE,
    PLAIN,
    QUIET,
    STRONG,
    WHITE,
    WIDTH,
    Canvas,
    Point,
    Sheet,
    Style,
)
from conseil.rendering.text import MARKS
from conseil.rulebook import AXES, Axis
from conseil.sentences import PRIORITIES, STATUSES

__all__ = ["waterfall", "waterfall_table", "waterfall_text"]

_HEADER = ["Axe", "Terme", "Points", "Cumul", "Source"]
_NAMES: dict[Axis, str] = {"impact": "Impact", "feasibility": "Faisabilité"}
_TOTAL = "Total"
_SOURCES: dict[Basis | None, str] = {"guide": "guide", "overlay": "adaptation", "editorial": "éditorial", None: ""}
_BASES: dict[Basis, tuple[str, str]] = {
    "guide": (INK, "dit par le guide"),
    "overlay": (PALE, "dit par un document de l’adaptation"),
    "editorial": (WHITE, "conseil éditorial"),
}
_WHOLE = 100

_POINTS, _LEFT, _RIGHT = 376, 398, 630
_LABELS = 316
_TERMINAL_LABELS, _TERMINAL_BARS = 40, COLUMNS - 40 - 10
_TERMINAL_KEY = {"▓": "départ ou valeur", "█": "points gagnés", "░": "points perdus ou qui ne comptent pas"}
_BAR, _LINE, _TICK = 14, 15, 36

Kind = Literal["start", "rule", "clipped", "share", "value"]


@dataclass(frozen=True, slots=True)
class _Step:
    """One line of a waterfall: what it is, and from where to where the sum goes.

    Attributes:
        span: what answers could still make of a value.
    """

    kind: Kind
    label: str
    start: float
    end: float
    basis: Basis | None = None
    span: tuple[int, int] | None = None

    @property
    def points(self) -> str:
        whole = self.kind in {"start", "value"}
        return number(self.end) if whole else number(self.end - self.start, signed=True)


@dataclass(frozen=True, slots=True)
class _Panel:
    """An axis, or the total: a heading and its steps."""

    name: str
    value: int
    steps: tuple[_Step, ...]


def waterfall(explanation: Explanation) -> str:
    """Draw the score of an action as SVG: both axes, then their weighted total."""
    panels = _panels(explanation)
    title = f"Score de l’action « {explanation.item.action.title} »"
    sheet = Sheet("cascade", title, _subtitle(explanation), _description(explanation, panels))
    drawing = _Drawing(sheet, panels)
    for panel in panels:
        drawing.panel(panel, _thresholds(explanation) if panel.name == _TOTAL else [])
    drawing.key()
    return sheet.written()


def waterfall_table(explanation: Explanation) -> list[list[str]]:
    """Return every term of the score as a header and rows; reasons are whole here."""
    rows = [
        [panel.name, said(step.label), step.points, number(step.end), _SOURCES[step.basis]]
        for panel in _panels(explanation)
        for step in panel.steps
    ]
    return [_HEADER, *rows]


def _subtitle(explanation: Explanation) -> str:
    item = explanation.item
    sure = "" if item.certain else ", qui peut encore changer"
    status, priority = STATUSES[item.status], PRIORITIES[item.priority]
    return f"{explanation.plan.profile.name} : action {status}, priorité {priority}{sure}"


def _description(explanation: Explanation, panels: Iterable[_Panel]) -> str:
    item = explanation.item
    parts = [f"Le total est de {item.score.total} sur {_WHOLE}, priorité {PRIORITIES[item.priority]}."]
    for panel in panels:
        said_ = ", ".join(f"{step.points} ({step.label.rstrip('.')})" for step in panel.steps[:-1])
        parts.append(f"{panel.name} : {said_} ; soit {panel.value}.")
        span = panel.steps[-1].span
        if span:
            parts.append(f"Selon les réponses qui manquent, entre {span[0]} et {span[1]}.")
    return " ".join(parts)


# The steps


def _panels(explanation: Explanation) -> list[_Panel]:
    score, weights = explanation.item.score, explanation.plan.rulebook.guide.score.weights
    panels = []
    for axis in AXES:
        counted = score.impact if axis == "impact" else score.feasibility
        steps = list(_axis_steps(explanation.terms(axis)))
        value = _Step("value", "Valeur", 0, counted.value, span=_span(counted.low, counted.high))
        panels.append(_Panel(_NAMES[axis], counted.value, (*steps, value)))
    shares = [
        (weights.impact, score.impact.value, "de l’impact"),
        (weights.feasibility, score.feasibility.value, "de la faisabilité"),
    ]
    steps, sum_ = [], 0.0
    for weight, axis_value, name in shares:
        share = weight * axis_value / _WHOLE
        steps.append(_Step("share", f"{weight} % {name} ({axis_value})", sum_, sum_ + share))
        sum_ += share
    rounded = "Total" if round(sum_, 1) == score.total else "Total, arrondi"
    steps.append(_Step("value", rounded, 0, score.total, span=_span(score.low, score.high)))
    return [*panels, _Panel(_TOTAL, score.total, tuple(steps))]


def _span(low: int, high: int) -> tuple[int, int] | None:
    return (low, high) if low != high else None


def _axis_steps(terms: Iterable[Term]) -> Iterator[_Step]:
    sum_ = 0
    for term in terms:
        start, sum_ = sum_, sum_ + term.points
        if term.rule:
            yield _Step("rule", term.rule.because, start, sum_, term.rule.authority)
        elif term.kind == "base":
            yield _Step("start", "Départ, le même pour toutes les actions", 0, sum_)
        elif term.kind == "essential":
            yield _Step("rule", "Action primordiale", start, sum_, "guide")
        else:
            label = "Plafonnement à 100" if term.points < 0 else "Plancher à 0"
            yield _Step("clipped", label, start, sum_)


# The drawing


def _thresholds(explanation: Explanation) -> list[tuple[str, int]]:
    thresholds = explanation.plan.rulebook.guide.score.thresholds
    return [("moyenne", thresholds.medium), ("haute", thresholds.high)]


class _Drawing:
    """The panels on their sheet, on one scale; sums beyond 0 and 100 have room."""

    def __init__(self, sheet: Sheet, panels: Sequence[_Panel]) -> None:
        self.sheet = sheet
        self.steps = [step for panel in panels for step in panel.steps]
        reached = [edge for step in self.steps for edge in (step.start, step.end)]
        self.low, self.high = min(0, *reached), max(_WHOLE, *reached)

    def _x(self, points: float) -> float:
        return _LEFT + (points - self.low) / (self.high - self.low) * (_RIGHT - _LEFT)

    def _fill(self, step: _Step) -> str:
        if step.kind in {"start", "value"}:
            return PALE
        if step.kind == "clipped":
            return self.sheet.pattern("dots")
        return ACCENT if step.end >= step.start else self.sheet.pattern("hatch")

    def panel(self, panel: _Panel, thresholds: Sequence[tuple[str, int]]) -> None:
        """Draw the lines of a panel, its scale, and the thresholds of a total."""
        top = self.sheet.bottom + 22
        self.sheet.text(MARGIN, top, f"{panel.name} : {panel.value} sur {_WHOLE}", HEADING)
        behind, y = self.sheet.group(), top + 10
        joints: list[Point] = []
        for step in panel.steps:
            y = self._step(self.sheet.group(_tooltip(step)), step, y, joints)
        crowded = self._x(25) - self._x(0) < _TICK
        for value in (0, _WHOLE) if crowded else (0, 25, 50, 75, _WHOLE):
            x = self._x(value)
            behind.line((x, top + 10), (x, y), stroke=MUTED if value in {0, _WHOLE} else GRID)
            behind.text(x, y + 14, str(value), QUIET, anchor="middle")
        for (x, start), (_, end) in pairwise(joints):
            behind.line((x, start), (x, end), stroke=INK, stroke_width=0.8)
        for place, (name, value) in enumerate(thresholds):
            x, aside = self._x(value), 3 if place else -3
            dashes: Style = {} if place else {"stroke_dasharray": "4 3"}
            self.sheet.line((x, top - 8), (x, y), stroke=INK, stroke_width=1.3, **dashes)
            self.sheet.text(x + aside, top, f"{name} dès {value}", anchor="start" if place else "end")
        self.sheet.bottom = y + 20

    def _step(self, canvas: Canvas, step: _Step, y: float, joints: list[Point]) -> float:
        """Draw a line of the waterfall, and return where the next one begins."""
        letters = STRONG if step.kind == "value" else PLAIN
        indent = 14 if step.basis else 0
        lines = wrapped(said(step.label), _LABELS - indent, letters.width, 3)
        height = len(lines) * _LINE + 8
        base, middle = y + 15, y + height / 2
        if step.basis:
            canvas.rect(MARGIN + 0.5, base - 8.5, 8, 8, fill=_BASES[step.basis][0], stroke=INK)
        canvas.paragraph(MARGIN + indent, base, lines, letters)
        canvas.text(_POINTS, middle + 4, step.points, letters, anchor="end")
        left, right = sorted((self._x(step.start), self._x(step.end)))
        canvas.rect(left, middle - _BAR / 2, max(right - left, 1), _BAR, fill=self._fill(step), stroke=INK)
        if step.span:
            low, high = (self._x(edge) for edge in step.span)
            canvas.line((low, middle), (high, middle), stroke_width=1.5)
            for edge in (low, high):
                canvas.line((edge, middle - 5), (edge, middle + 5), stroke_width=1.5)
        joints.append((self._x(step.end), middle))
        return y + height

    def key(self) -> None:
        """Say what the fills and the marks mean, of those that are there."""
        samples: dict[str, str] = {}
        for step in self.steps:
            fill = self._fill(step)
            name = {PALE: "départ ou valeur", ACCENT: "points gagnés"}.get(fill)
            samples[fill] = name or ("points qui ne comptent pas" if step.kind == "clipped" else "points perdus")
        entries: list[tuple[str, str, float]] = [(fill, text, 22) for fill, text in samples.items()]
        bases = {step.basis for step in self.steps}
        entries += [(fill, text, 8) for basis, (fill, text) in _BASES.items() if basis in bases]
        x, y = float(MARGIN), self.sheet.bottom + 26
        for fill, text, wide in entries:
            width = wide + 6 + PLAIN.width(text)
            if x + width > WIDTH - MARGIN:
                x, y = MARGIN, y + 22
            tall = min(wide, 12)
            self.sheet.rect(x + 0.5, y - 4 - tall / 2, wide, tall, fill=fill, stroke=INK)
            self.sheet.text(x + wide + 6, y, text)
            x += width + 16
        if any(step.span for step in self.steps):
            y += 22
            self.sheet.line((MARGIN, y - 4), (MARGIN + 22, y - 4), stroke_width=1.5)
            for edge in (MARGIN, MARGIN + 22):
                self.sheet.line((edge, y - 9), (edge, y + 1), stroke_width=1.5)
            self.sheet.text(MARGIN + 28, y, "ce que les réponses qui manquent peuvent encore donner")
        self.sheet.bottom = y


def _tooltip(step: _Step) -> str:
    span = f" (entre {step.span[0]} et {step.span[1]} selon les réponses qui manquent)" if step.span else ""
    return f"{step.label.rstrip('.')} : {step.points}{span} ; cumul : {number(step.end)}"


# In a terminal


def waterfall_text(explanation: Explanation) -> str:
    """Draw the waterfall for a terminal: one line a term, with a bar from where the sum was to where it goes.

    Reasons are cut: they stand whole beside it.
    """
    panels = _panels(explanation)
    reached = [edge for panel in panels for step in panel.steps for edge in (step.start, step.end)]
    low, high = min(0, *reached), max(_WHOLE, *reached)
    lines: list[str] = []
    for panel in panels:
        lines += [panel.name, *(_terminal_step(step, low, high) for step in panel.steps), ""]
    drawn = {_terminal_fill(step) for panel in panels for step in panel.steps}
    lines.append("   ".join(f"{fill} {means}" for fill, means in _TERMINAL_KEY.items() if fill in drawn))
    return "\n".join(lines) + "\n"


def _terminal_fill(step: _Step) -> str:
    if step.kind in {"start", "value"}:
        return "▓"
    return "█" if step.end >= step.start and step.kind != "clipped" else "░"


def _terminal_step(step: _Step, low: float, high: float) -> str:
    mark = MARKS[step.basis]
    span = f" (entre {step.span[0]} et {step.span[1]})" if step.span else ""
    [label] = wrapped(mark + said(step.label + span), _TERMINAL_LABELS, most=1)
    start, end = sorted(round((edge - low) / (high - low) * _TERMINAL_BARS) for edge in (step.start, step.end))
    bar = " " * start + (_terminal_fill(step) * (end - start) or "▏")
    return f"  {justified(label, _TERMINAL_LABELS)} {justified(step.points, 5, right=True)} {bar}".rstrip()
