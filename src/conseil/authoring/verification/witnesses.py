"""Witnesses in words, as JSON, and as files: profiles that `conseil plan` reads, and that a person can change."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from conseil.contract import Contract
from conseil.errors import InvalidInput, Problem, reason_of
from conseil.exported import ExportedFact
from conseil.plan import Plan
from conseil.profile import Profile
from conseil.sentences import answer_words, fact_label
from conseil.writing import replace_whole

__all__ = ["ExportedWitness", "export_witness", "save", "to_yaml", "witness_words"]


class ExportedWitness(Contract):
    """A complete territory, as a profile: its answers, and the actions that it has begun; the others are to do."""

    answers: dict[str, ExportedFact]
    progress: dict[str, str]


def save(plans: Iterable[tuple[str, Plan]], folder: Path) -> list[Path]:
    """Write the profile of each plan into a folder, under a name; make the folder if it does not exist.

    A witness may have been changed by hand, and other profiles may lie there: no file is replaced by one that says
    something else, and then none is written.

    Raises:
        InvalidInput: it cannot be written there.
    """
    texts = {folder / f"{_file_name(name)}.yaml": to_yaml(plan.profile).encode() for name, plan in plans}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [path for path, text in texts.items() if os.path.lexists(path) and path.read_bytes() != text]
        if others:
            hint = "donnez un autre dossier, ou déplacez ce fichier"
            raise InvalidInput(Problem(str(path), None, None, "un autre fichier porte ce nom", hint) for path in others)
        for path, text in texts.items():
            replace_whole(path, text)
    except OSError as error:
        raise InvalidInput([Problem(str(folder), None, None, "écriture impossible", reason_of(error))]) from error
    return list(texts)


def _file_name(name: str) -> str:
    """Keep of a name what any system accepts in that of a file.

    >>> _file_name("unreachable-value maturite=autonomie")
    'unreachable-value-maturite=autonomie'
    """
    return re.sub(r"[^a-z0-9_.=]+", "-", name)


def to_yaml(profile: Profile) -> str:
    """Write a profile as its file holds it, each answer short.

    >>> print(to_yaml(Profile(name="Ici", kind="invented", answers={"foncier": "aucun"})), end="")
    name: Ici
    kind: invented
    answers:
      foncier: aucun
    """
    data = profile.model_dump(mode="json", exclude_defaults=True)
    if profile.answers:
        data["answers"] = {question: data["answers"][question]["value"] for question in profile.answers}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)


def witness_words(plan: Plan, facts: tuple[str, ...], like: Plan | None = None) -> str:
    """Say what a witness answers, and what it has begun.

    Args:
        plan: its plan.
        facts: the questions that matter; all of them, where none is named.
        like: the plan of a territory that one knows: only what is otherwise there is said.
    """
    rulebook = plan.rulebook
    names = facts or (*plan.known.answers, *plan.inference.deduced)
    questions = [fact for fact in rulebook.vocabulary.ordered(names) if fact in rulebook.vocabulary]
    if like is not None:
        questions = [fact for fact in questions if plan.facts[fact] != like.facts.get(fact)]
    said = [f"{fact_label(rulebook, fact)} : {answer_words(rulebook, fact, plan.facts[fact])}" for fact in questions]
    begun = [item for item in plan.items if item.progress != "todo"]
    said += [f"« {item.action.title} » : {'faite' if item.progress == 'done' else 'en cours'}" for item in begun]
    whole = f"{' ; '.join(said)}." if said else "n’importe quel territoire."
    return whole if like is None else f"comme « {like.profile.name} » si rien n’y était commencé, sauf : {whole}"


def export_witness(plan: Plan) -> ExportedWitness:
    """Write the territory of a plan as the contract says."""
    answers: dict[str, ExportedFact] = {question: answer.value for question, answer in plan.profile.answers.items()}
    return ExportedWitness(answers=answers, progress=dict(plan.profile.progress))
