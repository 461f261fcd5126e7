"""`conseil explain`: what people read, what programs read, and exit codes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import conseil
from builders import action, choice, plan_of, rule, rulebook
from carried import PLANS, explained
from conseil import cli
from conseil.explanation import MOST_CHANGES, Explanation, explain
from conseil.rendering import (
    ExportedExplanation,
    Outline,
    explanation_outline,
    export_explanation,
    render_markdown,
    render_text,
)
from conseil.rendering.explained import MOST_LINES
from golden_files import ROOT, check_golden
from test_rendering import our_sentences

GOLDEN = [
    ("cc-des-hautes-combes", "amenager-lieu-totem"),
    ("commune-de-montreval", "charte-valeurs"),
    ("grenoble-alpes-metropole", "subvention-investissement"),
]
PLAIN = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "\N{MINUS SIGN}": "-"})

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["conseil", "explain", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert isinstance(caught.value.code, int)
        return caught.value.code, *capsys.readouterr()

    return run


def sections(explanation: Explanation) -> dict[str, list[str]]:
    """Return what each section says, line by line, with plain spaces."""
    found: dict[str, list[str]] = {}
    for section in explanation_outline(explanation).sections:
        lines = [*section.lines, *(line for entry in section.entries for line in entry.lines)]
        titles = [entry.title for entry in section.entries]
        said = [f"{line.label} : {line.text}" if line.label else line.text for line in lines]
        found[section.title.translate(PLAIN)] = [text.translate(PLAIN) for text in [*titles, *said]]
    return found


# What people read


@pytest.mark.golden
@pytest.mark.parametrize(("name", "action_id"), GOLDEN)
def test_explanations_read_as_their_golden_files(name: str, action_id: str) -> None:
    written = explanation_outline(explain(PLANS[name], action_id))

    check_golden(ROOT / "tests" / "golden" / "explain" / f"{name}-{action_id}.txt", render_text(written).plain)


def outlines(name: str) -> list[Outline]:
    return [explanation_outline(explanation) for explanation in explained(name)[0]]


@pytest.mark.parametrize("name", PLANS)
def test_every_explanation_is_french_and_fits(name: str) -> None:
    for written in outlines(name):
        text = render_text(written).plain
        assert [line for line in text.splitlines() if len(line) > 80] == []
        assert re.findall(r"\b(?:None|True|False|unknown|not_applicable|to_confirm|progress\.)\b|\{|\}", text) == []
        faults = [
            sentence
            for sentence in our_sentences(written)
            if re.search(r"[A-Za-zÀ-ÿ]'| [;:!?»]|« |\.\.|  |\.\s[a-zà-ÿ]|\s$|« [^»]*«", sentence)
        ]
        assert faults == []
        assert render_markdown(written).startswith("# Explication")


@pytest.mark.parametrize("name", PLANS)
def test_at_most_twelve_ways_are_shown_and_the_others_counted(name: str) -> None:
    for written in outlines(name):
        for section in written.sections:
            if section.title.startswith("Si vous"):
                said = [line.text.translate(PLAIN) for line in section.lines]
                assert 1 <= len(said) <= MOST_LINES + 1
                if len(said) > MOST_LINES:
                    assert re.match(r"(\d+ autres possibilités|Une autre possibilité), que donne", said[-1])


def test_the_score_is_a_sum_that_one_can_follow() -> None:
    points = {"impact": "+++", "feasibility": "--"}
    book = rulebook(
        action(
            "act",
            rule("recommend", points=points, because="Une raison."),
            rule("reinforce", points=points, because="Une autre."),
            rule("reinforce", {"a": "yes"}, points={"feasibility": "+"}, because="Peut-être."),
        ),
        essential=["act"],
    )

    assert sections(explain(plan_of(book), "act"))["Le score"] == [
        "Impact : 50 + 20 + 20 + 20 - 10 = 100",
        "Faisabilité : 50 - 10 - 10 = 30",
        "Total : 72 sur 100, priorité haute",
        "Départ : 50.", "+ 20, primordiale : ", "+ 20 : Une raison.", "+ 20 : Une autre.",
        "- 10 : plafonné : un axe ne dépasse pas 100.",
        "Départ : 50.", "- 10 : Une raison.", "- 10 : Une autre.",
        "Entre 30 et 35, selon ce qui manque :", "+ 5 peut-être : Peut-être. Il manque « a ».",
        "Calcul : 60 % de 100 + 40 % de 30 = 72.",
        "Entre 72 et 74, selon ce qui manque.",
        "Seuils : priorité haute à partir de 65, moyenne à partir de 57.",
    ]  # fmt: skip


def test_a_total_that_is_rounded_says_so() -> None:
    book = rulebook(action("act", rule("recommend", points={"impact": "+"})), essential=[])
    weights = book.guide.score.weights.model_copy(update={"impact": 63, "feasibility": 37})
    score = book.guide.score.model_copy(update={"weights": weights})
    book = book.model_copy(update={"guide": book.guide.model_copy(update={"score": score})})

    said = sections(explain(plan_of(book), "act"))["Le score"]

    assert "Calcul : 63 % de 55 + 37 % de 50 = 53,15, arrondi à 53." in said


def test_alternatives_that_give_the_same_are_one_line() -> None:
    land = choice("land", "nothing", "lent", "bought", "built", actionable="upward")
    staff = choice("team", "nobody", "some", "many", actionable="upward")
    book = rulebook(
        action("act", rule("recommend", {"land": ["lent", "bought", "built"], "team": ["some", "many"]})),
        questions=[land, staff],
    )

    said = sections(explain(plan_of(book, {"land": "nothing", "team": "nobody"}), "act"))

    assert said["Si vous changez…"] == [
        "Land : lent, bought ou built, et Team : some ou many → recommandée (rien d’autre ne change)"
    ]


def test_that_no_set_is_small_enough_is_said_plainly() -> None:
    needed = [choice(f"q{place}", "no", "yes", actionable="upward") for place in range(MOST_CHANGES + 1)]
    book = rulebook(action("act", rule("recommend", {question["id"]: "yes" for question in needed})), questions=needed)
    none = {question["id"]: "no" for question in needed}

    said = sections(explain(plan_of(book, none), "act"))
    assert said["Si vous changez…"] == ["Aucun ensemble d’au plus 3 changements ne donne un autre statut."]

    said = sections(explain(plan_of(book, none | {"q0": "unknown"}), "act"))
    assert said["Si vous répondez…"] == ["Aucun ensemble d’au plus 3 réponses ne donne un autre statut."]


def test_numbers_and_lists_are_said_as_one_says_them() -> None:
    number = choice("people", actionable="no") | {"type": "integer", "min": 0, "max": 900, "unit": "gens"}
    number.pop("choices")
    several = choice("needs", "x", "y", "z") | {"type": "choices"}
    book = rulebook(
        action("many", rule("recommend", {"people": {"min": 100}})),
        action("some", rule("recommend", {"people": {"min": 100, "max": 200}})),
        action("both", rule("recommend", {"people": {"min": 100}}), rule("recommend", {"people": {"min": 200}})),
        action("needy", rule("recommend", {"any": [{"needs": {"all": ["x", "y"]}}, {"needs": {"any": ["z"]}}]})),
        questions=[number, several],
    )
    plan = plan_of(book)

    def said(name: str) -> list[str]:
        return [text.partition(" (")[0] for text in sections(explain(plan, name))["Si vous répondez…"]]

    assert said("many") == ["People : 100 gens ou plus → recommandée", "People : 99 gens ou moins → non retenue"]
    assert said("both") == said("many")
    assert said("some") == [
        "People : de 100 à 200 gens → recommandée",
        "People : 99 gens ou moins ; ou bien 201 gens ou plus → non retenue",
    ]
    assert said("needy") == ["Needs : z ou x et y → recommandée", "Needs : aucune des réponses proposées → non retenue"]


def test_what_cannot_change_is_said_plainly() -> None:
    book = rulebook(action("sure", rule("recommend")), action("fixed", rule("recommend", {"a": "yes"})))
    plan = plan_of(book, {"a": "no"})

    for name in ("sure", "fixed"):
        said = sections(explain(plan, name))
        assert said["Si vous répondez…"] == ["Rien ne manque : ce statut ne dépend d’aucune réponse inconnue."]
        assert said["Si vous changez…"] == ["Ce statut ne dépend de rien que vous puissiez changer."]


def test_an_answer_that_only_has_to_be_given_is_said_to_be_needed() -> None:
    book = rulebook(
        action("act", rule("recommend", {"any": [{"b": "yes", "a": "yes"}, {"b": "yes", "a": "no"}]})),
    )

    (said, *_) = sections(explain(plan_of(book), "act"))["Si vous répondez…"][1:]

    assert said == "A : à renseigner, quelle que soit la réponse, et B : yes → recommandée (rien d’autre ne change)"


def test_what_makes_a_priority_low_is_said() -> None:
    book = rulebook(
        action(
            "low",
            rule("recommend", points={"impact": "+"}),
            rule("reinforce", {"a": "no"}, points={"feasibility": "--"}, because="Sans budget, rien."),
            rule("reinforce", {"b": "yes"}, points={"impact": "++"}),
            rule("reinforce", {"c": "yes"}, points={"impact": "+"}),
        ),
        essential=[],
    )
    score = book.guide.score.model_copy(
        update={"thresholds": book.guide.score.thresholds.model_copy(update={"medium": 53})}
    )
    book = book.model_copy(update={"guide": book.guide.model_copy(update={"score": score})})

    said = sections(explain(plan_of(book, {"a": "no", "b": "no", "c": "no"}), "low"))

    better = "la priorité ne serait plus basse."
    enough = f"Sans ce retrait, {better}", f"Ces points suffiraient : {better}"
    assert said["Pourquoi elle n’est pas plus prioritaire"] == [
        f"- 10 de faisabilité : Sans budget, rien. Pour l’éviter, il faudrait que « a » ne soit pas : no. {enough[0]}",
        f"+ 10 d’impact en plus : il faudrait que « b » soit : yes (ici : no). {enough[1]}",
        "+ 5 d’impact en plus : il faudrait que « c » soit : yes (ici : no).",
    ]


def test_that_a_stage_counts_because_of_the_scenario_is_said_once() -> None:
    own = {"scenario": "one", "stage": "second"}
    book = rulebook(
        action("act", rule("recommend", {"stage": "second"}), rule("recommend", {"stage": ["other", "second"]}))
    )

    said = sections(explain(plan_of(book, own), "act"))["Pourquoi ce statut"]

    assert said.count("La réponse à « stage » compte ici. D’après : scenario : one.") == 1
    exported = export_explanation(explain(plan_of(book, own), "act"))
    assert [(proof.fact, proof.kind, proof.facts) for proof in exported.proofs] == [
        ("stage", "counts", {"scenario": "one"})
    ]


def test_a_question_that_names_an_action_nearly_is_helped(run: Run) -> None:
    assert "vouliez-vous dire `plan-communication` ?" in run("creuse-grand-sud", "plan-com")[2]
    assert "vouliez-vous dire `accompagner-scic` ou `capital-scic` ?" in run("creuse-grand-sud", "scic")[2]


def test_a_drawing_that_a_narrow_terminal_would_break_is_left_out() -> None:
    written = explanation_outline(explain(PLANS["creuse-grand-sud"], "charte-valeurs"))

    assert "▓" in render_text(written).plain
    narrow = render_text(written, 50).plain
    assert "▓" not in narrow
    assert "Le dessin demande" in narrow
    assert [line for line in narrow.splitlines() if len(line) > 50] == []


def test_the_two_lists_of_changes_are_kept_apart() -> None:
    a, b = choice("known", "x", "y", actionable="any"), choice("open", "x", "y", actionable="any")
    book = rulebook(action("act", rule("recommend", {"known": "x", "open": "x"})), questions=[a, b])

    said = sections(explain(plan_of(book, {"known": "x"}), "act"))

    assert [text.partition(" : ")[0] for text in said["Si vous répondez…"]] == ["Open", "Open"]
    assert [text.partition(" : ")[0] for text in said["Si vous changez…"]] == ["Known"]


# What programs read


@pytest.mark.golden
def test_the_schema_of_an_explanation_is_fresh_and_holds() -> None:
    schema = ExportedExplanation.model_json_schema(mode="serialization")
    check_golden(ROOT / "docs" / "explanation.schema.json", json.dumps(schema, ensure_ascii=False, indent=2) + "\n")
    validator = jsonschema.Draft202012Validator(schema)
    for name in PLANS:
        for explanation in explained(name)[0][::8]:
            validator.validate(json.loads(export_explanation(explanation).model_dump_json()))


def test_an_exported_explanation_has_the_keys_of_the_contract() -> None:
    exported = json.loads(
        export_explanation(explain(PLANS["commune-de-montreval"], "charte-valeurs")).model_dump_json()
    )

    assert list(exported) == [
        "rulebook", "profile", "item", "proofs", "terms", "open_terms", "weights", "thresholds", "shortfalls",
        "changes",
    ]  # fmt: skip
    assert all(list(change) == ["kind", "set", "gives", "moved"] for change in exported["changes"])
    kinds = [change["kind"] for change in exported["changes"]]
    assert kinds == sorted(kinds)  # every answer, then every change
    assert {*kinds} == {"answer", "change"}
    assert [sum(term["points"] for term in exported["terms"][axis]) for axis in ("impact", "feasibility")] == [
        exported["item"]["score"][axis]["value"] for axis in ("impact", "feasibility")
    ]


def test_the_json_is_frozen_and_closed() -> None:
    assert ExportedExplanation.model_config["frozen"]
    assert ExportedExplanation.model_config["extra"] == "forbid"


def test_yes_and_no_are_booleans_in_json() -> None:
    asked = choice("agreed") | {"type": "boolean"}
    asked.pop("choices")
    book = rulebook(action("act", rule("recommend", {"agreed": "oui"})), questions=[asked])

    exported = export_explanation(explain(plan_of(book), "act"))

    assert [(change.set, change.gives) for change in exported.changes] == [
        ({"agreed": True}, "recommended"),
        ({"agreed": False}, "not_retained"),
    ]


# The command


def test_the_command_gives_each_form(run: Run, tmp_path: Path) -> None:
    explanation = explain(PLANS["creuse-grand-sud"], "charte-valeurs")
    written = explanation_outline(explanation)
    forms = {
        "text": render_text(written).plain,
        "md": render_markdown(written),
        "json": export_explanation(explanation).model_dump_json(indent=2) + "\n",
    }
    for form, expected in forms.items():
        assert run("creuse-grand-sud", "charte-valeurs", "--format", form) == (0, expected, "")
        path = tmp_path / form
        assert run("creuse-grand-sud", "charte-valeurs", "--format", form, "-o", path) == (0, "", "")
        assert path.read_text(encoding="utf-8") == expected


def test_every_engine_explains_the_same(run: Run, usable_engines: list[str]) -> None:
    said = {run("pnr-des-monts-bruns", "accompagner-scic", "--engine", engine) for engine in usable_engines}

    assert len(said) == 1


def test_another_folder_of_rules_is_explained_too(run: Run) -> None:
    second = ROOT / "tests" / "second_guide"
    profile = next((second / "profiles").glob("*.yaml"))
    name = conseil.load_rulebook(second / "rules").actions[0].id

    code, out, err = run(profile, name, "--rules", second / "rules")

    assert (code, err) == (0, "")
    assert "En une phrase" in out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("creuse-grand-sud", "charte-valeur"), 1, "inconnue\n  aide : vouliez-vous dire `charte-valeurs` ?"),
        (("creuse-grand-su", "charte-valeurs"), 1, "vouliez-vous dire `creuse-grand-sud` ?"),
        (("creuse-grand-sud",), 2, "argument `ACTION` manquant"),
        ((), 2, "argument `PROFIL` manquant"),
        (("creuse-grand-sud", "charte-valeurs", "--format", "pdf"), 2, "valeur `pdf` inconnue"),
        (("creuse-grand-sud", "charte-valeurs", "--top", "1"), 2, "option `--top` inconnue"),
        (("creuse-grand-sud", "charte-valeurs", "-o", "profiles/creuse-grand-sud.yaml"), 1, "le fichier du profil"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str
) -> None:
    monkeypatch.chdir(ROOT)
    given, out, err = run(*arguments)

    assert (given, out) == (code, "")
    assert message in err
