"""What has become of a plan: an exported one of an earlier day against today's, and why each action moved.

The old plan is read from its JSON, where each rule has its verdict and the facts that made it. Which part of an action
turned its status is found as between two variants (`turning`). A rule that turned is then judged again, as it is today,
on the facts of that day: where it gives the old verdict, the answers made the difference; where it does not, the rule
is no longer what it was. That is sure, because the facts that were cited for a verdict give it by themselves.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from conseil.authority import Basis
from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue, Verdict, evaluate, leaves
from conseil.errors import InvalidInput, Problem, reason_of
from conseil.exported import ExportedItem, ExportedPlan, ExportedReason, export, exported_value
from conseil.plan import LIVE, Plan, Status
from conseil.plan.status import any_true
from conseil.rulebook import Effect
from conseil.turning import GROUNDS, Grounds, counts, irreducible, turned

__all__ = ["Evolution", "Moved", "Origin", "Outcome", "Since", "Turn", "load_plan", "what_moved"]

Fact = str | int | bool | tuple[str, ...] | None
Outcome = Literal["done", "new", "gone", "other"]
Origin = Literal["answers", "rule_added", "rule_removed", "rule_changed", "either"]

_MOST_BYTES = 16 * 1024 * 1024
_VERDICTS: dict[str, Verdict] = {"true": True, "false": False, "unknown": None}


@dataclass(frozen=True, slots=True)
class Since:
    """The value of a fact on the earlier day and today; `noted` tells whether the old plan has it."""

    before: Fact
    after: Fact
    noted: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """A rule that turned the status of its action, and what turned the rule.

    Attributes:
        rule: its id.
        effect: what it does.
        because: its sentence: today's, or that of the earlier day where the rule is gone.
        basis: on whose authority it stands.
        before: its verdict then; `None` where the rules did not have it, or the facts did not tell (see `origin`).
        after: its verdict today.
        origin: the answers, or the rule itself: added since, removed, or judging the same facts otherwise; `either`
            where the rules changed and the old plan does not note enough to tell.
        overlay: the title of the overlay that wrote the rule; empty where the guide's own rulebook did.
    """

    rule: str
    effect: Effect
    because: str
    basis: Basis
    before: Verdict
    after: Verdict
    origin: Origin
    overlay: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """An action whose status is no longer what it was, and why.

    Attributes:
        action: its id.
        title: today's, or the old one where the rules no longer have the action.
        outcome: `done` since, `new` among the live actions, `gone` from them, or `other`.
        before: its old status; `None` where the old rules did not have it.
        after: its status today; `None` where today's rules do not have it.
        answers: the facts that changed, and that a rule which turned rests on; its own progress too.
        turns: the rules that turned the status.
        deductions: the facts that the rules deduce otherwise, or whose question they ask in other cases.
        prerequisites: the required actions whose own change turned it.
    """

    action: str
    title: str
    outcome: Outcome
    before: Status | None
    after: Status | None
    answers: Mapping[str, Since]
    turns: tuple[Turn, ...]
    deductions: tuple[str, ...]
    prerequisites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evolution:
    """What moved between two plans of a territory, in the order of today's rules."""

    old: ExportedPlan
    new: ExportedPlan
    plan: Plan
    moved: tuple[Moved, ...]

    @property
    def rules_changed(self) -> bool:
        """Whether the two plans were made with different rules."""
        return self.old.rulebook.sha256 != self.new.rulebook.sha256


def load_plan(path: Path | str) -> ExportedPlan:
    """Read a plan that was exported as JSON.

    Raises:
        InvalidInput: the file cannot be read, or is not an exported plan.

    >>> from tempfile import TemporaryDirectory
    >>> from conseil import advise, load_profile
    >>> plan = advise(load_profile("profiles/creuse-grand-sud.yaml"))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plan.json"
    ...     _ = path.write_text(export(plan).model_dump_json(), encoding="utf-8")
    ...     load_plan(path) == export(plan)
    True
    """
    try:
        return ExportedPlan.model_validate_json(_bytes(Path(path)))
    except FileNotFoundError:
        problem = Problem(str(path), None, None, "fichier introuvable", "vérifiez le chemin et l’orthographe du nom")
    except OSError as error:
        problem = Problem(str(path), None, None, "plan illisible", reason_of(error))
    except (ValidationError, ValueError):
        hint = "donnez un fichier écrit par `conseil plan … --format json`"
        problem = Problem(str(path), None, None, "ce n’est pas un plan de conseil en JSON", hint)
    raise InvalidInput([problem])


def _bytes(path: Path) -> bytes:
    if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():  # a pipe could make us wait for ever
        raise ValueError
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError
    return data


def what_moved(old: ExportedPlan, plan: Plan) -> Evolution:
    """Compare an exported plan with today's.

    Raises:
        InvalidInput: the old plan was made with another rulebook (another id).

    >>> from conseil import advise, load_profile
    >>> plan = advise(load_profile("profiles/creuse-grand-sud.yaml"))
    >>> what_moved(export(plan), plan).moved
    ()
    """
    new = export(plan)
    if old.rulebook.id != new.rulebook.id:
        message = f"ce plan suit les règles `{old.rulebook.id}`, et non `{new.rulebook.id}`"
        hint = "indiquez le bon dossier de règles, ou un autre plan"
        raise InvalidInput([Problem("ancien plan", None, None, message, hint)])
    days = _Days(old, new, plan)
    names = [*days.after, *(name for name in days.before if name not in days.after)]
    return Evolution(old, new, plan, tuple(found for name in names if (found := days.moved(name)) is not None))


class _Days:
    """Both plans, and what was known on the earlier day."""

    def __init__(self, old: ExportedPlan, new: ExportedPlan, plan: Plan) -> None:
        self.before = {item.action: item for item in old.items}
        self.after = {item.action: item for item in new.items}
        self._plan = plan
        self._rules_changed = old.rulebook.sha256 != new.rulebook.sha256
        self._deduced = [{deduced.fact: deduced for deduced in day.deduced} for day in (old, new)]
        self._old: dict[str, Fact] = {}
        for item in old.items:
            self._old[PROGRESS + item.action] = None if item.progress == "unknown" else item.progress
            for reason in item.reasons:
                self._old.update(reason.facts)
        for deduced in old.deduced:
            self._old.update({**deduced.facts, deduced.fact: deduced.value})
        self._facts = _read(self._old)

    def moved(self, action: str) -> Moved | None:
        """Say what became of an action, if its status is another."""
        old, new = self.before.get(action), self.after.get(action)
        if old is None or new is None:
            return _appeared(old, new)
        if old.status == new.status:
            return None
        before, after = _grounds(old, self.before), _grounds(new, self.after)
        grounds = turned(before, after) or GROUNDS  # all of them, where an older conseil gave the old status
        turns = dict(turn for effect in grounds for turn in self._turns(old, new, effect))
        answers, deductions = dict[str, Since](), list[str]()
        if "progress" in grounds and before.progress != after.progress:
            answers[PROGRESS + action] = Since(before.progress, after.progress)
        for facts in turns.values():
            for fact, since in facts.items():
                self._note(fact, since, answers, deductions)
        return Moved(
            action=action,
            title=new.title,
            outcome=_outcome(old.status, new.status),
            before=old.status,
            after=new.status,
            answers=answers,
            turns=tuple(turns),
            deductions=tuple(dict.fromkeys(deductions)),
            prerequisites=tuple(self._prerequisites(old, new)) if "requires" in grounds else (),
        )

    def _turns(self, old: ExportedItem, new: ExportedItem, effect: str) -> Iterator[tuple[Turn, dict[str, Since]]]:
        """Walk the rules of an effect whose verdict is another, and the facts that turned each."""
        before = {reason.rule: reason for reason in old.reasons if reason.effect == effect}
        after = {reason.rule: reason for reason in new.reasons if reason.effect == effect}
        whole = any_true(map(_verdict, after.values()))
        for name in {**before, **after}:
            was, now = before.get(name), after.get(name)
            verdicts = _verdict(was), _verdict(now)
            shown = now or was
            if shown is not None and verdicts[0] is not verdicts[1] and counts(*verdicts, whole):
                origin, facts = self._origin(was, now)
                overlay = "" if shown.origin.id == self._plan.rulebook.guide.id else shown.origin.title
                yield Turn(name, shown.effect, shown.because, shown.basis, *verdicts, origin, overlay), facts

    def _origin(self, was: ExportedReason | None, now: ExportedReason | None) -> tuple[Origin, dict[str, Since]]:
        """Say what turned a rule, and by which facts: the fewest that, put as they are today, give its verdict.

        What the old plan does not note is taken to have been as today, unless nothing else can have turned the rule.
        """
        if was is None or now is None:
            return ("rule_added" if was is None else "rule_removed"), {}
        when = self._plan.rulebook.rules[now.rule].when
        tested = dict.fromkeys(leaf.fact for _, leaf in leaves(when))
        cited = {**was.facts, **now.facts}  # before the rest: of facts that can stand for each other, they are named
        found = {fact: self._since(fact) for fact in {**cited, **tested}}
        changed = {fact: since for fact, since in found.items() if since is not None}
        noted = [fact for fact, since in changed.items() if since.noted]
        others = [fact for fact, since in changed.items() if not since.noted]
        missing = {fact: changed[fact] for fact in others if fact in cited}

        def gives(facts: Sequence[str]) -> bool:
            if not facts and not missing:
                return False  # what nobody noted may give the verdict alone: something is named all the same
            return evaluate(when, self._with_today([*others, *facts])) is _verdict(now)

        names = irreducible(noted, gives) if gives(noted) else tuple(noted)
        same = evaluate(when, self._facts) is _verdict(was) and was.facts.keys() <= tested.keys()
        if not same or names:
            return ("answers" if same else "rule_changed"), {fact: changed[fact] for fact in names}
        return ("either" if self._rules_changed else "answers"), missing

    def _with_today(self, facts: Sequence[str]) -> dict[str, FactValue]:
        """Return the facts of the earlier day, some of them as they are today."""
        today = {fact: self._plan.facts[fact] for fact in facts if fact in self._plan.facts}
        return {fact: value for fact, value in self._facts.items() if fact not in facts} | today

    def _note(self, fact: str, since: Since, answers: dict[str, Since], deductions: list[str]) -> None:
        """Note a fact that changed; where nobody answered it on either day, note also what it is deduced from."""
        if fact in answers or fact in deductions:
            return
        if self._asked_otherwise(fact, since):
            deductions.append(fact)
            return
        days = [day[fact].facts if fact in day else None for day in self._deduced]
        answered = (days[0] is None and since.before is not None, fact in self._plan.known.given)
        if any(answered) or not since.noted:
            answers[fact] = since
            return
        would_be = self._deduced_then(fact)
        if self._rules_changed and would_be != self._facts.get(fact):
            deductions.append(fact)
            if would_be == self._plan.facts.get(fact):
                return
        cited = dict.fromkeys(root for facts in days for root in facts or ())
        roots = {root: found for root in cited if (found := self._since(root)) is not None}
        if roots or fact not in deductions:
            answers[fact] = since
        for root, found in roots.items():
            self._note(root, found, answers, deductions)

    def _asked_otherwise(self, fact: str, since: Since) -> bool:
        """Say whether a question surely applies on one day only because the rules ask it in other cases."""
        question = self._plan.rulebook.vocabulary.get(fact)
        applied, applies = since.before != NOT_APPLICABLE, since.after != NOT_APPLICABLE
        if question is None or question.asked_when is None or not since.noted:
            return False
        would_have = evaluate(question.asked_when, self._facts)
        return applied is not applies and would_have is not None and would_have is not applied

    def _deduced_then(self, fact: str) -> FactValue | None:
        """Return what today's rules would have deduced then; what the old plan does not note was as it is today."""
        facts = {name: value for name, value in self._plan.facts.items() if name not in self._old} | self._facts
        deduction = self._plan.rulebook.deduction_of.get(fact)
        if deduction is None:
            return None
        for outcome in deduction.values:
            verdict = None if outcome.when is None else evaluate(outcome.when, facts)
            if verdict is not False:
                return outcome.value if verdict else None
        return deduction.otherwise.value

    def _since(self, fact: str) -> Since | None:
        """Return both values of a fact, if they are not the same or the old one is not noted."""
        known = self._plan.rulebook.has_fact(fact)
        after = exported_value(self._plan, fact) if known else None
        if fact not in self._old:
            return Since(None, after, noted=False)
        return Since(self._old[fact], after) if self._old[fact] != after else None

    def _prerequisites(self, old: ExportedItem, new: ExportedItem) -> Iterator[str]:
        then = {needed.action: self._possible(self.before, needed.action) for needed in old.requires}
        today = {needed.action: self._possible(self.after, needed.action) for needed in new.requires}
        yield from (name for name in {**then, **today} if then.get(name) != today.get(name))

    @staticmethod
    def _possible(items: Mapping[str, ExportedItem], action: str) -> tuple[Status, ...]:
        return items[action].possible if action in items else ()


def _read(noted: Mapping[str, Fact]) -> dict[str, FactValue]:
    """Return the facts that were known, as conditions read them."""
    known = {fact: value for fact, value in noted.items() if value is not None}
    return {fact: ("oui" if value else "non") if isinstance(value, bool) else value for fact, value in known.items()}


def _verdict(reason: ExportedReason | None) -> Verdict:
    """Return the verdict of a rule; one that the rules do not have makes nothing true."""
    return _VERDICTS[reason.verdict] if reason else False


def _grounds(item: ExportedItem, items: Mapping[str, ExportedItem]) -> Grounds:
    verdicts: dict[str, Any] = {
        effect: any_true(_verdict(reason) for reason in item.reasons if reason.effect == effect)
        for effect in ("exclude", "recommend", "defer")
    }
    requires = tuple(
        (needed.state, items[needed.action].possible if needed.action in items else ()) for needed in item.requires
    )
    return Grounds(progress=None if item.progress == "unknown" else item.progress, requires=requires, **verdicts)


def _appeared(old: ExportedItem | None, new: ExportedItem | None) -> Moved | None:
    """Say what became of an action that the rules of one day do not have."""
    item = new or old
    if item is None:
        return None
    before, after = old.status if old else None, new.status if new else None
    return Moved(item.action, item.title, _outcome(before, after), before, after, {}, (), (), ())


def _outcome(before: Status | None, after: Status | None) -> Outcome:
    if after == "done":
        return "done"
    if (before in LIVE) == (after in LIVE):
        return "other"
    return "new" if after in LIVE else "gone"
