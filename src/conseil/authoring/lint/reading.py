"""What a rulebook reads of its answers: which facts count, and which answers it tells apart.

A fact counts where a rule or a criterion reads it, where the engine does (the questions that have a role), and where a
fact that counts rests on it, through its deduction or its `asked_when`. Two answers are told apart by a condition where
it says something else of the one than of the other, whatever the rest: `any: [{a: x}, {a: y}]` names both `x` and `y`,
and tells neither from the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from conseil.conditions import AnyOf, Between, Condition, FactValue, Leaf, Not, Several, evaluate, leaves
from conseil.rulebook import Rulebook
from conseil.vocabulary import Question

__all__ = ["Reading"]


class Reading:
    """What the conditions that count read of each fact."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Gather the conditions that count, by the facts that they read."""
        self._rulebook = rulebook
        roles = rulebook.guide.roles
        held = (roles.scenario, roles.stage, roles.maturity, roles.capacity.question, roles.population)
        self._held = {name for name in (*held, roles.level and roles.level.question) if name}
        self._conditions: dict[str, list[Condition]] = defaultdict(list)
        self._note([rule.when for rule in rulebook.rules.values()])
        self._note([criterion.when for criterion in rulebook.criteria.values()])
        counted: set[str] = set()
        while waiting := (self._held | self._conditions.keys()) - counted:
            counted |= waiting
            for fact in waiting:
                self._note(self._behind(fact))

    def _note(self, conditions: Iterable[Condition]) -> None:
        for condition in conditions:
            for fact in {leaf.fact for _, leaf in leaves(condition)}:
                self._conditions[fact].append(condition)

    def _behind(self, fact: str) -> list[Condition]:
        """Return the conditions on which a fact rests."""
        question, deduction = self._rulebook.vocabulary.get(fact), self._rulebook.deduction_of.get(fact)
        found = [outcome.when for outcome in deduction.values] if deduction else []
        found += [question.asked_when] if question else []
        return [condition for condition in found if condition is not None]

    def is_idle(self, question: Question) -> bool:
        """Say whether no answer to a question changes anything."""
        if question.id in self._held:
            return False
        if question.type == "choices":
            return len(self.unread(question)) == len(question.values)
        answers = self._numbers(question) if question.type == "integer" else question.values
        return len({self._signature(question, answer) for answer in answers}) <= 1

    def _numbers(self, question: Question) -> list[int]:
        """Return the numbers on both sides of each bound that is tested, as far as they may be answered."""
        found = {
            number
            for test in self._tests(question)
            if isinstance(test, Between)
            for bound, outside in ((test.low, -1), (test.high, 1))
            if bound is not None
            for number in (bound, bound + outside)
        }
        low, high = question.min, question.max
        return [number for number in found if (low is None or low <= number) and (high is None or number <= high)]

    def unread(self, question: Question) -> Mapping[str, str | None]:
        """Return the choices that are not told apart, each with the one that it comes to, if it is one."""
        if question.type == "choices":
            named = {value for test in self._tests(question) if isinstance(test, Several) for value in test.values}
            return {choice: None for choice in question.values if choice not in named}
        alike: dict[object, list[str]] = defaultdict(list)
        for choice in question.values:
            alike[self._signature(question, choice)].append(choice)
        return {choice: first for first, *others in alike.values() for choice in others}

    def _tests(self, question: Question) -> list[Leaf]:
        """Return the tests on a question."""
        tests = (leaf for condition in self._conditions.get(question.id, ()) for _, leaf in leaves(condition))
        return [test for test in tests if test.fact == question.id]

    def _signature(self, question: Question, value: FactValue) -> object:
        """Return what an answer comes to: two with the same signature give the same plan."""
        rests = tuple(_rest(condition, question.id, value) for condition in self._conditions.get(question.id, ()))
        return rests, self._role(question, value)

    def _role(self, question: Question, value: FactValue) -> object:
        """Return what the engine itself makes of an answer."""
        guide = self._rulebook.guide
        roles = guide.roles
        if question.id == roles.scenario:
            return value
        if question.id == roles.stage:
            return value in {stage.stage for stance in guide.stances for stage in stance.stages} and value
        if question.id == roles.capacity.question:
            return roles.capacity.at_most.get(str(value))
        return None


_Rest = bool | Leaf | tuple[str, object]
"""A verdict, a test, or what a `not`, an `any` or an `all` still holds."""


def _rest(condition: Condition, fact: str, value: FactValue) -> _Rest:
    """Return what is left of a condition once a fact is known: a verdict, or what the verdict still rests on.

    >>> from conseil.conditions import parse
    >>> either = parse({"any": [{"a": "x"}, {"a": "y"}], "b": "z"})
    >>> [_rest(either, "a", value) for value in ("x", "y", "other")]
    [OneOf(fact='b', values=('z',)), OneOf(fact='b', values=('z',)), False]
    """
    if isinstance(condition, Leaf):
        return evaluate(condition, {fact: value}) is True if condition.fact == fact else condition
    if isinstance(condition, Not):
        rest = _rest(condition.part, fact, value)
        return not rest if isinstance(rest, bool) else ("not", rest)
    settles = isinstance(condition, AnyOf)  # the verdict that one part gives by itself
    rests = {_rest(part, fact, value) for part in condition.parts}
    if settles in rests:
        return settles
    rests.discard(not settles)
    if not rests:
        return not settles
    return rests.pop() if len(rests) == 1 else ("any" if settles else "all", frozenset(rests))
