"""Questions, the answers that they accept, and the tests that make sense on them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conseil.conditions import NOT_APPLICABLE, RESERVED, Condition, FactValue, parse
from conseil.errors import Faults
from conseil.records import validated
from conseil.vocabulary import UNKNOWN, Question, Vocabulary, read_answer
from strategies import answers_to, conditions, question

CHOICE = question("un", "choice", "x", "y", not_applicable=True)
CHOICES = question("liste", "choices", "x", "y", "z")
BOOLEAN = question("vrai", "boolean")
INTEGER = question("nombre", "integer", min=0, max=99, unit="habitants")
QUESTIONS = [CHOICE, CHOICES, BOOLEAN, INTEGER]
VOCABULARY = Vocabulary(QUESTIONS, ["agir"])


def messages(condition: object, vocabulary: Vocabulary = VOCABULARY) -> list[str]:
    return [fault.message for fault in vocabulary.faults(parse(condition))]


@pytest.mark.parametrize(
    ("asked", "written", "read"),
    [
        (CHOICE, "x", "x"),
        (CHOICE, "not_applicable", NOT_APPLICABLE),
        (CHOICES, ["z", "x"], ("x", "z")),
        (CHOICES, [], ()),
        (BOOLEAN, "oui", "oui"),
        (BOOLEAN, "Yes", "oui"),
        (BOOLEAN, "no", "non"),
        (BOOLEAN, "FALSE", "non"),
        (BOOLEAN, True, "oui"),
        (INTEGER, "0", 0),
        (INTEGER, "099", 99),
        (INTEGER, 12, 12),
        *((asked, UNKNOWN, None) for asked in QUESTIONS),
    ],
)
def test_an_answer_is_read(asked: Question, written: object, read: FactValue | None) -> None:
    """The place where an answer stands decides what it means; several choices come in the order of the question."""
    assert read == read_answer(asked, written)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        (CHOICE, "X"), (CHOICE, ["x"]), (CHOICE, ""), (CHOICE, None), (CHOICE, True),
        (CHOICES, "x"), (CHOICES, ["x", "x"]), (CHOICES, ["w"]), (CHOICES, ["unknown"]), (CHOICES, "not_applicable"),
        (BOOLEAN, "peut-être"), (BOOLEAN, "on"), (BOOLEAN, ["oui"]), (BOOLEAN, 1), (BOOLEAN, "not_applicable"),
        (INTEGER, "-1"), (INTEGER, "100"), (INTEGER, 100), (INTEGER, "1e1"), (INTEGER, True), (INTEGER, ["1"]),
        (INTEGER, "9" * 5000),
    ],
)  # fmt: skip
def test_an_answer_is_refused(asked: Question, written: object) -> None:
    """An answer that the question does not accept has a fault, with a hint."""
    with pytest.raises(Faults) as caught:
        read_answer(asked, written)
    assert all(fault.hint for fault in caught.value.faults)


def test_choices_come_in_the_order_of_the_question() -> None:
    """However they were written, they are one answer."""
    asked = question("longue", "choices", *"abcdefgh")
    assert read_answer(asked, list("hgfedcba")) == tuple("abcdefgh")


@given(data=st.data())
def test_any_value_that_a_question_shows_it_can_read(data: st.DataObject) -> None:
    """A known answer, given again, is the same answer; and it can be said in French."""
    asked = data.draw(st.sampled_from([CHOICE, CHOICES, BOOLEAN, question("libre", "integer")]))
    value = data.draw(answers_to(asked).filter(lambda value: not isinstance(value, int) or abs(value) < 10**18))
    assert value == read_answer(asked, value)
    assert asked.shown(value)


@pytest.mark.parametrize(
    ("asked", "value", "said"),
    [
        (INTEGER, 11957, "11\u202f957 habitants"),
        (INTEGER, NOT_APPLICABLE, "sans objet"),
        (CHOICES, (), "aucune des réponses proposées"),
        (CHOICES, ("x", "z"), "x, z"),
        (BOOLEAN, "non", "non"),
        (CHOICE, None, "inconnu"),
    ],
)
def test_how_a_value_is_said(asked: Question, value: FactValue | None, said: str) -> None:
    """Numbers are grouped as in French, and the states of a fact have their words."""
    assert said == asked.shown(value)


@given(condition=conditions(QUESTIONS[:3]).filter(lambda condition: "act-" not in str(condition)))
def test_a_condition_that_makes_sense_has_no_fault(condition: Condition) -> None:
    """What the vocabulary allows, it does not blame."""
    assert list(VOCABULARY.faults(condition)) == []


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"deux": "x"}, "question `deux` inconnue"),
        ({"un": "w"}, "choix `w` inconnu pour `un`"),
        ({"un": {"any": ["x"]}}, "`un` n’admet qu’un choix : ce test ne lui convient pas"),
        ({"un": {"min": "1"}}, "`un` n’admet qu’un choix : ce test ne lui convient pas"),
        ({"un": "unknown"}, "choix `unknown` inconnu pour `un`"),
        ({"un": "not_applicable"}, "choix `not_applicable` inconnu pour `un`"),
        ({"liste": "x"}, "`liste` admet plusieurs choix : un test dit lesquels"),
        ({"vrai": "yes"}, "choix `yes` inconnu pour `vrai`"),
        ({"vrai": {"none": ["oui"]}}, "`vrai` se répond par oui ou par non : ce test ne lui convient pas"),
        ({"nombre": "5"}, "`nombre` est un nombre : il se teste par des bornes"),
        ({"nombre": {"max": "100"}}, "100 est hors des valeurs possibles de `nombre`"),
        ({"agir": "done"}, "question `agir` inconnue"),
        ({"progress.reagir": "done"}, "action `reagir` inconnue"),
        ({"progress.agir": "fait"}, "avancement `fait` inconnu"),
        ({"progress.agir": {"any": ["done"]}}, "l’avancement d’une action ne se teste pas ainsi"),
    ],
)
def test_a_condition_that_makes_no_sense_is_blamed(condition: object, message: str) -> None:
    """A test must suit its question, and each value must be one that the question has."""
    assert [message] == messages(condition)


def test_the_fault_stands_at_the_value() -> None:
    """In a list of choices, the wrong one is pointed at."""
    ways = [
        fault.location for fault in VOCABULARY.faults(parse({"any": [{"un": ["x", "w"]}, {"liste": {"any": ["w"]}}]}))
    ]
    assert ways == [("any", 0, "un", 1), ("any", 1, "liste", "any", 0)]


def test_nothing_is_said_of_what_could_not_be_read() -> None:
    """A question or an action that may stand in a file with a fault is not called unknown."""
    partial = Vocabulary([CHOICE], None, unread={"deux"})
    assert messages({"deux": "x", "progress.reagir": "done"}, partial) == []
    assert messages({"trois": "x"}, partial) == ["question `trois` inconnue"]
    assert messages({"trois": "x"}, Vocabulary([CHOICE], None, unread=None)) == []


def test_facts_are_ordered_as_the_guide_orders_them() -> None:
    """Questions in their order, each once, and the progress of actions last."""
    assert VOCABULARY.ordered(["progress.agir", "vrai", "un", "vrai"]) == ["un", "vrai", "progress.agir"]


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_words_of_the_language_are_no_ids(word: str) -> None:
    """A question or a choice that bore one could not be told from it."""
    raw: dict[str, Any] = {"label": "L", "actionable": "no", "type": "choice", "basis": "editorial", "rationale": "R"}
    with pytest.raises(Faults, match=r"mot réservé|impossible"):
        validated(Question, {**raw, "id": word, "choices": [{"id": "a", "label": "A"}]})
    with pytest.raises(Faults, match=r"mot réservé|impossible"):
        validated(Question, {**raw, "id": "q", "choices": [{"id": word, "label": "A"}]})
