"""Rulebooks of any size, drawn by a fixed seed so that they resemble the one that conseil carries.

What is copied is the mix, counted in `rules/` in November 2026: how many tests a rule has, how many choices a test
allows, how many are negated or alternatives of each other, how unevenly rules read the facts (one test in six reads the
first), how facts divide into kinds, and how slowly their number grows: 25 for 10 rules, 51 for 321, 64 for 1,000 and
101 for 10,000; then how many rules have each effect, in any order in an action, what points they bring, and how many
actions others require.

>>> rulebook = synthetic_rulebook(10)
>>> len(rulebook.rules), rulebook.sha256 == synthetic_rulebook(10).sha256
(10, True)
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle, islice
from random import Random
from typing import Any, TypeVar

from conseil.conditions import PROGRESS, PROGRESS_VALUES
from conseil.rulebook import AXES, Rulebook

__all__ = ["SEED", "synthetic_rulebook"]

SEED = 20_261_123

_RULES_OF_AN_ACTION = 8
_TESTS_OF_A_RULE = {0: 31, 1: 153, 2: 74, 3: 40, 4: 11, 5: 10}
_VALUES_OF_A_TEST = {1: 291, 2: 94, 3: 48, 4: 7, 6: 4, 7: 3}
_CHOICES_OF_A_QUESTION = {2: 3, 3: 15, 4: 5, 5: 2, 8: 1}
_NEGATED = 0.14  # of the tests
_ALTERNATIVES = 0.25  # of the rules with two tests or more
_KINDS = ("choice",) * 6 + ("progress",) * 4 + ("choices", "boolean") + ("choice",) * 6
_KINDS_WITH_NUMBER = (*_KINDS, "integer")
_EFFECTS = {"recommend": 85, "reinforce": 75, "adapt": 74, "caution": 49, "defer": 37, "exclude": 1}
_ASKED_BY_EFFECT: dict[str, dict[str, Any]] = {
    "adapt": {"how": "Mesure."},
    "defer": {"unlocked_by": {"answers": {"q0": ["v0"]}}},
}
_POINTS = {
    "recommend": {(2, 2): 13, (1, 1): 11, (2, 1): 10, (0, 1): 7, (0, 0): 7, (3, 2): 5, (3, 1): 5, (1, 3): 4, (1, 2): 4},
    "reinforce": {(2, 0): 28, (0, -2): 10, (1, 0): 10, (-2, 0): 7, (-3, 0): 4, (3, 0): 4, (0, 3): 3, (0, 2): 3},
}
"""Those that came more than twice, on both axes."""
_REQUIRED = {0: 24, 1: 15, 2: 2}
"""How many actions an action requires."""
_LARGEST = 100_000

_OURS = {"basis": "editorial", "rationale": "Pour la mesure."}
_SOURCE = {"section": "Mesure", "quote": "Mesure"}
_SCENARIOS, _STAGES = ("a", "b"), ("s1", "s2", "s3")


_K = TypeVar("_K")


def _weighted(weights: Mapping[_K, int], random: Random) -> _K:
    return random.choices(list(weights), list(weights.values()))[0]


class _Drawing:
    """A rulebook while it is drawn."""

    def __init__(self, rules: int) -> None:
        self.random = Random(f"{SEED} {rules}")
        self.kinds = list(islice(cycle(_KINDS_WITH_NUMBER), round(16 * rules**0.2) - 2))
        self.actions = [f"action-{place}" for place in range(max(2, -(-rules // _RULES_OF_AN_ACTION)))]
        self.questions = [_question("scenario", "choice", _SCENARIOS), _question("stage", "choice", _STAGES)]
        self.facts: list[tuple[str, str, tuple[str, ...]]] = []
        self._add_facts()
        # the fact at place n is read about half as often as the one at place n / 2
        self.weights = [1 / (place + 2) for place in range(len(self.facts))]

    def _add_facts(self) -> None:
        progress = iter(self.actions)
        for place, wanted in enumerate(self.kinds):
            action = next(progress, None) if wanted == "progress" else None
            if action is not None:
                self.facts.append((PROGRESS + action, "choice", PROGRESS_VALUES))
                continue
            name, kind = f"q{place}", "choice" if wanted == "progress" else wanted
            count = _weighted(_CHOICES_OF_A_QUESTION, self.random)
            values = tuple(f"v{index}" for index in range(count)) if kind in {"choice", "choices"} else ()
            self.questions.append(_question(name, kind, values))
            self.facts.append((name, kind, ("oui", "non") if kind == "boolean" else values))
        self.facts[1:1] = [("scenario", "choice", _SCENARIOS), ("stage", "choice", _STAGES)]

    def rule(self) -> object:
        """Draw a condition, as YAML would hold it."""
        count = _weighted(_TESTS_OF_A_RULE, self.random)
        if count == 0:
            return "always"
        places = range(len(self.facts))
        read = list(dict.fromkeys(self.random.choices(places, self.weights, k=count)))
        tests = [self.test(*self.facts[place]) for place in read]
        if len(tests) > 1 and self.random.random() < _ALTERNATIVES:
            cut = self.random.randrange(len(tests) - 1)  # what stands before it holds in any case
            return {"all": [*tests[:cut], {"any": tests[cut:]}]} if cut else {"any": tests}
        return {"all": tests} if len(tests) > 1 else tests[0]

    def test(self, name: str, kind: str, values: tuple[str, ...]) -> dict[str, Any]:
        found: dict[str, Any]
        if kind == "integer":
            low = self.random.randrange(0, _LARGEST, 1_000)
            found = {name: self.random.choice([{"min": low}, {"max": low}, {"min": low, "max": low + 20_000}])}
        elif kind == "choices":
            count = self.random.choice([1, 1, 2])
            found = {name: {"any": self.random.sample(values, min(count, len(values)))}}
        else:
            count = min(_weighted(_VALUES_OF_A_TEST, self.random), len(values) - 1)
            found = {name: self.random.sample(values, count)}
        return {"not": found} if self.random.random() < _NEGATED else found


def synthetic_rulebook(rules: int) -> Rulebook:
    """Return a rulebook with this many rules; the same one every time."""
    drawing = _Drawing(rules)
    conditions = [drawing.rule() for _ in range(rules)]
    shares = [conditions[place :: len(drawing.actions)] for place in range(len(drawing.actions))]
    random = Random(f"{SEED} {rules} actions")
    actions: list[dict[str, Any]] = []
    for name, share in zip(drawing.actions, shares, strict=True):
        actions.append(_action(name, share, [action["id"] for action in actions], random))
    return Rulebook.model_validate(
        {"guide": _guide(), "questions": drawing.questions, "themes": {}, "deductions": [], "actions": actions}
    )


def _question(name: str, kind: str, values: tuple[str, ...]) -> dict[str, Any]:
    choices = [{"id": value, "label": value} for value in values]
    return {"id": name, "label": name, "ask": name, "type": kind, "choices": choices, "actionable": "no", **_OURS}


def _action(name: str, conditions: list[object], earlier: list[str], random: Random) -> dict[str, Any]:
    effects = [_weighted(_EFFECTS, random) for _ in conditions]
    if "recommend" not in effects:  # no action is without
        effects[random.randrange(len(effects))] = "recommend"
    rules = [
        {"id": f"{name}.r{place}", "effect": effect, "when": when, "because": "Mesure.", **_OURS}
        | _asked_by(effect, random)
        for place, (effect, when) in enumerate(zip(effects, conditions, strict=True))
    ]
    count = min(_weighted(_REQUIRED, random), len(earlier))
    requires = [{"action": action, **_OURS} for action in random.sample(earlier, count)]
    return {"id": name, "step": "step", "title": name, "source": _SOURCE, "requires": requires, "rules": rules}


def _asked_by(effect: str, random: Random) -> dict[str, Any]:
    """Return what a rule of an effect has beside its condition."""
    if effect not in _POINTS:
        return _ASKED_BY_EFFECT.get(effect, {})
    steps: tuple[int, int] = _weighted(_POINTS[effect], random)
    points = {axis: ("+" if step > 0 else "-") * abs(step) for axis, step in zip(AXES, steps, strict=True) if step}
    return {"points": points} if points else {}


def _guide() -> dict[str, Any]:
    stages = [{"stage": stage, "title": stage, "source": _SOURCE} for stage in _STAGES]
    return {
        "id": "mesure",
        "version": "1",
        "title": "Mesure",
        "publisher": "conseil",
        "themes": [{"id": "theme", "title": "Thème"}],
        "steps": [{"id": "step", "title": "Étape", "source": _SOURCE}],
        "stances": [
            {"scenario": scenario, "stages": stages, "leads_to": {"title": "Suite", "source": _SOURCE}}
            for scenario in _SCENARIOS
        ],
        "roles": {
            "scenario": "scenario",
            "stage": "stage",
            "maturity": "stage",
            "capacity": {"question": "scenario", "at_most": {"a": 3, "b": 6}},
        },
        "score": {
            "base": 50,
            "essential": 20,
            "points": [5, 10, 20],
            "weights": {"impact": 60, "feasibility": 40},
            "thresholds": {"high": 70, "medium": 50},
        },
    }
