"""The cases of a rulebook: a situation, and what the plan must say of it.

They stand in `tests/*.yaml` of the folder of rules, where somebody who knows the field writes them without a program.
A case is run like any profile; what it expects and does not find is a mismatch: `deciding` says which rules made it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from conseil.advice import advise
from conseil.documents import read
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
from conseil.fields import Text, field
from conseil.migration import migrated
from conseil.plan import LIVE, Plan, Status
from conseil.profile import Profile, known, shipped_profiles
from conseil.records import Record, validated
from conseil.rulebook import Effect, Rulebook
from conseil.sentences import STATUSES, listed

__all__ = [
    "PREREQUISITE",
    "Case",
    "CaseResult",
    "Expectation",
    "Mismatch",
    "Place",
    "load_cases",
    "run_case",
    "territory_of",
]

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

    recommended: tuple[str, ...] = field(default=(), description="les actions qui doivent être recommandées")
    not_recommended: tuple[str, ...] = field(
        default=(), description="les actions qui doivent avoir un autre statut que « recommandée »"
    )
    not_retained: tuple[str, ...] = field(default=(), description="les actions qui ne doivent pas être retenues")
    excluded: tuple[str, ...] = field(default=(), description="les actions qui doivent être écartées")
    to_confirm: tuple[str, ...] = field(default=(), description="les actions qui doivent être à confirmer")
    not_lost: tuple[str, ...] = field(
        default=(), description="les actions qui ne doivent être ni écartées ni non retenues"
    )
    deferred: dict[str, str] = field(
        default={}, description="les actions qui doivent attendre, et l’obstacle qui doit être vrai, ou `prerequisite`"
    )
    decisions: tuple[str, ...] = field(default=(), description="les actions qui doivent être parmi les décisions")
    not_decisions: tuple[str, ...] = field(
        default=(), description="les actions qui ne doivent pas être parmi les décisions"
    )
    now: tuple[str, ...] = field(default=(), description="les actions qui doivent être à lancer maintenant")
    warns: dict[str, tuple[str, ...]] = field(
        default={}, description="les avertissements qui doivent être vrais, par action"
    )
    adapted: dict[str, tuple[str, ...]] = field(
        default={}, description="les adaptations qui doivent être vraies, par action"
    )
    stage: str | None = field(default=None, description="l’étape de la posture où doit en être le territoire")
    next_stage: str | None = field(default=None, description="l’étape de la posture qui doit suivre")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        if not any(raw.values()):
            yield Fault((), "ce cas n’attend rien", "nommez au moins une action, ou une étape")


class Place(NamedTuple):
    """Where a case stands."""

    path: str
    line: int | None

    def __str__(self) -> str:
        """Show it as problems show theirs."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


class Case(Record):
    """A situation, written out or beginning with a shipped profile, and what the plan must say of it."""

    name: Text = field(description="ce que le cas montre, en une phrase ; aucun autre ne porte ce nom")
    profile: Text | None = field(default=None, description="un territoire fourni, dont partir")
    answers: dict[str, Any] = field(default={}, description="comme dans un profil")
    progress: dict[str, str] = field(default={}, description="l’avancement des actions, comme dans un profil")
    expect: Expectation = field(description="ce que le plan doit dire")

    @cached_property
    def place(self) -> Place | None:
        """Where it stands; nothing where it was made otherwise. The reader says it."""
        return None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that a plan does not say as its case expects.

    Attributes:
        key: the key of `expect`.
        action: the action; nothing for a stage.
        wanted: the statuses that would do, where a status was expected.
        rule: the rule that should be true, where one was named.
        expected: what was expected, in French.
        got: what the plan says, in French.
    """

    key: str
    action: str | None
    wanted: tuple[Status, ...]
    rule: str | None
    expected: str
    got: str

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{self.action or 'étape'} : attendu {self.expected}, obtenu {self.got}"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a case gave: its plan, and each thing that is not as expected; none where it holds."""

    case: Case
    plan: Plan
    mismatches: tuple[Mismatch, ...]

    @property
    def holds(self) -> bool:
        """Whether the plan says all that the case expects."""
        return not self.mismatches


def load_cases(paths: Iterable[Path | str], rulebook: Rulebook) -> tuple[Case, ...]:
    """Read every case of some files and folders, in the order of the files, and check it against a rulebook.

    A folder that does not exist has no case; a file that is named twice is read once.

    Raises:
        InvalidRulebook: with every problem of every file.
    """
    reader = _Reader(rulebook)
    files: dict[str, Path] = {}
    for path in map(Path, paths):
        for file in [path] if path.is_file() else sorted(path.glob("*.yaml")):
            files.setdefault(os.path.realpath(file), file)
    for file in files.values():
        reader.file(file)
    if reader.problems:
        raise InvalidRulebook(reader.problems)
    return tuple(reader.cases)


def run_case(case: Case, rulebook: Rulebook, engine: str | None = None) -> CaseResult:
    """Run a case, and say what its plan does not say as expected."""
    plan = advise(territory_of(case, rulebook), rulebook, engine)
    return CaseResult(case, plan, tuple(_mismatches(case.expect, plan)))


def territory_of(case: Case, rulebook: Rulebook) -> Profile:
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
            place = Place(document.path, document.problem(Fault(("cases", index), "")).line)
            faults = [fault.under("cases", index) for fault in self._case(raw, place)]
            self.problems += [document.problem(fault) for fault in faults]

    def _case(self, raw: object, place: Place) -> Iterator[Fault]:
        try:
            case = validated(Case, raw)
        except Faults as error:
            yield from error.faults
            return
        if case.name in self._names:
            yield Fault(("name",), "ce nom est déjà celui d’un autre cas", f"première fois : {self._names[case.name]}")
        self._names.setdefault(case.name, str(place))
        yield from self._situation(case)
        yield from self._expectation(case.expect)
        vars(case)["place"] = place
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


def _mismatches(expect: Expectation, plan: Plan) -> Iterator[Mismatch]:
    yield from _statuses(expect, plan)
    for action, why in expect.deferred.items():
        yield from _deferred(plan, action, why)
    for key in ("warns", "adapted"):
        for action, rules in getattr(expect, key).items():
            true = [reason.rule.id for reason in plan.true_reasons(plan.item(action), _RULE_KEYS[key])]
            missing = [rule for rule in rules if rule not in true]
            yield from (Mismatch(key, action, (), rule, f"la règle {rule}", _ids(true)) for rule in missing)
    decisions, where = [item.id for item in plan.decisions], "parmi les décisions"
    yield from _chosen(plan, "decisions", where, [action for action in expect.decisions if action not in decisions])
    refused = [action for action in expect.not_decisions if action in decisions]
    yield from _chosen(plan, "not_decisions", f"ailleurs que {where}", refused)
    waiting = [action for action in expect.now if not plan.item(action).now]
    yield from _chosen(plan, "now", "à lancer maintenant", waiting)
    situation = plan.situation
    for key, wanted, got in (
        ("stage", expect.stage, situation.stage),
        ("next_stage", expect.next_stage, situation.next_stage),
    ):
        if wanted not in {None, got.stage if got else None}:
            yield Mismatch(key, None, (), None, _titled(plan, wanted), _titled(plan, got.stage if got else None))


def _titled(plan: Plan, stage: str | None) -> str:
    """Name a stage by its title and its id: the title that the scenario has for it, where it has one."""
    if stage is None:
        return "aucune"
    stances = sorted(plan.rulebook.guide.stances, key=lambda stance: stance != plan.situation.stance)
    title = next(described.title for stance in stances for described in stance.stages if described.stage == stage)
    return f"« {title} » ({stage})"


def _statuses(expect: Expectation, plan: Plan) -> Iterator[Mismatch]:
    for key, status in _STATUS_KEYS.items():
        for action in getattr(expect, key):
            yield from _status(plan, key, action, (status,), STATUSES[status])
    for action in expect.not_recommended:
        others: tuple[Status, ...] = tuple(status for status in STATUSES if status != "recommended")
        yield from _status(plan, "not_recommended", action, others, "autre que recommandée")
    for action in expect.not_lost:
        kept: tuple[Status, ...] = tuple(status for status in STATUSES if status not in _LOST)
        yield from _status(plan, "not_lost", action, kept, "ni écartée ni non retenue")


def _status(plan: Plan, key: str, action: str, wanted: tuple[Status, ...], expected: str) -> Iterator[Mismatch]:
    status = plan.item(action).status
    if status not in wanted:
        yield Mismatch(key, action, wanted, None, expected, STATUSES[status])


def _deferred(plan: Plan, action: str, why: str) -> Iterator[Mismatch]:
    item, rule = plan.item(action), None if why == PREREQUISITE else why
    obstacles = [reason.rule.id for reason in plan.true_reasons(item, "defer")]
    obstacles += ["un prérequis" for needed in item.requires if needed.state == "deferred"]
    said = f"l’obstacle {rule}" if rule else "un prérequis"
    if item.status != "deferred":
        expected = f"{STATUSES['deferred']}, avec {said}"
        yield Mismatch("deferred", action, ("deferred",), rule, expected, STATUSES[item.status])
    elif (rule or "un prérequis") not in obstacles:
        yield Mismatch("deferred", action, (), rule, said, _ids(obstacles))


def _chosen(plan: Plan, key: str, where: str, actions: Iterable[str]) -> Iterator[Mismatch]:
    for action in actions:
        item = plan.item(action)
        rank = f", au rang {item.rank} (vague {item.wave})" if item.status in LIVE and item.rank else ""
        yield Mismatch(key, action, (), None, where, STATUSES[item.status] + rank)


def _ids(names: Iterable[str]) -> str:
    return listed(dict.fromkeys(names)) or "rien"
