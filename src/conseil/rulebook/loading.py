"""From a folder of YAML files to a rulebook, or to every problem that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from conseil.documents import Document, read
from conseil.errors import Fault, Faults, InvalidDocument, InvalidRulebook, Location, Problem, nearest
from conseil.records import Record, validated
from conseil.rulebook.checks import Draft, Entry, check
from conseil.rulebook.model import Action, Deduction, Example, Guide, Rulebook
from conseil.shipped import rules_folder
from conseil.vocabulary import Question, Vocabulary

__all__ = ["load_rulebook"]

_FOLDERS = ("questions", "actions", "examples", "tests")
_FILES = ("guide.yaml", "deductions.yaml")
_CONTENTS = "un dossier de règles contient `guide.yaml`, `questions/` et `actions/`"
_R = TypeVar("_R", bound=Record)


def load_rulebook(folder: Path | str | None = None) -> Rulebook:
    """Load a rulebook from its folder, and check it whole; without a folder, the one that conseil carries.

    Raises:
        InvalidRulebook: with every problem of every file.

    >>> load_rulebook().guide.publisher
    'RTES'
    """
    return _shipped() if folder is None else _Reader(Path(folder)).rulebook()


@lru_cache(maxsize=1)
def _shipped() -> Rulebook:
    return _Reader(rules_folder()).rulebook()


class _Reader:
    """Read the files, remember where each entry stands, and collect problems until nothing more can be found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.places: dict[Entry, tuple[Document, Location]] = {}
        self.documents: dict[str, Document] = {}

    def rulebook(self) -> Rulebook:
        if not self.folder.is_dir():
            what = "ce n’est pas un dossier" if self.folder.exists() else "dossier introuvable"
            raise InvalidRulebook([Problem(str(self.folder), None, None, what, _CONTENTS)])
        self._read_files()
        questions, themes = self._questions()
        actions = [place.id for place in self._entries("action", "actions", "actions")]
        examples = [str(raw.get("id")) for _, raw in self._files("examples")]
        read_questions = {question.id for question in questions}
        asked = [entry.id for entry in self.places if entry.kind == "question"]
        vocabulary = Vocabulary(questions, actions, unread=set(asked) - read_questions)
        context = {
            "check_condition": vocabulary.faults,
            "questions": asked,
            "actions": actions,
            "examples": examples,
        }
        for question in questions:
            if question.asked_when is not None:
                for fault in vocabulary.faults(question.asked_when, ("asked_when",)):
                    self._report(Entry("question", question.id), fault)
        guide = self._guide(context)
        deductions = self._deductions(context)
        read_actions = self._actions(context)
        read_examples = self._examples(context)
        if guide is not None:
            self._themes_exist(guide, themes)
            self._steps_exist(guide)
            draft = Draft(guide, tuple(questions), tuple(deductions), tuple(read_actions), vocabulary)
            for entry, fault in check(draft):
                self._report(entry, fault)
        if self.problems or guide is None:
            raise InvalidRulebook(self.problems)
        theme_order = {theme.id: index for index, theme in enumerate(guide.themes)}
        step_order = {step.id: index for index, step in enumerate(guide.steps)}
        return Rulebook(
            guide=guide,
            questions=tuple(sorted(questions, key=lambda question: theme_order[themes[question.id]])),
            themes=themes,
            deductions=tuple(deductions),
            actions=tuple(sorted(read_actions, key=lambda action: step_order[action.step])),
            examples=tuple(sorted(read_examples, key=lambda example: example.id)),
        )

    # Files

    def _read_files(self) -> None:
        found = sorted(path for pattern in ("*.yaml", "*.yml") for path in self.folder.rglob(pattern))
        for path in found:
            name = path.relative_to(self.folder).as_posix()
            parts = name.split("/")
            known = name in _FILES or (len(parts) == 2 and parts[0] in _FOLDERS and path.suffix == ".yaml")  # noqa: PLR2004
            if not known:
                hint = f"fichiers attendus : {', '.join(_FILES)}, et des `.yaml` dans {', '.join(_FOLDERS)}"
                self.problems.append(Problem(str(path), None, None, "fichier inattendu", hint))
            elif parts[0] != "tests":  # cases are read by those who run them
                try:
                    self.documents[name] = read(path)
                except InvalidDocument as error:
                    self.problems += error.problems
        for name, needed in (
            ("guide.yaml", "fichier introuvable"),
            ("questions", "aucune question"),
            ("actions", "aucune action"),
        ):
            if not any(path.relative_to(self.folder).as_posix().startswith(name) for path in found):
                self.problems.append(Problem(str(self.folder / name), None, None, needed, _CONTENTS))

    def _files(self, folder: str) -> Iterator[tuple[Document, dict[str, Any]]]:
        """Walk the files of a folder that are mappings, and report the others."""
        for name, document in self.documents.items():
            if name.startswith(f"{folder}/"):
                if isinstance(document.value, dict):
                    yield document, document.value
                else:
                    self.problems.append(document.problem(Fault((), "bloc `clé: valeur` attendu")))

    def _entries(self, kind: str, folder: str, key: str) -> list[Entry]:
        """Remember where each entry of the files of a folder stands; two with one id are a problem."""
        found: list[Entry] = []
        for document, raw in self._files(folder):
            found += self._remember(kind, document, raw.get(key), (key,))
        return found

    def _remember(
        self, kind: str, document: Document, entries: object, way: Location, id_key: str = "id"
    ) -> list[Entry]:
        found: list[Entry] = []
        for index, raw in enumerate(entries if isinstance(entries, list) else []):
            name = raw.get(id_key) if isinstance(raw, dict) else None
            if not isinstance(name, str):
                continue
            entry, here = Entry(kind, name), (*way, index)
            if entry in self.places:
                first, first_way = self.places[entry]
                line = first.problem(Fault(first_way, "")).line
                fault = Fault((*here, id_key), f"`{name}` existe déjà", f"première fois : {first.path}, ligne {line}")
                self.problems.append(document.problem(fault))
                continue
            self.places[entry] = (document, here)
            found.append(entry)
        return found

    def _report(self, entry: Entry, fault: Fault) -> None:
        document, way = self.places[entry]
        self.problems.append(document.problem(fault.under(*way)))

    def _validated(self, model: type[_R], document: Document, way: Location, raw: object, context: object) -> _R | None:
        try:
            return validated(model, raw, context)
        except Faults as error:
            self.problems += [document.problem(fault.under(*way)) for fault in error.faults]
            return None

    def _only_keys(self, document: Document, raw: Mapping[str, object], keys: tuple[str, ...]) -> None:
        for key in raw:
            if key not in keys:
                fault = Fault((key,), f"clé `{key}` inconnue", nearest(key, keys), on_key=True)
                self.problems.append(document.problem(fault))
        for key in keys:
            if key not in raw:
                self.problems.append(document.problem(Fault((), f"clé `{key}` manquante")))

    def _list(self, document: Document, raw: Mapping[str, object], key: str) -> list[object]:
        entries = raw.get(key)
        if isinstance(entries, list):
            return entries
        if key in raw:
            self.problems.append(
                document.problem(Fault((key,), "liste attendue", "commencez chaque entrée par un tiret"))
            )
        return []

    # Parts

    def _questions(self) -> tuple[list[Question], dict[str, str]]:
        self._entries("question", "questions", "questions")
        questions: list[Question] = []
        themes: dict[str, str] = {}
        for document, raw in self._files("questions"):
            self._only_keys(document, raw, ("theme", "questions"))
            for index, entry in enumerate(self._list(document, raw, "questions")):
                question = self._validated(Question, document, ("questions", index), entry, None)
                if question is not None and question.id not in themes:
                    questions.append(question)
                    themes[question.id] = str(raw.get("theme"))
        return questions, themes

    def _guide(self, context: object) -> Guide | None:
        document = self.documents.get("guide.yaml")
        if document is None:
            return None
        guide = self._validated(Guide, document, (), document.value, context)
        if guide is not None:
            self.places[Entry("guide", guide.id)] = (document, ())
        return guide

    def _deductions(self, context: object) -> list[Deduction]:
        document = self.documents.get("deductions.yaml")
        if document is None:
            return []
        if not isinstance(document.value, dict):
            self.problems.append(document.problem(Fault((), "bloc `clé: valeur` attendu")))
            return []
        self._only_keys(document, document.value, ("deductions",))
        entries = self._list(document, document.value, "deductions")
        self._remember("deduction", document, entries, ("deductions",), "fact")
        read = [
            self._validated(Deduction, document, ("deductions", index), raw, context)
            for index, raw in enumerate(entries)
        ]
        return [deduction for deduction in read if deduction is not None]

    def _actions(self, context: object) -> list[Action]:
        actions: dict[str, Action] = {}
        for document, raw in self._files("actions"):
            self._only_keys(document, raw, ("step", "actions"))
            for index, entry in enumerate(self._list(document, raw, "actions")):
                way = ("actions", index)
                if isinstance(entry, dict):
                    self._remember("rule", document, entry.get("rules"), (*way, "rules"))
                    if "step" in entry:
                        fault = Fault(
                            (*way, "step"), "clé `step` inconnue", "l’étape est celle du fichier", on_key=True
                        )
                        self.problems.append(document.problem(fault))
                    entry = entry | {"step": raw.get("step") if isinstance(raw.get("step"), str) else "?"}  # noqa: PLW2901
                action = self._validated(Action, document, way, entry, context)
                if action is not None:
                    actions.setdefault(action.id, action)
        return list(actions.values())

    def _examples(self, context: object) -> list[Example]:
        examples: dict[str, Example] = {}
        for document, raw in self._files("examples"):
            example = self._validated(Example, document, (), raw, context)
            if example is not None and example.id in examples:
                self.problems.append(document.problem(Fault(("id",), f"`{example.id}` existe déjà")))
            elif example is not None:
                examples[example.id] = example
        return list(examples.values())

    def _themes_exist(self, guide: Guide, themes: dict[str, str]) -> None:
        known = [theme.id for theme in guide.themes]
        for document, raw in self._files("questions"):
            theme = raw.get("theme")
            if isinstance(theme, str) and theme not in known:
                fault = Fault(("theme",), f"thème `{theme}` inconnu", nearest(theme, known))
                self.problems.append(document.problem(fault))
                themes.update({question: known[0] for question, name in themes.items() if name == theme})

    def _steps_exist(self, guide: Guide) -> None:
        known = {step.id: None for step in guide.steps}
        holders: dict[str, str] = {}
        for document, raw in self._files("actions"):
            step = raw.get("step")
            if not isinstance(step, str):
                continue
            if step not in known:
                fault = Fault(("step",), f"étape `{step}` inconnue", nearest(step, known))
                self.problems.append(document.problem(fault))
            elif step in holders:
                fault = Fault(("step",), f"l’étape `{step}` a déjà son fichier", f"complétez {holders[step]}")
                self.problems.append(document.problem(fault))
            holders.setdefault(step, document.path)
