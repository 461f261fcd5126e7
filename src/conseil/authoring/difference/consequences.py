"""What the changes of a rulebook change: on the territories that conseil carries, and on the cases of both states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from conseil.advice import advise
from conseil.authoring.cases import Case, run_case
from conseil.authoring.difference.revisions import State
from conseil.comparison import Standing
from conseil.errors import ConseilError, InvalidInput
from conseil.evolution import Moved, what_moved
from conseil.exported import export
from conseil.plan import Plan
from conseil.profile import load_profile, shipped_profiles
from conseil.rulebook import Rulebook

__all__ = ["CaseMoved", "PlanMoved", "cases_moved", "plans_moved"]


@dataclass(frozen=True, slots=True)
class PlanMoved:
    """A carried territory, and what is not as it was in its plan.

    Attributes:
        profile: its short name.
        statuses: the actions of another status, and why; those that only one state has too.
        standings: the actions that keep their status and have another priority, rank or wave: before, and after.
        unread: which state cannot read the profile, if one cannot; then nothing else is said.
    """

    profile: str
    statuses: tuple[Moved, ...] = ()
    standings: Mapping[str, tuple[Standing, Standing]] = field(default_factory=dict)
    unread: Literal["before", "after"] | None = None

    @property
    def has_moved(self) -> bool:
        """Whether anything is not as it was."""
        return bool(self.statuses or self.standings or self.unread)


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """A case that holds in one state and not in the other.

    Attributes:
        name: its name.
        holds_before: whether it holds with the rules of the first state; `None` where they cannot read it.
        holds_after: likewise with those of the second.
        lines: what the plan that fails says otherwise.
    """

    name: str
    holds_before: bool | None
    holds_after: bool | None
    lines: tuple[str, ...]


def plans_moved(before: Rulebook, after: Rulebook) -> tuple[PlanMoved, ...]:
    """Return the carried territories that are of this guide, in the order of their names, and what moved in each."""
    return tuple(found for name in shipped_profiles() if (found := _plan_moved(name, before, after)) is not None)


def _plan_moved(name: str, before: Rulebook, after: Rulebook) -> PlanMoved | None:
    path = shipped_profiles()[name]
    plans: list[Plan | None] = []
    for rulebook in (before, after):
        try:
            plans.append(advise(load_profile(path, rulebook), rulebook))
        except InvalidInput:
            plans.append(None)
    match plans:
        case [Plan() as old, Plan() as new]:
            return PlanMoved(name, what_moved(export(old), new).moved, dict(_standings(old, new)))
        case [None, None]:
            return None  # a territory of another guide
        case [None, _]:
            return PlanMoved(name, unread="before")
        case _:
            return PlanMoved(name, unread="after")


def _standings(old: Plan, new: Plan) -> Iterator[tuple[str, tuple[Standing, Standing]]]:
    for item in new.items:
        if item.id in old.rulebook.by_id:
            before, after = Standing.of(old.item(item.id)), Standing.of(item)
            if before.status == after.status and before != after:
                yield item.id, (before, after)


def cases_moved(before: State, after: State) -> tuple[CaseMoved, ...]:
    """Return the cases, of either state, that do not give the same with both; where both have one, the newer is run."""
    cases = {case.name: case for case in (*before.cases, *after.cases)}
    return tuple(found for case in cases.values() if (found := _case_moved(case, before, after)) is not None)


def _case_moved(case: Case, before: State, after: State) -> CaseMoved | None:
    old, new = _run(case, before.rulebook), _run(case, after.rulebook)
    held, holds = (None if lines is None else not lines for lines in (old, new))
    return CaseMoved(case.name, held, holds, new or old or ()) if held != holds else None


def _run(case: Case, rulebook: Rulebook) -> tuple[str, ...] | None:
    """Return what does not hold of a case; nothing where these rules do not have what it speaks of."""
    try:
        return tuple(map(str, run_case(case, rulebook).mismatches))
    except ConseilError:
        return None
