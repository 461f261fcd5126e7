"""The status of an action: what its rules and its prerequisites leave possible.

Progress comes first: an action that is done is `done`, one under way is `in_progress`. Otherwise an exclusion wins over
all, an action that nothing recommends is not retained, an obstacle defers it, and what is left is recommended. Where
unknown verdicts leave several of these possible, the action is `to_confirm`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import compress
from typing import Literal, NamedTuple

from conseil.conditions import Verdict
from conseil.rulebook import Action, Effect

__all__ = [
    "DECIDING",
    "POSSIBLE",
    "Requirement",
    "RequirementState",
    "Status",
    "any_true",
    "effect_verdict",
    "possible_statuses",
    "requirement_state",
    "statuses_left",
]

Status = Literal["done", "in_progress", "recommended", "deferred", "not_retained", "excluded", "to_confirm"]

POSSIBLE: tuple[Status, ...] = ("recommended", "deferred", "not_retained", "excluded")
"""What an action that has not begun can turn out to be."""

DECIDING: tuple[Literal["exclude", "recommend", "defer"], ...] = ("exclude", "recommend", "defer")
"""The effects on which a status rests."""

RequirementState = Literal["done", "live", "deferred", "waived", "to_confirm"]


class Requirement(NamedTuple):
    """A prerequisite, and what it is on this territory.

    `live` comes in an earlier wave; `deferred` defers what needs it; `waived` means excluded or not retained, so that
    nothing is waited for; `to_confirm` counts as if it were recommended.
    """

    action: str
    state: RequirementState


def any_true(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the Kleene `or` of verdicts.

    >>> any_true([False, None]), any_true([None, True]), any_true([])
    (None, True, False)
    """
    found: Verdict = False
    for verdict in verdicts:
        if verdict:
            return True
        if verdict is None:
            found = None
    return found


def effect_verdict(action: Action, effect: Effect, verdicts: Mapping[str, Verdict]) -> Verdict:
    """Return the verdict of an effect on an action: the Kleene `or` of its rules of that effect."""
    return any_true(verdicts[rule.id] for rule in action.rules if rule.effect == effect)


def possible_statuses(
    action: Action, verdicts: Mapping[str, Verdict], requirements: Iterable[tuple[RequirementState, tuple[Status, ...]]]
) -> tuple[Status, ...]:
    """Return every status that the action can turn out to have, the likeliest news first.

    Args:
        action: an action that is neither done nor under way.
        verdicts: of its rules.
        requirements: of each prerequisite, its state and what it can turn out to be.
    """
    exclude, recommend, defer = (effect_verdict(action, effect, verdicts) for effect in DECIDING)
    return statuses_left(exclude, recommend, defer, requirements)


def statuses_left(
    exclude: Verdict,
    recommend: Verdict,
    defer: Verdict,
    requirements: Iterable[tuple[RequirementState, tuple[Status, ...]]],
) -> tuple[Status, ...]:
    """Return what the verdicts of these effects leave possible: see `possible_statuses`."""
    waiting = defer
    for state, possible in requirements:
        if state == "deferred":
            waiting = True
        elif state == "to_confirm" and "deferred" in possible and waiting is False:
            waiting = None
    open_ = exclude is not True
    found = (  # in the order of `POSSIBLE`
        open_ and recommend is not False and waiting is not True,
        open_ and recommend is not False and waiting is not False,
        open_ and recommend is not True,
        exclude is not False,
    )
    return tuple(compress(POSSIBLE, found))


def requirement_state(status: Status) -> RequirementState:
    """Return what a prerequisite of that status means for the action that needs it."""
    match status:
        case "done":
            return "done"
        case "deferred":
            return "deferred"
        case "to_confirm":
            return "to_confirm"
        case "excluded" | "not_retained":
            return "waived"
        case "recommended" | "in_progress":
            return "live"
