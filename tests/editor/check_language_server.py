"""What the language server that editors run makes of our schemas: `make editor-check` installs it, and runs this."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from language_server import LanguageServer

from conseil import load_rulebook
from conseil.cli import conseil as command
from golden_files import ROOT

RULEBOOK = load_rulebook()
ACTIONS = ROOT / "rules" / "actions" / "1-diagnostic-territorial.yaml"
PROFILE = ROOT / "profiles" / "grand-lyon.yaml"
OVERLAY = ROOT / "docs" / "overlay-example"
FOLDERS = (ROOT / "rules", ROOT / "profiles", OVERLAY)
SHIPPED = [path for folder in FOLDERS for path in sorted(folder.rglob("*.yaml"))]

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
    (building,) = (choice for choice in RULEBOOK.vocabulary["foncier"].choices if choice.id == "bati")
    assert f"`bati`: {building.label}" in said


def test_what_is_wrong_is_underlined_where_it_stands(server: LanguageServer) -> None:
    end = "        because: Parce que.\n        basis: editorial\n        rationale: Parce que.\n"
    assert server.problems(ACTIONS, RULE + "        when: {foncier: bati}\n" + end) == []
    (wrong,) = server.problems(ACTIONS, RULE + "        when: {foncier: batti}\n" + end)
    assert wrong == '10: Valeur non acceptée. Valeurs valides: "aucun", "temporaire", "terrain", "bati".'
    (wrong,) = server.problems(ACTIONS, RULE + "        when: always\n" + end + "        how: Ainsi.\n")
    assert wrong == "14: `how` n’a pas sa place ici"
    (wrong,) = server.problems(ACTIONS, RULE + "        when: always\n" + end.replace("Parce que.", "[]", 1))
    assert wrong == "11: un texte est attendu ici"


# An overlay

HEAD = """\
# yaml-language-server: $schema=.schemas/overlay.schema.json
id: essai
version: "1"
title: Essai
publisher: Nous
adapts: {id: filiere-ess, version: "2026.1"}
"""
COMPLETED = "# yaml-language-server: $schema=../.schemas/actions.schema.json\nstep: financement\nactions:\n"


def test_what_an_overlay_withdraws_is_completed(server: LanguageServer) -> None:
    head = OVERLAY / "overlay.yaml"
    found = server.completions(head, HEAD + "withdraw:\n  - action: ¦\n    because: Parce que.\n")
    assert found == {action.id: action.title for action in RULEBOOK.actions}
    found = server.completions(head, HEAD + "withdraw:\n  - rule: ¦\n    because: Parce que.\n")
    own = {"acces-foncier.appel-regional", "acces-foncier.guichet"}
    assert set(found) == set(RULEBOOK.rules)
    assert not own & set(found)
    found = server.completions(head, HEAD + "withdraw:\n  - ¦\n")
    assert {"question", "deduction", "action", "rule", "example", "because"} <= set(found)


def test_the_questions_and_themes_of_an_overlay_are_completed(server: LanguageServer) -> None:
    actions, questions = OVERLAY / "actions" / "6-developpement-economique.yaml", OVERLAY / "questions" / "region.yaml"
    rule = "  - id: acces-foncier\n    rules:\n      - id: acces-foncier.x\n        when:\n          ¦\n"
    assert "appel_regional" in server.completions(actions, COMPLETED + rule)
    line = "# yaml-language-server: $schema=../.schemas/questions.schema.json\ntheme: ¦\n"
    assert "region" in server.completions(questions, line)


def test_an_action_of_the_guide_is_right_with_rules_alone_and_a_new_one_is_not(server: LanguageServer) -> None:
    path = OVERLAY / "actions" / "6-developpement-economique.yaml"
    rules = "    rules:\n      - id: {0}.x\n        effect: recommend\n        when: always\n        because: B\n"
    rules += "        basis: editorial\n        rationale: R\n"
    assert server.problems(path, f"{COMPLETED}  - id: acces-foncier\n{rules.format('acces-foncier')}") == []
    assert len(server.problems(path, f"{COMPLETED}  - id: neuve\n{rules.format('neuve')}")) == 2  # `title`, `source`


def test_schemas_in_a_folder_with_a_space_are_found(server: LanguageServer, tmp_path: Path) -> None:
    folder = tmp_path / "mes schémas #1"
    done = CliRunner().invoke(command, ["schemas", "-o", str(folder)], catch_exceptions=False)
    line = next(line.strip() for line in done.output.split("\n") if line.strip().startswith("profils"))
    text = line.partition("profils")[2].strip() + "\nname: Ici\nkind: reel\n"
    assert len(server.problems(PROFILE, text)) == 1
