"""What a question is worth: how much of the doubt about the first ten actions its answer is expected to settle.

The territory is completed many times at random, every answer as likely as another, always with the same draws. In how
many of these an action is among the first ten says how much doubt there is about it: the entropy of a coin that falls
so. The worth of a question is the doubt before, less what is left on average once the completions are told apart by its
answer. One set of completions serves all questions.

What is settled shows only once all that an action waits for is known. So the actions are counted too that an answer
would show at once: those that the plan would begin with, and that the completed territory begins with.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log

from conseil.conditions import FactValue
from conseil.interview.territory import Territories

__all__ = ["Completions", "complete"]

_DRAWS = 256
_SEED = 2026


@dataclass(frozen=True)
class Completions:
    """A territory completed at random, many times.

    Attributes:
        count: how many times.
        drawn: the answers to each question that was open, in the order of the completions.
        members: the completions in which an action is among the first ten, as bits; those that are always, or never,
            among them are left out.
        always: the actions that are always among them.
    """

    count: int
    drawn: Mapping[str, Sequence[FactValue]]
    members: Mapping[str, int]
    always: AbstractSet[str]

    @cached_property
    def doubt(self) -> float:
        """The doubt about the first ten: 0 where all completions have the same."""
        return self._doubt_in(self._every) / self.count

    def worth(self, question: str) -> float:
        """Return how much of the doubt a question is expected to settle; chance alone makes it small, or below zero.

        Of several choices, that of each choice is added up: there are too many sets of choices to tell them apart.
        """
        before = self.doubt * self.count
        return sum(before - sum(map(self._doubt_in, split)) for split in self._splits(question)) / self.count

    def shown(self, question: str, first: Sequence[str], first_with: Callable[[FactValue], Sequence[str]]) -> float:
        """Return how many actions an answer is expected to show at once, that are there in the end.

        Args:
            question: what is asked.
            first: the first ten as the plan is now.
            first_with: the first ten as the plan would be with this answer.
        """
        cells = zip(dict.fromkeys(self.drawn[question]), self._by_answer(question), strict=True)
        more = (self._right(first_with(value), cell) - self._right(first, cell) for value, cell in cells)
        return sum(more) / self.count

    def _right(self, first: Sequence[str], group: int) -> int:
        """Return how many of these actions are among the first ten of a group of completions, added up."""
        sure = sum(action in self.always for action in first) * group.bit_count()
        return sure + sum((self.members.get(action, 0) & group).bit_count() for action in first)

    def doubt_about(self, action: str) -> float:
        """Return the doubt about one action: none where it is, or is not, always among the ten."""
        return _doubt_of(self.members.get(action, 0).bit_count(), self.count) / self.count

    def may_settle(self, question: str) -> bool:
        """Say whether an answer to a question may leave no doubt; where this says no, none does.

        Only completions that have the same answer to it, and not the same first ten, prove that it does not.
        """
        return any(self._doubt_in(cell) == 0 for cell in self._by_answer(question))

    @property
    def _every(self) -> int:
        return (1 << self.count) - 1

    def _doubt_in(self, group: int) -> float:
        """Return the doubt within a group of completions, times its size."""
        size = group.bit_count()
        return sum(_doubt_of((group & bits).bit_count(), size) for bits in self.members.values())

    def _splits(self, question: str) -> Sequence[Sequence[int]]:
        """Return how completions are told apart by an answer; of several choices, by whether each was made."""
        drawn = self.drawn.get(question, ())
        choices = dict.fromkeys(choice for value in drawn if isinstance(value, tuple) for choice in value)
        if not choices:
            return [self._by_answer(question)]
        made = [_bits(isinstance(value, tuple) and choice in value for value in drawn) for choice in choices]
        return [(bits, self._every & ~bits) for bits in made]

    def _by_answer(self, question: str) -> Sequence[int]:
        """Return the completions that have each answer; all of them, where the question was not open."""
        drawn = self.drawn.get(question)
        if drawn is None:
            return [self._every]
        found: dict[FactValue, int] = {}
        for place, value in enumerate(drawn):
            found[value] = found.get(value, 0) | 1 << place
        return list(found.values())


@lru_cache(maxsize=1 << 16)
def _doubt_of(members: int, size: int) -> float:
    """Return the entropy of these shares of a group, times its size, in nats.

    The half makes up for what a small group leaves out on average (Miller and Madow): without it, the question with the
    most answers would seem to be worth most.
    """
    if members in {0, size}:
        return 0.0
    return -sum(part * log(part / size) for part in (members, size - members)) + 0.5


def _bits(flags: Iterable[bool]) -> int:
    return sum(1 << place for place, flag in enumerate(flags) if flag)


def complete(territories: Territories, answers: Mapping[str, FactValue], questions: Iterable[str]) -> Completions:
    """Complete a territory at random: these questions get an answer each."""
    roles = territories.rulebook.guide.roles
    drawn = {name: _drawn(name, territories.questions.answers[name]) for name in questions}
    if roles.stage in drawn:
        scenarios = drawn.get(roles.scenario) or (answers.get(roles.scenario),) * _DRAWS
        drawn[roles.stage] = _stages(territories, drawn[roles.stage], scenarios)
    members: dict[str, int] = {}
    count = _DRAWS if drawn else 1
    for place in range(count):
        completed = {**answers, **{name: values[place] for name, values in drawn.items()}}
        for action in territories.judge(completed).first:
            members[action] = members.get(action, 0) | 1 << place
    always = (1 << count) - 1
    in_doubt = {action: bits for action, bits in members.items() if bits != always}
    return Completions(count, drawn, in_doubt, members.keys() - in_doubt.keys())


@lru_cache(maxsize=1_024)
def _drawn(question: str, answers: tuple[FactValue, ...]) -> tuple[FactValue, ...]:
    """Return the answers that completions give to a question: each as often as the others, in an order of its own."""
    values = [answers[place % len(answers)] for place in range(_DRAWS)]
    random.Random(f"{_SEED} {question}").shuffle(values)  # noqa: S311 - the same profile, the same question
    return tuple(values)


def _stages(
    territories: Territories, drawn: Sequence[FactValue], scenarios: Sequence[FactValue | None]
) -> tuple[FactValue, ...]:
    """Draw stages that the scenario of the same completion has."""
    roles, found = territories.rulebook.guide.roles, list[FactValue]()
    for place, (stage, scenario) in enumerate(zip(drawn, scenarios, strict=True)):
        stages = territories.answers_to(roles.stage, {} if scenario is None else {roles.scenario: scenario})
        found.append(stage if stage in stages else stages[place % len(stages)])
    return tuple(found)
