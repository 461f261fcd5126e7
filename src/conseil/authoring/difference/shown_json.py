"""A difference as JSON: a contract with other applications, whose schema is `docs/difference.schema.json`.

All keys are always present. `proofs` is `null` where z3 is not installed, or no territory can be read by both states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from conseil.authoring.difference.changes import ChangeKind, EntryKind
from conseil.authoring.difference.consequences import PlanMoved
from conseil.authoring.difference.model import Difference
from conseil.authoring.difference.revisions import State
from conseil.authoring.verification.witnesses import ExportedWitness, export_witness
from conseil.comparison import Standing
from conseil.contract import Contract
from conseil.evolution import Origin
from conseil.exported import ExportedRulebook, export_rulebook
from conseil.plan import Priority, Status

if TYPE_CHECKING:  # proofs need z3, and all the rest is exported without it
    from conseil.authoring.difference.proofs import Proof

__all__ = ["ExportedDifference", "export_difference"]


class ExportedState(Contract):
    """A state of the rules, under the name by which it was asked for."""

    name: str
    rulebook: ExportedRulebook


class ExportedField(Contract):
    """A field that differs, by its way inside the entry; `null` on the side that does not have it."""

    way: tuple[str, ...]
    before: Any
    after: Any


class ExportedChange(Contract):
    """An entry that is not what it was."""

    entry: EntryKind
    id: str
    kind: ChangeKind
    fields: tuple[ExportedField, ...]


class ExportedTurn(Contract):
    """A rule that turned a status, and what turned the rule."""

    rule: str
    origin: Origin


class ExportedMoved(Contract):
    """An action of another status in a plan; `null` where a state does not have it."""

    action: str
    before: Status | None
    after: Status | None
    rules: tuple[ExportedTurn, ...]
    deductions: tuple[str, ...]
    prerequisites: tuple[str, ...]


class ExportedStanding(Contract):
    """The place of an action in a plan."""

    priority: Priority
    rank: int | None
    wave: int | None
    now: bool


class ExportedStood(Contract):
    """An action that keeps its status, and has another priority or place."""

    action: str
    before: ExportedStanding
    after: ExportedStanding


class ExportedPlanMoved(Contract):
    """What moved in the plan of a carried territory; `unread` tells which state cannot read it, if one cannot."""

    profile: str
    unread: Literal["before", "after"] | None
    statuses: tuple[ExportedMoved, ...]
    standings: tuple[ExportedStood, ...]


class ExportedCaseMoved(Contract):
    """A case that holds with one state only; `null` where a state cannot read it."""

    name: str
    before: bool | None
    after: bool | None
    lines: tuple[str, ...]


class ExportedWitnesses(Contract):
    """A territory as each state reads it, and the status that the action has there."""

    before: ExportedWitness
    after: ExportedWitness
    status_before: Status
    status_after: Status


class ExportedProof(Contract):
    """Whether the status of an action can differ: `proved` that it never does, or `refuted` by a witness."""

    action: str
    answer: Literal["proved", "refuted", "undecided"]
    witness: ExportedWitnesses | None


class ExportedDifference(Contract):
    """What changed between two states of a rulebook, and what that changes."""

    before: ExportedState
    after: ExportedState
    changes: tuple[ExportedChange, ...]
    plans: tuple[ExportedPlanMoved, ...]
    cases: tuple[ExportedCaseMoved, ...]
    proofs: tuple[ExportedProof, ...] | None
    seconds: float


def export_difference(found: Difference) -> ExportedDifference:
    """Write a difference as the contract says."""
    changes = [
        ExportedChange(
            entry=change.entry,
            id=change.id,
            kind=change.kind,
            fields=tuple(ExportedField(way=one.way, before=one.before, after=one.after) for one in change.fields),
        )
        for change in found.changes
    ]
    cases = [
        ExportedCaseMoved(name=case.name, before=case.holds_before, after=case.holds_after, lines=case.lines)
        for case in found.cases
    ]
    return ExportedDifference(
        before=_state(found.before),
        after=_state(found.after),
        changes=tuple(changes),
        plans=tuple(map(_plan, found.plans)),
        cases=tuple(cases),
        proofs=None if found.proofs is None else tuple(map(_proof, found.proofs)),
        seconds=found.seconds,
    )


def _state(state: State) -> ExportedState:
    return ExportedState(name=state.name, rulebook=export_rulebook(state.rulebook))


def _plan(moved: PlanMoved) -> ExportedPlanMoved:
    statuses = [
        ExportedMoved(
            action=one.action,
            before=one.before,
            after=one.after,
            rules=tuple(ExportedTurn(rule=turn.rule, origin=turn.origin) for turn in one.turns),
            deductions=one.deductions,
            prerequisites=one.prerequisites,
        )
        for one in moved.statuses
    ]
    standings = [
        ExportedStood(action=action, before=_standing(before), after=_standing(after))
        for action, (before, after) in moved.standings.items()
    ]
    return ExportedPlanMoved(
        profile=moved.profile, unread=moved.unread, statuses=tuple(statuses), standings=tuple(standings)
    )


def _standing(standing: Standing) -> ExportedStanding:
    return ExportedStanding(priority=standing.priority, rank=standing.rank, wave=standing.wave, now=standing.now)


def _proof(proof: Proof) -> ExportedProof:
    witness = None
    if proof.plans is not None:
        before, after = proof.plans
        witness = ExportedWitnesses(
            before=export_witness(before),
            after=export_witness(after),
            status_before=before.item(proof.action).status,
            status_after=after.item(proof.action).status,
        )
    return ExportedProof(action=proof.action, answer=proof.verdict, witness=witness)
