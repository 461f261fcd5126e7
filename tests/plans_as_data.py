"""What a plan says, as plain data: the same from an engine that judges one territory and from a table of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conseil.conditions import PROGRESS, FactValue, Verdict
from conseil.inference.chunk import coded
from conseil.plan import Plan
from conseil.plan.table import PlanTable
from conseil.profile import Known
from conseil.rulebook import Rulebook

__all__ = ["Data", "chunk_of", "data_of_plan", "data_of_row"]

Data = dict[str, Any]
"""A mapping as JSON has it, but for verdicts and tuples."""


def data_of_plan(plan: Plan) -> Data:
    """Return what a plan says, as far as a table of plans says it too."""
    return {
        "rules": dict(plan.inference.rules),
        "criteria": dict(plan.inference.criteria),
        "deduced": {fact: plan.facts[fact] for fact in sorted(plan.inference.deduced)},
        "decisions": [item.id for item in plan.decisions],
        "items": {
            item.id: {
                "status": item.status,
                "possible": item.possible,
                "impact": (item.score.impact.value, item.score.impact.low, item.score.impact.high),
                "feasibility": (item.score.feasibility.value, item.score.feasibility.low, item.score.feasibility.high),
                "total": (item.score.total, item.score.low, item.score.high),
                "priority": item.priority,
                "certain": item.certain,
                "rank": item.rank,
                "wave": item.wave,
                "now": item.now,
            }
            for item in plan.items
        },
    }


def data_of_row(table: PlanTable, row: int, rulebook: Rulebook) -> Data:
    """Return what one row of a table with verdicts says."""
    assert table.rules is not None
    assert table.criteria is not None
    verdicts: dict[int, Verdict] = {1: True, 0: False, -1: None}
    deduced: dict[str, FactValue] = {}
    for fact in sorted(table.deduced):
        number = int(table.deduced[fact][row])
        if number >= 0:
            deduced[fact] = coded(rulebook.vocabulary[fact])[number]
    items = [item._asdict() for item in table.row(row)]
    return {
        "rules": {rule: verdicts[int(code)] for rule, code in zip(rulebook.rules, table.rules[row], strict=True)},
        "criteria": {
            place: verdicts[int(code)] for place, code in zip(rulebook.criteria, table.criteria[row], strict=True)
        },
        "deduced": deduced,
        "decisions": [table.actions[place] for place in table.decisions[row] if place >= 0],
        "items": {item.pop("action"): item for item in items},
    }


def chunk_of(territories: Sequence[Known], rulebook: Rulebook) -> dict[str, list[object]]:
    """Return territories as the columns of a table, with answers as a profile writes them."""
    chunk: dict[str, list[object]] = {
        asked.id: [_written(territory.given.get(asked.id)) for territory in territories] for asked in rulebook.questions
    }
    for action in rulebook.by_id:
        chunk[PROGRESS + action] = [territory.progress.get(action) for territory in territories]
    return chunk


def _written(value: FactValue | None) -> object:
    return list(value) if isinstance(value, tuple) else value
