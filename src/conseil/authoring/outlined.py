"""What the cases of a rulebook gave, as a reader meets it: which do not hold and why, and what they leave unseen.

The reader knows the field and no program: a sentence of a rule, the answers that make it true, and what would have to
be otherwise say more than two ids that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from conseil.authoring.cases import CaseResult, Place
from conseil.authoring.coverage import Coverage, Lack, LackKind, Neighbour, Subject
from conseil.authoring.deciding import Decider, Difference, answers_sentence, difference
from conseil.authoring.drafts import draft_for
from conseil.conditions import ALWAYS
from conseil.errors import Fault, Location, legible
from conseil.plan import Plan
from conseil.rendering.outline import Entry, Line, Outline, Section, rulebook_sentence, say
from conseil.rendering.typography import typographic
from conseil.rulebook import Effect, Places, Rulebook
from conseil.sentences import STATUSES, aims, fact_named, fact_sentence, listed

__all__ = ["cases_outline", "counted"]

_EFFECTS: dict[Effect, str] = {
    "recommend": "qui recommande l’action",
    "reinforce": "qui change son score",
    "adapt": "qui l’adapte au territoire",
    "defer": "qui est un obstacle",
    "exclude": "qui l’écarte",
    "caution": "qui met en garde",
}

_DECIDES: dict[Effect, str] = {
    "recommend": "aucun cas où, sans cette règle, l’action aurait un autre statut.",
    "defer": "aucun cas où, sans cet obstacle, l’action aurait un autre statut.",
    "exclude": "aucun cas où, sans cette règle, l’action aurait un autre statut.",
    "reinforce": "aucun cas où, sans cette règle, le total de l’action serait autre.",
    "adapt": "aucun cas où ce conseil est donné pour une action recommandée ou en cours.",
    "caution": "aucun cas où cette mise en garde est donnée pour une action recommandée ou en cours.",
}

_KINDS: dict[LackKind, str] = {
    "never_true": "aucun cas où cette condition est vraie.",
    "never_false": "aucun cas où cette condition est fausse.",
}


def counted(count: int, one: str, several: str) -> str:
    """Say how many there are.

    >>> counted(1, "manque", "manques"), counted(0, "manque", "manques"), counted(2, "cas", "cas")
    ('1 manque', '0 manque', '2 cas')
    """
    return f"{count} {several if count > 1 else one}"


def cases_outline(rulebook: Rulebook, results: Sequence[CaseResult], coverage: Coverage | None = None) -> Outline:
    """Write down which cases do not hold, and, where it was measured, what all of them leave unseen."""
    places = _Where(rulebook)
    sections = [_failing(results, places)]
    if coverage is not None:
        sections += [*_lacking(coverage, places), _impossible(coverage, places)]
        sections.append(Section("Ce que les cas montrent", tuple(_summary(coverage))))
    sections.append(Section("Bilan", (say("", _verdict(results, coverage)),)))
    return Outline(
        title=typographic("Les cas des règles"),
        subtitle=typographic(rulebook_sentence(rulebook)),
        sections=tuple(section for section in sections if section.lines or section.entries),
    )


def _verdict(results: Sequence[CaseResult], coverage: Coverage | None) -> str:
    failing = [result for result in results if not result.holds]
    if not results:
        said = "Aucun cas. `conseil test --record PROFIL` en propose un d’après un plan."
    elif not failing:
        said = f"{counted(len(results), 'cas, qui tient', 'cas, qui tiennent tous')}."
    else:
        said = f"{len(results)} cas, dont {counted(len(failing), 'ne tient pas', 'ne tiennent pas')}."
    if coverage is None:
        return said
    return f"{said} Couverture : {counted(len(coverage.lacks), 'manque', 'manques')}."


class _Where:
    """Where rules and other conditions stand, as `file:line`."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._places = Places(rulebook)

    def of(self, subject: Subject, way: Location = ()) -> str:
        problem = self._places.problem(subject.entry, Fault((*subject.way, *way), ""))
        return _from_here(Place(problem.path, problem.line))

    def of_rule(self, decider: Decider) -> str:
        return self.of(Subject.of_rule(decider.rule))


def _from_here(place: Place) -> str:
    """Say where something stands; inside the folder in which one works, from there."""
    path = Path(place.path)
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return legible(str(place._replace(path=str(path))))


# Cases that do not hold


def _failing(results: Iterable[CaseResult], places: _Where) -> Section:
    failing = [result for result in results if not result.holds]
    title = "Le cas qui ne tient pas" if len(failing) == 1 else f"Les {len(failing)} cas qui ne tiennent pas"
    return Section(title, (), tuple(_failed(result, places) for result in failing))


def _failed(result: CaseResult, places: _Where) -> Entry:
    lines = [
        line for mismatch in result.mismatches for line in _lines(result.plan, difference(result, mismatch), places)
    ]
    where = (_from_here(result.case.place),) if result.case.place else ()
    return Entry(None, typographic(result.case.name), where, tuple(lines))


def _lines(plan: Plan, found: Difference, places: _Where) -> Iterator[Line]:
    mismatch = found.mismatch
    if mismatch.action is None:
        what = "étape de la posture" if mismatch.key == "stage" else "étape suivante de la posture"
        yield say("Sur", f"l’{what}")
    else:
        yield say("Sur l’action", f"« {plan.item(mismatch.action).action.title} » ({mismatch.action})")
    yield say("Attendu", mismatch.expected)
    yield say("Obtenu", mismatch.got)
    for remark in found.remarks:
        yield say("", remark)
    for decider in found.deciders:
        yield from _decider(plan, decider, len(found.deciders), places)
    if found.nearest is not None:
        wanted = listed((STATUSES[status] for status in mismatch.wanted), "ou") if len(mismatch.wanted) == 1 else ""
        gives = f"l’action serait {wanted}" if wanted else "le cas tiendrait sur ce point"
        yield say("Au plus près", f"avec {answers_sentence(plan, found.nearest)}, {gives}.")


def _decider(plan: Plan, decider: Decider, count: int, places: _Where) -> Iterator[Line]:
    rule = decider.rule
    label = "La règle qui fait la différence" if count == 1 else "Une règle qui fait la différence"
    yield say(label, f"{rule.id}, {_EFFECTS[rule.effect]} ({places.of_rule(decider)}).")
    yield say("Elle dit", rule.because)
    facts = [fact_sentence(plan, fact) for fact in decider.facts]
    match decider.verdict:
        case True:
            here = (
                f"elle est vraie, d’après : {' ; '.join(facts)}." if facts else "elle vaut pour tous les territoires."
            )
            yield say("Ici", here)
            if decider.lacks:
                yield say("Pour qu’elle ne joue pas", f"il faudrait {listed(decider.lacks)}.")
        case False:
            yield say("Ici", "elle n’est pas vraie.")
            lacks = f"il faudrait {listed(decider.lacks)}." if decider.lacks else "aucune réponse ne suffirait."
            yield say("Pour qu’elle joue", lacks)
        case None:
            waits = listed(fact_named(plan.rulebook, fact) for fact in decider.facts)
            yield say("Ici", f"on ne sait pas si elle est vraie ; il manque {waits}.")


# What no case shows


def _summary(coverage: Coverage) -> Iterator[Line]:
    rules = [subject for subject in coverage.subjects if subject.entry.kind == "rule"]
    true, false = ([subject for subject in rules if subject in some] for some in (coverage.true, coverage.false))
    always = sum(subject.condition == ALWAYS for subject in rules)
    yield say("Cas", f"{len(coverage.results)}, et pour chacun toutes ses variantes d’une seule réponse.")
    yield say(
        "Règles",
        f"{len(rules)}, dont {len(true)} vraies dans au moins un cas, {len(false)} fausses dans au moins un cas "
        f"({always} valent toujours), {len(coverage.deciding)} qui décident dans au moins un cas.",
    )
    conditions = len(coverage.subjects) - len(rules)
    if conditions:
        yield say(
            "Autres conditions",
            f"{conditions} (déductions, questions, critères), dont {len(coverage.true) - len(true)} vraies "
            f"dans au moins un cas, {len(coverage.false) - len(false)} fausses dans au moins un cas.",
        )
    by_cases = sum(isinstance(shown.other, int) for shown in coverage.shown)
    yield say(
        "Tests des conditions",
        f"{coverage.tests}, dont {len(coverage.shown)} montrés décisifs ({by_cases} par deux cas, "
        f"{len(coverage.shown) - by_cases} par un cas et sa variante).",
    )


def _lacking(coverage: Coverage, places: _Where) -> Iterator[Section]:
    """Tell what is missing, action by action."""
    for title, lacks in groupby(coverage.lacks, key=lambda lack: _heading(lack.subject)):
        by_subject = groupby(lacks, key=lambda lack: lack.subject)
        entries = tuple(_lack(subject, [*some], coverage, places) for subject, some in by_subject)
        action = coverage.rulebook.by_id.get(title)
        lines = (say("", f"« {action.title} »"),) if action else ()
        yield Section(typographic(f"Il manque : {title}"), lines, entries)


def _heading(subject: Subject) -> str:
    match subject.entry.kind:
        case "rule":
            return subject.entry.id.partition(".")[0]
        case "deduction":
            return "déductions"
        case "question":
            return "questions"
    return "critères des étapes"


def _lack(subject: Subject, lacks: Sequence[Lack], coverage: Coverage, places: _Where) -> Entry:
    lines = tuple(say("", _missing(coverage.rulebook, lack)) for lack in lacks)
    drafts = list(_drafts(lacks, coverage))
    if drafts:
        lines = (*lines, say("Cas proposé", "à coller dans un fichier de `tests/`, à relire et à nommer."))
    return Entry(None, _named(coverage.rulebook, subject), (places.of(subject),), lines, "\n".join(drafts))


def _drafts(lacks: Iterable[Lack], coverage: Coverage) -> Iterator[str]:
    """Walk the cases to propose, each once: one territory may show several things."""
    seen: list[Neighbour] = []
    for lack in lacks:
        if lack.nearest is not None and lack.nearest not in seen:
            seen.append(lack.nearest)
            draft = draft_for(lack, coverage)
            if draft is not None:
                yield draft


def _named(rulebook: Rulebook, subject: Subject) -> str:
    match subject.entry.kind:
        case "rule":
            return subject.entry.id
        case "deduction":
            value = rulebook.deduction_of[subject.entry.id].values[int(subject.way[1])].value
            return typographic(f"{subject.entry.id} : {rulebook.vocabulary[subject.entry.id].shown(value)}")
        case "question":
            return typographic(f"{subject.entry.id} : quand la question se pose")
    _, stance, _, stage, _, place, _ = subject.way
    described = rulebook.guide.stances[int(stance)].stages[int(stage)]
    return typographic(f"{described.title} : {described.ready_when[int(place)].text}")


def _missing(rulebook: Rulebook, lack: Lack) -> str:
    if lack.test is not None:
        said = aims(rulebook, lack.test)
        label = fact_named(rulebook, lack.test.fact)
        return f"aucun cas, ni aucune variante, ne montre que ce test décide : {label}, {said}."
    if lack.kind == "never_decides":
        return _DECIDES[rulebook.rules[lack.subject.entry.id].effect]
    return _KINDS[lack.kind]


def _impossible(coverage: Coverage, places: _Where) -> Section:
    """Tell what no territory can show: nothing is missing there, something is one too many."""
    rulebook, whole = coverage.rulebook, ("never_true", "never_false")
    constant = {lack.subject for lack in coverage.impossible if lack.kind in whole}  # which says all of their tests
    lines = [
        say("", f"{_named(rulebook, lack.subject)} ({places.of(lack.subject, lack.way)}) : {_never(rulebook, lack)}")
        for lack in coverage.impossible
        if lack.kind in whole or lack.subject not in constant
    ]
    return Section("Ce qu’aucun territoire ne peut montrer", tuple(lines))


def _never(rulebook: Rulebook, lack: Lack) -> str:
    if lack.test is not None:
        test = f"{fact_named(rulebook, lack.test.fact)}, {aims(rulebook, lack.test)}"
        return f"ce test ne décide jamais : {test} ; la condition dit la même chose sans lui."
    match lack.kind:
        case "never_true":
            return "cette condition n’est vraie nulle part."
        case "never_false":
            return "cette condition est vraie partout : écrivez `when: always`."
    return "partout où cette règle est vraie, une autre a déjà le même effet : elle ne change aucun statut."
