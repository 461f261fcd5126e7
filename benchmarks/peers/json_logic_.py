"""JsonLogic in Python: https://jsonlogic.com, as json-logic-qubit, the branch of json-logic that Python 3 runs.

json-logic 0.6.3 itself is of 2015 and fails on Python 3 (`dict.keys()[0]`). There is no set of rules, and nothing to
compile: `jsonLogic` walks a rule as data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers.serving import Plain, Tree, serve

__all__ = ["JsonLogicMatcher", "logic"]


def logic(condition: Tree) -> Any:  # noqa: ANN401 -- JSON
    """Write a condition in JsonLogic.

    >>> logic({"op": "several", "fact": "besoins", "quantifier": "none", "values": ["foncier"]})
    {'!': {'in': ['foncier', {'var': 'besoins'}]}}
    """
    match condition:
        case {"op": "in", "fact": fact, "values": [value]}:
            return {"===": [{"var": fact}, value]}
        case {"op": "in", "fact": fact, "values": values}:
            return {"in": [{"var": fact}, values]}
        case {"op": "between", "fact": fact, "low": low, "high": high}:
            bounds = [(">=", low), ("<=", high)]
            tests = [{sign: [{"var": fact}, bound]} for sign, bound in bounds if bound is not None]
            return _joined("and", tests)
        case {"op": "several", "fact": fact, "quantifier": quantifier, "values": values}:
            made = [{"in": [value, {"var": fact}]} for value in values]
            found = _joined("and" if quantifier == "all" else "or", made)
            return {"!": found} if quantifier == "none" else found
        case {"op": "not", "part": part}:
            return {"!": logic(part)}
        case {"op": "all", "parts": []}:
            return True
        case _:
            return _joined("and" if condition["op"] == "all" else "or", [logic(part) for part in condition["parts"]])


def _joined(word: str, parts: list[Any]) -> Any:  # noqa: ANN401 -- JSON
    return parts[0] if len(parts) == 1 else {word: parts}


class JsonLogicMatcher:
    """One piece of JsonLogic for each rule."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        from json_logic import jsonLogic  # noqa: PLC0415 -- only in the environment of the peer

        self._apply = jsonLogic
        self._rules = [(name, logic(condition)) for name, condition in workload["rules"].items()]

    def prepare(self, facts: dict[str, Plain]) -> dict[str, Plain]:
        """Return a profile: a mapping, as it is."""
        return facts

    def match(self, prepared: Sequence[dict[str, Plain]]) -> list[list[str]]:
        """Apply every rule to every profile."""
        apply = self._apply
        return [[name for name, rule in self._rules if apply(rule, facts)] for facts in prepared]


if __name__ == "__main__":
    serve(JsonLogicMatcher, "json-logic-qubit")
