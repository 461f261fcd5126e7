"""What lint finds: each code in words that trigger it, and not in those that nearly do.

`tests/lint/` is a small guide with which nothing is wrong. A fixture changes a few of its words. What is said of those
that trigger a code stands in `golden/lint.txt`, to be read aloud: `make golden` rewrites it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import fuzz
from conseil import load_rulebook
from conseil.authoring.checkup import check_up
from conseil.authoring.checkup_json import ExportedCheck, export_check
from conseil.authoring.codes import CODES, LINT, STALE
from conseil.authoring.findings import Finding, load_accepted, sift
from conseil.authoring.lint import CHECKS, lint, wording
from conseil.authoring.lint.reading import Reading
from conseil.authoring.lint.texts import passages
from conseil.authoring.lint.typography import misprints
from conseil.authority import Source
from conseil.errors import Fault
from conseil.inference import ReferenceEngine
from conseil.plan import build_plan
from conseil.profile import Known, known_from
from conseil.records import Record
from conseil.rulebook import Places, Rulebook
from conseil.shipped import rules_folder
from conseil.vocabulary import Question
from golden_files import ROOT, check_golden
from plans_as_data import data_of_plan

SOUND = ROOT / "tests" / "lint"
ACTIONS, QUESTIONS = "actions/preparer.yaml", "questions/terrain.yaml"
SCHEMA = ExportedCheck.model_json_schema(mode="serialization")

_RULE = """\
      - id: creuser.serre
        effect: {}
        when: {{ombre: oui}}
        because: La serre attend le soleil.
        basis: editorial
        rationale: Une serre à l’ombre ne chauffe pas ce que l’on y met.
"""

Edits = list[tuple[str, str, str]]
"""In which file, which words are replaced by which others; a file that is not there is written."""

_OBSTACLE = "        unlocked_by: {answers: {bras: [assez], outils: [pelle]}}\n"
_THIRD_CHOICE = (QUESTIONS, "{id: meuble,", "{id: moyen, label: moyen}, {id: meuble,")
_TWICE = "La terre est dure, et rien n’y prendra sans être ouverte."
_HOW = "Choisissez des salades et des épinards."

FOUND: list[tuple[str, Edits]] = [
    ("idle-question", [(ACTIONS, "{ombre: oui}", "{any: [{ombre: oui}, {ombre: non}]}")]),
    ("idle-question", [(ACTIONS, "{ombre: oui}", "{surface: {max: 500}}")]),  # nobody may answer more
    (
        "idle-question",
        [
            (ACTIONS, "{outils: {any: [arrosoir]}}", "always"),
            (ACTIONS, ", not: {outils: {any: [pelle]}}", ""),
            (ACTIONS, ", outils: [pelle]", ""),
        ],
    ),
    ("long-sentence", [(ACTIONS, _HOW, f'"Plantez : {"ici " * 23}puis arrosez. Attendez."')]),
    ("no-obstacle", [(ACTIONS, "effect: defer", "effect: caution"), (ACTIONS, _OBSTACLE, "")]),
    ("no-recommendation", [(ACTIONS, "recommend\n        when: {outils", "caution\n        when: {outils")]),
    (
        "no-unlock",
        [
            (ACTIONS, "{bras: peu, not: {outils: {any: [pelle]}}}", "{ombre: oui}"),
            (ACTIONS, _OBSTACLE, "        unlocked_by: {answers: {ombre: [non]}}\n"),
            (ACTIONS, "{sol: dur}", "{sol: dur, outils: {any: [pelle]}}"),
        ],
    ),
    (
        "no-unlock",  # from many arms to few is the way down
        [
            (ACTIONS, "{bras: peu, not: {outils: {any: [pelle]}}}", "{bras: assez}"),
            (ACTIONS, _OBSTACLE, "        unlocked_by: {answers: {bras: [peu]}}\n"),
            (ACTIONS, "{sol: dur}", "{sol: dur, outils: {any: [pelle]}}"),
        ],
    ),
    ("repeated-because", [(ACTIONS, "Le terrain est à l’ombre.", "Vous pourrez arroser, ce que vous plantez.")]),
    (STALE, [("accepted.yaml", "", "accepted: [{code: typography, about: creuser/title, because: Ainsi.}]\n")]),
    ("thin-rationale", [(ACTIONS, "La première semaine décide de la récolte.", "C’est bien connu.")]),
    (
        "thin-rationale",
        [(ACTIONS, "La première semaine décide de la récolte.", "Ce que vous plantez, vous pourrez l’arroser.")],
    ),
    ("typography", [(ACTIONS, "Le terrain est à l’ombre.", "Le terrain est à l'ombre.")]),
    ("typography", [(QUESTIONS, "Qui jardine ?", "Qui jardine")]),
    ("typography", [(ACTIONS, "[une bêche]", '[une bêche, "un seau, une pelle..."]')]),
    ("typography", [(QUESTIONS, "label: un arrosoir", "label: l'arrosoir")]),
    ("unread-choice", [_THIRD_CHOICE]),
    ("unread-choice", [(QUESTIONS, "{id: pelle,", "{id: seau, label: un seau}, {id: pelle,")]),
    (
        "unread-choice",  # named twice, and always together with another
        [_THIRD_CHOICE, (ACTIONS, "{ombre: oui}", "{ombre: oui, any: [{sol: moyen}, {sol: meuble}]}")],
    ),
]
"""What triggers each code, and no other."""

SPARED: list[tuple[str, Edits]] = [
    (
        "idle-question",  # a deduction reads it
        [
            (ACTIONS, "{ombre: oui}", "{surface: {min: 100}}"),
            ("deductions.yaml", "{min: 10}", "{min: 10}, ombre: non"),
        ],
    ),
    ("idle-question", [("deductions.yaml", "{min: 10}", "{max: 9}")]),
    ("long-sentence", [(ACTIONS, _HOW, f'"Plantez : {"ici " * 22}puis arrosez. Attendez."')]),
    ("no-obstacle", [(ACTIONS, "effect: defer", "effect: exclude"), (ACTIONS, _OBSTACLE, "")]),
    (
        "no-recommendation",
        [
            (ACTIONS, "{outils: {any: [arrosoir]}}", "always"),
            (QUESTIONS, ", {id: arrosoir, label: un arrosoir}", ""),
        ],
    ),
    ("no-unlock", [(ACTIONS, "{bras: [assez], outils: [pelle]}", "{bras: [assez]}")]),
    (
        "no-unlock",  # one more choice is the way up
        [
            (ACTIONS, "{bras: [assez], outils: [pelle]}", "{outils: [pelle]}"),
            (QUESTIONS, "actionable: any", "actionable: upward"),
        ],
    ),
    (
        "no-unlock",  # the fact follows from one that can be changed
        [
            (ACTIONS, "{bras: peu, not: {outils: {any: [pelle]}}}", "{sol: dur, not: {outils: {any: [pelle]}}}"),
            (ACTIONS, "{bras: [assez], outils: [pelle]}", "{sol: [meuble]}"),
            ("deductions.yaml", "{surface: {min: 10}}", "{surface: {min: 10}, bras: assez}"),
        ],
    ),
    (
        "repeated-because",  # a twin says what its lead says
        [
            (ACTIONS, "title: Planter\n", "title: Planter\n    twin_of: creuser\n"),
            (ACTIONS, "Vous pourrez arroser ce que vous plantez.", _TWICE),
        ],
    ),
    (
        STALE,
        [
            ("accepted.yaml", "", "accepted: [{code: typography, about: creuser/title, because: Ainsi.}]\n"),
            (ACTIONS, "title: Creuser", 'title: "Creuser : A deux, c\'est mieux"'),
        ],
    ),
    ("thin-rationale", [(ACTIONS, "La première semaine décide de la récolte.", "La semaine décide de tout.")]),
    ("typography", [(ACTIONS, _HOW, '"Voyez https://potager.fr/?q=a dès 12:30 ; dites « À deux ! », ou quoi ?!"')]),
    ("unread-choice", [_THIRD_CHOICE, (ACTIONS, "{ombre: oui}", "{ombre: oui, sol: meuble}")]),  # named by none
]
"""What nearly triggers each code, and does not."""


def edited(edits: Edits, folder: Path) -> Path:
    """Return a copy of the sound rules with other words."""
    shutil.copytree(SOUND, folder)
    for name, before, after in edits:
        path = folder / name
        if before:
            text = path.read_text(encoding="utf-8")
            assert text.count(before) == 1, f"{name}: {before}"
            path.write_text(text.replace(before, after), encoding="utf-8")
        else:
            path.write_text(after, encoding="utf-8")
    return folder


def named(fixtures: list[tuple[str, Edits]]) -> list[Any]:
    return [pytest.param(*fixture, id=f"{fixture[0]}-{place}") for place, fixture in enumerate(fixtures)]


def test_nothing_is_wrong_with_the_sound_rules() -> None:
    """Otherwise every fixture would prove something else. Its quotations are full of misprints."""
    found = check_up([SOUND])
    assert (found.problems, found.warnings, found.accepted) == ((), (), ())


@pytest.mark.parametrize(("code", "edits"), named(FOUND))
def test_what_is_wrong_is_found(code: str, edits: Edits, tmp_path: Path) -> None:
    """Once, under its code, and at a line."""
    found = check_up([edited(edits, tmp_path / "rules")])
    assert found.problems == ()
    assert [code] == [finding.code for finding in found.warnings]
    assert found.warnings[0].problem.line is not None
    assert found.warnings[0].problem.hint


@pytest.mark.parametrize(("code", "edits"), named(SPARED))
def test_what_is_nearly_wrong_is_spared(code: str, edits: Edits, tmp_path: Path) -> None:
    """No finding at all, of this code or another."""
    found = check_up([edited(edits, tmp_path / "rules")])
    assert (found.problems, found.warnings) == ((), ()), code


@pytest.mark.golden
def test_what_is_said_of_every_finding(tmp_path: Path) -> None:
    """The sentences are those that were read and approved."""
    lines = []
    for place, (_, edits) in enumerate(FOUND):
        folder = edited(edits, tmp_path / str(place))
        found = check_up([folder]).warnings
        lines += [f"== {one.code}, {one.about}\n{one.problem}\n".replace(f"{folder}/", "") for one in found]
    check_golden(ROOT / "tests" / "golden" / "lint.txt", "\n".join(lines))


def test_every_code_has_its_check_its_fixtures_and_its_page() -> None:
    """And no page, check or fixture has a code that is not one."""
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    documented = re.findall(r"^### `([a-z-]+)`$", page, re.MULTILINE)
    assert sorted(documented) == sorted([*LINT, STALE])
    assert CHECKS.keys() == set(LINT)
    assert {code for code, _ in FOUND} == {code for code, _ in SPARED} == {*LINT, STALE}
    assert STALE not in CODES


def test_the_page_gives_the_limits_of_the_code() -> None:
    """A limit that changes in the code changes in the documentation."""
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    limits = (f"{wording._MOST_WORDS} words", f"{wording._FEWEST_WORDS} words", f"{wording._SAME:.0%}")
    assert [limit for limit in limits if limit not in page] == []


# What the authors wrote


def texts_of(value: object) -> Iterator[tuple[str, str]]:
    """Walk every text of a model, with its key, but for quotations and keys of mappings."""
    if isinstance(value, Record) and not isinstance(value, Source):
        for field in fields(value):
            part = getattr(value, field.name)
            for inner in part if isinstance(part, tuple) else (part,):
                yield from [(field.name, inner)] if isinstance(inner, str) else texts_of(inner)


SECOND = ROOT / "tests" / "second_guide"
LAYERS = [[SOUND], [rules_folder()], [SECOND / "rules"], [SECOND / "rules", SECOND / "overlays" / "canal"]]


@pytest.mark.parametrize("folders", LAYERS)
def test_every_text_is_read_but_quotations_and_ids(folders: list[Path]) -> None:
    """A key that is added to the models is read, or named here."""
    ids = {"id", "version", "question", "scenario", "stage", "maturity", "population", "factors", "action", "actions"}
    ids |= {"effect", "basis", "type", "actionable", "step", "twin_of", "example", "fact", "value", "rule"}
    book = load_rulebook(*folders)
    written = [text for key, text in texts_of(book) if key not in ids]
    found = list(passages(book))
    assert set(written) == {passage.text for passage in found}
    assert len({passage.about for passage in found}) == len(found)


@pytest.mark.parametrize("folders", LAYERS)
def test_every_text_is_found_again_in_its_file(folders: list[Path]) -> None:
    """At its place, or on the line below where it is folded."""
    book = load_rulebook(*folders)
    places = Places(book)
    for passage in passages(book):
        place = places.problem(passage.entry, Fault(passage.location, ""))
        assert place.line, passage.about
        lines = Path(place.path).read_text(encoding="utf-8").splitlines()[place.line - 1 : place.line + 1]
        here = lines[0][(place.column or 1) - 1 :].lstrip("'\"")
        assert here.startswith((passage.text[:10], ">", "|")), passage.about
        assert passage.text[:10] in here + lines[-1], passage.about


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("L'eau.", "apostrophe droite"),
        ('Dites "oui".', "guillemets droits ou anglais"),
        ("Dites “oui”.", "guillemets droits ou anglais"),
        ("Dites «oui».", "guillemet sans espace"),
        ("Dites « oui».", "guillemet sans espace"),
        ("Oui: non.", "espace manquante devant une ponctuation double"),
        ("Oui; non.", "espace manquante devant une ponctuation double"),
        ("Quoi?", "espace manquante devant une ponctuation double"),
        ("Dites « oui »!", "espace manquante devant une ponctuation double"),
        ("Oui...", "points au lieu de points de suspension"),
        ("Oui..", "points au lieu de points de suspension"),
        ("Deux  espaces.", "deux espaces de suite"),
        ("Un , deux.", "espace de trop devant un signe"),
        ("Oui - non.", "trait d’union au lieu d’un tiret"),
        ("Oui -- non.", "trait d’union au lieu d’un tiret"),
        ("A deux.", "accent manquant sur « À »"),
        ("Oui. A deux.", "accent manquant sur « À »"),
        ("Ca pousse.", "cédille manquante"),
        ("Etude et L’ETAT.", "accent manquant sur une capitale"),
        ("Avec l’Etat.", "accent manquant sur une capitale"),
        ("Sans point", "point final manquant"),
        ("Dites « oui »", "point final manquant"),
        ("Un, deux,", "point final manquant"),
        ("Un (ou deux)", "point final manquant"),
        ("Voyez ...", "points au lieu de points de suspension"),
    ],
)
def test_a_misprint_is_found(text: str, message: str) -> None:
    """One sign is one finding, with the words around it."""
    (found,) = misprints(text, sentence=True)
    assert found.message == message
    assert found.excerpt in text


@pytest.mark.parametrize(
    "text",
    [
        "À 12:30, voyez https://a.fr/b?c=d ; l’ESS, l’EPCI et l’ETI aussi.",
        "Dites « Oui ! » ou « Non… »",
        "Arrosez. (Sauf s’il pleut.)",
        "A-t-il de l’eau ?",
        "Catégorie A seulement, article L1511-3 du CGCT (Insee).",
        "Élus, Étude, États : oui !",
        "Espace fine\N{NARROW NO-BREAK SPACE}; insécable\N{NO-BREAK SPACE}: «\N{NO-BREAK SPACE}oui\N{NO-BREAK SPACE}».",
        "Euros, Europe, Entreprise, Emplois, Ensuite, Estimation, Exemple.",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    """Addresses, hours, initials and both unbreakable spaces are right."""
    assert list(misprints(text, sentence=True)) == []


# What the rules read


def swaps(question: Question, reading: Reading) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of answers that lint calls the same."""
    if question.type == "integer":
        yield from [(-5, 5), (0, 3), (-70, 70)] if reading.is_idle(question) else []
    elif question.type == "choices":
        named = tuple(choice for choice in question.values if choice not in reading.unread(question))
        yield from [(question.values, named), (tuple(reading.unread(question)), ())]
    else:
        same = dict.fromkeys(question.values, question.values[0]) if reading.is_idle(question) else {}
        yield from {**reading.unread(question), **same}.items()


def plan_without_facts(rulebook: Rulebook, territory: Known) -> object:
    data = data_of_plan(build_plan(rulebook, fuzz.NOBODY, territory, ReferenceEngine(rulebook).infer(territory)))
    return {key: part for key, part in data.items() if key != "deduced"}


def test_answers_that_are_called_the_same_give_the_same_plan() -> None:
    """On random rules and territories, whatever else is known: lint never calls a choice unread that is read."""
    tried = 0
    for number in range(150):
        rulebook, territories = fuzz.drawn(11, number, 4)
        assert {finding.code for finding in lint(rulebook)} <= {*LINT}
        reading = Reading(rulebook)
        for question in rulebook.questions:
            for one, other in swaps(question, reading):
                for territory in territories:
                    given = [{**territory.given, question.id: value} for value in (one, other)]
                    plans = [
                        plan_without_facts(rulebook, known_from(answers, territory.progress, rulebook))
                        for answers in given
                    ]
                    assert plans[0] == plans[1], (number, question.id, one, other)
                    tried += one != other
    assert tried > 500


# What the authors accept


def test_the_shipped_rules_pass() -> None:
    """Nothing is left open, and every acceptance is of something that is found."""
    found = check_up([rules_folder()])
    assert (found.problems, found.warnings) == ((), ())


def test_a_finding_is_accepted_with_its_reason(tmp_path: Path) -> None:
    """It is counted apart, and the reason stays beside it."""
    edits = [(ACTIONS, "à l’ombre.", "à l'ombre."), (ACTIONS, "title: Creuser", "title: Creuser l'allée")]
    accepting = "accepted:\n  - {code: typography, about: creuser/title, because: Le mot est écrit ainsi.}\n"
    found = check_up([edited([*edits, ("accepted.yaml", "", accepting)], tmp_path / "rules")])
    assert [finding.about for finding in found.warnings] == ["planter.ombre/because"]
    ((finding, acceptance),) = found.accepted
    assert (finding.about, acceptance.because) == ("creuser/title", "Le mot est écrit ainsi.")


@pytest.mark.parametrize(
    ("accepting", "message"),
    [
        ("- {code: typografy, about: x, because: y}", "3:12: code `typografy` inconnu"),
        ("- {code: stale-acceptance, about: x, because: y}", "code `stale-acceptance` inconnu"),
        ("- {code: typography, about: x}", "3:5: clé `because` manquante"),
        (
            "- {code: typography, about: x, because: a}\n  - {code: typography, about: x, because: b}",
            "4:5: `x` est déjà accepté pour `typography`",
        ),
    ],
)
def test_an_acceptance_that_is_not_one_is_a_problem(accepting: str, message: str, tmp_path: Path) -> None:
    """With its line; and nothing that it may have accepted is found again beside it."""
    edits = [("accepted.yaml", "", f"# Ce que nous gardons.\naccepted:\n  {accepting}\n")]
    found = check_up([edited([*edits, (ACTIONS, "à l’ombre.", "à l'ombre.")], tmp_path / "rules")])
    assert message in "\n".join(map(str, found.problems))
    assert found.warnings == ()


def test_an_acceptance_of_what_was_not_looked_for_is_not_stale(tmp_path: Path) -> None:
    """Proofs have codes of their own in the same file."""
    accepting = "accepted: [{code: typography, about: x, because: y}, {code: proof, about: x, because: y}]\n"
    folder = edited([("accepted.yaml", "", accepting)], tmp_path / "rules")
    accepted = load_accepted([folder], [*CODES, "proof"])
    assert len(sift([], accepted, LINT).stale) == 1


def test_an_overlay_is_held_to_its_own_acceptances(tmp_path: Path) -> None:
    """What the guide accepts holds below an overlay too, and is not stale where the overlay mends it."""
    accepting = "accepted: [{code: no-obstacle, about: creuser, because: Ainsi.}]\n"
    alone = [(ACTIONS, "effect: defer", "effect: caution"), (ACTIONS, _OBSTACLE, ""), ("accepted.yaml", "", accepting)]
    guide = edited(alone, tmp_path / "guide")
    overlay = tmp_path / "overlay"
    (overlay / "actions").mkdir(parents=True)
    (overlay / "overlay.yaml").write_text(
        "id: serre\nversion: '1'\ntitle: La serre\npublisher: Nous\nadapts: {id: potager, version: '1'}\n", "utf-8"
    )
    laid = overlay / "actions" / "preparer.yaml"
    laid.write_text("step: preparer\nactions:\n  - id: creuser\n    rules:\n" + _RULE.format("caution"), "utf-8")
    kept = check_up([guide, overlay])
    assert (kept.problems, kept.warnings, len(kept.accepted)) == ((), (), 1)
    laid.write_text(laid.read_text("utf-8").replace("caution", "exclude"), "utf-8")
    mended = check_up([guide, overlay])
    assert (mended.problems, mended.warnings, mended.accepted) == ((), (), ())
    (overlay / "accepted.yaml").write_text(accepting, "utf-8")
    assert [finding.code for finding in check_up([guide, overlay]).warnings] == [STALE]


# As JSON


@pytest.mark.golden
def test_the_schema_is_fresh() -> None:
    check_golden(ROOT / "docs" / "check.schema.json", json.dumps(SCHEMA, ensure_ascii=False, indent=2) + "\n")


def as_data(folder: Path, *profiles: Path) -> dict[str, Any]:
    """Return what an application reads, which fits its schema and has all of its keys."""
    data: dict[str, Any] = json.loads(export_check(check_up([folder], profiles)).model_dump_json())
    jsonschema.validate(data, SCHEMA)
    assert list(data) == ["rulebook", "counts", "problems", "accepted"]
    return data


def test_json_tells_errors_warnings_and_what_is_accepted_apart(tmp_path: Path) -> None:
    profile = tmp_path / "ici.yaml"
    profile.write_text("name: Ici\nkind: real\nanswers: {bras: beaucoup}\n", encoding="utf-8")
    accepting = "accepted: [{code: typography, about: creuser/title, because: Ainsi.}]\n"
    edits = [(ACTIONS, "à l’ombre.", "à l'ombre."), (ACTIONS, "title: Creuser", "title: L'allée")]
    folder = edited([*edits, ("accepted.yaml", "", accepting)], tmp_path / "rules")
    data = as_data(folder, profile)
    assert data["counts"] == {
        "questions": 7, "actions": 2, "rules": 4, "cases": 0, "errors": 1, "warnings": 1, "accepted": 1,
    }  # fmt: skip
    error, warning = data["problems"]
    assert (error["severity"], error["code"], error["about"], error["line"]) == ("error", None, None, 3)
    assert (warning["severity"], warning["code"], warning["about"]) == (
        "warning",
        "typography",
        "planter.ombre/because",
    )
    (accepted,) = data["accepted"]
    assert (accepted["about"], accepted["because"]) == ("creuser/title", "Ainsi.")


def test_json_has_all_its_keys_where_the_rules_cannot_be_read(tmp_path: Path) -> None:
    folder = edited([(ACTIONS, "effect: defer", "effect: differ")], tmp_path / "rules")
    data = as_data(folder)
    assert data["rulebook"] is None
    assert data["counts"] == {
        "questions": None, "actions": None, "rules": None, "cases": None, "errors": 1, "warnings": 0, "accepted": 0,
    }  # fmt: skip
    assert as_data(tmp_path / "nowhere")["rulebook"] is None


def test_findings_stand_in_the_order_of_the_files() -> None:
    found = lint(load_rulebook(ROOT / "tests" / "bad_input" / "sound"))
    assert [finding.problem.order for finding in found] == sorted(finding.problem.order for finding in found)


def test_a_finding_has_a_place_even_where_the_files_are_gone() -> None:
    """A rulebook that was made in Python is read all the same."""
    book = load_rulebook(SOUND).model_copy()
    (question,) = [asked for asked in book.questions if asked.id == "ombre"]
    book = book.model_copy(update={"questions": (*book.questions, question.model_copy(update={"id": "vent"}))})
    (found,) = lint(book)
    assert isinstance(found, Finding)
    assert (found.about, found.problem.path, found.problem.line) == ("vent", "potager", None)
