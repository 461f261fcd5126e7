"""Comparisons, robustness and evolutions as a reader meets them, laid out like a plan: see `outline`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from conseil.comparison import Cause, Comparison, Difference, DifferenceKind, Flip, Standing, Variant
from conseil.conditions import PROGRESS, FactValue, Verdict
from conseil.evolution import Evolution, Moved, Outcome, Since, Turn
from conseil.plan import LIVE, Plan, points_of
from conseil.rendering.outline import Entry, Line, Outline, Section, Table, say
from conseil.rendering.typography import typographic
from conseil.robustness import FIRST, WEIGHTS, Crossing, Fate, Member, Robustness, Sensitivity
from conseil.rulebook import Effect, Rule, Rulebook
from conseil.rulebook.model import Weights
from conseil.sentences import PRIORITIES, STATUSES, answer_words, fact_named, listed, notice_sentence

__all__ = ["comparison_outline", "evolution_outline", "robustness_outline"]

_MOST_ANSWERS = 5
"""How many answers of a cause are named; JSON has them all."""

_SECTIONS: dict[DifferenceKind, str] = {
    "added": "en plus",
    "removed": "en moins",
    "reprioritised": "autre priorité",
    "other": "autre statut",
    "reranked": "autre rang",
}

_LABELS: dict[tuple[Effect, Verdict], str] = {
    ("recommend", True): "La recommande",
    ("recommend", False): "Ne la recommande pas",
    ("recommend", None): "La recommande peut-être",
    ("defer", True): "La retarde",
    ("defer", False): "Ne la retarde pas",
    ("defer", None): "La retarde peut-être",
    ("exclude", True): "L’écarte",
    ("exclude", False): "Ne l’écarte pas",
    ("exclude", None): "L’écarte peut-être",
}
"""What a rule does to the status of its action, by its verdict."""

_COUNTS: dict[Verdict, str] = {True: "Compte", False: "Ne compte pas", None: "Compte peut-être"}


def _outline(title: str, rulebook: Rulebook, sections: Iterable[Section]) -> Outline:
    guide = rulebook.guide
    subtitle = f"D’après le guide « {guide.title} » ({guide.publisher}), règles {guide.version}"
    kept = (section for section in sections if section.lines or section.entries or section.table)
    return Outline(typographic(title), typographic(subtitle), tuple(kept))


def _titled(rulebook: Rulebook, action: str) -> str:
    return f"« {rulebook.by_id[action].title} »"


def _weights_line(plan: Plan, own: Weights | None) -> Iterator[Line]:
    """Say that the weights are not those of the rules, where they are not."""
    used = plan.rulebook.guide.score.weights
    if own is not None and own != used:
        yield say(
            "Poids",
            f"impact {used.impact} %, faisabilité {used.feasibility} %. Vous les avez choisis : ce ne sont pas ceux "
            f"des règles du guide ({own.impact} % et {own.feasibility} %).",
        )


# A comparison


def comparison_outline(comparison: Comparison, own: Weights | None = None) -> Outline:
    """Write a comparison down in sections.

    Args:
        comparison: the comparison.
        own: the weights of the rules, where the plans were made with others.
    """
    first, *others = comparison.variants
    written = [_Written(comparison, other, chr(ord("A") + place)) for place, other in enumerate(others, start=1)]
    sections = [Section("Ce que l’on compare", tuple(_variants(comparison, written, own))), _shared(comparison)]
    sections += [section for one in written for section in one.sections()]
    names = listed(variant.name for variant in comparison.variants)
    title = first.plan.profile.name if all(one.same_territory for one in written) else names
    return _outline(f"Comparaison : {title}", comparison.rulebook, [*sections, _everything(comparison)])


def _variants(comparison: Comparison, written: Sequence[_Written], own: Weights | None) -> Iterator[Line]:
    first = comparison.variants[0]
    yield say("A", f"{first.name}, à quoi les autres sont comparées." if len(written) > 1 else f"{first.name}.")
    for one in written:
        yield say(one.code, f"{one.variant.name}. {one.gap()}")
    weights = {variant.plan.rulebook.guide.score.weights.impact for variant in comparison.variants}
    for variant in comparison.variants[-1:] if len(weights) > 1 else comparison.variants[:1]:
        yield from _weights_line(variant.plan, own)
    found = [notice for variant in comparison.variants for notice in _notices(variant)]
    for sentence in dict.fromkeys(found):
        codes = [
            chr(ord("A") + place)
            for place, variant in enumerate(comparison.variants)
            if sentence in _notices(variant)
        ]
        yield say("À savoir" if len(codes) == len(comparison.variants) else f"À savoir, en {listed(codes)}", sentence)
    if not all(difference.smallest for difference in comparison.differences):
        yield say(
            "À savoir",
            "Quand une différence tient à plus de deux réponses, l’ensemble donné en est un dont aucune réponse "
            "n’est de trop ; il peut en exister un plus petit.",
        )


def _notices(variant: Variant) -> list[str]:
    return [notice_sentence(variant.plan, notice) for notice in variant.plan.notices]


def _shared(comparison: Comparison) -> Section:
    rulebook, count = comparison.rulebook, len(comparison.variants)
    everywhere = "dans les deux cas" if count == 2 else f"dans les {count} cas"  # noqa: PLR2004 - two is "both"
    if not comparison.shared:
        return Section("Sans regret", (say("", f"Aucune action n’est recommandée {everywhere}."),))
    intro = f"Recommandées ou en cours {everywhere}, dans l’ordre de A : on peut s’y engager sans attendre de trancher."
    entries = tuple(_named_entry(rulebook, action) for action in comparison.shared)
    return Section("Sans regret", (say("", intro),), entries)


def _named_entry(rulebook: Rulebook, action: str) -> Entry:
    return Entry(None, typographic(rulebook.by_id[action].title), (), ())


def _everything(comparison: Comparison) -> Section:
    codes = [chr(ord("A") + place) for place in range(len(comparison.variants))]
    rows = tuple(
        ((typographic(action.title),), *(_cell(standing) for standing in comparison.standings(action.id)))
        for action in comparison.rulebook.actions
    )
    legend = "« haute 3 v1 » se lit : priorité haute, rang 3, vague 1. L’étoile marque ce qui est à lancer maintenant."
    return Section("Toutes les actions", (say("", legend),), (), Table(("Action", *codes), rows))


def _cell(standing: Standing) -> tuple[str, ...]:
    status = STATUSES[standing.status]
    if standing.status in LIVE and standing.rank is None:
        return status, "avec sa jumelle"
    if standing.status in LIVE:
        star = "*" if standing.now else ""
        return status, f"{PRIORITIES[standing.priority]} {standing.rank} v{standing.wave}{star}"
    return (status, PRIORITIES[standing.priority]) if standing.status in {"to_confirm", "deferred"} else (status,)


class _Written:
    """What a variant changes, in sentences; `code` is its letter."""

    def __init__(self, comparison: Comparison, variant: Variant, code: str) -> None:
        self.variant, self.code = variant, code
        self._base, self._rulebook = comparison.variants[0], comparison.rulebook
        self._found = [found for found in comparison.differences if found.variant == variant.name]
        profiles = self._base.plan.profile, variant.plan.profile
        self.same_territory = (profiles[0].name, profiles[0].territory) == (profiles[1].name, profiles[1].territory)

    def gap(self) -> str:
        """Say by which answers the variant differs, where they are few."""
        plans = self._base.plan, self.variant.plan
        facts = [{**plan.known.given, **_progress(plan)} for plan in plans]
        both = self._rulebook.vocabulary.ordered({**facts[0], **facts[1]})
        names = [fact for fact in both if facts[0].get(fact) != facts[1].get(fact)]
        if not names:
            weights = self.variant.plan.rulebook.guide.score.weights
            same = plans[0].rulebook.guide.score.weights == weights
            return "Mêmes réponses qu’en A." if same else "Mêmes réponses, autres poids."
        if len(names) > _MOST_ANSWERS:
            return f"{len(names)} réponses diffèrent de A."
        pairs = {fact: (plans[0].facts.get(fact), plans[1].facts.get(fact)) for fact in names}
        said = " ; ".join(self._answer(fact, *pair) for fact, pair in pairs.items())
        return f"{said[:1].upper()}{said[1:]}."

    def sections(self) -> Iterator[Section]:
        """Write one section for each kind of difference."""
        if not self._found:
            yield Section(f"{self.code} : aucune différence", (say("", "Chaque action a la même place qu’en A."),))
        for kind, title in _SECTIONS.items():
            found = [difference for difference in self._found if difference.kind == kind]
            count = f"{len(found)} action{'s' if len(found) > 1 else ''} "
            entries = tuple(self._entry(difference) for difference in found)
            yield Section(typographic(f"{self.code} : {count}{'à ' if 'autre' in title else ''}{title}"), (), entries)

    def _entry(self, difference: Difference) -> Entry:
        title = self._rulebook.by_id[difference.action].title
        return Entry(None, typographic(title), tuple(map(typographic, _marks(difference))), self._lines(difference))

    def _lines(self, difference: Difference) -> tuple[Line, ...]:
        if not difference.causes:
            weights = self.variant.plan.rulebook.guide.score.weights
            return (
                say("", f"Parce que les poids changent : impact {weights.impact} %, faisabilité {weights.feasibility} %."),
            )
        lines: list[Line] = []
        for place, cause in enumerate(difference.causes):
            lines.append(say("", self._because(cause, again=place > 0)))
            lines += [line for line in self._rules(difference, cause) if line not in lines]
        return tuple([*lines, *self._twin(difference)])

    def _because(self, cause: Cause, *, again: bool) -> str:
        start = "Ou bien parce que" if again else "Parce que"
        if cause.follows:
            start = "Ou bien" if again else "Elle ne fait que suivre les autres actions, qui bougent parce que"
        answers = [self._answer(fact, *pair) for fact, pair in cause.answers.items()]
        if len(answers) == 1:
            return f"{start} {answers[0]}."
        if len(answers) > _MOST_ANSWERS:
            rest = len(answers) - _MOST_ANSWERS
            named = " ; ".join(answers[:_MOST_ANSWERS])
            return f"{start} {len(answers)} réponses changent ensemble, dont : {named} ; et {rest} autre{'s' * (rest > 1)}."
        return f"{start}, ensemble : {' ; '.join(answers)}."

    def _answer(self, fact: str, before: FactValue | None, after: FactValue | None) -> str:
        """Say how one answer differs: as a change of one territory, or between two."""
        name = fact_named(self._rulebook, fact)
        was, now = (answer_words(self._rulebook, fact, value) for value in (before, after))
        if self.same_territory:
            return f"{name} devient : {now} (ici : {was})"
        return f"{name} est en {self.code} : {now} (en A : {was})"

    def _rules(self, difference: Difference, cause: Cause) -> Iterator[Line]:
        for needed in cause.prerequisites:
            before, after = (plan.item(needed).status for plan in (self._base.plan, self.variant.plan))
            moved = "" if before == after else f" ({STATUSES[before]} en A, {STATUSES[after]} en {self.code})"
            yield say("Elle suppose", f"{_titled(self._rulebook, needed)}{moved}.")
        for flip in cause.flips:
            yield self._rule(difference, flip)
        if cause.capacity:
            before, after = cause.capacity
            yield say("", f"La première vague peut compter {after} actions à la fois (en A : {before}).")

    def _rule(self, difference: Difference, flip: Flip) -> Line:
        action = flip.rule.id.partition(".")[0]
        points = difference.kind in {"reprioritised", "reranked"} and action == difference.action
        label = _COUNTS[flip.after] if points else _LABELS[flip.rule.effect, flip.after]
        where = f"{label}, en {self.code}"
        if points:
            where += f" ({_points(flip.rule, self._rulebook)})"
        if action != difference.action:
            where = f"{_titled(self._rulebook, action)} : {where[:1].lower()}{where[1:]}"
        return say(typographic(where), flip.rule.because, flip.rule.authority, flip.rule.source)

    def _twin(self, difference: Difference) -> Iterator[Line]:
        lead = self.variant.plan.item(difference.action).lead
        if lead is not None and difference.after.status in LIVE:
            yield say("", f"Elle va alors de pair avec {_titled(self._rulebook, lead)}, sous laquelle elle se range.")


def _progress(plan: Plan) -> dict[str, FactValue]:
    return {PROGRESS + action: state for action, state in plan.known.progress.items()}


def _points(rule: Rule, rulebook: Rulebook) -> str:
    worth = {"impact": points_of(rule.points.impact, rulebook), "faisabilité": points_of(rule.points.feasibility, rulebook)}
    return ", ".join(f"{axis} {'+' if points > 0 else '−'}{abs(points)}" for axis, points in worth.items() if points)


def _marks(difference: Difference) -> Iterator[str]:
    before, after = difference.before, difference.after
    if difference.kind == "reranked":
        yield from _moves(before, after)
    elif difference.kind == "reprioritised":
        yield f"priorité {PRIORITIES[before.priority]} → {PRIORITIES[after.priority]}"
    else:
        yield f"{STATUSES[before.status]} → {STATUSES[after.status]}"
        if after.status in LIVE:
            yield f"priorité {PRIORITIES[after.priority]}"
            if after.rank is not None:
                yield f"rang {after.rank}"


def _moves(before: Standing, after: Standing) -> Iterator[str]:
    listed_apart = " (parmi les actions à confirmer)" if after.status == "to_confirm" else ""
    if before.rank != after.rank:
        yield f"rang {before.rank or 'de sa jumelle'} → {after.rank or 'de sa jumelle'}{listed_apart}"
    if before.wave != after.wave and before.wave and after.wave:
        yield f"vague {before.wave} → {after.wave}"
    if before.now != after.now:
        yield "à lancer maintenant → ensuite" if before.now else "ensuite → à lancer maintenant"


# Robustness

_FATES: dict[Fate, tuple[str, str]] = {
    "stays": ("Restent parmi les premières", "quelles que soient les réponses qui manquent"),
    "may_leave": ("Peuvent en sortir", "voici des réponses qui les en font sortir, et dont aucune n’est de trop"),
    "undecided": ("Non décidé", "ni preuve qu’elles restent, ni réponses trouvées qui les fassent sortir"),
}


def robustness_outline(robustness: Robustness, own: Weights | None = None) -> Outline:
    """Write down what would hold of a plan's first actions.

    Args:
        robustness: what would hold.
        own: the weights of the rules, where the plan was made with others.
    """
    plan = robustness.plan
    sections = [
        Section("En bref", tuple(_in_short(robustness, own))),
        *(_fate(robustness, fate) for fate in _FATES),
        _unknowns(robustness),
        _crossings(robustness),
    ]
    return _outline(f"Solidité du plan : {plan.profile.name}", plan.rulebook, sections)


def _in_short(robustness: Robustness, own: Weights | None) -> Iterator[Line]:
    plan, members = robustness.plan, robustness.members
    yield from _weights_line(plan, own)
    if not members:
        yield say("", "Aucune action n’est encore recommandée ni en cours : il n’y a rien à éprouver.")
        return
    unknown, first = len(plan.unknown), _first(robustness)
    if not unknown:
        yield say("", f"Toutes les questions ont leur réponse : rien ne peut faire sortir {first}.")
    else:
        counts = {fate: sum(member.fate == fate for member in members) for fate in _FATES}
        words: dict[Fate, str] = {"stays": "restent", "may_leave": "peuvent en sortir", "undecided": "non décidé"}
        said = ", ".join(f"{words[fate]} : {count}" for fate, count in counts.items() if count)
        asked = f"aux {unknown} questions" if unknown > 1 else "à la question"
        yield say("", f"Quelles que soient les réponses {asked} qui en manque{'nt' * (unknown > 1)}, parmi {first} : {said}.")
    if any(item.progress == "unknown" for item in plan.items):
        yield say("", "L’avancement des actions est pris comme il est connu aujourd’hui.")
    holding = [member for member in members if len(member.weights) == len(WEIGHTS)]
    weights = f"quel que soit le poids de l’impact, de {WEIGHTS[0]} à {WEIGHTS[-1]} %"
    yield say("", f"{len(holding)} sur {len(members)} restent {weights} (la faisabilité a le reste).")
    if robustness.unknowns and robustness.unknowns[0].changed:
        yield say("La question qui compte le plus", _sensitivity(robustness, robustness.unknowns[0]))


def _first(robustness: Robustness) -> str:
    count = len(robustness.members)
    if count < FIRST:
        return f"les {count} actions recommandées ou en cours" if count > 1 else "la seule action recommandée ou en cours"
    return f"les {count} premières actions"


def _fate(robustness: Robustness, fate: Fate) -> Section:
    title, why = _FATES[fate]
    members = [member for member in robustness.members if member.fate == fate]
    intro = (say("", f"{why[:1].upper()}{why[1:]}."),) if members and robustness.plan.unknown else ()
    return Section(title, intro if members else (), tuple(_member(robustness, member) for member in members))


def _member(robustness: Robustness, member: Member) -> Entry:
    item = robustness.plan.item(member.action)
    lines = []
    if member.witness:
        said = " ; ".join(_supposed(robustness.plan, fact, value) for fact, value in member.witness.items())
        lines.append(say("Sort si, ensemble" if len(member.witness) > 1 else "Sort si", f"{said}."))
    if len(member.weights) < len(WEIGHTS):
        lines.append(say("Poids", f"elle en est si l’impact pèse {_ranges(member.weights)}."))
    return Entry(item.rank, typographic(item.action.title), (), tuple(lines))


def _ranges(weights: Sequence[int]) -> str:
    """Say which whole percentages these are.

    >>> _ranges([30, 31, 32, 40, 78, 79, 80])
    'de 30 à 32 %, 40 % ou de 78 à 80 %'
    """
    runs = [[weight for _, weight in run] for _, run in groupby(enumerate(weights), lambda pair: pair[1] - pair[0])]
    return listed((f"de {run[0]} à {run[-1]} %" if len(run) > 1 else f"{run[0]} %" for run in runs), "ou")


def _supposed(plan: Plan, fact: str, value: FactValue) -> str:
    name = fact_named(plan.rulebook, fact)
    here = plan.facts.get(fact)
    deduced = f" (déduit aujourd’hui : {answer_words(plan.rulebook, fact, here)})" if here is not None else ""
    return f"{name} est : {answer_words(plan.rulebook, fact, value)}{deduced}"


def _sensitivity(robustness: Robustness, found: Sensitivity) -> str:
    out, into = len(found.leaves), len(found.enters)
    first = f"des {FIRST} premières" if len(robustness.members) == FIRST else "de la liste"
    among = f"parmi les {FIRST} premières" if len(robustness.members) == FIRST else "dans la liste"
    said = [f"{out} action{'s sortent' if out > 1 else ' sort'} {first}"] if out else []
    if into:
        entering = f"{into} action{'s entrent' if into > 1 else ' entre'} {among}"
        said.append(f"{into} y entre{'nt' * (into > 1)}" if out else entering)
    return f"si {_supposed(robustness.plan, found.question, found.value)}, {' et '.join(said)}."


def _unknowns(robustness: Robustness) -> Section:
    moving = [found for found in robustness.unknowns if found.changed]
    still = [found for found in robustness.unknowns if not found.changed]
    lines = [say("", f"À elle seule, {_sensitivity(robustness, found)}") for found in moving]
    if still:
        named = listed(fact_named(robustness.plan.rulebook, found.question) for found in still)
        lines.append(say("Sans effet à elle seule" if len(still) == 1 else "Sans effet à elles seules", f"{named}."))
    return Section("Les questions sans réponse, de la plus décisive à la moins décisive", tuple(lines))


def _crossings(robustness: Robustness) -> Section:
    lines = [
        say(typographic(_percent(weight)), " ; ".join(_crossing(robustness, found) for found in crossings) + ".")
        for weight, crossings in groupby(robustness.crossings, key=lambda crossing: crossing.weight)
    ]
    intro = [say("", "Quand l’impact pèse davantage que ce poids :")] if lines else []
    return Section("Où l’ordre change, selon le poids de l’impact", tuple([*intro, *lines]))


def _crossing(robustness: Robustness, crossing: Crossing) -> str:
    rulebook = robustness.plan.rulebook
    other = crossing.second if crossing.impact_first == crossing.first else crossing.first
    return f"{_titled(rulebook, crossing.impact_first)} passe devant {_titled(rulebook, other)}"


def _percent(weight: Fraction) -> str:
    """Say a weight, with one decimal where it is not whole.

    >>> _percent(Fraction(50)), _percent(Fraction(200, 3))
    ('50 %', '66,7 %')
    """
    if weight.denominator == 1:
        return f"{weight.numerator} %"
    tenths = round(weight * 10)
    return f"{tenths // 10},{tenths % 10} %"


# An evolution

_OUTCOMES: dict[Outcome, str] = {
    "done": "Fait depuis",
    "new": "Nouveau",
    "gone": "Disparu",
    "other": "Autres changements",
}

_ORIGINS = {"rule_added": "règle nouvelle", "rule_removed": "règle retirée", "rule_changed": "règle modifiée"}


def evolution_outline(evolution: Evolution) -> Outline:
    """Write down what has become of a plan."""
    plan = evolution.plan
    sections = [Section("En bref", tuple(_since_then(evolution)))]
    for outcome, title in _OUTCOMES.items():
        found = [moved for moved in evolution.moved if moved.outcome == outcome]
        sections.append(Section(title, (), tuple(_moved(evolution, moved) for moved in found)))
    return _outline(f"Ce qui a changé : {plan.profile.name}", plan.rulebook, sections)


def _since_then(evolution: Evolution) -> Iterator[Line]:
    old, new = evolution.old, evolution.new
    if old.profile.name != new.profile.name:
        yield say("Attention", f"l’ancien plan est celui d’un autre territoire, « {old.profile.name} ».")
    counts = {outcome: sum(moved.outcome == outcome for moved in evolution.moved) for outcome in _OUTCOMES}
    words: dict[Outcome, str] = {"done": "fait", "new": "nouveau", "gone": "disparu", "other": "autre changement"}
    if evolution.moved:
        said = ", ".join(f"{words[outcome]} : {count}" for outcome, count in counts.items() if count)
        same = len(new.items) - sum(moved.after is not None for moved in evolution.moved)
        yield say("", f"{said[:1].upper()}{said[1:]} ; sans changement de statut : {same}.")
    else:
        yield say("", "Aucune action n’a changé de statut.")
    if old.rulebook.version != new.rulebook.version:
        yield say("Règles", f"version {old.rulebook.version} alors, version {new.rulebook.version} aujourd’hui.")
    elif evolution.rules_changed:
        yield say("Règles", f"elles ont été modifiées depuis, sans changer de version ({new.rulebook.version}).")
    for notice in evolution.plan.notices:
        yield say("À savoir", notice_sentence(evolution.plan, notice))


def _moved(evolution: Evolution, moved: Moved) -> Entry:
    if moved.before is None:
        marks, lines = (STATUSES[moved.after] if moved.after else "",), [say("", "Les règles ne l’avaient pas encore.")]
    elif moved.after is None:
        marks, lines = (STATUSES[moved.before],), [say("", "Les règles ne l’ont plus.")]
    else:
        marks = (f"{STATUSES[moved.before]} → {STATUSES[moved.after]}",)
        lines = list(_why_moved(evolution, moved))
    return Entry(None, typographic(moved.title), tuple(map(typographic, marks)), tuple(lines))


def _why_moved(evolution: Evolution, moved: Moved) -> Iterator[Line]:
    rulebook = evolution.plan.rulebook
    own = PROGRESS + moved.action
    if own in moved.answers:
        yield say("", f"Vous l’avez dite {_state(moved.answers[own].after)} (elle était {_state(moved.answers[own].before)}).")
    answers = {fact: since for fact, since in moved.answers.items() if fact != own}
    if answers:
        said = " ; ".join(_since(evolution, fact, since) for fact, since in answers.items())
        yield say("", f"Parce que {said}.")
    for fact in moved.deductions:
        yield say("", f"Parce que les règles déduisent autrement {fact_named(rulebook, fact)}.")
    for needed in moved.prerequisites:
        before = next((item.status for item in evolution.old.items if item.action == needed), None)
        after = next((item.status for item in evolution.new.items if item.action == needed), None)
        states = ", ".join(
            f"{STATUSES[status]} {day}" for status, day in ((before, "alors"), (after, "aujourd’hui")) if status
        )
        title = next(item.title for item in (*evolution.new.items, *evolution.old.items) if item.action == needed)
        yield say("Elle suppose", f"« {title} » ({states}).")
    for turn in moved.turns:
        yield _turn(turn)


def _state(value: object) -> str:
    return {"todo": "à faire", "doing": "en cours", "done": "faite"}.get(str(value), "sans avancement connu")


def _since(evolution: Evolution, fact: str, since: Since) -> str:
    rulebook = evolution.plan.rulebook
    if not rulebook.has_fact(fact):
        return f"les règles ne posent plus la question `{fact}`"
    now = answer_words(rulebook, fact, evolution.plan.facts.get(fact))
    if not since.noted:
        return f"{fact_named(rulebook, fact)} est : {now} (l’ancien plan ne note pas ce que c’était)"
    return f"{fact_named(rulebook, fact)} est : {now} (alors : {_then(rulebook, fact, since)})"


def _then(rulebook: Rulebook, fact: str, since: Since) -> str:
    """Say an old value, which today's question may no longer accept."""
    value = ("oui" if since.before else "non") if isinstance(since.before, bool) else since.before
    try:
        return answer_words(rulebook, fact, value)
    except KeyError:
        return f"`{value}`"


def _turn(turn: Turn) -> Line:
    label = _LABELS[turn.effect, turn.after]
    if turn.origin == "rule_removed":
        label = {"recommend": "La recommandait", "defer": "La retardait", "exclude": "L’écartait"}[turn.effect]
    changed = _ORIGINS.get(turn.origin)
    return say(f"{label} ({changed})" if changed else label, turn.because, turn.basis)
