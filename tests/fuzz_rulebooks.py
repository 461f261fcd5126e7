"""Random rulebooks and territories in bulk: what `fuzz` compares the engines on.

Hypothesis looks for the smallest case and is too slow to make a million. This draws plain values from a seed instead,
as a rulebook's files hold them, so that what is found can be written down and read again. Rulebooks have a bit of
everything that decides a plan: each type of question, some asked on a condition, some deduced, in chains; each effect
that counts; points, prerequisites, twins, criteria, several steps and capacities; now and then very many rules.
"""

from __future__ import annotations

from random import Random
from typing import Any

from conseil.conditions import NOT_APPLICABLE, PROGRESS, PROGRESS_VALUES, FactValue
from conseil.profile import Known, known_from
from conseil.rulebook import Rulebook
from conseil.vocabulary import Question

__all__ = ["random_rulebook", "random_territory"]

_OURS = {"basis": "editorial", "rationale": "Pour l’essai."}
_SOURCE = {"section": "ESSAI", "quote": "Essai"}
_POINTS = ("+", "++", "+++", "-", "--", "---")
_KINDS = ("choice", "choice", "choices", "boolean", "integer")
_STEPS = ("step-1", "step-2")
_STAGES = {"a": ["s1", "s2"], "b": ["s2", "s3"]}
_SCORES = (  # base, essential, points, weights, thresholds
    (50, 20, (5, 10, 20), (60, 40), (70, 50)),
    (0, 100, (1, 50, 99), (1, 99), (100, 0)),
    (90, 0, (7, 8, 9), (50, 50), (97, 96)),
)
_FAR = 10**17


def random_rulebook(chance: Random) -> Rulebook:
    """Return a valid rulebook."""
    return Rulebook.model_validate(_Drawing(chance).rulebook())


class _Drawing:
    """Draws the parts of one rulebook."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._actions = [f"act-{place}" for place in range(chance.choice((1, 2, 4, 4, 7)))]
        self._tests: dict[str, tuple[str, tuple[str, ...]]] = {}  # of each fact: its kind, and its choices
        for action in self._actions:
            self._tests[PROGRESS + action] = ("progress", PROGRESS_VALUES)
        self._huge = chance.random() < 1 / 40

    def _maybe(self, share: float) -> bool:
        return self._chance.random() < share

    def _some(self, values: tuple[str, ...]) -> list[str]:
        return self._chance.sample(values, self._chance.randint(1, min(8, len(values))))

    # Conditions

    def _test(self, fact: str) -> object:
        kind, choices = self._tests[fact]
        match kind:
            case "integer":
                spread = self._chance.choice((_FAR, 60)) if self._maybe(0.05) else 6
                low, high = sorted(self._chance.randint(-spread, spread) for _ in "lh")
                return self._chance.choice(({"min": low, "max": high}, {"min": low}, {"max": high}, {"min": low}))
            case "choices":
                return {self._chance.choice(("any", "all", "none")): self._some(choices)}
            case _:
                return self._chance.choice((self._some(choices), self._chance.choice(choices)))

    def _condition(self, depth: int) -> dict[str, Any]:
        facts = self._chance.sample(sorted(self._tests), min(len(self._tests), self._chance.choice((1, 1, 1, 2, 3))))
        entries: dict[str, Any] = {fact: self._test(fact) for fact in facts}
        if depth == 0 or self._maybe(0.35):
            return entries
        if self._maybe(0.7):
            entries = {}  # nothing but what is nested
        for word in self._chance.sample(("not", "any", "all"), self._chance.choice((1, 1, 2))):
            if word == "not":
                entries[word] = self._condition(depth - 1)
            else:
                parts = self._chance.choice((1, 2, 2, 3, 5))
                entries[word] = [self._condition(depth - 1) for _ in range(parts)]
        return entries

    def _when(self, depth: int = 3) -> object:
        return "always" if self._maybe(0.06) else self._condition(self._chance.randint(0, depth))

    # Facts

    def _questions(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return questions and deductions; each rests on what comes before it, and then all are shuffled."""
        roles = {"scenario": ("a", "b"), "stage": ("s1", "s2", "s3"), "capacity": ("low", "middle", "high")}
        questions = [self._question(name, "choice", choices) for name, choices in roles.items()]
        deductions = []
        for place in range(self._chance.choice((1, 3, 5, 5, 9))):
            name, kind = f"q{place}", self._chance.choice(_KINDS)
            choices = self._choices() if kind in {"choice", "choices"} else ()
            asked_when = {"asked_when": self._when(2)} if self._maybe(0.35) else {}
            deduction = None
            if kind in {"choice", "boolean"} and self._maybe(0.4):
                deduction = self._deduction(name, choices or ("oui", "non"))
                deductions.append(deduction)
            never_asked = {"ask": None} if deduction and self._maybe(0.2) else {}
            questions.append(self._question(name, kind, choices) | asked_when | never_asked)
        self._chance.shuffle(questions)
        self._chance.shuffle(deductions)
        return questions, deductions

    def _choices(self) -> tuple[str, ...]:
        many = 40 if self._maybe(0.04) else 5
        return tuple(f"v{place}" for place in range(self._chance.randint(1, many)))

    def _question(self, name: str, kind: str, choices: tuple[str, ...]) -> dict[str, Any]:
        self._tests[name] = (kind, choices or ("oui", "non"))
        return {
            "id": name,
            "label": name,
            "ask": name,
            "type": kind,
            "choices": [{"id": choice, "label": choice} for choice in choices],
            "actionable": "no",
            # those that have a role always apply
            "not_applicable": name.startswith("q") and self._maybe(0.4),
            **_OURS,
        }

    def _deduction(self, fact: str, values: tuple[str, ...]) -> dict[str, Any]:
        outcomes = [
            {"value": self._chance.choice(values), "when": self._when(2), "because": "Essai."}
            for _ in range(self._chance.randint(1, 4))
        ]
        otherwise = {"value": self._chance.choice(values), "because": "Essai."}
        return {"fact": fact, "values": outcomes, "otherwise": otherwise, **_OURS}

    # Actions

    def _action(self, place: int, lead: str | None, leads: list[str]) -> dict[str, Any]:
        name = self._actions[place]
        rules = 150 if self._huge else self._chance.choice((1, 2, 3, 5))
        needed = self._chance.sample(leads, min(len(leads), self._chance.choice((0, 0, 1, 1, 2))))
        return {
            "id": name,
            "step": self._chance.choice(_STEPS),
            "title": name,
            "source": _SOURCE,
            "twin_of": lead,
            "requires": [{"action": other, **_OURS} for other in needed if other != lead],
            "rules": [self._rule(f"{name}.r{index}", leads) for index in range(rules)],
        }

    def _rule(self, name: str, leads: list[str]) -> dict[str, Any]:
        effects = (*("recommend",) * 4, *("reinforce",) * 2, *("defer",) * 2, "exclude", "caution")
        effect = self._chance.choice(effects)
        rule = {"id": name, "effect": effect, "when": self._when(), "because": "Essai.", **_OURS}
        if effect == "reinforce" or (effect == "recommend" and self._maybe(0.6)):
            axes = self._some(("impact", "feasibility"))
            rule["points"] = {axis: self._chance.choice(_POINTS) for axis in axes}
        if effect == "defer":
            # what lifts an obstacle must do so by itself
            if leads and self._maybe(0.6):
                lifting = self._chance.choice(leads)
                rule["unlocked_by"] = {"actions": [lifting]}
                guard: dict[str, Any] = {PROGRESS + lifting: "done"}
            else:
                rule["unlocked_by"] = {"answers": {"capacity": ["high"]}}
                guard = {"capacity": "high"}
            own = rule["when"]
            rule["when"] = {"not": guard} if own == "always" else {"all": [own, {"not": guard}]}
        return rule

    def rulebook(self) -> dict[str, Any]:
        """Return the whole, as files would hold it."""
        questions, deductions = self._questions()
        leads: list[str] = []
        actions = []
        for place, name in enumerate(self._actions):
            lead = self._chance.choice(leads) if leads and self._maybe(0.2) else None
            actions.append(self._action(place, lead, leads))
            if lead is None:
                leads.append(name)
        actions.sort(key=lambda action: str(action["step"]))  # as the loader does; a prerequisite may come later
        essential = self._chance.sample(self._actions, self._chance.randint(0, 1))
        return {
            "guide": self._guide(essential),
            "questions": questions,
            "themes": {},
            "deductions": deductions,
            "actions": actions,
        }

    def _guide(self, essential: list[str]) -> dict[str, Any]:
        base, more, points, weights, thresholds = self._chance.choice(_SCORES)
        stances = [
            {
                "scenario": scenario,
                "stages": [
                    {"stage": stage, "title": stage, "source": _SOURCE, "ready_when": self._criteria()}
                    for stage in stages
                ],
                "leads_to": {"title": "Suite", "source": _SOURCE},
            }
            for scenario, stages in _STAGES.items()
        ]
        return {
            "id": "fuzz",
            "version": "1",
            "title": "Essai",
            "publisher": "conseil",
            "themes": [{"id": "theme", "title": "Thème"}],
            "steps": [{"id": step, "title": step, "source": _SOURCE} for step in _STEPS],
            "stances": stances,
            "essentials": [{"id": "e", "title": "Dit", "said": _SOURCE, "actions": essential, **_OURS}]
            if essential
            else [],
            "roles": {
                "scenario": "scenario",
                "stage": "stage",
                "maturity": "scenario",
                "capacity": {"question": "capacity", "at_most": {"low": 1, "middle": 2, "high": 5}},
            },
            "score": {
                "base": base,
                "essential": more,
                "points": points,
                "weights": dict(zip(("impact", "feasibility"), weights, strict=True)),
                "thresholds": dict(zip(("high", "medium"), thresholds, strict=True)),
            },
        }

    def _criteria(self) -> list[dict[str, Any]]:
        return [{"text": "Essai.", "when": self._when(2), **_OURS} for _ in range(self._chance.choice((0, 1, 2)))]


def random_territory(chance: Random, rulebook: Rulebook) -> Known:
    """Return what is known of a territory: sometimes nothing, sometimes everything, mostly in between."""
    answered = chance.choice((0.0, 0.3, 0.6, 0.8, 0.9, 1.0))
    answers = {asked.id: _answer(chance, asked) for asked in rulebook.questions if chance.random() < answered}
    begun = chance.choice((0.0, 0.3, 1.0))
    progress = {action: chance.choice(PROGRESS_VALUES) for action in rulebook.by_id if chance.random() < begun}
    return known_from(answers, progress, rulebook)


def _answer(chance: Random, asked: Question) -> FactValue:
    if asked.not_applicable and chance.random() < 1 / 6:
        return NOT_APPLICABLE
    match asked.type:
        case "integer":
            spread = 7 if chance.random() < 0.9 else chance.choice((70, _FAR))
            return chance.randint(-spread, spread)
        case "choices":
            return tuple(choice for choice in asked.values if chance.random() < 0.5)
        case _:
            return chance.choice(asked.values)
