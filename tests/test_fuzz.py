"""What `make fuzz` rests on: what it draws is valid and varied, and what goes wrong is found, kept and repeated."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from pathlib import Path

import pytest

import fuzz
from conseil.inference import Inference, ReferenceEngine
from conseil.plan import build_plan
from conseil.profile import Known
from conseil.rulebook import Rulebook
from conseil.rulebook.checks import Draft, check


def faults_of(rulebook: Rulebook) -> list[object]:
    """Return what the loader would have against a rulebook."""
    deduced = tuple(deduction.fact for deduction in rulebook.deductions)
    parts = rulebook.questions, rulebook.deductions, deduced, rulebook.actions, rulebook.vocabulary
    in_conditions = [fault for condition in rulebook.conditions for fault in rulebook.vocabulary.faults(condition)]
    return [*in_conditions, *check(Draft(rulebook.guide, *parts))]


def test_what_is_drawn_is_valid_and_varied() -> None:
    seen: Counter[object] = Counter()
    for number in range(40):
        rulebook, territories = fuzz.drawn(1, number, 20)
        assert faults_of(rulebook) == []
        engine = ReferenceEngine(rulebook)
        for territory in territories:
            inference = engine.infer(territory)
            plan = build_plan(rulebook, fuzz.NOBODY, territory, inference)
            seen.update(inference.rules.values())
            seen.update(item.status for item in plan.items)
            kinds = {"deduced": inference.deduced, "ignored": inference.ignored, "waiting": inference.waiting}
            seen.update(kind for kind, facts in kinds.items() if facts)
            seen.update("folded" for item in plan.items if item.lead)
            seen.update("third wave" for item in plan.items if item.wave == 3)
    words = {"done", "in_progress", "recommended", "deferred", "not_retained", "excluded", "to_confirm"}
    words |= {"deduced", "ignored", "waiting", "folded", "third wave"}
    assert min(seen[word] for word in {True, False, None, *words}) >= 5, seen


def test_the_same_numbers_draw_the_same() -> None:
    (first, territories), (second, others) = fuzz.drawn(7, 3, 5), fuzz.drawn(7, 3, 5)
    assert (first.sha256, territories) == (second.sha256, others)
    assert fuzz.drawn(8, 3, 5)[0].sha256 != first.sha256 != fuzz.drawn(7, 4, 5)[0].sha256


def test_all_engines_are_equal_on_some() -> None:
    assert [list(fuzz.differences(*fuzz.drawn(1, number, 30))) for number in range(20)] == [[]] * 20


class Forgetful:
    """An engine that is wrong about one rule, and only where the first action is done."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.reference = ReferenceEngine(rulebook)

    def infer(self, known: Known) -> Inference:
        found = self.reference.infer(known)
        if known.progress.get("act-0") != "done":
            return found
        rules = dict(found.rules) | {"act-0.r0": None if found.rules["act-0.r0"] else True}
        return Inference(found.facts, found.deduced, found.ignored, found.waiting, rules, found.criteria)


def test_an_engine_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "ENGINES_HERE", ["forgetful"])
    monkeypatch.setattr(fuzz, "ENGINES", {"forgetful": Forgetful})
    found = [fuzz.differences(*fuzz.drawn(1, number, 50)) for number in range(5)]
    wrong = [difference for each in found for difference in each]
    assert {engine for engine, _ in wrong} == {"forgetful"}
    assert all(territory.progress["act-0"] == "done" for _, territory in wrong)


RETE = """
    # the compiled engine of durable-rules, but for what it should do
    import os

    class error(Exception):
        pass

    opened = []

    def create_ruleset(name, rules):
        {building}
        return 1

    def delete_ruleset(handle):
        pass

    def assert_fact(handle, message):
        opened[:] = [message] if "open" in message else []
        return 0, 1

    def start_action_for_state(handle, session):
        return ("s", '{{"open":0}}') if opened else None

    def complete_and_start_action(handle, session):
        return None

    def delete_state(handle, session):
        pass
"""


def run_with(building: str, folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> int:
    """Fuzz with a durable-rules that does something when a network is built, and never concludes anything."""
    (folder / "durable_rules_engine.py").write_text(textwrap.dedent(RETE.format(building=building)), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setattr(fuzz, "ENGINES_HERE", [name for name in fuzz.ENGINES_HERE if name != "durable"])
    return fuzz.main([*words, "--seed", "1", "--profiles", "30", "--kept", str(folder / "kept")])


def test_a_difference_is_kept_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with("pass", tmp_path, monkeypatch, ["--rulebooks", "1"]) == 1
    told = capsys.readouterr().out
    assert "seed 1" in told
    assert "DIFFERENT: durable, on rulebook 0" in told
    assert "--seed 1 --first 0 --rulebooks 1 --profiles 30" in told
    kept = tmp_path / "kept" / "1-0-durable"
    rulebook = Rulebook.model_validate(json.loads((kept / "rulebook.json").read_text(encoding="utf-8")))
    assert rulebook.sha256 == fuzz.drawn(1, 0, 30)[0].sha256
    [profile] = json.loads((kept / "profiles.json").read_text(encoding="utf-8"))
    assert profile.keys() == {"answers", "progress"}


def test_a_crash_is_kept_and_told_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with("os.abort()", tmp_path, monkeypatch, ["--rulebooks", "2", "--first", "5"]) == 1
    told = capsys.readouterr().out
    assert "ends with -6 on rulebook 5" in told
    assert "ends with -6 on rulebook 6" in told
    assert "--first 5 --rulebooks 1" in told
    kept = tmp_path / "kept" / "1-6-failure"
    assert len(json.loads((kept / "profiles.json").read_text(encoding="utf-8"))) == 30
    assert "-6" in (kept / "stderr.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [[], ["--rulebooks", "-1"], ["--seconds", "5", "--profiles", "0"]])
def test_it_must_be_told_when_to_stop(words: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        fuzz.main(words)
