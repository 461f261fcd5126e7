"""A folder of rules: loaded whole, checked whole, and hashed by what it says."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from conseil import InvalidRulebook, UnknownAction, load_rulebook
from conseil.conditions import PROGRESS
from conseil.documents import read
from conseil.rulebook import Rulebook, fact_dependencies
from conseil.shipped import rules_folder
from strategies import question

SECOND = Path(__file__).parent / "second_guide" / "rules"


def copy_of(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "rules"))


def shuffled(value: Any, rng: random.Random) -> Any:  # noqa: ANN401 - any YAML
    """Return a value with the keys of its mappings in another order; lists keep theirs."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: shuffled(value[key], rng) for key in keys}
    return [shuffled(part, rng) for part in value] if isinstance(value, list) else value


def test_the_shipped_rulebook_is_loaded_once() -> None:
    """Loading it again is free, and it is the same as the folder in the checkout."""
    assert load_rulebook() is load_rulebook()
    assert load_rulebook() == load_rulebook(rules_folder())


@pytest.mark.parametrize("folder", [rules_folder(), SECOND], ids=["shipped", "second"])
def test_lists_keep_the_order_of_the_guide(folder: Path) -> None:
    """Questions come by theme, actions by step, and examples by id, whatever the files are called."""
    rulebook = load_rulebook(folder)
    themes = [theme.id for theme in rulebook.guide.themes]
    places = [themes.index(rulebook.themes[asked.id]) for asked in rulebook.questions]
    assert sorted(places) == places
    steps = [rulebook.step_order[action.step] for action in rulebook.actions]
    assert sorted(steps) == steps
    assert sorted(example.id for example in rulebook.examples) == [example.id for example in rulebook.examples]


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_order_of_keys_does_not_matter(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same rules with every mapping in another order have the same hash."""
    folder = copy_of(SECOND, tmp_path_factory.mktemp("shuffled"))
    rng = random.Random(seed)  # noqa: S311 - no secret depends on it
    for path in folder.rglob("*.yaml"):
        text = yaml.dump(shuffled(read(path).value, rng), allow_unicode=True, sort_keys=False, default_style='"')
        path.write_text(text, encoding="utf-8")
    assert load_rulebook(SECOND).sha256 == load_rulebook(folder).sha256


def test_the_names_of_files_do_not_matter(tmp_path: Path) -> None:
    """A file is known by what it holds: other names, in another order, give the same rulebook."""
    folder = copy_of(SECOND, tmp_path)
    for kind in ("actions", "questions", "examples"):
        files = sorted((folder / kind).iterdir(), reverse=True)
        for index, path in enumerate(files):
            path.rename(folder / kind / f"autre-{index}.yaml")
    assert load_rulebook(SECOND) == load_rulebook(folder)
    assert load_rulebook(SECOND).sha256 == load_rulebook(folder).sha256


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("guide.yaml", 'version: "7"', 'version: "8"'),
        ("guide.yaml", "Le trottoir ne convient", "La rue ne convient"),
        ("guide.yaml", "medium: 42", "medium: 43"),
        ("questions/bande.yaml", "label: les vélos", "label: des vélos"),
        ("deductions.yaml", "value: vide", "value: garnie"),
        ("actions/1-preparer.yaml", "salle: rien", "salle: louee"),
        ("actions/1-preparer.yaml", "impact: ++}", "impact: +}"),
        ("actions/2-ouvrir.yaml", "quote: Coller des affiches", "quote: Coller une affiche"),
        ("examples/tilleuls.yaml", "au square en mai", "au square en juin"),
    ],
)
def test_every_word_counts(file: str, before: str, after: str, tmp_path: Path) -> None:
    """Another word, number, condition or quotation is another rulebook."""
    folder = copy_of(SECOND, tmp_path)
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    assert load_rulebook(SECOND).sha256 != load_rulebook(folder).sha256


def test_comments_do_not_count(tmp_path: Path) -> None:
    """A remark to oneself changes nothing."""
    folder = copy_of(SECOND, tmp_path)
    for path in folder.rglob("*.yaml"):
        path.write_text(f"# Relu.\n{path.read_text(encoding='utf-8')}\n", encoding="utf-8")
    assert load_rulebook(SECOND).sha256 == load_rulebook(folder).sha256


@pytest.mark.parametrize("folder", [rules_folder(), SECOND], ids=["shipped", "second"])
def test_prerequisites_come_first(folder: Path) -> None:
    """Every action comes after those that it requires, and each is there once."""
    rulebook = load_rulebook(folder)
    order = [action.id for action in rulebook.prerequisites_first]
    assert sorted(rulebook.by_id) == sorted(order)
    for action in rulebook.actions:
        assert all(order.index(needed.action) < order.index(action.id) for needed in action.requires)


def test_a_fact_rests_on_what_its_conditions_read() -> None:
    """Its deduction and its `asked_when` both count, and the progress of actions does too."""
    rulebook = load_rulebook(SECOND)
    rests = fact_dependencies(rulebook.questions, rulebook.deductions)
    assert {"benevoles", "cagnotte"} == set(rests["elan"])
    assert rests["assurance"] == ["conduite"]
    assert [f"{PROGRESS}vente-gateaux"] == rests["cagnotte"]
    assert fact_dependencies([question("seul", "boolean")], [])["seul"] == []


def test_an_unknown_action_is_explained() -> None:
    """The message suggests the nearest id."""
    with pytest.raises(UnknownAction, match=r"^action `affich` inconnue\n  aide : vouliez-vous dire `affiche` \?$"):
        load_rulebook(SECOND).action("affich")


def test_a_long_chain_is_no_cycle_and_a_long_cycle_is_one(tmp_path: Path) -> None:
    """Hundreds of actions that require one another in a row are fine, until the last one requires the first."""
    folder = copy_of(SECOND, tmp_path)
    rules = "rules: [{id: x-%d.r, effect: recommend, when: always, because: B, basis: editorial, rationale: R}]"

    def write(first_requires: int | None) -> None:
        entries = []
        for index in range(600):
            needed = index - 1 if index else first_requires
            requires = "" if needed is None else f"requires: [{{action: x-{needed}, basis: editorial, rationale: R}}], "
            entry = f"  - {{id: x-{index}, title: T, source: {{section: S, quote: Q}}, {requires}{rules % index}}}\n"
            entries.append(entry)
        (folder / "actions" / "3-durer.yaml").write_text("step: durer\nactions:\n" + "".join(entries), encoding="utf-8")

    write(None)
    assert len(load_rulebook(folder).actions) > 600
    write(599)
    with pytest.raises(InvalidRulebook, match=r"cercle : `x-0` → `x-599` → `x-598`") as caught:
        load_rulebook(folder)
    assert len(caught.value.problems) == 1


def test_models_made_without_files_are_checked_too() -> None:
    """A rulebook can be built from Python; what is wrong with its fields is refused there."""
    data = load_rulebook(SECOND).model_dump(mode="json", exclude_defaults=True)
    assert load_rulebook(SECOND) == Rulebook.model_validate(data)
    data["actions"][0]["rules"][0]["effect"] = "recommande"
    with pytest.raises(ValueError, match="valeur `recommande` inconnue pour `effect`"):
        Rulebook.model_validate(data)
