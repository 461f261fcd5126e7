"""Many near territories judged at once: in which of them a condition holds, and what becomes of an action.

A set of territories ("worlds") is an integer, a bit for each of them, so that one `&` joins two sets whatever their
size. The meaning is that of `inference.reference`, of `plan.status` and of `plan.score`, step by step; tests hold it to
them. Only what is asked for is worked out. What is found this way is then shown by a whole replay.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import NamedTuple, TypeVar

from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
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
from conseil.plan import POSSIBLE, Priority, Status
from conseil.plan.score import priority_of, score_of
from conseil.plan.status import DECIDING
from conseil.rulebook import Action, Deduction, Effect, Rulebook

__all__ = [
    "ByValue",
    "Tests",
    "Verdicts",
    "Worlds",
    "WorldsJudged",
    "facts_behind",
    "facts_behind_ranks",
    "given_in",
    "holding",
    "total_of",
    "with_prerequisites",
]

Worlds = int
"""A set of worlds: bit n stands for the world of place n."""

ByValue = Mapping[FactValue, Worlds]
"""In which worlds a fact has which value; in the others it is unknown."""

Tests = Mapping[str, Sequence[Leaf]]
"""The facts on which an action rests, each with the tests that read it there."""

Change = TypeVar("Change", bound=Hashable)


# How worlds are laid out


def holding(worlds: Sequence[Iterable[Change]]) -> dict[Change, Worlds]:
    """Return, for each change, the worlds in which it is made.

    >>> holding([(), ("a",), ("b",), ("a", "b")])
    {'a': 10, 'b': 12}
    """
    marks: dict[Change, bytearray] = {}
    for place, world in enumerate(worlds):
        for change in world:
            if change not in marks:
                marks[change] = bytearray(len(worlds) // 8 + 1)
            marks[change][place >> 3] |= 1 << (place & 7)
    return {change: int.from_bytes(mark, "little") for change, mark in marks.items()}


def given_in(
    today: Mapping[str, FactValue], changes: Iterable[tuple[str, FactValue | None, Worlds]], every: Worlds
) -> dict[str, dict[FactValue, Worlds]]:
    """Return which answers are given in which worlds: today's, where they are not changed.

    Args:
        today: what is answered today, progress of actions included.
        changes: facts, what they become (`None` where the answer is taken out), and in which worlds.
        every: all worlds.

    >>> given_in({"fact": "old"}, [("fact", "new", 0b10), ("other", 3, 0b11)], 0b11)
    {'fact': {'old': 1, 'new': 2}, 'other': {3: 3}}
    """
    given: dict[str, dict[FactValue, Worlds]] = {fact: {value: every} for fact, value in today.items()}
    for fact, value, worlds in changes:
        by_value = given.setdefault(fact, {})
        if fact in today:
            by_value[today[fact]] &= ~worlds
        if value is not None:
            by_value[value] = by_value.get(value, 0) | worlds
    return given


def facts_behind(rulebook: Rulebook, action: Action, *, scored: bool = False) -> Tests:
    """Return the facts on which the status of an action rests, or its score too: no other can change it.

    They are those of its rules, of its prerequisites', and those on which these facts rest in turn. Progress, and the
    scenario where its stage is read, count beside the tests, and may have none.
    """
    needed = list(with_prerequisites(rulebook, action))
    rules = (
        rule
        for one in needed
        for rule in one.rules
        if rule.effect in DECIDING or (scored and one is action and rule.has_points)
    )
    return _read(rulebook, (PROGRESS + one.id for one in needed), (rule.when for rule in rules))


def facts_behind_ranks(rulebook: Rulebook) -> frozenset[str]:
    """Return the facts on which ranks rest: those of every status and score, and the capacity."""
    found = {*_read(rulebook, [rulebook.guide.roles.capacity.question], [])}
    return frozenset(found.union(*(facts_behind(rulebook, action, scored=True) for action in rulebook.actions)))


def _read(rulebook: Rulebook, facts: Iterable[str], conditions: Iterable[Condition]) -> Tests:
    """Return these facts and those that the conditions read, with what these rest on in turn."""
    roles, tests, seen = rulebook.guide.roles, {fact: list[Leaf]() for fact in facts}, set[str]()
    while True:
        for condition in conditions:
            for _, leaf in leaves(condition):
                tests.setdefault(leaf.fact, []).append(leaf)
        if roles.stage in tests:  # a stage counts where its scenario has it
            tests.setdefault(roles.scenario, [])
        new = [fact for fact in tests if fact not in seen]
        if not new:
            return tests
        seen.update(new)
        conditions = [condition for fact in new for condition in _conditions_of(rulebook, fact)]


def _conditions_of(rulebook: Rulebook, fact: str) -> Iterator[Condition]:
    """Walk the conditions on which a fact rests: when it is asked, and how it is deduced."""
    if not fact.startswith(PROGRESS):
        question, deduction = rulebook.vocabulary[fact], rulebook.deduction_of.get(fact)
        behind = [question.asked_when, *(outcome.when for outcome in (deduction.values if deduction else ()))]
        yield from (condition for condition in behind if condition is not None)


def with_prerequisites(rulebook: Rulebook, action: Action) -> Iterator[Action]:
    """Walk an action and all that it requires, each once."""
    waiting = {action.id: action}
    seen: set[str] = set()
    while waiting:
        name, needed = waiting.popitem()
        seen.add(name)
        yield needed
        waiting |= {other.action: rulebook.by_id[other.action] for other in needed.requires if other.action not in seen}


# How they are judged


class Verdicts(NamedTuple):
    """Where a condition is true, and where it is false; elsewhere it is unknown."""

    true: Worlds
    false: Worlds


class WorldsJudged:
    """What a rulebook says of many worlds at once."""

    def __init__(self, rulebook: Rulebook, given: Mapping[str, ByValue], every: Worlds) -> None:
        """Keep what was answered in each world, progress of actions included; `every` holds all worlds."""
        self._rulebook = rulebook
        self._given = given
        self._every = every
        self._facts: dict[str, ByValue] = {}
        self._possible: dict[str, dict[Status, Worlds]] = {}

    def statuses(self, action: str, *, without: str | None = None) -> dict[Status, Worlds]:
        """Return in which worlds an action has each status, or would have without one of its rules."""
        done, doing = self._begun(action)
        possible = (
            self._possible_statuses(self._rulebook.by_id[action], without) if without else self._possible_of(action)
        )
        several = _union(one & other for one, other in combinations(possible.values(), 2))
        alone: dict[Status, Worlds] = {status: worlds & ~several for status, worlds in possible.items()}
        return {"done": done, "in_progress": doing, "to_confirm": several, **alone}

    def priorities(self, action: str) -> dict[Priority, Worlds]:
        """Return in which worlds an action has each priority: those where the same rules count have the same score."""
        found: dict[Priority, Worlds] = {}
        for counted, worlds in self.counted(action).items():
            priority = priority_of(total_of(self._rulebook, action, counted), self._rulebook)
            found[priority] = found.get(priority, 0) | worlds
        return found

    def counted(self, action: str) -> dict[frozenset[str], Worlds]:
        """Return in which worlds which rules of an action count in its score."""
        shares = {frozenset[str](): self._every}
        for rule in (rule for rule in self._rulebook.by_id[action].rules if rule.has_points):
            true, _ = self.judge(rule.when)
            split = {counted | {rule.id}: worlds & true for counted, worlds in shares.items()}
            split |= {counted: worlds & ~true for counted, worlds in shares.items()}
            shares = {counted: worlds for counted, worlds in split.items() if worlds}
        return shares

    def values(self, fact: str) -> ByValue:
        """Return in which worlds a fact has which value, once it is settled: see `inference.reference`."""
        if fact not in self._facts:
            self._facts[fact] = self._given.get(fact, {}) if fact.startswith(PROGRESS) else self._settled(fact)
        return self._facts[fact]

    def _settled(self, fact: str) -> ByValue:
        asked_when = self._rulebook.vocabulary[fact].asked_when
        applies, excluded = Verdicts(self._every, 0) if asked_when is None else self.judge(asked_when)
        counting = {value: worlds & self._counting(fact, value) for value, worlds in self._given.get(fact, {}).items()}
        found = {value: worlds & applies for value, worlds in counting.items()}
        if fact in self._rulebook.deduction_of:
            self._deduce(self._rulebook.deduction_of[fact], applies & ~_union(counting.values()), found)
        found[NOT_APPLICABLE] = found.get(NOT_APPLICABLE, 0) | excluded
        return found

    def _counting(self, fact: str, value: FactValue) -> Worlds:
        """Return where an answer counts: a stage, only where every scenario that is possible has it."""
        roles = self._rulebook.guide.roles
        if fact != roles.stage:
            return self._every
        scenarios = self._given.get(roles.scenario, {})
        unknown = self._every & ~_union(scenarios.values())
        lacking = [
            scenarios.get(stance.scenario, 0) | unknown
            for stance in self._rulebook.guide.stances
            if value not in {described.stage for described in stance.stages}
        ]
        return self._every & ~_union(lacking)

    def _deduce(self, deduction: Deduction, reached: Worlds, found: dict[FactValue, Worlds]) -> None:
        """Add the values of a deduction: the first whose condition is true, unless an unknown one comes before."""
        for outcome in deduction.values:
            true, false = Verdicts(0, 0) if outcome.when is None else self.judge(outcome.when)
            found[outcome.value] = found.get(outcome.value, 0) | (reached & true)
            reached &= false
        last = deduction.otherwise.value
        found[last] = found.get(last, 0) | reached

    def judge(self, condition: Condition) -> Verdicts:
        """Return where a condition is true, and where it is false."""
        match condition:
            case Not(part):
                return Verdicts(*reversed(self.judge(part)))
            case Everything(parts) | AllOf(parts):
                judged = [self.judge(part) for part in parts]
                return Verdicts(
                    reduce(and_, (true for true, _ in judged), self._every), _union(false for _, false in judged)
                )
            case AnyOf(parts):
                judged = [self.judge(part) for part in parts]
                return Verdicts(
                    _union(true for true, _ in judged), reduce(and_, (false for _, false in judged), self._every)
                )
            case _:
                return self._test(condition)

    def _test(self, leaf: Leaf) -> Verdicts:
        true = false = 0
        for value, worlds in self.values(leaf.fact).items():
            if evaluate(leaf, {leaf.fact: value}):
                true |= worlds
            else:
                false |= worlds
        return Verdicts(true, false)

    def _begun(self, action: str) -> tuple[Worlds, Worlds]:
        progress = self.values(PROGRESS + action)
        return progress.get("done", 0), progress.get("doing", 0)

    def _possible_of(self, action: str) -> dict[Status, Worlds]:
        """Return in which worlds an action that has not begun can turn out to have each status: see `plan.status`."""
        if action not in self._possible:
            self._possible[action] = self._possible_statuses(self._rulebook.by_id[action])
        return self._possible[action]

    def _possible_statuses(self, action: Action, without: str | None = None) -> dict[Status, Worlds]:
        exclude, recommend, defer = (self._effect(action, effect, without) for effect in DECIDING)
        waiting, free = defer
        for needed in action.requires:
            before = self.statuses(needed.action)
            waiting |= before["deferred"]
            free &= ~(before["deferred"] | (before["to_confirm"] & self._possible_of(needed.action)["deferred"]))
        not_begun = self._every & ~_union(self._begun(action.id))
        open_ = not_begun & ~exclude.true
        found: dict[Status, Worlds] = {
            "recommended": open_ & ~recommend.false & ~waiting,
            "deferred": open_ & ~recommend.false & ~free,
            "not_retained": open_ & ~recommend.true,
            "excluded": not_begun & ~exclude.false,
        }
        return {status: found[status] for status in POSSIBLE}

    def _effect(self, action: Action, effect: Effect, without: str | None) -> Verdicts:
        rules = (rule for rule in action.rules if rule.effect == effect and rule.id != without)
        return self.judge(AnyOf(tuple(rule.when for rule in rules)))


def total_of(rulebook: Rulebook, action: str, counted: Collection[str]) -> int:
    """Return the total of an action where these rules count: what is unknown only makes the interval."""
    acting = rulebook.by_id[action]
    return score_of(acting, {rule.id: rule.id in counted for rule in acting.rules}, rulebook).total


def _union(worlds: Iterable[Worlds]) -> Worlds:
    return reduce(or_, worlds, 0)
