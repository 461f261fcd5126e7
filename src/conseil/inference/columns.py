"""A whole table of territories at once: the verdict of every condition in every row, as bits.

The meaning is that of `reference`, which the code follows step by step; but a fact is not a value: it is one bit for
each row and each value that it may have. A verdict is two sets of bits, where it is true and where it is false; what is
in neither is unknown. So `and`, `or` and `not` judge eight rows with one byte, and thousands with one call of numpy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import and_, or_
from typing import NamedTuple

from conseil.conditions import (
    ALWAYS,
    NOT_APPLICABLE,
    AllOf,
    AnyOf,
    Between,
    Condition,
    Everything,
    FactValue,
    Leaf,
    Not,
    Several,
)
from conseil.inference.chunk import Chunk, ChunkReader, FactMasks, Mask, nowhere
from conseil.inference.reference import fact_order
from conseil.profile import known_from
from conseil.rulebook import Deduction, Rulebook

__all__ = ["ColumnsEngine", "ColumnsInference", "VerdictMasks"]


class VerdictMasks(NamedTuple):
    """Where a condition is true, and where it is false; elsewhere it is unknown."""

    true: Mask
    false: Mask


@dataclass(frozen=True, slots=True)
class ColumnsInference:
    """What follows from what is known of the territories of one chunk.

    Attributes:
        size: how many rows there are.
        facts: every fact: questions, deduced ones included, and the progress of actions.
        deduced: of each fact that has a deduction, where it gave the fact each of its choices.
    """

    size: int
    facts: dict[str, FactMasks]
    deduced: dict[str, dict[str, Mask]]

    def judge(self, condition: Condition) -> VerdictMasks:
        """Return the verdict of a condition in every row."""
        match condition:
            case Not(part):
                true, false = self.judge(part)
                return VerdictMasks(false, true)
            case Everything(parts) | AllOf(parts):
                # not all, where not one is not
                some = self.any_of(VerdictMasks(false, true) for true, false in map(self.judge, parts))
                return VerdictMasks(some.false, some.true)
            case AnyOf(parts):
                return self.any_of(map(self.judge, parts))
            case _:
                return _test(condition, self.facts[condition.fact])

    def any_of(self, verdicts: Iterable[VerdictMasks]) -> VerdictMasks:
        """Return the Kleene `or` of verdicts."""
        true = nowhere(self.size)
        false = ~true
        for verdict in verdicts:
            true = true | verdict.true
            false = false & verdict.false
        return VerdictMasks(true, false)


class ColumnsEngine:
    """A rulebook, ready to judge tables of territories; safe to use from several threads."""

    name = "columns"

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook and the order of its facts."""
        self._rulebook = rulebook
        self._order = fact_order(rulebook)
        self._reader = ChunkReader(rulebook)
        self._stages_set_aside = _stages_set_aside(rulebook)

    def infer(self, chunk: Chunk, place: int = 0) -> ColumnsInference:
        """Return what follows from the profiles of a chunk: see `reference`.

        Args:
            chunk: its columns by name: see `chunk`.
            place: which chunk of the table it is, from 0.

        Raises:
            InvalidProfile: a problem for each column that cannot be used, with the first row and value at fault.
        """
        size, given = self._reader.read(chunk, place)
        given = self._with_stages_that_count(given)
        rulebook = self._rulebook
        facts = {fact: answer for fact, answer in given.items() if fact not in rulebook.vocabulary}
        found = ColumnsInference(size, facts, {})
        for fact in self._order:
            asked_when = rulebook.vocabulary[fact].asked_when
            applies = found.judge(ALWAYS if asked_when is None else asked_when)
            answer = given[fact]
            values = {value: rows & applies.true for value, rows in answer.values.items()}
            known = applies.false | (applies.true & answer.known)
            if fact in rulebook.deduction_of:
                deduced = _outcomes(rulebook.deduction_of[fact], found, applies.true & ~answer.known)
                found.deduced[fact] = deduced
                for value, rows in deduced.items():
                    values[value] = values[value] | rows
                    known = known | rows
            facts[fact] = FactMasks(known, applies.false | (applies.true & answer.not_applicable), values)
        return found

    def _with_stages_that_count(self, given: Mapping[str, FactMasks]) -> dict[str, FactMasks]:
        """Forget stages that the scenario does not have: see `profile.known_from`."""
        roles = self._rulebook.guide.roles
        scenario, stage = given[roles.scenario], given[roles.stage]
        aside = stage.known & ~stage.known
        for of_scenario, of_stage in self._stages_set_aside:
            aside |= _rows_of(scenario, of_scenario) & _rows_of(stage, of_stage)
        values = {value: rows & ~aside for value, rows in stage.values.items()}
        return {**given, roles.stage: FactMasks(stage.known & ~aside, stage.not_applicable & ~aside, values)}


def _stages_set_aside(rulebook: Rulebook) -> list[tuple[str | None, str]]:
    """Return each scenario (or none, where it is unknown) and stage of which the stage does not count."""
    roles, vocabulary = rulebook.guide.roles, rulebook.vocabulary
    scenarios = [None, NOT_APPLICABLE, *vocabulary[roles.scenario].values]
    stages = [NOT_APPLICABLE, *vocabulary[roles.stage].values]
    return [
        (scenario, stage)
        for scenario, stage in product(scenarios, stages)
        if roles.stage not in known_from(_answers({roles.scenario: scenario, roles.stage: stage}), {}, rulebook).answers
    ]


def _answers(answers: Mapping[str, str | None]) -> dict[str, FactValue]:
    return {question: value for question, value in answers.items() if value is not None}


def _rows_of(fact: FactMasks, value: str | None) -> Mask:
    if value is None:
        return ~fact.known
    return fact.not_applicable if value == NOT_APPLICABLE else fact.values[value]


def _outcomes(deduction: Deduction, found: ColumnsInference, waiting: Mask) -> dict[str, Mask]:
    """Return where a deduction gives each of its values, among the rows that wait for one."""
    none = nowhere(found.size)
    given = dict.fromkeys((outcome.value for outcome in (*deduction.values, deduction.otherwise)), none)
    for outcome in deduction.values:
        verdict = VerdictMasks(none, none) if outcome.when is None else found.judge(outcome.when)
        given[outcome.value] = given[outcome.value] | (waiting & verdict.true)
        waiting = waiting & verdict.false  # where it is unknown, nothing is deduced
    given[deduction.otherwise.value] = given[deduction.otherwise.value] | waiting
    return given


def _test(leaf: Leaf, fact: FactMasks) -> VerdictMasks:
    """Return the verdict of a test: false where the fact is known, and the test is not true."""
    match leaf:
        case Between(low=low, high=high):
            true = fact.known & ~fact.not_applicable if low is None else fact.values[low]
            true = true if high is None else true & ~fact.values[high + 1]
        case Several(quantifier="all", values=values):
            true = reduce(and_, (fact.values[value] for value in values))
        case Several(quantifier="none", values=values):
            true = fact.known & ~reduce(or_, (fact.values[value] for value in values))
        case _:
            true = reduce(or_, (fact.values[value] for value in leaf.values))
    return VerdictMasks(true, fact.known & ~true)
