"""What a status rests on, and which part of that turned it into another.

A status follows from the progress of the action, the verdicts of three effects, and its prerequisites. Between two days
or two territories several of these may change, and not all of them matter: an exclusion settles the status whatever
recommends the action. What turned it is found by replay: the fewest parts which, changed alone, give the other status.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

from conseil.conditions import Verdict
from conseil.plan import Status
from conseil.plan.status import DECIDING, RequirementState, possible_statuses
from conseil.rulebook import Action

__all__ = ["GROUNDS", "Ground", "Grounds", "counts", "irreducible", "turned"]

Ground = Literal["progress", "exclude", "recommend", "defer", "requires"]
GROUNDS: tuple[Ground, ...] = ("progress", "exclude", "recommend", "defer", "requires")
"""The parts on which a status rests: the progress of the action, its effects, its prerequisites."""

_STAND_IN = Action.model_validate(
    {
        "id": "stand-in",
        "step": "any",
        "title": "any",
        "source": {"section": "any", "quote": "any"},
        "rules": [
            {"id": f"stand-in.{effect}", "effect": effect, "when": "always", "because": "any"}
            | {"basis": "editorial", "rationale": "any"}
            | ({"unlocked_by": {"actions": ["any"]}} if effect == "defer" else {})
            for effect in DECIDING
        ],
    }
)
"""An action with one rule an effect, whose verdict is that of the effect."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that a status rests on.

    Attributes:
        progress: of the action itself.
        exclude: the verdict of its exclusions.
        recommend: of what recommends it.
        defer: of its obstacles.
        requires: of each prerequisite, its state and what it can turn out to be.
    """

    progress: str | None
    exclude: Verdict
    recommend: Verdict
    defer: Verdict
    requires: Sequence[tuple[RequirementState, tuple[Status, ...]]]

    @property
    def status(self) -> Status:
        """The status that they give.

        >>> Grounds(None, exclude=False, recommend=True, defer=False, requires=()).status
        'recommended'
        """
        if self.progress == "done":
            return "done"
        if self.progress == "doing":
            return "in_progress"
        verdicts: dict[str, Verdict] = {f"stand-in.{effect}": getattr(self, effect) for effect in DECIDING}
        possible = possible_statuses(_STAND_IN, verdicts, self.requires)
        return possible[0] if len(possible) == 1 else "to_confirm"


def turned(before: Grounds, after: Grounds) -> tuple[Ground, ...]:
    """Return what turned one status into the other; where several would do, each of them.

    >>> before = Grounds(None, exclude=False, recommend=True, defer=False, requires=())
    >>> turned(before, Grounds(None, exclude=True, recommend=False, defer=False, requires=()))
    ('exclude',)
    """
    differing = [ground for ground in GROUNDS if getattr(before, ground) != getattr(after, ground)]
    for size in range(1, len(differing) + 1):
        found: set[Ground] = set()
        for grounds in combinations(differing, size):
            changed: dict[str, Any] = {ground: getattr(after, ground) for ground in grounds}
            if replace(before, **changed).status == after.status:
                found.update(grounds)
        if found:
            return tuple(ground for ground in GROUNDS if ground in found)
    return ()


def counts(before: Verdict, after: Verdict, effect: Verdict) -> bool:
    """Say whether a rule whose verdict changed has a part in the new verdict of its effect.

    One true rule is enough for a true effect; all rules are false for a false one.

    >>> counts(False, None, True), counts(True, False, False), counts(True, False, None)
    (False, True, True)
    """
    if effect is None:
        return after is None or before is True
    return after is effect


def irreducible(facts: Sequence[str], give: Callable[[tuple[str, ...]], bool]) -> tuple[str, ...]:
    """Take out of facts that give something together each one that can be spared, until none can.

    >>> irreducible("abcd", lambda facts: {"a", "c"} <= set(facts))
    ('a', 'c')
    """
    kept, tried = tuple(facts), None
    while kept != tried:  # what could not be spared at first may be, once others are gone
        tried = kept
        for fact in reversed(tried):
            rest = tuple(name for name in kept if name != fact)
            if give(rest):
                kept = rest
    return kept
