"""Conditions as expressions that look like Python, which the languages of rule-engine and zen-engine both do."""

from __future__ import annotations

import json
from collections.abc import Iterable

from benchmarks.peers.serving import Tree

__all__ = ["expression"]


def expression(condition: Tree) -> str:
    """Write a condition.

    >>> expression({"op": "not", "part": {"op": "in", "fact": "foncier", "values": ["aucun"]}})
    'not (foncier == "aucun")'
    """
    match condition:
        case {"op": "in", "fact": fact, "values": [value]}:
            return f"{fact} == {json.dumps(value)}"
        case {"op": "in", "fact": fact, "values": values}:
            return f"{fact} in {json.dumps(values)}"
        case {"op": "between", "fact": fact, "low": low, "high": high}:
            bounds = [(">=", low), ("<=", high)]
            return _joined("and", (f"{fact} {sign} {bound}" for sign, bound in bounds if bound is not None))
        case {"op": "several", "fact": fact, "quantifier": quantifier, "values": values}:
            found = _joined("and" if quantifier == "all" else "or", (f"{json.dumps(v)} in {fact}" for v in values))
            return f"not ({found})" if quantifier == "none" else found
        case {"op": "not", "part": part}:
            return f"not ({expression(part)})"
        case {"op": "all", "parts": []}:
            return "true"
        case _:
            word = "and" if condition["op"] == "all" else "or"
            return _joined(word, (f"({expression(part)})" for part in condition["parts"]))


def _joined(word: str, parts: Iterable[str]) -> str:
    return f" {word} ".join(parts)
