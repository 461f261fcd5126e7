"""Every engine answers what `tests/conformance/*.yaml` expects; its README tells the format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from conseil import Plan, Profile, Rulebook, load_rulebook
from conseil.conditions import PROGRESS, FactValue
from conseil.inference import ENGINES
from conseil.plan import build_plan
from conseil.plan.table import PlanTableBuilder
from conseil.profile import known
from plans_as_data import Data, chunk_of, data_of_plan, data_of_row
from strategies import durable_or_skip

FOLDER = Path(__file__).parent / "conformance"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "frame")
ALONE = [durable_or_skip, *(name for name in ENGINES if name != "durable")]
"""The engines that judge one territory; `columns` judges the cases of a file as one table."""

OURS = {"basis": "editorial", "rationale": "Pour l’essai."}
SOURCE = {"section": "ESSAI", "quote": "Essai"}


class Case(NamedTuple):
    """A profile, and what is expected of it."""

    name: str
    profile: Profile
    expected: Mapping[str, Any]


class File(NamedTuple):
    """A rulebook and its cases."""

    rulebook: Rulebook
    cases: list[Case]


# Reading


@pytest.fixture(scope="module")
def read_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], File]:
    """Return what reads a file; its rulebook goes through the same door as those that people write."""
    files: dict[str, File] = {}

    def read(name: str) -> File:
        if name not in files:
            frame, file = (yaml.safe_load((FOLDER / f"{stem}.yaml").read_text("utf-8")) for stem in ("frame", name))
            only(file, "title", "guide", "questions", "deductions", "actions", "cases")
            folder = tmp_path_factory.mktemp(name)
            write_rulebook(folder, frame, file)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_CACHE_HOME", str(folder))  # what is remembered of real rulebooks stays
                files[name] = File(load_rulebook(folder), [case_of(case) for case in file["cases"]])
        return files[name]

    return read


def only(mapping: Mapping[str, Any], *keys: str) -> None:
    """Check that a misspelt key does not leave something untested."""
    assert mapping.keys() <= set(keys), mapping.keys() - set(keys)


def case_of(case: Mapping[str, Any]) -> Case:
    only(case, "name", "answers", "progress", "expect")
    given = {key: case.get(key, {}) for key in ("answers", "progress")}
    return Case(case["name"], Profile.model_validate({"name": "Essai", "kind": "invented", **given}), case["expect"])


def write_rulebook(folder: Path, frame: Mapping[str, Any], file: Mapping[str, Any]) -> None:
    """Write a rulebook as a folder, and fill in what the cases leave out."""
    guide = frame["guide"] | file.get("guide", {})
    titled = {key: [{"title": entry["id"], **entry} for entry in guide[key]] for key in ("themes", "steps")}
    titled["steps"] = [{"source": SOURCE, **step} for step in titled["steps"]]
    essentials = [{"title": "Dit", "said": SOURCE, **OURS, **entry} for entry in guide.get("essentials", ())]
    stances = [filled_stance(stance) for stance in guide["stances"]]
    write(folder / "guide.yaml", guide | titled | {"essentials": essentials, "stances": stances})
    questions = [filled_question(entry) for entry in (*frame["questions"], *file.get("questions", ()))]
    write(folder / "questions" / "every.yaml", {"theme": "every", "questions": questions})
    write(folder / "deductions.yaml", {"deductions": [filled_deduction(one) for one in file.get("deductions", ())]})
    for step in titled["steps"]:
        actions = [filled_action(one) for one in file["actions"] if one.get("step", "first") == step["id"]]
        if actions:
            write(folder / "actions" / f"{step['id']}.yaml", {"step": step["id"], "actions": actions})


def write(path: Path, value: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")  # which is YAML, without anchors


def filled_stance(stance: Mapping[str, Any]) -> dict[str, Any]:
    stages = [
        {"title": stage["stage"], "source": SOURCE}
        | stage
        | {"ready_when": [{"text": "Essai.", **OURS, **one} for one in stage.get("ready_when", ())]}
        for stage in stance["stages"]
    ]
    return {"leads_to": {"title": "Suite", "source": SOURCE}, **stance, "stages": stages}


def filled_question(question: Mapping[str, Any]) -> dict[str, Any]:
    choices = [{"id": choice, "label": choice} for choice in question.get("choices", ())]
    filled = {"label": question["id"], "ask": "Essai ?", "actionable": "no", **OURS, **question}
    filled |= {"choices": choices} if choices else {}
    return {key: value for key, value in filled.items() if value is not None}


def filled_deduction(deduction: Mapping[str, Any]) -> dict[str, Any]:
    values = [{"because": "Essai.", **outcome} for outcome in deduction["values"]]
    return {**OURS, **deduction, "values": values, "otherwise": {"because": "Essai.", **deduction["otherwise"]}}


def filled_action(action: Mapping[str, Any]) -> dict[str, Any]:
    rules = [{"effect": "caution", "because": "Essai.", **OURS, **rule} for rule in action["rules"]]
    requires = [{"action": needed, **OURS} for needed in action.get("requires", ())]
    filled = {"title": action["id"], "source": SOURCE, **action, "rules": rules, "requires": requires}
    return {key: value for key, value in filled.items() if key != "step"}  # it is that of the file


# Comparing: what is expected is written as what an engine says


VERDICTS = {True: True, False: False, "unknown": None}
TOLD_BY_ALL = ("rules", "criteria", "deduced", "decisions", "now", "ranked", "to_confirm", "items")
TOLD_ALONE = ("facts", "ignored", "waiting", "cited", "stage", "next_stage")
ITEM_TOLD_BY_ALL = (
    "status",
    "possible",
    "impact",
    "feasibility",
    "total",
    "priority",
    "certain",
    "rank",
    "wave",
    "now",
)
ITEM_TOLD_ALONE = ("clipped", "lead", "requires", "missing")


def expected_data(expected: Mapping[str, Any], rulebook: Rulebook) -> Data:
    """Return what is expected in the form of `told`."""
    only(expected, *TOLD_BY_ALL, *TOLD_ALONE)
    data = dict(expected)
    for key in {"rules", "criteria"} & data.keys():
        data[key] = {name: VERDICTS[word] for name, word in data[key].items()}
    for key in {"deduced", "facts"} & data.keys():
        data[key] = {fact: tuple(value) if isinstance(value, list) else value for fact, value in data[key].items()}
    for key in {"ignored", "waiting"} & data.keys():
        data[key] = sorted(data[key])
    data["items"] = {action: expected_item(item) for action, item in data.get("items", {}).items()}
    assert data["items"].keys() <= rulebook.by_id.keys()
    assert data.get("rules", {}).keys() <= rulebook.rules.keys()
    return data


def expected_item(item: Mapping[str, Any]) -> Data:
    only(item, *ITEM_TOLD_BY_ALL, *ITEM_TOLD_ALONE)
    data = dict(item)
    for key in {"impact", "feasibility", "total"} & data.keys():
        score = data[key] if isinstance(data[key], dict) else dict.fromkeys(("value", "low", "high"), data[key])
        only(score, "value", "low", "high")
        data[key] = (score["value"], score["low"], score["high"])
    if "possible" in data:
        data["possible"] = set(data["possible"])
    return data


def told(data: Data) -> Data:
    """Return what an engine says, whether it judged one territory or a table."""
    items: dict[str, Data] = data["items"]
    live, to_confirm = (
        {name: item for name, item in items.items() if item["rank"] and (item["status"] == "to_confirm") is unsure}
        for unsure in (False, True)
    )
    return data | {
        "criteria": {"/".join(map(str, place)): verdict for place, verdict in data["criteria"].items()},
        "ranked": in_order(live),
        "to_confirm": in_order(to_confirm),
        "now": in_order({name: item for name, item in live.items() if item["now"]}),
        "items": {name: item | {"possible": set(item["possible"])} for name, item in items.items()},
    }


def in_order(items: Mapping[str, Data]) -> list[str]:
    return sorted(items, key=lambda name: int(items[name]["rank"]))


def told_alone(plan: Plan) -> Data:
    """Return what an engine says of one territory, beyond what a table says."""
    situation, inference = plan.situation, plan.inference
    data = told(data_of_plan(plan))
    for item in plan.items:
        score = item.score
        data["items"][item.id] |= {
            "clipped": {"impact": score.impact.clipped, "feasibility": score.feasibility.clipped},
            "lead": item.lead,
            "requires": {needed.action: needed.state for needed in item.requires},
            "missing": list(plan.missing(item)),
        }
    return data | {
        "facts": {fact: plan.facts.get(fact, "unknown") for fact in all_facts(plan.rulebook)},
        "ignored": sorted([*plan.known.ignored, *inference.ignored]),
        "waiting": sorted([*plan.known.waiting, *inference.waiting]),
        "cited": {reason.rule.id: list(plan.cites(reason)) for item in plan.items for reason in item.reasons},
        "stage": situation.stage.stage if situation.stage else None,
        "next_stage": situation.next_stage.stage if situation.next_stage else None,
    }


def all_facts(rulebook: Rulebook) -> Iterator[str]:
    return chain(rulebook.vocabulary, (PROGRESS + action for action in rulebook.by_id))


def check(expected: Data, found: Data, keys: Sequence[str], item_keys: Sequence[str], where: str) -> None:
    """Compare what is expected with what was said."""
    for key in keys:
        if key == "items" or key not in expected:
            continue
        partial = key in {"rules", "criteria", "facts", "cited"}
        said: FactValue | Data = {name: found[key][name] for name in expected[key]} if partial else found[key]
        assert said == expected[key], f"{where}: {key}"
    for name, item in expected["items"].items():
        wanted = {key: value for key, value in item.items() if key in item_keys}
        assert {key: found["items"][name][key] for key in wanted} == wanted, f"{where}: {name}"


# Every file, every engine


@pytest.mark.parametrize("engine", ALONE)
@pytest.mark.parametrize("name", NAMES)
def test_an_engine_answers_what_is_expected(name: str, engine: str, read_file: Callable[[str], File]) -> None:
    rulebook, cases = read_file(name)
    infer = ENGINES[engine](rulebook).infer
    for case in cases:
        territory = known(case.profile, rulebook)
        plan = build_plan(rulebook, case.profile, territory, infer(territory))
        keys, item_keys = TOLD_BY_ALL + TOLD_ALONE, ITEM_TOLD_BY_ALL + ITEM_TOLD_ALONE
        check(expected_data(case.expected, rulebook), told_alone(plan), keys, item_keys, f"{name}, {case.name}")


@pytest.mark.parametrize("name", NAMES)
def test_columns_answer_what_is_expected(name: str, read_file: Callable[[str], File]) -> None:
    rulebook, cases = read_file(name)
    territories = [known(case.profile, rulebook) for case in cases]
    table = PlanTableBuilder(rulebook).build(chunk_of(territories, rulebook), verdicts=True)
    for row, case in enumerate(cases):
        found = told(data_of_row(table, row, rulebook))
        expected = expected_data(case.expected, rulebook)
        check(expected, found, TOLD_BY_ALL, ITEM_TOLD_BY_ALL, f"{name}, {case.name}")


def test_every_case_has_a_name_and_expects_something(read_file: Callable[[str], File]) -> None:
    for name in NAMES:
        cases = read_file(name).cases
        assert len({case.name for case in cases}) == len(cases) > 0, name
        assert all(case.expected for case in cases), name
