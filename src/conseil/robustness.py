"""How much of the first ten actions would hold: whatever is still unknown, and however the two axes are weighed.

An action *stays* where that is proved: it is live whatever the answers, and fewer than ten others could come before
it, by the intervals of their scores and waves; or all answers were tried, where they are few. It *may leave* where
answers were found that put it out; they are given, and replayed. Where neither is found within the budget, it is
*undecided*, and that is said. What actions have come to (their progress) is taken as it is known.

A question whose answer is deduced is still open: somebody may answer it otherwise. Each of its answers is a case of its
own, in which the proof must hold.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, product
from math import prod
from typing import Literal

from conseil.conditions import NOT_APPLICABLE, FactValue
from conseil.inference import compile_rulebook
from conseil.plan import LIVE, Item, Plan, build_plan
from conseil.profile import known_from
from conseil.rulebook import Rulebook
from conseil.turning import irreducible

__all__ = [
    "FIRST",
    "WEIGHTS",
    "Crossing",
    "Fate",
    "Member",
    "Robustness",
    "Sensitivity",
    "in_ranges",
    "reweighted",
    "weighed",
    "what_holds",
]

FIRST = 10
"""How many actions are looked at."""

WEIGHTS = range(30, 81)
"""The weights of impact that are tried, in percent; feasibility has the rest."""

Fate = Literal["stays", "may_leave", "undecided"]

_COMPLETIONS = 300
_SEED = 20261
_MOST_CASES = 64
_FEW = 512  # completions that are few enough to be all tried


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
    """Two actions whose order is another one under some weights.

    Both are among the first ten; or `second` is not, and under one of the weights it is, while `first` is not.
    Totals are rounded, and the order of the guide parts equal ones, so that an order can come back: there may be
    several ranges.

    Attributes:
        first: the action that comes first in this plan.
        second: the other.
        ranges: the whole weights of impact, in percent, at which `second` comes first; both bounds are included.
    """

    first: str
    second: str
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What one unknown question can do alone: the answer that changes most of the first ten.

    Attributes:
        question: its id.
        value: that answer.
        leaves: the actions that leave the first ten, in today's order.
        enters: those that enter, in their new order.
    """

    question: str
    value: FactValue
    leaves: tuple[str, ...]
    enters: tuple[str, ...]

    @property
    def changed(self) -> int:
        """How many actions leave or enter."""
        return len(self.leaves) + len(self.enters)


@dataclass(frozen=True)
class Robustness:
    """What would hold of a plan's first ten actions; `engine` is the one that replays."""

    plan: Plan
    engine: str | None = None

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
        """The pairs that change order with the weights, and those that change places among the ten; in rank order."""
        first, ranks = [item.id for item in self.first], self._ranks
        pairs = {(ahead, behind) for place, behind in enumerate(first) for ahead in first[:place]}
        for order in ranks.values():
            ten = list(order)[:FIRST]
            left, entered = (set(first) - set(ten)), (set(ten) - set(first))
            pairs.update(product(left, entered))
        place = {item.id: item.rank or 0 for item in self.plan.ranked}
        found = (
            Crossing(ahead, behind, in_ranges(weight for weight, rank in ranks.items() if rank[behind] < rank[ahead]))
            for ahead, behind in sorted(pairs, key=lambda pair: (place[pair[0]], place[pair[1]]))
        )
        return tuple(crossing for crossing in found if crossing.ranges)

    @cached_property
    def unknowns(self) -> tuple[Sensitivity, ...]:
        """The unknown questions, the one that can change most of the first ten by itself first."""
        found = [
            max((self._sensitivity(question, value) for value in values), key=lambda sensitivity: sensitivity.changed)
            for question, values in self._open.items()
        ]
        return tuple(sorted(found, key=lambda sensitivity: -sensitivity.changed))

    def _sensitivity(self, question: str, value: FactValue) -> Sensitivity:
        before, after = tuple(item.id for item in self.first), self._first_of({question: value})
        leaves = tuple(name for name in before if name not in after)
        return Sensitivity(question, value, leaves, tuple(name for name in after if name not in before))

    @cached_property
    def _open(self) -> dict[str, list[FactValue]]:
        """The unknown questions, with the answers that the rules tell apart."""
        rulebook = self.plan.rulebook
        return {
            question: [
                *rulebook.distinct_answers(question),
                *([NOT_APPLICABLE] if rulebook.vocabulary[question].not_applicable else []),
            ]
            for question in self.plan.unknown
        }

    def _member(self, item: Item) -> Member:
        weights = tuple(weight for weight, ranks in self._ranks.items() if ranks[item.id] <= FIRST)
        if all(case.proves(item.id) for case in self._cases):
            return Member(item.id, "stays", {}, weights)
        for completion in self._completions:
            if item.id not in self._first_of(completion):
                return Member(item.id, "may_leave", self._needed(item, completion), weights)
        return Member(item.id, "stays" if self._all_tried else "undecided", {}, weights)

    # What is proved

    @cached_property
    def _cases(self) -> tuple[_Case, ...]:
        """The plan as it is, and with every other answer to the questions whose answer is deduced."""
        deduced = [question for question in self._open if question in self.plan.facts]
        if prod(len(self._open[question]) + 1 for question in deduced) > _MOST_CASES:
            return (_Case(None),)
        choices = product(*([None, *self._open[question]] for question in deduced))
        return tuple(_Case(self._answered(_known_of(deduced, values))) for values in choices)

    # What is found

    @cached_property
    def _all_tried(self) -> bool:
        """Whether the completions are all that there are; of a number without a lowest value, some class may lack."""
        questions = [self.plan.rulebook.vocabulary[question] for question in self._open]
        bounded = all(question.type != "integer" or question.min is not None for question in questions)
        return bounded and prod(map(len, self._open.values())) <= _FEW

    @cached_property
    def _completions(self) -> list[dict[str, FactValue]]:
        """Return the completions that are tried: each answer alone, then to all questions: every way, or at random."""
        alone: list[dict[str, FactValue]] = [
            {question: value} for question, values in self._open.items() for value in values
        ]
        return alone + list(self._whole_completions())

    def _whole_completions(self) -> Iterator[dict[str, FactValue]]:
        if self._all_tried:
            yield from (dict(zip(self._open, values, strict=True)) for values in product(*self._open.values()))
            return
        draw = random.Random(_SEED)  # noqa: S311 - the same plan gives the same answers
        for _ in range(_COMPLETIONS):
            yield {question: draw.choice(values) for question, values in self._open.items()}

    def _needed(self, item: Item, completion: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """Take out of a completion every answer that can be spared for the action to leave."""
        kept = irreducible(
            tuple(completion),
            lambda names: item.id not in self._first_of({name: completion[name] for name in names}),
        )
        return {name: completion[name] for name in kept}

    @cached_property
    def _seen(self) -> dict[frozenset[tuple[str, FactValue]], tuple[str, ...]]:
        return {}

    def _first_of(self, changed: Mapping[str, FactValue]) -> tuple[str, ...]:
        """Return the first ten once these questions are answered."""
        key = frozenset(changed.items())
        if key not in self._seen:
            self._seen[key] = tuple(item.id for item in self._answered(changed).ranked[:FIRST])
        return self._seen[key]

    def _answered(self, changed: Mapping[str, FactValue]) -> Plan:
        plan = self.plan
        known = known_from({**plan.known.given, **changed}, plan.known.progress, plan.rulebook)
        inference = compile_rulebook(plan.rulebook, self.engine).infer(known)
        return build_plan(plan.rulebook, plan.profile, known, inference)

    @cached_property
    def _ranks(self) -> dict[int, dict[str, int]]:
        """The rank of every live action under each weight, in the order of ranks."""
        return {
            weight: {item.id: rank for rank, item in enumerate(reweighted(self.plan, weight).ranked, start=1)}
            for weight in WEIGHTS
        }


def _known_of(questions: list[str], values: tuple[FactValue | None, ...]) -> dict[str, FactValue]:
    pairs = zip(questions, values, strict=True)
    return {question: value for question, value in pairs if value is not None}


class _Case:
    """What is sure of the first ten of a plan whose verdicts no further answer takes back."""

    def __init__(self, plan: Plan | None) -> None:
        """Bound the waves; without a plan, nothing can be proved."""
        self._plan = plan
        if plan is not None:
            self._place = {item.id: index for index, item in enumerate(plan.items)}
            self._latest = _waves(plan, sure=False)
            self._earliest = _waves(plan, sure=True)

    def proves(self, action: str) -> bool:
        """Say whether an action is among the first ten whatever else is answered."""
        if self._plan is None:
            return False
        item = self._plan.item(action)
        lead = item.action.twin_of
        if item.status not in LIVE or (lead is not None and _may_live(self._plan.item(lead))):
            return False
        worst = self._latest[action], -item.score.low, self._place[action]
        rivals = [
            other
            for other in self._plan.items
            if other.id != action
            and self._may_rank(other)
            and (self._earliest[other.id], -other.score.high, self._place[other.id]) < worst
        ]
        return len(rivals) < FIRST

    def _may_rank(self, item: Item) -> bool:
        """Say whether an action may have a rank: a twin has none while its lead is sure to be live."""
        lead = item.action.twin_of
        return _may_live(item) and (lead is None or self._plan is None or self._plan.item(lead).status not in LIVE)


def _may_live(item: Item) -> bool:
    return item.status in LIVE or "recommended" in item.possible


def _waves(plan: Plan, *, sure: bool) -> dict[str, int]:
    """Return the earliest wave of each action, if only prerequisites that are sure to be live count; or the latest."""
    waves: dict[str, int] = {}
    for action in plan.rulebook.prerequisites_first:
        before = [plan.item(needed.action) for needed in action.requires]
        counted = [one for one in before if one.status in LIVE or (not sure and one.status == "to_confirm")]
        waves[action.id] = 1 + max((waves[needed.id] for needed in counted), default=0)
    return waves


def what_holds(plan: Plan, engine: str | None = None) -> Robustness:
    """Return what would hold of a plan's first ten actions.

    >>> from conseil import advise, load_profile
    >>> found = what_holds(advise(load_profile("profiles/cc-des-hautes-combes.yaml")))
    >>> {member.fate for member in found.members}  # every question has its answer there
    {'stays'}
    """
    return Robustness(plan, engine)


def weighed(rulebook: Rulebook, impact: int) -> Rulebook:
    """Return the same rulebook with another weight of impact, in percent; feasibility has the rest.

    >>> from conseil import load_rulebook
    >>> weighed(load_rulebook(), 50).guide.score.weights.feasibility
    50
    """
    guide = rulebook.guide
    weights = guide.score.weights.model_copy(update={"impact": impact, "feasibility": 100 - impact})
    score = guide.score.model_copy(update={"weights": weights})
    return rulebook.model_copy(update={"guide": guide.model_copy(update={"score": score})})


def reweighted(plan: Plan, impact: int) -> Plan:
    """Return the same plan with another weight of impact, in percent; feasibility has the rest.

    >>> from conseil import advise, load_profile
    >>> plan = advise(load_profile("profiles/cc-des-hautes-combes.yaml"))
    >>> plan.ranked[0].id, reweighted(plan, 80).ranked[0].id
    ('soutenir-dossiers-ess', 'recenser-besoins')
    """
    return build_plan(weighed(plan.rulebook, impact), plan.profile, plan.known, plan.inference)


def in_ranges(weights: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Put weights that follow one another together, in ranges that hold both their bounds.

    >>> in_ranges([30, 31, 32, 40, 79, 80])
    ((30, 32), (40, 40), (79, 80))
    """
    runs = ([weight for _, weight in run] for _, run in groupby(enumerate(weights), key=lambda pair: pair[1] - pair[0]))
    return tuple((run[0], run[-1]) for run in runs)
