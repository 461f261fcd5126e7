"""The terms of one rulebook as an editor proposes them: its ids, its conditions, the answers that it accepts."""

from __future__ import annotations

from collections.abc import Iterator

from conseil.authoring.schemas.values import FLAG, Schema, block, list_of, number, one_of
from conseil.conditions import NOT_APPLICABLE, PROGRESS, PROGRESS_VALUES
from conseil.profile import OTHERS
from conseil.rulebook import Rulebook
from conseil.vocabulary import UNKNOWN, YES_NO, Question

__all__ = ["CONDITION", "Terms"]

CONDITION: Schema = {"$ref": "#/$defs/Condition"}
"""A block of tests; `Terms.condition` is what it refers to."""

PROGRESS_MEANINGS = dict(zip(PROGRESS_VALUES, ("à faire", "en cours", "faite"), strict=True))


class Terms:
    """What the files of a rulebook may name."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook."""
        self.rulebook = rulebook

    # Ids

    def actions(self) -> Schema:
        """Name an action."""
        return one_of({action.id: action.title for action in self.rulebook.actions})

    def questions(self, *types: str) -> Schema:
        """Name a question, or one of some types."""
        asked = [question for question in self.rulebook.questions if not types or question.type in types]
        return one_of({question.id: _described(question) for question in asked})

    def examples(self) -> Schema:
        """Name a territory that the guide cites."""
        return one_of({example.id: example.name for example in self.rulebook.examples})

    def choices(self, question: str) -> Schema:
        """Name a choice of a question."""
        return _choices(self.rulebook.vocabulary[question])

    # Conditions

    def condition(self) -> Schema:
        """Return the schema of a block of tests, all of which hold."""
        listed = {"type": "array", "items": CONDITION, "minItems": 1}
        properties: dict[str, Schema] = {
            "not": {"description": "ce bloc n’est pas vrai", **CONDITION},
            "any": {"description": "l’un au moins de ces blocs est vrai", **listed},
            "all": {"description": "tous ces blocs sont vrais", **listed},
        }
        for question in self.rulebook.questions:
            properties[question.id] = {"description": _described(question), **_test(question)}
        for action in self.rulebook.actions:
            made = one_of(PROGRESS_MEANINGS)
            properties[PROGRESS + action.id] = {
                "description": f"Avancement de l’action « {action.title} »",
                "anyOf": [made, list_of(made, at_least=1)],
            }
        return block(properties, minProperties=1)

    def unlocking_answers(self) -> Schema:
        """Return the schema of answers of which each lifts an obstacle."""
        return block(
            {
                question.id: {
                    "description": _described(question),
                    "type": "array",
                    "items": _choices(question),
                    "minItems": 1,
                }
                for question in self.rulebook.questions
                if question.type != "integer"
            }
        )

    def outcomes(self) -> Iterator[Schema]:
        """Say of each question that can be deduced which values its deduction may give."""
        for question in self.rulebook.questions:
            if question.type in {"choice", "boolean"}:
                value = {"properties": {"value": _choices(question)}}
                yield {
                    "if": {"properties": {"fact": {"enum": one_of([question.id])["enum"]}}, "required": ["fact"]},
                    "then": {"properties": {"values": {"items": value}, "otherwise": value}},
                }

    # Answers

    def answers(self, written_long: Schema) -> dict[str, Schema]:
        """Return how each question may be answered: short, or as a block of which `written_long` is the rest."""
        found: dict[str, Schema] = {}
        for question in self.rulebook.questions:
            value = _answer(question)
            long = written_long | {"properties": written_long["properties"] | {"value": value}}
            found[question.id] = {"description": _described(question), "anyOf": [*value["anyOf"], long]}
        return found

    def progress(self) -> dict[str, Schema]:
        """Return what may be said of the progress of each action."""
        state = one_of(PROGRESS_MEANINGS | {UNKNOWN: "je ne sais pas"})
        others = {"description": "toutes les actions qui ne sont pas nommées ici", **state}
        return {OTHERS: others} | {
            action.id: {"description": action.title, **state} for action in self.rulebook.actions
        }

    def skipped(self) -> Schema:
        """Name a question, or the progress of the actions of a step."""
        steps = {PROGRESS + step.id: f"L’avancement des actions : {step.title}" for step in self.rulebook.guide.steps}
        asked = {question.id: _described(question) for question in self.rulebook.questions}
        return one_of(asked | steps)

    def rules_by_action(self, effect: str) -> dict[str, dict[str, str]]:
        """Return the rules of an effect, each with its reason, by action."""
        return {
            action.id: {rule.id: rule.because for rule in action.rules if rule.effect == effect}
            for action in self.rulebook.actions
        }


def _described(question: Question) -> str:
    return f"{question.label}. {question.ask}" if question.ask else f"{question.label} (toujours déduit)"


def _choices(question: Question) -> Schema:
    return one_of({choice.id: choice.label for choice in question.options})


def _test(question: Question) -> Schema:
    """Return how a condition may test a question."""
    match question.type:
        case "integer":
            bound = number(question.min, question.max)
            least, most = {"description": "au moins, compris", **bound}, {"description": "au plus, compris", **bound}
            return block({"min": least, "max": most}, minProperties=1)
        case "choices":
            made = list_of(_choices(question), at_least=1)
            said = {"any": "l’un au moins de ces choix", "all": "tous ces choix", "none": "aucun de ces choix"}
            tests = {key: {"description": meaning, **made} for key, meaning in said.items()}
            return block(tests, minProperties=1)
        case _:
            return {"anyOf": [_choices(question), list_of(_choices(question), at_least=1)]}


def _answer(question: Question) -> Schema:
    """Return how a question may be answered in short."""
    unheard = {UNKNOWN: "je ne sais pas"} | ({NOT_APPLICABLE: "sans objet"} if question.not_applicable else {})
    match question.type:
        case "integer":
            bound = number(question.min, question.max)
            return {"anyOf": [*bound["anyOf"], one_of(unheard)]}
        case "boolean":
            said = one_of({choice.id: choice.label for choice in YES_NO} | unheard)
            return {"anyOf": [said, FLAG]}
        case "choices":
            return {"anyOf": [list_of(_choices(question)), one_of(unheard)]}
        case _:
            return {"anyOf": [one_of({choice.id: choice.label for choice in question.choices} | unheard)]}
