"""The meaning itself: short, slow, obviously right. The other engines are checked against it.

Facts are settled in an order in which each comes after those that it rests on. For each:

1. where `asked_when` is false, the fact does not apply, and an answer is ignored;
2. where `asked_when` is unknown, so is the fact, and an answer waits: else a later answer could take it back;
3. an answer that was given wins;
4. else the deduction gives the first value whose condition is true, and nothing as soon as an unknown one comes before;
5. else the fact is unknown.

Then every condition is evaluated on the facts.
"""

from __future__ import annotations

from graphlib import TopologicalSorter

from conseil.conditions import NOT_APPLICABLE, FactValue, evaluate
from conseil.inference.model import Inference
from conseil.profile import Known, progress_facts
from conseil.rulebook import Deduction, Rulebook, fact_dependencies

__all__ = ["ReferenceEngine", "fact_order"]


def fact_order(rulebook: Rulebook) -> list[str]:
    """Return the questions: first those that only an answer settles, then each after those on which it rests."""
    rests = fact_dependencies(rulebook.questions, rulebook.deductions)
    order = TopologicalSorter({fact: sorted(on) for fact, on in rests.items()}).static_order()
    settled = {question.id for question in rulebook.questions if question.asked_when} | rulebook.deduction_of.keys()
    return sorted((fact for fact in order if fact in rulebook.vocabulary), key=settled.__contains__)


class ReferenceEngine:
    """The specification, run as it is written."""

    name = "reference"

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook, and the order of its facts."""
        self._rulebook = rulebook
        self._order = fact_order(rulebook)

    def infer(self, known: Known) -> Inference:
        """Return what follows from a profile: see the module."""
        rulebook = self._rulebook
        facts: dict[str, FactValue] = progress_facts(known)
        deduced: dict[str, int] = {}
        ignored: list[str] = []
        waiting: list[str] = []
        for fact in self._order:
            asked_when = rulebook.vocabulary[fact].asked_when
            applies = True if asked_when is None else evaluate(asked_when, facts)
            if applies is False:
                facts[fact] = NOT_APPLICABLE
            if applies is not True:
                if fact in known.answers:
                    (ignored if applies is False else waiting).append(fact)
            elif fact in known.answers:
                facts[fact] = known.answers[fact]
            elif fact in rulebook.deduction_of:
                deduction = rulebook.deduction_of[fact]
                index = _outcome(deduction, facts)
                if index is not None:
                    deduced[fact] = index
                    facts[fact] = [*deduction.values, deduction.otherwise][index].value
        return Inference(
            facts=facts,
            deduced=deduced,
            ignored=tuple(sorted(ignored)),
            waiting=tuple(sorted(waiting)),
            rules={rule.id: evaluate(rule.when, facts) for rule in rulebook.rules.values()},
            criteria={place: evaluate(criterion.when, facts) for place, criterion in rulebook.criteria.items()},
        )


def _outcome(deduction: Deduction, facts: dict[str, FactValue]) -> int | None:
    for index, outcome in enumerate(deduction.values):
        verdict = None if outcome.when is None else evaluate(outcome.when, facts)
        if verdict is not False:
            return index if verdict else None
    return len(deduction.values)
