"""The editorial choices of a rulebook: all that its authors decided and the guide does not say, for a domain review.

Run `python -m conseil.authoring.editorial -o docs/editorial.md` to write the list of the shipped rulebook again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import click

from conseil.authoring.wording import condition_sentence, points_words, rule_lead
from conseil.authority import Source
from conseil.conditions import Condition
from conseil.rendering.typography import typographic
from conseil.rulebook import Action, EntryKind, Overlay, Rule, Rulebook, load_rulebook
from conseil.sentences import answer_words, either, fact_label, listed

__all__ = ["EditorialChoice", "Group", "choice_words", "editorial_groups", "main", "said_by", "to_markdown"]

_TAKEN: dict[EntryKind, str] = {
    "question": "la question",
    "deduction": "la déduction de la question",
    "action": "l’action",
    "rule": "la règle",
    "example": "l’exemple",
}


class EditorialChoice(NamedTuple):
    """Something that the authors of a rulebook decided.

    Attributes:
        kind: what it is about: an action, a question, the stance in a scenario, an overlay, or the whole guide.
        id: the id of that.
        about: its name.
        anchor: the id of the rule, where it is one.
        says: what was decided, in French sentences.
        rationale: why; nothing where the rulebook does not say.
        source: what the guide says, or another document, where the choice is how to read it.
        overlay: the overlay whose authors decided it; nothing where those of the guide's rulebook did.
    """

    kind: Literal["action", "question", "stance", "overlay", "guide"]
    id: str
    about: str
    anchor: str
    says: tuple[str, ...]
    rationale: str | None
    source: Source | None = None
    overlay: Overlay | None = None


class Group(NamedTuple):
    """Choices of one sort, and of the same authors.

    Attributes:
        id: a name for links.
        title: in French, for readers.
        heading: in English, for the documents of the project.
        choices: in the order of the rulebook.
        of_rules: whether they are the rules of one action.
    """

    id: str
    title: str
    heading: str
    choices: tuple[EditorialChoice, ...]
    of_rules: bool = False

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.choices)


def editorial_groups(rulebook: Rulebook) -> tuple[Group, ...]:
    """Return every editorial choice of a rulebook, sorted; those of each overlay last, under its name.

    No group is empty.

    >>> [group.id for group in editorial_groups(load_rulebook())][:4]
    ['priorites', 'premiere-vague', 'criteres', 'primordiales']
    """
    groups = [
        Group("priorites", "Points, poids et seuils", "Points, weights and thresholds", tuple(_score(rulebook))),
        Group("premiere-vague", "Taille de la première vague", "Size of the first wave", tuple(_capacity(rulebook))),
        Group("criteres", "Passer à l’étape suivante", "Criteria of the stages", tuple(_criteria(rulebook))),
        Group("primordiales", "Actions dites primordiales", "Essential actions", tuple(_essentials(rulebook))),
        Group("deductions", "Faits déduits", "Deductions", tuple(_deductions(rulebook))),
        Group("questions", "Questions ajoutées", "Questions", tuple(_questions(rulebook))),
        Group("prerequis", "Prérequis", "Prerequisites", tuple(_requirements(rulebook))),
        Group(
            "lecture",
            "Conditions et points des règles que le guide motive",
            "Conditions and points of rules that the guide gives a reason for",
            tuple(_read_of_the_guide(rulebook)),
        ),
    ]
    for action in rulebook.actions:
        rules = tuple(_rule(rulebook, action, rule) for rule in action.rules if rule.authority == "editorial")
        title, heading = f"Règles : {action.title}", f"Rules of `{action.id}`"
        groups.append(Group(f"regles-{action.id}", title, heading, rules, of_rules=True))
    groups.append(Group("retraits", "Ce qui est retiré", "Withdrawals", tuple(_withdrawals(rulebook))))
    decided = [_decided_by(overlay, group) for overlay in (None, *rulebook.overlays) for group in groups]
    return tuple(group for group in decided if group.choices)


def _decided_by(overlay: Overlay | None, group: Group) -> Group:
    """Return the choices of a group that an overlay made, under its name; or those of the guide's rulebook."""
    made = group._replace(choices=tuple(choice for choice in group.choices if choice.overlay == overlay))
    if overlay is None:
        return made
    return made._replace(
        id=f"{overlay.id}.{group.id}",  # no id of a group or of an overlay has a dot
        title=f"{_OF_OVERLAYS.get(group.id, group.title)} ({overlay.title})",
        heading=f"{group.heading} ({overlay.title})",
    )


_OF_OVERLAYS = {"lecture": "Conditions et points des règles qu’un document motive"}


def _withdrawals(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    for overlay in rulebook.overlays:
        for gone in overlay.withdraw:
            says = f"Retire {_TAKEN[gone.kind]} {gone.id}."
            yield EditorialChoice("overlay", overlay.id, overlay.title, "", (says,), gone.because, overlay=overlay)


def _read_of_the_guide(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    """Walk the rules whose reason the guide gives: when it counts, and for how much, is still what we made of it."""
    for action in rulebook.actions:
        for rule in action.rules:
            if rule.source is not None:
                yield _rule(rulebook, action, rule)._replace(source=rule.source)


def _score(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    guide, score = rulebook.guide, rulebook.guide.score
    said = {
        "Point de départ": f"Chaque axe part de {score.base} sur 100.",
        "Action primordiale": f"Une action primordiale gagne {score.essential} points d’impact.",
        "Points": f"+, ++ et +++ valent {listed(map(str, score.points))} points ; autant en moins pour -, -- et ---.",
        "Poids": f"L’impact compte pour {score.weights.impact} %, la faisabilité pour {score.weights.feasibility} %.",
        "Seuils": (
            f"La priorité est haute à partir de {score.thresholds.high}, moyenne à partir de {score.thresholds.medium}."
        ),
    }
    for about, says in said.items():
        yield EditorialChoice("guide", guide.id, about, "", (says,), None)


def _capacity(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    role = rulebook.guide.roles.capacity
    label = fact_label(rulebook, role.question)
    for choice, number in role.at_most.items():
        actions = f"{number} actions" if number > 1 else "une action"
        says = f"« {answer_words(rulebook, role.question, choice)} » : au plus {actions} à lancer maintenant."
        yield EditorialChoice("question", role.question, label, "", (says,), None)


def _criteria(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    scenario = rulebook.guide.roles.scenario
    for stance in rulebook.guide.stances:
        for stage in stance.stages:
            about = f"{answer_words(rulebook, scenario, stance.scenario)} : {stage.title}"
            for criterion in stage.ready_when:
                if criterion.authority == "editorial":
                    says = (criterion.text, _when(rulebook, criterion.when))
                    yield EditorialChoice("stance", stance.scenario, about, "", says, criterion.rationale)


def _essentials(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    for essential in rulebook.guide.essentials:
        if essential.authority == "editorial":
            for action in essential.actions:
                says = f"Le guide parle de cette action quand il dit primordial : {essential.title}."
                title = rulebook.by_id[action].title
                yield EditorialChoice("action", action, title, "", (says,), essential.rationale)


def _deductions(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    for deduction in rulebook.deductions:
        if deduction.authority == "editorial":
            about = fact_label(rulebook, deduction.fact)
            overlay = rulebook.origin("deduction", deduction.fact)
            for outcome in (*deduction.values, deduction.otherwise):
                value = f"« {answer_words(rulebook, deduction.fact, outcome.value)} »"
                says: tuple[str, ...] = (f"{value} sinon : {outcome.because}",)
                if outcome.when is not None:
                    says = (f"{value} : {outcome.because}", _when(rulebook, outcome.when))
                yield EditorialChoice("question", deduction.fact, about, "", says, deduction.rationale, overlay=overlay)


def _questions(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    for question in rulebook.questions:
        if question.authority == "editorial":
            says = question.ask or "Ne se demande pas : se déduit."
            overlay = rulebook.origin("question", question.id)
            yield EditorialChoice(
                "question", question.id, question.label, "", (says,), question.rationale, overlay=overlay
            )


def _requirements(rulebook: Rulebook) -> Iterator[EditorialChoice]:
    for action in rulebook.actions:
        overlay = rulebook.origin("action", action.id)
        for needed in action.requires:
            if needed.authority == "editorial":
                says = f"Demande d’abord : « {rulebook.by_id[needed.action].title} »."
                yield EditorialChoice("action", action.id, action.title, "", (says,), needed.rationale, overlay=overlay)


def _rule(rulebook: Rulebook, action: Action, rule: Rule) -> EditorialChoice:
    lead = f"{_capitalised(rule_lead(rule))} {condition_sentence(rulebook, rule.when)}"
    points, unlock = points_words(rulebook, rule), listed(_unlock_words(rulebook, rule), "ou")
    said = [
        f"{lead}.",
        rule.because,
        rule.how or "",
        f"Points : {points}." if points else "",
        f"Pour lever l’obstacle : {unlock}." if unlock else "",
        f"Texte : {rule.reference}." if rule.reference else "",
    ]
    says, overlay = tuple(filter(None, said)), rulebook.origin("rule", rule.id)
    return EditorialChoice("action", action.id, action.title, rule.id, says, rule.rationale, overlay=overlay)


def _unlock_words(rulebook: Rulebook, rule: Rule) -> list[str]:
    if rule.unlocked_by is None:
        return []
    actions = [f"mener l’action « {rulebook.by_id[name].title} »" for name in rule.unlocked_by.actions]
    answers = []
    for fact, choices in rule.unlocked_by.answers.items():
        values = either(f"« {choice_words(rulebook, fact, choice)} »" for choice in choices)
        answers.append(f"que « {fact_label(rulebook, fact)} » devienne {values}")
    return [*actions, *answers]


def choice_words(rulebook: Rulebook, fact: str, choice: str) -> str:
    """Say one choice of a question, be it of those of which several may be made; or the progress of an action."""
    question = rulebook.vocabulary.get(fact)
    return answer_words(rulebook, fact, (choice,) if question and question.type == "choices" else choice)


def said_by(source: Source) -> str:
    """Say whose words follow.

    >>> said_by(Source(section="S", quote="Q")), said_by(Source(section="S", quote="Q", document="SRDEII"))
    ('Le guide dit :', 'Le document « SRDEII » dit :')
    """
    return f"Le document « {source.document} » dit :" if source.document else "Le guide dit :"


def _when(rulebook: Rulebook, condition: Condition) -> str:
    return f"Vrai {condition_sentence(rulebook, condition)}."


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def to_markdown(rulebook: Rulebook) -> str:
    """List the choices as a document of the project: English headings, and what the rulebook says in French."""
    groups = editorial_groups(rulebook)
    by_action = [group for group in groups if group.of_rules]
    others = [group for group in groups if not group.of_rules]
    guide = rulebook.guide
    lines = [
        "# Open editorial choices",
        "",
        "Written by `python -m conseil.authoring.editorial -o docs/editorial.md` (`make editorial`); do not edit.",
        "",
        f"What the rulebook `{guide.id}` {rulebook.version} decides and the guide does not say, for a review by people",
        "who know the field. Each is one entry of `rules/`, with `basis: editorial` and its rationale; numbers of",
        "`guide.yaml` carry none, and where the guide gives the reason of a rule, it is quoted. The resources and",
        "partners of actions, and our titles, are editorial too.",
        "`conseil docs` makes pages of the same list, to print and note on.",
        "",
        "| group | choices |",
        "|---|--:|",
        *(f"| {group.heading} | {len(group.choices)} |" for group in others),
        f"| Rules of {len(by_action)} actions | {sum(len(group.choices) for group in by_action)} |",
        f"| **all** | {sum(len(group.choices) for group in groups)} |",
    ]
    for group in others:
        lines += ["", f"## {group.heading}", "", *_table(group.choices, of_rules=False)]
    lines += ["", "## Conditions and points, by action"]
    for group in by_action:
        lines += ["", f"### {group.heading}", "", *_table(group.choices, of_rules=True)]
    return "\n".join([*lines, ""])


def _table(choices: Iterable[EditorialChoice], *, of_rules: bool) -> Iterator[str]:
    yield f"| {'rule' if of_rules else 'about'} | what we say | why |"
    yield "|---|---|---|"
    for choice in choices:
        about = f"`{choice.anchor.partition('.')[2]}`" if of_rules else _cell(choice.about)
        yield f"| {about} | {_cell(' '.join(choice.says))} | {_why(choice)} |"


def _why(choice: EditorialChoice) -> str:
    if choice.source is None:
        return _cell(choice.rationale or "")
    return _cell(f"{said_by(choice.source)} ") + choice.source.quote.replace("|", "\\|")  # a quotation stays as it is


def _cell(text: str) -> str:
    return typographic(text).replace("|", "\\|")


@click.command(help="Écrit la liste des choix éditoriaux, pour une relecture par des gens du métier.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Fichier à écrire ; sinon, l’écran.")
def main(output: Path | None) -> None:
    """Write the list of the rulebook that conseil carries."""
    text = to_markdown(load_rulebook())
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
