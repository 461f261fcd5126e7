"""Records: dataclasses whose values pydantic reads, loaded when it is needed, and which serve where its models do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Generic, TypeVar

import pydantic
import pytest

from conseil.errors import Fault, Faults
from conseil.fields import Identifier, Text, field
from conseil.profile import Profile
from conseil.records import Record, validated
from conseil.rulebook import load_rulebook
from golden_files import ROOT

T = TypeVar("T")


class Bale(Record):
    """A bale of wool."""

    id: Identifier = field(description="son nom")
    weight: int | None = field(default=None, description="en kilos")


class Shed(Record):
    """Where bales lie."""

    title: Text
    bales: tuple[Bale, ...] = field(min_length=1)
    owners: dict[str, str] = field(default={})


class Counted(Bale, Generic[T]):
    """A bale of some kind."""

    most: ClassVar[int] = 4
    kind: T


SHED = {"title": "Grange", "bales": [{"id": "b1", "weight": 40}]}


def test_a_record_is_made_of_raw_values_or_of_records() -> None:
    shed = Shed.model_validate(SHED)

    assert shed == Shed(title=" Grange ", bales=(Bale(id="b1", weight=40),))
    assert shed.bales[0].weight == 40
    assert repr(shed) == "Shed(title='Grange', bales=(Bale(id='b1', weight=40),), owners={})"
    assert Shed.model_validate(shed) is shed


def test_records_of_two_kinds_are_never_equal() -> None:
    class Other(Bale):
        pass

    assert Bale(id="b1") != Other(id="b1")
    assert Bale(id="b1") != {"id": "b1", "weight": None}
    assert hash(Bale(id="b1")) == hash(Bale(id="b1", weight=None))
    assert len({Bale(id="b1"), Bale(id="b1"), Bale(id="b2")}) == 2


def test_a_record_is_frozen() -> None:
    bale = Bale(id="b1")

    with pytest.raises(dataclasses.FrozenInstanceError, match="weight"):
        bale.weight = 3  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError, match="id"):
        del bale.id
    assert bale == Bale(id="b1")


@pytest.mark.parametrize(
    ("wrong", "messages"),
    [
        ({**SHED, "titre": "x"}, ["clé `titre` inconnue"]),
        ({"bales": [{"id": "B 1"}]}, ["clé `title` manquante", "identifiant `B 1` impossible"]),
        ({**SHED, "bales": []}, ["liste vide"]),
        ({**SHED, "bales": [3]}, ["bloc `clé: valeur` attendu, et non `3`"]),
        ({**SHED, "bales": [{"id": "b1", "weight": None, "colour": "brun"}]}, ["clé `colour` inconnue"]),
        ({**SHED, "title": ""}, ["texte vide"]),
        ([], ["bloc `clé: valeur` attendu, et non une liste"]),
    ],
)
def test_all_faults_are_told_at_once_in_french(wrong: object, messages: list[str]) -> None:
    with pytest.raises(Faults) as caught:
        validated(Shed, wrong)

    assert sorted(fault.message for fault in caught.value.faults) == sorted(messages)


def test_a_record_made_in_python_with_a_fault_raises_what_a_model_does() -> None:
    with pytest.raises(pydantic.ValidationError, match=r"for Bale\n.*identifiant `Pas un identifiant` impossible"):
        Bale(id="Pas un identifiant")
    with pytest.raises(pydantic.ValidationError):
        Bale(id="b1", colour="brun")  # type: ignore[call-arg]
    with pytest.raises(pydantic.ValidationError):
        Bale()  # type: ignore[call-arg]


def test_a_default_is_nobody_elses() -> None:
    first, second = Shed.model_validate(SHED), Shed.model_validate(SHED)
    third = Shed.model_construct(title="x", bales=())
    first.owners["a"] = "b"

    assert not second.owners
    assert not third.owners
    assert not Shed.model_validate(SHED).owners


def test_a_record_is_written_as_a_model_is() -> None:
    shed = Shed.model_validate(SHED)

    assert shed.model_dump() == {"title": "Grange", "bales": ({"id": "b1", "weight": 40},), "owners": {}}
    assert shed.model_dump(mode="json", exclude_defaults=True) == SHED
    assert Shed.model_validate_json(shed.model_dump_json()) == shed
    schema = Bale.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["id"]
    assert schema["properties"]["weight"]["description"] == "en kilos"


def test_a_copy_with_other_values_forgets_what_was_worked_out() -> None:
    rulebook = load_rulebook()
    assert rulebook.by_id
    fewer = rulebook.model_copy(update={"actions": rulebook.actions[1:]})

    assert len(fewer.by_id) == len(rulebook.by_id) - 1
    assert fewer.sha256 != rulebook.sha256
    assert rulebook.model_copy() == rulebook


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301 - made here
def test_records_can_be_copied_and_pickled(again: Callable[[Profile], Profile]) -> None:
    profile = Profile.model_validate({"name": "Ici", "kind": "real", "answers": {"foncier": "aucun"}})

    assert again(profile) == profile
    assert again(profile).sha256 == profile.sha256


def test_a_rulebook_can_be_copied_and_pickled() -> None:
    rulebook = load_rulebook()

    assert copy.deepcopy(rulebook) == pickle.loads(pickle.dumps(rulebook)) == rulebook  # noqa: S301 - made here


def test_what_is_known_to_be_right_has_the_names_of_the_fields() -> None:
    with pytest.raises(TypeError, match="Profile needs kind"):
        Profile.model_construct(name="Ici")
    with pytest.raises(TypeError, match="Bale has no colour, size"):
        Bale.model_construct(id="b1", colour="brun", size=3)
    with pytest.raises(TypeError, match="Bale has no colour"):
        Bale(id="b1").model_copy(update={"colour": "brun"})


def test_a_record_may_have_other_bases_and_constants() -> None:
    assert Counted(id="b1", kind="laine") == Counted.model_validate({"id": "b1", "kind": "laine"})
    assert repr(Counted(id="b1", kind=3)) == "Counted(id='b1', weight=None, kind=3)"
    assert Counted.most == 4


def test_a_record_is_a_dataclass() -> None:
    bale = Bale(id="b1")

    assert [one.name for one in dataclasses.fields(bale)] == ["id", "weight"]
    assert dataclasses.replace(bale, weight=3) == Bale(id="b1", weight=3)
    assert dataclasses.asdict(Shed.model_validate(SHED))["bales"] == ({"id": "b1", "weight": 40},)


def test_a_record_may_be_a_field_of_any_model() -> None:
    """As in an application that takes profiles, and has models of its own."""

    class Request(pydantic.BaseModel):
        profile: Profile
        others: list[Profile] = []

    profile = {"name": "Ici", "kind": "real", "answers": {"foncier": "aucun"}}
    request = Request.model_validate({"profile": profile, "others": [profile, profile]})

    assert request.profile == request.others[1] == Profile.model_validate(profile)
    assert request.model_dump(exclude_defaults=True)["profile"]["answers"]["foncier"]["value"] == "aucun"
    assert set(Request.model_json_schema()["$defs"]) == {"Answer", "Profile", "RulebookReference", "Source"}
    with pytest.raises(pydantic.ValidationError):
        Request.model_validate({"profile": {**profile, "nom": "Là"}})


def test_a_record_adds_its_own_faults() -> None:
    class Heap(Record):
        bales: tuple[Bale, ...]
        total: int

        @classmethod
        def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
            if raw.get("total") != len(raw.get("bales", ())):
                yield Fault(("total",), "le compte n’y est pas", "comptez")

    with pytest.raises(Faults) as caught:
        validated(Heap, {"bales": [{"id": "!"}], "total": 2})

    assert [fault.location for fault in caught.value.faults] == [("bales", 0, "id"), ("total",)]


def test_threads_may_be_the_first_to_use_a_record_together() -> None:
    """Each in a new process: what reads a record is made once, by whoever comes first."""
    script = """
import threading
from conseil.profile import Profile
ready, failed = threading.Barrier(8), []
def make():
    ready.wait()
    try:
        for _ in range(20):
            assert Profile(name="Ici", kind="real", answers={"a": "b"}).answers["a"].value == "b"
    except BaseException as error:
        failed.append(repr(error))
threads = [threading.Thread(target=make) for _ in range(8)]
[one.start() for one in threads]; [one.join() for one in threads]
assert not failed, failed
"""
    for _ in range(3):
        subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_a_plan_and_its_explanation_need_no_pydantic() -> None:
    script = (
        "import sys, conseil; book = conseil.load_rulebook(); "
        "plan = conseil.advise(conseil.load_profile('profiles/creuse-grand-sud.yaml'), book); "
        "conseil.explain(plan, plan.items[0].id); "
        "print([name for name in sys.modules if name.partition('.')[0] in {'pydantic', 'pydantic_core'}])"
    )
    load_rulebook()  # and it is remembered

    assert subprocess.check_output([sys.executable, "-c", script], text=True, cwd=ROOT) == "[]\n"
