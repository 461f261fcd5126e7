"""How many questions an interview takes, in our order and in others: `make interview` writes docs/interview.md again.

Territories are drawn from the complete shipped profiles. A quarter of the themes are taken whole from another of them,
then three answers in twenty are drawn anew, so that answers go together as they do in life, with noise. All progress is
`todo`. Answers are then revealed one by one, in each of the orders. The engine knows none of these profiles.

>>> found = territories(3)
>>> found == territories(3), len(found)
(True, 3)
"""

from __future__ import annotations

import argparse
import platform
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from statistics import mean, median, quantiles
from time import process_time

from conseil import Profile, load_profile, load_rulebook
from conseil.conditions import AllOf, AnyOf, Condition, Everything, Facts, FactValue, Leaf, Not, evaluate
from conseil.interview import Interview, NextQuestion
from conseil.interview.settling import is_settled
from conseil.interview.territory import Territories
from conseil.profile import Progress, known, shipped_profiles
from conseil.rulebook import Action, Rulebook

__all__ = ["Publicodes", "best_orders", "main", "territories"]

_SEED = 20_261_123
_TERRITORIES = 500
_AFTER = (5, 10, 15)
_RESAMPLES = 2_000
_WHOLE_THEME, _ANEW, _CHOSEN = 0.25, 0.15, 0.4
_COMPLETE = 0.9
_SECOND_GUIDE = Path(__file__).parents[1] / "tests" / "second_guide" / "rules"

Territory = Mapping[str, FactValue]
"""All the answers of a territory."""

Order = Callable[[Territory], list[str]]
"""The questions that are put to a territory, in the order in which they are."""


# The territories


def territories(count: int, rulebook: Rulebook | None = None) -> list[Territory]:
    """Return territories drawn from the complete shipped profiles, always the same."""
    rulebook = rulebook or load_rulebook()
    read = [known(load_profile(path, rulebook), rulebook) for path in shipped_profiles().values()]
    asked = _judge_of(rulebook).questions.asked
    complete = [one.given for one in read if sum(name in one.given for name in asked) >= _COMPLETE * len(asked)]
    draw = random.Random(_SEED)
    return [_drawn(complete, rulebook, draw) for _ in range(count)]


def _drawn(complete: Sequence[Territory], rulebook: Rulebook, draw: random.Random) -> Territory:
    asked, roles = _judge_of(rulebook).questions.asked, rulebook.guide.roles
    found = {name: value for name, value in draw.choice(complete).items() if name in asked}
    for theme in rulebook.guide.themes:
        other = draw.choice(complete) if draw.random() < _WHOLE_THEME else found
        for name in (name for name in asked if rulebook.themes[name] == theme.id):
            value = other.get(name, found.get(name))
            found[name] = _anew(name, rulebook, draw) if value is None or draw.random() < _ANEW else value
    stages = [described.stage for described in rulebook.stance_of[str(found[roles.scenario])].stages]
    if found[roles.stage] not in stages:
        found[roles.stage] = draw.choice(stages)
    return {name: found[name] for name in asked if name not in _judge_of(rulebook).judge(found).inference.ignored}


def _anew(name: str, rulebook: Rulebook, draw: random.Random) -> FactValue:
    question = rulebook.vocabulary[name]
    if question.type == "choices":
        return tuple(choice for choice in question.values if draw.random() < _CHOSEN)
    return draw.choice(rulebook.distinct_answers(name))


def _judge_of(rulebook: Rulebook) -> Territories:
    progress: dict[str, Progress] = dict.fromkeys(rulebook.by_id, "todo")
    return Territories(rulebook, progress)


# The orders


class Orders:
    """Puts questions to a territory, one after the other."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Start the draw of random orders."""
        self._rulebook = rulebook
        self._judge = _judge_of(rulebook)
        self._draw = random.Random(_SEED)
        self._start = Interview(rulebook, Profile(name="Essai", kind="invented", progress={"others": "todo"}))
        self._followed: dict[tuple[frozenset[tuple[str, FactValue]], str | None], str | None] = {}

    def ours(self, territory: Territory) -> list[str]:
        """As the interview really asks; it asks no checklist where all progress is given."""
        interview, asked = self._start, list[str]()
        while following := self._following(interview, {name: territory[name] for name in asked}, asked):
            asked.append(following)
            interview = interview.answer(following, territory[following])
        return asked

    def _following(self, interview: Interview, told: Territory, asked: list[str]) -> str | None:
        # the next question rests on the answers, and on the theme of the last
        key = frozenset(told.items()), self._rulebook.themes[asked[-1]] if asked else None
        if key not in self._followed:
            self._followed[key] = interview.next.question.id if isinstance(interview.next, NextQuestion) else None
        return self._followed[key]

    def rulebook(self, territory: Territory) -> list[str]:
        """As they stand in the rulebook."""
        return self._revealed(territory, lambda _, open_: open_[0])

    def random(self, territory: Territory) -> list[str]:
        """At random."""
        return self._revealed(territory, lambda _, open_: self._draw.choice(open_))

    def publicodes(self, territory: Territory) -> list[str]:
        """The most often missing first: see `Publicodes`."""
        return self._revealed(territory, lambda facts, open_: Publicodes(self._rulebook, facts, open_).sorted[0])

    def publicodes_pages(self, territory: Territory) -> list[str]:
        """The same by pages, as @publicodes/forms groups them: here a theme is a page, which is asked whole."""
        page: list[str] = []

        def following(facts: Facts, open_: list[str]) -> str:
            left = [name for name in page if name in open_]
            if not left:
                ordered = Publicodes(self._rulebook, facts, open_).sorted
                theme = self._rulebook.themes[ordered[0]]
                page[:] = left = [name for name in ordered if self._rulebook.themes[name] == theme]
            return left[0]

        return self._revealed(territory, following)

    def _revealed(self, territory: Territory, choose: Callable[[Facts, list[str]], str]) -> list[str]:
        """Ask the chosen one of the questions that can still change something, until there is none."""
        told: dict[str, FactValue] = {}
        while True:
            judgement = self._judge.judge(told)
            open_ = [name for name in self._judge.open(told, judgement) if name in territory]
            if not open_:
                return list(told)
            following = choose(judgement.inference.facts, open_)
            told[following] = territory[following]


class Publicodes:
    """The order of publicodes, on a rulebook of ours.

    Its `evaluate` returns `missingVariables`, a score for each: one where it is read and unknown, added up over all
    that reads it, and one more in each condition that waits for it (`bonus`). A condition that is settled misses
    nothing, nor does what stands behind a condition that fails. @publicodes/forms (`computeNextFields`) asks for the
    sum of the targets, and sorts by score, largest first; equal ones stay as they were met.

    Here the targets are the scores of all actions: each action is applicable if one of its recommendations holds and
    no exclusion or obstacle does, each rule adds its points if its condition holds, a question is applicable if its
    `asked_when` holds, and a deduction is a default value: what has one is missing until it is answered, and so is
    all that the default waits for.
    """

    def __init__(self, rulebook: Rulebook, facts: Facts, open_: Sequence[str]) -> None:
        """Look at a territory; what was deduced and can still be asked is missing."""
        self._rulebook = rulebook
        self._open = open_
        self._facts = {name: value for name, value in facts.items() if name not in open_}
        self._of_facts: dict[str, dict[str, int]] = {}

    @property
    def sorted(self) -> list[str]:
        """The questions as publicodes would ask them, the most often missing first."""
        scores = self.missing
        met = {name: place for place, name in enumerate(scores)}
        return sorted(self._open, key=lambda name: (-scores.get(name, 0), met.get(name, len(met))))

    @property
    def missing(self) -> dict[str, int]:
        """How often each open question is missing, with its weight."""
        found: dict[str, int] = {}
        for action in self._rulebook.actions:
            self._add_action(action, found)
        return found

    def _add_action(self, action: Action, found: dict[str, int]) -> None:
        for effect, hindered_if in (("exclude", True), ("recommend", False), ("defer", True)):
            condition = AnyOf(tuple(rule.when for rule in action.rules if rule.effect == effect))
            _add(found, _bonus(self._missing_in(condition)))
            if evaluate(condition, self._facts) is hindered_if:
                return
        for rule in action.rules:
            if rule.has_points:
                _add(found, _bonus(self._missing_in(rule.when)))

    def _missing_in(self, condition: Condition | None) -> dict[str, int]:
        if condition is None or evaluate(condition, self._facts) is not None:
            return {}
        found: dict[str, int] = {}
        match condition:
            case Not(part):
                return self._missing_in(part)
            case Everything(parts) | AllOf(parts) | AnyOf(parts):
                for part in parts:
                    _add(found, self._missing_in(part))
            case _:
                _add(found, self._missing_for(condition.fact))
        return found

    def _missing_for(self, fact: str) -> dict[str, int]:
        if fact in self._rulebook.vocabulary and fact not in self._of_facts:
            self._of_facts[fact] = found = {fact: 1} if fact in self._open else {}
            deduction = self._rulebook.deduction_of.get(fact)
            _add(found, _bonus(self._missing_in(self._rulebook.vocabulary[fact].asked_when)))
            for outcome in deduction.values if deduction else ():
                _add(found, _bonus(self._missing_in(outcome.when)))
        return self._of_facts.get(fact, {})


def _add(found: dict[str, int], more: Mapping[str, int]) -> None:
    for name, score in more.items():
        found[name] = found.get(name, 0) + score


def _bonus(found: Mapping[str, int]) -> dict[str, int]:
    return {name: score + 1 for name, score in found.items()}


# What is measured


@dataclass(frozen=True, slots=True)
class _Course:
    """What an order made of one territory.

    Attributes:
        settled: after how many questions no answer that was missing could change the first ten.
        there: after how many questions which share of the final first ten was already there.
    """

    settled: int
    there: Mapping[int, float]


def _course(territory: Territory, order: Sequence[str], judge: Territories) -> _Course:
    def told(count: int) -> Territory:
        return {name: territory[name] for name in order[:count]}

    low, high = 0, len(order)
    while low < high:  # more answers settle no less
        middle = (low + high) // 2
        low, high = (low, middle) if is_settled(judge, told(middle)) else (middle + 1, high)
    final = set(judge.judge(territory).first)
    shown = {count: set(judge.judge(told(count)).first) for count in _AFTER}
    return _Course(low, {count: len(final & shown[count]) / max(1, len(final)) for count in _AFTER})
