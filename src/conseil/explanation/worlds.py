"""Many territories judged at once: in which of them a condition holds, and which status an action has.

A set of territories ("worlds") is an integer, a bit for each of them, so that one `&` joins two sets whatever their
size. The meaning is that of `inference.reference` and of `plan.status`, step by step; tests hold it to them. Only what
is asked for is worked out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from itertools import combinations
from operator import and_, or_
from typing import NamedTuple

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
)
from conseil.plan import POSSIBLE, Status
from conseil.rulebook import Action, Deduction, Effect, Rulebook

__all__ = ["ByValue", "Verdicts", "Worlds", "WorldsJudged"]

Worlds = int
"""A set of worlds: bit n stands for the world of place n."""

ByValue = Mapping[FactValue, Worlds]
"""In which worlds a fact has which value; in the others it is unknown."""


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

    def statuses(self, action: str) -> dict[Status, Worlds]:
        """Return in which worlds an action has each status."""
        done, doing = self._begun(action)
        possible = self._possible_of(action)
        several = _union(one & other for one, other in combinations(possible.values(), 2))
        alone: dict[Status, Worlds] = {status: worlds & ~several for status, worlds in possible.items()}
        return {"done": done, "in_progress": doing, "to_confirm": several, **alone}

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

    def _possible_statuses(self, action: Action) -> dict[Status, Worlds]:
        exclude, recommend, defer = (self._effect(action, effect) for effect in ("exclude", "recommend", "defer"))
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

    def _effect(self, action: Action, effect: Effect) -> Verdicts:
        return self.judge(AnyOf(tuple(rule.when for rule in action.rules if rule.effect == effect)))


def _union(worlds: Iterable[Worlds]) -> Worlds:
    return reduce(or_, worlds, 0)
