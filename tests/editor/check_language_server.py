"""What the language server that editors run makes of our schemas: `make editor-check` installs it, and runs this."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from language_server import LanguageServer

from conseil import load_rulebook
from golden_files import ROOT

RULEBOOK = load_rulebook()
ACTIONS = ROOT / "rules" / "actions" / "1-diagnostic-territorial.yaml"
PROFILE = ROOT / "profiles" / "grand-lyon.yaml"
SHIPPED = [*sorted((ROOT / "rules").rglob("*.yaml")), *sorted((ROOT / "profiles").glob("*.yaml"))]

ACTION = """\
# yaml-language-server: $schema=../.schemas/actions.schema.json
step: financement
actions:
  - id: essai
    title: Essai
    source: {section: ESSAI, quote: Essai}
"""
RULE = ACTION + "    rules:\n      - id: essai.regle\n        effect: recommend\n"
ANSWERS = """\
# yaml-language-server: $schema=../rules/.schemas/profile.schema.json
name: Ici
kind: real
answers:
"""


@pytest.fixture(scope="module")
def server() -> Iterator[LanguageServer]:
    with LanguageServer() as running:
        yield running


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_underlined_in_what_is_right(server: LanguageServer, path: Path) -> None:
    assert server.problems(path, path.read_text(encoding="utf-8")) == []


def test_a_condition_is_completed_with_every_question(server: LanguageServer) -> None:
    found = server.completions(ACTIONS, RULE + "        when:\n          ¦\n        because: Parce que.\n")
    assert {"not", "any", "all", *RULEBOOK.vocabulary, *(f"progress.{name}" for name in RULEBOOK.by_id)} == set(found)
    assert found["foncier"] == "Foncier disponible. De quel foncier disposez-vous pour la filière ?"


@pytest.mark.parametrize(
    "written",
    [
        "        when:\n          foncier: ¦\n        because: Parce que.\n",
        "        when: {foncier: ¦}\n        because: Parce que.\n",
        "        when: {foncier: [¦]}\n        because: Parce que.\n",
        "        when:\n          any:\n            - not:\n                foncier: ¦\n        because: Parce que.\n",
    ],
)
def test_a_question_is_completed_with_its_choices(server: LanguageServer, written: str) -> None:
    labels = {choice.id: choice.label for choice in RULEBOOK.vocabulary["foncier"].choices}
    assert server.completions(ACTIONS, RULE + written) == labels


def test_the_choices_of_several_are_completed(server: LanguageServer) -> None:
    found = server.completions(ACTIONS, RULE + "        when:\n          besoins: {any: [¦]}\n        because: x\n")
    assert list(found) == list(RULEBOOK.vocabulary["besoins"].values)


def test_a_prerequisite_is_completed_with_every_action(server: LanguageServer) -> None:
    found = server.completions(ACTIONS, ACTION + "    requires:\n      - action: ¦\n")
    assert found == {action.id: action.title for action in RULEBOOK.actions}


def test_an_answer_is_completed(server: LanguageServer) -> None:
    assert set(server.completions(PROFILE, ANSWERS + "  ¦\n")) == set(RULEBOOK.vocabulary)
    choices = {*RULEBOOK.vocabulary["foncier"].values, "unknown"}
    assert set(server.completions(PROFILE, ANSWERS + "  foncier: ¦\n")) == choices
    assert set(server.completions(PROFILE, ANSWERS + "  foncier: {value: ¦}\n")) == choices


def test_keys_and_words_are_explained_in_french(server: LanguageServer) -> None:
    assert "la raison, en une phrase à l’agent" in server.hover(ACTIONS, RULE + "        beca¦use: Parce que.\n")
    said = server.hover(ACTIONS, RULE + "        when: {foncier: ba¦ti}\n")
    assert "De quel foncier disposez-vous pour la filière ?" in said
    assert "`bati`: bâtiment (friche comprise)" in said


def test_what_is_wrong_is_underlined_where_it_stands(server: LanguageServer) -> None:
    end = "        because: Parce que.\n        basis: editorial\n        rationale: Parce que.\n"
    assert server.problems(ACTIONS, RULE + "        when: {foncier: bati}\n" + end) == []
    (wrong,) = server.problems(ACTIONS, RULE + "        when: {foncier: batti}\n" + end)
    assert wrong == '10: Valeur non acceptée. Valeurs valides: "aucun", "temporaire", "terrain", "bati".'
    (wrong,) = server.problems(ACTIONS, RULE + "        when: always\n" + end + "        how: Ainsi.\n")
    assert wrong == "14: `how` n’a pas sa place ici"
    (wrong,) = server.problems(ACTIONS, RULE + "        when: always\n" + end.replace("Parce que.", "[]", 1))
    assert wrong == "11: un texte est attendu ici"
