"""How much of the first ten actions would hold: whatever is still unknown, and however the two axes are weighed.

An action *stays* where that is proved: it is live whatever the answers, and fewer than ten others could come before
it, by the intervals of their scores and waves. It *may leave* where answers were found that put it out; they are
given, and replayed. Where neither is found within the budget, it is *undecided*, and that is said.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Literal

from conseil.conditions import FactValue
from conseil.inference import compile_rulebook
from conseil.plan import LIVE, Item, Plan, build_plan
from conseil.profile import known_from
from conseil.rulebook import Rulebook

__all__ = ["FIRST", "WEIGHTS", "Crossing", "Member", "Robustness", "Sensitivity", "reweighted", "robustness"]

FIRST = 10
"""How many actions are looked at."""

WEIGHTS = range(30, 81)
"""The weights of impact that are tried, in percent; feasibility has the rest."""

Fate = Literal["stays", "may_leave", "undecided"]

_COMPLETIONS = 300
_SEED = 20261


@dataclass(frozen=True, slots=True)
class Member:
    """One of the first ten.

    Attributes:
        action: its id.
        fate: what missing answers can do to its place among the ten.
        witness: answers that put it out, each needed; empty unless it may leave.
        weights: the weights of impact, in percent, under which it is among the ten.
    """

    action: str
    fate: Fate
    witness: Mapping[str, FactValue]
    weights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """Two of the first ten, of one wave, that change order at this exact weight of impact (in percent)."""

    first: str
    second: str
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What one unknown question can do alone: the answer that changes most of the first ten, and by how many."""

    question: str
    value: FactValue
    changed: int


@dataclass(frozen=True)
class Robustness:
    """What would hold of a plan's first ten actions."""

    plan: Plan

    @cached_property
    def first(self) -> tuple[Item, ...]:
        """The first ten live actions, or as many as there are."""
        return self.plan.ranked[:FIRST]

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The first ten, with what could happen to each."""
        return tuple(self._member(item) for item in self.first)

    @cached_property
    def crossings(self) -> tuple[Crossing, ...]:
        """The weights at which two of the first ten change order, lowest weight first."""
        found = [crossing for pair in combinations(self.first, 2) if (crossing := _crossing(*pair)) is not None]
        return tuple(sorted(found, key=lambda crossing: crossing.weight))

    @cached_property
    def unknowns(self) -> tuple[Sensitivity, ...]:
        """The unknown questions, the one that can change most of the first ten by itself first."""
        found = [
            max(
                (Sensitivity(question, value, self._changed({question: value})) for value in _few(values)),
                key=lambda sensitivity: sensitivity.changed,
            )
            for question, values in self._open.items()
        ]
        return tuple(sorted(found, key=lambda sensitivity: -sensitivity.changed))

    @cached_property
    def _open(self) -> dict[str, list[FactValue]]:
        """The unknown questions, with the answers that the rules tell apart."""
        return {question: self.plan.rulebook.distinct_answers(question) for question in self.plan.unknown}

    def _member(self, item: Item) -> Member:
        weights = tuple(weight for weight, names in self._by_weight.items() if item.id in names)
        if self._proved(item):
            return Member(item.id, "stays", {}, weights)
        for completion in self._completions:
            if item.id not in self._first_of(completion):
                return Member(item.id, "may_leave", self._needed(item, completion), weights)
        return Member(item.id, "undecided", {}, weights)

    # What is proved

    def _proved(self, item: Item) -> bool:
        lead = item.action.twin_of
        if item.status not in LIVE or (lead is not None and self._may_live(self.plan.item(lead))):
            return False
        worst = self._latest[item.id], -item.score.low, self._place[item.id]
        rivals = [
            other
            for other in self.plan.items
            if other.id != item.id
            and self._may_rank(other)
            and (self._earliest[other.id], -other.score.high, self._place[other.id]) < worst
        ]
        return len(rivals) < FIRST

    def _may_live(self, item: Item) -> bool:
        return item.status in LIVE or "recommended" in item.possible

    def _may_rank(self, item: Item) -> bool:
        """Say whether an action may have a rank: a twin has none while its lead is sure to be live."""
        lead = item.action.twin_of
        return self._may_live(item) and (lead is None or self.plan.item(lead).status not in LIVE)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {item.id: index for index, item in enumerate(self.plan.items)}

    @cached_property
    def _latest(self) -> dict[str, int]:
        """The latest wave that each action can come in: every prerequisite that may be live counts."""
        return self._waves(sure=False)

    @cached_property
    def _earliest(self) -> dict[str, int]:
        """The earliest wave: only prerequisites that are sure to be live count."""
        return self._waves(sure=True)

    def _waves(self, *, sure: bool) -> dict[str, int]:
        waves: dict[str, int] = {}
        for action in self.plan.rulebook.prerequisites_first:
            before = [self.plan.item(needed.action) for needed in action.requires]
            counted = [needed for needed in before if (needed.status in LIVE if sure else self._counts(needed))]
            waves[action.id] = 1 + max((waves[needed.id] for needed in counted), default=0)
        return waves

    def _counts(self, item: Item) -> bool:
        return self._may_live(item) or item.status == "to_confirm"

    # What is found

    @cached_property
    def _completions(self) -> list[dict[str, FactValue]]:
        """Return the completions that are tried: each answer alone, then answers to all, drawn at random."""
        alone: list[dict[str, FactValue]] = [
            {question: value} for question, values in self._open.items() for value in _few(values)
        ]
        draw = random.Random(_SEED)  # noqa: S311 - the same plan gives the same answers
        drawn = [
            {question: draw.choice(values) for question, values in self._open.items()}
            for _ in range(_COMPLETIONS if self._open else 0)
        ]
        return alone + drawn

    def _needed(self, item: Item, completion: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """Take out of a completion every answer that can be spared for the action to leave."""
        kept = dict(completion)
        for question in completion:
            rest = {name: value for name, value in kept.items() if name != question}
            if item.id not in self._first_of(rest):
                kept = rest
        return kept

    @cached_property
    def _seen(self) -> dict[frozenset[tuple[str, FactValue]], frozenset[str]]:
        return {}

    def _first_of(self, changed: Mapping[str, FactValue]) -> frozenset[str]:
        key = frozenset(changed.items())
        if key not in self._seen:
            plan = self.plan
            known = known_from({**plan.known.given, **changed}, plan.known.progress, plan.rulebook)
            inference = compile_rulebook(plan.rulebook).infer(known)
            after = build_plan(plan.rulebook, plan.profile, known, inference)
            self._seen[key] = frozenset(item.id for item in after.ranked[:FIRST])
        return self._seen[key]

    def _changed(self, changed: Mapping[str, FactValue]) -> int:
        return len(frozenset(item.id for item in self.first) ^ self._first_of(changed))

    @cached_property
    def _by_weight(self) -> dict[int, frozenset[str]]:
        return {
            weight: frozenset(item.id for item in reweighted(self.plan, weight).ranked[:FIRST]) for weight in WEIGHTS
        }


def robustness(plan: Plan) -> Robustness:
    """Return what would hold of a plan's first ten actions.

    >>> from conseil import advise, load_profile
    >>> found = robustness(advise(load_profile("profiles/cc-des-hautes-combes.yaml")))
    >>> {member.fate for member in found.members}  # every question has its answer there
    {'stays'}
    """
    return Robustness(plan)


def reweighted(plan: Plan, impact: int) -> Plan:
    """Return the same plan with another weight of impact, in percent; feasibility has the rest."""
    guide = plan.rulebook.guide
    weights = guide.score.weights.model_copy(update={"impact": impact, "feasibility": 100 - impact})
    score = guide.score.model_copy(update={"weights": weights})
    fields = {name: getattr(plan.rulebook, name) for name in Rulebook.model_fields}
    rulebook = Rulebook.model_construct(**fields | {"guide": guide.model_copy(update={"score": score})})
    return build_plan(rulebook, plan.profile, plan.known, plan.inference)


def _few(values: list[FactValue]) -> list[FactValue]:
    """Keep, of all the sets of choices, those of one choice at most and the largest: the others are drawn at random."""
    return [value for value in values if not isinstance(value, tuple) or len(value) <= 1 or value == values[-1]]


def _crossing(first: Item, second: Item) -> Crossing | None:
    """Return the weight at which the exact totals of two actions are equal, if it lies among those that are tried."""
    if first.wave != second.wave:
        return None
    gap = [item.score.impact.value - item.score.feasibility.value for item in (first, second)]
    if gap[0] == gap[1]:
        return None
    lead = second.score.feasibility.value - first.score.feasibility.value
    weight = Fraction(100 * lead, gap[0] - gap[1])
    return Crossing(first.id, second.id, weight) if WEIGHTS[0] < weight < WEIGHTS[-1] else None
