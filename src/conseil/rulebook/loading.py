"""From a folder of YAML files to a rulebook, or to every problem that it has.

What the files hold is read first: where the same was validated before, the rulebook is remembered. Else a first pass
notes where each entry stands, so that a second one can say of a name whether anything bears it. Where some entries
cannot be read, no name of their kind is said to be unknown: one fault is not reported as a hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple, TypeVar

from conseil.documents import Document, contents, decode
from conseil.errors import Fault, Faults, InvalidDocument, InvalidRulebook, Location, Problem, named, nearest, reason_of
from conseil.records import Record, validated
from conseil.rulebook import remembered
from conseil.rulebook.checks import Draft, Entry, check
from conseil.rulebook.model import Action, Deduction, Example, Guide, Rulebook
from conseil.shipped import rules_folder
from conseil.vocabulary import Question, Vocabulary

__all__ = ["Places", "load_rulebook", "problem_of_rule"]

_KINDS = {"questions": "question", "actions": "action", "examples": "example", "deductions.yaml": "deduction"}
_FILES = ("guide.yaml", "deductions.yaml", "accepted.yaml")
_FOLDERS = ("questions", "actions", "examples", "tests")
_CONTENTS = "un dossier de règles contient `guide.yaml`, `questions/` et `actions/`"
_EXPECTED = (
    "attendus : `guide.yaml`, `deductions.yaml`, `accepted.yaml`, et des `.yaml` dans `questions/`, `actions/`, "
    "`examples/`, `tests/`"
)
_BLOCK = "écrivez chaque `clé: valeur` sur sa ligne"
_R = TypeVar("_R", bound=Record)


def load_rulebook(folder: Path | str | None = None) -> Rulebook:
    """Load a rulebook from its folder, and check it whole; without a folder, the one that conseil carries.

    Raises:
        InvalidRulebook: with every problem of every file.

    >>> load_rulebook().guide.publisher
    'RTES'
    """
    return _shipped() if folder is None else _Reader(Path(folder)).rulebook()


class Places:
    """Where the entries of a rulebook stand in its files, as they are now.

    A rulebook does not keep the place of each entry, which only a problem needs: its files are read once more.

    >>> rulebook = load_rulebook()
    >>> problem = Places(rulebook).problem(Entry("question", "foncier"), Fault(("label",), "trop long"))
    >>> problem.path.endswith("6-foncier.yaml"), problem.line is not None
    (True, True)
    """

    def __init__(self, rulebook: Rulebook) -> None:
        """Read the files of a rulebook; what cannot be read any more has no place."""
        self._whole = rulebook.folder or rulebook.guide.id
        self._entries: Mapping[Entry, tuple[Document, Location]] = {}
        if rulebook.folder:
            reader = _Reader(Path(rulebook.folder))
            with suppress(InvalidRulebook):  # the folder has changed since
                self._entries = reader.noted()

    def problem(self, entry: Entry, fault: Fault) -> Problem:
        """Return a problem where a fault of an entry stands; with the folder alone, where it is not found."""
        if entry not in self._entries:
            return Problem(self._whole, None, None, fault.message, fault.hint)
        document, way = self._entries[entry]
        return document.problem(fault.under(*way))


def problem_of_rule(rulebook: Rulebook, rule: str, message: str, hint: str | None = None) -> Problem:
    """Return a problem with a rule, where it stands."""
    return Places(rulebook).problem(Entry("rule", rule), Fault(("id",), message, hint))


@lru_cache(maxsize=1)
def _shipped() -> Rulebook:
    return _Reader(rules_folder()).rulebook()


class _Raw(NamedTuple):
    """An entry as written, and where it stands."""

    document: Document
    way: Location
    value: object


class _Reader:
    """Read the files, remember where each entry stands, and collect problems until nothing more can be found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.contents: dict[str, bytes] = {}
        self.documents: dict[str, Document] = {}
        self.raw: dict[str, list[_Raw]] = {kind: [] for kind in _KINDS.values()}
        self.places: dict[Entry, tuple[Document, Location]] = {}
        self.incomplete: set[str] = set()  # the kinds of which some entries cannot be read

    def rulebook(self) -> Rulebook:
        try:
            self._find_files()
        except InvalidRulebook as error:
            self._parse_files()  # what was found until then may have problems of its own
            raise InvalidRulebook([*self.problems, *error.problems]) from error
        # a folder with a problem is always read again: what was remembered had none
        key = None if self.problems else remembered.key_of(self.contents)
        rulebook = remembered.recall(key) if key else None
        if rulebook is None:
            rulebook = self._validate()
            if key:
                remembered.remember(key, rulebook)
        vars(rulebook)["folder"] = str(self.folder)  # of this copy, which may lie elsewhere than what was remembered
        return rulebook

    def noted(self) -> Mapping[Entry, tuple[Document, Location]]:
        """Return where each entry stands, as far as the files can be read."""
        self._find_files()
        self._parse_files()
        self._note_entries()
        return self.places

    def _validate(self) -> Rulebook:
        self._parse_files()
        self._need("guide.yaml", "fichier introuvable")
        self._need("questions", "aucune question")
        self._need("actions", "aucune action")
        self._note_entries()
        questions, themes = self._questions()
        vocabulary = self._vocabulary(questions)
        context = {
            "check_condition": vocabulary.faults,
            "check_choices": vocabulary.faults_of_choices,
            "questions": self._ids("question"),
            "actions": self._ids("action"),
            "examples": self._ids("example"),
        }
        for question in questions:
            if question.asked_when is not None:
                for fault in vocabulary.faults(question.asked_when, ("asked_when",)):
                    self._report(Entry("question", question.id), fault)
        guide = self._guide(context)
        deductions = self._valid("deduction", Deduction, context)
        actions = self._actions(context)
        examples = self._valid("example", Example, context)
        self._check_places("questions", "theme", "thème `{}` inconnu", "le thème `{}` a déjà son fichier")
        self._check_places("actions", "step", "étape `{}` inconnue", "l’étape `{}` a déjà son fichier")
        draft = Draft(guide, tuple(questions), tuple(deductions), self._ids("deduction"), tuple(actions), vocabulary)
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
            actions=tuple(sorted(actions, key=lambda action: step_order[action.step])),
            examples=tuple(sorted(examples, key=lambda example: example.id)),
        )

    # Files

    def _find_files(self) -> None:
        """Take what every file holds, and report those that have no place here or cannot be read."""
        found = self._children(self.folder)
        if not {"guide.yaml", "questions", "actions"} & {path.name for path in found}:
            raise InvalidRulebook(
                [Problem(str(self.folder), None, None, "ce n’est pas un dossier de règles", _CONTENTS)]
            )
        for path in found:
            if path.name in _FILES:
                if path.name != "accepted.yaml":  # read by those who find fault with the rules
                    self._take(path, path.name)
            elif path.name in _FOLDERS:
                self._find_in(path)
            else:
                self._unexpected(path)

    def _find_in(self, folder: Path) -> None:
        for path in self._children(folder):
            if path.suffix != ".yaml":
                self._unexpected(path)
            elif folder.name != "tests":  # cases are read by those who run them
                self._take(path, f"{folder.name}/{path.name}")

    def _children(self, folder: Path) -> list[Path]:
        """List a folder, without what a person, an editor or a system leaves beside the rules."""
        try:
            return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.suffix != ".md")
        except FileNotFoundError:
            problem = Problem(str(folder), None, None, "dossier introuvable", "vérifiez le chemin")
        except NotADirectoryError:
            problem = Problem(str(folder), None, None, "ce n’est pas un dossier", _CONTENTS)
        except OSError as error:
            problem = Problem(str(folder), None, None, "dossier illisible", reason_of(error))
        except ValueError:  # a path that no folder can have, such as one with a null character
            problem = Problem(str(folder), None, None, "chemin de dossier impossible", _CONTENTS)
        raise InvalidRulebook([*self.problems, problem])

    def _unexpected(self, path: Path) -> None:
        what = "dossier inattendu" if path.is_dir() else "fichier inattendu"
        self.problems.append(Problem(str(path), None, None, what, _EXPECTED))

    def _take(self, path: Path, name: str) -> None:
        try:
            self.contents[name] = contents(path)
        except InvalidDocument as error:
            self._cannot_read(name, error.problems)

    def _parse_files(self) -> None:
        for name, data in self.contents.items():
            try:
                document = decode(data, str(self.folder / name))
            except InvalidDocument as error:
                self._cannot_read(name, error.problems)
                continue
            if isinstance(document.value, dict):
                self.documents[name] = document
            else:
                fault = Fault((), f"bloc `clé: valeur` attendu, et non {named(document.value)}", _BLOCK)
                self._cannot_read(name, [document.problem(fault)])

    def _cannot_read(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems += problems
        self.incomplete.add(_KINDS.get(PurePath(name).parts[0], "guide"))

    def _need(self, name: str, message: str) -> None:
        """Report that nothing of that name was found, unless what was found is at fault itself."""
        found = any(PurePath(read).parts[0] == name for read in self.documents)
        kind = _KINDS.get(name, "guide")
        if not found and kind not in self.incomplete:
            self.problems.append(Problem(str(self.folder / name), None, None, message, _CONTENTS))
            self.incomplete.add(kind)

    def _files(self, folder: str) -> Iterator[tuple[Document, dict[str, Any]]]:
        for name, document in self.documents.items():
            if PurePath(name).parts[0] == folder and isinstance(document.value, dict):
                yield document, document.value

    # Entries

    def _note_entries(self) -> None:
        for folder, keys in (
            ("questions", ("theme", "questions")),
            ("deductions.yaml", ("deductions",)),
            ("actions", ("step", "actions")),
        ):
            for document, value in self._files(folder):
                self._only_keys(document, value, keys)
                self._note_list(_KINDS[folder], document, value, keys[-1])
        for document, value in self._files("examples"):
            self._note("example", document, (), value)
        for document, value in self._files("guide.yaml"):
            self.places[Entry("guide", str(value.get("id")))] = (document, ())
        for document, way, action in self.raw["action"]:
            rules = action.get("rules") if isinstance(action, dict) else None
            for index, rule in enumerate(rules if isinstance(rules, list) else ()):
                self._note("rule", document, (*way, "rules", index), rule)

    def _note_list(self, kind: str, document: Document, value: dict[str, Any], key: str) -> None:
        entries = value.get(key)
        if isinstance(entries, list):
            for index, entry in enumerate(entries):
                self._note(kind, document, (key, index), entry)
            return
        self.incomplete.add(kind)
        if key in value:
            message = "liste vide" if entries is None else f"liste attendue, et non {named(entries)}"
            fault = Fault((key,), message, "commencez chaque entrée par un tiret")
            self.problems.append(document.problem(fault))

    def _note(self, kind: str, document: Document, way: Location, value: object) -> None:
        """Remember where an entry stands; two with one id are a problem."""
        self.raw.setdefault(kind, []).append(_Raw(document, way, value))
        id_key = "fact" if kind == "deduction" else "id"
        name = value.get(id_key) if isinstance(value, dict) else None
        if not isinstance(name, str):
            self.incomplete.add(kind)
            return
        entry = Entry(kind, name)
        if entry not in self.places:
            self.places[entry] = (document, way)
            return
        first, first_way = self.places[entry]
        line = first.problem(Fault(first_way, "")).line
        fault = Fault((*way, id_key), f"`{name}` existe déjà", f"première fois : {first.path}, ligne {line}")
        self.problems.append(document.problem(fault))

    def _ids(self, kind: str) -> tuple[str, ...] | None:
        """Return the ids of a kind, or nothing where some could not be read."""
        return None if kind in self.incomplete else tuple(entry.id for entry in self.places if entry.kind == kind)

    def _only_keys(self, document: Document, value: dict[str, Any], keys: tuple[str, ...]) -> None:
        for key in value:
            if key not in keys:
                fault = Fault((key,), f"clé `{key}` inconnue", nearest(key, keys), on_key=True)
                self.problems.append(document.problem(fault))
        for key in keys:
            if key not in value:
                self.problems.append(document.problem(Fault((), f"clé `{key}` manquante", f"ajoutez `{key}: …`")))

    def _report(self, entry: Entry, fault: Fault) -> None:
        document, way = self.places[entry]
        self.problems.append(document.problem(fault.under(*way)))

    # Records

    def _validated(self, model: type[_R], raw: _Raw, context: object) -> _R | None:
        try:
            return validated(model, raw.value, context)
        except Faults as error:
            self.problems += [raw.document.problem(fault.under(*raw.way)) for fault in error.faults]
            return None

    def _valid(self, kind: str, model: type[_R], context: object) -> list[_R]:
        read = [self._validated(model, raw, context) for raw in self.raw[kind]]
        return [record for record in read if record is not None]

    def _questions(self) -> tuple[list[Question], dict[str, str]]:
        """Return the questions that have no fault of their own, and the theme of each."""
        questions: dict[str, Question] = {}
        themes: dict[str, str] = {}
        for raw in self.raw["question"]:
            question = self._validated(Question, raw, None)
            if question is not None and question.id not in questions:
                questions[question.id] = question
                themes[question.id] = str(_mapping(raw.document).get("theme"))
        return list(questions.values()), themes

    def _vocabulary(self, questions: list[Question]) -> Vocabulary:
        asked = self._ids("question")
        unread = None if asked is None else set(asked) - {question.id for question in questions}
        return Vocabulary(questions, self._ids("action"), unread)

    def _guide(self, context: object) -> Guide | None:
        document = self.documents.get("guide.yaml")
        return self._validated(Guide, _Raw(document, (), document.value), context) if document else None

    def _actions(self, context: object) -> list[Action]:
        actions: dict[str, Action] = {}
        for document, way, value in self.raw["action"]:
            entry = value
            if isinstance(value, dict):
                if "step" in value:
                    fault = Fault((*way, "step"), "clé `step` inconnue", "l’étape est celle du fichier", on_key=True)
                    self.problems.append(document.problem(fault))
                entry = value | {"step": str(_mapping(document).get("step"))}
            action = self._validated(Action, _Raw(document, way, entry), context)
            if action is not None:
                actions.setdefault(action.id, action)
        return list(actions.values())

    def _check_places(self, folder: str, key: str, unknown: str, held: str) -> None:
        """Check that each file of a folder names a theme or a step of the guide, and that no two name the same."""
        guide = self.documents.get("guide.yaml")
        frame = _mapping(guide).get(f"{key}s") if guide else None
        ids = (
            [entry.get("id") if isinstance(entry, dict) else None for entry in frame] if isinstance(frame, list) else []
        )
        known = [name for name in ids if isinstance(name, str)]
        holders: dict[str, str] = {}
        for document, value in self._files(folder):
            name = value.get(key)
            if not isinstance(name, str):
                if key in value:
                    fault = Fault(
                        (key,), f"texte attendu, et non {named(name)}", "écrivez un des identifiants du guide"
                    )
                    self.problems.append(document.problem(fault))
            elif name in holders:
                fault = Fault((key,), held.format(name), f"complétez {holders[name]}")
                self.problems.append(document.problem(fault))
            elif name not in known and known and len(known) == len(ids):
                self.problems.append(document.problem(Fault((key,), unknown.format(name), nearest(name, known))))
            else:
                holders[name] = document.path


def _mapping(document: Document) -> dict[str, Any]:
    return document.value if isinstance(document.value, dict) else {}
