"""The status, wave and score of every action, before any of them is ranked.

They rest on few things: the verdicts of the action's own rules, its progress, and what became of its prerequisites. The
same ones come back from one territory to the next, so what was judged is kept, action by action, within a bound.
"""

from __future__ import annotations

import weakref
from typing import Any, Literal, NamedTuple, TypeVar

from conseil.conditions import Verdict
from conseil.inference import Inference, Verdicts
from conseil.plan.score import Priority, Score, Scoring, priority_of
from conseil.plan.status import DECIDING, Requirement, Status, possible_statuses, requirement_state
from conseil.profile import Known, Progress
from conseil.rulebook import Action, Rule, Rulebook

__all__ = ["Judged", "Reason", "forget", "judge"]

_MOST_KEPT = 12_000
"""What is kept of a rulebook in each kind of table, so that memory stays flat whatever comes; see `_Judge`."""


class Reason(NamedTuple):
    """A rule of an action and its verdict; `Plan.cites` tells the facts that made it."""

    rule: Rule
    verdict: Verdict


_Standing = tuple[Status, tuple[Status, ...], int]


class Judged(NamedTuple):
    """What is known of an action before it is compared with the others; `plan.model.Item` tells the other fields.

    Attributes:
        wave: the one in which it comes, or would.
        standing: what of it matters to the actions that require it: status, possible ones, and wave.
    """

    action: Action
    status: Status
    possible: tuple[Status, ...]
    score: Score
    priority: Priority
    certain: bool
    requires: tuple[Requirement, ...]
    essential: bool
    progress: Literal["todo", "doing", "done", "unknown"]
    reasons: tuple[Reason, ...]
    wave: int
    standing: _Standing


def judge(rulebook: Rulebook, known: Known, inference: Inference) -> dict[str, Judged]:
    """Return the status, wave and score of every action, in the order of the rulebook."""
    verdicts = Verdicts.of(inference.rules, rulebook.rule_places)
    true, unknown, progress = verdicts.true, verdicts.unknown, known.progress
    judged: dict[str, Judged] = dict.fromkeys(rulebook.by_id, _NOT_YET)
    for one in _judges_of(rulebook):
        before = tuple([judged[name].standing for name in one.requires])
        key = (true >> one.first & one.rules, unknown >> one.first & one.rules, progress.get(one.id), before)
        judged[one.id] = one.seen.get(key) or one.judged(key, verdicts, rulebook)
    return judged


_Key = tuple[int, int, Progress | None, tuple[_Standing, ...]]
"""All on which what becomes of an action rests: the bits of its rules that are true, those of the unknown ones, its
progress, and its prerequisites."""


class _Stated(NamedTuple):
    status: Status
    possible: tuple[Status, ...]
    requires: tuple[Requirement, ...]
    standing: _Standing


class _Scored(NamedTuple):
    score: Score
    priority: Priority
    settled: bool


_NOT_YET: Any = None  # keeps the place of an action until its prerequisites are judged

_T = TypeVar("_T")


class _Table(dict[_Key, _T]):
    """What was found for the keys that came, as long as they are not too many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: _Key, found: _T) -> _T:
        if len(self) >= self._most:
            self.clear()
        self[key] = found
        return found


class _Judge:
    """Judges one action.

    Its status rests on few of its rules, and its score on others: each has a table of its own, in which most of what
    comes was seen before, however new the territory.
    """

    def __init__(self, action: Action, rulebook: Rulebook, most: int) -> None:
        self.id = action.id
        self.requires = tuple(needed.action for needed in action.requires)
        places = rulebook.rule_places
        self.first = next((places[rule.id] for rule in action.rules), 0)
        """The bit of its first rule; the others follow."""
        self.rules = (1 << len(action.rules)) - 1
        self.seen = _Table[Judged](most)
        self._stated = _Table[_Stated](most)
        self._scored = _Table[_Scored](most)
        self._action = action
        self._scoring = Scoring(action, rulebook)
        own = {rule.id: 1 << place for place, rule in enumerate(action.rules)}
        self._deciding = sum(own[rule.id] for rule in action.rules if rule.effect in DECIDING)
        self._pointed = sum(own[rule.id] for rule in action.rules if rule.has_points)
        self._reasons = [
            (own[rule.id], Reason(rule, True), Reason(rule, False), Reason(rule, None))  # noqa: FBT003 - verdicts
            for rule in action.rules_by_effect
        ]

    def judged(self, key: _Key, verdicts: Verdicts[str], rulebook: Rulebook) -> Judged:
        true, unknown, progress, before = key
        stated_by: _Key = (true & self._deciding, unknown & self._deciding, progress, before)
        stated = self._stated.get(stated_by) or self._stated.keep(stated_by, self._state(progress, before, verdicts))
        scored_by: _Key = (true & self._pointed, unknown & self._pointed, None, ())
        scored = self._scored.get(scored_by) or self._scored.keep(scored_by, self._score(true, unknown, rulebook))
        found = Judged(
            action=self._action,
            status=stated.status,
            possible=stated.possible,
            score=scored.score,
            priority=scored.priority,
            certain=stated.status != "to_confirm" and scored.settled,
            requires=stated.requires,
            essential=self.id in rulebook.essential_of,
            progress=progress or "unknown",
            reasons=tuple(
                [
                    held if true & bit else open_ if unknown & bit else not_held
                    for bit, held, not_held, open_ in self._reasons
                ]
            ),
            wave=stated.standing[2],
            standing=stated.standing,
        )
        return self.seen.keep(key, found)

    def _state(self, progress: Progress | None, before: tuple[_Standing, ...], verdicts: Verdicts[str]) -> _Stated:
        states = [requirement_state(status) for status, _, _ in before]
        possible: tuple[Status, ...]
        if progress == "done":
            possible = ("done",)
        elif progress == "doing":
            possible = ("in_progress",)
        else:
            might_be = [found for _, found, _ in before]
            possible = possible_statuses(self._action, verdicts, list(zip(states, might_be, strict=True)))
        status: Status = possible[0] if len(possible) == 1 else "to_confirm"
        waves = [wave for state, (_, _, wave) in zip(states, before, strict=True) if state in {"live", "to_confirm"}]
        requires = tuple(Requirement(name, state) for name, state in zip(self.requires, states, strict=True))
        return _Stated(status, possible, requires, (status, possible, 1 + max(waves, default=0)))

    def _score(self, true: int, unknown: int, rulebook: Rulebook) -> _Scored:
        score = self._scoring.score(true, unknown)
        settled = priority_of(score.low, rulebook) == priority_of(score.high, rulebook)
        return _Scored(score, priority_of(score.total, rulebook), settled)


_judges: dict[int, tuple[_Judge, ...]] = {}


def forget() -> None:
    """Forget what was judged, whatever the rulebook: nothing but time is lost."""
    _judges.clear()


def _judges_of(rulebook: Rulebook) -> tuple[_Judge, ...]:
    """Return the judges of a rulebook, which last as long as it does."""
    found = _judges.get(id(rulebook))
    if found is None:
        most = max(16, _MOST_KEPT // len(rulebook.actions))
        found = _judges[id(rulebook)] = tuple(_Judge(action, rulebook, most) for action in rulebook.prerequisites_first)
        weakref.finalize(rulebook, _judges.pop, id(rulebook), None)
    return found
