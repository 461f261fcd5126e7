"""What is asked of a rulebook: statements about every complete territory, each with what would refute it.

A statement is refuted in two manners that must agree: by a formula, which z3 tries to make true, and by the plan that
an engine makes of the territory that was found. Of some statements their author wants to hear that they hold, as of
"no plan is empty"; of most, that they do not, as of "this rule is never true".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import z3

from conseil.authoring.verification.territories import Formula, Meaning, every, no, some
from conseil.conditions import ALWAYS, Condition, leaves
from conseil.plan import Item, Plan
from conseil.rulebook import Action, Deduction, Effect, Entry, Outcome, Rule, Rulebook, Stage, Stance

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

    formula: Formula = field(repr=False)  # to print a formula takes minutes
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
    against: Formula = field(repr=False)  # to print a formula takes minutes
    refuted_in: Callable[[Plans], bool]
    problem: Callable[[Plan | None], tuple[str, str]]
    facts: tuple[str, ...] = ()
    question: str | None = None
    example: Example | None = None
    unless: tuple[tuple[str, str], ...] = ()


def claims(meaning: Meaning) -> list[Claim]:
    """Return every claim on a rulebook."""
    asked, rulebook = _Asked(meaning), meaning.rulebook
    rules = list(rulebook.rules.values())
    owned = [(action, rule) for action in rulebook.actions for rule in action.rules]
    pairs = [pair for action in rulebook.actions for pair in combinations(action.rules, 2)]
    # nobody answers what is only deduced; `unreachable-value` speaks of its values
    answered = [name for name, possible in meaning.given.possible.items() if possible.reading != "deduced"]
    stances = rulebook.guide.stances
    return [
        *(asked.never_true(rule) for rule in rules),
        *(asked.always_true(rule) for rule in rules if rule.when != ALWAYS),
        *(asked.shadowed(action, rule) for action, rule in owned if rule.effect == "recommend"),
        *(asked.never_recommended(action) for action in rulebook.actions),
        *(asked.never_high(action) for action in rulebook.actions),
        *(asked.always_recommended(action) for action in rulebook.actions),
        *(asked.same_meaning(one, other) for one, other in pairs if _says_alike(one, other)),
        *(asked.without_effect(question) for question in answered),
        *(claim for deduction in rulebook.deductions for claim in asked.unreachable_values(deduction)),
        *(asked.unreachable_step(stance, step.id) for stance in stances for step in rulebook.guide.steps),
        *(asked.unreachable_stage(stance, stage) for stance in stances for stage in stance.stages),
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

    # Rules

    def never_true(self, rule: Rule) -> Claim:
        return Claim(
            code="never-true",
            about=rule.id,
            entry=Entry("rule", rule.id),
            says=f"la règle `{rule.id}` n’est jamais vraie",
            wanted=False,
            against=self.meaning.rules[rule.id],
            refuted_in=lambda plans: plans[0].inference.rules[rule.id] is True,
            problem=_said(
                f"la règle `{rule.id}` n’est vraie sur aucun territoire",
                "sa condition se contredit, ou contredit les questions : corrigez-la, ou retirez la règle",
            ),
        )

    def always_true(self, rule: Rule) -> Claim:
        holds = self.meaning.rules[rule.id]
        return Claim(
            code="always-true",
            about=rule.id,
            entry=Entry("rule", rule.id),
            says=f"la règle `{rule.id}` est toujours vraie",
            wanted=False,
            against=no(holds),
            refuted_in=lambda plans: plans[0].inference.rules[rule.id] is False,
            problem=_said(
                f"la règle `{rule.id}` est vraie sur tous les territoires",
                "écrivez `when: always` si c’est voulu ; sinon, resserrez sa condition",
            ),
            facts=_facts(rule.when),
            example=Example(holds, lambda plan: plan.inference.rules[rule.id] is True),
        )

    def shadowed(self, action: Action, rule: Rule) -> Claim:
        holds, statuses = self.meaning.rules[rule.id], self.meaning.statuses[action.id]
        blocking = [other for other in action.rules if other.effect in {"exclude", "defer"}]
        return Claim(
            code="shadowed-recommend",
            about=rule.id,
            entry=Entry("rule", rule.id),
            says=f"là où la règle `{rule.id}` est vraie, l’action n’est jamais recommandée",
            wanted=False,
            against=every([holds, statuses["recommended"]]),
            refuted_in=lambda plans: _recommends(plans[0], action, rule),
            problem=lambda plan: _shadowed_problem(plan, action, rule),
            facts=_facts(rule.when, *(other.when for other in blocking)),
            example=Example(
                every([holds, some([statuses["excluded"], statuses["deferred"]])]),
                lambda plan: _is_shadowed(plan, action, rule),
            ),
            unless=(("never-true", rule.id), ("never-recommended", action.id)),
        )

    def same_meaning(self, one: Rule, other: Rule) -> Claim:
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

    def never_recommended(self, action: Action) -> Claim:
        return Claim(
            code="never-recommended",
            about=action.id,
            entry=Entry("action", action.id),
            says=f"l’action `{action.id}` n’est jamais recommandée",
            wanted=False,
            against=self.meaning.statuses[action.id]["recommended"],
            refuted_in=lambda plans: plans[0].item(action.id).status == "recommended",
            problem=_said(
                f"l’action `{action.id}` n’est recommandée à aucun territoire",
                "ajoutez ou élargissez une règle `recommend`, ou resserrez ce qui l’écarte ou la fait attendre",
            ),
            facts=_facts(*(rule.when for rule in action.rules)),
            example=Example(
                every([self.meaning.given.progress(action.id)["todo"], self._wanted(action)]),
                lambda plan: plan.item(action.id).status in {"excluded", "deferred"},
            ),
        )

    def _wanted(self, action: Action) -> Formula:
        return some([self.meaning.rules[rule.id] for rule in action.rules if rule.effect == "recommend"])

    def always_recommended(self, action: Action) -> Claim:
        statuses, todo = self.meaning.statuses[action.id], self.meaning.given.progress(action.id)["todo"]
        return Claim(
            code="always-recommended",
            about=action.id,
            entry=Entry("action", action.id),
            says=f"l’action `{action.id}` est recommandée à tout territoire qui ne l’a pas commencée",
            wanted=False,
            against=every([todo, no(statuses["recommended"])]),
            refuted_in=lambda plans: plans[0].item(action.id).status in {"deferred", "not_retained", "excluded"},
            problem=_said(
                f"l’action `{action.id}` est recommandée à tout territoire qui ne l’a pas commencée",
                "un conseil donné à tous ne distingue personne : dites quand il ne vaut pas",
            ),
            facts=_facts(*(rule.when for rule in action.rules if rule.effect == "recommend")),
            example=Example(
                statuses["recommended"],
                lambda plan: plan.item(action.id).status == "recommended",
            ),
        )

    def never_high(self, action: Action) -> Claim:
        threshold = self.rulebook.guide.score.thresholds.high
        recommended = self.meaning.statuses[action.id]["recommended"]
        return Claim(
            code="never-high",
            about=action.id,
            entry=Entry("action", action.id),
            says=f"l’action `{action.id}` n’est jamais recommandée avec une priorité haute",
            wanted=False,
            against=every([recommended, self.meaning.reaches(action.id, threshold)]),
            refuted_in=lambda plans: _is_high(plans[0].item(action.id)),
            problem=lambda plan: _never_high_problem(plan, action, threshold),
            facts=_facts(*(rule.when for rule in action.rules if rule.has_points)),
            example=Example(
                recommended,
                lambda plan: plan.item(action.id).status == "recommended",
                lambda plan: self.meaning.reaches(action.id, plan.item(action.id).score.total + 1),
            ),
            unless=(("never-recommended", action.id),),
        )

    # Questions and deductions

    @cached_property
    def _told(self) -> list[Formula]:
        """All that answers can change in a plan."""
        found = [*self.meaning.rules.values(), *self.meaning.criteria.values()]
        for fact in _facts_of_roles(self.rulebook):
            found += self.meaning.values(fact).values()
        return found

    def without_effect(self, question: str) -> Claim:
        """Ask whether two answers to a question, all others being the same, ever give two plans."""
        pairs = self.meaning.given.otherwise(question)
        changed = [(one, z3.substitute(one, *pairs)) for one in self._told]
        differing = some([z3.Xor(one, other) for one, other in changed if not one.eq(other)])
        possible = every([z3.substitute(sound, *pairs) for sound in self.meaning.given.sound])
        return Claim(
            code="question-without-effect",
            about=question,
            entry=Entry("question", question),
            says=f"aucune réponse à `{question}` ne change rien",
            wanted=False,
            against=every([differing, possible]),
            refuted_in=lambda plans: _told(plans[0]) != _told(plans[-1]),
            problem=_said(
                f"aucune réponse à `{question}` ne change le plan d’aucun territoire",
                "lisez-la dans une règle, ou retirez la question",
            ),
            question=question,
        )

    def unreachable_values(self, deduction: Deduction) -> Iterator[Claim]:
        outcomes = (*deduction.values, deduction.otherwise)
        for place, outcome in enumerate(outcomes):
            before = [earlier.when for earlier in outcomes[: place + 1] if earlier.when is not None]
            yield self._unreachable_outcome(deduction.fact, place, outcome, before)
        question = self.rulebook.vocabulary[deduction.fact]
        given = {outcome.value for outcome in outcomes}
        for value in question.values if question.ask is None else ():
            if value not in given:
                yield self._unreachable_choice(question.id, value)

    def _unreachable_outcome(self, fact: str, place: int, outcome: Outcome, tests: list[Condition]) -> Claim:
        left = [self.meaning.applies[fact], no(self.meaning.given.answered(fact))]
        return Claim(
            code="unreachable-value",
            about=f"{fact}={outcome.value}",
            entry=Entry("deduction", fact),
            says=f"la déduction de `{fact}` ne donne jamais `{outcome.value}` par son cas n° {place + 1}",
            wanted=False,
            against=every([*left, self.meaning.outcomes[fact][place]]),
            refuted_in=lambda plans: plans[0].inference.deduced.get(fact) == place,
            problem=_said(
                f"`{fact}` n’est jamais déduit à `{outcome.value}` (cas n° {place + 1})",
                "un cas plus haut est toujours vrai avant lui, ou sa condition se contredit",
            ),
            facts=_facts(*tests),
        )

    def _unreachable_choice(self, fact: str, value: str) -> Claim:
        """Ask about a choice of a fact that is only deduced, which its deduction does not name."""
        return Claim(
            code="unreachable-value",
            about=f"{fact}={value}",
            entry=Entry("question", fact),
            says=f"`{fact}` ne vaut jamais `{value}`",
            wanted=False,
            against=self.meaning.values(fact).get(value, z3.BoolVal(val=False)),
            refuted_in=lambda plans: plans[0].facts.get(fact) == value,
            problem=_said(
                f"`{fact}` ne vaut jamais `{value}` : la question n’est pas posée, et aucun cas ne le donne",
                "ajoutez un cas à sa déduction, ou retirez ce choix",
            ),
        )

    # Steps and stages

    def unreachable_step(self, stance: Stance, step: str) -> Claim:
        scenario = stance.scenario
        actions = [action.id for action in self.rulebook.actions if action.step == step]
        recommended = some([self.meaning.statuses[action]["recommended"] for action in actions])
        says = f"dans le scénario `{scenario}`, aucune action de l’étape `{step}` n’est jamais recommandée"
        return Claim(
            code="unreachable-step",
            about=f"{scenario}/{step}",
            entry=Entry("guide", self.rulebook.guide.id),
            says=says,
            wanted=False,
            against=every([self._in_scenario(scenario), recommended]),
            refuted_in=lambda plans: (
                _in_scenario(plans[0], scenario)
                and any(plans[0].item(action).status == "recommended" for action in actions)
            ),
            problem=_said(
                says, "le scénario n’atteint jamais cette étape du guide : donnez-lui une action qui lui convienne"
            ),
        )

    def unreachable_stage(self, stance: Stance, stage: Stage) -> Claim:
        scenario, name = stance.scenario, stage.stage
        at = self.meaning.values(self.rulebook.guide.roles.stage)[name]
        ready = [self.meaning.criteria[scenario, name, place] for place in range(len(stage.ready_when))]
        return Claim(
            code="unreachable-stage",
            about=f"{scenario}/{name}",
            entry=Entry("guide", self.rulebook.guide.id),
            says=f"dans le scénario `{scenario}`, aucun territoire n’est prêt à quitter l’étape `{name}`",
            wanted=False,
            against=every([self._in_scenario(scenario), at, *ready]),
            refuted_in=lambda plans: _is_ready_to_leave(plans[0], scenario, name),
            problem=_said(
                f"dans le scénario `{scenario}`, ce qui doit être vrai avant de quitter `{name}` ne l’est jamais à la"
                " fois",
                "deux de ses critères (`ready_when`) se contredisent, ou l’un d’eux n’est jamais vrai",
            ),
            facts=_facts(*(criterion.when for criterion in stage.ready_when)),
        )

    def _in_scenario(self, scenario: str) -> Formula:
        return self.meaning.values(self.rulebook.guide.roles.scenario)[scenario]

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


def _in_scenario(plan: Plan, scenario: str) -> bool:
    return plan.situation.stance is not None and plan.situation.stance.scenario == scenario


def _is_ready_to_leave(plan: Plan, scenario: str, stage: str) -> bool:
    situation = plan.situation
    at = _in_scenario(plan, scenario) and situation.stage is not None and situation.stage.stage == stage
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
