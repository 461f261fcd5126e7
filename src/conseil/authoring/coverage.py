"""What the cases of a rulebook show of its conditions, and what they leave unseen.

A rule that is true in no case, or false in none, may say the contrary of what its author means and nobody would see it;
so may a test inside a condition that never decides. Every case is judged as it is, and once more for each answer that
could be given to each question instead of its own (its *variants*). Of a condition it is then known:

- whether it is true in a case, and false in a case;
- of a rule, whether it *decides* in a case: it is true there, and without it the plan would be another. `recommend`,
  `defer`, `exclude`: the action would have another status. `reinforce`: another total, where the action is neither set
  aside nor done. `adapt`, `caution`: it is shown, beside an action that is recommended or under way;
- of each of its tests, whether it is *shown*: in two territories the test changes from true to false, no other test of
  the condition changes, and the verdict of the condition does. The two are cases, or a case and one of its variants.
  This is what engineers call MC/DC, in its strict form (unique cause).

Where two tests rest on one fact, that form may be impossible. It is then enough that the test decides in both
territories (its verdict being the other one, so would be the condition's), though others change too (masking). Which
of both forms can be had, if any, is found by trying every territory that the tests can tell apart, as far as these are
not too many. A test that no territory can show is told apart: no case is missing, the test is one too many.

All territories are judged at once, as bits (`worlds`): the shipped rulebook takes about a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import combinations, pairwise
from operator import and_, or_
from typing import Literal, NamedTuple

from conseil.authoring.cases import CaseResult
from conseil.conditions import (
    ALWAYS,
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    AllOf,
    AnyOf,
    Condition,
    Everything,
    FactValue,
    Leaf,
    Not,
    evaluate,
    leaves,
)
from conseil.errors import Location
from conseil.plan import LIVE
from conseil.plan.status import DECIDING
from conseil.profile import Known
from conseil.rulebook import Entry, Rule, Rulebook
from conseil.worlds import Verdicts, Worlds, WorldsJudged, total_of

__all__ = ["Coverage", "Lack", "LackKind", "Neighbour", "Shown", "Subject", "Variant", "measure", "subjects"]

LackKind = Literal["never_true", "never_false", "never_decides", "not_shown"]

_MOST_TERRITORIES = 1 << 16
"""How many territories are tried to find out what can be shown of one condition."""


class Subject(NamedTuple):
    """A condition of the rulebook, and whose it is.

    Attributes:
        entry: the rule, the deduction, the question or the guide that holds it.
        way: where it stands in there.
        condition: the condition.
    """

    entry: Entry
    way: Location
    condition: Condition

    @classmethod
    def of_rule(cls, rule: Rule) -> Subject:
        """Return the condition of a rule."""
        return cls(Entry("rule", rule.id), ("when",), rule.when)


class Variant(NamedTuple):
    """A case with one other answer, or another progress of an action."""

    case: int
    fact: str
    value: FactValue


@dataclass(frozen=True, slots=True)
class Shown:
    """A test that was shown to decide.

    Attributes:
        subject: its condition.
        way: where the test stands in the condition.
        case: the case, by its place.
        other: the other case, or a variant of the first.
        alone: whether no other test of the condition changes between them.
    """

    subject: Subject
    way: Location
    case: int
    other: int | Variant
    alone: bool


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A territory that would show what is missing: a case, by its place, with other answers."""

    case: int
    answers: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that no case shows.

    Attributes:
        kind: what is missing.
        subject: of which condition.
        way: where the test stands in the condition; nothing of a whole condition.
        test: the test.
        nearest: a territory that shows it, as near to a case as there is one; nothing where none was found.
        possible: whether some territory shows it; unknown where there were too many to try, or none was looked for.
    """

    kind: LackKind
    subject: Subject
    way: Location
    test: Leaf | None
    nearest: Neighbour | None
    possible: bool | None


@dataclass(frozen=True)
class Coverage:
    """What the cases show of a rulebook.

    Attributes:
        results: of each case, in their order.
        subjects: every condition; under an overlay, its own.
        true: the conditions that are true in some case; `false`, those that are false in some.
        deciding: the rules that decide in some case.
        shown: the tests that are shown to decide.
        lacks: what no case shows.
        impossible: what no territory could show.
    """

    rulebook: Rulebook
    results: tuple[CaseResult, ...]
    subjects: tuple[Subject, ...]
    true: frozenset[Subject] = field(repr=False)
    false: frozenset[Subject] = field(repr=False)
    deciding: frozenset[str] = field(repr=False)
    shown: tuple[Shown, ...] = field(repr=False)
    lacks: tuple[Lack, ...]
    impossible: tuple[Lack, ...]

    @cached_property
    def tests(self) -> int:
        """How many tests the conditions have."""
        return sum(len([*leaves(subject.condition)]) for subject in self.subjects)


def subjects(rulebook: Rulebook) -> Iterator[Subject]:
    """Walk every condition of a rulebook: rules, then deductions, questions and criteria."""
    for rule in rulebook.rules.values():
        yield Subject.of_rule(rule)
    for deduction in rulebook.deductions:
        for place, outcome in enumerate(deduction.values):
            if outcome.when is not None:
                yield Subject(Entry("deduction", deduction.fact), ("values", place, "when"), outcome.when)
    for question in rulebook.questions:
        if question.asked_when is not None:
            yield Subject(Entry("question", question.id), ("asked_when",), question.asked_when)
    for index, stance in enumerate(rulebook.guide.stances):
        for position, stage in enumerate(stance.stages):
            for place, criterion in enumerate(stage.ready_when):
                way = ("stances", index, "stages", position, "ready_when", place, "when")
                yield Subject(Entry("guide", rulebook.guide.id), way, criterion.when)


def _own(rulebook: Rulebook) -> Iterator[Subject]:
    """Walk the conditions that cases have to show: under an overlay, its own; those of the guide have the guide's."""
    last = rulebook.overlays[-1].id if rulebook.overlays else None
    own = {(kind, name) for kind, origins in rulebook.origins.items() for name in origins if origins[name] == last}
    for subject in subjects(rulebook):
        if last is None or (subject.entry.kind, subject.entry.id) in own:
            yield subject


def measure(rulebook: Rulebook, results: Sequence[CaseResult]) -> Coverage:
    """Find out what cases show of a rulebook, and for what they do not, the nearest territory that would.

    >>> from conseil import load_rulebook
    >>> measure(load_rulebook(), ()).lacks[0].kind
    'never_true'
    """
    measuring = _Measuring(rulebook, results)
    found = tuple(_own(rulebook))
    lacks: list[Lack] = []
    shown: list[Shown] = []
    for subject in found:
        lacks += measuring.whole(subject)
        for one in measuring.tests(subject):
            if isinstance(one, Shown):
                shown.append(one)
            else:
                lacks.append(one)
    rules = [rulebook.rules[subject.entry.id] for subject in found if subject.entry.kind == "rule"]
    deciding = [rule.id for rule in rules if measuring.decides_in_a_case(rule)]
    return Coverage(
        rulebook=rulebook,
        results=tuple(results),
        subjects=found,
        true=frozenset(subject for subject in found if measuring.is_in_a_case(subject, wanted=True)),
        false=frozenset(subject for subject in found if measuring.is_in_a_case(subject, wanted=False)),
        deciding=frozenset(deciding),
        shown=tuple(shown),
        lacks=tuple(lack for lack in lacks if lack.possible is not False),
        impossible=tuple(lack for lack in lacks if lack.possible is False),
    )


# Cases and their variants


class _Measuring:
    """Every case, and every variant of each, as worlds: first the cases, then a block of them for each answer.

    The worlds of one case stand at the same place of every block.
    """

    def __init__(self, rulebook: Rulebook, results: Sequence[CaseResult]) -> None:
        self._rulebook = rulebook
        self._given = [_given(result.plan.known) for result in results]
        self._possible = {fact: _values(rulebook, fact) for fact in _varied(rulebook)}
        self._answers = [(fact, value) for fact, values in self._possible.items() for value in values]
        self._size = len(results)
        self._cases = (1 << self._size) - 1
        self._every = (1 << self._size * (len(self._answers) + 1)) - 1
        self._first_of_blocks = self._every // self._cases if results else 0
        # a draft that begins with a profile is short: those cases are the first to be tried
        self._short = [place for place, result in enumerate(results) if result.case.profile is not None]
        self._order = sorted(range(self._size), key=lambda place: place not in self._short)
        self._blocks: dict[str, Worlds] = {}
        for place, (fact, _) in enumerate(self._answers, start=1):
            self._blocks[fact] = self._blocks.get(fact, 0) | self._cases << place * self._size
        self._judged = WorldsJudged(rulebook, self._in_worlds(), self._every)
        self._verdicts: dict[Leaf, Verdicts] = {}
        self._decided: dict[str, Worlds] = {}

    def _in_worlds(self) -> dict[str, dict[FactValue, Worlds]]:
        """Return in which worlds which answer is given."""
        given: dict[str, dict[FactValue, Worlds]] = {}
        for place, facts in enumerate(self._given):
            for fact, value in facts.items():
                by_value = given.setdefault(fact, {})
                by_value[value] = by_value.get(value, 0) | 1 << place
        for fact, by_value in given.items():
            elsewhere = ~self._blocks.get(fact, 0)
            given[fact] = {value: self._in_all_blocks(cases) & elsewhere for value, cases in by_value.items()}
        for place, (fact, value) in enumerate(self._answers, start=1):
            by_value = given.setdefault(fact, {})
            by_value[value] = by_value.get(value, 0) | self._cases << place * self._size
        return given

    def _in_all_blocks(self, worlds: Worlds) -> Worlds:
        """Return the worlds of the cases that are among these, and of all of their variants."""
        return (worlds & self._cases) * self._first_of_blocks

    def _every_territory(self, condition: Condition, *, unknown: bool = False) -> _Every | None:
        return _Every.of(self._rulebook, condition, self._possible, unknown=unknown)

    def is_in_a_case(self, subject: Subject, *, wanted: bool) -> bool:
        judged = self._judged.judge(subject.condition)
        return bool((judged.true if wanted else judged.false) & self._cases)

    def decides_in_a_case(self, rule: Rule) -> bool:
        return bool(self._deciding(rule) & self._cases)

    def whole(self, subject: Subject) -> Iterator[Lack]:
        """Walk what is missing of a condition as a whole."""
        kinds: list[tuple[LackKind, bool]] = [("never_true", True), ("never_false", False)]
        for kind, wanted in kinds:
            if not self.is_in_a_case(subject, wanted=wanted) and (wanted or subject.condition != ALWAYS):
                every = self._every_territory(subject.condition)
                good = every.verdict(wanted=wanted) if every else 0
                yield Lack(kind, subject, (), None, self._nearest(every, good), bool(good) if every else None)
        rule = self._rulebook.rules.get(subject.entry.id) if subject.entry.kind == "rule" else None
        if rule is not None and not self.decides_in_a_case(rule):
            deciding = self._deciding(rule)
            found = self._variant(self._best(deciding)) if deciding else None
            nearest = Neighbour(found.case, {found.fact: found.value}) if found else None
            possible = True if found else False if self._never_decides(rule) else None
            yield Lack("never_decides", subject, (), None, nearest, possible)

    def _deciding(self, rule: Rule) -> Worlds:
        """Return the worlds in which a rule decides."""
        if rule.id not in self._decided:
            self._decided[rule.id] = self._decide(rule)
        return self._decided[rule.id]

    def _decide(self, rule: Rule) -> Worlds:
        action, true = rule.id.partition(".")[0], self._judged.judge(rule.when).true
        statuses = self._judged.statuses(action)
        if rule.effect in DECIDING:
            without = self._judged.statuses(action, without=rule.id)
            return true & ~reduce(or_, (statuses[status] & without[status] for status in statuses))
        if rule.effect != "reinforce":
            return true & reduce(or_, (statuses[status] for status in LIVE))
        left_out = statuses["excluded"] | statuses["not_retained"] | statuses["done"]
        moved = 0
        for counted, worlds in self._judged.counted(action).items():
            less = counted - {rule.id}
            if total_of(self._rulebook, action, counted) != total_of(self._rulebook, action, less):
                moved |= worlds
        return true & moved & ~left_out

    def _never_decides(self, rule: Rule) -> bool:
        """Say whether wherever a rule is true, another one of its action does the same; no, where that is too much."""
        if rule.effect not in DECIDING:
            return False
        action = self._rulebook.by_id[rule.id.partition(".")[0]]
        others = AnyOf(tuple(one.when for one in action.rules if one.effect == rule.effect and one is not rule))
        every = self._every_territory(AllOf((rule.when, others)), unknown=True)
        return every is not None and not every.without(rule.when, others)

    def tests(self, subject: Subject) -> Iterator[Shown | Lack]:
        """Walk the tests of a condition: how each is shown, or that it is not."""
        parts = [*leaves(subject.condition)]
        verdicts = [self._verdict(leaf) for _, leaf in parts]
        every: _Every | None = None
        for place, (way, leaf) in enumerate(parts):
            deciding = _deciding_tests(subject.condition, verdicts, place, self._every)
            found = self._shown(verdicts, place, deciding, leaf.fact, alone=True)
            if found is None:
                every = every or self._every_territory(subject.condition)
                alone = every is None or every.can_show(place, alone=True)
                if not alone:
                    found = self._shown(verdicts, place, deciding, leaf.fact, alone=False)
                if found is None:
                    near = self._nearest(every, every.showing(place, alone=alone)) if every else None
                    possible = None if every is None else alone or every.can_show(place, alone=False)
                    yield Lack("not_shown", subject, way, leaf, near, possible)
                    continue
            yield Shown(subject, way, *found)

    def _verdict(self, leaf: Leaf) -> Verdicts:
        if leaf not in self._verdicts:
            self._verdicts[leaf] = self._judged.judge(leaf)
        return self._verdicts[leaf]

    def _shown(
        self, verdicts: Sequence[Verdicts], place: int, deciding: Worlds, fact: str, *, alone: bool
    ) -> tuple[int, int | Variant, bool] | None:
        """Return two territories that show a test: two cases if there are such, else a case and a variant of it."""
        others = [judged for other, judged in enumerate(verdicts) if other != place]
        true, false = (worlds & deciding for worlds in verdicts[place])
        groups = _alike(others, self._cases) if alone else [self._cases]
        for group in groups:
            if group & true and group & false:
                return _lowest(group & true), _lowest(group & false), alone
        unchanged = self._every
        for judged in others if alone else []:
            for worlds in judged:
                unchanged &= ~(worlds ^ self._in_all_blocks(worlds))
        found = unchanged & ((true & self._in_all_blocks(false)) | (false & self._in_all_blocks(true)))
        if not found:
            return None
        variant = self._variant(found & self._blocks.get(fact, 0) or found)  # best by the fact that the test reads
        return variant.case, variant, alone

    def _variant(self, worlds: Worlds) -> Variant:
        """Return the first of some variants."""
        place, case = divmod(_lowest(worlds), self._size)
        return Variant(case, *self._answers[place - 1])

    def _best(self, variants: Worlds) -> Worlds:
        """Return those of some variants that are best to propose: what a collectivité can change, in a short case."""
        short = self._in_all_blocks(sum(1 << place for place in self._short))
        changing = _any(worlds for fact, worlds in self._blocks.items() if self._can_change(fact))
        ways = (changing & short, changing, short, self._every)
        return next(variants & some for some in ways if variants & some)

    def _can_change(self, fact: str) -> bool:
        return fact not in self._rulebook.vocabulary or self._rulebook.vocabulary[fact].actionable != "no"

    def _nearest(self, every: _Every | None, good: Worlds) -> Neighbour | None:
        """Return the case that has the fewest answers to change to become one of these territories."""
        if every is None or not good:
            return None
        like = {case: every.like(self._given[case]) for case in self._order}
        for kept in range(len(every.facts), -1, -1):
            for case, by_fact in like.items():
                for facts in combinations(every.facts, kept):
                    found = reduce(and_, (by_fact[fact] for fact in facts), good)
                    if found:
                        answers = every.answers(_lowest(found), self._given[case])
                        return Neighbour(case, {fact: answers[fact] for fact in answers if fact not in facts})
        return None


def _given(known: Known) -> dict[str, FactValue]:
    """Return all that was answered, the progress of actions included."""
    return {**known.given, **{PROGRESS + action: state for action, state in known.progress.items()}}


def _varied(rulebook: Rulebook) -> Iterator[str]:
    """Walk the facts that somebody can answer, and that some condition may read."""
    read = {leaf.fact for condition in rulebook.conditions for _, leaf in leaves(condition)}
    read |= {rulebook.guide.roles.scenario, rulebook.guide.roles.stage}
    for fact in rulebook.vocabulary.ordered(read):
        if fact.startswith(PROGRESS) or rulebook.vocabulary[fact].ask is not None:
            yield fact


def _values(rulebook: Rulebook, fact: str) -> list[FactValue]:
    """Return the answers that conditions can tell apart."""
    if fact.startswith(PROGRESS):
        return list(PROGRESS_VALUES)
    beside = [NOT_APPLICABLE] if rulebook.vocabulary[fact].not_applicable else []
    return [*rulebook.distinct_answers(fact), *beside]


def _lowest(worlds: Worlds) -> int:
    return (worlds & -worlds).bit_length() - 1


# Tests in a condition


def _deciding_tests(condition: Condition, verdicts: Sequence[Verdicts], place: int, every: Worlds) -> Worlds:
    """Return where a test decides: the condition is true with one verdict of it, and false with the other."""

    def forced(verdict: Verdicts) -> Verdicts:
        tests = iter([verdict if other == place else judged for other, judged in enumerate(verdicts)])
        return _judged_by_tests(condition, tests, every)

    with_it, without_it = forced(Verdicts(every, 0)), forced(Verdicts(0, every))
    return (with_it.true & without_it.false) | (with_it.false & without_it.true)


def _judged_by_tests(condition: Condition, verdicts: Iterator[Verdicts], every: Worlds) -> Verdicts:
    """Judge a condition by the verdicts of its tests, in the order of `leaves`."""
    match condition:
        case Not(part):
            return Verdicts(*reversed(_judged_by_tests(part, verdicts, every)))
        case Everything(parts) | AllOf(parts) | AnyOf(parts):
            judged = [_judged_by_tests(part, verdicts, every) for part in parts]
            all_true, any_true = reduce(and_, (one.true for one in judged), every), _any(one.true for one in judged)
            all_false, any_false = reduce(and_, (one.false for one in judged), every), _any(one.false for one in judged)
            return Verdicts(any_true, all_false) if isinstance(condition, AnyOf) else Verdicts(all_true, any_false)
        case _:
            return next(verdicts)


def _any(worlds: Iterator[Worlds]) -> Worlds:
    return reduce(or_, worlds, 0)


def _alike(verdicts: Sequence[Verdicts], worlds: Worlds) -> list[Worlds]:
    """Part worlds into those in which all of these verdicts are the same."""
    groups = [worlds]
    for true, false in verdicts:
        parted = [part for group in groups for part in (group & true, group & false, group & ~true & ~false)]
        groups = [part for part in parted if part]
    return groups


# Every territory


_Classes = Mapping[str, Sequence[Sequence[FactValue | None]]]
"""The answers to each fact; those that no test tells apart stand together. `None` is no answer."""


class _Every:
    """Every territory that a condition can tell apart, as worlds: all combinations of answers to the facts behind it.

    A fact that can be answered is; how it would be deduced is then no matter.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        condition: Condition,
        values: _Classes,
        possible: Mapping[str, Sequence[FactValue]],
    ) -> None:
        self._possible = possible
        self._condition = condition
        self._values = values
        self.facts = tuple(values)
        self._having: dict[str, list[Worlds]] = {}
        self._step: dict[str, int] = {}
        size = _count(values)
        self._all = (1 << size) - 1
        step = 1
        for fact, classes in values.items():
            period = step * len(classes)
            once, times = (1 << step) - 1, self._all // ((1 << period) - 1)
            self._having[fact] = [(once << step * place) * times for place in range(len(classes))]
            self._step[fact] = step
            step = period
        given = {
            fact: {
                alike[0]: worlds
                for alike, worlds in zip(values[fact], self._having[fact], strict=True)
                if alike[0] is not None
            }
            for fact in values
        }
        self._judged = WorldsJudged(rulebook, given, self._all)
        self._tests = [self._judged.judge(leaf) for _, leaf in leaves(condition)]

    @classmethod
    def of(
        cls, rulebook: Rulebook, condition: Condition, answers: Mapping[str, Sequence[FactValue]], *, unknown: bool
    ) -> _Every | None:
        """Return every territory, or nothing where there are too many of them.

        Args:
            rulebook: the rulebook.
            condition: the condition.
            answers: the answers to each fact that conditions can tell apart.
            unknown: also those of which some facts are not known. A verdict that is true or false stays so when they
                are told, so that they matter only where one condition is set against another.
        """
        values: dict[str, list[Sequence[FactValue | None]]] = {
            fact: [*classes] for fact, classes in _told_apart(rulebook, condition, answers).items()
        }
        for classes in values.values() if unknown else ():
            classes.append([None])
        return None if _count(values) > _MOST_TERRITORIES else cls(rulebook, condition, values, answers)

    def verdict(self, *, wanted: bool) -> Worlds:
        """Return where the condition is true, or false."""
        judged = self._judged.judge(self._condition)
        return judged.true if wanted else judged.false

    def without(self, condition: Condition, other: Condition) -> Worlds:
        """Return where a condition is true and another is not."""
        return self._judged.judge(condition).true & ~self._judged.judge(other).true

    def can_show(self, place: int, *, alone: bool) -> bool:
        """Say whether any two territories show a test."""
        return any(true and false for true, false in self._pairs(place, alone=alone))

    def showing(self, place: int, *, alone: bool) -> Worlds:
        """Return the territories that show a test beside a neighbour, which has one other answer."""
        found = 0
        for true, false in self._pairs(place, alone=alone):
            found |= (true & self._beside(false)) | (false & self._beside(true))
        return found

    def _pairs(self, place: int, *, alone: bool) -> Iterator[tuple[Worlds, Worlds]]:
        """Walk sets of territories where a test is true and decides, each with where it is false, and all is alike."""
        deciding = _deciding_tests(self._condition, self._tests, place, self._all)
        others = [judged for other, judged in enumerate(self._tests) if other != place]
        true, false = (worlds & deciding for worlds in self._tests[place])
        for group in _alike(others, self._all) if alone else [self._all]:
            yield true & group, false & group

    def _beside(self, worlds: Worlds) -> Worlds:
        """Return the territories that are one answer away from some of these."""
        found = 0
        for fact, having in self._having.items():
            there = [worlds & mask for mask in having]
            for place in range(len(having)):
                for start, some in enumerate(there):
                    shift = (place - start) * self._step[fact]
                    if shift and some:
                        found |= some << shift if shift > 0 else some >> -shift
        return found

    def like(self, given: Mapping[str, FactValue]) -> dict[str, Worlds]:
        """Return, for each fact, the territories that no test tells from one with these answers."""
        found = {}
        for fact, classes in self._values.items():
            value = given.get(fact)
            alike = (having for one, having in zip(classes, self._having[fact], strict=True) if value in one)
            found[fact] = next(alike, 0)
        return found

    def answers(self, place: int, near: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """Return the answers of a territory; of numbers that no test tells apart, those nearest to these ones."""
        return {
            fact: self._nearest(fact, told, near.get(fact))
            for fact, classes in self._values.items()
            if (told := [value for value in classes[place // self._step[fact] % len(classes)] if value is not None])
        }

    def _nearest(self, fact: str, alike: Sequence[FactValue], near: FactValue | None) -> FactValue:
        if not isinstance(near, int):
            return alike[0]
        starts = [start for start in self._possible[fact] if isinstance(start, int)]
        last = {start: following - 1 for start, following in pairwise(starts)}
        numbers = [min(max(near, start), last.get(start, near)) for start in alike if isinstance(start, int)]
        return min(numbers, key=lambda number: abs(number - near), default=alike[0])


def _count(values: Mapping[str, Sequence[object]]) -> int:
    return reduce(lambda count, classes: count * len(classes), values.values(), 1)


def _told_apart(
    rulebook: Rulebook, condition: Condition, answers: Mapping[str, Sequence[FactValue]]
) -> dict[str, list[list[FactValue]]]:
    """Return the answers to the facts behind a condition; those that no test there tells apart stand together."""
    tests = _tests_behind(rulebook, condition)
    roles = rulebook.guide.roles
    found: dict[str, list[list[FactValue]]] = {}
    for fact in rulebook.vocabulary.ordered(tests):
        if fact in answers:
            apart = fact in {roles.scenario, roles.stage}
            found[fact] = _classes(fact, answers[fact], tests[fact], apart=apart)
    return found


def _classes(fact: str, values: Sequence[FactValue], tests: Sequence[Leaf], *, apart: bool) -> list[list[FactValue]]:
    groups: dict[object, list[FactValue]] = {}
    for value in values:
        key = value if apart else tuple(evaluate(test, {fact: value}) for test in tests)
        groups.setdefault(key, []).append(value)
    return list(groups.values())


def _tests_behind(rulebook: Rulebook, condition: Condition) -> dict[str, list[Leaf]]:
    """Return the facts on which a condition rests, each with the tests that read it there."""
    roles, found = rulebook.guide.roles, dict[str, list[Leaf]]()
    waiting, seen = [condition], set[str]()
    while waiting:
        for _, leaf in leaves(waiting.pop()):
            found.setdefault(leaf.fact, []).append(leaf)
        if roles.stage in found:  # a stage counts where its scenario has it
            found.setdefault(roles.scenario, [])
        for fact in found.keys() - seen:
            seen.add(fact)
            if not fact.startswith(PROGRESS):
                waiting += _conditions_behind(rulebook, fact)
    return found


def _conditions_behind(rulebook: Rulebook, fact: str) -> Iterator[Condition]:
    question = rulebook.vocabulary[fact]
    if question.asked_when is not None:
        yield question.asked_when
    if question.ask is None:
        yield from (one.when for one in rulebook.deduction_of[fact].values if one.when is not None)
