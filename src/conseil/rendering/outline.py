"""A plan as a reader meets it: sections, entries and lines, before any form is chosen.

Every sentence is made here, once; `text` and `markdown` only lay it out. A line keeps on whose authority it stands, so
that a reader tells the guide's reasons from ours at a glance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conseil.authority import Basis, Source
from conseil.conditions import PROGRESS
from conseil.plan import Item, Plan, Reason
from conseil.rendering.grid import matrix_text
from conseil.rendering.typography import typographic
from conseil.rulebook import Action, EntryKind, Rule, Rulebook
from conseil.sentences import (
    PRIORITIES,
    STATUSES,
    answer_words,
    fact_label,
    listed,
    mismatch,
    notice_sentence,
    question_sentence,
    uncapitalised,
    unlock_sentences,
)

__all__ = [
    "Entry",
    "Line",
    "Outline",
    "Section",
    "Table",
    "action_title",
    "outline",
    "reason_line",
    "requirement_lines",
    "rulebook_sentence",
    "say",
    "say_of_rule",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One statement: its label, our words, and the guide's where it is quoted.

    Attributes:
        label: what kind of statement it is; empty where the text says so itself.
        text: our sentence, typographically correct; may be empty beside a quotation.
        basis: on whose authority it stands, where that is not plain.
        quote: the guide's words, as they are, or those of a document that an overlay names.
        origin: the overlay that says it; empty where it is the guide's own rulebook.
    """

    label: str
    text: str
    basis: Basis | None = None
    quote: Source | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An action under a heading.

    Attributes:
        to_copy: lines of a file, to be shown as they are.
    """

    number: int | None
    title: str
    marks: tuple[str, ...]
    lines: tuple[Line, ...]
    to_copy: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; each cell is a few short words, which may stand below one another."""

    header: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what introduces it, its drawing, its table, and its entries.

    Attributes:
        drawing: lines of letters that stand in columns, to be shown as they are.
    """

    title: str
    lines: tuple[Line, ...] = ()
    entries: tuple[Entry, ...] = ()
    table: Table | None = None
    drawing: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole plan, ready to be laid out."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]

    @property
    def marked(self) -> bool:
        """Whether some line says on whose authority it stands."""
        return any(line.basis is not None for line in self._lines)

    @property
    def adapted(self) -> bool:
        """Whether some line quotes a document of an overlay, or is said by one."""
        return any(line.origin or line.basis == "overlay" for line in self._lines)

    @property
    def _lines(self) -> list[Line]:
        sections = self.sections
        lines = [line for section in sections for line in section.lines]
        return lines + [line for section in sections for entry in section.entries for line in entry.lines]


def outline(plan: Plan, step: str | None = None, top: int | None = None) -> Outline:
    """Write a plan down in sections.

    Args:
        plan: the plan.
        step: keep the actions of this step only.
        top: keep this many live actions, in rank order, and nothing but them.
    """
    kept = _Kept(plan, step, top)
    sections = [_situation(plan), kept.decisions(), kept.now(), kept.next()]
    if top is None and step is None:
        sections.append(_at_a_glance(plan))
    if top is None:
        sections += [kept.to_confirm(), kept.deferred(), kept.begun(), kept.left_out()]
        sections += [_criteria(plan), _answers(plan), _guide_says(plan), _withdrawn(plan)]
    return Outline(
        title=typographic(f"Plan d’action : {plan.profile.name}"),
        subtitle=typographic(_subtitle(plan, step)),
        sections=tuple(section for section in sections if section.lines or section.entries),
    )


def _subtitle(plan: Plan, step: str | None) -> str:
    guide = plan.rulebook.guide
    said = rulebook_sentence(plan.rulebook)
    titles = {known.id: known.title for known in guide.steps}
    return f"{said}. Étape du guide : {titles[step]}" if step else said


def rulebook_sentence(rulebook: Rulebook) -> str:
    """Say on which guide a plan rests, and who has adapted it."""
    guide = rulebook.guide
    said = f"D’après le guide « {guide.title} » ({guide.publisher}), règles {guide.version}"
    adapting = [f"{overlay.title} ({overlay.publisher}, version {overlay.version})" for overlay in rulebook.overlays]
    return f"{said}, adaptées par : {listed(adapting)}" if adapting else said


def say(label: str, text: str, basis: Basis | None = None, quote: Source | None = None, origin: str = "") -> Line:
    """Return a statement with French typography."""
    return Line(label, typographic(text), basis, quote, origin)


def say_of_rule(rulebook: Rulebook, label: str, text: str, rule: Rule, *, quoted: bool = False) -> Line:
    """Return a statement that stands on the authority of a rule, with what the rule quotes if that is wanted."""
    origin = rulebook.origin_title("rule", rule.id)
    return say(label, text, rule.authority, rule.source if quoted else None, origin)


# The situation


def _situation(plan: Plan) -> Section:
    return Section("Situation", tuple(_situation_lines(plan)))


def _situation_lines(plan: Plan) -> Iterator[Line]:
    rulebook, roles = plan.rulebook, plan.rulebook.guide.roles
    yield say("Posture", _posture(plan))
    deduced = {found.fact: found for found in plan.deduced}
    maturity = plan.facts.get(roles.maturity)
    if roles.maturity in deduced:
        because = deduced.pop(roles.maturity).because
        said = f"{answer_words(rulebook, roles.maturity, maturity)} (déduite). {because}"
        yield say("Maturité", said, "editorial", origin=rulebook.origin_title("deduction", roles.maturity))
    else:
        said = "sans réponse" if maturity is None else answer_words(rulebook, roles.maturity, maturity)
        yield say("Maturité", f"{said}.")
    for found in deduced.values():
        said = f"{answer_words(rulebook, found.fact, found.value)} (déduite). {found.because}"
        origin = rulebook.origin_title("deduction", found.fact)
        yield say(fact_label(rulebook, found.fact), said, "editorial", origin=origin)
    counts = [(len(plan.assumed), "réponse supposée", "réponses supposées")]
    counts += [(len(plan.unknown), "question sans réponse", "questions sans réponse")]
    said = listed(f"{count} {one if count == 1 else several}" for count, one, several in counts if count)
    if said:
        yield say("À savoir", f"{said} (la liste est à la fin).")
    for notice in plan.notices:
        yield say("À savoir", notice_sentence(plan, notice))


def _posture(plan: Plan) -> str:
    rulebook, situation, roles = plan.rulebook, plan.situation, plan.rulebook.guide.roles
    if situation.stance is None:
        return "scénario inconnu ; les conseils qui en dépendent sont à confirmer."
    said = answer_words(rulebook, roles.scenario, situation.stance.scenario)
    if situation.stage is None:
        return f"{said} ; étape de la posture inconnue."
    said += f". Étape de la posture : {uncapitalised(situation.stage.title)}"
    if situation.next_stage:
        return f"{said} ; ensuite : {uncapitalised(situation.next_stage.title)}."
    return f"{said}, la dernière. {situation.stance.leads_to.title}"


def _criteria(plan: Plan) -> Section:
    following = plan.situation.next_stage
    title = f"Avant l’étape « {following.title} »" if following else "Avant de conclure"
    words = {True: "c’est fait", False: "pas encore", None: "à vérifier"}
    lines = [
        say("", f"{criterion.text} → {words[verdict]}", criterion.authority)
        for criterion, verdict in plan.situation.criteria
    ]
    return Section(typographic(title), tuple(lines))


def _at_a_glance(plan: Plan) -> Section:
    intro = say("", "Chaque action y est à la place de son score, sous le numéro de son rang.")
    return Section("Impact et faisabilité", (intro,) if plan.ranked else (), drawing=matrix_text(plan))


# The actions


class _Kept:
    """The actions that the reader asked for, section by section."""

    def __init__(self, plan: Plan, step: str | None, top: int | None) -> None:
        self.plan = plan
        self.step = step
        live = [item for item in self._of_step(plan.ranked) if item.status == "recommended"]
        self.live = live if top is None else live[:top]

    def _title(self, item: Item) -> str:
        return action_title(self.plan.rulebook, item.action)

    def _of_step(self, items: Iterable[Item]) -> list[Item]:
        return [item for item in items if self.step in {None, item.action.step}]

    def decisions(self) -> Section:
        chosen = [item for item in self.plan.decisions if item in self.live]
        if not self.plan.decisions:
            return self._nothing_sure()
        count = len(self.plan.decisions)
        title = "La première décision" if count == 1 else f"Les {count} premières décisions"
        if len(chosen) < count:
            title = f"Parmi les {count} premières décisions"
        return Section(title, (), tuple(self._decision(item, place) for place, item in enumerate(chosen, start=1)))

    def _nothing_sure(self) -> Section:
        """Say which questions come before any decision."""
        counts = Counter(fact for item in self.plan.to_confirm for fact in self.plan.missing(item))
        asked = [fact for fact, _ in counts.most_common() if not fact.startswith(PROGRESS)][:3]
        if not asked:
            return Section("Les premières décisions", (say("", "Il n’y a rien à lancer maintenant."),))
        lines = [say("", "Aucune action n’est encore sûre. Répondez d’abord à ces questions :")]
        lines += [say("Question", question_sentence(self.plan.rulebook, fact)) for fact in asked]
        return Section("Les premières décisions", tuple(lines))

    def _decision(self, item: Item, number: int) -> Entry:
        return Entry(number, self._title(item), (_priority(item),), tuple(self._first_reason(item)))

    def _first_reason(self, item: Item) -> Iterator[Line]:
        reasons = self.plan.true_reasons(item, "recommend")
        if reasons:
            best = max(reasons, key=lambda reason: reason.rule.points.impact or 0)
            yield reason_line(self.plan.rulebook, "", best)

    def now(self) -> Section:
        items = [item for item in self.live if item.now]
        role = self.plan.rulebook.guide.roles.capacity.question
        answer = answer_words(self.plan.rulebook, role, self.plan.facts.get(role))
        label = fact_label(self.plan.rulebook, role)
        intro = (say("", f"Au plus {self.plan.capacity} actions à la fois (« {label} » : {answer})."),)
        return Section("À lancer maintenant", intro if items else (), tuple(self._whole(item) for item in items))

    def _whole(self, item: Item) -> Entry:
        return Entry(item.rank, self._title(item), tuple(_marks(item)), tuple(self._whole_lines(item)))

    def _whole_lines(self, item: Item) -> Iterator[Line]:
        book = self.plan.rulebook
        yield action_line(book, item.action)
        yield from self._why(item)
        yield from self._elsewhere(item)
        for reason in self.plan.true_reasons(item, "caution"):
            law = f" Texte : {reason.rule.reference}." if reason.rule.reference else ""
            yield say_of_rule(book, "Attention", f"{reason.rule.because}{law}", reason.rule, quoted=True)
        yield from requirement_lines(self.plan, item)
        yield from self._twins(item)
        origin = book.origin_title("action", item.id)
        if item.action.resources:
            yield say("Il faut", listed(item.action.resources) + ".", "editorial", origin=origin)
        if item.action.partners:
            yield say("Avec", listed(item.action.partners) + ".", "editorial", origin=origin)

    def _why(self, item: Item) -> Iterator[Line]:
        essential = self.plan.rulebook.essential_of.get(item.id)
        if essential is not None:
            yield Line("Primordiale", "", "guide", essential.said)
        for reason in self.plan.true_reasons(item, "recommend", "reinforce"):
            yield reason_line(self.plan.rulebook, "Réserve" if _takes(reason.rule) else "Pourquoi", reason)
        for reason in self.plan.true_reasons(item, "adapt"):
            said = f"{reason.rule.because} {reason.rule.how}"
            yield say_of_rule(self.plan.rulebook, "Comment, ici", said, reason.rule, quoted=True)

    def _elsewhere(self, item: Item) -> Iterator[Line]:
        examples = {example.id: example.name for example in self.plan.rulebook.examples}
        for example, deed in self.plan.rulebook.deeds_of[item.id]:
            if deed.source.quote not in {way.source.quote for way in item.action.ways}:
                origin = self.plan.rulebook.origin_title("example", example.id)
                yield say("Ailleurs", f"{example.name} :", deed.source.basis, deed.source, origin)
        origin = self.plan.rulebook.origin_title("action", item.id)
        for way in item.action.ways:
            where = f" ({examples[way.example]})" if way.example else ""
            yield say("D’autres l’ont fait", f"{way.title}{where} :", way.source.basis, way.source, origin)

    def _twins(self, item: Item) -> Iterator[Line]:
        """Name the actions by which the guide says the same in other words, folded under this one or not."""
        for other in self.plan.items:
            pair = other.action.twin_of == item.id or item.action.twin_of == other.id
            if pair and other.status not in {"not_retained", "excluded"}:
                said = "que le guide cite aussi." if other.lead == item.id else f"{STATUSES[other.status]} ici."
                source, origin = other.action.source, self.plan.rulebook.origin_title("action", other.id)
                yield say("Va de pair avec", f"« {other.action.title} », {said}", source.basis, source, origin)

    def next(self) -> Section:
        items = [item for item in self.live if not item.now]
        return Section("Ensuite", (), tuple(self._short(item) for item in items))

    def _short(self, item: Item) -> Entry:
        lines = [*self._first_reason(item), *requirement_lines(self.plan, item), *self._twins(item)]
        return Entry(item.rank, self._title(item), (*_marks(item), f"vague\N{NO-BREAK SPACE}{item.wave}"), tuple(lines))

    def to_confirm(self) -> Section:
        """Ask each missing question once, the one on which most actions depend first; then say what depends on it."""
        items = self._of_step(self.plan.to_confirm)
        counts = Counter(fact for item in items for fact in self.plan.missing(item))
        lines = [self._question(fact, count) for fact, count in counts.most_common() if not fact.startswith(PROGRESS)]
        lines += self._progress_question([fact for fact in counts if fact.startswith(PROGRESS)])
        return Section("À confirmer", tuple(lines), tuple(self._open(item) for item in items))

    def _question(self, fact: str, count: int) -> Line:
        settles = f"En dépend{'ent' if count > 1 else ''} {count} action{'s' if count > 1 else ''}."
        return say("Question", f"{question_sentence(self.plan.rulebook, fact)} {settles}")

    def _progress_question(self, facts: list[str]) -> Iterator[Line]:
        actions = [self.plan.rulebook.by_id[fact.removeprefix(PROGRESS)].title for fact in facts]
        if actions:
            named = listed(f"« {title} »" for title in actions)
            yield say("Question", f"Avez-vous déjà mené {named} ?")

    def _open(self, item: Item) -> Entry:
        missing = self.plan.missing(item)
        labels = [f"« {fact_label(self.plan.rulebook, fact)} »" for fact in missing if not fact.startswith(PROGRESS)]
        labels += ["ce que vous avez déjà mené"] * any(fact.startswith(PROGRESS) for fact in missing)
        possible = listed((STATUSES[status] for status in item.possible), "ou")
        return Entry(None, self._title(item), (), (say("", f"{possible.capitalize()}, selon {listed(labels)}."),))

    def deferred(self) -> Section:
        items = self._of_step(self.plan.with_status("deferred"))
        items.sort(key=lambda item: -item.score.total)
        return Section("À préparer", (), tuple(self._obstacle(item) for item in items))

    def _obstacle(self, item: Item) -> Entry:
        lines: list[Line] = []
        for reason in self.plan.true_reasons(item, "defer"):
            lines.append(reason_line(self.plan.rulebook, "Obstacle", reason))
            if reason.rule.unlocked_by:
                ways = " ; ou bien ".join(unlock_sentences(self.plan, reason.rule.unlocked_by))
                lines.append(say_of_rule(self.plan.rulebook, "Ce qui le lève", f"{ways}.", reason.rule))
        lines += [line for line in requirement_lines(self.plan, item) if "à préparer" in line.text]
        return Entry(None, self._title(item), (_priority(item),), tuple(lines))

    def begun(self) -> Section:
        items = self._of_step([*self.plan.with_status("in_progress"), *self.plan.with_status("done")])
        entries = [Entry(item.rank, self._title(item), (STATUSES[item.status],), ()) for item in items]
        return Section("Déjà fait ou en cours", (), tuple(entries))

    def left_out(self) -> Section:
        items = self._of_step([*self.plan.with_status("excluded"), *self.plan.with_status("not_retained")])
        return Section("Non retenues", (), tuple(self._left_out(item) for item in items))

    def _left_out(self, item: Item) -> Entry:
        if item.status == "excluded":
            reasons = self.plan.true_reasons(item, "exclude")
            lines = [reason_line(self.plan.rulebook, "Écartée", reason) for reason in reasons]
        else:
            lines = [say("", self._nearest(item), "editorial")]
        return Entry(None, self._title(item), (), tuple(lines))

    def _nearest(self, item: Item) -> str:
        """Say what keeps the rule that is nearest to recommending it from being true."""
        found = [mismatch(self.plan, reason.rule.when) for reason in self.plan.reasons(item, "recommend")]
        if not found:
            return "Aucune règle ne la recommande."
        return f"Ici, {min(found, key=len)[0]}."


def _answers(plan: Plan) -> Section:
    """List what the plan rests on without being told: what was assumed, and what is not known."""
    groups = (("Supposé", plan.assumed), ("Sans réponse", plan.unknown))
    lines = [
        say(label, listed(fact_label(plan.rulebook, fact) for fact in facts) + ".") for label, facts in groups if facts
    ]
    return Section("Ce qui est supposé, ce qui manque", tuple(lines))


def _guide_says(plan: Plan) -> Section:
    guide = plan.rulebook.guide
    said = [*guide.arguments, *guide.cautions]
    lines = tuple(Line(typographic(statement.title), "", "guide", statement.source) for statement in said)
    return Section("Ce que dit le guide", lines)


def _withdrawn(plan: Plan) -> Section:
    """Say what overlays took out of the rules, and why."""
    lines = [
        say("", f"{_KINDS[gone.kind]} `{gone.id}` : {gone.because}", "editorial", origin=overlay.title)
        for overlay in plan.rulebook.overlays
        for gone in overlay.withdraw
    ]
    return Section("Ce que l’adaptation a retiré", tuple(lines))


def requirement_lines(plan: Plan, item: Item) -> Iterator[Line]:
    """Say what an action supposes, and what each prerequisite is here."""
    for needed, found in zip(item.action.requires, item.requires, strict=True):
        title = plan.rulebook.by_id[needed.action].title
        said = {
            "done": f"« {title} », déjà faite.",
            "live": f"« {title} », dans une vague précédente.",
            "deferred": f"« {title} », qui est elle-même à préparer.",
            "waived": f"« {title} », que ce plan ne retient pas : vérifiez que d’autres l’ont fait.",
            "to_confirm": f"« {title} », qui est à confirmer ; le plan la compte comme recommandée.",
        }[found.state]
        waited_for = found.state in {"live", "deferred", "to_confirm"}
        why = f" {needed.rationale}" if waited_for and needed.rationale else ""
        yield say("Suppose", said + why, needed.authority, origin=plan.rulebook.origin_title("action", item.id))


_KINDS: dict[EntryKind, str] = {
    "question": "La question",
    "deduction": "La déduction de",
    "action": "L’action",
    "rule": "La règle",
    "example": "L’exemple",
}


def _priority(item: Item) -> str:
    sure = "" if item.certain else ", à confirmer"
    return typographic(f"priorité {PRIORITIES[item.priority]}{sure}")


def _marks(item: Item) -> Iterator[str]:
    if item.progress == "unknown":
        yield "si ce n’est pas déjà fait"
    yield _priority(item)
    score = item.score
    yield f"{score.total}/100" if score.low == score.high else f"{score.total}/100, entre {score.low} et {score.high}"
    yield " et ".join(
        f"{name} {axis.value}" + (" (plafonné)" if axis.clipped > 0 else " (plancher)" if axis.clipped else "")
        for name, axis in (("impact", score.impact), ("faisabilité", score.feasibility))
    )


def _takes(rule: Rule) -> bool:
    """Say whether a rule takes points and gives none."""
    points = [steps for steps in (rule.points.impact, rule.points.feasibility) if steps]
    return bool(points) and max(points) < 0


def reason_line(rulebook: Rulebook, label: str, reason: Reason) -> Line:
    """Give the reason of a rule, on the authority on which it stands."""
    return say_of_rule(rulebook, label, reason.rule.because, reason.rule, quoted=True)


def action_title(rulebook: Rulebook, action: Action) -> str:
    """Name an action, and the overlay that wrote it: the guide's are named alone."""
    origin = rulebook.origin_title("action", action.id)
    return typographic(f"{action.title} ({origin})" if origin else action.title)


def action_line(rulebook: Rulebook, action: Action) -> Line:
    """Give the words on which an action rests: the guide's, or those of a document that an overlay names."""
    basis, origin = action.source.basis, rulebook.origin_title("action", action.id)
    return Line("Le guide" if basis == "guide" else "L’adaptation", "", basis, action.source, origin)
