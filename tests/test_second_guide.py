"""The engine knows no guide: a second one, with nothing in common with the first, runs on it.

`second_guide/` is a folder of rules and two profiles about opening a repair café. It uses every type of question, every
effect, twins, prerequisites, an obstacle that actions and answers lift, a fact that is never asked, and one that does
not always apply.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import conseil
from conseil import Plan, Profile, Rulebook
from conseil.conditions import PROGRESS
from conseil.inference import compile_rulebook
from conseil.plan import build_plan
from conseil.profile import known
from conseil.rendering import outline, render_markdown, render_text
from conseil.rulebook import EFFECTS
from golden_files import ROOT

SECOND = ROOT / "tests" / "second_guide"
PROFILES = sorted((SECOND / "profiles").glob("*.yaml"))
SOURCES = sorted((ROOT / "src" / "conseil").rglob("*.py"))

COINCIDENCES = {
    "absent": "French and English for what is not there, as an action that only one of two plans has",
    "aucune": "French for none, in a sentence",
    "autre": "French for other, in a sentence",
    "oui": "the answer to every yes/no question, in any guide",
    "non": "the answer to every yes/no question, in any guide",
    "scenario": "a role, as `guide.yaml` names it; the shipped guide gives its question the same name",
    "population": "a role, as `guide.yaml` names it; the shipped guide gives its question the same name",
}
"""Words of the shipped guide that the code may hold, and why."""


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return conseil.load_rulebook(SECOND / "rules")


def profile_of(name: str, rulebook: Rulebook) -> Profile:
    return conseil.load_profile(SECOND / "profiles" / f"{name}.yaml", rulebook)


def somewhere(**raw: object) -> Profile:
    return Profile.model_validate({"name": "Ici", "kind": "invented", **raw})


def statuses(plan: Plan) -> dict[str, str]:
    return {item.action.id: item.status for item in plan.items}


def ids_of(rulebook: Rulebook) -> dict[str, set[str]]:
    """Return every id of a rulebook, by what it is the id of."""
    return {
        "guide": {rulebook.guide.id},
        "theme": {theme.id for theme in rulebook.guide.themes},
        "step": {step.id for step in rulebook.guide.steps},
        "essential": {essential.id for essential in rulebook.guide.essentials},
        "question": {question.id for question in rulebook.questions},
        "choice": {choice for question in rulebook.questions for choice in question.values},
        "action": set(rulebook.by_id),
        "rule": set(rulebook.rules),
        "example": {example.id for example in rulebook.examples},
    }


def test_the_second_guide_has_nothing_in_common_with_the_first(rulebook: Rulebook) -> None:
    """No id is in both, but the answers to yes/no questions."""
    first, second = (set().union(*ids_of(book).values()) for book in (conseil.load_rulebook(), rulebook))
    assert {"oui", "non"} == first & second


def test_the_second_guide_uses_the_whole_language(rulebook: Rulebook) -> None:
    """What it does not use, it does not prove."""
    assert {"choice", "choices", "boolean", "integer"} == {question.type for question in rulebook.questions}
    assert set(EFFECTS) == {rule.effect for rule in rulebook.rules.values()}
    assert any(question.ask is None for question in rulebook.questions)
    assert any(question.asked_when for question in rulebook.questions)
    assert any(question.not_applicable for question in rulebook.questions)
    assert any(action.twin_of for action in rulebook.actions)
    assert any(action.requires for action in rulebook.actions)
    assert any(
        rule.unlocked_by and rule.unlocked_by.actions and rule.unlocked_by.answers for rule in rulebook.rules.values()
    )
    assert any(rule.reference for rule in rulebook.rules.values())


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_engine_gives_its_plan(path: Path, rulebook: Rulebook, usable_engines: list[str]) -> None:
    """The plan is exported whole, and is the same with every engine."""
    profile = conseil.load_profile(path, rulebook)
    exported = [conseil.export(conseil.advise(profile, rulebook, engine)) for engine in usable_engines]
    assert [exported[0]] * len(usable_engines) == exported
    data = json.loads(exported[0].model_dump_json())
    assert data["rulebook"]["id"] == "cafe-reparation"
    assert set(rulebook.by_id) == {item["action"] for item in data["items"]}


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_its_plans_are_shown(path: Path, rulebook: Rulebook) -> None:
    """Text and Markdown speak of this guide, and of nothing that belongs to the other one."""
    plan = conseil.advise(conseil.load_profile(path, rulebook), rulebook)
    for shown in (render_text(outline(plan)).plain, render_markdown(outline(plan))):
        assert rulebook.guide.publisher.split("’", maxsplit=1)[0] in shown
        assert plan.profile.name in shown
        assert not re.search(r"RTES|filière|ESS\b|collectivité", shown)


def test_what_neighbours_who_know_everything_are_told(rulebook: Rulebook) -> None:
    """Prerequisites, twins, adaptations and deductions work here as in the other guide."""
    plan = conseil.advise(profile_of("rue-haute", rulebook), rulebook)
    expected = {
        "reunir-reparateurs": "recommended",
        "trouver-salle": "not_retained",
        "vente-gateaux": "done",
        "journee-blanche": "recommended",
        "affiche": "recommended",
        "affiche-encore": "recommended",
        "calendrier": "not_retained",
        "atelier-couture": "recommended",
    }
    assert expected == statuses(plan)
    assert {deduced.fact: deduced.value for deduced in plan.deduced} == {"elan": "froid", "cagnotte": "garnie"}
    assert plan.item("affiche-encore").lead == "affiche"
    assert plan.item("journee-blanche").wave == 2
    assert [item.id for item in plan.now] == ["reunir-reparateurs", "affiche"]


def test_an_obstacle_is_lifted_by_the_answer_that_it_names(rulebook: Rulebook) -> None:
    """Without helpers the first day waits; with some, or once they are found, it does not."""

    def first_day(helpers: str, gathered: str) -> str:
        raw = {"answers": {"moment": "envie", "benevoles": helpers, "salle": "louee"}}
        profile = somewhere(**raw, progress={"reunir-reparateurs": gathered, "others": "todo"})
        return statuses(conseil.advise(profile, rulebook))["journee-blanche"]

    assert first_day("pas-un", "todo") == "deferred"
    assert first_day("poignee", "todo") == "recommended"
    assert first_day("pas-un", "done") == "recommended"


def test_what_an_association_that_knows_little_is_told(rulebook: Rulebook) -> None:
    """What is unknown leaves actions to confirm, and says which questions would settle them."""
    plan = conseil.advise(profile_of("les-hirondelles", rulebook), rulebook)
    assert statuses(plan)["journee-blanche"] == "to_confirm"
    assert statuses(plan)["affiche"] == "recommended"
    assert plan.missing(plan.item("trouver-salle"))


def test_roles_say_which_question_bounds_a_first_wave(rulebook: Rulebook) -> None:
    """With its roles on other questions, the same guide bounds its first wave otherwise."""
    capacity = rulebook.guide.roles.capacity.model_copy(
        update={"question": "salle", "at_most": {"louee": 7, "pretee": 3, "rien": 1}}
    )
    roles = rulebook.guide.roles.model_copy(update={"capacity": capacity})
    other = rulebook.model_copy(update={"guide": rulebook.guide.model_copy(update={"roles": roles})})
    profile = somewhere(answers={"salle": "louee", "benevoles": "equipe"})
    facts = known(profile, other)
    plan = build_plan(other, profile, facts, compile_rulebook(other, "reference").infer(facts))
    assert plan.capacity == 7


# The code


def code_words(source: str) -> Iterator[tuple[int, str]]:
    """Walk the words of the code: its strings, whole and by compound words, and its identifiers; no docstring."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield line, node.value
            yield line, node.value.removeprefix(PROGRESS)
            yield from ((line, word) for word in re.findall(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+", node.value))
        for name in (getattr(node, field, None) for field in ("id", "attr", "arg", "name")):
            if isinstance(name, str):
                yield line, name
                yield line, name.replace("_", "-")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_id_of_the_shipped_guide_is_in_the_code(path: Path) -> None:
    """The code names no question, choice, action, step, rule or example: `roles` says which is what."""
    of = {name: kind for kind, names in ids_of(conseil.load_rulebook()).items() for name in names}
    words = set(code_words(path.read_text(encoding="utf-8")))
    found = {
        f"line {line}: `{word}` is a {of[word]}" for line, word in words if word in of and word not in COINCIDENCES
    }
    assert set() == found


def test_the_search_for_ids_finds_them() -> None:
    """A test that cannot fail proves nothing."""
    source = '''
"""maturite"""
def etape_posture(foncier):
    """Docstrings may show examples: foncier."""
    return facts["progress.etude-opportunite"], f"voir creuse-grand-sud", x.niveau
'''
    found = {word for _, word in code_words(source)}
    assert {"etape_posture", "foncier", "etude-opportunite", "creuse-grand-sud", "niveau"} <= found
    assert "maturite" not in found
