"""The benchmark measures what it says: its rulebooks, right results, conversions, faults and yardsticks."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import compress
from pathlib import Path
from typing import Any

import pytest
from benchmarks.figures import fastest_peer
from benchmarks.measuring import Cell, Limits, measure
from benchmarks.participants import PEERS, Participant
from benchmarks.peers.cedar import policy
from benchmarks.peers.clips import definition
from benchmarks.peers.durable_rules import positive
from benchmarks.peers.expressions import expression
from benchmarks.peers.json_logic_ import logic
from benchmarks.peers.zen_ import row
from benchmarks.report import put_into
from benchmarks.synthetic import synthetic_rulebook
from benchmarks.workload import Workload, known_of, profiles_of, rulebook_of, workload

from conseil.conditions import leaves, to_data
from conseil.inference import ENGINES
from conseil.profile import known
from conseil.rulebook import EFFECTS, Rulebook
from golden_files import ROOT
from strategies import durable_or_skip

_WORKLOADS = [("shipped", 0.0), ("shipped", 0.5), ("100", 0.0), ("100", 0.5)]


@pytest.fixture(scope="module", params=_WORKLOADS, ids=str)
def drawn(request: pytest.FixtureRequest) -> Workload:
    name, unknown = request.param
    return workload(name, profiles=15, unknown=unknown)


@pytest.fixture(scope="module", params=["shipped", "100"])
def complete(request: pytest.FixtureRequest) -> Workload:
    return workload(request.param, profiles=15)


# Rulebooks and profiles


@pytest.mark.parametrize("rules", [10, 100, 1_000])
def test_a_synthetic_rulebook_has_the_rules_that_were_asked_for(rules: int) -> None:
    assert len(synthetic_rulebook(rules).rules) == rules


def test_rulebooks_and_profiles_are_the_same_in_every_process() -> None:
    code = "from benchmarks.workload import *; import json; print(json.dumps(workload('100', 5, 0.5).profiles))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert printed == {json.dumps(workload("100", 5, 0.5).profiles).encode() + b"\n"}


def test_a_synthetic_rulebook_resembles_the_one_that_conseil_carries() -> None:
    synthetic, shipped = synthetic_rulebook(1_000), rulebook_of("shipped")

    def tests_a_rule(book: Rulebook) -> float:
        return sum(len(list(leaves(rule.when))) for rule in book.rules.values()) / len(book.rules)

    def negated(book: Rulebook) -> float:
        return sum('"not"' in json.dumps(to_data(rule.when)) for rule in book.rules.values()) / len(book.rules)

    def share(effect: str, book: Rulebook) -> float:
        return sum(rule.effect == effect for rule in book.rules.values()) / len(book.rules)

    def alike(book: Rulebook) -> float:
        """How many actions another has, on average, whose rules have the same effects in the same order."""
        return len(book.actions) / len({tuple(rule.effect for rule in action.rules) for action in book.actions})

    def requiring(book: Rulebook) -> float:
        return sum(bool(action.requires) for action in book.actions) / len(book.actions)

    assert tests_a_rule(synthetic) == pytest.approx(tests_a_rule(shipped), rel=0.25)
    for effect in EFFECTS:
        assert share(effect, synthetic) == pytest.approx(share(effect, shipped), abs=0.05)
    assert alike(synthetic) == pytest.approx(alike(shipped), rel=0.05)
    assert requiring(synthetic) == pytest.approx(requiring(shipped), abs=0.12)
    assert negated(synthetic) == pytest.approx(negated(shipped), abs=0.06)


def test_complete_profiles_leave_nothing_open(complete: Workload) -> None:
    assert all(facts.keys() == complete.facts.keys() for facts in complete.profiles)
    assert not any(complete.unsettled)
    book = rulebook_of(complete.name)
    judge = ENGINES["reference"](book)
    assert not any(judge.infer(known(profile, book)).ignored for profile in profiles_of(complete))
    assert 0.2 < sum(map(len, complete.true)) / len(complete.rules) / len(complete.profiles) < 0.6


@pytest.mark.parametrize("engine", [durable_or_skip, *(name for name in ENGINES if name != "durable")])
def test_engines_agree_on_facts_and_on_profiles(drawn: Workload, engine: str) -> None:
    book = rulebook_of(drawn.name)
    judge = ENGINES[engine](book)
    for place, profile in enumerate(profiles_of(drawn)):
        for given in (known_of(drawn.profiles[place], drawn.facts), known(profile, book)):
            verdicts = judge.infer(given).rules
            assert [rule for rule, verdict in verdicts.items() if verdict] == drawn.true[place]
            assert [rule for rule, verdict in verdicts.items() if verdict is None] == drawn.unsettled[place]


# Conversions that need no peer


def holds(tree: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Evaluate a plain condition; `wanted` is what `positive` adds."""
    match tree["op"]:
        case "all":
            return all(holds(part, facts) for part in tree["parts"])
        case "any":
            return any(holds(part, facts) for part in tree["parts"])
        case "not":
            return not holds(tree["part"], facts)
    value = facts[tree["fact"]]
    match tree["op"]:
        case "in":
            found = value in tree["values"]
        case "between":
            found = (tree["low"] is None or tree["low"] <= value) and (tree["high"] is None or value <= tree["high"])
        case _:
            made = [choice in value for choice in tree["values"]]
            found = {"any": any(made), "all": all(made), "none": not any(made)}[tree["quantifier"]]
    return found is tree.get("wanted", True)


def json_logic(rule: Any, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Apply the operators of JsonLogic that conversions use."""
    if not isinstance(rule, dict):
        return rule
    [(operator, raw)] = rule.items()
    if operator == "var":
        return data[raw]
    values = [json_logic(value, data) for value in (raw if isinstance(raw, list) else [raw])]
    match operator:
        case "and":
            return all(values)
        case "or":
            return any(values)
        case "!":
            return not values[0]
        case "in":
            return values[0] in values[1]
        case "===":
            return values[0] == values[1]
        case ">=":
            return values[0] >= values[1]
        case "<=":
            return values[0] <= values[1]
    raise AssertionError(operator)


def test_plain_conditions_keep_their_meaning(complete: Workload) -> None:
    for facts, true in zip(complete.profiles, complete.true, strict=True):
        rules = complete.rules
        assert list(compress(rules, (holds(tree, facts) for tree in rules.values()))) == true
        assert list(compress(rules, (holds(positive(tree), facts) for tree in rules.values()))) == true


def test_expressions_and_json_logic_keep_it(complete: Workload) -> None:
    rules = complete.rules
    compiled = [compile(expression(tree), "rule", "eval") for tree in rules.values()]
    logics = [logic(tree) for tree in rules.values()]
    for facts, true in zip(complete.profiles, complete.true, strict=True):
        names = {**facts, "true": True}
        assert list(compress(rules, (eval(code, {}, names) for code in compiled))) == true  # noqa: S307 - our own text
        assert list(compress(rules, (json_logic(one, facts) for one in logics))) == true


def test_negation_ends_up_at_the_tests() -> None:
    def below(tree: Mapping[str, Any]) -> set[str]:
        return {tree["op"]}.union(*(below(part) for part in tree.get("parts", ())))

    trees = workload("100", profiles=1).rules.values()
    assert "not" in {tree["op"] for tree in trees}
    assert set().union(*(below(positive(tree)) for tree in trees)) == {"all", "any", "in", "between", "several"}


_BOUND = {"op": "between", "fact": "population", "low": 5, "high": None}
_MADE = {"op": "several", "fact": "besoins", "quantifier": "none", "values": ["foncier", "debouches"]}
_WORD = {"op": "in", "fact": "niveau", "values": ["cc", "ca"]}
_NESTED = {"op": "all", "parts": [_WORD, {"op": "any", "parts": [_BOUND, {"op": "not", "part": _MADE}]}]}


def test_the_forms_of_peers_that_are_no_python() -> None:
    assert policy("r", _NESTED) == (
        '@id("r") permit(principal, action, resource) when { (["cc", "ca"].contains(context.niveau)) && '
        '((context.population >= 5) || (!(!context.besoins.containsAny(["foncier", "debouches"])))) };'
    )
    assert definition("r", "?*h0*", _NESTED) == (
        "(defrule r (profile (niveau cc|ca) (population ?population) (besoins $?besoins)) "
        "(test (or (>= ?population 5) (not (not (or (member$ foncier ?besoins) (member$ debouches ?besoins)))))) "
        "=> (bind ?*h0* (create$ ?*h0* r)))"
    )
    assert row("r", _NESTED) == {
        "_id": "r",
        "out": '"r"',
        "niveau": '"cc", "ca"',
        "free": '(population >= 5) or (not (not ("foncier" in besoins or "debouches" in besoins)))',
    }


@pytest.mark.parametrize(
    "module",
    [
        "peers.cedar",
        "peers.clips",
        "peers.durable_rules",
        "peers.expressions",
        "peers.json_logic_",
        "peers.zen_",
        "report",
        "synthetic",
        "workload",
    ],
)
def test_examples_in_docstrings_hold(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"benchmarks.{module}"))
    assert (failed, tried > 0) == (0, True)


# Measuring

_CHILD = """
import os, sys, time
from benchmarks.peers.serving import serve
class Matcher:
    def __init__(self, workload): self.rules = list(workload["rules"])
    def prepare(self, facts): return facts
    def match(self, prepared):
        print("what a peer prints does no harm")
        {act}
        return [self.rules[:1] for _ in prepared]
serve(Matcher, "pytest")
"""


def measured(act: str, folder: Path) -> Cell:
    """Measure a participant that finds only the first rule, and does this at each match."""
    drawn = workload("10", profiles=20)
    drawn.write(folder / "workload.json")
    participant = Participant("p", (sys.executable, "-c", _CHILD.format(act=act)), PEERS[0])
    first = [list(drawn.rules)[:1]] * 20
    right = first if act != "self.rules = self.rules[1:]" else [["another"]] * 20
    [cell] = measure([participant], folder / "workload.json", right, Limits(rounds=2, budget=0.05, patience=3))
    return cell


def test_a_participant_that_is_right_has_times(tmp_path: Path) -> None:
    cell = measured("pass", tmp_path)
    assert (cell.fault, cell.profiles, len(cell.times)) == (None, 20, 2)
    assert cell.median is not None
    assert cell.version == pytest.__version__


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        ("self.rules = self.rules[1:]", "wrong (20 of 20)"),
        ("os.abort()", "crash (SIGABRT)"),
        ("raise ValueError('no')", "error: ValueError: no"),
        ("time.sleep(60)", "> 3 s"),
    ],
)
def test_a_participant_that_fails_has_a_fault_and_no_time(act: str, fault: str, tmp_path: Path) -> None:
    cell = measured(act, tmp_path)
    assert (cell.fault, cell.median) == (fault, None)


def test_only_peers_that_were_right_and_are_used_as_documented_are_a_yardstick() -> None:
    trick = next(peer for peer in PEERS if not peer.documented)

    def cell(name: str, time: float, fault: str | None = None) -> Cell:
        peer = {"conseil": None, "trick": trick}.get(name, PEERS[0])
        return Cell(Participant(name, (), peer), times=[time], fault=fault)

    cells = [
        cell("conseil", 1),
        cell("trick", 2),
        cell("wrong", 3, fault="wrong (1 of 5)"),
        cell("slow", 9),
        cell("x", 5),
    ]
    assert fastest_peer(cells) == ("x", 5)
    assert fastest_peer(cells, documented=False) == ("trick", 2)
    assert fastest_peer(cells[:1]) is None


def test_tables_go_between_their_marks_and_leave_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "performance.md"
    file.write_text((ROOT / "docs" / "performance.md").read_text(encoding="utf-8"), encoding="utf-8")
    put_into(file, "| one |\n")
    put_into(file, "| two |\n")
    text = file.read_text(encoding="utf-8")
    assert "| two |" in text
    assert "| one |" not in text
    assert text.startswith("# Performance\n")
    assert "## How to repeat it" in text
