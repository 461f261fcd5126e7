"""`python -m conseil.inference.self_check`: may durable-rules be trusted on this machine?

Run by `selection` in a process of its own, which may crash or hang. It ends with 0 when durable-rules was right, and
stayed alive, on a small rulebook that has something of everything, and on what is known to be dangerous.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

from conseil.conditions import NOT_APPLICABLE, FactValue
from conseil.errors import EngineError
from conseil.inference.durable import DurableEngine
from conseil.inference.reference import ReferenceEngine
from conseil.profile import Known
from conseil.rulebook import Rulebook

__all__ = ["check", "main"]

_MORE_SESSIONS_THAN_IT_KEEPS = 1_100
_MORE_RULES_THAN_ONE_CONDITION_CARRIES = 300
_SHOWN = 10

_OURS = {"basis": "editorial", "rationale": "Autocontrôle."}
_SOURCE = {"section": "Autocontrôle", "quote": "Autocontrôle"}

_CONDITIONS: tuple[Any, ...] = (
    "always",
    {"a": "x"},
    {"not": {"a": ["x", "y"]}},
    {"n": {"min": 10, "max": 19}},
    {"several": {"any": ["p", "q"]}, "not": {"n": {"max": 9}}},
    {"several": {"none": ["p"]}, "deduced": "oui"},
    {"any": [{"a": "x", "deduced": "non"}, {"not": {"several": {"all": ["p", "q"]}}}]},
    {
        "all": [
            {"any": [{"a": "y"}, {"n": {"min": 20}}]},
            {"not": {"any": [{"progress.act": "done"}, {"n": {"max": 9}}]}},
        ]
    },
    {"progress.act": ["todo", "doing"]},
)

_VALUES: dict[str, tuple[FactValue | None, ...]] = {
    "a": (None, "x", "y", "z", NOT_APPLICABLE),
    "n": (None, 9, 10, 20),
    "several": (None, (), ("p",), ("p", "q")),
    "deduced": (None, "non"),
}


def _question(name: str, kind: str, *choices: str, **more: object) -> dict[str, Any]:
    return {
        "id": name,
        "label": name,
        "ask": name,
        "type": kind,
        "choices": [{"id": choice, "label": choice} for choice in choices],
        "actionable": "no",
        **_OURS,
        **more,
    }


def _rulebook(conditions: tuple[Any, ...]) -> Rulebook:
    """Build a rulebook whose rules have these conditions."""
    rules = [
        {"id": f"act.r{index}", "effect": "recommend", "when": condition, "because": "Autocontrôle.", **_OURS}
        for index, condition in enumerate(conditions)
    ]
    outcome = {"value": "oui", "when": {"a": "x", "n": {"min": 10}}, "because": "Autocontrôle."}
    stages = [
        {"stage": "x", "title": "x", "source": _SOURCE, "ready_when": [{"text": "x", "when": {"a": "y"}, **_OURS}]}
    ]
    guide = {
        "id": "self-check",
        "version": "1",
        "title": "Autocontrôle",
        "publisher": "conseil",
        "themes": [{"id": "t", "title": "t"}],
        "steps": [{"id": "s", "title": "s", "source": _SOURCE}],
        "stances": [{"scenario": "x", "stages": stages, "leads_to": {"title": "x", "source": _SOURCE}}],
        "roles": {"scenario": "a", "stage": "a", "maturity": "a", "capacity": {"question": "a", "at_most": {}}},
        "score": {
            "base": 50,
            "essential": 20,
            "points": [5, 10, 20],
            "weights": {"impact": 60, "feasibility": 40},
            "thresholds": {"high": 70, "medium": 50},
        },
    }
    return Rulebook.model_validate(
        {
            "guide": guide,
            "questions": [
                _question("a", "choice", "x", "y", "z", not_applicable=True),
                _question("n", "integer"),
                _question("several", "choices", "p", "q", asked_when={"not": {"a": "z"}}),
                _question("deduced", "boolean"),
            ],
            "themes": {},
            "deductions": [
                {"fact": "deduced", "values": [outcome], "otherwise": {"value": "non", "because": "Sinon."}, **_OURS}
            ],
            "actions": [{"id": "act", "step": "s", "title": "act", "source": _SOURCE, "rules": rules}],
        }
    )


def _profiles() -> Iterator[Known]:
    for values in product(*_VALUES.values()):
        answers = {fact: value for fact, value in zip(_VALUES, values, strict=True) if value is not None}
        yield Known(answers, {})
        yield Known(answers, {"act": "doing"})
        yield Known(answers, {"act": "done"})


def check() -> list[Known]:
    """Return the profiles on which durable-rules was wrong; it may also crash or hang."""
    everything = _rulebook(_CONDITIONS)
    nothing_known = [Known({}, {})] * _MORE_SESSIONS_THAN_IT_KEEPS
    crowd = _rulebook(tuple({"a": "x", "n": {"min": bound}} for bound in range(_MORE_RULES_THAN_ONE_CONDITION_CARRIES)))
    return _wrong(everything, [*_profiles(), *nothing_known]) + _wrong(crowd, [Known({"a": "x", "n": 100}, {})])


def _wrong(rulebook: Rulebook, profiles: list[Known]) -> list[Known]:
    durable, reference = DurableEngine(rulebook), ReferenceEngine(rulebook)
    return [known for known in profiles if durable.infer(known) != reference.infer(known)]


def main() -> int:
    """Run the check; return the code with which the process ends: 0, or 3 where durable-rules was wrong."""
    try:
        wrong = [str(known) for known in check()]
    except EngineError as error:
        wrong = [str(error)]
    sys.stderr.writelines(f"wrong: {case}\n" for case in wrong[:_SHOWN])
    return 3 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
