"""What is known of one territory: its answers, and the progress of its actions.

A profile is what a person wrote; `known` reads it with a rulebook's vocabulary. What it says is kept as it was said:
given with its source, assumed, unknown ("je ne sais pas"), or not applicable.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from conseil.authority import Source
from conseil.conditions import PROGRESS, PROGRESS_VALUES, FactValue
from conseil.documents import Document, read
from conseil.errors import Fault, Faults, InvalidProfile, Problem, nearest
from conseil.fields import Text, before, field, instead, seen_as, written
from conseil.records import Record, validated
from conseil.rulebook import Rulebook, load_rulebook
from conseil.shipped import profiles_folder
from conseil.vocabulary import UNKNOWN, Flag, twice

__all__ = [
    "OTHERS",
    "Answer",
    "Known",
    "Profile",
    "Progress",
    "RulebookReference",
    "faults_of",
    "known",
    "known_from",
    "load_profile",
    "located",
    "profile_of",
    "progress_facts",
    "progress_of",
    "read_form",
    "shipped_profiles",
]

Progress = Literal["todo", "doing", "done"]

_STATES: dict[str, Progress] = {state: state for state in PROGRESS_VALUES}

OTHERS = "others"
"""The key of `progress` that answers for every action that it does not list."""


def _read_given(raw: object) -> str | int | bool | tuple[str, ...]:
    if isinstance(raw, str | int):
        return raw
    if isinstance(raw, list | tuple):
        wrong = [index for index, choice in enumerate(raw) if not isinstance(choice, str)]
        if wrong:
            message, hint = "choix impossible à lire", "un choix est un texte simple : `[choix, choix]`"
            raise Faults([Fault((index,), message, hint) for index in wrong])
        return tuple(raw)
    if raw is None:
        raise Faults([Fault((), "réponse vide", "écrivez `unknown` si vous ne savez pas, ou retirez la ligne")])
    raise Faults([Fault((), "réponse impossible à lire", "écrivez un choix, un nombre, oui, non, ou `[choix, choix]`")])


Given = Annotated[
    str | int | bool | tuple[str, ...],
    instead(_read_given),
    written(lambda given: given),
    seen_as({"anyOf": [{"type": kind} for kind in ("string", "integer", "boolean", "array")]}),
]
"""An answer as it was given: a choice, a number, a yes or no, the choices made, `unknown` or `not_applicable`."""


class Answer(Record):
    """An answer, and where it comes from: the guide (`source`), or an assumption of ours, or a note."""

    value: Given = field(description="la réponse ; `unknown` : je ne sais pas ; `not_applicable` : sans objet")
    source: Source | None = field(default=None, description="la citation du guide d’où vient la réponse")
    assumed: Flag = field(default=False, description="`oui` si la réponse est supposée")
    note: Text | None = field(default=None, description="une remarque sur la réponse")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        assumed = raw.get("assumed")
        if raw.get("source") is not None and assumed is not None and assumed is not False:
            message = "une réponse citée (`source`) n’est pas supposée (`assumed`)"
            yield Fault(("assumed",), message, "retirez l’une des deux clés", on_key=True)


def _read_answer(raw: object) -> object:
    return raw if isinstance(raw, dict | Answer) else {"value": raw}


WrittenAnswer = Annotated[
    Answer,
    before(_read_answer, json_schema_input_type=Answer | str | int | bool | tuple[str, ...]),
]
"""An answer, which may be written short: its value alone."""


def _one_line(raw: object) -> object:
    """Write a name on one line, however it was broken: it is a title."""
    return " ".join(raw.split()) if isinstance(raw, str) else raw


def _read_block(raw: Any) -> Any:  # noqa: ANN401 - whatever it is, but nothing
    """Read a key with nothing below it but comments as a block that is still empty: so a template begins."""
    return {} if raw is None else raw


class RulebookReference(Record):
    """The rulebook for which a profile was written."""

    id: Text = field(description="le nom des règles")
    version: Text | None = field(default=None, description="la version des règles, entre guillemets")


class Profile(Record):
    """A territory as somebody described it.

    `answers` and `progress` hold what was written; ids and values are checked against a rulebook when they are used.

    >>> profile = Profile(name="Ici", kind="invented", answers={"foncier": "aucun", "recherche": True})
    >>> profile.answers["foncier"].value
    'aucun'
    """

    rulebook: RulebookReference | None = field(
        default=None, description="les règles pour lesquelles ce profil est écrit"
    )
    name: Annotated[Text, before(_one_line)] = field(description="le nom du territoire")
    kind: Literal["cited", "invented", "real"] = field(
        description="un territoire cité par le guide (cited), inventé (invented) ou réel (real)"
    )
    territory: dict[str, Text] = field(default={}, description="l’identité du territoire ; aucune règle ne la lit")
    answers: Annotated[
        dict[str, WrittenAnswer], before(_read_block, json_schema_input_type=dict[str, WrittenAnswer])
    ] = field(default={}, description="les réponses, par question")
    progress: Annotated[dict[str, str], before(_read_block, json_schema_input_type=dict[str, str])] = field(
        default={}, description="l’avancement de chaque action ; `others` répond pour toutes celles qui manquent"
    )
    skipped: tuple[str, ...] = field(default=(), description="les questions passées, à poser à la fin")
    set_aside: dict[str, WrittenAnswer] = field(
        default={}, description="les réponses à d’autres règles, qui ne veulent plus rien dire ici ; rien ne les lit"
    )

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from twice(raw.get("skipped"), None, "skipped")

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

    progress: Mapping[str, Progress]
    """The progress that is known, by action."""

    ignored: tuple[str, ...] = ()
    """Answers that contradict another: a stage that does not exist in the scenario."""

    waiting: tuple[str, ...] = ()
    """Answers that cannot count yet: a stage of one scenario, while the scenario is not known."""

    set_aside: Mapping[str, FactValue] = dataclasses.field(default_factory=dict)
    """What was answered there, and is not in `answers`."""

    @property
    def given(self) -> dict[str, FactValue]:
        """Every answer that was given, whether or not it counts."""
        return {**self.answers, **self.set_aside}


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
    return profile_of(read(path), rulebook)


def profile_of(document: Document, rulebook: Rulebook) -> Profile:
    """Return the profile that a document holds, checked against a rulebook.

    Raises:
        InvalidProfile: it is not a profile, or does not fit the rulebook; every fault with its line.
    """
    try:
        profile = read_form(document.value)
    except Faults as error:
        # what is right in its form is checked all the same, so that one run tells all
        faults = [*error.faults, *_faults_of_parts(document.value, rulebook)]
        raise InvalidProfile(located(document, faults)) from error
    faults = faults_of(profile, rulebook)
    if faults:
        raise InvalidProfile(located(document, faults))
    return profile


def faults_of(profile: Profile, rulebook: Rulebook) -> list[Fault]:
    """Say what in a profile the rulebook does not have."""
    return _read(profile, rulebook)[1]


def read_form(raw: object) -> Profile:
    """Read a raw value as a profile, whatever the questions and actions that it speaks of.

    Raises:
        Faults: it does not have the form of a profile.
    """
    return _read_plainly(raw) or validated(Profile, raw)


_ANSWER_KEYS = frozenset({"value", "source", "assumed", "note"})
_PROFILE_KEYS = frozenset({"rulebook", "name", "kind", "territory", "answers", "progress", "skipped", "set_aside"})


def _read_plainly(raw: object) -> Profile | None:
    """Read a profile as `Profile` does, if it is plainly right; else return nothing, and `Profile` says what to think.

    pydantic takes longer to get ready for its first value than a command takes for all the rest, and nearly every
    profile that a command reads is right.
    """
    if not isinstance(raw, dict) or not raw.keys() <= _PROFILE_KEYS:
        return None
    name, kind = _one_line(raw.get("name")), raw.get("kind")
    written_for, territory = raw.get("rulebook", {"id": "-"}), raw.get("territory", {})
    answers, progress = _read_block(raw.get("answers")), _read_block(raw.get("progress"))
    skipped, set_aside = raw.get("skipped", []), raw.get("set_aside", {})
    plain = (
        _is_text(name)
        and isinstance(kind, str)
        and kind in {"cited", "invented", "real"}
        and _are_texts(written_for, {"id"}, {"id", "version"})
        and isinstance(territory, dict)
        and all(map(_is_text, territory.values()))
        and isinstance(answers, dict)
        and isinstance(set_aside, dict)
        and all(map(_is_plain_answer, (*answers.values(), *set_aside.values())))
        and isinstance(progress, dict)
        and all(isinstance(state, str) for state in progress.values())
        and isinstance(skipped, list)
        and all(isinstance(name, str) for name in skipped)
        and len(set(skipped)) == len(skipped)
    )
    if not plain:
        return None
    read: dict[str, Any] = {"name": name, "kind": kind}
    if "rulebook" in raw:
        read["rulebook"] = RulebookReference.model_construct(**written_for)
    for key, given in (("answers", answers), ("set_aside", set_aside)):
        if key in raw:
            read[key] = {question: _plain_answer(answer) for question, answer in given.items()}
    if "skipped" in raw:
        read["skipped"] = tuple(skipped)
    read |= {key: block for key, block in (("territory", territory), ("progress", progress)) if key in raw}
    return Profile.model_construct(**read)


def _is_plain_answer(raw: object) -> bool:
    if not isinstance(raw, dict):
        return isinstance(raw, str) or (isinstance(raw, list) and all(isinstance(choice, str) for choice in raw))
    return (
        raw.keys() <= _ANSWER_KEYS
        and not isinstance(raw.get("value"), dict)
        and _is_plain_answer(raw.get("value"))
        and ("source" not in raw or _are_texts(raw["source"], {"section", "quote"}, {"section", "quote"}))
        and ("assumed" not in raw or (raw["assumed"] == "true" and "source" not in raw))
        and ("note" not in raw or _is_text(raw["note"]))
    )


def _plain_answer(raw: Any) -> Answer:  # noqa: ANN401 - its keys were looked at
    written = dict(raw) if isinstance(raw, dict) else {"value": raw}
    written["value"] = _read_given(written["value"])
    if "source" in written:
        written["source"] = Source.model_construct(**written["source"])
    if "assumed" in written:
        written["assumed"] = True
    return Answer.model_construct(**written)


def _is_text(raw: object) -> bool:
    return isinstance(raw, str) and bool(raw) and raw == raw.strip()


def _are_texts(raw: object, required: AbstractSet[str], allowed: AbstractSet[str]) -> bool:
    return isinstance(raw, dict) and required <= raw.keys() <= allowed and all(map(_is_text, raw.values()))


def located(document: Document, faults: Iterable[Fault]) -> Iterator[Problem]:
    """Give each fault of a profile its line: an answer that is written short has no `value`."""
    for fault in faults:
        match fault.location:
            case ("answers", name, "value", *rest) if ("answers", name, "value") not in document.positions:
                yield document.problem(replace(fault, location=("answers", name, *rest)))
            case _:
                yield document.problem(fault)


def shipped_profiles() -> dict[str, Path]:
    """Return the files of the territories that conseil carries, by their short name.

    >>> "creuse-grand-sud" in shipped_profiles()
    True
    """
    return {path.stem: path for path in sorted(profiles_folder().glob("*.yaml"))}


def _faults_of_parts(raw: object, rulebook: Rulebook) -> Iterator[Fault]:
    """Check the parts of a profile that can be read."""
    parts = raw if isinstance(raw, Mapping) else {}
    answers, progress, skipped, written_for = (parts.get(key) for key in ("answers", "progress", "skipped", "rulebook"))
    for name, answer in answers.items() if isinstance(answers, Mapping) else ():
        try:
            read_alone = validated(Answer, _read_answer(answer))
        except Faults:
            yield from _unknown_question(name, rulebook)  # the value has been reported
            continue
        yield from _faults_of_answer(name, read_alone, rulebook)
    for action, state in progress.items() if isinstance(progress, Mapping) else ():
        yield from _faults_of_progress(action, state if isinstance(state, str) else UNKNOWN, rulebook)
    if isinstance(skipped, list | tuple):
        yield from _faults_of_skipped(skipped, rulebook)
    if isinstance(written_for, Mapping) and isinstance(written_for.get("id"), str):
        yield from _faults_of_rulebook(written_for["id"], rulebook)


def _faults_of_rulebook(written_for: str, rulebook: Rulebook) -> Iterator[Fault]:
    if written_for != rulebook.guide.id:
        message = f"ce profil est écrit pour les règles `{written_for}`, et non `{rulebook.guide.id}`"
        yield Fault(("rulebook", "id"), message, "indiquez le bon dossier de règles, ou corrigez la ligne")


def _unknown_question(name: str, rulebook: Rulebook) -> Iterator[Fault]:
    if name not in rulebook.vocabulary:
        hint = nearest(name, rulebook.vocabulary, "la commande `conseil questions` les liste toutes")
        if name in rulebook.renamed_questions:
            hint = _renamed(rulebook.renamed_questions[name])
        if name.removeprefix(PROGRESS) in rulebook.by_id:
            hint = "l’avancement d’une action s’écrit sous `progress`"
        yield Fault(("answers", name), f"question `{name}` inconnue", hint, on_key=True)


def _renamed(name: str) -> str:
    return f"elle s’appelle maintenant `{name}` ; `conseil migrate` récrit le fichier"


def _faults_of_answer(name: str, answer: Answer, rulebook: Rulebook) -> Iterator[Fault]:
    if name not in rulebook.vocabulary:
        yield from _unknown_question(name, rulebook)
        return
    try:
        rulebook.vocabulary.read(name, answer.value)
    except Faults as error:
        yield from (fault.under("answers", name, "value") for fault in error.faults)


def _faults_of_progress(action: str, state: str, rulebook: Rulebook) -> Iterator[Fault]:
    if action != OTHERS and action not in rulebook.by_id:
        hint = nearest(action, [*rulebook.by_id, OTHERS], "la commande `conseil actions` les liste toutes")
        if action in rulebook.renamed_actions:
            hint = _renamed(rulebook.renamed_actions[action])
        yield Fault(("progress", action), f"action `{action}` inconnue", hint, on_key=True)
    if state not in {*PROGRESS_VALUES, UNKNOWN}:
        hint = nearest(state, [*PROGRESS_VALUES, UNKNOWN])
        yield Fault(("progress", action), f"avancement `{state}` inconnu", hint)


def _faults_of_skipped(skipped: Iterable[object], rulebook: Rulebook) -> Iterator[Fault]:
    steps = {PROGRESS + step.id for step in rulebook.guide.steps}
    for index, name in enumerate(skipped):
        if isinstance(name, str) and name not in rulebook.vocabulary and name not in steps:
            hint = nearest(name, [*rulebook.vocabulary, *steps], "la commande `conseil questions` les liste toutes")
            yield Fault(("skipped", index), f"question `{name}` inconnue", hint)


def _read(profile: Profile, rulebook: Rulebook) -> tuple[Known, list[Fault]]:
    faults: list[Fault] = []
    if profile.rulebook is not None:
        faults += _faults_of_rulebook(profile.rulebook.id, rulebook)
    answers: dict[str, FactValue] = {}
    read = rulebook.vocabulary.read
    for name, answer in profile.answers.items():
        try:
            value = read(name, answer.value)
        except (KeyError, Faults):
            faults += _faults_of_answer(name, answer, rulebook)
        else:
            if value is not None:
                answers[name] = value
    states, progress_faults = _read_progress(profile, rulebook)
    faults += progress_faults
    faults += _faults_of_skipped(profile.skipped, rulebook)
    return known_from(answers, states, rulebook), faults


def known_from(answers: Mapping[str, FactValue], progress: Mapping[str, Progress], rulebook: Rulebook) -> Known:
    """Return what is known, from answers that the rulebook accepts.

    A stage that the scenario does not have is set aside, so that no later answer can take a verdict back.
    """
    stage, scenario = rulebook.guide.roles.stage, answers.get(rulebook.guide.roles.scenario)
    possible = [stance for stance in rulebook.guide.stances if scenario in {None, stance.scenario}]
    having = [stance for stance in possible if answers.get(stage) in {described.stage for described in stance.stages}]
    if stage not in answers or len(having) == len(possible):
        return Known(answers, progress)
    counting = {question: value for question, value in answers.items() if question != stage}
    ignored, waiting = ((), (stage,)) if having else ((stage,), ())
    return Known(counting, progress, ignored, waiting, {stage: answers[stage]})


def _read_progress(profile: Profile, rulebook: Rulebook) -> tuple[dict[str, Progress], list[Fault]]:
    actions = rulebook.by_id
    faults: list[Fault] = []
    told: dict[str, Progress] = {}
    if (others := _STATES.get(profile.progress.get(OTHERS, UNKNOWN))) is not None:
        told = dict.fromkeys(actions, others)
    for action, state in profile.progress.items():
        if action in actions and state in _STATES:
            told[action] = _STATES[state]
        else:
            told.pop(action, None)
            faults += _faults_of_progress(action, state, rulebook)
    return told, faults


def progress_of(facts: Mapping[str, FactValue]) -> dict[str, Progress]:
    """Return the progress of actions that facts hold, by action.

    >>> progress_of({"foncier": "aucun", "progress.etude": "done"})
    {'etude': 'done'}
    """
    return {
        fact.removeprefix(PROGRESS): _STATES[str(state)] for fact, state in facts.items() if fact.startswith(PROGRESS)
    }


def progress_facts(known_profile: Known) -> dict[str, FactValue]:
    """Return the progress that is known as facts, which conditions read."""
    return {PROGRESS + action: state for action, state in known_profile.progress.items()}
