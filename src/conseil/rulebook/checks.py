"""Whether a rulebook holds together: what no record can see by itself.

Each check yields faults with the place of the entry at fault; `loading` gives them their file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from conseil.conditions import PROGRESS, evaluate, leaves
from conseil.errors import Fault, nearest
from conseil.rulebook.model import Action, Deduction, Guide, Rule
from conseil.vocabulary import Question, Vocabulary, faults_of_renames

__all__ = ["Draft", "Entry", "check", "fact_dependencies"]


class Entry(NamedTuple):
    """What an entry of a file is: its kind and id, by which `loading` remembers where it stands."""

    kind: str
    id: str


class Draft(NamedTuple):
    """The parts of a rulebook whose own fields are right, before anybody knows whether they fit together.

    Attributes:
        deduced: the facts that the file of deductions names, faults or not; nothing where it cannot be read.
    """

    guide: Guide | None
    questions: tuple[Question, ...]
    deductions: tuple[Deduction, ...]
    deduced: tuple[str, ...] | None
    actions: tuple[Action, ...]
    vocabulary: Vocabulary


def check(draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    """Yield everything that does not fit together, with the entry in which it stands."""
    if draft.guide is not None:
        yield from _roles(draft.guide, draft)
        yield from _stances(draft.guide, draft)
        yield from _essentials(draft.guide)
    yield from _renames(draft)
    yield from _deductions(draft)
    yield from _circular_facts(draft)
    yield from _twins(draft)
    yield from _circular_actions(draft)
    for action in draft.actions:
        for index, rule in enumerate(action.rules):
            for fault in _unlocks(rule, draft.vocabulary):
                yield Entry("action", action.id), fault.under("rules", index)


def _roles(guide: Guide, draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    roles, questions = guide.roles, {question.id: question for question in draft.questions}
    entry = Entry("guide", guide.id)
    held: list[tuple[tuple[str, ...], str | None, str]] = [
        (("scenario",), roles.scenario, "choice"),
        (("stage",), roles.stage, "choice"),
        (("maturity",), roles.maturity, "choice"),
        (("capacity", "question"), roles.capacity.question, "choice"),
        (("level", "question"), roles.level.question if roles.level else None, "choice"),
        (("population",), roles.population, "integer"),
    ]
    for way, name, kind in held:
        question = questions.get(name or "")
        if question is not None and question.type != kind:
            message = f"`{question.id}` est une question `{question.type}` : ce rôle veut une question `{kind}`"
            yield entry, Fault(("roles", *way), message, "nommez une autre question, ou changez son type")
    for role in ("scenario", "stage"):
        question = questions.get(getattr(roles, role))
        deduced = draft.deduced or ()
        if question is not None and (question.asked_when or question.id in deduced or question.ask is None):
            message = f"`{question.id}` n’est pas toujours demandée, et ce rôle le veut"
            hint = "une question avec `ask`, sans `asked_when` ni déduction"
            yield entry, Fault(("roles", role), message, hint)
    capacity = questions.get(roles.capacity.question)
    if capacity is not None and capacity.type == "choice":
        yield from ((entry, fault) for fault in _capacity(roles.capacity.at_most, capacity))
    level = questions.get(roles.level.question) if roles.level else None
    if roles.level and level and level.type == "choice":
        for official, choice in roles.level.official.items():
            if choice not in level.values:
                message = f"choix `{choice}` inconnu pour `{level.id}`"
                yield entry, Fault(("roles", "level", "official", official), message, nearest(choice, level.values))


def _capacity(at_most: Mapping[str, int], question: Question) -> Iterator[Fault]:
    way = ("roles", "capacity", "at_most")
    for choice in question.values:
        if choice not in at_most:
            yield Fault(way, f"aucune capacité pour le choix `{choice}` de `{question.id}`", f"ajoutez `{choice}: …`")
    for choice, number in at_most.items():
        if choice not in question.values:
            hint = nearest(choice, question.values)
            yield Fault((*way, choice), f"choix `{choice}` inconnu pour `{question.id}`", hint, on_key=True)
        if number < 1:
            hint = "écrivez un nombre à partir de 1"
            yield Fault((*way, choice), f"une première vague de {number} action n’en est pas une", hint)


def _stances(guide: Guide, draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    questions = {question.id: question for question in draft.questions if question.type == "choice"}
    scenario, stage = questions.get(guide.roles.scenario), questions.get(guide.roles.stage)
    entry = Entry("guide", guide.id)
    described = {stance.scenario for stance in guide.stances}
    for choice in scenario.values if scenario else ():
        if choice not in described:
            hint = f"ajoutez une entrée `scenario: {choice}`"
            yield entry, Fault(("stances",), f"aucune posture pour le scénario `{choice}`", hint)
    for index, stance in enumerate(guide.stances):
        if scenario is not None and stance.scenario not in scenario.values:
            hint = nearest(stance.scenario, scenario.values)
            yield entry, Fault(("stances", index, "scenario"), f"scénario `{stance.scenario}` inconnu", hint)
        for place, described_stage in enumerate(stance.stages):
            if stage is not None and described_stage.stage not in stage.values:
                way = ("stances", index, "stages", place, "stage")
                hint = nearest(described_stage.stage, stage.values)
                yield entry, Fault(way, f"étape `{described_stage.stage}` inconnue", hint)


def _essentials(guide: Guide) -> Iterator[tuple[Entry, Fault]]:
    holders: dict[str, str] = {}
    for index, essential in enumerate(guide.essentials):
        for place, action in enumerate(essential.actions):
            if action in holders:
                message = f"l’action `{action}` est déjà nommée par `{holders[action]}`"
                way = ("essentials", index, "actions", place)
                yield Entry("guide", guide.id), Fault(way, message, "gardez-la à un seul endroit")
            holders.setdefault(action, essential.id)


def _renames(draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    named: tuple[tuple[str, Sequence[Question | Action]], ...] = (
        ("question", draft.questions),
        ("action", draft.actions),
    )
    for kind, entries in named:
        raw = [{"id": entry.id, "renamed_from": entry.renamed_from} for entry in entries]
        for fault in faults_of_renames(raw):
            index, *way = fault.location
            yield Entry(kind, entries[int(index)].id), Fault(tuple(way), fault.message, fault.hint)


def _deductions(draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    questions = {question.id: question for question in draft.questions}
    for question in draft.questions:
        if question.ask is None and draft.deduced is not None and question.id not in draft.deduced:
            message = f"`{question.id}` n’est ni demandée (`ask`) ni déduite"
            yield Entry("question", question.id), Fault((), message, "ajoutez `ask`, ou une déduction")
    for deduction in draft.deductions:
        if deduction.fact not in questions:  # it has faults of its own
            continue
        question, entry = questions[deduction.fact], Entry("deduction", deduction.fact)
        if question.type not in {"choice", "boolean"}:
            message = f"`{question.id}` ne se déduit pas : c’est une question `{question.type}`"
            yield entry, Fault(("fact",), message, "déduisez une question `choice` ou `boolean`")
            continue
        ways = [(("values", index, "value"), outcome) for index, outcome in enumerate(deduction.values)]
        for way, outcome in [*ways, (("otherwise", "value"), deduction.otherwise)]:
            if outcome.value not in question.values:
                message = f"choix `{outcome.value}` inconnu pour `{question.id}`"
                yield entry, Fault(way, message, nearest(outcome.value, question.values))


def fact_dependencies(questions: Iterable[Question], deductions: Iterable[Deduction]) -> dict[str, list[str]]:
    """Return the facts on which each question rests, through `asked_when` and its deduction."""
    rests: dict[str, list[str]] = {question.id: [] for question in questions}
    for question in questions:
        if question.asked_when is not None:
            rests[question.id] += [leaf.fact for _, leaf in leaves(question.asked_when)]
    for deduction in deductions:
        for outcome in deduction.values:
            if outcome.when is not None:
                rests.setdefault(deduction.fact, []).extend(leaf.fact for _, leaf in leaves(outcome.when))
    return rests


def _circular_facts(draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    rests = fact_dependencies(draft.questions, draft.deductions)
    deduced = {deduction.fact for deduction in draft.deductions}
    for cycle in _cycles(rests):
        entry = Entry("deduction" if cycle[0] in deduced else "question", cycle[0])
        yield entry, Fault((), f"cercle : {_round(cycle)}", "un fait ne peut pas dépendre de lui-même")


def _circular_actions(draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    rests = {
        action.id: [
            *(requirement.action for requirement in action.requires),
            *(name for rule in action.rules if rule.unlocked_by for name in rule.unlocked_by.actions),
        ]
        for action in draft.actions
    }
    for cycle in _cycles(rests):
        message = f"cercle : {_round(cycle)}"
        yield Entry("action", cycle[0]), Fault((), message, "retirez un prérequis ou un `unlocked_by`")


def _round(cycle: list[str]) -> str:
    return " → ".join(f"`{name}`" for name in [*cycle, cycle[0]])


def _cycles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Return one cycle for each group of nodes that can reach themselves, each beginning with its first node."""
    found: list[list[str]] = []
    done: set[str] = set()
    for start in graph:
        path: dict[str, Iterator[str]] = {}
        if start in done:
            continue
        path[start] = iter(graph[start])
        while path:
            node = next(reversed(path))
            following = next(path[node], None)
            if following is None:
                done.add(node)
                del path[node]
            elif following in path:
                names = list(path)
                cycle = names[names.index(following) :]
                first = min(range(len(cycle)), key=lambda index: cycle[index])
                cycle = cycle[first:] + cycle[:first]
                if cycle not in found:
                    found.append(cycle)
            elif following in graph and following not in done:
                path[following] = iter(graph[following])
    return found


def _twins(draft: Draft) -> Iterator[tuple[Entry, Fault]]:
    twins = {action.id: action.twin_of for action in draft.actions if action.twin_of is not None}
    for action in draft.actions:
        entry = Entry("action", action.id)
        if action.twin_of == action.id:
            yield entry, Fault(("twin_of",), "une action n’est pas sa propre jumelle", "nommez une autre action")
        elif action.twin_of in twins:
            message = f"`{action.twin_of}` est déjà la jumelle d’une autre"
            yield (
                entry,
                Fault(("twin_of",), message, f"nommez `{twins[action.twin_of]}`, ou retirez l’un des `twin_of`"),
            )
        for index, requirement in enumerate(action.requires):
            if requirement.action in twins:
                yield entry, _twin_fault(("requires", index, "action"), requirement.action, twins)
        for index, rule in enumerate(action.rules):
            for place, name in enumerate(rule.unlocked_by.actions if rule.unlocked_by else ()):
                if name in twins:
                    yield entry, _twin_fault(("rules", index, "unlocked_by", "actions", place), name, twins)


def _twin_fault(way: tuple[str | int, ...], name: str, twins: Mapping[str, str]) -> Fault:
    return Fault(way, f"`{name}` est une jumelle, et ne peut pas être un préalable", f"nommez `{twins[name]}`")


def _unlocks(rule: Rule, vocabulary: Vocabulary) -> Iterator[Fault]:
    """Check that each entry of `unlocked_by`, alone, makes the obstacle's condition false whatever the rest."""
    if rule.unlocked_by is None:
        return
    for index, action in enumerate(rule.unlocked_by.actions):
        if evaluate(rule.when, {PROGRESS + action: "done"}) is not False:
            hint = f"ajoutez `not: {{{PROGRESS}{action}: done}}` à la condition, ou retirez l’action"
            yield Fault(("unlocked_by", "actions", index), f"faire `{action}` ne lève pas l’obstacle", hint)
    for fact, choices in rule.unlocked_by.answers.items():
        question = vocabulary.get(fact)
        way = ("unlocked_by", "answers", fact)
        if question is None:  # it has faults of its own
            continue
        for place, choice in enumerate(choices):
            if evaluate(rule.when, {fact: (choice,) if question.type == "choices" else choice}) is not False:
                message = f"répondre `{choice}` à `{fact}` ne lève pas l’obstacle"
                yield Fault(
                    (*way, place), message, "la condition doit être fausse pour ce choix, quel que soit le reste"
                )
