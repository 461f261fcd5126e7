"""The score of an action: two axes, the points of its rules, and how far unknown rules could move it.

An axis is 50 (and 20 more on impact for a primordial action) plus the points of the rules that are true, clipped to
0–100. Rules that are unknown make an interval: sound (it holds every score that can be reached), not tight. The total
is the weighted mean of the axes, rounded half up. All figures are points, and a guide may set others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from conseil.conditions import Verdict
from conseil.inference import Verdicts
from conseil.rulebook import AXES, Action, Axis, Rulebook
from conseil.rulebook.model import Thresholds

__all__ = [
    "AxisScore",
    "Counted",
    "Points",
    "Priority",
    "Score",
    "Scored",
    "Worth",
    "points_of",
    "priority_of",
    "score_of",
]

Priority = Literal["high", "medium", "low"]

_HIGHEST = 100


class AxisScore(NamedTuple):
    """One axis: its value, the interval that unknown rules leave, where it starts, and what clipping took.

    Attributes:
        value: base plus the points of true rules, between 0 and 100.
        low: the lowest value that answers could still give.
        high: the highest.
        base: where it starts.
        clipped: the points that did not fit: above 100 (positive) or below 0 (negative).
    """

    value: int
    low: int
    high: int
    base: int
    clipped: int


class Score(NamedTuple):
    """Both axes and their weighted mean, with the interval that unknown rules leave."""

    impact: AxisScore
    feasibility: AxisScore
    total: int
    low: int
    high: int


class Scored(NamedTuple):
    """What an action is worth.

    Attributes:
        priority: of its total.
        settled: whether no unknown rule can change the priority.
        essential: whether the guide calls the action primordial.
    """

    score: Score
    priority: Priority
    settled: bool
    essential: bool


def score_of(action: Action, verdicts: Mapping[str, Verdict], rulebook: Rulebook) -> Score:
    """Count the score of an action from the verdicts of its rules."""
    own = Verdicts.of(verdicts, {rule.id: place for place, rule in enumerate(action.rules)})
    return Worth(rulebook)(Points.of(action, rulebook)(own.digits())).score


Sums = tuple[int, int, int, int]
"""Of an axis: where it starts, the points of the rules that are true, and of those that may yet take or add some."""

Counted = tuple[bool, Sums, Sums]
"""Whether the action is primordial, and the sums of its impact and of its feasibility."""


@dataclass(frozen=True, slots=True)
class Points:
    """Counts the points of an action, or of any of its rulebook whose rules bring the same: which rule, and what."""

    essential: bool
    base: tuple[int, int]
    impact: tuple[tuple[int, int], ...]
    feasibility: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, action: Action, rulebook: Rulebook) -> Points:
        """Note what each rule of an action brings."""
        counted, essential = rulebook.guide.score, action.id in rulebook.essential_of
        base = counted.base + essential * counted.essential, counted.base
        return cls(essential, base, *(_brought(axis, action, rulebook) for axis in AXES))

    def __call__(self, verdicts: bytes) -> Counted:
        """Return the points where the rules have these verdicts: see `Verdicts.digits`."""
        impact, feasibility = self.base
        return self.essential, _sums(impact, self.impact, verdicts), _sums(feasibility, self.feasibility, verdicts)


def _brought(axis: Axis, action: Action, rulebook: Rulebook) -> tuple[tuple[int, int], ...]:
    brought = enumerate(points_of(getattr(rule.points, axis), rulebook) for rule in action.rules)
    return tuple((place, points) for place, points in brought if points)


def _sums(base: int, brought: tuple[tuple[int, int], ...], verdicts: bytes) -> Sums:
    sure = down = up = 0
    for place, points in brought:
        verdict = verdicts[place]
        if verdict == 1:  # true
            sure += points
        elif verdict and points > 0:  # unknown
            up += points
        elif verdict:
            down += points
    return base, sure, down, up


class Worth:
    """What points are worth by the weights and thresholds of a rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Note these."""
        self._weights = rulebook.guide.score.weights
        self._thresholds = rulebook.guide.score.thresholds

    def __call__(self, counted: Counted) -> Scored:
        """Return the score of an action that has these points."""
        essential, *sums = counted
        impact, feasibility = map(_axis, sums)
        total = self._total(impact.value, feasibility.value)
        low = self._total(impact.low, feasibility.low)
        high = self._total(impact.high, feasibility.high)
        settled = _priority(low, self._thresholds) == _priority(high, self._thresholds)
        score = Score(impact, feasibility, total, low, high)
        return Scored(score, _priority(total, self._thresholds), settled, essential)

    def _total(self, impact: int, feasibility: int) -> int:
        weights = self._weights
        return (weights.impact * impact + weights.feasibility * feasibility + _HIGHEST // 2) // _HIGHEST


def _axis(sums: Sums) -> AxisScore:
    base, points, down, up = sums
    sure = base + points
    value = _clip(sure)
    return AxisScore(value, _clip(sure + down), _clip(sure + up), base, sure - value)


def points_of(steps: int | None, rulebook: Rulebook) -> int:
    """Return what one to three steps, up or down, are worth."""
    if not steps:
        return 0
    worth = rulebook.guide.score.points[abs(steps) - 1]
    return worth if steps > 0 else -worth


def _clip(points: int) -> int:
    return 0 if points < 0 else min(points, _HIGHEST)


def priority_of(total: int, rulebook: Rulebook) -> Priority:
    """Return the priority of a total, by the guide's thresholds."""
    return _priority(total, rulebook.guide.score.thresholds)


def _priority(total: int, thresholds: Thresholds) -> Priority:
    return "high" if total >= thresholds.high else "medium" if total >= thresholds.medium else "low"
