"""What the compiled engine does beyond giving the same answers as the others (see `test_engines`)."""

from __future__ import annotations

import gc
import weakref
from random import Random

import pytest

import builders
from builders import rule
from conseil.conditions import AllOf, AnyOf, Between, Condition, Not, OneOf, Several, leaves
from conseil.inference import CompiledEngine, ReferenceEngine, Verdicts
from conseil.inference.compiled import MOST_ALTERNATIVES, _ByValue, alternatives
from conseil.plan import judge, judging
from conseil.profile import Known
from conseil.rulebook import Deduction, Outcome, load_rulebook
from fuzz_rulebooks import random_territory
from strategies import question, rulebook_of, short_names


def crossed(pairs: int) -> Condition:
    """Return a condition with twice as many alternatives for each pair: `(p0 or q0) and (p1 or q1)…`."""
    return AllOf(tuple(AnyOf((OneOf(f"p{n}", ("oui",)), OneOf(f"q{n}", ("oui",)))) for n in range(pairs)))


def test_a_condition_with_too_many_alternatives_is_judged_by_the_specification() -> None:
    pairs = MOST_ALTERNATIVES.bit_length()
    assert 2**pairs > MOST_ALTERNATIVES
    condition = crossed(pairs)
    names = [f"{letter}{n}" for n in range(pairs) for letter in "pq"]
    questions = [question(name, "boolean") for name in names]
    questions += [question("asked", "boolean", asked_when=condition), question("deduced", "choice", "x", "y", "z")]
    deduction = Deduction(
        fact="deduced",
        values=(
            Outcome(value="x", when=condition, because="Essai."),
            Outcome(value="y", when=Not(condition), because="."),
        ),
        otherwise=Outcome(value="z", because="Essai."),
        basis="editorial",
        rationale="Essai.",
    )
    conditions = [condition, Not(condition), OneOf("asked", ("oui",)), OneOf("deduced", ("x",)), OneOf("p0", ("oui",))]
    rulebook = rulebook_of(questions, conditions, [deduction])
    compiled, reference = CompiledEngine(rulebook), ReferenceEngine(rulebook)
    yes = dict.fromkeys(names, "oui")
    seen = []
    for answers in ({}, yes, yes | {"p3": "non", "q3": "non"}, yes | {"asked": "oui"}, {"asked": "non"}, {"p0": "oui"}):
        known = Known(answers, {})
        assert compiled.infer(known) == reference.infer(known)
        seen.append(short_names(compiled.infer(known).rules)["r0"])
    assert set(seen) == {True, False, None}


def test_a_condition_with_many_alternatives_is_judged_apart() -> None:
    wide = crossed(MOST_ALTERNATIVES.bit_length() - 1)
    assert len(alternatives(wide)) == MOST_ALTERNATIVES
    names = sorted({leaf.fact for _, leaf in leaves(wide)})
    plain: list[Condition] = [AnyOf((OneOf(name, ("oui",)), OneOf("other", ("oui",)))) for name in names]
    conditions = [*plain * 40, wide, Not(wide), *plain]
    rulebook = rulebook_of([question(name, "boolean") for name in [*names, "other"]], conditions)
    compiled, reference = CompiledEngine(rulebook), ReferenceEngine(rulebook)
    draw, seen = Random(1), set()  # noqa: S311 - nothing secret
    for _ in range(200):
        answers = {name: value for name in names if (value := draw.choice(["oui", "oui", "oui", "non", None]))}
        known = Known(answers, {})
        assert compiled.infer(known) == reference.infer(known)
        seen.add(short_names(compiled.infer(known).rules)["r400"])
    assert seen == {True, False, None}
    assert compiled._layers == 5  # those of `Not(wide)`; not the 32 of one rule among 400


def test_a_rulebook_of_ten_thousand_rules() -> None:
    questions = [question(f"n{index}", "integer", min=0, max=10_000) for index in range(10)]
    conditions: list[Condition] = [
        AnyOf((Between(f"n{index % 10}", index, None), Between(f"n{(index + 1) % 10}", None, index)))
        for index in range(10_000)
    ]
    rulebook = rulebook_of(questions, conditions)
    known = Known({f"n{index}": 1_000 * index for index in range(10)}, {})
    assert CompiledEngine(rulebook).infer(known) == ReferenceEngine(rulebook).infer(known)


def test_what_values_rule_out_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conseil.inference.compiled._MOST_KEPT", 8)
    by_value = _ByValue({(Several("s", "any", ("0",)), True): 1})
    for _ in range(2):
        for number in range(100):
            assert by_value[(str(number),)] == (number != 0)
            assert len(by_value) <= 8


def test_equal_alternatives_count_once() -> None:
    test = OneOf("p", ("x",))
    assert alternatives(AnyOf((test, AllOf((test, test)), Not(Not(test))))) == [frozenset({(test, True)})]


def test_verdicts_read_as_a_mapping() -> None:
    verdicts = Verdicts({"a": 0, "b": 1, "c": 2}, true=0b001, unknown=0b100)
    assert verdicts == {"a": True, "b": False, "c": None}
    as_mapping = {"a": True, "b": False, "c": None}
    assert as_mapping == verdicts
    assert verdicts != {"a": True, "b": False, "c": False}
    assert list(verdicts) == ["a", "b", "c"]
    assert (verdicts.digits(), Verdicts({}, 0, 0).digits()) == (b"\1\0\2", b"")
    assert [verdicts.names(bits) for bits in (0, 1, 5, 7)] == [[], ["a"], ["a", "c"], ["a", "b", "c"]]
    with pytest.raises(KeyError):
        verdicts["d"]
    places = {"c": 0, "a": 1}
    assert Verdicts.of(verdicts, places).true == 0b10
    assert Verdicts.of(verdicts, places).unknown == 0b01
    assert Verdicts.of(verdicts, verdicts.places) is verdicts


def test_what_was_judged_is_kept_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_MOST_KEPT", 0)
    rulebook, draw = load_rulebook().model_copy(), Random(5)  # noqa: S311 - nothing secret
    engine = CompiledEngine(rulebook)
    territories = [random_territory(draw, rulebook) for _ in range(200)]
    kept = [judge(rulebook, known, engine.infer(known)) for known in territories]
    judge_ = judging._judge_of(rulebook)
    for tables in (judge_._alone, judge_._scored, judge_._told.tables, [judge_._worth]):
        assert 0 < max(len(table) for table in tables) <= judging._LEAST_KEPT
    for known, found in zip(territories, kept, strict=True):
        judging.forget()
        assert judge(rulebook, known, engine.infer(known)) == found


def test_many_actions_have_the_reasons_that_few_would_have(monkeypatch: pytest.MonkeyPatch) -> None:
    few, draw = load_rulebook().model_copy(), Random(6)  # noqa: S311 - nothing secret
    engine, many = CompiledEngine(few), few.model_copy()
    found = [(known, engine.infer(known)) for known in (random_territory(draw, few) for _ in range(50))]
    expected = [judge(few, *each) for each in found]
    monkeypatch.setattr(judging, "_MOST_TABLES", len(few.actions) - 1)
    assert [judge(many, *each) for each in found] == expected
    assert judging._judge_of(few)._told.tables
    assert not judging._judge_of(many)._told.tables


def test_actions_whose_rules_are_alike_share_what_was_found_and_keep_their_own_reasons() -> None:
    alike = [rule("caution"), rule("recommend", {"a": "yes"}, points={"impact": "+"})]
    rulebook = builders.rulebook(*(builders.action(name, *alike) for name in ("one", "two")))
    known = Known({"a": "yes"}, {})

    judged = judge(rulebook, known, CompiledEngine(rulebook).infer(known)).by_id()

    assert judged["one"].state is judged["two"].state
    assert judged["one"].scored is judged["two"].scored
    for name, item in judged.items():
        assert [reason.rule.id for reason in item.reasons] == [one.id for one in rulebook.by_id[name].rules_by_effect]
    essential = builders.rulebook(*(builders.action(name, *alike) for name in ("one", "two")), essential=["two"])
    judged = judge(essential, known, CompiledEngine(essential).infer(known)).by_id()
    assert [item.score.impact.base for item in judged.values()] == [50, 70]


def test_what_was_judged_goes_with_its_rulebook() -> None:
    rulebook = load_rulebook().model_copy()
    judge(rulebook, Known({}, {}), CompiledEngine(rulebook).infer(Known({}, {})))
    held, name = len(judging._judges), weakref.ref(rulebook)

    del rulebook
    gc.collect()

    assert name() is None
    assert len(judging._judges) == held - 1


def test_a_rulebook_without_actions_has_a_plan_without_items() -> None:
    rulebook = load_rulebook().model_copy(update={"actions": (), "examples": ()})
    known = Known({}, {})

    assert judge(rulebook, known, CompiledEngine(rulebook).infer(known)).by_id() == {}
