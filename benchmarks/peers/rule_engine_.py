"""rule-engine: https://zerosteiner.github.io/rule-engine/.

A rule is an expression, parsed once, with the types of the symbols declared so that mistakes show early. There is no
set of rules: each is asked in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.peers.expressions import expression
from benchmarks.peers.serving import Plain, serve

__all__ = ["RuleEngineMatcher"]


class RuleEngineMatcher:
    """One parsed rule for each rule."""

    def __init__(self, workload: Mapping[str, Any]) -> None:
        import rule_engine  # noqa: PLC0415 -- only in the environment of the peer

        data_type = rule_engine.DataType
        types = {"word": data_type.STRING, "words": data_type.ARRAY(data_type.STRING), "number": data_type.FLOAT}
        resolver = rule_engine.type_resolver_from_dict({fact: types[kind] for fact, kind in workload["kinds"].items()})
        context = rule_engine.Context(type_resolver=resolver)
        self._rules = [
            (name, rule_engine.Rule(expression(condition), context=context))
            for name, condition in workload["rules"].items()
        ]

    def prepare(self, facts: dict[str, Plain]) -> dict[str, Plain]:
        """Return a profile: a mapping, as it is."""
        return facts

    def match(self, prepared: Sequence[dict[str, Plain]]) -> list[list[str]]:
        """Ask every rule about every profile."""
        return [[name for name, rule in self._rules if rule.matches(facts)] for facts in prepared]


if __name__ == "__main__":
    serve(RuleEngineMatcher, "rule-engine")
