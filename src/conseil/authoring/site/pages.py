"""What the pages of a site hold, and how templates show it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conseil.authoring.editorial import choice_words, editorial_groups
from conseil.authoring.wording import Clauses, condition_sentence, points_words, rule_lead, signed_leaves, worded
from conseil.conditions import PROGRESS, Between, Condition, Leaf
from conseil.rendering.typography import typographic
from conseil.rulebook import Action, Criterion, Effect, Example, Rule, Rulebook, Stage
from conseil.rulebook.model import Deed
from conseil.sentences import answer_words, fact_label, listed
from conseil.vocabulary import Question

__all__ = ["site_pages"]

_HERE = Path(__file__).parent

_HEADINGS: dict[Effect, str] = {
    "recommend": "Ce qui la recommande",
    "reinforce": "Ce qui la renforce ou la freine",
    "defer": "Ce qui la fait attendre",
    "exclude": "Ce qui l’écarte",
    "adapt": "Comment la mener ici",
    "caution": "Ce qu’il faut savoir avant",
}
"""The rules of an action, in the order in which a reader wants them."""

_COUNTS: dict[Effect, tuple[str, str]] = {
    "recommend": ("la recommande", "la recommandent"),
    "reinforce": ("la renforce ou la freine", "la renforcent ou la freinent"),
    "defer": ("la fait attendre", "la font attendre"),
    "exclude": ("l’écarte", "l’écartent"),
    "adapt": ("l’adapte", "l’adaptent"),
    "caution": ("avertit", "avertissent"),
}


def site_pages(rulebook: Rulebook) -> dict[str, str]:
    """Return the files of the site of a rulebook, by their names.

    >>> from conseil import load_rulebook
    >>> [name for name in site_pages(load_rulebook()) if "/" not in name]
    ['style.css', 'index.html', 'questions.html', 'exemples.html', 'choix-editoriaux.html', 'textes-de-loi.html']
    """
    return _Site(rulebook).pages()


class Reader(NamedTuple):
    """A rule that reads a fact, and what it wants of it."""

    action: Action
    rule: Rule


class Influence(NamedTuple):
    """What one answer counts for, and against: the rules that want it, and those that want another one."""

    answer: str
    wanted: tuple[Reader, ...]
    unwanted: tuple[Reader, ...]


class Other(NamedTuple):
    """Something other than a rule that reads a fact: a question, a deduction, a criterion."""

    noun: str
    fact: str
    says: str


class _Site:
    """Make the pages of one rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.groups = editorial_groups(rulebook)
        texts = sorted({rule.reference for rule in rulebook.rules.values() if rule.reference})
        self.law_ids = {text: f"texte-{place}" for place, text in enumerate(texts, start=1)}
        self.environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            undefined=StrictUndefined,
        )
        self.environment.filters["fr"] = typographic  # of our words; quotations stay as they are
        self.environment.filters["capitalised"] = lambda text: text[:1].upper() + text[1:]
        self.environment.globals |= {
            "book": rulebook,
            "guide": rulebook.guide,
            "headings": _HEADINGS,
            "progress": PROGRESS,
            "counts": self.counts,
            "fact_label": lambda fact: fact_label(rulebook, fact),
            "choice_label": lambda fact, choice: choice_words(rulebook, fact, choice),
            "is_group": lambda said: isinstance(said, Clauses),
            "law_id": self.law_ids.__getitem__,
            "points": lambda rule: points_words(rulebook, rule),
            "rule_lead": rule_lead,
            "sentence": lambda condition: condition_sentence(rulebook, condition),
            "shown": lambda fact, value: answer_words(rulebook, fact, value),
            "worded": lambda condition: worded(rulebook, condition),
        }

    def pages(self) -> dict[str, str]:
        actions, questions = self.rulebook.actions, self.rulebook.questions
        files = {
            "style.css": (_HERE / "style.css").read_text(encoding="utf-8"),
            "index.html": self.page("index.html", rules=len(self.rulebook.rules)),
            "questions.html": self.page("questions.html", questions_of=self.questions_of),
            "exemples.html": self.page("exemples.html", ways=self.ways()),
            "choix-editoriaux.html": self.page("choix-editoriaux.html", groups=self.groups),
            "textes-de-loi.html": self.page("textes-de-loi.html", laws=self.laws()),
        }
        for place, action in enumerate(actions):
            before, after = actions[place - 1] if place else None, actions[place + 1 : place + 2]
            files[f"actions/{action.id}.html"] = self.action(action, before, after[0] if after else None)
        for question in questions:
            files[f"questions/{question.id}.html"] = self.question(question)
        return files

    def page(self, template: str, *, name: str = "", **values: object) -> str:
        root = "../" if name else ""
        return self.environment.get_template(f"{template}.j2").render(root=root, here=name or template, **values)

    def action(self, action: Action, before: Action | None, after: Action | None) -> str:
        return self.page(
            "action.html",
            name=f"actions/{action.id}.html",
            action=action,
            step=next(step for step in self.rulebook.guide.steps if step.id == action.step),
            essential=self.rulebook.essential_of.get(action.id),
            rules_of={effect: [rule for rule in action.rules if rule.effect == effect] for effect in _HEADINGS},
            deeds=self.deeds(action),
            examples={example.id: example for example in self.rulebook.examples},
            twins=[other for other in self.rulebook.actions if other.twin_of == action.id],
            opens=[
                other for other in self.rulebook.actions if action.id in {needed.action for needed in other.requires}
            ],
            influence=self.influences(PROGRESS + action.id),
            others=list(self.others(PROGRESS + action.id)),
            facts=self.facts_of(action),
            before=before,
            after=after,
        )

    def question(self, question: Question) -> str:
        theme = self.rulebook.themes[question.id]
        return self.page(
            "question.html",
            name=f"questions/{question.id}.html",
            question=question,
            theme=next(one for one in self.rulebook.guide.themes if one.id == theme),
            deduction=self.rulebook.deduction_of.get(question.id),
            influence=self.influences(question.id),
            others=list(self.others(question.id)),
        )

    # What templates ask for

    def questions_of(self, theme: str) -> list[Question]:
        return [question for question in self.rulebook.questions if self.rulebook.themes[question.id] == theme]

    def deeds(self, action: Action) -> list[tuple[Example, Deed]]:
        """Return what cited territories did, but for what a way of the action already quotes."""
        quoted = [way.source for way in action.ways]
        return [(example, deed) for example, deed in self.rulebook.deeds_of[action.id] if deed.source not in quoted]

    def counts(self, action: Action) -> str:
        """Say how many rules of an action do what."""
        numbers = {effect: sum(rule.effect == effect for rule in action.rules) for effect in _COUNTS}
        return listed(f"{number} {_COUNTS[effect][number > 1]}" for effect, number in numbers.items() if number)

    def facts_of(self, action: Action) -> list[str]:
        """Return the questions that the rules of an action read."""
        read = {leaf.fact for rule in action.rules for leaf, _ in signed_leaves(rule.when)}
        return [fact for fact in self.rulebook.vocabulary if fact in read]

    def laws(self) -> list[tuple[str, list[Reader]]]:
        """Return the texts that cautions name, each with its cautions."""
        cited = [Reader(action, rule) for action in self.rulebook.actions for rule in action.rules if rule.reference]
        cited.sort(key=lambda one: str(one.rule.reference))  # and in the order of the rulebook under each
        return [(str(text), list(readers)) for text, readers in groupby(cited, key=lambda one: one.rule.reference)]

    def ways(self) -> dict[str, list[tuple[Action, str]]]:
        """Return how cited territories carried actions out."""
        found: dict[str, list[tuple[Action, str]]] = {example.id: [] for example in self.rulebook.examples}
        for action in self.rulebook.actions:
            for way in action.ways:
                if way.example:
                    found[way.example].append((action, way.title))
        return found

    def influences(self, fact: str) -> list[Influence]:
        """Return what each answer to a question counts for and against, or each state of an action."""
        found: dict[str, tuple[dict[str, Reader], dict[str, Reader]]] = {}
        for answer in self.answers(fact):
            found[answer] = ({}, {})
        for action in self.rulebook.actions:
            for rule in action.rules:
                for leaf, holds in signed_leaves(rule.when):
                    if leaf.fact == fact:
                        wanted = holds is not (getattr(leaf, "quantifier", None) == "none")
                        for answer in self.tested(leaf):
                            found.setdefault(answer, ({}, {}))[not wanted][rule.id] = Reader(action, rule)
        return [
            Influence(answer, tuple(wanted.values()), tuple(unwanted.values()))
            for answer, (wanted, unwanted) in found.items()
            if wanted or unwanted
        ]

    def answers(self, fact: str) -> list[str]:
        """Name the answers to a question in their order; those of a number are named by the tests alone."""
        if fact.startswith(PROGRESS):
            return []
        return [f"« {choice.label} »" for choice in self.rulebook.vocabulary[fact].options]

    def tested(self, leaf: Leaf) -> list[str]:
        """Name the answers of a test."""
        if isinstance(leaf, Between):
            return [str(worded(self.rulebook, leaf))]
        return [f"« {choice_words(self.rulebook, leaf.fact, value)} »" for value in leaf.values]

    def others(self, fact: str) -> Iterator[Other]:
        """Walk what else reads a fact."""
        scenario = self.rulebook.guide.roles.scenario
        for question in self.rulebook.questions:
            if question.asked_when is not None and _reads(question.asked_when, fact):
                said = condition_sentence(self.rulebook, question.asked_when)
                yield Other("Se pose ou non la question", question.id, said)
        for deduction in self.rulebook.deductions:
            if any(outcome.when is not None and _reads(outcome.when, fact) for outcome in deduction.values):
                yield Other("Se déduit en partie de là", deduction.fact, "")
        for stage, criterion in self.criteria():
            if _reads(criterion.when, fact):
                yield Other(f"Critère de l’étape « {stage.title} »", scenario, criterion.text)

    def criteria(self) -> Iterator[tuple[Stage, Criterion]]:
        for stance in self.rulebook.guide.stances:
            for stage in stance.stages:
                for criterion in stage.ready_when:
                    yield stage, criterion


def _reads(condition: Condition, fact: str) -> bool:
    return any(leaf.fact == fact for leaf, _ in signed_leaves(condition))
