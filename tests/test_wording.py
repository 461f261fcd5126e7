"""Rules in words: each test, its contrary, any nesting; and the words keep the meaning."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conseil import Rulebook, load_rulebook
from conseil.authoring.wording import (
    Clause,
    Clauses,
    condition_sentence,
    points_words,
    rule_lead,
    signed_leaves,
    worded,
)
from conseil.conditions import NOT_APPLICABLE, AllOf, AnyOf, Condition, Facts, Not, evaluate, parse
from strategies import rulebooks

RULEBOOK = load_rulebook()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"foncier": "aucun"}, "si « Foncier disponible » est « aucun »"),
        (
            {"foncier": ["aucun", "bati"]},
            "si « Foncier disponible » est « aucun » ou « un bâtiment (friche comprise) »",
        ),
        ({"not": {"foncier": "aucun"}}, "si « Foncier disponible » n’est pas « aucun »"),
        ({"not": {"foncier": ["aucun", "terrain"]}}, "si « Foncier disponible » n’est ni « aucun » ni « un terrain »"),
        ({"recherche": "oui"}, "si la réponse à « Acteurs de la recherche » est oui"),
        ({"not": {"recherche": "oui"}}, "si la réponse à « Acteurs de la recherche » n’est pas oui"),
        ({"population": {"min": 20000}}, "si « Population » est d’au moins 20\u202f000 habitants"),
        ({"population": {"max": 500}}, "si « Population » est d’au plus 500 habitants"),
        ({"population": {"min": 2, "max": 9}}, "si « Population » va de 2 à 9 habitants"),
        ({"not": {"population": {"min": 500}}}, "si « Population » n’est pas d’au moins 500 habitants"),
        ({"not": {"population": {"min": 2, "max": 9}}}, "si « Population » ne va pas de 2 à 9 habitants"),
        (
            {"besoins": {"any": ["debouches", "visibilite"]}},
            "si « Besoins exprimés par les acteurs » compte « des débouchés » ou « de la visibilité »",
        ),
        (
            {"besoins": {"all": ["debouches", "visibilite"]}},
            "si « Besoins exprimés par les acteurs » compte à la fois « des débouchés » et « de la visibilité »",
        ),
        (
            {"besoins": {"none": ["debouches", "visibilite"]}},
            "si « Besoins exprimés par les acteurs » ne compte ni « des débouchés » ni « de la visibilité »",
        ),
        (
            {"not": {"besoins": {"none": ["debouches"]}}},
            "si « Besoins exprimés par les acteurs » compte « des débouchés »",
        ),
        (
            {"not": {"besoins": {"any": ["debouches"]}}},
            "si « Besoins exprimés par les acteurs » ne compte pas « des débouchés »",
        ),
        (
            {"not": {"besoins": {"all": ["debouches", "visibilite"]}}},
            "si « Besoins exprimés par les acteurs » ne compte pas à la fois « des débouchés » et « de la visibilité »",
        ),
        ({"progress.acces-foncier": "done"}, "si l’action « Faciliter l’accès au foncier » est faite"),
        (
            {"not": {"progress.acces-foncier": ["todo", "doing"]}},
            "si l’action « Faciliter l’accès au foncier » n’est ni à faire ni en cours",
        ),
        ("always", "dans tous les cas"),
    ],
)
def test_each_test_and_its_contrary_has_its_words(written: object, said: str) -> None:
    assert condition_sentence(RULEBOOK, parse(written)) == said


def test_conditions_together_and_alternatives_are_told_apart() -> None:
    written: Any = {
        "foncier": "aucun",
        "any": [
            {"scic": "creee"},
            {"recherche": "oui", "not": {"any": [{"vision": "ecosysteme"}, {"scic": "aucune"}]}},
        ],
    }
    assert condition_sentence(RULEBOOK, parse(written)) == (
        "(si « SCIC » est « créée » ou (si « Vision de la filière » n’est pas « un écosystème d’acteurs », si « SCIC » "
        "n’est pas « aucune à ce jour » et si la réponse à « Acteurs de la recherche » est oui)) "
        "et si « Foncier disponible » est « aucun »"
    )


def test_the_contrary_of_conditions_together_is_alternatives() -> None:
    said = worded(RULEBOOK, parse({"not": {"foncier": "aucun", "scic": "creee"}}))
    assert isinstance(said, Clauses)
    assert (said.every, [str(part) for part in said.parts]) == (
        False,
        ["« Foncier disponible » n’est pas « aucun »", "« SCIC » n’est pas « créée »"],
    )


def verdict(said: Clause | Clauses, facts: Facts) -> bool | None:
    """Judge what is said, and not the condition that it was made of."""
    if isinstance(said, Clause):
        return evaluate(said.test if said.holds else Not(said.test), facts)
    whole = AllOf if said.every else AnyOf
    verdicts = [verdict(part, facts) for part in said.parts]
    decided = whole is AnyOf
    return decided if decided in verdicts else None if None in verdicts else not decided


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_is_said_means_what_is_written(data: st.DataObject) -> None:
    rulebook: Rulebook = data.draw(rulebooks())
    condition: Condition = data.draw(st.sampled_from(rulebook.conditions))
    said = worded(rulebook, condition)
    for facts in data.draw(st.lists(facts_of(rulebook), min_size=1, max_size=5)):
        assert verdict(said, facts) is evaluate(condition, facts)
    assert condition_sentence(rulebook, condition)


@st.composite
def facts_of(draw: st.DrawFn, rulebook: Rulebook) -> dict[str, Any]:
    """Draw facts, some unknown, some that do not apply."""
    found: dict[str, Any] = {}
    for question in rulebook.vocabulary.values():
        values = st.sampled_from([None, NOT_APPLICABLE, *rulebook.distinct_answers(question.id)])
        found[question.id] = draw(values)
    for action in rulebook.by_id:
        found[f"progress.{action}"] = draw(st.sampled_from([None, "todo", "doing", "done"]))
    return {fact: value for fact, value in found.items() if value is not None}


def test_leaves_are_told_with_what_is_wanted_of_them() -> None:
    condition = parse({"foncier": "aucun", "not": {"not": {"scic": "creee"}, "vision": "ecosysteme"}})
    assert {leaf.fact: holds for leaf, holds in signed_leaves(condition)} == {
        "foncier": True,
        "scic": True,
        "vision": False,
    }


def test_points_and_leads() -> None:
    rules = RULEBOOK.rules
    assert points_words(RULEBOOK, rules["temps-de-rencontre.invitation"]) == (
        "un peu plus d’impact (+5) et plus de faisabilité (+10)"
    )
    assert points_words(RULEBOOK, rules["plan-communication.soutien"]) == "moins d’impact (\N{MINUS SIGN}10)"
    assert points_words(RULEBOOK, rules["plan-communication.elections"]) == ""
    leads = {rule_lead(rule) for rule in rules.values() if rule.effect == "reinforce"}
    assert leads == {"renforcée", "freinée", "plus ou moins prioritaire"}
