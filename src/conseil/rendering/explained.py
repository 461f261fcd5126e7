"""An explanation as a reader meets it, laid out like a plan: see `outline`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from conseil.conditions import PROGRESS, PROGRESS_VALUES, FactValue, Verdict
from conseil.explanation import MOST_CHANGES, Change, ChangeKind, Explanation, Interval, Proof, Shortfall, Term
from conseil.plan import AxisScore, Reason, Status
from conseil.rendering.outline import (
    Entry,
    Line,
    Outline,
    Section,
    action_title,
    reason_line,
    requirement_lines,
    rulebook_sentence,
    say,
    say_of_rule,
)
from conseil.rendering.pictures import waterfall_text
from conseil.rendering.typography import typographic
from conseil.rulebook import AXES, Axis, Effect, Rule
from conseil.sentences import (
    PRIORITIES,
    STATUSES,
    answer_words,
    either,
    fact_label,
    fact_named,
    fact_sentence,
    listed,
    unlock_sentences,
)

__all__ = ["MOST_LINES", "explanation_outline"]

MOST_LINES = 12
"""How many ways to another status are shown; JSON has them all."""

_ANY = "à renseigner, quelle que soit la réponse"
"""What is said of a question whose every answer does: without one, the others are not enough."""

_MINUS = "\N{MINUS SIGN}"
_AXES: dict[Axis, str] = {"impact": "impact", "feasibility": "faisabilité"}
_VERDICT_ORDER: tuple[Verdict, ...] = (True, None, False)

_RULES: dict[tuple[Effect, Verdict], str] = {
    ("recommend", True): "Une règle la recommande",
    ("recommend", None): "Une règle la recommande peut-être",
    ("recommend", False): "Une règle pourrait la recommander, mais ne joue pas ici",
    ("defer", True): "Un obstacle la retarde",
    ("defer", None): "Un obstacle reste à vérifier",
    ("defer", False): "Un obstacle possible, absent ici",
    ("exclude", True): "Une règle l’écarte",
    ("exclude", None): "Une règle l’écarte peut-être",
    ("exclude", False): "Une règle pourrait l’écarter, mais ne joue pas ici",
}


def explanation_outline(explanation: Explanation) -> Outline:
    """Write an explanation down in sections."""
    item = explanation.item
    subtitle = f"{explanation.plan.profile.name}. {rulebook_sentence(explanation.plan.rulebook)}"
    sections = [_answer(explanation), _status(explanation), _score(explanation)]
    if item.status not in {"done", "in_progress"}:
        sections += [_why_not(explanation), _ways(explanation, "answer"), _ways(explanation, "change")]
    return Outline(
        title=typographic(f"Explication : {action_title(explanation.plan.rulebook, item.action)}"),
        subtitle=typographic(subtitle),
        sections=tuple(section for section in sections if section.lines or section.entries),
    )


def _answer(explanation: Explanation) -> Section:
    return Section("En une phrase", (say("", _in_a_sentence(explanation)),))


def _in_a_sentence(explanation: Explanation) -> str:
    item = explanation.item
    priority = f"priorité {PRIORITIES[item.priority]} ({item.score.total} sur 100)"
    match item.status:
        case "done" | "in_progress":
            return f"Cette action est {STATUSES[item.status]} : vous l’avez dit."
        case "recommended":
            when = "à lancer maintenant" if item.now else "à lancer ensuite"
            unless = ", si ce n’est pas déjà fait" if item.progress == "unknown" else ""
            unsure = "" if item.certain else " Des réponses qui manquent peuvent encore changer cette priorité."
            return f"Cette action est recommandée, {when}{unless} : {priority}.{unsure}"
        case "deferred":
            return f"Cette action est à préparer : un obstacle est à lever d’abord. Ensuite, elle sera en {priority}."
        case "not_retained":
            return "Cette action n’est pas retenue : aucune règle ne la recommande ici."
        case "excluded":
            return "Cette action est écartée : elle ne convient pas à ce territoire."
        case "to_confirm":
            possible = listed((STATUSES[status] for status in item.possible), "ou")
            return f"Cette action est à confirmer : elle sera {possible}, selon les réponses qui manquent."


# Why this status


def _status(explanation: Explanation) -> Section:
    item = explanation.item
    lines = []
    if item.status in {"done", "in_progress"}:
        lines.append(say("", "L’avancement que vous avez donné passe avant les règles. Elles disent :"))
    shown: set[str] = set()
    reasons = sorted(explanation.deciding, key=lambda reason: _VERDICT_ORDER.index(reason.verdict))
    entries = [
        Entry(None, _RULES[reason.rule.effect, reason.verdict], (), tuple(_rule(explanation, reason, shown)))
        for reason in reasons
    ]
    if item.requires:
        needed = (replace(line, label="") for line in requirement_lines(explanation.plan, item))
        entries.append(Entry(None, "Ce qu’elle suppose d’abord", (), tuple(needed)))
    return Section("Pourquoi ce statut", tuple(lines), tuple(entries))


def _rule(explanation: Explanation, reason: Reason, shown: set[str]) -> Iterator[Line]:
    plan, rule = explanation.plan, reason.rule
    cites = explanation.cites(reason)
    yield reason_line(plan.rulebook, "" if reason.verdict else "Elle dit", reason)
    if reason.verdict is None:
        yield say("Il manque", _named(explanation, cites))
    elif cites:
        yield say("Ici", _facts(explanation, cites))
    else:
        yield say("Ici", "elle vaut pour tous les territoires.")
    for proof in _proofs(explanation, cites):
        plain = proof.kind == "counts" and {*proof.cites} <= {*cites}  # what it rests on is cited beside it
        if proof.fact not in shown and not plain:
            shown.add(proof.fact)
            yield _proof(explanation, proof)
    if reason.verdict and rule.unlocked_by:
        ways = " ; ou bien ".join(unlock_sentences(plan, rule.unlocked_by))
        yield say_of_rule(plan.rulebook, "Ce qui le lève", f"{ways}.", rule)


def _named(explanation: Explanation, facts: Iterable[str]) -> str:
    return listed(fact_named(explanation.plan.rulebook, fact) for fact in facts) + "."


def _facts(explanation: Explanation, facts: Iterable[str]) -> str:
    return " ; ".join(fact_sentence(explanation.plan, fact) for fact in facts) + "."


def _proofs(explanation: Explanation, cites: Sequence[str]) -> Iterator[Proof]:
    """Walk the proofs of facts that rest on others, and of what these cite in turn."""
    by_fact = {proof.fact: proof for proof in explanation.proofs}
    for fact in cites:
        if fact in by_fact:
            yield by_fact[fact]
            yield from _proofs(explanation, by_fact[fact].cites)


def _proof(explanation: Explanation, proof: Proof) -> Line:
    rulebook = explanation.plan.rulebook
    from_what = f" D’après : {_facts(explanation, proof.cites)}" if proof.cites else ""
    if proof.kind == "counts":
        return say("", f"{proof.because}{from_what}")
    if proof.kind == "not_asked":
        origin = rulebook.origin_title("question", proof.fact)
        return say("Déduit", f"{proof.because}{from_what}", rulebook.vocabulary[proof.fact].authority, origin=origin)
    said = f"{fact_label(rulebook, proof.fact)} : {answer_words(rulebook, proof.fact, proof.value)}. {proof.because}"
    origin = rulebook.origin_title("deduction", proof.fact)
    return say("Déduit", said + from_what, rulebook.deduction_of[proof.fact].authority, origin=origin)


# The score


def _score(explanation: Explanation) -> Section:
    item = explanation.item
    lines = []
    if item.status in {"not_retained", "excluded"}:
        what = "est écartée" if item.status == "excluded" else "n’est pas retenue"
        lines.append(say("", f"L’action {what} : ce score ne compte pas, et n’est là que pour comprendre."))
    entries = [_axis(explanation, axis) for axis in AXES]
    return Section("Le score", tuple(lines), (*entries, _total(explanation)), drawing=waterfall_text(explanation))


def _axis(explanation: Explanation, axis: Axis) -> Entry:
    counted = _counted(explanation, axis)
    first, *others = explanation.terms(axis)
    written = " ".join([str(first.points), *(_signed(term.points) for term in others)])
    total = f" = {counted.value}" if others else ""
    alone = "" if others else " ; aucune règle n’y ajoute ni n’en retire"
    lines = [say("Départ", f"{first.points}{alone}."), *(_term(explanation, term) for term in others)]
    if counted.low != counted.high:
        lines.append(say("", f"Entre {counted.low} et {counted.high}, selon ce qui manque :"))
        lines += [_open_term(explanation, term) for term in explanation.open_terms(axis)]
    return Entry(None, typographic(f"{_AXES[axis].capitalize()} : {written}{total}"), (), tuple(lines))


def _counted(explanation: Explanation, axis: Axis) -> AxisScore:
    return explanation.item.score.impact if axis == "impact" else explanation.item.score.feasibility


def _signed(points: int) -> str:
    """Write points with their sign, which no line breaks from them."""
    return f"{_MINUS if points < 0 else '+'}\N{NO-BREAK SPACE}{abs(points)}"


def _term(explanation: Explanation, term: Term) -> Line:
    label = _signed(term.points)
    if term.kind == "clipped":
        return say(
            label, "plafonné : un axe ne dépasse pas 100." if term.points < 0 else "un axe ne descend pas sous 0."
        )
    if term.rule is None:
        return Line(
            f"{label}, primordiale", "", "guide", explanation.plan.rulebook.essential_of[explanation.item.id].said
        )
    return say_of_rule(explanation.plan.rulebook, label, term.rule.because, term.rule, quoted=True)


def _open_term(explanation: Explanation, term: Term) -> Line:
    assert term.rule is not None  # noqa: S101 - what is open is always a rule
    cites = next(explanation.cites(reason) for reason in explanation.reasons if reason.rule == term.rule)
    said = f"{term.rule.because} Il manque {_named(explanation, cites)}"
    return say_of_rule(explanation.plan.rulebook, f"{_signed(term.points)} peut-être", said, term.rule)


def _total(explanation: Explanation) -> Entry:
    score, counting = explanation.item.score, explanation.plan.rulebook.guide.score
    weights, thresholds = counting.weights, counting.thresholds
    exact = weights.impact * score.impact.value + weights.feasibility * score.feasibility.value
    sums = [f"{weights.impact} % de {score.impact.value} + {weights.feasibility} % de {score.feasibility.value}"]
    if exact % 100:
        sums.append(f"{exact / 100:.2f}".rstrip("0").replace(".", ","))
    written = " = ".join(sums) + (f", arrondi à {score.total}." if exact % 100 else f" = {score.total}.")
    lines = [say("Calcul", written)]
    if score.low != score.high:
        lines.append(say("", f"Entre {score.low} et {score.high}, selon ce qui manque."))
    lines.append(
        say("Seuils", f"priorité haute à partir de {thresholds.high}, moyenne à partir de {thresholds.medium}.")
    )
    title = f"Total : {score.total} sur 100, priorité {PRIORITIES[explanation.item.priority]}"
    return Entry(None, typographic(title), (), tuple(lines))


# Why not


def _why_not(explanation: Explanation) -> Section:
    titles: dict[Status, str] = {
        "not_retained": "Pourquoi elle n’est pas retenue",
        "excluded": "Pourquoi elle est écartée",
        "deferred": "Pourquoi elle n’est pas à lancer",
    }
    if explanation.item.status not in titles:
        lines = [_missed(explanation, found) for found in explanation.shortfalls]
        return Section("Pourquoi elle n’est pas plus prioritaire", tuple(lines))
    lines = []
    for place, found in enumerate(explanation.shortfalls):
        label = "Au plus près" if place == 0 else "Ou bien"
        if explanation.item.status != "not_retained":  # every obstacle must go, and not one of them
            label = "D’abord" if place == 0 else "Et aussi"
        lines.append(say_of_rule(explanation.plan.rulebook, label, f"{_needed(found)}.", found.rule))
    if explanation.item.status == "deferred":
        for needed in explanation.item.requires:
            if needed.state == "deferred":
                title_of = explanation.plan.rulebook.by_id[needed.action].title
                lines.append(
                    say("Et aussi" if lines else "D’abord", f"il faudrait que « {title_of} » puisse se lancer.")
                )
    return Section(typographic(titles[explanation.item.status]), tuple(lines))


def _missed(explanation: Explanation, found: Shortfall) -> Line:
    """Say which points an action lacks, or which ones are taken from it, and whether they make its priority low."""
    points, book = _points(explanation, found.rule), explanation.plan.rulebook
    if found.holds:
        enough = " Sans ce retrait, la priorité ne serait plus basse." if found.enough else ""
        said = f"{found.rule.because} Pour l’éviter, {_needed(found)}.{enough}"
        return say_of_rule(book, points, said, found.rule)
    enough = " Ces points suffiraient : la priorité ne serait plus basse." if found.enough else ""
    return say_of_rule(book, f"{points} en plus", f"{_needed(found)}.{enough}", found.rule)


def _needed(found: Shortfall) -> str:
    return f"il faudrait {listed(found.lacks)}" if found.lacks else "aucune réponse ne suffirait"


def _points(explanation: Explanation, rule: Rule) -> str:
    added = {axis: points for axis, points in explanation.points(rule).items() if points}
    return listed(
        f"{_signed(points)} {'d’' if axis == 'impact' else 'de '}{_AXES[axis]}" for axis, points in added.items()
    )


# What would change it


@dataclass(frozen=True, slots=True)
class _Way:
    """Changes that differ in the value of some facts and give the same status: any of these values does."""

    values: dict[str, tuple[FactValue, ...]]
    gives: Status
    moved: tuple[int, ...]


def _ways(explanation: Explanation, kind: ChangeKind) -> Section:
    title = "Si vous répondez…" if kind == "answer" else "Si vous changez…"
    ways = _merged(explanation.answers if kind == "answer" else explanation.changes)
    lines = [say("", _way(explanation, way)) for way in ways[:MOST_LINES]]
    more = len(ways) - MOST_LINES
    if more > 0:
        others = "Une autre possibilité, que donne" if more == 1 else f"{more} autres possibilités, que donne"
        lines.append(say("", f"{others} la forme JSON."))
    if not ways:
        lines.append(say("", _no_way(explanation, kind)))
    return Section(title, tuple(lines))


def _no_way(explanation: Explanation, kind: ChangeKind) -> str:
    if explanation.levers(kind):
        what = "réponses" if kind == "answer" else "changements"
        return f"Aucun ensemble d’au plus {MOST_CHANGES} {what} ne donne un autre statut."
    if kind == "answer":
        return "Rien ne manque : ce statut ne dépend d’aucune réponse inconnue."
    return "Ce statut ne dépend de rien que vous puissiez changer."


def _merged(changes: Iterable[Change]) -> list[_Way]:
    """Put together changes that differ in one fact only and give the same status, as long as there are some."""
    ways = [
        _Way({fact: (value,) for fact, value in found.set.items()}, found.gives, (found.moved,)) for found in changes
    ]
    before = -1
    while len(ways) != before:
        before = len(ways)
        for fact in dict.fromkeys(fact for way in ways for fact in way.values):
            ways = _merged_along(fact, ways)
    return ways


def _merged_along(fact: str, ways: Iterable[_Way]) -> list[_Way]:
    found: dict[object, _Way] = {}
    for way in ways:
        others = tuple(entry for entry in way.values.items() if entry[0] != fact)
        key = (way.gives, others, fact in way.values)
        same = found.get(key)
        if same is None:
            found[key] = way
        else:
            values = {**way.values, fact: same.values[fact] + way.values[fact]}
            found[key] = _Way(values, way.gives, same.moved + way.moved)
    return list(found.values())


def _way(explanation: Explanation, way: _Way) -> str:
    said = [
        f"{label[:1].upper()}{label[1:]} : {_any_of(explanation, fact, values)}"
        for fact, values in way.values.items()
        for label in [fact_label(explanation.plan.rulebook, fact)]
    ]
    return f"{', et '.join(said)} → {STATUSES[way.gives]} ({_moved(way.moved)})"


def _moved(moved: Sequence[int]) -> str:
    fewest, most = min(moved), max(moved)
    if most == 0:
        return "rien d’autre ne change"
    count = str(most) if fewest == most else f"{fewest} {'ou' if most == fewest + 1 else 'à'} {most}"
    return f"{count} autre{'s' * (most > 1)} action{'s' * (most > 1)} change{'nt' * (most > 1)} aussi"


def _any_of(explanation: Explanation, fact: str, values: Sequence[FactValue]) -> str:
    rulebook = explanation.plan.rulebook
    choices: Sequence[FactValue] = PROGRESS_VALUES if fact.startswith(PROGRESS) else rulebook.vocabulary[fact].values
    if choices and {*values} >= {*choices}:
        return _ANY
    values = sorted(values, key=lambda value: choices.index(value) if value in choices else len(choices))
    numbers = [value for value in values if isinstance(value, int)]
    words = [_interval(explanation, fact, interval) for interval in _joined(explanation, fact, numbers)]
    for value in values:
        if isinstance(value, tuple) and value:
            words.append(listed(answer_words(rulebook, fact, (choice,)) for choice in value))
        elif not isinstance(value, int):
            words.append(answer_words(rulebook, fact, value))
    return either(words)


def _joined(explanation: Explanation, fact: str, numbers: Iterable[int]) -> list[Interval]:
    """Return the intervals of these numbers, in order; two that touch are one."""
    found: list[Interval] = []
    for low, high in (explanation.interval(fact, number) for number in sorted(numbers)):
        if found and low is not None and found[-1][1] == low - 1:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return found


def _interval(explanation: Explanation, fact: str, interval: Interval) -> str:
    rulebook = explanation.plan.rulebook
    question = rulebook.vocabulary[fact]
    low = None if interval[0] == question.min else interval[0]
    high = None if interval[1] == question.max else interval[1]
    if low is not None and high is not None:
        return answer_words(rulebook, fact, low) if low == high else f"de {low} à {answer_words(rulebook, fact, high)}"
    if low is not None:
        return f"{answer_words(rulebook, fact, low)} ou plus"
    return f"{answer_words(rulebook, fact, high)} ou moins" if high is not None else _ANY
