"""Small rulebooks for tests that say in a few lines what they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conseil import Plan, Profile, Rulebook, advise

SOURCE = {"section": "Section", "quote": "Une phrase du guide"}
EDITORIAL = {"basis": "editorial", "rationale": "Parce que."}


def choice(name: str, *values: str, **more: object) -> dict[str, Any]:
    """Return a question with one choice among values."""
    choices = [{"id": value, "label": value} for value in values]
    question = {"id": name, "label": name, "ask": f"{name} ?", "type": "choice", "choices": choices}
    return question | {"actionable": "no"} | EDITORIAL | more


QUESTIONS = [
    choice("scenario", "one", "two"),
    choice("stage", "first", "second", "other"),
    choice("maturity", "young", "old"),
    choice("staff", "few", "some", "many"),
    choice("a", "yes", "no"),
    choice("b", "yes", "no"),
    choice("c", "yes", "no"),
]


def rule(effect: str, when: object = "always", **more: object) -> dict[str, Any]:
    """Return a rule without an id; `action` gives it one."""
    own: dict[str, Any] = {}
    if effect == "adapt":
        own["how"] = "Ainsi."
    return {"effect": effect, "when": when, "because": "C’est ainsi."} | own | EDITORIAL | more


def action(name: str, *rules: Mapping[str, Any], requires: Sequence[str] = (), **more: object) -> dict[str, Any]:
    """Return an action of the step `only`."""
    return {
        "id": name,
        "step": "only",
        "title": name,
        "source": SOURCE,
        "requires": [{"action": needed} | EDITORIAL for needed in requires],
        "rules": [{"id": f"{name}.{index}"} | dict(given) for index, given in enumerate(rules)],
    } | more


def stage(name: str, *ready_when: object) -> dict[str, Any]:
    """Return a stage of a stance."""
    criteria = [{"text": f"critère {index}", "when": when} | EDITORIAL for index, when in enumerate(ready_when)]
    return {"stage": name, "title": name, "source": SOURCE, "ready_when": criteria}


def rulebook(
    *actions: Mapping[str, Any],
    questions: Sequence[Mapping[str, Any]] = (),
    deductions: Sequence[Mapping[str, Any]] = (),
    essential: Sequence[str] = (),
    steps: Sequence[str] = ("only",),
) -> Rulebook:
    """Return a rulebook with these actions, and the questions a, b and c beside those that have a role."""
    asked = [*QUESTIONS, *questions]
    essentials = [{"id": "said", "title": "Dit", "said": SOURCE, "actions": list(essential)} | EDITORIAL]
    return Rulebook.model_validate(
        {
            "guide": {
                "id": "small",
                "version": "1",
                "title": "Petit guide",
                "publisher": "Personne",
                "themes": [{"id": "every", "title": "Tout"}],
                "steps": [{"id": step, "title": step, "source": SOURCE} for step in steps],
                "stances": [
                    {
                        "scenario": "one",
                        "stages": [stage("first", {"a": "yes"}), stage("second")],
                        "leads_to": {"title": "La fin", "source": SOURCE},
                    },
                    {
                        "scenario": "two",
                        "stages": [stage("first"), stage("other")],
                        "leads_to": {"title": "La fin", "source": SOURCE},
                    },
                ],
                "essentials": essentials if essential else [],
                "roles": {
                    "scenario": "scenario",
                    "stage": "stage",
                    "maturity": "maturity",
                    "capacity": {"question": "staff", "at_most": {"few": 1, "some": 2, "many": 4}},
                },
                "score": {
                    "base": 50,
                    "essential": 20,
                    "points": [5, 10, 20],
                    "weights": {"impact": 60, "feasibility": 40},
                    "thresholds": {"high": 65, "medium": 57},
                },
            },
            "questions": asked,
            "themes": {question["id"]: "every" for question in asked},
            "deductions": list(deductions),
            "actions": list(actions),
        }
    )


def plan_of(book: Rulebook, answers: Mapping[str, Any] | None = None, **progress: str) -> Plan:
    """Return the plan of a territory with these answers; action ids are written with `_` in `progress`."""
    states = {name.replace("_", "-"): state for name, state in progress.items()}
    profile = Profile.model_validate(
        {"name": "Ici", "kind": "invented", "answers": dict(answers or {}), "progress": states}
    )
    return advise(profile, book, "reference")
