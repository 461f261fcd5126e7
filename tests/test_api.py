"""The public API: what `conseil` exports, typed, and safe from several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

import conseil


def test_the_public_names_are_these() -> None:
    expected = [
        "Answer", "Change", "Comparison", "ConseilError", "EngineError", "EngineUnavailable", "Evolution",
        "Explanation", "ExportedComparison", "ExportedEvolution", "ExportedExplanation", "ExportedInterview",
        "ExportedPlan", "ExportedRobustness", "Interview", "InterviewRequest", "InvalidDocument", "InvalidInput",
        "InvalidProfile", "InvalidRulebook", "Item", "Plan", "Problem", "Profile", "Robustness", "Rulebook",
        "RulebookTooLarge", "UnknownAction", "advise", "advise_columns", "compare", "explain", "export",
        "export_comparison", "export_evolution", "export_explanation", "export_interview", "export_robustness",
        "interview_from", "load_plan", "load_profile", "load_rulebook", "reweighted", "scenario_variants",
        "shipped_profiles", "weighed", "what_holds", "what_if", "what_moved",
    ]  # fmt: skip

    assert expected == conseil.__all__
    assert all(hasattr(conseil, name) for name in expected)
    assert (Path(conseil.__file__).parent / "py.typed").exists()


def test_threads_get_the_same_plans(usable_engines: list[str]) -> None:
    profiles = [conseil.load_profile(path) for path in conseil.shipped_profiles().values()] * 3

    for engine in usable_engines:
        alone = [as_json(profile, engine) for profile in profiles]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(as_json, profiles, [engine] * len(profiles)))
        assert alone == together


def as_json(profile: conseil.Profile, engine: str) -> str:
    return conseil.export(conseil.advise(profile, engine=engine)).model_dump_json()


def test_models_that_cross_the_border_are_frozen_and_closed() -> None:
    exported = [getattr(conseil, name) for name in conseil.__all__ if name.startswith("Exported")]
    assert len(exported) == len([name for name in conseil.__all__ if name.startswith("export")])
    for model in exported:
        assert model.model_config["frozen"]
        assert model.model_config["extra"] == "forbid"
    for record in (conseil.Profile, conseil.Rulebook, conseil.Answer, conseil.InterviewRequest):
        assert record.model_json_schema()["additionalProperties"] is False
        with pytest.raises(FrozenInstanceError):
            setattr(record.__new__(record), fields(record)[0].name, None)
