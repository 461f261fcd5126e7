"""What is known of one territory: its answers, and the progress of its actions.

A profile is what a person wrote; `known` reads it with a rulebook's vocabulary. What it says is kept as it was said:
given with its source, assumed, unknown ("je ne sais pas"), or not applicable.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from conseil.authority import Source
from conseil.conditions import PROGRESS, PROGRESS_VALUES, FactValue
from conseil.documents import read
from conseil.errors import Fault, Faults, InvalidProfile, Problem, nearest
from conseil.records import Record, Text, validated
from conseil.rulebook import Rulebook, load_rulebook
from conseil.shipped import profiles_folder
from conseil.vocabulary import UNKNOWN, Flag, read_answer

__all__ = ["Answer", "Known", "Profile", "known", "load_profile", "progress_facts", "shipped_profiles"]

OTHERS = "others"
"""The key of `progress` that answers for every action that it does not list."""


def _read_given(raw: object) -> str | int | bool | tuple[str, ...]:
    if isinstance(raw, str | int):
        return raw
    if isinstance(raw, list | tuple) and all(isinstance(choice, str) for choice in raw):
        return tuple(raw)
    if raw is None:
        raise Faults([Fault((), "réponse vide", "écrivez `unknown` si vous ne savez pas, ou retirez la ligne")])
    raise Faults([Fault((), "réponse impossible à lire", "écrivez un choix, un nombre, oui, non, ou `[choix, choix]`")])


Given = Annotated[
    str | int | bool | tuple[str, ...],
    PlainValidator(_read_given),
    PlainSerializer(lambda given: given),
    WithJsonSchema({"anyOf": [{"type": kind} for kind in ("string", "integer", "boolean", "array")]}),
]
"""An answer as it was given: a choice, a number, a yes or no, the choices made, `unknown` or `not_applicable`."""


class Answer(Record):
    """An answer, and where it comes from: the guide (`source`), or an assumption of ours, or a note."""

    value: Given
    source: Source | None = None
    assumed: Flag = False
    note: Text | None = None

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        if raw.get("source") is not None and raw.get("assumed") is not None:
            yield Fault(("assumed",), "une réponse citée (`source`) n’est pas supposée (`assumed`)", on_key=True)


def _read_answer(raw: object) -> object:
    return raw if isinstance(raw, dict | Answer) else {"value": raw}


class RulebookReference(Record):
    """The rulebook for which a profile was written."""

    id: Text
    version: Text | None = None


class Profile(Record):
    """A territory as somebody described it.

    `answers` and `progress` hold what was written; ids and values are checked against a rulebook when they are used.

    >>> profile = Profile(name="Ici", kind="invented", answers={"foncier": "aucun", "recherche": True})
    >>> profile.answers["foncier"].value
    'aucun'
    """

    rulebook: RulebookReference | None = None
    name: Text
    kind: Literal["cited", "invented", "real"]
    territory: dict[str, Text] = Field(default={}, description="l’identité du territoire ; aucune règle ne la lit")
    answers: dict[str, Annotated[Answer, BeforeValidator(_read_answer)]] = {}
    progress: dict[str, str] = {}

    @cached_property
    def sha256(self) -> str:
        """The hash of what the profile says: the same however its keys are ordered."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Known:
    """A profile read with a rulebook: the facts that were given, before anything is deduced."""

    answers: Mapping[str, FactValue]
    """The answers that are known, by question; unknown ones are absent."""

    progress: Mapping[str, Literal["todo", "doing", "done"]]
    """The progress that is known, by action."""

    ignored: tuple[str, ...] = ()
    """Answers that contradict another: a stage that does not exist in the scenario."""

    waiting: tuple[str, ...] = ()
    """Answers that cannot count yet: a stage of one scenario, while the scenario is not known."""


def known(profile: Profile, rulebook: Rulebook) -> Known:
    """Read a profile with a rulebook's vocabulary.

    Raises:
        InvalidProfile: an id or a value that the rulebook does not have; every such fault, with no line.
    """
    found, faults = _read(profile, rulebook)
    if faults:
        where = f"profil « {profile.name} »"
        raise InvalidProfile(
            Problem(f"{where}, {'.'.join(map(str, fault.location))}", None, None, fault.message, fault.hint)
            for fault in faults
        )
    return found


def load_profile(path: Path | str, rulebook: Rulebook | None = None) -> Profile:
    """Read a profile from its file, and check it against a rulebook (the shipped one, unless another is given).

    Raises:
        InvalidDocument: the file cannot be read.
        InvalidProfile: it is not a profile, or does not fit the rulebook; every fault with its line.

    >>> load_profile("profiles/creuse-grand-sud.yaml").kind
    'cited'
    """
    rulebook = rulebook or load_rulebook()
    document = read(path)
    faults: list[Fault] = []
    try:
        profile = validated(Profile, document.value)
    except Faults as error:
        faults = list(error.faults)
        raw = document.value if isinstance(document.value, dict) else {}
        # what is right in its form is checked all the same, so that one run tells all
        faults += _faults_of_parts(raw, rulebook)
        raise InvalidProfile(document.problem(fault) for fault in faults) from error
    faults = _read(profile, rulebook)[1]
    if faults:
        raise InvalidProfile(document.problem(fault) for fault in faults)
    return profile


def shipped_profiles() -> dict[str, Path]:
    """Return the files of the territories that conseil carries, by their short name.

    >>> "creuse-grand-sud" in shipped_profiles()
    True
    """
    return {path.stem: path for path in sorted(profiles_folder().glob("*.yaml"))}


def _faults_of_parts(raw: Mapping[str, Any], rulebook: Rulebook) -> list[Fault]:
    answers: dict[str, Any] = {}
    for question, answer in (raw.get("answers") or {}).items() if isinstance(raw.get("answers"), dict) else ():
        try:
            answers[question] = validated(Answer, _read_answer(answer))
        except Faults:
            continue  # already reported
    progress = raw.get("progress")
    states = (
        {key: value for key, value in progress.items() if isinstance(value, str)} if isinstance(progress, dict) else {}
    )
    return _read(Profile(name="?", kind="real", answers=answers, progress=states), rulebook)[1]


def _read(profile: Profile, rulebook: Rulebook) -> tuple[Known, list[Fault]]:
    faults: list[Fault] = []
    if profile.rulebook is not None and profile.rulebook.id != rulebook.guide.id:
        message = f"ce profil est écrit pour les règles `{profile.rulebook.id}`, et non `{rulebook.guide.id}`"
        faults.append(Fault(("rulebook", "id"), message, "indiquez le bon dossier de règles"))
    answers: dict[str, FactValue] = {}
    for name, answer in profile.answers.items():
        question = rulebook.vocabulary.get(name)
        if question is None:
            faults.append(
                Fault(("answers", name), f"question `{name}` inconnue", nearest(name, rulebook.vocabulary), on_key=True)
            )
            continue
        try:
            value = read_answer(question, answer.value)
        except Faults as error:
            faults += [fault.under("answers", name, "value") for fault in error.faults]
        else:
            if value is not None:
                answers[name] = value
    states, progress_faults = _read_progress(profile, rulebook)
    ignored, waiting = _set_aside_stage(answers, rulebook)
    return Known(answers, states, ignored, waiting), faults + progress_faults


def _set_aside_stage(answers: dict[str, FactValue], rulebook: Rulebook) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take out a stage that the scenario does not have, so that no later answer can take a verdict back."""
    stage, scenario = rulebook.guide.roles.stage, answers.get(rulebook.guide.roles.scenario)
    possible = [stance for stance in rulebook.guide.stances if scenario in {None, stance.scenario}]
    having = [stance for stance in possible if answers.get(stage) in {described.stage for described in stance.stages}]
    if stage not in answers or len(having) == len(possible):
        return (), ()
    del answers[stage]
    return ((), (stage,)) if having else ((stage,), ())


def _read_progress(
    profile: Profile, rulebook: Rulebook
) -> tuple[dict[str, Literal["todo", "doing", "done"]], list[Fault]]:
    states: dict[str, Literal["todo", "doing", "done"]] = {}
    faults: list[Fault] = []
    for action, state in profile.progress.items():
        if action != OTHERS and action not in rulebook.by_id:
            hint = nearest(action, rulebook.by_id)
            faults.append(Fault(("progress", action), f"action `{action}` inconnue", hint, on_key=True))
        if state not in {*PROGRESS_VALUES, UNKNOWN}:
            hint = nearest(state, [*PROGRESS_VALUES, UNKNOWN])
            faults.append(Fault(("progress", action), f"avancement `{state}` inconnu", hint))
    if not faults:
        others = profile.progress.get(OTHERS, UNKNOWN)
        for action in rulebook.by_id:
            state = profile.progress.get(action, others)
            if state == "todo" or state == "doing" or state == "done":  # noqa: PLR1714 - mypy narrows this form
                states[action] = state
    return states, faults


def progress_facts(known_profile: Known) -> dict[str, FactValue]:
    """Return the progress that is known as facts, which conditions read."""
    return {PROGRESS + action: state for action, state in known_profile.progress.items()}
