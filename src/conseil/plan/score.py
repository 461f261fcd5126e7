"""The score of an action: two axes, the points of its rules, and how far unknown rules could move it.

An axis is 50 (and 20 more on impact for a primordial action) plus the points of the rules that are true, clipped to
0–100. Rules that are unknown make an interval: sound (it holds every score that can be reached), not tight. The total
is the weighted mean of the axes, rounded half up. All figures are points, and a guide may set others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from conseil.conditions import Verdict
from conseil.rulebook import Action, Axis, Rulebook

__all__ = ["AxisScore", "Priority", "Score", "points_of", "priority_of", "score_of"]

Priority = Literal["high", "medium", "low"]

_HIGHEST = 100


@dataclass(frozen=True, slots=True)
class AxisScore:
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


@dataclass(frozen=True, slots=True)
class Score:
    """Both axes and their weighted mean, with the interval that unknown rules leave."""

    impact: AxisScore
    feasibility: AxisScore
    total: int
    low: int
    high: int


def score_of(action: Action, verdicts: Mapping[str, Verdict], rulebook: Rulebook) -> Score:
    """Count the score of an action from the verdicts of its rules."""
    impact = _axis("impact", action, verdicts, rulebook)
    feasibility = _axis("feasibility", action, verdicts, rulebook)
    return Score(
        impact,
        feasibility,
        _total(impact.value, feasibility.value, rulebook),
        _total(impact.low, feasibility.low, rulebook),
        _total(impact.high, feasibility.high, rulebook),
    )


def points_of(steps: int | None, rulebook: Rulebook) -> int:
    """Return what one to three steps, up or down, are worth."""
    if not steps:
        return 0
    worth = rulebook.guide.score.points[abs(steps) - 1]
    return worth if steps > 0 else -worth


def _axis(axis: Axis, action: Action, verdicts: Mapping[str, Verdict], rulebook: Rulebook) -> AxisScore:
    counted = rulebook.guide.score
    base = counted.base + (counted.essential if axis == "impact" and action.id in rulebook.essential_of else 0)
    sure = up = down = 0
    for rule in action.rules:
        points = points_of(getattr(rule.points, axis), rulebook)
        verdict = verdicts[rule.id]
        if verdict:
            sure += points
        elif verdict is None:
            up += max(points, 0)
            down += min(points, 0)
    value = _clip(base + sure)
    return AxisScore(value, _clip(base + sure + down), _clip(base + sure + up), base, base + sure - value)


def _clip(points: int) -> int:
    return min(max(points, 0), _HIGHEST)


def _total(impact: int, feasibility: int, rulebook: Rulebook) -> int:
    weights = rulebook.guide.score.weights
    return (weights.impact * impact + weights.feasibility * feasibility + _HIGHEST // 2) // _HIGHEST


def priority_of(total: int, rulebook: Rulebook) -> Priority:
    """Return the priority of a total, by the guide's thresholds."""
    thresholds = rulebook.guide.score.thresholds
    return "high" if total >= thresholds.high else "medium" if total >= thresholds.medium else "low"
