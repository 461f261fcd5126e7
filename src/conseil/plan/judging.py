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
from conseil.plan.status import DECIDING, Requirement, Status, requirement_state, statuses_left
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
    verdicts, progress = Verdicts.of(inference.rules, rulebook.rule_places), known.progress
    # as texts of 0 and 1, from which an action's own take as long to cut out however many rules there are
    true, unknown = (f"{bits:0{len(verdicts)}b}" for bits in (verdicts.true, verdicts.unknown))
    judged: dict[str, Judged] = dict.fromkeys(rulebook.by_id, _NOT_YET)
    for one in _judges_of(rulebook):
        own, requires = one.own, one.requires
        before = tuple([judged[name].standing for name in requires]) if requires else ()
        key = (true[own], unknown[own], progress.get(one.id), before)
        judged[one.id] = one.seen.get(key) or one.judged(key, rulebook)
    return judged


_Key = tuple[str, str, Progress | None, tuple[_Standing, ...]]
"""All on which what becomes of an action rests: which of its rules are true, and which unknown, each a 0 or a 1; its
progress; and its prerequisites."""

_Deciding = tuple[int, int, Progress | None, tuple[_Standing, ...]]
"""All on which its status rests: the same, with the bits of some of its rules."""

_Pointed = tuple[int, int]
"""All on which its score rests: the bits of its rules that have points."""


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

_K = TypeVar("_K")
_T = TypeVar("_T")


class _Table(dict[_K, _T]):
    """What was found for the keys that came, as long as they are not too many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: _K, found: _T) -> _T:
        if len(self) >= self._most:
            self.clear()
        self[key] = found
        return found


class _Judge:
    """Judges one action; it does not hold the rulebook, or that would never be let go.

    Its status rests on few of its rules, and its score on others: each has a table of its own, in which most of what
    comes was seen before, however new the territory.
    """

    def __init__(self, action: Action, rulebook: Rulebook, most: int) -> None:
        self.id = action.id
        self.requires = tuple(needed.action for needed in action.requires)
        rules, places = action.rules, rulebook.rule_places
        end = len(places) - places[rules[0].id]
        self.own = slice(end - len(rules), end)
        """Where its rules stand in the text of the bits of all rules: a number is written with its first bit last."""
        self.seen = _Table[_Key, Judged](most)
        self._stated = _Table[_Deciding, _Stated](most)
        self._scored = _Table[_Pointed, _Scored](most)
        self._action = action
        self._essential = action.id in rulebook.essential_of
        self._scoring = Scoring(action, rulebook)
        own = {rule.id: 1 << place for place, rule in enumerate(rules)}
        self._of_effect = [sum(own[rule.id] for rule in rules if rule.effect == effect) for effect in DECIDING]
        self._deciding = sum(self._of_effect)
        self._pointed = sum(own[rule.id] for rule in rules if rule.has_points)
        self._reasons = [
            (own[rule.id], Reason(rule, True), Reason(rule, False), Reason(rule, None))  # noqa: FBT003 - verdicts
            for rule in action.rules_by_effect
        ]

    def forget(self) -> None:
        for table in (self.seen, self._stated, self._scored):
            table.clear()

    def judged(self, key: _Key, rulebook: Rulebook) -> Judged:
        true, unknown, progress, before = int(key[0], 2), int(key[1], 2), key[2], key[3]
        deciding = (true & self._deciding, unknown & self._deciding, progress, before)
        stated = self._stated.get(deciding) or self._stated.keep(deciding, self._state(*deciding))
        status, possible, requires, standing = stated
        pointed = (true & self._pointed, unknown & self._pointed)
        scored = self._scored.get(pointed) or self._scored.keep(pointed, self._score(*pointed, rulebook))
        score, priority, settled = scored
        reasons = [
            held if true & bit else open_ if unknown & bit else not_held for bit, held, not_held, open_ in self._reasons
        ]
        return self.seen.keep(
            key,
            Judged(
                self._action,
                status,
                possible,
                score,
                priority,
                settled and status != "to_confirm",
                requires,
                self._essential,
                progress or "unknown",
                tuple(reasons),
                standing[2],
                standing,
            ),
        )

    def _state(self, true: int, unknown: int, progress: Progress | None, before: tuple[_Standing, ...]) -> _Stated:
        states = [requirement_state(status) for status, _, _ in before]
        possible: tuple[Status, ...]
        if progress == "done":
            possible = ("done",)
        elif progress == "doing":
            possible = ("in_progress",)
        else:
            exclude, recommend, defer = [
                True if true & own else None if unknown & own else False for own in self._of_effect
            ]
            possible = statuses_left(
                exclude, recommend, defer, zip(states, [might for _, might, _ in before], strict=True)
            )
        status: Status = possible[0] if len(possible) == 1 else "to_confirm"
        waves = [wave for state, (_, _, wave) in zip(states, before, strict=True) if state in {"live", "to_confirm"}]
        requires = tuple(map(Requirement, self.requires, states))
        return _Stated(status, possible, requires, (status, possible, 1 + max(waves, default=0)))

    def _score(self, true: int, unknown: int, rulebook: Rulebook) -> _Scored:
        score = self._scoring.score(true, unknown)
        settled = priority_of(score.low, rulebook) == priority_of(score.high, rulebook)
        return _Scored(score, priority_of(score.total, rulebook), settled)


_judges: dict[int, tuple[_Judge, ...]] = {}


def forget() -> None:
    """Forget what was judged, whatever the rulebook: nothing but time is lost."""
    for judges in _judges.values():
        for one in judges:
            one.forget()


def _judges_of(rulebook: Rulebook) -> tuple[_Judge, ...]:
    """Return the judges of a rulebook, which last as long as it does."""
    found = _judges.get(id(rulebook))
    if found is None:
        most = max(16, _MOST_KEPT // len(rulebook.actions))
        found = _judges[id(rulebook)] = tuple(_Judge(action, rulebook, most) for action in rulebook.prerequisites_first)
        weakref.finalize(rulebook, _judges.pop, id(rulebook), None)
    return found
