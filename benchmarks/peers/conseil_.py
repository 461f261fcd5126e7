"""conseil itself, in a process like the others: `python -m benchmarks.peers.conseil_ <engine> <job> <rulebook>`.

The jobs are `match` (facts in, ids of true rules out), `plan` (profile in, plan with all statuses, scores, ranks and
reasons out), `building` (the same, from verdicts that exist), `cited` (the same as `plan`, with the facts on which each
reason rests) and `sentences` (a plan that exists is exported, with every sentence).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.peers.serving import serve
from benchmarks.workload import known_of, rulebook_of
from conseil import Plan, Profile, Rulebook, advise, export
from conseil.inference import Engine, Inference, Verdicts, compile_rulebook
from conseil.plan import build_plan
from conseil.plan.judging import forget
from conseil.profile import Known, known

__all__ = ["JOBS", "Job"]


class Job:
    """A rulebook and an engine; each job says how it takes profiles, and what it does with them."""

    takes = "answers"

    def __init__(self, rulebook: Rulebook, engine: str, workload: Mapping[str, Any]) -> None:
        self.rulebook = rulebook
        self.engine: Engine = compile_rulebook(rulebook, engine)
        self.names: Mapping[str, str] = workload["facts"]
        self.three_valued: bool = workload["three_valued"]

    def prepare(self, facts: dict[str, Any]) -> Any:  # noqa: ANN401 -- each job takes its own
        """Return a profile, as a user of the library holds it."""
        return Profile.model_validate({"name": "Territoire", "kind": "invented", **facts})

    def match(self, prepared: Sequence[Any]) -> Sequence[Any]:
        """Return the plan of each profile; nothing is remembered of an earlier round, which had the same profiles."""
        forget()
        return [advise(profile, self.rulebook, self.engine.name) for profile in prepared]


class Match(Job):
    """The ids of the true rules, from facts."""

    takes = "profiles"

    def prepare(self, facts: dict[str, Any]) -> Known:
        """Return the facts as an engine takes them."""
        return known_of(facts, self.names)

    def match(self, prepared: Sequence[Known]) -> Sequence[Any]:
        """Return the ids of the true rules, and of the unknown ones where facts may be."""
        infer, ids = self.engine.infer, _three_valued if self.three_valued else _true
        return [ids(infer(facts)) for facts in prepared]


class Cited(Job):
    """The plan, with the facts on which the reasons of every action rest."""

    def match(self, prepared: Sequence[Profile]) -> Sequence[Any]:
        """Return the plan of each profile, and those facts."""
        forget()
        plans = [advise(profile, self.rulebook, self.engine.name) for profile in prepared]
        return [(plan, [plan.cites(reason) for item in plan.items for reason in plan.reasons(item)]) for plan in plans]


class Sentences(Job):
    """A plan that exists, as JSON would hold it: every sentence is worked out."""

    def prepare(self, facts: dict[str, Any]) -> Plan:
        """Return the plan of a profile."""
        return advise(super().prepare(facts), self.rulebook, self.engine.name)

    def match(self, prepared: Sequence[Plan]) -> Sequence[Any]:
        """Export each plan."""
        return [export(plan) for plan in prepared]


class Building(Job):
    """A plan from verdicts that exist."""

    def prepare(self, facts: dict[str, Any]) -> tuple[Profile, Inference]:
        """Return a profile, and what an engine infers from it."""
        profile = super().prepare(facts)
        return profile, self.engine.infer(known(profile, self.rulebook))

    def match(self, prepared: Sequence[tuple[Profile, Inference]]) -> Sequence[Any]:
        """Read each profile, and build its plan."""
        forget()
        book = self.rulebook
        return [build_plan(book, profile, known(profile, book), inference) for profile, inference in prepared]


JOBS: Mapping[str, type[Job]] = {
    "match": Match,
    "plan": Job,
    "building": Building,
    "cited": Cited,
    "sentences": Sentences,
}


def _true(inference: Inference) -> list[str]:
    rules = inference.rules
    if isinstance(rules, Verdicts):
        return rules.names(rules.true)
    return [rule for rule, verdict in rules.items() if verdict]


def _three_valued(inference: Inference) -> tuple[list[str], list[str]]:
    rules = inference.rules
    if isinstance(rules, Verdicts):
        return rules.names(rules.true), rules.names(rules.unknown)
    unknown = [rule for rule, verdict in rules.items() if verdict is None]
    return [rule for rule, verdict in rules.items() if verdict], unknown


def _shown(job: str) -> Callable[[Any], object] | None:
    """Return what turns a result into what is compared: the statuses, scores and ranks of a plan."""
    if job == "match":
        return None
    if job == "sentences":
        return lambda exported: exported.model_dump(mode="json")
    return lambda found: _lines(found[0] if isinstance(found, tuple) else found)


def _lines(plan: Plan) -> list[tuple[str, str, int, int | None]]:
    return [(item.id, item.status, item.score.total, item.rank) for item in plan.items]


if __name__ == "__main__":
    engine, job, name = sys.argv[1:]
    book = rulebook_of(name)
    serve(lambda workload: JOBS[job](book, engine, workload), "conseil", _shown(job))
