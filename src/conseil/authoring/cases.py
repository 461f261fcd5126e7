"""The cases of a rulebook: a situation, and what the plan must say of it.

They stand in `tests/*.yaml` of the folder of rules, where somebody who knows the field writes them without a program.
A case is run like any profile; what it expects and does not find is said in French, with the rules that decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from conseil.advice import advise
from conseil.documents import Document, read
from conseil.errors import (
    Fault,
    Faults,
    InvalidDocument,
    InvalidInput,
    InvalidProfile,
    InvalidRulebook,
    Problem,
    nearest,
)
from conseil.migration import migrated
from conseil.plan import Item, Plan, Status
from conseil.profile import Profile, known, shipped_profiles
from conseil.records import Record, Text, validated
from conseil.rulebook import Effect, Rulebook
from conseil.sentences import STATUSES, listed

__all__ = ["PREREQUISITE", "Case", "CaseResult", "Expectation", "load_cases", "run_case"]

PREREQUISITE = "prerequisite"
"""What a deferred action waits for, when it is another action rather than an obstacle of its own."""

_LOST: tuple[Status, ...] = ("excluded", "not_retained")
_STATUS_KEYS: dict[str, Status] = {
    "recommended": "recommended",
    "not_retained": "not_retained",
    "excluded": "excluded",
    "to_confirm": "to_confirm",
}
_ACTION_KEYS = (*_STATUS_KEYS, "not_recommended", "not_lost", "decisions", "not_decisions", "now")
_RULE_KEYS: dict[str, Effect] = {"deferred": "defer", "warns": "caution", "adapted": "adapt"}


class Expectation(Record):
    """What a plan must say.

    Attributes:
        recommended: actions that are recommended; likewise `not_retained`, `excluded`, `to_confirm`.
        not_recommended: actions whose status is anything else.
        not_lost: actions that are neither excluded nor not retained.
        deferred: actions that wait, and why: a rule that is true, or `prerequisite`.
        decisions: actions among the decisions; `not_decisions`, among which they are not.
        now: actions among those to launch now.
        warns: the cautions that are true of an action; `adapted`, the adaptations.
        stage: where the territory stands.
        next_stage: where it goes from there.
    """

    recommended: tuple[str, ...] = Field(default=(), description="les actions qui doivent être recommandées")
    not_recommended: tuple[str, ...] = Field(
        default=(), description="les actions qui doivent avoir un autre statut que « recommandée »"
    )
    not_retained: tuple[str, ...] = Field(default=(), description="les actions qui ne doivent pas être retenues")
    excluded: tuple[str, ...] = Field(default=(), description="les actions qui doivent être écartées")
    to_confirm: tuple[str, ...] = Field(default=(), description="les actions qui doivent être à confirmer")
    not_lost: tuple[str, ...] = Field(
        default=(), description="les actions qui ne doivent être ni écartées ni non retenues"
    )
    deferred: dict[str, str] = Field(
        default={}, description="les actions qui doivent attendre, et l’obstacle qui doit être vrai, ou `prerequisite`"
    )
    decisions: tuple[str, ...] = Field(default=(), description="les actions qui doivent être parmi les décisions")
    not_decisions: tuple[str, ...] = Field(
        default=(), description="les actions qui ne doivent pas être parmi les décisions"
    )
    now: tuple[str, ...] = Field(default=(), description="les actions qui doivent être à lancer maintenant")
    warns: dict[str, tuple[str, ...]] = Field(
        default={}, description="les avertissements qui doivent être vrais, par action"
    )
    adapted: dict[str, tuple[str, ...]] = Field(
        default={}, description="les adaptations qui doivent être vraies, par action"
    )
    stage: str | None = Field(default=None, description="l’étape de la posture où doit en être le territoire")
    next_stage: str | None = Field(default=None, description="l’étape de la posture qui doit suivre")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        if not any(raw.values()):
            yield Fault((), "ce cas n’attend rien", "nommez au moins une action, ou une étape")


class Case(Record):
    """A situation, written out or beginning with a shipped profile, and what the plan must say of it."""

    name: Text = Field(description="ce que le cas montre, en une phrase ; aucun autre ne porte ce nom")
    profile: Text | None = Field(default=None, description="un territoire fourni, dont partir")
    answers: dict[str, Any] = Field(default={}, description="comme dans un profil")
    progress: dict[str, str] = Field(default={}, description="l’avancement des actions, comme dans un profil")
    expect: Expectation = Field(description="ce que le plan doit dire")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a case gave: nothing where it holds, else one French line for each thing that is not as expected."""

    case: Case
    plan: Plan
    lines: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the plan says all that the case expects."""
        return not self.lines


def load_cases(folders: Iterable[Path | str], rulebook: Rulebook) -> tuple[Case, ...]:
    """Read every case of some folders, in the order of the files, and check it against a rulebook.

    Raises:
        InvalidRulebook: with every problem of every file.
    """
    reader = _Reader(rulebook)
    for folder in folders:
        for path in sorted(Path(folder).glob("*.yaml")):
            reader.file(path)
    if reader.problems:
        raise InvalidRulebook(reader.problems)
    return tuple(reader.cases)


def run_case(case: Case, rulebook: Rulebook, engine: str | None = None) -> CaseResult:
    """Run a case, and say what its plan does not say as expected."""
    plan = advise(_profile(case, rulebook), rulebook, engine)
    return CaseResult(case, plan, tuple(_lines(case.expect, plan)))


def _profile(case: Case, rulebook: Rulebook) -> Profile:
    """Return the situation: a shipped profile if one is named, with the case's own answers on top."""
    own = _read_profile(case.answers, case.progress)
    start = _shipped(case.profile, rulebook) if case.profile else own
    answers, progress = start.answers | own.answers, start.progress | own.progress
    return Profile(name=case.name, kind="invented", answers=answers, progress=progress)


def _shipped(name: str, rulebook: Rulebook) -> Profile:
    """Return a shipped profile; under an overlay, without what means nothing there."""
    return migrated(read(shipped_profiles()[name]), rulebook).profile


def _read_profile(answers: Mapping[str, object], progress: Mapping[str, str]) -> Profile:
    return validated(Profile, {"name": "?", "kind": "invented", "answers": answers, "progress": progress})


# Reading


class _Reader:
    """Collect the cases of several files, and their problems."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.cases: list[Case] = []
        self.problems: list[Problem] = []
        self._names: dict[str, str] = {}
        self._starts: dict[str, Fault | None] = {}

    def file(self, path: Path) -> None:
        try:
            document = read(path)
        except InvalidDocument as error:
            self.problems += error.problems
            return
        value = document.value
        entries = value.get("cases") if isinstance(value, dict) and len(value) == 1 else None
        if not isinstance(entries, list):
            fault = Fault((), "liste de cas attendue", "un fichier de cas n’a qu’une clé, `cases:`, suivie d’une liste")
            self.problems.append(document.problem(fault))
            return
        for index, raw in enumerate(entries):
            faults = [fault.under("cases", index) for fault in self._case(raw, document)]
            self.problems += [document.problem(fault) for fault in faults]

    def _case(self, raw: object, document: Document) -> Iterator[Fault]:
        try:
            case = validated(Case, raw)
        except Faults as error:
            yield from error.faults
            return
        if case.name in self._names:
            yield Fault(("name",), "ce nom est déjà celui d’un autre cas", f"première fois : {self._names[case.name]}")
        self._names.setdefault(case.name, document.path)
        yield from self._situation(case)
        yield from self._expectation(case.expect)
        self.cases.append(case)

    def _situation(self, case: Case) -> Iterator[Fault]:
        if case.profile is not None:
            shipped = shipped_profiles()
            if case.profile not in shipped:
                yield Fault(("profile",), f"profil `{case.profile}` inconnu", nearest(case.profile, shipped))
            elif fault := self._fault_of_profile(case.profile):
                yield fault
        for key, part in (("answers", case.answers), ("progress", case.progress)):
            for name, value in part.items():  # one by one: that is how a fault has its line
                try:
                    known(_read_profile(**{"answers": {}, "progress": {}, key: {name: value}}), self.rulebook)
                except Faults as error:
                    yield from (fault.under(*(() if fault.location else (key, name))) for fault in error.faults)
                except InvalidProfile as error:
                    yield from (Fault((key, name), problem.message, problem.hint) for problem in error.problems)

    def _fault_of_profile(self, name: str) -> Fault | None:
        """Say what is wrong with a shipped profile: many cases begin with the same one, which is read once."""
        if name not in self._starts:
            self._starts[name] = None
            try:
                _shipped(name, self.rulebook)
            except InvalidInput as error:
                self._starts[name] = Fault(("profile",), f"profil `{name}` invalide", str(error))
        return self._starts[name]

    def _expectation(self, expect: Expectation) -> Iterator[Fault]:
        for key in _ACTION_KEYS:
            for index, action in enumerate(getattr(expect, key)):
                yield from self._unknown(("expect", key, index), "action", action, self.rulebook.by_id)
        for key, effect in _RULE_KEYS.items():
            for action, rules in getattr(expect, key).items():
                way = ("expect", key, action)
                unknown = list(self._unknown(way, "action", action, self.rulebook.by_id))
                yield from unknown
                if not unknown:
                    having = [rule.id for rule in self.rulebook.by_id[action].rules if rule.effect == effect]
                    having += [PREREQUISITE] if effect == "defer" else []
                    for rule in [rules] if isinstance(rules, str) else rules:
                        yield from self._unknown(way, f"règle `{effect}` de cette action :", rule, having)
        stages = [stage.stage for stance in self.rulebook.guide.stances for stage in stance.stages]
        for key in ("stage", "next_stage"):
            stage = getattr(expect, key)
            if stage is not None:
                yield from self._unknown(("expect", key), "étape", stage, stages)

    @staticmethod
    def _unknown(way: tuple[str | int, ...], noun: str, name: str, having: Iterable[str]) -> Iterator[Fault]:
        if name not in having:
            yield Fault(way, f"{noun} `{name}` inconnue", nearest(name, having))


# Judging


def _lines(expect: Expectation, plan: Plan) -> Iterator[str]:
    yield from _statuses(expect, plan)
    for action, why in expect.deferred.items():
        yield from _deferred(plan, action, why)
    for key in ("warns", "adapted"):
        for action, rules in getattr(expect, key).items():
            true = [reason.rule.id for reason in plan.true_reasons(plan.item(action), _RULE_KEYS[key])]
            missing = [rule for rule in rules if rule not in true]
            yield from (f"{action} : attendu la règle {rule}, obtenu {_ids(true)}" for rule in missing)
    yield from _chosen("parmi les décisions", expect.decisions, expect.not_decisions, plan.decisions)
    yield from _chosen("à lancer maintenant", expect.now, (), plan.now)
    situation = plan.situation
    for wanted, got in ((expect.stage, situation.stage), (expect.next_stage, situation.next_stage)):
        if wanted not in {None, got.stage if got else None}:
            yield f"étape : attendu {wanted}, obtenu {got.stage if got else 'aucune'}"


def _statuses(expect: Expectation, plan: Plan) -> Iterator[str]:
    for key, status in _STATUS_KEYS.items():
        wrong = [action for action in getattr(expect, key) if plan.item(action).status != status]
        yield from (_line(plan, action, STATUSES[status]) for action in wrong)
    for action in expect.not_recommended:
        if plan.item(action).status == "recommended":
            yield _line(plan, action, "autre que recommandée")
    for action in expect.not_lost:
        if plan.item(action).status in _LOST:
            yield _line(plan, action, "ni écartée ni non retenue")


def _deferred(plan: Plan, action: str, why: str) -> Iterator[str]:
    item = plan.item(action)
    obstacles = [reason.rule.id for reason in plan.true_reasons(item, "defer")]
    obstacles += [PREREQUISITE for needed in item.requires if needed.state == "deferred"]
    if item.status != "deferred":
        yield _line(plan, action, f"{STATUSES['deferred']} à cause de {why}")
    elif why not in obstacles:
        yield f"{action} : attendu l’obstacle {why}, obtenu {_ids(obstacles)}"


def _chosen(where: str, wanted: tuple[str, ...], refused: tuple[str, ...], chosen: tuple[Item, ...]) -> Iterator[str]:
    ids = [item.id for item in chosen]
    for action in wanted:
        if action not in ids:
            yield f"{action} : attendu {where}, obtenu {_ids(ids)}"
    for action in refused:
        if action in ids:
            yield f"{action} : attendu ailleurs que {where}, obtenu {_ids(ids)}"


def _ids(names: Iterable[str]) -> str:
    return listed(dict.fromkeys(names)) or "rien"


def _line(plan: Plan, action: str, wanted: str) -> str:
    item = plan.item(action)
    return f"{action} : attendu {wanted}, obtenu {STATUSES[item.status]} ({_cause(plan, item)})"


def _cause(plan: Plan, item: Item) -> str:
    """Name what made the status: rules, prerequisites, or their absence."""
    deciding = plan.reasons(item, "exclude", "recommend", "defer")
    if item.status == "to_confirm":
        return f"il manque {listed(plan.missing(item)) or 'un prérequis'}"
    if item.status in {"done", "in_progress"}:
        return "son avancement le dit"
    true = [reason.rule.id for reason in deciding if reason.verdict]
    true += [f"prérequis {needed.action}" for needed in item.requires if needed.state == "deferred"]
    return listed(true) or "aucune règle ne la recommande"
