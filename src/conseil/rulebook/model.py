"""The records of a rulebook: what a guide says to do, and the rules that say when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import chain, combinations
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from conseil.authority import Authority, Source
from conseil.conditions import PROGRESS, Between, Condition, ConditionField, FactValue, Several, integer, leaves
from conseil.errors import Fault, Faults, UnknownAction, named, nearest
from conseil.records import Identifier, Record, Text, context_of, is_identifier
from conseil.vocabulary import Integer, Question, Vocabulary, repeated, reserved, twice, withdrawn_fault

__all__ = [
    "AXES",
    "EFFECTS",
    "Action",
    "Axis",
    "CapacityRole",
    "Criterion",
    "Deduction",
    "Deed",
    "Effect",
    "EntryKind",
    "Essential",
    "Example",
    "LevelRole",
    "Outcome",
    "Overlay",
    "Points",
    "Requirement",
    "Roles",
    "Rule",
    "Rulebook",
    "Score",
    "Stage",
    "Stance",
    "Statement",
    "Step",
    "Theme",
    "Unlock",
    "Way",
    "Withdrawal",
]

Effect = Literal["recommend", "reinforce", "adapt", "defer", "exclude", "caution"]
EFFECTS: tuple[Effect, ...] = ("recommend", "reinforce", "adapt", "defer", "exclude", "caution")
"""What a rule can do, in the order in which a plan gives its reasons."""

Axis = Literal["impact", "feasibility"]
AXES: tuple[Axis, ...] = ("impact", "feasibility")
"""What a score is made of."""

EntryKind = Literal["question", "deduction", "action", "rule", "example"]
"""What an overlay may add, replace by its id, or withdraw."""

_WHOLE = 100

RuleIdentifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=120)]


def _known(kind: str, noun: str) -> BeforeValidator:
    """Check that an id exists, when the reader of a document says which do."""

    def check(name: object, info: ValidationInfo) -> object:
        known = context_of(info, kind)
        if known is not None and isinstance(name, str) and name not in known:
            gone = (context_of(info, "withdrawn") or {}).get(f"{kind.removesuffix('s')} {name}")
            if gone:
                raise Faults([withdrawn_fault(f"{noun} `{name}`", gone, ())])
            unknown = "inconnu" if kind == "examples" else "inconnue"
            raise Faults([Fault((), f"{noun} `{name}` {unknown}", nearest(name, known))])
        return name

    return BeforeValidator(check)


ActionId = Annotated[Identifier, _known("actions", "action")]
QuestionId = Annotated[Identifier, _known("questions", "question")]
ExampleId = Annotated[Identifier, _known("examples", "exemple")]


class Step(Record):
    """One of the guide's great steps; its source is its objective."""

    id: Identifier
    title: Text
    source: Source


class Theme(Record):
    """A block of questions that belong together."""

    id: Identifier
    title: Text


class Statement(Record):
    """Something that the guide says in general: an argument, a caution, a workshop."""

    title: Text
    source: Source


class Essential(Authority):
    """What the guide calls primordial, and the actions that it speaks of; that link is ours."""

    id: Identifier
    title: Text
    said: Source = Field(description="ce que dit le guide")
    actions: tuple[ActionId, ...] = Field(min_length=1)


class Criterion(Authority):
    """Something that must be true before the next stage."""

    text: Text
    when: ConditionField


class Stage(Record):
    """One stage of a stance, and what must be true before it ends."""

    stage: Text = Field(description="un choix de la question des étapes")
    title: Text
    source: Source
    ready_when: tuple[Criterion, ...] = ()


class Stance(Record):
    """The posture of a collectivité in one scenario: its stages in order, and what they lead to."""

    scenario: Text = Field(description="un choix de la question des scénarios")
    stages: tuple[Stage, ...] = Field(min_length=1)
    leads_to: Statement

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from twice(raw.get("stages"), "stage", "stages")


class LevelRole(Record):
    """The question on the level of collectivité, and how official levels map to its choices."""

    question: QuestionId
    official: dict[str, str] = {}


class CapacityRole(Record):
    """The question that bounds a first wave, and by how many actions for each choice."""

    question: QuestionId
    at_most: dict[str, Integer]


class Roles(Record):
    """What the engine must find in any guide."""

    scenario: QuestionId
    stage: QuestionId
    maturity: QuestionId
    capacity: CapacityRole
    level: LevelRole | None = None
    population: QuestionId | None = None


class Weights(Record):
    """The share of each axis in the total, in percent."""

    impact: Integer
    feasibility: Integer

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        shares = [share for share in (integer(raw.get(axis)) for axis in AXES) if share is not None]
        if len(shares) == len(AXES) and (sum(shares) != _WHOLE or min(shares) < 0):
            message = f"poids impossibles : {' et '.join(map(str, shares))}"
            yield Fault((), message, f"deux nombres à partir de 0, dont la somme est {_WHOLE}")


class Thresholds(Record):
    """The lowest total of a high priority, and of a medium one."""

    high: Integer
    medium: Integer

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        high, medium = integer(raw.get("high")), integer(raw.get("medium"))
        if high is not None and medium is not None and not 0 <= medium <= high <= _WHOLE:
            message = f"seuils impossibles : haute dès {high}, moyenne dès {medium}"
            yield Fault((), message, f"entre 0 et {_WHOLE}, `medium` au plus égal à `high`")


class Score(Record):
    """How a score is counted: see `plan`."""

    base: Integer
    essential: Integer = Field(description="points d’impact en plus pour une action primordiale")
    points: tuple[Integer, Integer, Integer] = Field(description="ce que valent +, ++ et +++")
    weights: Weights
    thresholds: Thresholds

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        for key in ("base", "essential"):
            number = integer(raw.get(key))
            if number is not None and not 0 <= number <= _WHOLE:
                yield Fault((key,), f"`{key}` vaut {number}", f"un nombre entre 0 et {_WHOLE}")
        points = raw.get("points")
        worth = [integer(step) for step in points] if isinstance(points, list | tuple) else []
        counted = [step for step in worth if step is not None]
        if counted == worth and (counted != sorted(set(counted)) or min(counted, default=1) < 1):
            yield Fault(("points",), "les points de +, ++ et +++ doivent croître", "par exemple `[5, 10, 20]`")


def _read_steps(raw: object) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    written = {sign * size: ("+" if sign > 0 else "-") * size for size in (1, 2, 3) for sign in (1, -1)}
    for steps, word in written.items():
        if raw == word:
            return steps
    raise Faults(
        [Fault((), f"points de `+` à `+++` ou de `-` à `---` attendus, et non {named(raw)}", "au plus trois signes")]
    )


Steps = Annotated[
    int,
    BeforeValidator(_read_steps),
    PlainSerializer(lambda steps: ("+" if steps > 0 else "-") * abs(steps)),
    WithJsonSchema({"enum": ["+", "++", "+++", "-", "--", "---"]}),
]
"""Points as written: one to three steps, up or down."""


class Points(Record):
    """The steps that a rule adds or takes on each axis; zero where it says nothing."""

    impact: Steps | None = None
    feasibility: Steps | None = None


def _known_choices(answers: dict[str, tuple[str, ...]], info: ValidationInfo) -> dict[str, tuple[str, ...]]:
    check = context_of(info, "check_choices")
    faults = [fault for fact, choices in answers.items() for fault in check(fact, choices, (fact,))] if check else []
    if faults:
        raise Faults(faults)
    return dict(sorted(answers.items()))  # plans show them, and the order of keys is no matter


class Unlock(Record):
    """What would lift an obstacle: any one of these actions, once done, or of these answers."""

    actions: tuple[ActionId, ...] = ()
    answers: Annotated[dict[str, tuple[str, ...]], AfterValidator(_known_choices)] = {}

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        if not raw.get("actions") and not raw.get("answers"):
            yield Fault((), "`unlocked_by` ne dit rien", "nommez une action ou une réponse qui lève l’obstacle")
        answers = raw.get("answers")
        for fact, choices in answers.items() if isinstance(answers, Mapping) else ():
            if choices in ([], ()):
                yield Fault(("answers", fact), "liste vide", "nommez les réponses qui lèvent l’obstacle")
        yield from twice(raw.get("actions"), None, "actions")


_KEYS_BY_EFFECT = {"adapt": ("how",), "defer": ("unlocked_by",), "reinforce": ("points",)}
_EFFECTS_BY_KEY = {
    "how": ("adapt",),
    "points": ("recommend", "reinforce"),
    "reference": ("caution",),
    "unlocked_by": ("defer",),
}


class Rule(Authority):
    """A rule on an action: when its condition is true, it has its effect, because of what it says."""

    id: RuleIdentifier
    effect: Effect
    when: ConditionField
    because: Text
    points: Points = Points.model_construct()  # right as it is: no validator is built for it
    how: Text | None = None
    unlocked_by: Unlock | None = None
    reference: Text | None = Field(default=None, description="le texte de loi")

    @property
    def has_points(self) -> bool:
        """Whether it adds or takes points."""
        return bool(self.points.impact or self.points.feasibility)

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super()._faults(raw)
        effect = raw.get("effect")
        if not isinstance(effect, str) or effect not in EFFECTS:
            return
        for key in _KEYS_BY_EFFECT.get(effect, ()):
            if raw.get(key) is None:
                yield Fault((), f"clé `{key}` manquante : une règle `{effect}` en a besoin", f"ajoutez `{key}: …`")
        for key, effects in _EFFECTS_BY_KEY.items():
            if raw.get(key) is not None and effect not in effects:
                allowed = " ou ".join(f"`{allowed}`" for allowed in effects)
                message = f"`{key}` ne va pas avec une règle `{effect}`, seulement avec {allowed}"
                yield Fault((key,), message, "retirez la clé, ou changez `effect`", on_key=True)
        points = raw.get("points")
        if isinstance(points, Mapping) and not [key for key in points if key not in AXES or points[key] is not None]:
            yield Fault(("points",), "`points` ne dit rien", "écrivez par exemple `{impact: ++}`, ou retirez la clé")


class Requirement(Authority):
    """An action to do before this one, and why."""

    action: ActionId


class Way(Record):
    """How others carried an action out."""

    title: Text
    source: Source
    example: ExampleId | None = None


class Action(Record):
    """Something that the guide says a collectivité can do, and the rules that say when."""

    id: Identifier
    step: Text = Field(description="celle du fichier")
    title: Text
    source: Source
    twin_of: ActionId | None = None
    requires: tuple[Requirement, ...] = ()
    resources: tuple[Text, ...] = ()
    partners: tuple[Text, ...] = ()
    ways: tuple[Way, ...] = ()
    renamed_from: tuple[Identifier, ...] = Field(default=(), description="ses anciens noms, le plus récent d’abord")
    rules: tuple[Rule, ...] = Field(min_length=1)

    @cached_property
    def rules_by_effect(self) -> tuple[Rule, ...]:
        """The rules in the order in which they are told: what recommends the action first."""
        return tuple(sorted(self.rules, key=lambda rule: EFFECTS.index(rule.effect)))

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from reserved(raw)
        yield from twice(raw.get("requires"), "action", "requires")
        action, rules = raw.get("id"), raw.get("rules")
        for index, rule in enumerate(rules if isinstance(rules, list | tuple) else ()):
            name = rule.get("id") if isinstance(rule, Mapping) else None
            if is_identifier(action) and isinstance(name, str) and not name.startswith(f"{action}."):
                message = f"l’identifiant `{name}` ne commence pas par celui de l’action"
                yield Fault(("rules", index, "id"), message, f"écrivez `{action}.…`")


class Outcome(Record):
    """A value that a deduction may give, when its condition is true (the last one, `otherwise`, has none)."""

    value: str
    when: ConditionField | None = None
    because: Text


class Deduction(Authority):
    """A fact deduced from others: the first value whose condition is true, else `otherwise`."""

    fact: QuestionId
    values: tuple[Outcome, ...] = Field(min_length=1)
    otherwise: Outcome

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super()._faults(raw)
        for index, outcome in enumerate(raw.get("values") or ()):
            if isinstance(outcome, Mapping) and outcome.get("when") is None:
                yield Fault(("values", index), "clé `when` manquante", "ajoutez `when: {…}`")
        otherwise = raw.get("otherwise")
        if isinstance(otherwise, Mapping) and "when" in otherwise:
            hint = "retirez la clé : `otherwise` vaut quand aucune condition n’est vraie"
            yield Fault(("otherwise", "when"), "`otherwise` n’a pas de condition", hint, on_key=True)


class Deed(Record):
    """What a cited territory did, in the guide's words, and the actions that it illustrates."""

    actions: tuple[ActionId, ...] = ()
    source: Source


class Example(Record):
    """A territory that the guide cites."""

    id: Identifier
    name: Text
    did: tuple[Deed, ...] = Field(min_length=1)


class Guide(Record):
    """What `guide.yaml` holds: the guide's identity, its frame, and what the engine must find in it."""

    id: Identifier
    version: Text
    title: Text
    publisher: Text
    themes: tuple[Theme, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)
    stances: tuple[Stance, ...] = Field(min_length=1)
    essentials: tuple[Essential, ...] = ()
    arguments: tuple[Statement, ...] = ()
    cautions: tuple[Statement, ...] = ()
    workshops: tuple[Statement, ...] = ()
    roles: Roles
    factors: tuple[QuestionId, ...] = Field(
        default=(), description="les questions dont la réponse doit changer des plans"
    )
    score: Score

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        for key in ("themes", "steps", "essentials"):
            yield from repeated(raw.get(key), key)
        yield from twice(raw.get("stances"), "scenario", "stances")


class Adapted(Record):
    """The rulebook for which an overlay was written."""

    id: Text
    version: Text


class Withdrawal(Record):
    """An entry that an overlay takes out, and why."""

    question: Text | None = None
    deduction: Text | None = None
    action: Text | None = None
    rule: Text | None = None
    example: Text | None = None
    because: Text

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        named_kinds = [kind for kind in get_args(EntryKind) if raw.get(kind) is not None]
        if len(named_kinds) != 1:
            hint = (
                "une entrée retire une chose : `{rule: …, because: …}`, ou `question`, `deduction`, `action`, `example`"
            )
            yield Fault((), "on ne sait pas ce qui est retiré" if not named_kinds else "deux choses à la fois", hint)

    @property
    def kind(self) -> EntryKind:
        """What is withdrawn."""
        kinds: tuple[EntryKind, ...] = get_args(EntryKind)
        return next(kind for kind in kinds if getattr(self, kind) is not None)

    @property
    def id(self) -> str:
        """Its id."""
        return str(getattr(self, self.kind))


class Overlay(Record):
    """What `overlay.yaml` holds: who adapts which rulebook, and what they take out of it."""

    id: Identifier
    version: Text
    title: Text = Field(description="nom court, que le plan met à côté de chaque conseil : « Région Bretagne »")
    publisher: Text
    adapts: Adapted
    themes: tuple[Theme, ...] = ()
    withdraw: tuple[Withdrawal, ...] = ()

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from repeated(raw.get("themes"), "themes")


class Rulebook(Record):
    """A guide and what to conclude from it; load one with `load_rulebook`.

    Questions, deductions and actions keep the order of the guide: themes, steps, then lists as written.
    """

    guide: Guide
    questions: tuple[Question, ...]
    themes: dict[Identifier, Identifier] = Field(description="le thème de chaque question")
    deductions: tuple[Deduction, ...] = ()
    actions: tuple[Action, ...]
    examples: tuple[Example, ...] = ()
    overlays: tuple[Overlay, ...] = Field(default=(), description="ce qui a été posé sur le guide, dans l’ordre")
    origins: dict[EntryKind, dict[str, Identifier]] = Field(
        default={}, description="l’adaptation qui a écrit chaque entrée que le guide n’a pas écrite"
    )

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders that it was loaded from, overlays last; none where it was made otherwise. The loader says it."""
        return ()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The questions by id."""
        return Vocabulary(self.questions, (action.id for action in self.actions))

    @cached_property
    def by_id(self) -> dict[str, Action]:
        """The actions by id."""
        return {action.id: action for action in self.actions}

    @cached_property
    def step_order(self) -> dict[str, int]:
        """The place of each step, from 0."""
        return {step.id: index for index, step in enumerate(self.guide.steps)}

    @cached_property
    def deduction_of(self) -> dict[str, Deduction]:
        """The deduction of each fact that has one."""
        return {deduction.fact: deduction for deduction in self.deductions}

    @cached_property
    def prerequisites_first(self) -> tuple[Action, ...]:
        """The actions in an order in which each comes after those that it requires."""
        requires = {action.id: [needed.action for needed in action.requires] for action in self.actions}
        return tuple(self.by_id[name] for name in TopologicalSorter(requires).static_order())

    @cached_property
    def essential_of(self) -> dict[str, Essential]:
        """The primordial statement that speaks of an action, for those that one does."""
        return {action: essential for essential in self.guide.essentials for action in essential.actions}

    @cached_property
    def lead_of(self) -> dict[str, str]:
        """The action that says the same as another one, for those that have such a twin."""
        return {action.id: action.twin_of for action in self.actions if action.twin_of}

    @cached_property
    def deeds_of(self) -> dict[str, tuple[tuple[Example, Deed], ...]]:
        """What cited territories did, by the action that it illustrates."""
        found: dict[str, list[tuple[Example, Deed]]] = {action.id: [] for action in self.actions}
        for example in self.examples:
            for deed in example.did:
                for action in deed.actions:
                    found[action].append((example, deed))
        return {action: tuple(deeds) for action, deeds in found.items()}

    @cached_property
    def stance_of(self) -> dict[str, Stance]:
        """The stance in each scenario."""
        return {stance.scenario: stance for stance in self.guide.stances}

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules by id."""
        return {rule.id: rule for action in self.actions for rule in action.rules}

    @cached_property
    def rule_places(self) -> dict[str, int]:
        """The place of each rule among all of them, from 0; those of an action stand together."""
        return {rule: place for place, rule in enumerate(self.rules)}

    @cached_property
    def criteria(self) -> dict[tuple[Identifier, Identifier, int], Criterion]:
        """What must be true before the next stage, by scenario, stage and place."""
        return {
            (stance.scenario, stage.stage, place): criterion
            for stance in self.guide.stances
            for stage in stance.stages
            for place, criterion in enumerate(stage.ready_when)
        }

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition: of questions, deductions, rules and criteria."""
        asked = (question.asked_when for question in self.questions)
        deduced = (outcome.when for deduction in self.deductions for outcome in deduction.values)
        ruled = (rule.when for action in self.actions for rule in action.rules)
        judged = (criterion.when for criterion in self.criteria.values())
        return tuple(condition for condition in chain(asked, deduced, ruled, judged) if condition is not None)

    def distinct_answers(self, question: str) -> list[FactValue]:
        """Return the answers that conditions can tell apart, each standing for those that are like it.

        Of a number, the lowest of each class that the bounds make; of several choices, every set of those that some
        condition names.

        >>> from conseil import load_rulebook
        >>> load_rulebook().distinct_answers("foncier")
        ['aucun', 'temporaire', 'terrain', 'bati']
        """
        asked = self.vocabulary[question]
        tests = [leaf for condition in self.conditions for _, leaf in leaves(condition) if leaf.fact == question]
        match asked.type:
            case "integer":
                low = asked.min or 0
                starts = {low} | {test.low for test in tests if isinstance(test, Between) and test.low is not None}
                starts |= {test.high + 1 for test in tests if isinstance(test, Between) and test.high is not None}
                return [start for start in sorted(starts) if low <= start <= (asked.max or start)]
            case "choices":
                named = {choice for test in tests if isinstance(test, Several) for choice in test.values}
                choices = [choice for choice in asked.values if choice in named]
                return [made for size in range(len(choices) + 1) for made in combinations(choices, size)]
            case _:
                return list(asked.values)

    def has_fact(self, fact: str) -> bool:
        """Say whether conditions may read a fact: a question, or the progress of an action."""
        return fact in self.vocabulary or fact.removeprefix(PROGRESS) in self.by_id

    @cached_property
    def version(self) -> str:
        """The version of the guide, and that of each overlay: what a profile names as that for which it was written."""
        return "+".join([self.guide.version, *(f"{overlay.id}@{overlay.version}" for overlay in self.overlays)])

    @cached_property
    def renamed_questions(self) -> dict[str, str]:
        """The questions by the names that they had."""
        return {old: question.id for question in self.questions for old in question.renamed_from}

    @cached_property
    def renamed_actions(self) -> dict[str, str]:
        """The actions by the names that they had."""
        return {old: action.id for action in self.actions for old in action.renamed_from}

    def origin(self, kind: EntryKind, name: str) -> Overlay | None:
        """Return the overlay that wrote an entry; nothing where the guide's own rulebook did."""
        found = self.origins.get(kind, {}).get(name)
        return next((overlay for overlay in self.overlays if overlay.id == found), None)

    def origin_title(self, kind: EntryKind, name: str) -> str:
        """Name the overlay that wrote an entry, as plans show it; nothing where the guide's own rulebook did."""
        overlay = self.origin(kind, name)
        return overlay.title if overlay else ""

    def action(self, action: str) -> Action:
        """Return the action of that id.

        Raises:
            UnknownAction: there is none; the message suggests the nearest id.
        """
        if action not in self.by_id:
            hint = nearest(action, self.by_id)
            raise UnknownAction(f"action `{action}` inconnue\n  aide : {hint}")
        return self.by_id[action]

    @cached_property
    def sha256(self) -> str:
        """The hash of what the rulebook says: the same however its files and keys are ordered."""
        data = self.model_dump(mode="json", exclude_defaults=True)
        canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()
