"""The status, wave and score of every action, before any of them is ranked.

They rest on few things: the verdicts of the action's own rules, its progress, and what became of its prerequisites. The
same ones come back from one territory to the next, so what was judged once is kept, action by action.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from conseil.conditions import Verdict
from conseil.inference import Inference, Verdicts
from conseil.plan.score import Priority, Score, priority_of, score_of
from conseil.plan.status import Requirement, Status, possible_statuses, requirement_state
from conseil.profile import Known, Progress
from conseil.rulebook import Action, Effect, Rule, Rulebook

__all__ = ["DECIDING", "Judged", "Reason", "judge"]

DECIDING: tuple[Effect, ...] = ("recommend", "defer", "exclude")
"""The effects on which a status rests."""

_VERDICTS: tuple[Verdict, ...] = (True, False, None)

_MOST_KEPT = 4_096
"""What is kept of one action, so that memory stays flat whatever comes."""


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
        key = (true & one.rules, unknown & one.rules, progress.get(one.id), before)
        judged[one.id] = one.seen.get(key) or one.judged(key, verdicts, rulebook)
    return judged


_Key = tuple[int, int, Progress | None, tuple[_Standing, ...]]


_NOT_YET: Any = None  # keeps the place of an action until its prerequisites are judged


class _Judge:
    """Judges one action."""

    def __init__(self, action: Action, places: Mapping[str, int]) -> None:
        self.id = action.id
        self.requires = tuple(needed.action for needed in action.requires)
        self.rules = sum(1 << places[rule.id] for rule in action.rules)
        """The bits of its rules."""
        self.seen: dict[_Key, Judged] = {}
        self._action = action
        self._reasons = {(rule.id, verdict): Reason(rule, verdict) for rule in action.rules for verdict in _VERDICTS}

    def judged(self, key: _Key, verdicts: Verdicts[str], rulebook: Rulebook) -> Judged:
        _, _, progress, before = key
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
        score = score_of(self._action, verdicts, rulebook)
        settled = priority_of(score.low, rulebook) == priority_of(score.high, rulebook)
        wave = 1 + max(waves, default=0)
        found = Judged(
            action=self._action,
            status=status,
            possible=possible,
            score=score,
            priority=priority_of(score.total, rulebook),
            certain=status != "to_confirm" and settled,
            requires=tuple(Requirement(name, state) for name, state in zip(self.requires, states, strict=True)),
            essential=self.id in rulebook.essential_of,
            progress=progress or "unknown",
            reasons=tuple(self._reasons[rule.id, verdicts[rule.id]] for rule in self._action.rules_by_effect),
            wave=wave,
            standing=(status, possible, wave),
        )
        if len(self.seen) >= _MOST_KEPT:
            self.seen.clear()
        self.seen[key] = found
        return found


_judges: dict[int, tuple[_Judge, ...]] = {}


def _judges_of(rulebook: Rulebook) -> tuple[_Judge, ...]:
    """Return the judges of a rulebook, which last as long as it does."""
    found = _judges.get(id(rulebook))
    if found is None:
        found = _judges[id(rulebook)] = tuple(
            _Judge(action, rulebook.rule_places) for action in rulebook.prerequisites_first
        )
        weakref.finalize(rulebook, _judges.pop, id(rulebook), None)
    return found
