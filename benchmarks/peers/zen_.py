"""GoRules' zen-engine: https://docs.gorules.io.

The rulebook is one decision table of which all rows that hold are collected: a row for each rule, a column for each
question, so that the engine can use its index of the table. What relates several questions (`any`) stands in a column
without a field, whose cells are whole expressions. Profiles are evaluated in a batch, which uses every core.

`expression` as an argument is another way, which the documentation does not tell for rules: one expression that is the
list of all conditions. It is a trick, but the fastest that was found, and so it is measured too.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

from benchmarks.peers.expressions import expression
from benchmarks.peers.serving import Plain, Tree, serve

__all__ = ["ZenExpression", "ZenTable", "row", "table"]

_FREE, _KEY = "free", "rules"


def row(name: str, condition: Tree) -> dict[str, str]:
    """Return a rule as a row of the table: a cell for each question that it reads.

    >>> row("r1", {"op": "in", "fact": "foncier", "values": ["aucun", "bati"]})
    {'_id': 'r1', 'out': '"r1"', 'foncier': '"aucun", "bati"'}
    """
    cells: dict[str, str] = {}
    free: list[Tree] = []
    for part in condition["parts"] if condition["op"] == "all" else [condition]:
        cell = _cell(part)
        if cell is None or part["fact"] in cells:
            free.append(part)
        else:
            cells[part["fact"]] = cell
    if free:
        cells[_FREE] = expression({"op": "all", "parts": free} if len(free) > 1 else free[0])
    return {"_id": name, "out": json.dumps(name), **cells}


def _cell(part: Tree) -> str | None:
    """Return a test as a cell of its question's column, where it can be one."""
    match part:
        case {"op": "in", "values": values}:
            return ", ".join(json.dumps(value) for value in values)
        case {"op": "between", "low": low, "high": high}:
            if low is not None and high is not None:
                return f"[{low}..{high}]"
            return f">= {low}" if high is None else f"<= {high}"
        case _:
            return None


class ZenTable:
    """A decision with one table, evaluated for a batch of profiles."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        import zen  # noqa: PLC0415 -- only in the environment of the peer

        rows = [row(name, condition) for name, condition in workload["rules"].items()]
        content = {_KEY: table(list(workload["kinds"]), rows)}
        self._engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})

    def prepare(self, facts: dict[str, Plain]) -> dict[str, object]:
        """Return the request of a profile."""
        return {"key": _KEY, "context": facts}

    def match(self, prepared: Sequence[dict[str, object]]) -> list[list[str]]:
        """Evaluate the batch."""
        answers = self._engine.evaluate_batch(list(prepared))
        return [[found["rule"] for found in answer["data"]["result"]] for answer in answers]


class ZenExpression:
    """All rules as one compiled expression, a list of their verdicts."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        import zen  # noqa: PLC0415 -- only in the environment of the peer

        self._names = list(workload["rules"])
        self._expression = zen.compile_expression(f"[{', '.join(map(expression, workload['rules'].values()))}]")

    def prepare(self, facts: dict[str, Plain]) -> dict[str, Plain]:
        """Return a profile: a mapping, as it is."""
        return facts

    def match(self, prepared: Sequence[dict[str, Plain]]) -> list[list[str]]:
        """Evaluate the expression for each profile."""
        evaluate = self._expression.evaluate
        return [list(compress(self._names, evaluate(facts))) for facts in prepared]


def table(facts: list[str], rows: list[dict[str, str]]) -> dict[str, object]:
    """Return a decision: an input, the table, an output."""
    used = [fact for fact in facts if any(fact in cells for cells in rows)]
    columns: list[dict[str, str]] = [{"id": fact, "name": fact, "field": fact} for fact in used]
    if any(_FREE in cells for cells in rows):
        columns.append({"id": _FREE, "name": _FREE})
    content = {
        "hitPolicy": "collect",
        "inputs": columns,
        "outputs": [{"id": "out", "name": "rule", "field": "rule"}],
        "rules": rows,
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content},
        {"id": "end", "name": "end", "type": "outputNode"},
    ]
    edges = [
        {"id": "e1", "type": "edge", "sourceId": "in", "targetId": "table"},
        {"id": "e2", "type": "edge", "sourceId": "table", "targetId": "end"},
    ]
    return {"nodes": nodes, "edges": edges}


if __name__ == "__main__":
    serve(ZenExpression if sys.argv[1:] == ["expression"] else ZenTable, "zen-engine")
