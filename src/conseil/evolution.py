"""What has become of a plan: an exported one of an earlier day against today's, and why each action moved.

The old plan is read from its JSON, and so is today's: both hold, for every rule, its verdict and the facts that made
it. A rule whose verdict changed while a fact that it cites did too moved because of the answers; one that came, went,
or judges the same facts otherwise moved because the rules did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from conseil.errors import InvalidInput, Problem
from conseil.export import ExportedItem, ExportedPlan, export, exported_value
from conseil.plan import LIVE, Plan, Status

__all__ = ["Evolution", "Moved", "evolution", "load_plan"]

Fact = str | int | bool | tuple[str, ...] | None
Outcome = Literal["done", "new", "gone", "other"]


@dataclass(frozen=True, slots=True)
class Moved:
    """An action whose status is no longer what it was, and why.

    Attributes:
        action: its id.
        outcome: `done` since, `new` among the live actions, `gone` from them, or `other`.
        before: its old status; `None` where the old rules did not have it.
        after: its status today; `None` where today's rules do not have it.
        answers: the facts that changed and that a changed verdict cites, with their old and new values.
        rules: the rules that came, went, or judge the same facts otherwise.
        prerequisites: the required actions whose own state changed.
    """

    action: str
    outcome: Outcome
    before: Status | None
    after: Status | None
    answers: Mapping[str, tuple[Fact, Fact]]
    rules: tuple[str, ...]
    prerequisites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evolution:
    """What moved between two plans of a territory, in the order of today's rules."""

    old: ExportedPlan
    new: ExportedPlan
    moved: tuple[Moved, ...]

    @property
    def rules_changed(self) -> bool:
        """Whether the two plans were made with different rules."""
        return self.old.rulebook.sha256 != self.new.rulebook.sha256


def load_plan(path: Path | str) -> ExportedPlan:
    """Read a plan that was exported as JSON.

    Raises:
        InvalidInput: the file cannot be read, or is not an exported plan.
    """
    try:
        return ExportedPlan.model_validate_json(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        problem = Problem(str(path), None, None, "plan illisible", error.strerror)
    except UnicodeDecodeError:
        problem = Problem(str(path), None, None, "le fichier n’est pas en UTF-8")
    except (ValidationError, json.JSONDecodeError):
        hint = "donnez un fichier écrit par `conseil plan … --format json`"
        problem = Problem(str(path), None, None, "ce n’est pas un plan de conseil en JSON", hint)
    raise InvalidInput([problem])


def evolution(old: ExportedPlan, plan: Plan) -> Evolution:
    """Compare an exported plan with today's.

    Raises:
        InvalidInput: the old plan was made with another rulebook (another id).

    >>> from conseil import advise, load_profile
    >>> plan = advise(load_profile("profiles/creuse-grand-sud.yaml"))
    >>> evolution(export(plan), plan).moved
    ()
    """
    new = export(plan)
    if old.rulebook.id != new.rulebook.id:
        message = f"l’ancien plan suit les règles `{old.rulebook.id}`, et non `{new.rulebook.id}`"
        raise InvalidInput([Problem("ancien plan", None, None, message)])
    before = {item.action: item for item in old.items}
    after = {item.action: item for item in new.items}
    facts = _Facts(old, plan)
    names = [*after, *(name for name in before if name not in after)]
    moved = [_moved(before.get(name), after.get(name), facts) for name in names]
    return Evolution(old, new, tuple(found for found in moved if found is not None))


class _Facts:
    """The facts of both days: those that the old plan cites anywhere, and all of today's."""

    def __init__(self, old: ExportedPlan, plan: Plan) -> None:
        self._old = {
            fact: value for item in old.items for reason in item.reasons for fact, value in reason.facts.items()
        }
        self._plan = plan

    def changed(self, names: Iterable[str]) -> dict[str, tuple[Fact, Fact]]:
        """Return those whose value is known of both days, and is not the same."""
        known = [name for name in names if name in self._old and self._plan.rulebook.has_fact(name)]
        pairs = {name: (self._old[name], exported_value(self._plan, name)) for name in known}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _moved(old: ExportedItem | None, new: ExportedItem | None, facts: _Facts) -> Moved | None:
    if old is None:
        return _appeared(new, "new") if new else None
    if new is None:
        return _appeared(old, "gone")
    if old.status == new.status:
        return None
    answers, rules = _causes(old, new, facts)
    if old.progress != new.progress:
        answers = {f"progress.{new.action}": (old.progress, new.progress), **answers}
    states = {needed.action: needed.state for needed in old.requires}
    prerequisites = tuple(
        needed.action for needed in new.requires if states.get(needed.action, needed.state) != needed.state
    )
    return Moved(new.action, _outcome(old, new), old.status, new.status, answers, rules, prerequisites)


def _appeared(item: ExportedItem, outcome: Literal["new", "gone"]) -> Moved:
    rules = tuple(reason.rule for reason in item.reasons)
    before, after = (None, item.status) if outcome == "new" else (item.status, None)
    return Moved(item.action, outcome, before, after, {}, rules, ())


def _outcome(old: ExportedItem, new: ExportedItem) -> Outcome:
    if new.status == "done":
        return "done"
    if (old.status in LIVE) == (new.status in LIVE):
        return "other"
    return "new" if new.status in LIVE else "gone"


def _causes(
    old: ExportedItem, new: ExportedItem, facts: _Facts
) -> tuple[dict[str, tuple[Fact, Fact]], tuple[str, ...]]:
    before = {reason.rule: reason for reason in old.reasons}
    after = {reason.rule: reason for reason in new.reasons}
    answers: dict[str, tuple[Fact, Fact]] = {}
    rules = [name for name in {**before, **after} if (name in before) != (name in after)]
    for name, was in before.items():
        now = after.get(name, was)
        if now.verdict != was.verdict:
            changed = facts.changed({**was.facts, **now.facts})
            answers |= changed
            rules += [] if changed else [name]
    return dict(sorted(answers.items())), tuple(sorted(rules))
