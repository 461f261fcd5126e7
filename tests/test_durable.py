"""Each way in which durable-rules 2.0.28 crashes, hangs or answers wrongly, and that the adapter keeps away from it.

What may kill the process runs in a child, with freed memory scrambled (`MALLOC_PERTURB_`).
"""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest

from conseil.conditions import AllOf, AnyOf, Between, Condition, Not, OneOf, Several
from conseil.errors import EngineError, EngineUnavailable, RulebookTooLarge
from conseil.inference import DurableEngine, ReferenceEngine, durable
from conseil.inference.clauses import LONGEST_BODY, Clause, compile_clauses
from conseil.inference.durable import distinct_ids, fnv, load_rete, packed
from conseil.profile import Known
from conseil.rulebook import Rulebook, load_rulebook
from strategies import needs_durable, question, rulebook_of, short_names

pytestmark = needs_durable

NOTHING = Known({}, {})
HERE = Path(__file__).parent


def agree(rulebook: Rulebook, *territories: Known) -> DurableEngine:
    """Check that the engine gives what the reference gives."""
    engine, reference = DurableEngine(rulebook), ReferenceEngine(rulebook)
    for territory in territories:
        assert engine.infer(territory) == reference.infer(territory)
    return engine


def in_a_child(program: str) -> None:
    """Run a program where it may crash or hang."""
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(HERE)]), "MALLOC_PERTURB_": "165"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def definitions_of(rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what durable-rules is asked to build for a rulebook."""
    rete, built = load_rete(), []

    class Recorder:
        error = rete.error

        def create_ruleset(self, name: str, rules: str) -> int:
            built.append(json.loads(rules))
            return rete.create_ruleset(name, rules)

        def __getattr__(self, name: str) -> object:
            return getattr(rete, name)

    monkeypatch.setattr(durable, "load_rete", Recorder)
    DurableEngine(rulebook)
    return built


def wide(questions: int, rules: Iterable[Condition]) -> Rulebook:
    """Return a rulebook with many questions `q0`, `q1`… of three choices."""
    return rulebook_of([question(f"q{index}", "choice", "x", "y", "z") for index in range(questions)], rules)


def answers(questions: int, value: str) -> Known:
    return Known({f"q{index}": value for index in range(questions)}, {})


# It kills or hangs the process


def test_a_session_in_which_no_rule_held_can_be_deleted() -> None:
    in_a_child("""
        from conseil.conditions import AllOf, OneOf
        from conseil.inference import DurableEngine
        from conseil.profile import Known
        from strategies import question, rulebook_of
        asked = [question("p", "choice", "x", "y"), question("q", "choice", "x", "y")]
        engine = DurableEngine(rulebook_of(asked, [AllOf((OneOf("p", ("x",)), OneOf("q", ("x",))))]))
        network = next(network for network in engine._networks if "p=x" in network._messages)
        for _ in range(200):
            concluded = {"p=x"}
            network.run(concluded)
            assert concluded == {"p=x"}
        """)


def test_a_session_can_be_deleted_when_the_first_fact_fails() -> None:
    """The engine fails before any rule ran: nothing but the opening makes the session safe to delete."""
    in_a_child("""
        from conseil.conditions import OneOf
        from conseil.errors import EngineError
        from conseil.inference import DurableEngine
        from conseil.profile import Known
        from strategies import question, rulebook_of
        engine = DurableEngine(rulebook_of([question("p", "choice", "x", "y")], [OneOf("p", ("x",))]))
        for network in engine._networks:
            network._messages = dict.fromkeys(network._messages, "{ this is no message")
        for _ in range(50):
            try:
                engine.infer(Known({"p": "x"}, {}))
            except EngineError:
                continue
            raise AssertionError
        """)


def test_more_than_1024_sessions() -> None:
    in_a_child("""
        from conseil.conditions import OneOf
        from conseil.inference import DurableEngine
        from conseil.profile import Known
        from strategies import question, rulebook_of, short_names
        engine = DurableEngine(rulebook_of([question("p", "choice", "x", "y")], [OneOf("p", ("x",))]))
        for _ in range(3_000):
            assert short_names(engine.infer(Known({"p": "x"}, {})).rules)["r0"] is True
        """)


def test_more_than_512_conditions_under_one_node() -> None:
    in_a_child("""
        from test_durable import OneOf, agree, answers, wide
        agree(wide(700, [OneOf(f"q{index}", ("x", "y")) for index in range(700)]), answers(700, "x"), answers(700, "z"))
        """)


def test_more_than_256_rules_with_an_identical_first_condition() -> None:
    in_a_child("""
        from itertools import combinations
        from test_durable import AllOf, OneOf, agree, answers, wide
        pairs = combinations(range(1, 27), 2)
        rules = [AllOf((OneOf("q0", ("x",)), OneOf(f"q{a}", ("x",)), OneOf(f"q{b}", ("x",)))) for a, b in pairs]
        assert len(rules) == 325
        agree(wide(27, rules), answers(27, "x"), answers(27, "z"), answers(1, "x"))
        """)


def test_nothing_but_joins_of_equalities_is_ever_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """`$nex` alone never returns, `any` fires 2^n - 1 times, a division by zero kills: none of them is used."""
    every: list[Condition] = [
        AnyOf(tuple(OneOf(f"q{index}", ("x",)) for index in range(12))),
        Not(AllOf(tuple(OneOf(f"q{index}", ("x", "y")) for index in range(12)))),
        AllOf((AnyOf((OneOf("q0", ("x",)), Not(OneOf("q1", ("y",))))), Not(OneOf("q2", ("z",))))),
    ]
    built = definitions_of(wide(12, every), monkeypatch)
    assert built
    for definition in built:
        for rule in definition.values():
            assert rule.keys() == {"all"}
            for pattern in rule["all"]:
                [condition] = pattern.values()
                assert condition.keys() in ({"$and"}, {"k"})
                tests = condition.get("$and", [condition])
                assert all(isinstance(value, str) for test in tests for value in test.values())


def test_a_rule_that_feeds_itself_ends() -> None:
    in_a_child("""
        from conseil.inference.clauses import Clause
        from conseil.inference.durable import Network, NetworkRule, load_rete
        bodies_and_heads = [(("a",), ["b"]), (("b",), ["a", "c"]), (("b", "c"), ["b"])]
        loop = [NetworkRule(body, heads, "x") for body, heads in bodies_and_heads]
        concluded = {"a"}
        Network(load_rete(), loop).run(concluded)
        assert concluded == {"a", "b", "c"}
        """)


def test_a_disjunction_of_many_true_branches_fires_few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `any`, twelve true branches would fire 4,095 times."""
    rete, fired = load_rete(), []

    class Counter:
        error = rete.error

        def complete_and_start_action(self, handle: int, session: int) -> str | None:
            fired.append(handle)
            return rete.complete_and_start_action(handle, session)

        def __getattr__(self, name: str) -> object:
            return getattr(rete, name)

    monkeypatch.setattr(durable, "load_rete", Counter)
    branches = AnyOf(tuple(OneOf(f"q{index}", ("x",)) for index in range(12)))
    three_groups = AllOf(tuple(AnyOf(branches.parts[start : start + 4]) for start in (0, 4, 8)))
    agree(wide(12, [branches, three_groups]), answers(12, "x"))
    assert len(fired) < 50


# It answers wrongly


def test_fields_and_sessions_have_different_hashes() -> None:
    """A rule on one field of a message fires for any field of the same 32-bit hash."""
    names = ["k", "v", "id", "sid", "$s", "all", "any", "count", "pri", "cap", "dist", "$and", "$m", "$forward"]
    aliases = [f"m{index}" for index in range(LONGEST_BODY)]
    assert len({fnv(name) for name in [*names, *aliases]}) == len(names) + len(aliases)
    assert fnv("costarring") == fnv("liquid")


def test_a_message_with_the_hash_of_another_is_renamed() -> None:
    """durable-rules says that it has already seen the second one, and its rules never hold."""
    assert list(distinct_ids(["costarring", "liquid", "declinate", "macallums", "free"])) == [
        "costarring",
        "declinate",
        "free",
    ]
    assert list(distinct_ids(["open", "sid-s", "free"])) == ["free"]


def test_a_network_survives_names_that_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["costarring", "declinate", "liquid", "macallums"]  # of q0=x, q0=*, q1=x, q1=*
    monkeypatch.setattr(durable, "_candidates", lambda: iter([*names, *(f"m{number}" for number in range(1_000))]))
    rulebook = wide(4, [OneOf(f"q{index}", ("x",)) for index in range(4)])
    agree(
        rulebook,
        *(Known(dict(zip(("q0", "q1", "q2", "q3"), values, strict=True)), {}) for values in product("xyz", repeat=4)),
    )


def test_messages_and_patterns_are_short_ascii_texts() -> None:
    """Types are confused (`"5" == 5`), 2^63 is 2^64, long values wrap, and escapes are hashed as they are written."""
    long = "x" * 80
    asked = [question("n", "integer"), question("long", "choice", long, "y", asked_when=Between("n", 2**62, None))]
    rules: list[Condition] = [
        Between("n", 2**63, None),
        Between("n", None, 2**63 - 1),
        Between("n", 2**64, None),
        OneOf("long", (long,)),
    ]
    numbers = [2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**64), 10**40, 0]
    engine = agree(rulebook_of(asked, rules), *(Known({"n": number, "long": long}, {}) for number in numbers))
    for network in engine._networks:
        for message in network._messages.values():
            assert message.isascii()
            assert len(message) < 100
            assert json.loads(message).keys() == {"id", "k", "v", "sid"}
            assert all(isinstance(value, str) and "\\" not in value for value in json.loads(message).values())


def test_what_is_asserted_later_takes_nothing_back() -> None:
    """`none()` fires at once though its blocker comes later: nothing is concluded from an absence."""
    not_x, none_is_x = Not(OneOf("q0", ("x",))), AllOf((Not(OneOf("q0", ("x",))), Not(OneOf("q1", ("x",)))))
    rulebook = wide(2, [not_x, none_is_x])
    engine = agree(rulebook, NOTHING, answers(1, "x"), answers(2, "y"))
    assert short_names(engine.infer(NOTHING).rules)["r0"] is None
    assert short_names(engine.infer(answers(1, "y")).rules)["r1"] is None


# It limits


def test_600_rules_on_one_fact_in_both_polarities() -> None:
    """More than 64 conditions that match one message are error 303."""
    asked = [question("p", "choice", *(f"c{index}" for index in range(40))), question("n", "integer")]
    rules: list[Condition] = []
    for index in range(300):
        some = OneOf("p", tuple(f"c{(index + shift) % 40}" for shift in range(1 + index % 20)))
        rules += [AllOf((some, Between("n", index, None))), AllOf((Not(some), Between("n", None, index)))]
    agree(rulebook_of(asked, rules), Known({"p": "c3", "n": 150}, {}), Known({"p": "c39"}, {}), Known({"n": 7}, {}))


def test_a_rulebook_of_2000_rules() -> None:
    """A ruleset takes 4,096 rules; both verdicts of these make more."""

    def rule(index: int) -> Condition:
        first, second, third = index % 50, index // 50 + 10, index * 7 % 60
        parts = OneOf(f"q{first}", ("x",)), Not(OneOf(f"q{second}", ("y",))), OneOf(f"q{third}", ("x", "z"))
        return AllOf((AnyOf(parts[:2]), AnyOf((*parts[1:], Not(parts[0])))))

    rulebook = wide(60, map(rule, range(2_000)))
    assert len({clause.body for clause in compile_clauses(rulebook).clauses}) > 4_096
    mixed = Known({f"q{index}": "xyz"[index % 3] for index in range(0, 60, 2)}, {})
    agree(rulebook, answers(60, "x"), answers(60, "y"), mixed, NOTHING)


def test_more_than_16_conditions_at_once() -> None:
    """17 joined messages are error 304, and only when they are asserted."""
    forty: tuple[Condition, ...] = tuple(OneOf(f"q{index}", ("x",)) for index in range(40))
    several = Several("many", "all", tuple(f"c{index}" for index in range(30)))
    asked = [
        *(question(f"q{index}", "choice", "x", "y") for index in range(40)),
        question("many", "choices", *several.values),
    ]
    rules: list[Condition] = [AllOf(forty), AnyOf(forty), Not(AllOf((*forty, several))), several]
    rulebook = rulebook_of(asked, rules)
    everything = {**answers(40, "x").answers, "many": several.values}
    engine = agree(
        rulebook, Known(everything, {}), Known({**everything, "q17": "y"}, {}), answers(40, "y"), answers(39, "x")
    )
    assert short_names(engine.infer(Known(everything, {})).rules)["r0"] is True


@pytest.mark.parametrize(
    "bodies",
    [
        [(f"a{index % 2}", f"b{index}") for index in range(5_000)],
        list(product((f"a{index}" for index in range(40)), (f"b{index}" for index in range(40)))),
        [(f"s{index}",) for index in range(2_000)],
    ],
    ids=["many readers", "many rules", "many symbols"],
)
def test_networks_keep_their_limits(bodies: list[tuple[str, ...]]) -> None:
    networks = packed(Clause(f"h{index}", tuple(sorted(body)), f"rule-{index}") for index, body in enumerate(bodies))
    assert sum(map(len, networks)) == len(bodies)
    for network in networks:
        read = Counter(symbol for rule in network for symbol in rule.body)
        assert len(network) <= durable.MOST_RULES < 4_096
        assert len(read) <= durable.MOST_SYMBOLS < 512
        assert max(read.values()) <= durable.MOST_READERS < 256


def test_as_many_networks_as_allowed_are_built_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clauses = [Clause(f"h{index}", (f"s{index}",), "rule one-too-many") for index in range(4 * durable.MOST_SYMBOLS)]
    monkeypatch.setattr(durable, "MOST_NETWORKS", 4)
    assert len(packed(clauses)) == 4
    with pytest.raises(durable._Unfit, match="`rule one-too-many` : durable-rules a déjà 4 réseaux"):
        packed([*clauses, Clause("h", ("s",), "rule one-too-many")])


def test_a_symbol_is_concluded_before_it_is_read() -> None:
    """Networks run in turn: one that came too late would leave a rule unknown, and nobody would see it."""
    either = [AnyOf((OneOf(f"q{index}", ("x", "y")), OneOf("q3", ("z",)))) for index in range(60)]
    others = [OneOf(f"q{index}", ("x", "z")) for index in range(10)]
    rulebook = wide(60, [AllOf(parts) for parts in product(either, others)])
    concluded_in: dict[str, int] = {}
    networks = packed(compile_clauses(rulebook).clauses)
    for place, network in enumerate(networks):
        for rule in network:
            for head in rule.heads:
                concluded_in[head] = place
    assert all(
        concluded_in.get(symbol, 0) <= place
        for place, net in enumerate(networks)
        for rule in net
        for symbol in rule.body
    )


def second_guide(tmp_path: Path) -> Path:
    """Return a folder of rules of its own."""
    return Path(shutil.copytree(HERE / "second_guide" / "rules", tmp_path / "rules"))


def test_a_rulebook_that_is_too_large_is_refused_with_the_rule_and_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "MOST_NETWORKS", 1)
    monkeypatch.setattr(durable, "MOST_SYMBOLS", 12)
    monkeypatch.setattr(durable, "load_rete", lambda: Failing("create_ruleset", pytest.fail))  # nothing is built yet
    rulebook = load_rulebook(second_guide(tmp_path))
    with pytest.raises(RulebookTooLarge) as refused:
        DurableEngine(rulebook)
    place, message = str(refused.value).split(": ", 1)
    path, line, _column = place.rsplit(":", 2)
    found = re.match(r"règle `(.+)` : durable-rules a déjà 1 réseaux", message)
    assert found
    assert f"id: {found[1]}" in Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert "aide : le moteur `compiled` prend toutes les règles" in message


def test_where_the_rule_cannot_be_found_again_its_id_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "MOST_NETWORKS", 1)
    monkeypatch.setattr(durable, "MOST_SYMBOLS", 12)
    folder = second_guide(tmp_path)
    loaded = load_rulebook(folder)
    for path in (folder / "actions").iterdir():
        path.write_text("broken: [", encoding="utf-8")
    with pytest.raises(RulebookTooLarge, match=rf"^{folder}: règle `.+` : "):
        DurableEngine(loaded)
    made = wide(40, [OneOf(f"q{index}", ("x",)) for index in range(40)])
    with pytest.raises(RulebookTooLarge, match=r"^essai: règle `act-.\.r\d+` : "):
        DurableEngine(made)


def test_what_is_no_rule_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(durable, "MOST_NETWORKS", 1)
    monkeypatch.setattr(durable, "MOST_SYMBOLS", 12)
    asked_when = OneOf("scenario", ("a",))
    asked = [question(f"q{index}", "choice", "x", "y", asked_when=asked_when) for index in range(20)]
    tests = [OneOf(f"q{index}", ("x",)) for index in range(20)]
    with pytest.raises(RulebookTooLarge, match=r"^question `q\d+` : durable-rules a déjà"):
        DurableEngine(rulebook_of(asked, tests))
    plain = [question(f"q{index}", "choice", "x", "y") for index in range(20)]
    with pytest.raises(RulebookTooLarge, match=r"^critère `a/s1/\d+` : durable-rules a déjà"):
        DurableEngine(rulebook_of(plain, tests[:1], criteria=tests))


def test_a_body_that_is_too_long_is_never_packed() -> None:
    body = tuple(f"s{index}" for index in range(LONGEST_BODY + 1))
    with pytest.raises(durable._Unfit, match="`rule far-too-long` : 9 conditions à la fois"):
        packed([Clause("h", ("s1",), "rule short"), Clause("h", body, "rule far-too-long")])


LARGE = {
    "bounds on one number": """
        asked = [question("n", "integer")]
        rules = [Between("n", index, None) for index in range(5_000)]
        territories = [Known({"n": number}, {}) for number in (-1, 0, 17, 2_500, 4_999, 9_999)]
        """,
    "choices of one question": """
        asked = [question("p", "choice", *(f"c{index}" for index in range(5_000)))]
        rules = [OneOf("p", (f"c{index}",)) for index in range(5_000)]
        territories = [Known({"p": f"c{index}"}, {}) for index in (0, 3, 4_321, 4_999)]
        """,
    "numbers and choices": """
        asked = [question(f"n{index}", "integer") for index in range(10)]
        asked += [question(f"q{index}", "choice", "x", "y", "z") for index in range(10)]
        rules = [
            AllOf((Between(f"n{index % 10}", index, None), Not(OneOf(f"q{index // 10 % 10}", ("xyz"[index % 3],)))))
            for index in range(5_000)
        ]
        numbers = [Known({f"n{index}": 500 * index for index in range(10)}, {})]
        territories = numbers + [Known({**numbers[0].answers, **answers(10, value).answers}, {}) for value in "xyz"]
        """,
    "many facts": """
        asked = [question(f"q{index}", "choice", "x", "y", "z") for index in range(5_000)]
        rules = [AllOf((OneOf(f"q{i}", ("x",)), OneOf(f"q{(7 * i + 1) % 5_000}", ("y", "z")))) for i in range(5_000)]
        territories = [answers(5_000, "x"), answers(2_000, "y")]
        """,
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_rulebook_of_5000_rules(kind: str) -> None:
    """It works; on Linux, within 2 GB."""
    limit = "resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))"
    little_memory = f"import resource; {limit}" if sys.platform == "linux" else ""
    imports = "from test_durable import AllOf, Between, Known, Not, OneOf, agree, answers, question, rulebook_of"
    body = textwrap.dedent(LARGE[kind])
    in_a_child(f"{little_memory}\n{imports}\n{body}\nagree(rulebook_of(asked, rules), *territories)")


def test_clauses_grow_with_the_rules() -> None:
    """A test on a number with as many classes as there are rules says them in blocks, or the product would be built."""

    def clauses(count: int) -> int:
        each = [Not(Between("n", index, None)) for index in range(count)]
        return len(compile_clauses(rulebook_of([question("n", "integer")], each)).clauses)

    few, many = clauses(400), clauses(1_600)
    assert many < 4 * 1.5 * few


def test_blocks_hold_every_value_and_no_other() -> None:
    """Tests on a fact with many values, with each of them: the last block of each size is a short one."""
    for size in (15, 16, 17, 21, 64, 65, 70):
        words = [f"c{index}" for index in range(size)]
        some = [words[start : start + length] for length in (1, 3, size // 2) for start in (0, 1, 7, size - length)]
        scattered = [words[::2], words[::5], words]
        asked = [question("p", "choice", *words, "other", not_applicable=True), question("n", "integer")]
        bounds = [(low, low + length) for length in (0, 5, 40) for low in range(size)]
        rules: list[Condition] = [
            *(OneOf("p", tuple(chosen)) for chosen in [*some, *scattered]),
            *(Between("n", low, high) for low, high in bounds),
        ]
        each = [Known({"p": word}, {}) for word in (*words, "other", "not_applicable")]
        numbers = [Known({"n": number}, {}) for number in range(-2, size + 42)]
        agree(rulebook_of(asked, rules), *each, *numbers)


# It surprises


def test_no_thread_is_started_and_durable_lang_stays_out() -> None:
    in_a_child("""
        import sys, threading
        from test_durable import OneOf, agree, answers, wide
        agree(wide(3, [OneOf(f"q{index}", ("x",)) for index in range(3)]), answers(3, "x"))
        assert threading.active_count() == 1
        assert not {"durable", "durable.lang", "durable.engine"} & sys.modules.keys()
        """)


class Failing:
    """durable-rules, but for one function."""

    def __init__(self, name: str, function: Callable[..., object]) -> None:
        self._name, self._function, self._rete = name, function, load_rete()
        self.error = self._rete.error
        self.deleted = 0

    def __getattr__(self, name: str) -> object:
        if name == "delete_state":
            self.deleted += 1
        return self._function if name == self._name else getattr(self._rete, name)


@pytest.mark.parametrize("code", [1, 2, 3], ids=["not handled", "observed", "deferred"])
def test_a_fact_that_is_not_taken_is_an_error(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """durable-rules would go on, and a verdict be unknown instead of true."""
    rete = load_rete()

    def refuse_later(handle: int, message: str) -> tuple[int, int]:
        result, session = rete.assert_fact(handle, message)
        return (result if "open" in message else code), session

    failing = Failing("assert_fact", refuse_later)
    monkeypatch.setattr(durable, "load_rete", lambda: failing)
    engine = DurableEngine(wide(1, [OneOf("q0", ("x",))]))
    for _ in range(2):
        with pytest.raises(EngineError, match=f"code {code}"):
            engine.infer(answers(1, "x"))
    assert failing.deleted == 2


def test_what_durable_rules_raises_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    rete, calls = load_rete(), count()

    def fail_later(handle: int, session: int) -> str | None:
        if next(calls) == 0:
            return rete.complete_and_start_action(handle, session)
        raise rete.error("code 304")

    failing = Failing("complete_and_start_action", fail_later)
    monkeypatch.setattr(durable, "load_rete", lambda: failing)
    engine = DurableEngine(wide(1, [OneOf("q0", ("x",))]))
    with pytest.raises(EngineError, match="durable-rules a échoué : code 304"):
        engine.infer(answers(1, "x"))
    assert failing.deleted == 1
    monkeypatch.undo()
    inference = DurableEngine(wide(1, [OneOf("q0", ("x",))])).infer(answers(1, "x"))
    assert short_names(inference.rules)["r0"] is True


@pytest.mark.parametrize("code", ["code 101", "memory"])
def test_a_network_that_cannot_be_built_is_an_error(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rete = load_rete()

    def fail(_name: str, _rules: str) -> int:
        raise MemoryError if code == "memory" else rete.error(code)

    monkeypatch.setattr(durable, "load_rete", lambda: Failing("create_ruleset", fail))
    with pytest.raises(EngineError, match="durable-rules n’a pas construit son réseau"):
        DurableEngine(wide(1, [OneOf("q0", ("x",))]))


def test_a_session_that_does_not_open_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the clock stands at 1970, durable-rules takes every session for a locked one, and runs nothing."""
    monkeypatch.setattr(durable, "load_rete", lambda: Failing("start_action_for_state", lambda *_: None))
    with pytest.raises(EngineError, match="n’a pas ouvert de session"):
        DurableEngine(wide(1, [OneOf("q0", ("x",))])).infer(answers(1, "x"))


def test_networks_are_freed_with_their_engine() -> None:
    """A process can make 131,072 networks, and durable-rules frees none by itself."""
    rulebook = wide(2, [OneOf(f"q{index}", ("x",)) for index in range(2)])
    handles = set()
    for _ in range(20):
        engine = DurableEngine(rulebook)
        handles |= {network._handle for network in engine._networks}
        engine.infer(answers(2, "x"))
        del engine
        gc.collect()
    freed = min(handles)
    with pytest.raises(load_rete().error):
        load_rete().assert_fact(freed, '{"id":"open","k":"open","sid":"s"}')


def test_handles_come_back() -> None:
    in_a_child("""
        from conseil.inference.durable import Network, NetworkRule, load_rete
        rete = load_rete()
        for _ in range(140_000):
            network = Network(rete, [NetworkRule(("a",), ["b"], "x")])
        concluded = {"a"}
        network.run(concluded)
        assert concluded == {"a", "b"}
        """)


def test_threads_share_an_engine() -> None:
    pairs = [(f"q{index}", f"q{(index + 1) % 6}") for index in range(6)]
    rulebook = wide(6, [AllOf((OneOf(a, ("x",)), Not(OneOf(b, ("y",))))) for a, b in pairs])
    engine, reference = DurableEngine(rulebook), ReferenceEngine(rulebook)
    territories = [
        Known({f"q{index}": value for index, value in enumerate(values)}, {}) for values in product("xyz", repeat=6)
    ]
    expected = [reference.infer(territory) for territory in territories]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(engine.infer, territories)) == expected


def test_threads_make_engines_at_once() -> None:
    """The first use of `durable.lang` from several threads loses rulesets."""
    rulebook = wide(6, [OneOf(f"q{index}", ("x",)) for index in range(6)])
    expected = ReferenceEngine(rulebook).infer(answers(6, "x"))
    barrier = threading.Barrier(8)

    def infer(_: int) -> bool:
        barrier.wait()
        return DurableEngine(rulebook).infer(answers(6, "x")) == expected

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(infer, range(8)))


def test_threads_use_several_rulebooks_at_once() -> None:
    """Each has its networks and its lock, but all share one C library."""
    books = [
        wide(
            count,
            [
                AllOf((OneOf(f"q{index}", ("x",)), Not(OneOf(f"q{(index + 1) % count}", ("y",)))))
                for index in range(count)
            ],
        )
        for count in (2, 3, 5, 8, 40, 150)
    ]
    engines = [DurableEngine(book) for book in books]
    territories = [[answers(count, value) for value in "xyz" for count in (0, 1, 2, 5, 30)] for _ in books]
    expected = [
        [ReferenceEngine(book).infer(territory) for territory in theirs]
        for book, theirs in zip(books, territories, strict=True)
    ]
    barrier = threading.Barrier(12)

    def judge(start: int) -> list[bool]:
        """Go through all rulebooks, beginning elsewhere than the other threads, and make one engine more."""
        barrier.wait()
        found = []
        for turn in range(4 * len(books)):
            place = (start + turn) % len(books)
            engine = DurableEngine(books[place]) if turn == start else engines[place]
            found.append([engine.infer(territory) for territory in territories[place]] == expected[place])
        return found

    with ThreadPoolExecutor(12) as pool:
        assert all(all(found) for found in pool.map(judge, range(12)))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc, which Linux has")
def test_memory_stays_flat() -> None:
    in_a_child("""
        from pathlib import Path
        from test_durable import AllOf, DurableEngine, OneOf, answers, wide
        def pages():
            return int(Path("/proc/self/statm").read_text().split()[1])
        pairs = [(f"q{index}", f"q{(index + 1) % 20}") for index in range(20)]
        engine = DurableEngine(wide(20, [AllOf((OneOf(a, ("x",)), OneOf(b, ("x", "y")))) for a, b in pairs]))
        for _ in range(500):
            engine.infer(answers(20, "x"))
        before = pages()
        for _ in range(5_000):
            engine.infer(answers(20, "x"))
        assert pages() - before < 500, f"{pages() - before} more pages of memory"
        """)


# It does not import (Python 3.13)


def test_without_durable_rules_the_engine_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    with pytest.raises(EngineUnavailable, match=r"durable-rules n’est pas installé \(Python 3\.\d+\)"):
        DurableEngine(wide(1, [OneOf("q0", ("x",))]))


def test_the_reason_of_a_failed_import_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = 'raise ImportError("/x/durable_rules_engine.so: undefined symbol: PyEval_CallObject")'
    (tmp_path / "durable_rules_engine.py").write_text(broken, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "durable_rules_engine", raising=False)
    with pytest.raises(
        EngineUnavailable, match=r"ne se charge pas \(Python 3\.\d+ : undefined symbol: PyEval_CallObject\)"
    ):
        load_rete()
