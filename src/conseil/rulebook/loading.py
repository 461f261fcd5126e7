"""From folders of YAML files to a rulebook, or to every problem that it has.

The first folder holds a guide, each further one an overlay that is laid over it. What the files hold is read first:
where the same was validated before, the rulebook is remembered. Else a first pass notes where each entry stands, so
that a second one can say of a name whether anything bears it. Where some entries cannot be read, no name of their kind
is said to be unknown: one fault is not reported as a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from conseil.errors import Fault, Faults, InvalidRulebook, Problem, named, nearest
from conseil.records import Record, validated
from conseil.rulebook import remembered
from conseil.rulebook.checks import Draft, Entry, check
from conseil.rulebook.layer import GUIDE, OVERLAY, Layer, Place, Raw, mapping
from conseil.rulebook.laying import Laid, lay
from conseil.rulebook.model import Action, Deduction, EntryKind, Example, Guide, Rulebook
from conseil.shipped import rules_folder
from conseil.vocabulary import Question, Vocabulary

__all__ = ["Places", "load_rulebook", "problem_of_rule"]

_R = TypeVar("_R", bound=Record)


def load_rulebook(*folders: Path | str) -> Rulebook:
    """Load a rulebook from its folder, and check it whole; without a folder, the one that conseil carries.

    Args:
        folders: that of a whole rulebook, then those of the overlays that adapt it, in the order of their layers. Where
            the first is an overlay too, all are laid over the rulebook that conseil carries.

    Raises:
        InvalidRulebook: with every problem of every file.

    >>> load_rulebook().guide.publisher
    'RTES'
    """
    return _Reader(_with_guide(folders)).rulebook() if folders else _shipped()


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
        self._whole = rulebook.folders[0] if rulebook.folders else rulebook.guide.id
        self._entries: Mapping[Entry, Raw] = {}
        if rulebook.folders:
            reader = _Reader(tuple(map(Path, rulebook.folders)))
            with suppress(InvalidRulebook):  # a folder has changed since
                self._entries = reader.noted()

    def problem(self, entry: Entry, fault: Fault) -> Problem:
        """Return a problem where a fault of an entry stands; with the folder alone, where it is not found."""
        if entry not in self._entries:
            return Problem(self._whole, None, None, fault.message, fault.hint)
        return self._entries[entry].problem(fault)


def problem_of_rule(rulebook: Rulebook, rule: str, message: str, hint: str | None = None) -> Problem:
    """Return a problem with a rule, where it stands."""
    return Places(rulebook).problem(Entry("rule", rule), Fault(("id",), message, hint))


@lru_cache(maxsize=1)
def _shipped() -> Rulebook:
    return _Reader((rules_folder(),)).rulebook()


def _with_guide(folders: tuple[Path | str, ...]) -> tuple[Path, ...]:
    """Put the carried rulebook below overlays that are given alone."""
    first = Path(folders[0])
    with suppress(OSError, ValueError):  # what no folder can be is said where it is read
        if (first / OVERLAY).is_file() and not (first / GUIDE).is_file():
            return (rules_folder(), *map(Path, folders))
    return tuple(map(Path, folders))


class _Reader:
    """Read the layers, lay them, and collect problems until nothing more can be found."""

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self.folders = folders
        self.layers = [Layer(folder, OVERLAY if index else GUIDE) for index, folder in enumerate(folders)]
        self.laid: Laid
        self.entries: dict[Entry, Raw] = {}
        self.found: list[Problem] = []  # beside those of each layer

    @property
    def problems(self) -> list[Problem]:
        return [*self.found, *(problem for layer in self.layers for problem in layer.problems)]

    @property
    def incomplete(self) -> set[str]:
        return {kind for layer in self.layers for kind in layer.incomplete}

    def rulebook(self) -> Rulebook:
        for layer in self.layers:
            try:
                layer.find_files()
            except InvalidRulebook as error:
                self.found += error.problems
        if self.found:
            for layer in self.layers:
                layer.parse_files()  # what was found until then may have problems of its own
            raise InvalidRulebook(self.problems)
        # a folder with a problem is always read again: what was remembered had none
        key = None if self.problems else remembered.key_of(self._contents())
        rulebook = remembered.recall(key) if key else None
        if rulebook is None:
            rulebook = self._validate()
            if key:
                remembered.remember(key, rulebook)
        # of this copy, which may lie elsewhere than what was remembered
        vars(rulebook)["folders"] = tuple(map(str, self.folders))
        return rulebook

    def noted(self) -> Mapping[Entry, Raw]:
        """Return where each entry stands, as far as the files can be read."""
        for layer in self.layers:
            layer.find_files()
            layer.parse_files()
        self._lay()
        return self.entries

    def _contents(self) -> dict[str, bytes]:
        return {
            f"{index}/{name}": data for index, layer in enumerate(self.layers) for name, data in layer.contents.items()
        }

    def _lay(self) -> None:
        for layer in self.layers:
            layer.note_entries()
        self.laid = lay(self.layers)
        self.found += self.laid.problems
        for layer in self.layers:
            for entry, place in layer.places.items():
                if entry.kind in {"guide", "overlay"}:
                    self.entries[entry] = Raw(mapping(place.document), place)
        for entry, raw in self.laid.entries():
            self.entries.setdefault(entry, raw)

    def _validate(self) -> Rulebook:
        for layer in self.layers:
            layer.parse_files()
        guide_layer, *overlays = self.layers
        guide_layer.need(GUIDE, "fichier introuvable")
        guide_layer.need("questions", "aucune question")
        guide_layer.need("actions", "aucune action")
        for layer in overlays:
            layer.need(OVERLAY, "fichier introuvable")
        self._lay()
        if self.laid.misfits:
            raise InvalidRulebook([*self.problems, *self.laid.misfits])
        questions, themes = self._questions()
        vocabulary = self._vocabulary(questions)
        context = {
            "check_condition": vocabulary.faults,
            "check_choices": vocabulary.faults_of_choices,
            "questions": self._ids("question"),
            "actions": self._ids("action"),
            "examples": self._ids("example"),
            "withdrawn": self._withdrawn(),
        }
        for question in questions:
            if question.asked_when is not None:
                for fault in vocabulary.faults(question.asked_when, ("asked_when",)):
                    self._report(Entry("question", question.id), fault)
        guide = self._guide(context)
        deductions = self._valid("deduction", Deduction, context)
        actions = self._actions(context)
        examples = self._examples(context)
        for layer in self.layers:
            self._check_places(layer, "questions", "theme", "thème `{}` inconnu", "le thème `{}` a déjà son fichier")
            self._check_places(layer, "actions", "step", "étape `{}` inconnue", "l’étape `{}` a déjà son fichier")
        draft = Draft(guide, tuple(questions), tuple(deductions), self._ids("deduction"), tuple(actions), vocabulary)
        for entry, fault in check(draft):
            self._report(entry, fault)
        if self.problems or guide is None:
            raise InvalidRulebook(self.problems)
        guide = _with_themes(guide, self.laid)
        theme_order = {theme.id: index for index, theme in enumerate(guide.themes)}
        step_order = {step.id: index for index, step in enumerate(guide.steps)}
        return Rulebook(
            guide=guide,
            questions=tuple(sorted(questions, key=lambda question: theme_order[themes[question.id]])),
            themes=themes,
            deductions=tuple(deductions),
            actions=tuple(sorted(actions, key=lambda action: step_order[action.step])),
            examples=tuple(sorted(examples, key=lambda example: example.id)),
            overlays=tuple(self.laid.overlays),
            origins=self._origins(),
            overruled={
                overlay: {entry.id: later for entry, later in entries.items()}
                for overlay, entries in self.laid.overruled.items()
            },
        )

    def _origins(self) -> dict[EntryKind, dict[str, str]]:
        """Return the overlay that wrote each entry, of those that no other has taken out."""
        return {
            kind: {name: overlay for name, overlay in wrote.items() if Entry(kind, name) in self.entries}
            for kind, wrote in self.laid.origins.items()
        }

    def _ids(self, kind: str) -> tuple[str, ...] | None:
        """Return the ids of a kind, or nothing where some could not be read."""
        return None if kind in self.incomplete else tuple(entry.id for entry in self.entries if entry.kind == kind)

    def _withdrawn(self) -> dict[str, str]:
        """Say of what was withdrawn where that stands, by what its readers call it."""
        return {
            f"{entry.kind} {entry.id}": f"{place.path}, ligne {place.line}"
            for entry, place in self.laid.withdrawn.items()
        }

    def _report(self, entry: Entry, fault: Fault) -> None:
        self.found.append(self.entries[entry].problem(fault))

    # Records

    def _validated(self, model: type[_R], raw: Raw, context: object) -> _R | None:
        try:
            return validated(model, raw.value, context)
        except Faults as error:
            self.found += [raw.problem(fault) for fault in error.faults]
            return None

    def _valid(self, kind: EntryKind, model: type[_R], context: object) -> list[_R]:
        read = [self._validated(model, raw, context) for raw in self.laid.raw[kind]]
        return [record for record in read if record is not None]

    def _questions(self) -> tuple[list[Question], dict[str, str]]:
        """Return the questions that have no fault of their own, and the theme of each."""
        questions: dict[str, Question] = {}
        themes: dict[str, str] = {}
        for raw in self.laid.raw["question"]:
            question = self._validated(Question, raw, None)
            if question is not None and question.id not in questions:
                questions[question.id] = question
                themes[question.id] = str(mapping(raw.place.document).get("theme"))
        return list(questions.values()), themes

    def _vocabulary(self, questions: list[Question]) -> Vocabulary:
        asked = self._ids("question")
        unread = None if asked is None else set(asked) - {question.id for question in questions}
        return Vocabulary(questions, self._ids("action"), unread, self._withdrawn())

    def _guide(self, context: object) -> Guide | None:
        document = self.layers[0].documents.get(GUIDE)
        return self._validated(Guide, Raw(document.value, Place(document, ())), context) if document else None

    def _actions(self, context: object) -> list[Action]:
        actions: dict[str, Action] = {}
        for raw in self.laid.raw["action"]:
            entry = raw
            if isinstance(raw.value, dict):
                if "step" in raw.value:
                    fault = Fault(("step",), "clé `step` inconnue", "l’étape est celle du fichier", on_key=True)
                    self.found.append(raw.problem(fault))
                step = str(mapping(raw.place.document).get("step"))
                entry = Raw(raw.value | {"step": step}, raw.place, raw.parts)
            action = self._validated(Action, entry, context)
            if action is not None:
                actions.setdefault(action.id, action)
        return list(actions.values())

    def _examples(self, context: Mapping[str, Any]) -> list[Example]:
        """Return the examples; they illustrate no action that was withdrawn."""
        gone = {entry.id for entry in self.laid.withdrawn if entry.kind == "action"}
        known = context["actions"]
        examples = self._valid("example", Example, {**context, "actions": known and (*known, *gone)})
        if not gone:
            return examples
        return [
            example.model_copy(
                update={
                    "did": tuple(
                        deed.model_copy(update={"actions": tuple(name for name in deed.actions if name not in gone)})
                        for deed in example.did
                    )
                }
            )
            for example in examples
        ]

    def _check_places(self, layer: Layer, folder: str, key: str, unknown: str, held: str) -> None:
        """Check that each file of a folder names a theme or a step of the guide, and that no two name the same."""
        guide = self.layers[0].documents.get(GUIDE)
        frame = mapping(guide).get(f"{key}s") if guide else None
        ids = (
            [entry.get("id") if isinstance(entry, dict) else None for entry in frame] if isinstance(frame, list) else []
        )
        known = [name for name in ids if isinstance(name, str)]
        added = [theme.id for overlay in self.laid.overlays for theme in overlay.themes] if key == "theme" else []
        all_read = len(known) == len(ids) and len(self.laid.overlays) == len(self.layers) - 1
        holders: dict[str, str] = {}
        for document, value in layer.files(folder):
            name = value.get(key)
            if not isinstance(name, str):
                if key in value:
                    fault = Fault(
                        (key,), f"texte attendu, et non {named(name)}", "écrivez un des identifiants du guide"
                    )
                    self.found.append(document.problem(fault))
            elif name in holders:
                fault = Fault((key,), held.format(name), f"complétez {holders[name]}")
                self.found.append(document.problem(fault))
            elif name not in {*known, *added} and known and all_read:
                self.found.append(
                    document.problem(Fault((key,), unknown.format(name), nearest(name, [*known, *added])))
                )
            else:
                holders[name] = document.path


def _with_themes(guide: Guide, laid: Laid) -> Guide:
    added = tuple(theme for overlay in laid.overlays for theme in overlay.themes)
    return guide.model_copy(update={"themes": (*guide.themes, *added)}) if added else guide
