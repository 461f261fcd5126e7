"""Comparisons, robustness and evolutions as a reader meets them, laid out like a plan: see `outline`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple

from conseil.comparison import Cause, Comparison, Difference, DifferenceKind, Flip, Standing, Variant
from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue, Verdict
from conseil.evolution import Evolution, Moved, Outcome, Since, Turn
from conseil.plan import LIVE, Plan, points_of
from conseil.profile import progress_facts
from conseil.rendering.outline import (
    Entry,
    Line,
    Outline,
    Section,
    Table,
    action_title,
    rulebook_sentence,
    say,
    say_of_rule,
)
from conseil.rendering.pictured import chosen_weights, effects
from conseil.rendering.pictures import tornado_text
from conseil.rendering.typography import typographic
from conseil.robustness import FIRST, WEIGHTS, Fate, Member, Robustness, Sensitivity, in_ranges
from conseil.rulebook import Effect, Rule, Rulebook
from conseil.rulebook.model import Weights
from conseil.sentences import PRIORITIES, STATUSES, answer_words, fact_named, listed, notice_sentence

__all__ = ["comparison_outline", "evolution_outline", "robustness_outline"]

MINUS = "\N{MINUS SIGN}"

_MOST_ANSWERS = 5
"""How many answers of a cause are named; JSON has them all."""

_SECTIONS: dict[DifferenceKind | Literal["done"], tuple[str, str]] = {
    "added": ("en plus", "en plus"),
    "removed": ("en moins", "en moins"),
    "done": ("déjà faite", "déjà faites"),
    "reprioritised": ("change de priorité", "changent de priorité"),
    "other": ("change de statut", "changent de statut"),
    "reranked": ("change de rang", "changent de rang"),
}
"""What is said of one action, and of several."""

_DOES: dict[Effect, str] = {"recommend": "Raison", "defer": "Obstacle", "exclude": "Exclusion"}
"""What a rule that decides a status is to its action."""

_GONE: dict[Effect, str] = {"recommend": "Raison qui tombe", "defer": "Obstacle levé", "exclude": "Exclusion levée"}
_ABSENT: dict[Effect, str] = {"recommend": "Raison absente", "defer": "Obstacle absent", "exclude": "Exclusion absente"}


def _deciding(effect: Effect, verdict: Verdict, *, since: bool) -> str:
    """Name a rule by what its verdict makes of it; `since` says that it was true of the same territory."""
    if verdict is None:
        return f"{_DOES[effect]} à vérifier"
    return _DOES[effect] if verdict else (_GONE if since else _ABSENT)[effect]


def _outline(title: str, rulebook: Rulebook, sections: Iterable[Section]) -> Outline:
    subtitle = rulebook_sentence(rulebook)
    kept = (section for section in sections if section.lines or section.entries or section.table)
    return Outline(typographic(title), typographic(subtitle), tuple(kept))


def _titled(rulebook: Rulebook, action: str) -> str:
    return f"« {rulebook.by_id[action].title} »"


def _weights_line(plan: Plan, own: Weights | None) -> Iterator[Line]:
    said = chosen_weights(plan, own)
    if said:
        yield say("Poids", said)


# A comparison


def comparison_outline(comparison: Comparison, own: Weights | None = None) -> Outline:
    """Write a comparison down in sections.

    Args:
        comparison: the comparison.
        own: the weights of the rules, where the plans were made with others.
    """
    first, *others = comparison.variants
    written = [_Written(comparison, other, _code(place)) for place, other in enumerate(others, start=1)]
    same = all(one.same_territory for one in written)
    sections = [
        Section("Ce que l’on compare", tuple(_variants(comparison, written, own))),
        _shared(comparison, undecided=same and bool(comparison.differences)),
        _ranks(comparison),
    ]
    sections += [section for one in written for section in one.sections()]
    names = listed(variant.name for variant in comparison.variants)
    title = first.plan.profile.name if same else names
    return _outline(f"Comparaison : {title}", comparison.rulebook, [*sections, _everything(comparison)])


def _variants(comparison: Comparison, written: Sequence[_Written], own: Weights | None) -> Iterator[Line]:
    first = comparison.variants[0]
    yield say("A", f"{first.name}, à quoi les autres sont comparées." if len(written) > 1 else f"{first.name}.")
    for one in written:
        yield say(one.code, f"{one.variant.name}. {one.gap()}")
    weights = {variant.plan.rulebook.guide.score.weights.impact for variant in comparison.variants}
    for variant in comparison.variants[-1:] if len(weights) > 1 else comparison.variants[:1]:
        yield from _weights_line(variant.plan, own)
    notices = {code: _notices(variant) for code, variant in zip(_codes(comparison), comparison.variants, strict=True)}
    for sentence in dict.fromkeys(said for found in notices.values() for said in found):
        codes = [code for code, found in notices.items() if sentence in found]
        yield say("À savoir" if len(codes) == len(notices) else f"À savoir, en {listed(codes)}", sentence)
    if not all(difference.smallest for difference in comparison.differences):
        yield say(
            "À savoir",
            "Certaines causes réunissent beaucoup de réponses : aucune n’y est de trop, mais il peut en exister "
            "de plus petites.",
        )


def _notices(variant: Variant) -> list[str]:
    return [notice_sentence(variant.plan, notice) for notice in variant.plan.notices]


_HOW_TO_READ = (
    "« haute 3 v1 » se lit : priorité haute, rang 3, vague 1 ; l’étoile marque ce qui est à lancer maintenant."
)


def _shared(comparison: Comparison, *, undecided: bool) -> Section:
    count = len(comparison.variants)
    everywhere = "dans les deux cas" if count == 2 else f"dans les {count} cas"  # noqa: PLR2004 - two is "both"
    if not comparison.shared:
        return Section("Sans regret", (say("", f"Aucune action n’est recommandée ni en cours {everywhere}."),))
    intro = f"Recommandées ou en cours {everywhere}, dans l’ordre de A"
    intro += " : on peut les engager avant d’avoir tranché." if undecided else "."
    return Section("Sans regret", (say("", intro), say("", _HOW_TO_READ)), (), _table(comparison, comparison.shared))


def _ranks(comparison: Comparison) -> Section:
    book = comparison.rulebook
    rows = tuple(
        (
            (action_title(book, book.by_id[action]),),
            *((_move(ranks[0], rank, place),) for place, rank in enumerate(ranks)),
        )
        for action, ranks in comparison.ranks.items()
    )
    intro = say(
        "",
        "Places gagnées (↑) ou perdues (↓) par rapport à A ; « = » : même rang ; « – » : sans rang, parce que l’action "
        "n’est ni recommandée ni en cours, ou se range sous sa jumelle.",
    )
    table = Table(("Action", *_codes(comparison)), rows) if rows else None
    return Section("Rangs, côte à côte", (intro,) if rows else (), (), table)


def _move(first: int | None, rank: int | None, place: int) -> str:
    """Say a rank, and how far it is from that of the first variant.

    >>> _move(4, 2, 1), _move(4, 4, 1), _move(None, 4, 1), _move(4, None, 2), _move(4, 4, 0)
    ('2 ↑2', '4 =', '4', '–', '4')
    """
    if rank is None:
        return "–"
    if first is None or not place:
        return str(rank)
    return f"{rank} " + (f"{'↑' if rank < first else '↓'}{abs(rank - first)}" if rank != first else "=")


def _everything(comparison: Comparison) -> Section:
    actions = [action.id for action in comparison.rulebook.actions]
    return Section("Toutes les actions", (say("", _HOW_TO_READ),), (), _table(comparison, actions))


def _table(comparison: Comparison, actions: Iterable[str]) -> Table:
    book = comparison.rulebook
    titles = {action: action_title(book, book.by_id[action]) for action in actions}
    rows = tuple(
        ((title,), *(_cell(standing) for standing in comparison.standings(action))) for action, title in titles.items()
    )
    return Table(("Action", *_codes(comparison)), rows)


def _codes(comparison: Comparison) -> list[str]:
    return [_code(place) for place in range(len(comparison.variants))]


def _code(place: int) -> str:
    """Return the letters of a variant.

    >>> _code(0), _code(25), _code(26)
    ('A', 'Z', 'AA')
    """
    more, last = divmod(place, 26)
    return (_code(more - 1) if more else "") + chr(ord("A") + last)


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
        self._differing = list(comparison.differing(variant.name))
        profiles = self._base.plan.profile, variant.plan.profile
        self.same_territory = (profiles[0].name, profiles[0].territory) == (profiles[1].name, profiles[1].territory)

    def gap(self) -> str:
        """Say by which answers the variant differs, where they are few."""
        names = self._differing
        if not names:
            weights = self.variant.plan.rulebook.guide.score.weights
            same = self._rulebook.guide.score.weights == weights
            return "Mêmes réponses qu’en A." if same else "Mêmes réponses, autres poids."
        if len(names) > _MOST_ANSWERS:
            return f"{len(names)} réponses diffèrent de A."
        said = " ; ".join(self._answer(fact) for fact in names)
        return f"{said[:1].upper()}{said[1:]}."

    def sections(self) -> Iterator[Section]:
        """Write one section for each kind of difference."""
        if not self._found:
            yield Section(
                typographic(f"{self.code} : aucune différence"), (say("", "Chaque action a la même place qu’en A."),)
            )
        for kind, titles in _SECTIONS.items():
            found = [one for one in self._found if _section(one) == kind and not _of_no_consequence(one)]
            found.sort(key=_only_follows)
            several = len(found) > 1
            title = f"{self.code} : {len(found)} action{'s' * several} {titles[several]}"
            why = (say("", "Parce que les poids changent."),) if found and not any(one.causes for one in found) else ()
            yield Section(typographic(title), why, tuple(self._entry(difference) for difference in found))
        aside = sum(map(_of_no_consequence, self._found))
        if aside:
            which = "actions qui ne sont retenues" if aside > 1 else "action qui n’est retenue"
            said = f"{aside} {which} ni en A ni en {self.code} y aurai{'en' * (aside > 1)}t une autre priorité."
            yield Section(typographic(f"{self.code} : sans conséquence"), (say("", said),))

    def _entry(self, difference: Difference) -> Entry:
        marks, lines = list(_marks(difference)), self._lines(difference)
        if _only_follows(difference):
            causes = " ; ou bien ".join(map(self._followed, difference.causes))
            marks.append(f"suit les autres : {causes}" if len(self._differing) > 1 else "suit les autres")
            lines = tuple(self._twin(difference))
        title = action_title(self._rulebook, self._rulebook.by_id[difference.action])
        return Entry(None, title, tuple(map(typographic, marks)), lines)

    def _followed(self, cause: Cause) -> str:
        names = [fact_named(self._rulebook, fact) for fact in cause.answers]
        if len(names) > _MOST_ANSWERS:
            return f"{len(names)} réponses ensemble"
        return listed(names) + (" ensemble" if len(names) > 1 else "")

    def _lines(self, difference: Difference) -> tuple[Line, ...]:
        lines: list[Line] = []
        for place, cause in enumerate(difference.causes):
            lines.append(say("", self._because(cause, PROGRESS + difference.action, again=place > 0)))
            lines += [line for line in self._rules(difference, cause) if line not in lines]
        return (*lines, *self._twin(difference))

    def _because(self, cause: Cause, own: str, *, again: bool) -> str:
        start = "Ou bien parce que" if again else "Parce que"
        if cause.follows:
            start = f"{start} les autres actions bougent, quand"
        answers = [self._answer(fact, own) for fact in cause.set]
        if len(answers) == 1:
            said = f"{start} {answers[0]}."
        elif len(answers) <= _MOST_ANSWERS:
            said = f"{start}, ensemble, {_chained(answers, 'que')}."
        else:
            rest = len(answers) - _MOST_ANSWERS
            named = " ; ".join(answers[:_MOST_ANSWERS])
            others = f"et {rest} autre{'s' * (rest > 1)}"
            said = f"{start} {len(answers)} réponses changent ensemble, dont : {named} ; {others}."
        return said.replace("que elle", "qu’elle")

    def _answer(self, fact: str, own: str = "") -> str:
        """Say how one answer differs: as a change of one territory, or between two."""
        name = "elle" if fact == own else fact_named(self._rulebook, fact)
        was, now = (_Known.of(plan, fact) for plan in (self._base.plan, self.variant.plan))
        if self.same_territory:
            return _shift(name, was, now)
        return f"{name} est {now.described} en {self.code} et {was.described} en A"

    def _rules(self, difference: Difference, cause: Cause) -> Iterator[Line]:
        for needed in cause.prerequisites:
            before, after = (plan.item(needed).status for plan in (self._base.plan, self.variant.plan))
            moved = "" if before == after else f" ({STATUSES[before]} en A, {STATUSES[after]} en {self.code})"
            yield say("Elle suppose", f"{_titled(self._rulebook, needed)}{moved}.")
        alone = "avec ces seules réponses" if len(cause.set) > 1 else "avec cette seule réponse"
        for flip in cause.flips:
            yield self._rule(difference, flip, f"en {self.code}" if flip.holds else alone)
        if cause.capacity:
            held, holds = cause.capacity
            yield say("", f"La première vague peut compter {holds} actions à la fois ({held} en A).")

    def _rule(self, difference: Difference, flip: Flip, where: str) -> Line:
        action = flip.rule.id.partition(".")[0]
        since = self.same_territory and flip.before is True
        if difference.kind in {"reprioritised", "reranked"} and action == difference.action:
            counts = {True: "Compte", False: "Ne compte plus" if since else "Ne compte pas", None: "Compte peut-être"}
            label = f"{counts[flip.after]} {where} ({_points(flip.rule, self._rulebook)})"
        else:
            label = f"{_deciding(flip.rule.effect, flip.after, since=since)} {where}"
        if action != difference.action:
            label = f"{_titled(self._rulebook, action)}, {label[:1].lower()}{label[1:]}"
        return say_of_rule(self._rulebook, typographic(label), flip.rule.because, flip.rule, quoted=True)

    def _twin(self, difference: Difference) -> Iterator[Line]:
        lead = self.variant.plan.item(difference.action).lead
        if lead is not None and difference.after.status in LIVE:
            yield say("", f"Elle va alors de pair avec {_titled(self._rulebook, lead)}, sous laquelle elle se range.")


class _Known(NamedTuple):
    """How a fact is known in a plan, in words; without words, it is not.

    Attributes:
        words: its value in quotation marks; of an answer that is ignored, that answer.
        by: an answer, the rules that deduce it, or the rules that do not ask it; or else the answer does not count.
    """

    words: str | None
    by: Literal["answer", "deduction", "not_asked", "ignored"] = "answer"

    @classmethod
    def of(cls, plan: Plan, fact: str) -> _Known:
        """Return how a fact is known in a plan."""
        given = progress_facts(plan.known).get(fact) or plan.known.given.get(fact)
        value = plan.facts.get(fact)
        if given is not None and given != value:
            return cls(_quoted(plan.rulebook, fact, given), "ignored")
        words = None if value is None else _quoted(plan.rulebook, fact, value)
        return cls(words, "answer" if given is not None else "not_asked" if value == NOT_APPLICABLE else "deduction")

    @property
    def described(self) -> str:
        """Say the value beside that of another territory."""
        aside = {"deduction": " (déduit)", "ignored": " (réponse ignorée)"}.get(self.by, "")
        return f"{self.words}{aside}" if self.words else "sans réponse"


def _quoted(rulebook: Rulebook, fact: str, value: FactValue) -> str:
    return f"« {answer_words(rulebook, fact, value)} »"


def _shift(name: str, was: _Known, now: _Known) -> str:
    """Say how what is known of a fact changes.

    >>> _shift("« Foncier »", _Known("« aucun »"), _Known("« terrain »"))
    '« Foncier » passe de « aucun » à « terrain »'
    >>> _shift("« Maturité »", _Known("« structuration »"), _Known("« émergence »", "deduction"))
    '« Maturité » n’a plus de réponse (c’était « structuration ») et vaut « émergence », par déduction'
    """
    before = f" (c’était {was.words})" if was.words else ""
    if now.words is None:
        return f"{name} n’a plus de réponse{before}" if before else f"{name} n’a pas de réponse"
    match now.by:
        case "deduction" if was.by == "deduction" and was.words:
            return f"{name} passe de {was.words} à {now.words}, par déduction"
        case "deduction":
            return f"{name}{f' n’a plus de réponse{before} et' if before else ''} vaut {now.words}, par déduction"
        case "not_asked":
            return f"{name} devient sans objet{before}"
        case "ignored":
            return f"{name} reçoit la réponse {now.words}, qui ne compte pas ici"
        case "answer" if was.by == "answer" and was.words:
            return f"{name} passe de {was.words} à {now.words}"
        case "answer":
            deduced = f" ({was.words} était déduit)" if was.by == "deduction" and was.words else ""
            return f"{name} reçoit la réponse {now.words}{deduced}"


def _chained(said: Sequence[str], link: str) -> str:
    """Join clauses that a conjunction has begun.

    >>> _chained(["l’une tient", "l’autre aussi", "la dernière non"], "que")
    'l’une tient, que l’autre aussi et que la dernière non'
    """
    return listed([said[0], *(f"{link} {clause}" for clause in said[1:])])


def _section(difference: Difference) -> DifferenceKind | Literal["done"]:
    done = difference.after.status == "done" and difference.before.status != "done"
    return "done" if done else difference.kind


def _of_no_consequence(difference: Difference) -> bool:
    """Say whether only the priority changes, of an action that nobody is advised to carry out."""
    return difference.kind == "reprioritised" and difference.after.status in {"not_retained", "excluded", "done"}


def _only_follows(difference: Difference) -> bool:
    return bool(difference.causes) and all(cause.follows for cause in difference.causes)


def _points(rule: Rule, rulebook: Rulebook) -> str:
    worth = {
        "impact": points_of(rule.points.impact, rulebook),
        "faisabilité": points_of(rule.points.feasibility, rulebook),
    }
    return ", ".join(f"{axis} {_signed(points)}" for axis, points in worth.items() if points)


def _signed(points: int) -> str:
    return f"{'+' if points > 0 else MINUS}{abs(points)}"


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
    "stays": ("Restent parmi les premières", "Aucune des réponses qui manquent ne peut les en faire sortir."),
    "may_leave": ("Peuvent en sortir", "Voici des réponses qui les en font sortir, et dont aucune n’est de trop."),
    "undecided": ("Non décidé", "Ni preuve qu’elles restent, ni réponses trouvées qui les fassent sortir."),
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
    for notice in plan.notices:
        yield say("À savoir", notice_sentence(plan, notice))
    if not members:
        yield say("", "Aucune action n’est encore recommandée ni en cours : il n’y a rien à éprouver.")
    elif plan.unknown:
        yield say("", _fates(robustness))
    else:
        yield say("", f"Toutes les questions ont leur réponse : rien ne peut faire sortir {_first(robustness)}.")
    deduced = [fact_named(plan.rulebook, fact) for fact in plan.unknown if fact in plan.facts]
    if deduced:
        several = len(deduced) > 1
        yield say(
            "",
            f"{listed(deduced)} {'sont des réponses déduites' if several else 'est une réponse déduite'} : tant que "
            "personne n’y a répondu, une autre reste possible.",
        )
    if members and any(item.progress == "unknown" for item in plan.items):
        yield say("", "L’avancement des actions est pris comme il est connu aujourd’hui.")
    if members:
        count = sum(len(member.weights) == len(WEIGHTS) for member in members)
        weights = f"quel que soit le poids de l’impact entre {WEIGHTS[0]} et {WEIGHTS[-1]} %"
        yield say("", f"{count} sur {len(members)} y reste{'nt' * (count > 1)} {weights} (la faisabilité a le reste).")
    if robustness.unknowns and robustness.unknowns[0].changed:
        found = robustness.unknowns[0]
        name = fact_named(plan.rulebook, found.question)
        yield say("La question qui compte le plus", f"{name}, où {_sensitivity(robustness, found)}")


def _fates(robustness: Robustness) -> str:
    counts = {fate: sum(member.fate == fate for member in robustness.members) for fate in _FATES}
    stay, leave, open_ = counts["stays"], counts["may_leave"], counts["undecided"]
    unknown = len(robustness.plan.unknown)
    asked = f"aux {unknown} questions qui n’en ont pas" if unknown > 1 else "à la question qui n’en a pas"
    said = [f"{stay} y reste{'nt' * (stay > 1)} quelles que soient les réponses {asked}"] if stay else []
    said += [f"{leave} peu{'vent' if leave > 1 else 't'} en sortir"] if leave else []
    said += [f"{open_} : non décidé"] if open_ else []
    return f"Parmi {_first(robustness)} : {', '.join(said)}."


def _first(robustness: Robustness) -> str:
    count = len(robustness.members)
    if count < FIRST:
        return (
            f"les {count} actions recommandées ou en cours" if count > 1 else "la seule action recommandée ou en cours"
        )
    return f"les {count} premières actions"


def _fate(robustness: Robustness, fate: Fate) -> Section:
    title, why = _FATES[fate]
    members = [member for member in robustness.members if member.fate == fate]
    intro = (say("", why),) if members and robustness.plan.unknown else ()
    return Section(title, intro, tuple(_member(robustness, member) for member in members))


def _member(robustness: Robustness, member: Member) -> Entry:
    item = robustness.plan.item(member.action)
    lines = []
    if member.witness:
        supposed = [_supposed(robustness.plan, fact, value) for fact, value in member.witness.items()]
        together = ", ensemble," if len(supposed) > 1 else ""
        lines.append(say("", f"Sort si{together} {_chained(supposed, 'si')}."))
    if len(member.weights) < len(WEIGHTS):
        lines.append(say("", f"Elle en est quand l’impact pèse {_weights(member.weights)}."))
    return Entry(item.rank, action_title(robustness.plan.rulebook, item.action), (), tuple(lines))


def _weights(weights: Iterable[int]) -> str:
    """Say which whole percentages these are.

    >>> _weights([30, 31, 32, 40, 78, 79, 80])
    'de 30 à 32 %, 40 % ou de 78 à 80 %'
    """
    ranges = in_ranges(weights)
    return listed((f"{low} %" if low == high else f"de {low} à {high} %" for low, high in ranges), "ou")


def _supposed(plan: Plan, fact: str, value: FactValue) -> str:
    return f"{fact_named(plan.rulebook, fact)} est {_value(plan, fact, value)}"


def _value(plan: Plan, fact: str, value: FactValue) -> str:
    here = plan.facts.get(fact)
    deduced = f" (déduit aujourd’hui : « {answer_words(plan.rulebook, fact, here)} »)" if here is not None else ""
    return f"« {answer_words(plan.rulebook, fact, value)} »{deduced}"


def _sensitivity(robustness: Robustness, found: Sensitivity) -> str:
    """Say what an answer does, to read after the question."""
    out, into = len(found.leaves), len(found.enters)
    whole = len(robustness.members) == FIRST
    said = [f"fait sortir {out} action{'s' * (out > 1)} {f'des {FIRST} premières' if whole else 'de la liste'}"]
    if into and out:
        said.append(f"y fait entrer {into} autre{'s' * (into > 1)}")
    elif into:
        where = f"parmi les {FIRST} premières" if whole else "dans la liste"
        said = [f"fait entrer {into} action{'s' * (into > 1)} {where}"]
    return f"{_value(robustness.plan, found.question, found.value)} {' et '.join(said)}."


def _unknowns(robustness: Robustness) -> Section:
    moving = [found for found in robustness.unknowns if found.changed]
    still = [found for found in robustness.unknowns if not found.changed]
    name = partial(fact_named, robustness.plan.rulebook)
    lines = [say(typographic(name(found.question)), _sensitivity(robustness, found)) for found in moving]
    if still:
        several = len(still) > 1
        each = "Chacune à elle seule ne fait" if several else "Ne fait"
        label = f"{each} entrer ni sortir aucune action de la liste"
        lines.append(say(label, f"{listed(name(found.question) for found in still)}."))
    drawing = tornado_text(effects(robustness)[: len(moving)]) if moving else ""
    title = "Les questions sans réponse, de la plus décisive à la moins décisive"
    return Section(title, tuple(lines), drawing=drawing)


def _crossings(robustness: Robustness) -> Section:
    """Say of each action which ones it passes, at which weights; those that pass the same way in one line."""
    plan = robustness.plan
    entries = []
    for item in plan.ranked:
        passed: dict[str, list[str]] = {}
        for found in robustness.crossings:
            if found.second == item.id:
                passed.setdefault(_spans(found.ranges), []).append(_titled(plan.rulebook, found.first))
        lines = tuple(say(weights, f"passe devant {listed(titles)}.") for weights, titles in passed.items())
        marks = () if item in robustness.first else (f"pas parmi les {FIRST} premières à {_own_weight(plan)}",)
        if lines:
            title = action_title(plan.rulebook, item.action)
            entries.append(Entry(item.rank, title, tuple(map(typographic, marks)), lines))
    intro = say(
        "",
        f"L’impact pèse {_own_weight(plan)} dans ce plan. Voici, de {WEIGHTS[0]} à {WEIGHTS[-1]} % et à 1 % près, les "
        "poids auxquels une action passe devant une autre ; à tous les autres, leur ordre est celui du plan. Les "
        "totaux sont arrondis, et à total égal l’ordre du guide décide : un ordre peut donc revenir.",
    )
    title = "Où l’ordre change, selon le poids de l’impact"
    return Section(title, (intro,) if entries else (), tuple(entries))


def _own_weight(plan: Plan) -> str:
    return f"{plan.rulebook.guide.score.weights.impact} %"


def _spans(ranges: Iterable[tuple[int, int]]) -> str:
    """Say at which weights, to begin a statement.

    >>> _spans([(30, 33)]), _spans([(46, 47), (52, 80)]), _spans([(44, 44)]), _spans([(30, 80)])
    ('Jusqu’à 33 %', 'De 46 à 47 %, puis à partir de 52 %', 'À 44 %', 'De 30 à 80 %')
    """
    said = ", puis ".join(_span(low, high) for low, high in ranges)
    return said[:1].upper() + said[1:]


def _span(low: int, high: int) -> str:
    if low == high:
        return f"à {low} %"
    if low == WEIGHTS[0] and high < WEIGHTS[-1]:
        return f"jusqu’à {high} %"
    return f"à partir de {low} %" if high == WEIGHTS[-1] and low > WEIGHTS[0] else f"de {low} à {high} %"


# An evolution

_OUTCOMES: dict[Outcome, str] = {
    "done": "Fait depuis",
    "new": "Nouveau",
    "gone": "Disparu",
    "other": "Autres changements",
}

_ORIGINS = {
    "rule_added": "règle nouvelle",
    "rule_removed": "règle retirée",
    "rule_changed": "règle modifiée",
    "either": "réponse ou règle : l’ancien plan ne permet pas de trancher",
}


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
    days = [STATUSES[status] if status else "absente des règles" for status in (moved.before, moved.after)]
    lines = tuple(_why_moved(evolution, moved))
    return Entry(None, typographic(moved.title), (typographic(f"{days[0]} → {days[1]}"),), lines)


def _why_moved(evolution: Evolution, moved: Moved) -> Iterator[Line]:
    rulebook = evolution.plan.rulebook
    own = PROGRESS + moved.action
    if own in moved.answers:
        yield say(
            "", f"Vous l’avez dite {_state(moved.answers[own].after)} (elle était {_state(moved.answers[own].before)})."
        )
    answers = {fact: since for fact, since in moved.answers.items() if fact != own}
    if answers:
        said = _chained([_since(evolution, fact, since) for fact, since in answers.items()], "que")
        yield say("", f"Parce que {said}.")
    for fact in moved.deductions:
        yield say("", f"Parce que les règles déduisent ou demandent autrement {fact_named(rulebook, fact)}.")
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
    now = _Known.of(evolution.plan, fact)
    if not since.noted:
        return f"{fact_named(rulebook, fact)} est {now.described} (l’ancien plan ne dit pas ce que c’était)"
    return _shift(fact_named(rulebook, fact), _then(evolution, fact, since), now)


def _then(evolution: Evolution, fact: str, since: Since) -> _Known:
    """Say an old value, which today's question may no longer accept."""
    if since.before is None:
        return _Known(None)
    by: Literal["answer", "deduction", "not_asked"] = "answer"
    if any(deduced.fact == fact for deduced in evolution.old.deduced):
        by = "deduction"
    elif since.before == NOT_APPLICABLE:
        by = "not_asked"
    value = ("oui" if since.before else "non") if isinstance(since.before, bool) else since.before
    try:
        return _Known(_quoted(evolution.plan.rulebook, fact, value), by)
    except KeyError:
        return _Known(f"« {value} »", by)


def _turn(turn: Turn) -> Line:
    label = _deciding(turn.effect, turn.after, since=turn.before is True)
    changed = _ORIGINS.get(turn.origin)
    return say(f"{label} ({changed})" if changed else label, turn.because, turn.basis, origin=turn.overlay)
