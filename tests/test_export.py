"""The JSON contract: all keys always there, same bytes for the same input, whichever engine judged."""

from __future__ import annotations

import json

import pytest

import conseil
from builders import action, plan_of, rule, rulebook
from conseil.inference import ENGINES

PROFILES = conseil.shipped_profiles()


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_every_engine_gives_the_same_bytes(profile: str, usable_engines: list[str]) -> None:
    read = conseil.load_profile(profile)

    plans = {conseil.export(conseil.advise(read, engine=engine)).model_dump_json() for engine in usable_engines}

    assert len(plans) == 1


def test_a_plan_has_the_keys_of_the_contract() -> None:
    exported = json.loads(conseil.export(plan_of(rulebook(action("act", rule("recommend"))))).model_dump_json())

    assert list(exported) == ["rulebook", "profile", "stance", "deduced", "decisions", "warnings", "items"]
    assert {
        "action",
        "step",
        "title",
        "status",
        "possible",
        "priority",
        "certain",
        "rank",
        "wave",
        "now",
        "essential",
        "progress",
        "score",
        "source",
        "origin",
        "reasons",
        "ways",
        "missing",
        "requires",
        "resources",
        "partners",
        "examples",
        "twins",
    } == set(exported["items"][0])
    assert {
        "rule",
        "effect",
        "verdict",
        "because",
        "basis",
        "rationale",
        "source",
        "reference",
        "facts",
        "points",
        "how",
        "unlocked_by",
        "origin",
    } == set(exported["items"][0]["reasons"][0])


def test_verdicts_and_facts_keep_the_unknown_apart() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes"}), rule("exclude", {"b": "yes"})))

    exported = conseil.export(plan_of(book, {"b": "no"}))

    by_effect = {reason.effect: reason for reason in exported.items[0].reasons}
    assert (by_effect["recommend"].verdict, by_effect["recommend"].facts) == ("unknown", {"a": None})
    assert (by_effect["exclude"].verdict, by_effect["exclude"].facts) == ("false", {"b": "no"})


def test_the_order_of_answers_does_not_matter() -> None:
    book = rulebook(action("act", rule("recommend", {"a": "yes", "b": "no"})))

    one = conseil.export(plan_of(book, {"a": "yes", "b": "no"})).model_dump_json()

    assert one == conseil.export(plan_of(book, {"b": "no", "a": "yes"})).model_dump_json()


def test_the_engines_are_those_that_the_documentation_names() -> None:
    assert list(ENGINES) == ["durable", "compiled", "reference"]
