"""An interview as JSON: a page can drive it without keeping anything."""

from __future__ import annotations

import doctest
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import conseil
from conseil import InvalidProfile, Profile, export_interview, interview_from, load_rulebook, shipped_profiles
from conseil.interview import Checklist, Interview, NextQuestion
from conseil.rendering.asked import can_stop_sentence, offered
from conseil.rulebook import Rulebook
from golden_files import ROOT, check_golden

DOCS = ROOT / "docs"
SECOND = ROOT / "tests" / "second_guide"
SCHEMA = conseil.ExportedInterview.model_json_schema(mode="serialization")
REQUEST_SCHEMA = conseil.InterviewRequest.model_json_schema()


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook(SECOND / "rules")


def sent(request: dict[str, Any], book: Rulebook) -> dict[str, Any]:
    """Return what a page gets for a request, both as JSON that fits its schema."""
    jsonschema.validate(request, REQUEST_SCHEMA)
    text = export_interview(interview_from(json.loads(json.dumps(request)), book)).model_dump_json()
    exported: dict[str, Any] = json.loads(text)
    jsonschema.validate(exported, SCHEMA)
    return exported


def replies(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a page may say of what it shows, one manner after the other."""
    if shown["kind"] == "checklist":
        yield {"progress": {action["id"]: "done" for action in shown["actions"]}}
        yield {"progress": {action["id"]: "unknown" for action in shown["actions"]}}
    elif shown["type"] == "integer":
        yield {"answers": {shown["id"]: shown["min"] or 0}}
    else:
        value = shown["choices"][0]["id"]
        yield {"answers": {shown["id"]: [value] if shown["type"] == "choices" else value}}
    yield {"skip": [shown["id"]]}
    yield {"answers": {shown["id"]: "unknown"}} if shown["kind"] == "question" else {"skip": [shown["id"]]}


@pytest.mark.golden
def test_the_schemas_are_fresh() -> None:
    for name, schema in (("interview", SCHEMA), ("interview-request", REQUEST_SCHEMA)):
        text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        check_golden(DOCS / f"{name}.schema.json", text)


@pytest.mark.parametrize("manner", [0, 1, 2])
def test_a_page_asks_what_the_library_asks(book: Rulebook, manner: int) -> None:
    request: dict[str, Any] = {"profile": {"name": "Ici", "kind": "real"}}
    interview = Interview(book, Profile(name="Ici", kind="real"))
    names: list[str] = []
    shown = sent(request, book)
    while len(names) < 40:
        asked = interview.next
        if asked is None:
            break
        name = f"progress.{asked.step.id}" if isinstance(asked, Checklist) else asked.question.id
        assert (shown["next"]["id"], shown["next"]["skipped"]) == (name, asked.skipped)
        assert (shown["can_stop"], shown["asked_enough"]) == (interview.can_stop, interview.asked_enough)
        assert shown["remaining"] == interview.remaining._asdict()
        names.append(name)
        said = [*replies(shown["next"])][min(manner, 1) if names.count(name) == 1 else 0]
        for question, value in said.get("answers", {}).items():
            interview = interview.answer(question, tuple(value) if isinstance(value, list) else value)
        interview = interview.report(said["progress"]) if "progress" in said else interview
        for question in said.get("skip", []):
            interview = interview.skip(question)
        shown = sent({"profile": shown["profile"], **said}, book)

    assert shown["next"] is None
    assert len(names) > 5


def test_three_ways_of_not_answering_are_three(book: Rulebook) -> None:
    request = {
        "profile": {"name": "Ici", "kind": "real", "answers": {"conduite": "asso"}},
        "answers": {"salle": "not_applicable", "benevoles": "unknown", "assurance": False, "pannes": []},
        "skip": ["visiteurs"],
    }

    shown = sent(request, book)

    assert [(answer["question"], answer["state"], answer["value"]) for answer in shown["answers"]] == [
        ("conduite", "answered", "asso"),
        ("salle", "not_applicable", None),
        ("benevoles", "unknown", None),
        ("assurance", "answered", False),
        ("pannes", "answered", []),
        ("visiteurs", "skipped", None),
    ]
    assert {"question": "benevoles", "ask": book.vocabulary["benevoles"].ask} == {
        key: value for key, value in shown["to_check"][0].items() if key != "ask_whom"
    }
    labels = {answer["question"]: answer["label"] for answer in shown["answers"]}
    assert labels == {name: book.vocabulary[name].label for name in labels}
    assert shown["profile"]["rulebook"] == {"id": book.guide.id, "version": book.guide.version}
    taken_back = sent({"profile": shown["profile"], "forget": ["salle", "benevoles"], "full": True}, book)
    assert [answer["question"] for answer in taken_back["answers"]] == ["conduite", "assurance", "pannes", "visiteurs"]
    assert taken_back["full"]


def test_a_page_needs_no_rulebook_to_say_why_it_asks(book: Rulebook) -> None:
    """Every action and every answer comes with its words."""
    asked = sent({"profile": {"name": "Ici", "kind": "real"}}, book)["next"]
    named = [*asked["settles"], *(one for effect in asked["effects"] for one in effect["enters"] + effect["leaves"])]

    assert asked["settles"]
    assert named == [{"id": one["id"], "title": book.by_id[one["id"]].title} for one in named]
    assert [effect["label"] for effect in asked["effects"]] == [choice["label"] for choice in asked["choices"]]


def test_only_what_can_be_answered_is_offered() -> None:
    book = load_rulebook()
    roles = book.guide.roles
    interview = Interview(book, Profile(name="Ici", kind="real")).answer(roles.scenario, "soutien")
    asked = interview.about(roles.stage)

    assert isinstance(asked, NextQuestion)
    assert [choice.id for choice in offered(asked)] == [stage.stage for stage in book.stance_of["soutien"].stages]


@pytest.mark.parametrize(
    ("name", "among", "told", "proved"),
    [
        ("agglo-du-val-d-orveau", "vos dix premières", True, True),
        ("creuse-grand-sud", "vos huit premières", True, False),
        ("commune-de-montreval", "vos trois premières", False, False),
        ("ville-de-paris", "votre plan", False, False),
    ],
)
def test_one_is_told_no_more_than_is_proved(name: str, among: str, told: bool, proved: bool) -> None:
    """Which actions come first stays as it is: their order may change, and more where progress is still to be told.

    Where not even that is proved of every missing answer, what somebody did not know is said to matter still.
    """
    book, profile = load_rulebook(), conseil.load_profile(shipped_profiles()[name])
    unsure = {**profile.progress, book.actions[0].id: "unknown"}
    missing = "réponse qui manque" if proved else "question qui reste à poser"
    none = f"Vous pouvez vous arrêter\N{NO-BREAK SPACE}: aucune {missing} ne peut faire entrer ni sortir"
    moves = f"{none} une action de {among}."
    checking = "Seul ce que vous ne savez pas encore le peut\N{NO-BREAK SPACE}: vérifiez-le, puis reprenez."
    order = "Leur ordre peut encore changer." if among != "votre plan" else ""
    as_told = "Cela vaut tant que l’avancement des actions reste tel que vous l’avez dit."

    said = can_stop_sentence(Interview(book, profile))
    said_unsure = can_stop_sentence(Interview(book, profile.model_copy(update={"progress": unsure})))

    assert said == " ".join(filter(None, [moves, "" if proved else checking, order, "" if told else as_told]))
    assert said_unsure.endswith(as_told)


@pytest.mark.parametrize("path", shipped_profiles().values(), ids=shipped_profiles())
def test_a_profile_comes_back_as_it_went(path: Path) -> None:
    profile = conseil.load_profile(path)
    whole = json.loads(profile.model_dump_json())

    assert interview_from({"profile": whole}).profile == profile


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({}, "demande: clé `profile` manquante"),
        ({"profile": {"name": "Ici"}}, "demande, profile: clé `kind` manquante"),
        ({"profile": {"name": "Ici", "kind": "real"}, "answer": {}}, "vouliez-vous dire `answers` ?"),
        ({"profile": {"name": "Ici", "kind": "real"}, "answers": {"sale": "x"}}, "question `sale` inconnue"),
        ({"profile": {"name": "Ici", "kind": "real"}, "answers": {"salle": "x"}}, "choix `x` inconnu pour `salle`"),
        ({"profile": {"name": "Ici", "kind": "real"}, "answers": {"salle": {"a": 1}}}, "réponse impossible à lire"),
        ({"profile": {"name": "Ici", "kind": "real"}, "progress": {"affich": "done"}}, "action `affich` inconnue"),
        ({"profile": {"name": "Ici", "kind": "real"}, "skip": ["progress.x"]}, "question `progress.x` inconnue"),
        ({"profile": {"name": "Ici", "kind": "real", "answers": {"salle": "x"}}}, "choix `x` inconnu pour `salle`"),
    ],
)
def test_a_wrong_request_is_explained(book: Rulebook, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidProfile) as caught:
        interview_from(request_, book)

    assert message in str(caught.value)


def test_a_wrong_request_is_explained_whole(book: Rulebook) -> None:
    request = {
        "profile": {"name": "Ici", "kind": "real", "answers": {"conduite": "x"}},
        "answers": {"salle": "x", "benevoles": "x", "pannes": ["velo"]},
        "progress": {"affich": "done", "affiche": "finie"},
        "skip": ["progress.x", "sale"],
    }

    with pytest.raises(InvalidProfile) as caught:
        interview_from(request, book)

    assert sorted(problem.message for problem in caught.value.problems) == [
        "action `affich` inconnue",
        "avancement `finie` inconnu",
        "choix `x` inconnu pour `benevoles`",
        "choix `x` inconnu pour `conduite`",  # in the profile itself: said once
        "choix `x` inconnu pour `salle`",
        "question `progress.x` inconnue",
        "question `sale` inconnue",
    ]


def test_the_documentation_runs() -> None:
    assert doctest.testfile(str(DOCS / "asking.md"), module_relative=False) == (0, 7)
