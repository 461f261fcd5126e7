"""What is asked of a rulebook: statements about every complete territory, each with what would refute it.

A statement is refuted in two manners that must agree: by a formula, which z3 tries to make true, and by the plan that
an engine makes of the territory that was found. Of some statements their author wants to hear that they hold, as of
"no plan is empty"; of most, that they do not, as of "this rule is never true".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import z3

from conseil.authoring.verification.territories import Formula, Meaning, every, no, some
from conseil.conditions import ALWAYS, Condition, leaves
from conseil.plan import Item, Plan
from conseil.rulebook import Action, Effect, Entry, Rule, Rulebook, Stance

__all__ = ["Claim", "Example", "claims"]

Plans = tuple[Plan, ...]
"""The plan of a territory; and of the same territory with another answer to one question, where a claim is on that."""

_WHOLLY_SAID: tuple[Effect, ...] = ("recommend", "reinforce", "defer", "exclude")
"""The effects that need no words of their own: what such a rule does is all in its condition and points."""


@dataclass(frozen=True, slots=True)
class Example:
    """A territory that shows what was proved.

    Attributes:
        formula: what holds of it.
        shown_in: whether its plan shows it.
        better: what holds of a territory that shows it better than this plan, if any can.
    """

    formula: Formula
    shown_in: Callable[[Plan], bool]
    better: Callable[[Plan], Formula] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about every complete territory.

    Attributes:
        code: what kind of statement it is.
        about: what it is about; see `conseil.authoring.findings.Finding`.
        entry: the entry of the rulebook that would be mended.
        says: the statement, in French.
        wanted: whether the author wants it to hold.
        against: what holds of a territory that refutes it.
        refuted_in: whether plans refute it.
        problem: the sentence and the hint of a finding, with the plan of its witness, if it has one.
        facts: what of a witness is worth a look; everything, where none is named.
        question: the question to which a witness has a second answer.
        example: what may show that it holds.
        unless: the findings, by code and `about`, that make this one idle.
    """

    code: str
    about: str
    entry: Entry
    says: str
    wanted: bool
    against: Formula
    refuted_in: Callable[[Plans], bool]
    problem: Callable[[Plan | None], tuple[str, str]]
    facts: tuple[str, ...] = ()
    question: str | None = None
    example: Example | None = None
    unless: tuple[tuple[str, str], ...] = ()


def claims(meaning: Meaning) -> list[Claim]:
    """Return every claim on a rulebook, those on which others rest first."""
    asked = _Asked(meaning)
    return [
        *asked.never_true(),
        *asked.always_true(),
        *asked.never_recommended(),
        *asked.always_recommended(),
        *asked.shadowed(),
        *asked.never_high(),
        *asked.same_meaning(),
        *asked.without_effect(),
        *asked.unreachable_values(),
        *asked.unreachable_steps(),
        *asked.unreachable_stages(),
        *asked.whole_plans(),
    ]


def _said(message: str, hint: str) -> Callable[[Plan | None], tuple[str, str]]:
    return lambda _: (message, hint)


def _facts(*conditions: Condition) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.fact for condition in conditions for _, leaf in leaves(condition)))


class _Asked:
    """The claims on one rulebook."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self.rulebook = meaning.rulebook
        self._places: list[tuple[Action, Rule]] = [
            (action, rule) for action in self.rulebook.actions for rule in action.rules
        ]

    # Rules

    def never_true(self) -> Iterator[Claim]:
        for _, rule in self._places:
            yield Claim(
                code="never-true",
                about=rule.id,
                entry=Entry("rule", rule.id),
                says=f"la règle `{rule.id}` n’est jamais vraie",
                wanted=False,
                against=self.meaning.rules[rule.id],
                refuted_in=lambda plans, rule=rule: plans[0].inference.rules[rule.id] is True,
                problem=_said(
                    f"la règle `{rule.id}` n’est vraie sur aucun territoire",
                    "sa condition se contredit, ou contredit les questions : corrigez-la, ou retirez la règle",
                ),
            )

    def always_true(self) -> Iterator[Claim]:
        for _, rule in self._places:
            if rule.when == ALWAYS:
                continue
            holds = self.meaning.rules[rule.id]
            yield Claim(
                code="always-true",
                about=rule.id,
                entry=Entry("rule", rule.id),
                says=f"la règle `{rule.id}` est toujours vraie",
                wanted=False,
                against=no(holds),
                refuted_in=lambda plans, rule=rule: plans[0].inference.rules[rule.id] is False,
                problem=_said(
                    f"la règle `{rule.id}` est vraie sur tous les territoires",
                    "écrivez `when: always` si c’est voulu ; sinon, resserrez sa condition",
                ),
                facts=_facts(rule.when),
                example=Example(holds, lambda plan, rule=rule: plan.inference.rules[rule.id] is True),
            )

    def shadowed(self) -> Iterator[Claim]:
        for action, rule in self._places:
            if rule.effect != "recommend":
                continue
            holds, statuses = self.meaning.rules[rule.id], self.meaning.statuses[action.id]
            blocking = [other for other in action.rules if other.effect in {"exclude", "defer"}]
            yield Claim(
                code="shadowed-recommend",
                about=rule.id,
                entry=Entry("rule", rule.id),
                says=f"là où la règle `{rule.id}` est vraie, l’action n’est jamais recommandée",
                wanted=False,
                against=every([holds, statuses["recommended"]]),
                refuted_in=lambda plans, rule=rule, action=action: _recommends(plans[0], action, rule),
                problem=lambda plan, rule=rule, action=action: _shadowed_problem(plan, action, rule),
                facts=_facts(rule.when, *(other.when for other in blocking)),
                example=Example(
                    every([holds, some([statuses["excluded"], statuses["deferred"]])]),
                    lambda plan, rule=rule, action=action: _is_shadowed(plan, action, rule),
                ),
                unless=(("never-true", rule.id), ("never-recommended", action.id)),
            )

    def same_meaning(self) -> Iterator[Claim]:
        for action in self.rulebook.actions:
            for one, other in combinations(action.rules, 2):
                if _says_alike(one, other):
                    yield self._same_meaning(one, other)

    def _same_meaning(self, one: Rule, other: Rule) -> Claim:
        first, second = self.meaning.rules[one.id], self.meaning.rules[other.id]
        return Claim(
            code="same-meaning",
            about=other.id,
            entry=Entry("rule", other.id),
            says=f"les règles `{one.id}` et `{other.id}` sont vraies sur les mêmes territoires",
            wanted=False,
            against=z3.Xor(first, second),
            refuted_in=lambda plans: plans[0].inference.rules[one.id] is not plans[0].inference.rules[other.id],
            problem=_said(
                f"la règle `{other.id}` est vraie sur les mêmes territoires que `{one.id}`, avec le même effet",
                "gardez-en une, et réunissez leurs raisons et leurs points",
            ),
            facts=_facts(one.when, other.when),
            example=Example(every([first, second]), lambda plan: plan.inference.rules[other.id] is True),
            unless=tuple((code, rule.id) for code in ("never-true", "always-true") for rule in (one, other)),
        )

    # Actions

    def never_recommended(self) -> Iterator[Claim]:
        for action in self.rulebook.actions:
            yield Claim(
                code="never-recommended",
                about=action.id,
                entry=Entry("action", action.id),
                says=f"l’action `{action.id}` n’est jamais recommandée",
                wanted=False,
                against=self.meaning.statuses[action.id]["recommended"],
                refuted_in=lambda plans, action=action: plans[0].item(action.id).status == "recommended",
                problem=_said(
                    f"l’action `{action.id}` n’est recommandée à aucun territoire",
                    "ajoutez ou élargissez une règle `recommend`, ou resserrez ce qui l’écarte ou la fait attendre",
                ),
                facts=_facts(*(rule.when for rule in action.rules)),
                example=Example(
                    every([self.meaning.given.progress(action.id)["todo"], self._wanted(action)]),
                    lambda plan, action=action: plan.item(action.id).status in {"excluded", "deferred"},
                ),
            )

    def _wanted(self, action: Action) -> Formula:
        return some([self.meaning.rules[rule.id] for rule in action.rules if rule.effect == "recommend"])

    def always_recommended(self) -> Iterator[Claim]:
        for action in self.rulebook.actions:
            statuses, todo = self.meaning.statuses[action.id], self.meaning.given.progress(action.id)["todo"]
            yield Claim(
                code="always-recommended",
                about=action.id,
                entry=Entry("action", action.id),
                says=f"l’action `{action.id}` est recommandée à tout territoire qui ne l’a pas commencée",
                wanted=False,
                against=every([todo, no(statuses["recommended"])]),
                refuted_in=lambda plans, action=action: (
                    plans[0].item(action.id).status in {"deferred", "not_retained", "excluded"}
                ),
                problem=_said(
                    f"l’action `{action.id}` est recommandée à tout territoire qui ne l’a pas commencée",
                    "un conseil donné à tous ne distingue personne : dites quand il ne vaut pas",
                ),
                facts=_facts(*(rule.when for rule in action.rules if rule.effect == "recommend")),
                example=Example(
                    statuses["recommended"],
                    lambda plan, action=action: plan.item(action.id).status == "recommended",
                ),
            )

    def never_high(self) -> Iterator[Claim]:
        threshold = self.rulebook.guide.score.thresholds.high
        for action in self.rulebook.actions:
            recommended = self.meaning.statuses[action.id]["recommended"]
            yield Claim(
                code="never-high",
                about=action.id,
                entry=Entry("action", action.id),
                says=f"l’action `{action.id}` n’est jamais recommandée avec une priorité haute",
                wanted=False,
                against=every([recommended, self.meaning.reaches(action.id, threshold)]),
                refuted_in=lambda plans, action=action: _is_high(plans[0].item(action.id)),
                problem=lambda plan, action=action: _never_high_problem(plan, action, threshold),
                facts=_facts(*(rule.when for rule in action.rules if rule.has_points)),
                example=Example(
                    recommended,
                    lambda plan, action=action: plan.item(action.id).status == "recommended",
                    lambda plan, action=action: self.meaning.reaches(action.id, plan.item(action.id).score.total + 1),
                ),
                unless=(("never-recommended", action.id),),
            )

    # Questions and deductions

    def without_effect(self) -> Iterator[Claim]:
        """Ask of each question whether two answers to it, all others being the same, ever give two plans."""
        told = [*self.meaning.rules.values(), *self.meaning.criteria.values()]
        for fact in _facts_of_roles(self.rulebook):
            told += self.meaning.values(fact).values()
        for question in self.rulebook.questions:
            if self.meaning.given.possible[question.id].reading == "deduced":
                continue  # nobody answers it; `unreachable-value` speaks of its values
            pairs = self.meaning.given.otherwise(question.id)
            changed = [(one, z3.substitute(one, *pairs)) for one in told]
            differing = some([z3.Xor(one, other) for one, other in changed if not one.eq(other)])
            possible = every([z3.substitute(sound, *pairs) for sound in self.meaning.given.sound])
            yield Claim(
                code="question-without-effect",
                about=question.id,
                entry=Entry("question", question.id),
                says=f"aucune réponse à `{question.id}` ne change rien",
                wanted=False,
                against=every([differing, possible]),
                refuted_in=lambda plans: _told(plans[0]) != _told(plans[-1]),
                problem=_said(
                    f"aucune réponse à `{question.id}` ne change le plan d’aucun territoire",
                    "lisez-la dans une règle, ou retirez la question",
                ),
                question=question.id,
            )

    def unreachable_values(self) -> Iterator[Claim]:
        for deduction in self.rulebook.deductions:
            fact, outcomes = deduction.fact, (*deduction.values, deduction.otherwise)
            left = [self.meaning.applies[fact], no(self.meaning.given.answered(fact))]
            for place, outcome in enumerate(outcomes):
                before = [earlier.when for earlier in outcomes[: place + 1] if earlier.when is not None]
                yield Claim(
                    code="unreachable-value",
                    about=f"{fact}={outcome.value}",
                    entry=Entry("deduction", fact),
                    says=f"la déduction de `{fact}` ne donne jamais `{outcome.value}` par son cas n° {place + 1}",
                    wanted=False,
                    against=every([*left, self.meaning.outcomes[fact][place]]),
                    refuted_in=lambda plans, fact=fact, place=place: plans[0].inference.deduced.get(fact) == place,
                    problem=_said(
                        f"`{fact}` n’est jamais déduit à `{outcome.value}` (cas n° {place + 1})",
                        "un cas plus haut est toujours vrai avant lui, ou sa condition se contredit",
                    ),
                    facts=_facts(*before),
                )
            yield from self._never_given(fact, {outcome.value for outcome in outcomes})

    def _never_given(self, fact: str, given: set[str]) -> Iterator[Claim]:
        """Ask about the choices of a fact that is only deduced, and that its deduction does not name."""
        question = self.rulebook.vocabulary[fact]
        for value in question.values if question.ask is None else ():
            if value not in given:
                yield Claim(
                    code="unreachable-value",
                    about=f"{fact}={value}",
                    entry=Entry("question", fact),
                    says=f"`{fact}` ne vaut jamais `{value}`",
                    wanted=False,
                    against=self.meaning.values(fact).get(value, z3.BoolVal(val=False)),
                    refuted_in=lambda plans, value=value: plans[0].facts.get(fact) == value,
                    problem=_said(
                        f"`{fact}` ne vaut jamais `{value}` : la question n’est pas posée, et aucun cas ne le donne",
                        "ajoutez un cas à sa déduction, ou retirez ce choix",
                    ),
                )

    # Steps and stages

    def unreachable_steps(self) -> Iterator[Claim]:
        scenario = self.rulebook.guide.roles.scenario
        for stance in self.rulebook.guide.stances:
            here = self.meaning.values(scenario)[stance.scenario]
            for step in self.rulebook.guide.steps:
                actions = [action.id for action in self.rulebook.actions if action.step == step.id]
                recommended = some([self.meaning.statuses[action]["recommended"] for action in actions])
                yield Claim(
                    code="unreachable-step",
                    about=f"{stance.scenario}/{step.id}",
                    entry=Entry("guide", self.rulebook.guide.id),
                    says=f"dans le scénario `{stance.scenario}`, aucune action de l’étape `{step.id}` n’est recommandée",
                    wanted=False,
                    against=every([here, recommended]),
                    refuted_in=lambda plans, stance=stance, actions=actions: (
                        _in_scenario(plans[0], stance)
                        and any(plans[0].item(action).status == "recommended" for action in actions)
                    ),
                    problem=_said(
                        f"dans le scénario `{stance.scenario}`, aucune action de l’étape `{step.id}` n’est jamais"
                        " recommandée",
                        "le scénario n’atteint jamais cette étape du guide : donnez-lui une action qui lui convienne",
                    ),
                )

    def unreachable_stages(self) -> Iterator[Claim]:
        roles = self.rulebook.guide.roles
        for stance in self.rulebook.guide.stances:
            for stage in stance.stages:
                here = [
                    self.meaning.values(roles.scenario)[stance.scenario],
                    self.meaning.values(roles.stage)[stage.stage],
                ]
                ready = [
                    self.meaning.criteria[stance.scenario, stage.stage, place] for place in range(len(stage.ready_when))
                ]
                yield Claim(
                    code="unreachable-stage",
                    about=f"{stance.scenario}/{stage.stage}",
                    entry=Entry("guide", self.rulebook.guide.id),
                    says=f"dans le scénario `{stance.scenario}`, aucun territoire n’est prêt à quitter `{stage.stage}`",
                    wanted=False,
                    against=every([*here, *ready]),
                    refuted_in=lambda plans, stance=stance, name=stage.stage: _is_ready(plans[0], stance, name),
                    problem=_said(
                        f"dans le scénario `{stance.scenario}`, ce qui doit être vrai avant de quitter"
                        f" `{stage.stage}` ne l’est jamais à la fois",
                        "deux de ses critères (`ready_when`) se contredisent, ou l’un d’eux n’est jamais vrai",
                    ),
                    facts=_facts(*(criterion.when for criterion in stage.ready_when)),
                )

    # Whole plans

    def whole_plans(self) -> Iterator[Claim]:
        meaning, guide = self.meaning, self.rulebook.guide
        statuses = meaning.statuses.values()
        unbegun = every([meaning.given.progress(action)["todo"] for action in self.rulebook.by_id])
        idle = every([no(status["in_progress"]) for status in statuses])
        recommended = some([status["recommended"] for status in statuses])
        nothing_ready = every([no(meaning.is_ready(action)) for action in self.rulebook.by_id])
        entry = Entry("guide", guide.id)
        yield Claim(
            code="empty-plan",
            about=guide.id,
            entry=entry,
            says="tout territoire qui n’a encore rien commencé a au moins une action recommandée",
            wanted=True,
            against=every([unbegun, no(recommended)]),
            refuted_in=lambda plans: _unbegun(plans[0]) and not plans[0].with_status("recommended"),
            problem=_said(
                "un territoire qui n’a rien commencé, et qui a répondu à tout, a un plan vide",
                "recommandez-lui au moins une action ; son profil est le témoin",
            ),
        )
        yield Claim(
            code="empty-first-wave",
            about=guide.id,
            entry=entry,
            says="tout plan qui recommande une action en a une à lancer maintenant",
            wanted=True,
            against=every([some([meaning.is_to_launch(action) for action in self.rulebook.by_id]), nothing_ready]),
            refuted_in=lambda plans: bool(_to_launch(plans[0])) and not plans[0].now,
            problem=_waiting_problem,
        )
        yield Claim(
            code="no-decision",
            about=guide.id,
            entry=entry,
            says="tout territoire où des actions attendent a une décision à prendre, ou une action en cours",
            wanted=True,
            against=every([idle, some([status["deferred"] for status in statuses]), nothing_ready]),
            refuted_in=lambda plans: (
                bool(plans[0].with_status("deferred"))
                and not plans[0].with_status("in_progress")
                and not plans[0].decisions
            ),
            problem=_stuck_problem,
        )


# What plans say


def _recommends(plan: Plan, action: Action, rule: Rule) -> bool:
    return plan.inference.rules[rule.id] is True and plan.item(action.id).status == "recommended"


def _is_shadowed(plan: Plan, action: Action, rule: Rule) -> bool:
    return plan.inference.rules[rule.id] is True and plan.item(action.id).status in {"excluded", "deferred"}


def _is_high(item: Item) -> bool:
    return item.status == "recommended" and item.priority == "high"


def _in_scenario(plan: Plan, stance: Stance) -> bool:
    return plan.situation.stance is not None and plan.situation.stance.scenario == stance.scenario


def _is_ready(plan: Plan, stance: Stance, stage: str) -> bool:
    situation = plan.situation
    at = _in_scenario(plan, stance) and situation.stage is not None and situation.stage.stage == stage
    return at and all(verdict for _, verdict in situation.criteria)


def _to_launch(plan: Plan) -> list[Item]:
    return [item for item in plan.ranked if item.status == "recommended"]


def _unbegun(plan: Plan) -> bool:
    return all(item.progress == "todo" for item in plan.items)


def _facts_of_roles(rulebook: Rulebook) -> list[str]:
    """Return the facts that every plan shows or counts with, whatever the rules say."""
    roles = rulebook.guide.roles
    return list(dict.fromkeys([roles.scenario, roles.stage, roles.maturity, roles.capacity.question]))


def _told(plan: Plan) -> tuple[object, ...]:
    """Return all that answers can change in a plan."""
    facts = [plan.facts.get(fact) for fact in _facts_of_roles(plan.rulebook)]
    return dict(plan.inference.rules), dict(plan.inference.criteria), facts


# What is said of findings


def _says_alike(one: Rule, other: Rule) -> bool:
    """Say whether two rules of an action say the same wherever both are true."""
    if one.effect != other.effect:
        return False
    return one.effect in _WHOLLY_SAID or (one.because, one.how) == (other.because, other.how)


def _shadowed_problem(plan: Plan | None, action: Action, rule: Rule) -> tuple[str, str]:
    blocking: Iterable[str] = ()
    if plan is not None:
        item = plan.item(action.id)
        effect: Effect = "exclude" if item.status == "excluded" else "defer"
        blocking = [f"`{reason.rule.id}`" for reason in plan.true_reasons(item, effect)]
        blocking += [f"le prérequis `{needed.action}`" for needed in item.requires if needed.state == "deferred"]
    by = f" (sur le témoin, à cause de : {', '.join(blocking)})" if blocking else ""
    message = f"là où la règle `{rule.id}` est vraie, l’action est toujours commencée, écartée ou à préparer{by}"
    return message, "elle ne recommande jamais rien : resserrez ce qui la masque, ou retirez-la"


def _never_high_problem(plan: Plan | None, action: Action, threshold: int) -> tuple[str, str]:
    best = f" : son meilleur total est {plan.item(action.id).score.total}" if plan is not None else ""
    message = f"l’action `{action.id}` n’a jamais de priorité haute, qui commence à {threshold}{best}"
    return message, "donnez plus de points à ce qui la rend utile, si elle peut l’être plus que d’autres"


def _waiting_problem(plan: Plan | None) -> tuple[str, str]:
    waiting = [] if plan is None else [f"`{item.id}`" for item in _to_launch(plan)]
    message = f"un territoire a des actions recommandées ({', '.join(waiting)}), et aucune à lancer maintenant"
    return message, "elles attendent toutes un prérequis en cours : allégez un `requires`, ou acceptez cette attente"


def _stuck_problem(plan: Plan | None) -> tuple[str, str]:
    waiting = [] if plan is None else [f"`{item.id}`" for item in plan.with_status("deferred")]
    message = f"un territoire n’a aucune décision à prendre, et des actions y attendent ({', '.join(waiting)})"
    return message, "rien n’y lève leur obstacle : recommandez ce qui le lèverait"
