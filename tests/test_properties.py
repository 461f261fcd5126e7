"""What plans promise, whichever engine judged: nothing sure is taken back, and how files are written is no matter."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import conseil
from conseil.documents import read
from conseil.inference import ENGINES, Engine
from conseil.plan import Plan, build_plan
from conseil.plan.table import PlanTableBuilder
from conseil.profile import Known, Profile, known
from conseil.rulebook import Rulebook
from golden_files import ROOT
from plans_as_data import Data, chunk_of, data_of_plan, data_of_row
from small_plans import FACTS, profile_of, small_profiles, small_rulebooks
from strategies import durable_or_skip

NOBODY = Profile(name="Essai", kind="invented")
ALONE = [durable_or_skip, *(name for name in ENGINES if name != "durable")]

random_rulebooks = settings(
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


# Every completion


def completions(territory: Known, rulebook: Rulebook) -> Iterator[Known]:
    """Yield each way to answer all that has no answer; progress that is unknown is not done, as the plan says."""
    open_facts = {fact: values for fact, values in FACTS.items() if fact not in territory.given}
    progress = {action: territory.progress.get(action, "todo") for action in rulebook.by_id}
    for values in product(*open_facts.values()):
        answers = territory.given | dict(zip(open_facts, values, strict=True))
        yield known(profile_of(answers, progress), rulebook)


def plan_by(engine: Engine, territory: Known, rulebook: Rulebook) -> Data:
    return data_of_plan(build_plan(rulebook, NOBODY, territory, engine.infer(territory)))


def check_that_nothing_is_taken_back(before: Data, after: Data) -> None:
    """Check a plan against that of a completion."""
    for name, item in before["items"].items():
        later = after["items"][name]
        assert later["status"] in item["possible"], name
        assert item["status"] in {"to_confirm", later["status"]}, name
        for score in ("impact", "feasibility", "total"):
            _, low, high = item[score]
            value, *reached = later[score]
            assert low <= value <= high, name
            assert reached == [value, value], name  # all is known
        assert not item["certain"] or (later["status"], later["priority"]) == (item["status"], item["priority"])
    for place, verdict in [*before["rules"].items(), *before["criteria"].items()]:
        later_verdicts = after["rules"] | after["criteria"]
        assert verdict in {None, later_verdicts[place]}
    assert before["deduced"].items() <= (before["deduced"] | after["deduced"]).items()


@pytest.mark.parametrize("name", ALONE)
@settings(random_rulebooks, max_examples=40)
@given(data=st.data())
def test_no_completion_takes_back_what_a_plan_says(name: str, data: st.DataObject) -> None:
    rulebook = data.draw(small_rulebooks())
    territory = known(data.draw(small_profiles()), rulebook)
    engine = ENGINES[name](rulebook)
    before = plan_by(engine, territory, rulebook)
    every = list(completions(territory, rulebook))
    for completion in data.draw(st.lists(st.sampled_from(every), min_size=6, max_size=6)):
        check_that_nothing_is_taken_back(before, plan_by(engine, completion, rulebook))


@settings(random_rulebooks, max_examples=40)
@given(data=st.data())
def test_no_completion_at_all_takes_back_what_a_table_says(data: st.DataObject) -> None:
    """A table is quick enough for all of them, 192 at most."""
    rulebook = data.draw(small_rulebooks())
    territory = known(data.draw(small_profiles()), rulebook)
    every = [territory, *completions(territory, rulebook)]
    table = PlanTableBuilder(rulebook).build(chunk_of(every, rulebook), verdicts=True)
    before, *afters = (data_of_row(table, row, rulebook) for row in range(len(every)))
    for after in afters:
        check_that_nothing_is_taken_back(before, after)


# The writing of files


def shuffled(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 - any YAML
    """Return a value with the keys of its mappings in another order; lists keep theirs."""
    if isinstance(value, Mapping):
        keys = chance.sample(sorted(value), len(value))
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(part, chance) for part in value] if isinstance(value, list) else value


def rewrite(path: Path, chance: random.Random) -> None:
    """Write a file again with its keys in another order, as JSON, which is YAML."""
    path.write_text(json.dumps(shuffled(read(path).value, chance), ensure_ascii=False), encoding="utf-8")


def exported(plan: Plan) -> str:
    return conseil.export(plan).model_dump_json()


@pytest.mark.parametrize("name", ALONE)
def test_shuffled_files_and_keys_give_the_same_bytes(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # what is remembered of real rulebooks stays
    chance = random.Random(name)  # noqa: S311 - nothing secret
    rules = Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))
    for place, path in enumerate(chance.sample(sorted(rules.rglob("*.yaml")), len(list(rules.rglob("*.yaml"))))):
        rewrite(path, chance)
        if path.parent != rules:
            path.rename(path.with_name(f"{place}.yaml"))  # in another order, and with other names
    rulebook = conseil.load_rulebook(rules)
    for path in conseil.shipped_profiles().values():
        again = Path(shutil.copy(path, tmp_path / "profile.yaml"))
        rewrite(again, chance)
        plan = conseil.advise(conseil.load_profile(path), engine=name)
        assert exported(conseil.advise(conseil.load_profile(again, rulebook), rulebook, name)) == exported(plan)


def test_the_order_of_columns_is_no_matter() -> None:
    rulebook = conseil.load_rulebook()
    profiles = [conseil.load_profile(path) for path in conseil.shipped_profiles().values()]
    chunk = chunk_of([known(profile, rulebook) for profile in profiles], rulebook)
    names = random.Random(1).sample(sorted(chunk), len(chunk))  # noqa: S311 - nothing secret
    first, second = conseil.advise_columns([chunk, {name: chunk[name] for name in names}], verdicts=True)
    for row in range(len(profiles)):
        assert data_of_row(first, row, rulebook) == data_of_row(second, row, rulebook)
