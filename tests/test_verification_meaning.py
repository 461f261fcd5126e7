"""Proofs are worth what their encoding is: on random territories, the formulas say what the engine says.

Random complete territories of the carried guide, of the second one, and of random rulebooks are given to z3 as a model,
and to `advise` as a profile. Every verdict, deduction, status, score and first wave must be the same.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest
import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import conseil
from conseil import Plan, Rulebook
from conseil.authoring.verification.answers import (
    Territory,
    possible_answers,
    random_territories,
    without_what_is_ignored,
)
from conseil.authoring.verification.territories import Formula, Given, Meaning, no
from conseil.conditions import NOT_APPLICABLE
from conseil.profile import Progress
from conseil.vocabulary import Question
from fuzz_rulebooks import random_rulebook
from golden_files import ROOT
from strategies import rulebooks

SECOND = ROOT / "tests" / "second_guide" / "rules"


class Encoded:
    """The meaning of a rulebook, and what it says of one territory."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.given = Given(possible_answers(rulebook), [rulebook])
        self.meaning = Meaning(rulebook, self.given)
        self.solver = z3.Solver()
        self.solver.add(*self.given.sound)

    def of(self, territory: Territory) -> z3.ModelRef:
        """Return the only model in which a territory is what it is; what does not apply may be anything."""
        assert self.solver.check(*self._assumptions(territory)) == z3.sat
        return self.solver.model()

    def _assumptions(self, territory: Territory) -> list[Formula]:
        found = [states[territory.begun.get(action, "todo")] for action, states in self._progress()]
        for question, possible in self.given.possible.items():
            if possible.reading == "either":
                answered = self.given.answered(question)
                found.append(answered if question in territory.answers else no(answered))
            answer = territory.answers.get(question)
            if answer is not None:
                made = answer if isinstance(answer, tuple) else (possible.standing_for(answer),)
                values = self.given.values(question).items()
                found += [chosen if value in made else no(chosen) for value, chosen in values]
        return found

    def _progress(self) -> list[tuple[str, dict[Progress, Formula]]]:
        return [(action, dict(self.given.progress(action))) for action in self.meaning.rulebook.by_id]


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same territories every time


def elsewhere_in_its_class(territory: Territory, rulebook: Rulebook, chance: Random) -> Territory:
    """Replace numbers by others that no bound tells from them."""
    answers = dict(territory.answers)
    for question, answer in answers.items():
        if isinstance(answer, int):
            asked = rulebook.vocabulary[question]
            values = [value for value in possible_answers(rulebook)[question].values if isinstance(value, int)]
            answers[question] = chance.randint(*span(answer, values, asked))
    return replace(territory, answers=answers)


def span(answer: int, values: list[int], asked: Question) -> tuple[int, int]:
    after = min((value for value in values if value > answer), default=None)
    high = after - 1 if after is not None else answer + 1000 if asked.max is None else asked.max
    low = answer - 1000 if answer == min(values) and asked.min is None else answer
    return low, high


def assert_alike(rulebook: Rulebook, chance: Random, count: int) -> None:
    """Compare the formulas with the plans of so many random territories."""
    encoded = Encoded(rulebook)
    for drawn in islice(random_territories(rulebook, chance), count):
        territory = elsewhere_in_its_class(drawn, rulebook, chance)
        plan = conseil.advise(territory.profile("Essai", rulebook), rulebook, "compiled")
        said = said_by_formulas(encoded, encoded.of(territory))
        assert without_numbers(said_by_engine(plan), rulebook) == without_numbers(said, rulebook)


def said_by_engine(plan: Plan) -> dict[str, object]:
    assert None not in plan.inference.rules.values()
    return {
        "rules": dict(plan.inference.rules),
        "criteria": dict(plan.inference.criteria),
        "deduced": dict(plan.inference.deduced),
        "facts": {question.id: plan.facts[question.id] for question in plan.rulebook.questions},
        "statuses": {item.id: item.status for item in plan.items},
        "totals": {item.id: item.score.total for item in plan.items},
        "waves": {item.id: item.wave for item in plan.items if item.wave is not None},
        "now": [item.id for item in plan.now],
        "decisions": [item.id for item in plan.decisions],
    }


def said_by_formulas(encoded: Encoded, model: z3.ModelRef) -> dict[str, object]:
    meaning, rulebook = encoded.meaning, encoded.meaning.rulebook

    def holds(formula: Formula) -> bool:
        return bool(z3.is_true(model.eval(formula, model_completion=True)))

    totals = {
        action: (model.eval(meaning.total(action), model_completion=True).as_long() + 50) // 100
        for action in rulebook.by_id
    }
    capacity = rulebook.guide.roles.capacity
    bounds = [most for choice, most in capacity.at_most.items() if holds(meaning.values(capacity.question)[choice])]
    ready = [action for action in rulebook.by_id if holds(meaning.is_ready(action))]
    now = sorted(ready, key=lambda action: -totals[action])[: bounds[0]]
    return {
        "rules": {rule: holds(formula) for rule, formula in meaning.rules.items()},
        "criteria": {place: holds(formula) for place, formula in meaning.criteria.items()},
        "deduced": {
            fact: next(place for place, gives in enumerate(outcomes) if holds(gives))
            for fact, outcomes in meaning.outcomes.items()
            if holds(meaning.applies[fact]) and not holds(encoded.given.answered(fact))
        },
        "facts": {question.id: value_of(question, meaning, model) for question in rulebook.questions},
        "statuses": {
            action: next(status for status, formula in statuses.items() if holds(formula))
            for action, statuses in ((action, meaning.statuses[action]) for action in rulebook.by_id)
        },
        "totals": totals,
        "waves": waves_of(meaning, model),
        "now": now,
        "decisions": now[:5],
    }


def value_of(question: Question, meaning: Meaning, model: z3.ModelRef) -> object:
    """Return the value that a fact has: of a number, the one that stands for its class."""
    made = [
        value
        for value, formula in meaning.values(question.id).items()
        if z3.is_true(model.eval(formula, model_completion=True))
    ]
    if question.type == "choices" and made != [NOT_APPLICABLE]:
        return tuple(made)
    (value,) = made
    return value


def waves_of(meaning: Meaning, model: z3.ModelRef) -> dict[str, int]:
    """Return the wave of each action that has one, counted from what the formulas say is live."""

    def holds(formula: Formula) -> bool:
        return bool(z3.is_true(model.eval(formula, model_completion=True)))

    waves: dict[str, int] = {}
    for action in meaning.rulebook.prerequisites_first:
        if holds(meaning.is_live(action.id)):
            waves[action.id] = 1 + max((waves.get(needed.action, 0) for needed in action.requires), default=0)
    leads = meaning.rulebook.lead_of
    return {action: wave for action, wave in waves.items() if leads.get(action) not in waves}


def without_numbers(said: dict[str, object], rulebook: Rulebook) -> dict[str, object]:
    """Leave out the numbers themselves, of which a formula only knows the class."""
    facts = said["facts"]
    assert isinstance(facts, dict)
    kept = {name: value for name, value in facts.items() if rulebook.vocabulary[name].type != "integer"}
    return said | {"facts": kept}


@pytest.mark.parametrize("folder", [ROOT / "rules", SECOND], ids=["carried", "second"])
def test_formulas_say_what_the_engine_says(folder: Path) -> None:
    assert_alike(conseil.load_rulebook(folder), seeded(7), 120)


def test_formulas_say_what_the_engine_says_of_random_rulebooks() -> None:
    chance = seeded(11)
    for _ in range(40):
        assert_alike(random_rulebook(chance), chance, 10)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulebooks(), st.integers(0, 2**32))
def test_formulas_say_what_the_engine_says_of_any_rulebook(rulebook: Rulebook, seed: int) -> None:
    assert_alike(rulebook, seeded(seed), 6)


def test_a_model_becomes_the_territory_that_it_describes() -> None:
    """From a territory to a model and back, nothing is lost."""
    rulebook = conseil.load_rulebook()
    encoded = Encoded(rulebook)
    for territory in islice(random_territories(rulebook, seeded(3)), 60):
        found = encoded.meaning.territory(encoded.of(territory))
        assert without_what_is_ignored(found, rulebook) == found
        assert dict(found.begun) == dict(territory.begun)
        assert dict(found.answers) == dict(territory.answers)
