"""The whole comparison of two states of a rulebook, in one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conseil.authoring.difference.changes import Change, changes
from conseil.authoring.difference.consequences import CaseMoved, PlanMoved, cases_moved, plans_moved
from conseil.authoring.difference.revisions import State
from conseil.errors import InvalidInput, Problem

if TYPE_CHECKING:  # proofs need z3, and all the rest does without it
    from conseil.authoring.difference.proofs import Proof

__all__ = ["Difference", "compare"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two states of a rulebook, and what that changes.

    Attributes:
        before: the first state.
        after: the second one.
        changes: what changed, entry by entry.
        plans: the carried territories of this guide, and what moved in the plan of each.
        cases: the cases that hold with one state only.
        proofs: for each action of both, whether its status can differ; nothing where that was not asked of z3.
        comparable: whether any territory can be read by both states.
        seconds: the time that was given to proofs.
    """

    before: State
    after: State
    changes: tuple[Change, ...]
    plans: tuple[PlanMoved, ...]
    cases: tuple[CaseMoved, ...]
    proofs: tuple[Proof, ...] | None
    comparable: bool
    seconds: float


def compare(before: State, after: State, seconds: float, *, proved: bool) -> Difference:
    """Compare two states of a rulebook.

    Args:
        before: the first state.
        after: the second one.
        seconds: the time given to proofs.
        proved: whether to prove what can differ, which takes z3.

    Raises:
        InvalidInput: they are two guides.
    """
    ids = before.rulebook.guide.id, after.rulebook.guide.id
    if ids[0] != ids[1]:
        message = f"ce sont deux guides : `{ids[0]}` dans `{before.name}`, et `{ids[1]}` ici"
        raise InvalidInput([Problem(after.name, None, None, message, "comparez deux états d’un même guide")])
    found = None
    if proved:
        from conseil.authoring.difference.proofs import proofs  # noqa: PLC0415 - it needs z3

        found = proofs(before.rulebook, after.rulebook, seconds)
    return Difference(
        before=before,
        after=after,
        changes=changes(before.rulebook, after.rulebook),
        plans=plans_moved(before.rulebook, after.rulebook),
        cases=cases_moved(before, after),
        proofs=found,
        comparable=not proved or found is not None,
        seconds=seconds,
    )
