"""The records of a rulebook: what a guide says to do, and the rules that say when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from itertools import chain, combinations
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from conseil.authority import Authority, Source
from conseil.conditions import PROGRESS, Between, Condition, ConditionField, FactValue, Several, integer, leaves
from conseil.errors import Fault, Faults, UnknownAction, named, nearest
from conseil.fields import Identifier, Text, after, before, context_of, field, is_identifier, seen_as, spelled, written
from conseil.records import Record
from conseil.vocabulary import Integer, Question, Vocabulary, repeated, reserved, twice, withdrawn_fault

if TYPE_CHECKING:
    from pydantic import ValidationInfo

__all__ = [
    "AXES",
    "EFFECTS",
    "EFFECTS_BY_KEY",
    "KEYS_BY_EFFECT",
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

RuleIdentifier = Annotated[str, spelled(pattern=r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=120)]


def _known(kind: str, noun: str) -> object:
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

    return before(check)


ActionId = Annotated[Identifier, _known("actions", "action"), seen_as({"known": "actions"})]
QuestionId = Annotated[Identifier, _known("questions", "question"), seen_as({"known": "questions"})]
ExampleId = Annotated[Identifier, _known("examples", "exemple"), seen_as({"known": "examples"})]
"""Ids of other entries; `authoring.schemas` lists them to editors."""


class Step(Record):
    """One of the guide's great steps; its source is its objective."""

    id: Identifier = field(description="le nom de l’étape, que reprend son fichier d’actions")
    title: Text = field(description="le titre, en français correct")
    source: Source = field(description="l’objectif de l’étape, dans les mots du guide")


class Theme(Record):
    """A block of questions that belong together."""

    id: Identifier = field(description="le nom du thème, que reprend son fichier de questions")
    title: Text = field(description="le titre du bloc de questions")


class Statement(Record):
    """Something that the guide says in general: an argument, a caution, a workshop."""

    title: Text = field(description="l’idée, en quelques mots de français correct")
    source: Source = field(description="ce que dit le guide")


class Essential(Authority):
    """What the guide calls primordial, and the actions that it speaks of; that link is ours."""

    id: Identifier = field(description="le nom de ce que le guide dit primordial")
    title: Text = field(description="le titre, en français correct")
    said: Source = field(description="ce que dit le guide")
    actions: tuple[ActionId, ...] = field(
        min_length=1, description="les actions dont le guide parle ainsi ; ce lien est de nous"
    )


class Criterion(Authority):
    """Something that must be true before the next stage."""

    text: Text = field(description="ce qui doit être vrai, en une phrase")
    when: ConditionField = field(description="la condition qui le vérifie")


class Stage(Record):
    """One stage of a stance, and what must be true before it ends."""

    stage: Text = field(description="un choix de la question des étapes")
    title: Text = field(description="le titre de l’étape de la posture")
    source: Source = field(description="ce que dit le guide de cette étape")
    ready_when: tuple[Criterion, ...] = field(
        default=(), description="ce qui doit être vrai avant de passer à la suite"
    )


class Stance(Record):
    """The posture of a collectivité in one scenario: its stages in order, and what they lead to."""

    scenario: Text = field(description="un choix de la question des scénarios")
    stages: tuple[Stage, ...] = field(min_length=1, description="les étapes de la posture, dans l’ordre")
    leads_to: Statement = field(description="où mène ce scénario")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from twice(raw.get("stages"), "stage", "stages")


class LevelRole(Record):
    """The question on the level of collectivité, and how official levels map to its choices."""

    question: QuestionId = field(description="la question du niveau de collectivité")
    official: dict[str, str] = field(default={}, description="le choix qui répond à chaque nature juridique officielle")


class CapacityRole(Record):
    """The question that bounds a first wave, and by how many actions for each choice."""

    question: QuestionId = field(description="la question qui borne la première vague")
    at_most: dict[str, Integer] = field(description="combien d’actions à lancer maintenant, pour chaque choix")

    @property
    def middle(self) -> int:
        """How many where the choice is not known: the middle one, and the lower of two that are."""
        return sorted(self.at_most.values())[(len(self.at_most) - 1) // 2]


class Roles(Record):
    """What the engine must find in any guide."""

    scenario: QuestionId = field(description="la question du scénario")
    stage: QuestionId = field(description="la question de l’étape de la posture")
    maturity: QuestionId = field(description="la question de la maturité")
    capacity: CapacityRole = field(description="ce qui borne la première vague d’actions")
    level: LevelRole | None = field(default=None, description="le niveau de collectivité")
    population: QuestionId | None = field(default=None, description="la question de la population")


class Weights(Record):
    """The share of each axis in the total, in percent."""

    impact: Integer = field(description="la part de l’impact dans le total, en pour cent")
    feasibility: Integer = field(description="la part de la faisabilité dans le total, en pour cent")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        shares = [share for share in (integer(raw.get(axis)) for axis in AXES) if share is not None]
        if len(shares) == len(AXES) and (sum(shares) != _WHOLE or min(shares) < 0):
            message = f"poids impossibles : {' et '.join(map(str, shares))}"
            yield Fault((), message, f"deux nombres à partir de 0, dont la somme est {_WHOLE}")


class Thresholds(Record):
    """The lowest total of a high priority, and of a medium one."""

    high: Integer = field(description="le total à partir duquel la priorité est haute")
    medium: Integer = field(description="le total à partir duquel la priorité est moyenne")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        high, medium = integer(raw.get("high")), integer(raw.get("medium"))
        if high is not None and medium is not None and not 0 <= medium <= high <= _WHOLE:
            message = f"seuils impossibles : haute dès {high}, moyenne dès {medium}"
            yield Fault((), message, f"entre 0 et {_WHOLE}, `medium` au plus égal à `high`")


class Score(Record):
    """How a score is counted: see `plan`."""

    base: Integer = field(description="d’où part chaque axe, sur 100")
    essential: Integer = field(description="points d’impact en plus pour une action primordiale")
    points: tuple[Integer, Integer, Integer] = field(description="ce que valent +, ++ et +++")
    weights: Weights = field(description="ce que pèse chaque axe ; la somme est 100")
    thresholds: Thresholds = field(description="les seuils de priorité")

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
    before(_read_steps),
    written(lambda steps: ("+" if steps > 0 else "-") * abs(steps)),
    seen_as({"enum": ["+", "++", "+++", "-", "--", "---"]}),
]
"""Points as written: one to three steps, up or down."""


class Points(Record):
    """The steps that a rule adds or takes on each axis; zero where it says nothing."""

    impact: Steps | None = field(
        default=None, description="de `+` à `+++` ou de `-` à `---`, entre guillemets pour les moins"
    )
    feasibility: Steps | None = field(
        default=None, description="de `+` à `+++` ou de `-` à `---`, entre guillemets pour les moins"
    )


def _known_choices(answers: dict[str, tuple[str, ...]], info: ValidationInfo) -> dict[str, tuple[str, ...]]:
    check = context_of(info, "check_choices")
    faults = [fault for fact, choices in answers.items() for fault in check(fact, choices, (fact,))] if check else []
    if faults:
        raise Faults(faults)
    return dict(sorted(answers.items()))  # plans show them, and the order of keys is no matter


class Unlock(Record):
    """What would lift an obstacle: any one of these actions, once done, or of these answers."""

    actions: tuple[ActionId, ...] = field(
        default=(), description="chacune, une fois faite, lève l’obstacle à elle seule"
    )
    answers: Annotated[dict[str, tuple[str, ...]], after(_known_choices)] = field(
        default={}, description="les réponses dont chacune lève l’obstacle à elle seule"
    )

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        if not raw.get("actions") and not raw.get("answers"):
            yield Fault((), "`unlocked_by` ne dit rien", "nommez une action ou une réponse qui lève l’obstacle")
        answers = raw.get("answers")
        for fact, choices in answers.items() if isinstance(answers, Mapping) else ():
            if choices in ([], ()):
                yield Fault(("answers", fact), "liste vide", "nommez les réponses qui lèvent l’obstacle")
        yield from twice(raw.get("actions"), None, "actions")


KEYS_BY_EFFECT = {"adapt": ("how",), "defer": ("unlocked_by",), "reinforce": ("points",)}
"""The keys that a rule of an effect needs."""

EFFECTS_BY_KEY = {
    "how": ("adapt",),
    "points": ("recommend", "reinforce"),
    "reference": ("caution",),
    "unlocked_by": ("defer",),
}
"""The effects with which a key goes; every other key goes with all."""


class Rule(Authority):
    """A rule on an action: when its condition is true, it has its effect, because of what it says."""

    id: RuleIdentifier = field(description="le nom de la règle : celui de l’action, un point, et un mot")
    effect: Effect = field(
        description="recommander, renforcer, adapter, reporter (defer), écarter (exclude) ou avertir (caution)"
    )
    when: ConditionField = field(description="à quelle condition ; `always` pour toujours")
    because: Text = field(description="la raison, en une phrase à l’agent, vraie chaque fois que la condition l’est")
    points: Points = field(
        default=Points.model_construct(),  # right as it is: no validator is built for it
        description="ce que la règle ajoute à l’impact et à la faisabilité, ou leur retire",
    )
    how: Text | None = field(default=None, description="comment mener l’action ici, en une ou deux phrases à l’agent")
    unlocked_by: Unlock | None = field(default=None, description="ce qui lèverait l’obstacle")
    reference: Text | None = field(default=None, description="le texte de loi")

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
        for key in KEYS_BY_EFFECT.get(effect, ()):
            if raw.get(key) is None:
                yield Fault((), f"clé `{key}` manquante : une règle `{effect}` en a besoin", f"ajoutez `{key}: …`")
        for key, effects in EFFECTS_BY_KEY.items():
            if raw.get(key) is not None and effect not in effects:
                allowed = " ou ".join(f"`{allowed}`" for allowed in effects)
                message = f"`{key}` ne va pas avec une règle `{effect}`, seulement avec {allowed}"
                yield Fault((key,), message, "retirez la clé, ou changez `effect`", on_key=True)
        points = raw.get("points")
        if isinstance(points, Mapping) and not [key for key in points if key not in AXES or points[key] is not None]:
            yield Fault(("points",), "`points` ne dit rien", "écrivez par exemple `{impact: ++}`, ou retirez la clé")


class Requirement(Authority):
    """An action to do before this one, and why."""

    action: ActionId = field(description="l’action à faire avant celle-ci, qui n’aurait pas de sens sans elle")


class Way(Record):
    """How others carried an action out."""

    title: Text = field(description="comment d’autres s’y sont pris, en quelques mots")
    source: Source = field(description="ce qu’en dit le guide")
    example: ExampleId | None = field(default=None, description="le territoire cité")


class Action(Record):
    """Something that the guide says a collectivité can do, and the rules that say when."""

    id: Identifier = field(description="le nom de l’action dans les règles et les profils : minuscules sans accent")
    step: Text = field(description="celle du fichier")
    title: Text = field(description="notre titre, en français correct")
    source: Source = field(description="les mots du guide")
    twin_of: ActionId | None = field(default=None, description="l’action dont le guide parle ailleurs en d’autres mots")
    requires: tuple[Requirement, ...] = field(default=(), description="les actions à faire avant celle-ci")
    resources: tuple[Text, ...] = field(default=(), description="ce qu’il faut pour la mener ; c’est notre avis")
    partners: tuple[Text, ...] = field(default=(), description="avec qui la mener ; c’est notre avis")
    ways: tuple[Way, ...] = field(default=(), description="comment d’autres s’y sont pris, d’après le guide")
    renamed_from: tuple[Identifier, ...] = field(default=(), description="ses anciens noms, le plus récent d’abord")
    rules: tuple[Rule, ...] = field(min_length=1, description="les règles qui disent quand et comment la mener")

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

    value: str = field(description="la réponse déduite : un choix de la question")
    when: ConditionField | None = field(default=None, description="à quelle condition ; la première vraie l’emporte")
    because: Text = field(description="pourquoi, en une phrase")


class Deduction(Authority):
    """A fact deduced from others: the first value whose condition is true, else `otherwise`."""

    fact: QuestionId = field(description="la question à laquelle la déduction répond")
    values: tuple[Outcome, ...] = field(min_length=1, description="les réponses possibles, essayées dans cet ordre")
    otherwise: Outcome = field(description="la réponse, si aucune condition n’est vraie")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super()._faults(raw)
        values = raw.get("values")
        for index, outcome in enumerate(values if isinstance(values, list | tuple) else ()):
            if isinstance(outcome, Mapping) and outcome.get("when") is None:
                yield Fault(("values", index), "clé `when` manquante", "ajoutez `when: {…}`")
        otherwise = raw.get("otherwise")
        if isinstance(otherwise, Mapping) and "when" in otherwise:
            hint = "retirez la clé : `otherwise` vaut quand aucune condition n’est vraie"
            yield Fault(("otherwise", "when"), "`otherwise` n’a pas de condition", hint, on_key=True)


class Deed(Record):
    """What a cited territory did, in the guide's words, and the actions that it illustrates."""

    actions: tuple[ActionId, ...] = field(default=(), description="les actions que cela illustre")
    source: Source = field(description="ce que le territoire a fait, dans les mots du guide")


class Example(Record):
    """A territory that the guide cites."""

    id: Identifier = field(description="le nom du territoire dans les règles")
    name: Text = field(description="le nom du territoire")
    did: tuple[Deed, ...] = field(min_length=1, description="ce qu’il a fait, d’après le guide")


class Guide(Record):
    """What `guide.yaml` holds: the guide's identity, its frame, and what the engine must find in it."""

    id: Identifier = field(description="le nom des règles, que les profils rappellent")
    version: Text = field(description="la version des règles, entre guillemets")
    title: Text = field(description="le titre du guide")
    publisher: Text = field(description="qui a publié le guide")
    themes: tuple[Theme, ...] = field(min_length=1, description="les blocs de questions, dans l’ordre")
    steps: tuple[Step, ...] = field(min_length=1, description="les grandes étapes du guide, dans l’ordre")
    stances: tuple[Stance, ...] = field(min_length=1, description="la posture de la collectivité dans chaque scénario")
    essentials: tuple[Essential, ...] = field(default=(), description="ce que le guide dit primordial")
    arguments: tuple[Statement, ...] = field(default=(), description="les arguments du guide pour une filière")
    cautions: tuple[Statement, ...] = field(default=(), description="les précautions que le guide rappelle")
    workshops: tuple[Statement, ...] = field(default=(), description="les ateliers du guide")
    roles: Roles = field(description="ce que conseil doit trouver dans tout guide")
    factors: tuple[QuestionId, ...] = field(
        default=(), description="les questions dont la réponse doit changer des plans"
    )
    score: Score = field(description="comment se comptent les priorités")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        for key in ("themes", "steps", "essentials"):
            yield from repeated(raw.get(key), key)
        yield from twice(raw.get("stances"), "scenario", "stances")


class Adapted(Record):
    """The rulebook for which an overlay was written."""

    id: Text = field(description="le nom des règles que l’on adapte")
    version: Text = field(description="leur version, entre guillemets")


class Withdrawal(Record):
    """An entry that an overlay takes out, and why."""

    question: Text | None = field(default=None, description="la question retirée")
    deduction: Text | None = field(default=None, description="la question dont la déduction est retirée")
    action: Text | None = field(default=None, description="l’action retirée, avec ses règles")
    rule: Text | None = field(default=None, description="la règle retirée")
    example: Text | None = field(default=None, description="le territoire cité qui est retiré")
    because: Text = field(description="pourquoi cela ne vaut pas ici, en une phrase que le plan dit")

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

    id: Identifier = field(description="le nom de l’adaptation, que les profils rappellent")
    version: Text = field(description="la version de l’adaptation, entre guillemets")
    title: Text = field(description="nom court, que le plan met à côté de chaque conseil : « Région Bretagne »")
    publisher: Text = field(description="qui publie l’adaptation et en répond")
    adapts: Adapted = field(description="les règles pour lesquelles elle est écrite")
    themes: tuple[Theme, ...] = field(
        default=(), description="de nouveaux blocs de questions, qui viennent après ceux du guide"
    )
    withdraw: tuple[Withdrawal, ...] = field(
        default=(), description="ce qui ne vaut pas ici, avec la raison de chaque retrait"
    )

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from repeated(raw.get("themes"), "themes")


class Rulebook(Record):
    """A guide and what to conclude from it; load one with `load_rulebook`.

    Questions, deductions and actions keep the order of the guide: themes, steps, then lists as written.
    """

    guide: Guide
    questions: tuple[Question, ...]
    themes: dict[Identifier, Identifier] = field(description="le thème de chaque question")
    deductions: tuple[Deduction, ...] = ()
    actions: tuple[Action, ...]
    examples: tuple[Example, ...] = ()
    overlays: tuple[Overlay, ...] = field(default=(), description="ce qui a été posé sur le guide, dans l’ordre")
    origins: dict[EntryKind, dict[str, Identifier]] = field(
        default={}, description="l’adaptation qui a écrit chaque entrée que le guide n’a pas écrite"
    )
    overruled: dict[Identifier, dict[str, Identifier]] = field(
        default={}, description="ce qu’une adaptation a écrit et qu’une autre a récrit après elle : laquelle"
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
