"""The score of an action: two axes, the points of its rules, and how far unknown rules could move it.

An axis is 50 (and 20 more on impact for a primordial action) plus the points of the rules that are true, clipped to
0–100. Rules that are unknown make an interval: sound (it holds every score that can be reached), not tight. The total
is the weighted mean of the axes, rounded half up. All figures are points, and a guide may set others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from conseil.conditions import Verdict
from conseil.rulebook import Action, Axis, Rulebook

__all__ = ["AxisScore", "Priority", "Score", "Scoring", "points_of", "priority_of", "score_of"]

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


def score_of(action: Action, verdicts: Mapping[str, Verdict], rulebook: Rulebook) -> Score:
    """Count the score of an action from the verdicts of its rules."""
    bits = [(1 << place, verdicts[rule.id]) for place, rule in enumerate(action.rules)]
    true = sum(bit for bit, verdict in bits if verdict)
    return Scoring(action, rulebook).score(true, sum(bit for bit, verdict in bits if verdict is None))


class Scoring:
    """Counts the score of one action, again and again."""

    def __init__(self, action: Action, rulebook: Rulebook) -> None:
        """Note what each rule brings."""
        counted = rulebook.guide.score
        self._weights = counted.weights
        essential = counted.essential if action.id in rulebook.essential_of else 0
        self._impact = _Counted("impact", action, rulebook, counted.base + essential)
        self._feasibility = _Counted("feasibility", action, rulebook, counted.base)

    def score(self, true: int, unknown: int) -> Score:
        """Return the score where these rules are true and unknown: bit n stands for the rule of place n."""
        impact, feasibility = self._impact.axis(true, unknown), self._feasibility.axis(true, unknown)
        total = low = high = self._total(impact.value, feasibility.value)
        if unknown:
            low = self._total(impact.low, feasibility.low)
            high = self._total(impact.high, feasibility.high)
        return Score(impact, feasibility, total, low, high)

    def _total(self, impact: int, feasibility: int) -> int:
        weights = self._weights
        return (weights.impact * impact + weights.feasibility * feasibility + _HIGHEST // 2) // _HIGHEST


class _Counted:
    """What each rule of an action brings on one axis."""

    def __init__(self, axis: Axis, action: Action, rulebook: Rulebook, base: int) -> None:
        self._base = base
        brought = ((1 << n, points_of(getattr(rule.points, axis), rulebook)) for n, rule in enumerate(action.rules))
        self._points = [(bit, points) for bit, points in brought if points]

    def axis(self, true: int, unknown: int) -> AxisScore:
        sure = self._base
        up = down = 0
        for bit, points in self._points:
            if true & bit:
                sure += points
            elif unknown & bit:
                if points > 0:
                    up += points
                else:
                    down += points
        value = low = high = _clip(sure)
        if up or down:
            low, high = _clip(sure + down), _clip(sure + up)
        return AxisScore(value, low, high, self._base, sure - value)


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
    thresholds = rulebook.guide.score.thresholds
    return "high" if total >= thresholds.high else "medium" if total >= thresholds.medium else "low"
