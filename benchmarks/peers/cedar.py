"""Cedar through cedarpy: https://github.com/k9securityio/cedar-py.

A rule is a policy that permits when its condition holds; the ids of those that do come with the decision. The set of
policies is parsed once, and requests go in a batch, as cedarpy's documentation recommends for speed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.peers.serving import Plain, Tree, serve

__all__ = ["CedarMatcher", "policy"]

_PRINCIPAL, _ACTION, _RESOURCE = 'Profile::"p"', 'Action::"match"', 'Rulebook::"r"'


def policy(name: str, condition: Tree) -> str:
    """Return a rule as a policy.

    >>> policy("r1", {"op": "in", "fact": "foncier", "values": ["aucun"]})
    '@id("r1") permit(principal, action, resource) when { context.foncier == "aucun" };'
    """
    return f"@id({json.dumps(name)}) permit(principal, action, resource) when {{ {_test(condition)} }};"


def _test(condition: Tree) -> str:
    match condition:
        case {"op": "in", "fact": fact, "values": [value]}:
            return f"context.{fact} == {json.dumps(value)}"
        case {"op": "in", "fact": fact, "values": values}:
            return f"{json.dumps(values)}.contains(context.{fact})"
        case {"op": "between", "fact": fact, "low": low, "high": high}:
            bounds = [(">=", low), ("<=", high)]
            return _joined("&&", (f"context.{fact} {sign} {bound}" for sign, bound in bounds if bound is not None))
        case {"op": "several", "fact": fact, "quantifier": quantifier, "values": values}:
            method = "containsAll" if quantifier == "all" else "containsAny"
            found = f"context.{fact}.{method}({json.dumps(values)})"
            return f"!{found}" if quantifier == "none" else found
        case {"op": "not", "part": part}:
            return f"!({_test(part)})"
        case {"op": "all", "parts": []}:
            return "true"
        case _:
            return _joined("&&" if condition["op"] == "all" else "||", (f"({_test(p)})" for p in condition["parts"]))


def _joined(sign: str, parts: Iterable[str]) -> str:
    return f" {sign} ".join(parts)


class CedarMatcher:
    """A parsed set of policies."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        import cedarpy  # noqa: PLC0415 -- only in the environment of the peer

        self._authorize = cedarpy.is_authorized_batch
        self._policies = cedarpy.PolicySet.from_str(
            "\n".join(policy(name, condition) for name, condition in workload["rules"].items())
        )
        self._entities = cedarpy.Entities.from_json_str("[]")
        # policies are numbered in their order
        self._names = {f"policy{place}": name for place, name in enumerate(workload["rules"])}

    def prepare(self, facts: dict[str, Plain]) -> dict[str, object]:
        """Return a request, with the profile as its context."""
        return {"principal": _PRINCIPAL, "action": _ACTION, "resource": _RESOURCE, "context": facts}

    def match(self, prepared: Sequence[dict[str, object]]) -> list[list[str]]:
        """Authorize the whole batch."""
        names = self._names
        results = self._authorize(list(prepared), self._policies, self._entities)
        return [[names[reason] for reason in result.diagnostics.reasons] for result in results]


if __name__ == "__main__":
    serve(CedarMatcher, "cedarpy")
