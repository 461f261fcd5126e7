"""Pictures of plans: well-formed, said in words, complete, within their frame, and safe whatever a title holds."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import conseil
from conseil.cli import conseil as command
from conseil.explanation import Explanation, explain
from conseil.plan import Reason
from conseil.plan.score import AxisScore, Score, priority_of, score_of
from conseil.rendering.grid import matrix_text
from conseil.rendering.lettering import measure, said
from conseil.rendering.pictures import (
    matrix,
    matrix_table,
    slope,
    slope_table,
    tornado,
    tornado_table,
    tornado_text,
    waterfall,
    waterfall_table,
    waterfall_text,
)
from conseil.rendering.pictures.placing import Box, set_apart
from golden_files import ROOT, check_golden

SVG = "{http://www.w3.org/2000/svg}"
PROFILES = conseil.shipped_profiles()
HOSTILE = [
    "<script>alert('x')</script>",
    "Fish & chips ]]> <!-- &amp; --> \"'",
    "Un titre sans fin " * 120,
    "x" * 3000,
    "Émoji 👩🏽‍🚀🚜❤️ 中文 العربية \u202eesrevni",
    "\x00\x1b[31m\ud800\ufffe\r\n\t",
    "",
]
NAMES = ["Aujourd’hui", "Avec du foncier", "Portage fort"]
ROWS = [
    ("Recenser les besoins", (1, 1, 2)),
    ("Cartographier les acteurs du territoire, de l’ESS ou non", (2, 3, 1)),
    ("Faciliter l’accès au foncier", (None, 2, None)),
    ("Organiser des visites apprenantes dans des lieux de l’ESS", (3, 4, 3)),
    ("Définir un plan de communication", (4, None, None)),
]
EFFECTS = [
    ("Portage politique : fort", 1, 2),
    ("Foncier disponible : aucun", 7, 0),
    ("Budget d’investissement, subventions européennes comprises : important", 0, 3),
    ("Moyens d’animation", 0, 0),
]
ABOUT = "Communauté de communes des Hautes Combes"


def plan_of(name: str) -> conseil.Plan:
    return conseil.advise(conseil.load_profile(PROFILES[name]))


def plan_with(spots: list[tuple[int, int]], titles: list[str] | None = None) -> conseil.Plan:
    """Return a plan whose live actions have these impacts and feasibilities."""
    plan = plan_of("metropole-de-belleroche")
    rulebook, items = plan.rulebook, []
    for place, (impact, feasibility) in enumerate(spots):
        item = plan.items[place]
        title = titles[place % len(titles)] if titles else item.action.title
        weights = rulebook.guide.score.weights
        total = (weights.impact * impact + weights.feasibility * feasibility + 50) // 100
        axes = [AxisScore(value, value, value, 50, 0) for value in (impact, feasibility)]
        items.append(
            item._replace(
                action=item.action.model_copy(update={"title": title}),
                state=item.state._replace(status="recommended"),
                scored=item.scored._replace(
                    score=Score(axes[0], axes[1], total, total, total),
                    priority=priority_of(total, rulebook),
                    settled=bool(place % 3),
                ),
                rank=place + 1,
                wave=1 + place // 9,
                now=place < 3,
                folded=(),
            )
        )
    return replace(plan, items=tuple(items))


def explanation_with(because: str, steps: int) -> Explanation:
    """Return an explanation in which every rule that is true has as many steps up, or down, on both axes."""
    plan = plan_of("metropole-de-belleroche")
    item = max(plan.items, key=lambda item: len(plan.true_reasons(item)))
    points = item.action.rules[0].points.model_copy(update={"impact": steps, "feasibility": -steps})
    rules = tuple(rule.model_copy(update={"points": points, "because": because}) for rule in item.action.rules)
    action = item.action.model_copy(update={"rules": rules, "title": because})
    score = score_of(action, plan.inference.rules, plan.rulebook)
    reasons = tuple(Reason(rule, plan.inference.rules[rule.id]) for rule in rules)
    return Explanation(plan, item._replace(action=action, scored=item.scored._replace(score=score), reasons=reasons))


def explanations(name: str) -> list[Explanation]:
    plan = plan_of(name)
    return [explain(plan, item.id) for item in plan.items]


# What every picture is


@dataclass(frozen=True)
class Written:
    """A line of text in a picture, and the room that it takes at most."""

    content: str
    left: float
    right: float
    top: float
    bottom: float

    def overlaps(self, other: Written) -> bool:
        return (
            self.left < other.right - 1
            and other.left < self.right - 1
            and self.top < other.bottom - 1
            and other.top < self.bottom - 1
        )


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - we wrote it


def writings(root: ET.Element) -> Iterator[Written]:
    for text in root.iter(f"{SVG}text"):
        x, y, size = (float(text.attrib[key]) for key in ("x", "y", "font-size"))
        width = measure(size, bold=text.get("font-weight") == "bold")(text.text or "")
        left = x - {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "start")] * width
        yield Written(text.text or "", left, left + width, y - 0.75 * size, y + 0.2 * size)


def tooltips(root: ET.Element) -> list[str]:
    return [title.text or "" for group in root.iter(f"{SVG}g") for title in group.findall(f"{SVG}title")]


def visible(root: ET.Element) -> str:
    return " ".join(written.content for written in writings(root))


def faults(svg: str) -> list[str]:
    """Return what is wrong with a picture, whatever it shows."""
    root = parsed(svg)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    found = [] if root.tag == f"{SVG}svg" and root.get("role") == "img" else ["no role"]
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    labels = [named.get(name) for name in root.attrib["aria-labelledby"].split()]
    tags = [element.tag.removeprefix(SVG) for element in labels if element is not None and element.text]
    if tags != ["title", "desc"]:
        found.append(f"labelled by {tags}")
    if len(named) != sum(1 for element in root.iter() if element.get("id")):
        found.append("an id twice")
    used = {value[5:-1] for element in root.iter() for value in element.attrib.values() if value.startswith("url(#")}
    found += [f"no {name}" for name in used - named.keys()]
    found += [f"<{element.tag}>" for element in root.iter() if element.tag.removeprefix(SVG) not in DRAWN]
    texts = list(writings(root))
    found += [
        f"outside: {text.content}"
        for text in texts
        if text.left < 0 or text.right > width or text.top < 0 or text.bottom > height
    ]
    found += [f"{one.content} over {other.content}" for one, other in combinations(texts, 2) if one.overlaps(other)]
    return found


DRAWN = {"svg", "title", "desc", "defs", "pattern", "g", "rect", "circle", "line", "polygon", "text"}


def too_wide(text: str) -> list[str]:
    return [line for line in text.splitlines() if cell_len(line) > 80]


ALL: dict[str, Callable[[], str]] = {
    "one action": lambda: matrix(plan_with([(70, 60)])),
    "all on one spot": lambda: matrix(plan_with([(60, 60)] * 20)),
    "in the corners": lambda: matrix(plan_with([(100, 100)] * 7 + [(99, 98)] * 3 + [(0, 0), (100, 0), (0, 100)] * 4)),
    "crowded": lambda: matrix(plan_with([(60 + place % 7, 58 + place % 5) for place in range(30)])),
    "a line": lambda: matrix(plan_with([(50 + place, 60) for place in range(20)])),
    "clipped above": lambda: waterfall(explanation_with("Parce que.", 3)),
    "clipped below": lambda: waterfall(explanation_with("Parce que.", -3)),
    "slope": lambda: slope(NAMES, ROWS),
    "slope of two": lambda: slope(NAMES[:2], [(title, ranks[:2]) for title, ranks in ROWS]),
    "slope of six": lambda: slope([f"{name} {n}" for name in NAMES for n in (1, 2)], [(t, r * 2) for t, r in ROWS]),
    "slope with ties": lambda: slope(NAMES, [(title, (1, 1, 40)) for title, _ in ROWS]),
    "slope of nothing": lambda: slope(NAMES, []),
    "slope of thirty": lambda: slope(NAMES, [(f"Action {n}", (n, 31 - n, None)) for n in range(1, 31)]),
    "slope about somebody": lambda: slope(NAMES, ROWS, ABOUT),
    "tornado": lambda: tornado(EFFECTS, ABOUT),
    "tornado of nothing": lambda: tornado([]),
    "tornado of what leaves": lambda: tornado([("Un", 10, 0), ("Deux", 1, 0)]),
    "tornado of what enters": lambda: tornado([("Un", 0, 10), ("Deux", 0, 1)]),
    "tornado without effect": lambda: tornado([("Un", 0, 0), ("Deux", 0, 0)]),
    "tornado of thousands": lambda: tornado([("Un", 900_000, 2_000_000), ("Deux", 50_000, 1_300_000)]),
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
def test_a_picture_is_well_formed_named_and_in_its_frame(name: str) -> None:
    assert faults(ALL[name]()) == []


@pytest.mark.parametrize("name", PROFILES)
def test_pictures_of_shipped_profiles_are_too(name: str) -> None:
    drawn = [matrix(plan_of(name)), *(waterfall(explanation) for explanation in explanations(name))]

    assert [fault for svg in drawn for fault in faults(svg)] == []


@pytest.mark.parametrize("name", ALL)
def test_the_same_picture_has_the_same_bytes(name: str) -> None:
    assert ALL[name]() == ALL[name]()


def test_pictures_in_one_page_have_ids_of_their_own() -> None:
    drawn = [parsed(waterfall(explanation)) for explanation in explanations("creuse-grand-sud")]
    ids = [element.attrib["id"] for root in drawn for element in root.iter() if element.get("id")]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ALL)
def test_a_renderer_takes_it(name: str) -> None:
    svg = ALL[name]()
    _, _, width, height = map(float, parsed(svg).attrib["viewBox"].split())
    renderer = shutil.which("rsvg-convert")
    if renderer is None:
        pytest.skip("rsvg-convert is not installed: this picture was checked as XML only")

    run = subprocess.run([renderer], input=svg.encode(), capture_output=True, check=False)

    assert (run.returncode, run.stderr) == (0, b"")
    assert struct.unpack(">II", run.stdout[16:24]) == (width, height)


# All that the tables say is drawn


def missing(rows: list[list[str]], said_in: list[str]) -> list[list[str]]:
    return [row for row in rows if not any(all(cell in text for cell in row) for text in said_in)]


@pytest.mark.parametrize("name", PROFILES)
def test_the_matrix_shows_every_row_of_its_table(name: str) -> None:
    plan = plan_of(name)
    root = parsed(matrix(plan))
    header, *rows = matrix_table(plan)

    assert header == ["Rang", "Action", "Impact", "Faisabilité", "Total", "Priorité", "Quand"]
    assert [row[0] for row in rows] == [str(rank) for rank in range(1, len(plan.ranked) + 1)]
    assert missing(rows, tooltips(root)) == []
    assert [row[1] for row in rows if row[1] not in visible(root)] == []


@pytest.mark.parametrize("name", ["plaine-commune", "grenoble-alpes-metropole"])
def test_the_waterfall_shows_every_row_of_its_table(name: str) -> None:
    for explanation in explanations(name):
        root = parsed(waterfall(explanation))
        _, *rows = waterfall_table(explanation)

        said = [[row[1].rstrip("."), *row[2:4]] for row in rows]
        assert missing(said, tooltips(root)) == []
        assert not any(". :" in tooltip or ".\N{NO-BREAK SPACE}:" in tooltip for tooltip in tooltips(root))
        assert [row for row in rows if row[2] not in visible(root)] == []


def test_an_empty_matrix_has_no_key() -> None:
    assert "priorité haute" in visible(parsed(matrix(plan_with([(60, 60)]))))
    empty = visible(parsed(matrix(plan_with([]))))
    assert "Aucune action recommandée ni en cours" in empty.replace("\N{NO-BREAK SPACE}", " ")
    assert "priorité haute" not in empty
    assert "Un cadre réunit" not in empty


def test_the_waterfall_adds_up() -> None:
    for explanation in [*explanations("plaine-commune"), explanation_with("Oui.", 3), explanation_with("Oui.", -3)]:
        score = explanation.item.score
        values = {row[0]: row[3] for row in waterfall_table(explanation)[1:]}

        assert values == {
            "Impact": str(score.impact.value),
            "Faisabilité": str(score.feasibility.value),
            "Total": str(score.total),
        }


def test_the_slope_shows_every_row_of_its_table() -> None:
    root = parsed(slope(NAMES, ROWS))
    header, *rows = slope_table(NAMES, ROWS)

    assert header == ["Action", *NAMES]
    assert missing(rows, tooltips(root)) == []
    assert [cell for row in rows for cell in row if cell not in f"{visible(root)} sans rang"] == []
    assert "Sans rang dans la variante" in visible(root)


def test_the_tornado_shows_every_row_of_its_table_longest_first() -> None:
    root = parsed(tornado(EFFECTS))
    header, *rows = tornado_table(EFFECTS)

    assert header == ["Question et réponse", "Sortent", "Entrent"]
    assert [row[1:] for row in rows] == [["7", "0"], ["1", "2"], ["0", "3"], ["0", "0"]]
    assert missing(rows, tooltips(root)) == []
    assert [row[0] for row in rows if row[0] not in visible(root)] == []


def test_descriptions_say_it_in_sentences() -> None:
    plan = plan_of("metropole-de-belleroche")
    described = {
        matrix(plan): [item.action.title for item in plan.ranked[:3]],
        waterfall(explain(plan, plan.ranked[0].id)): [f"Le total est de {plan.ranked[0].score.total} sur 100"],
        slope(NAMES, ROWS, ABOUT): [ABOUT, *(said(title) for title, _ in ROWS)],
        tornado(EFFECTS, ABOUT): [
            ABOUT,
            "Foncier disponible : aucun",
            "7 sortent, 0 entre",
            "1 sort, 2 entrent",
            "Ne fait entrer ni sortir aucune action",
        ],
    }
    for svg, expected in described.items():
        description = parsed(svg).findtext(f"{SVG}desc") or ""

        assert [part for part in expected if said(part) not in description] == []
        assert description.endswith(".")


# Placing


def test_marks_of_other_scores_never_touch() -> None:
    frame = Box(300, 200, 600, 400)
    wanted = [Box(290 + 3 * place, 200 + place % 4, 22, 22) for place in range(30)]

    placed = set_apart(wanted, frame, lambda _index, _box: True)

    assert [pair for pair in combinations(placed, 2) if pair[0].touches(pair[1])] == []
    assert [box for box in placed if box != box.inside(frame)] == []


def test_a_box_stays_on_its_spot_where_there_is_no_room() -> None:
    wanted = [Box(10, 10, 18, 18), Box(10, 10, 18, 18)]

    assert set_apart(wanted, Box(10, 10, 20, 20), lambda _index, _box: True) == wanted


# In a terminal


@pytest.mark.parametrize("name", PROFILES)
def test_text_equivalents_fit_in_eighty_columns(name: str) -> None:
    plan = plan_of(name)
    texts = [matrix_text(plan), *(waterfall_text(explanation) for explanation in explanations(name))]

    assert [line for text in texts for line in too_wide(text)] == []
    grid = texts[0]
    assert [item.rank for item in plan.ranked if str(item.rank) not in grid] == []


def test_no_grid_is_drawn_of_no_action() -> None:
    assert matrix_text(plan_with([])) == ""


def test_text_equivalents_say_what_the_pictures_say() -> None:
    told = " ".join(tornado_text(EFFECTS).split())

    assert "Foncier disponible : aucun 7 ░░░░" in told
    assert "Portage politique : fort 1 ░" in told
    assert "█│" not in told
    assert tornado_text([]) == "Aucune réponse ne manque.\n"


@pytest.mark.parametrize("name", ["plaine-commune", "grenoble-alpes-metropole"])
def test_the_waterfall_in_letters_has_every_term(name: str) -> None:
    for explanation in explanations(name):
        lines = [line.split() for line in waterfall_text(explanation).splitlines() if line.startswith("  ")]
        rows = waterfall_table(explanation)[1:]

        assert len(lines) == len(rows)
        assert [row[2] for line, row in zip(lines, rows, strict=True) if row[2] not in line] == []


# Whatever a title holds


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_are_safe(title: str) -> None:
    plan, explanation = plan_with([(70, 60), (70, 60), (40, 40)], [title]), explanation_with(title, 1)
    rows, effects = [(title, (1, 2)), (title, (None, 1))], [(title, 1, 2), (title, 0, 3)]
    drawn = [matrix(plan), waterfall(explanation), slope([title, title], rows, title), tornado(effects, title)]
    texts = [matrix_text(plan), waterfall_text(explanation), tornado_text(effects)]

    assert [fault for svg in drawn for fault in faults(svg)] == []
    assert [line for text in texts for line in too_wide(text)] == []
    assert [text for text in [*drawn, *texts] if {"\x1b", "\x00", "\u202e", "\ud800"} & set(text)] == []


@given(st.lists(st.tuples(st.text(), st.lists(st.none() | st.integers(1, 60), min_size=3, max_size=3)), max_size=8))
def test_any_ranks_make_a_slope(rows: list[tuple[str, list[int | None]]]) -> None:
    assert faults(slope(NAMES, rows)) == []


counts = st.integers(0, 12) | st.integers(0, 10**6)


@given(st.lists(st.tuples(st.text(), counts, counts), max_size=8))
def test_any_counts_make_a_tornado(rows: list[tuple[str, int, int]]) -> None:
    assert faults(tornado(rows)) == []
    assert too_wide(tornado_text(rows)) == []


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), max_size=30))
def test_any_scores_make_a_matrix(spots: list[tuple[int, int]]) -> None:
    plan = plan_with(spots)

    assert faults(matrix(plan)) == []
    assert too_wide(matrix_text(plan)) == []


def test_a_slope_refuses_what_it_cannot_show() -> None:
    for names, rows in ((["Seule"], []), (["Nom"] * 7, []), (NAMES, [("Courte", (1, 2))])):
        with pytest.raises(ValueError, match="variants"):
            slope(names, rows)


# What people see


@pytest.mark.golden
def test_pictures_look_as_their_golden_files() -> None:
    plan = plan_of("cc-des-hautes-combes")
    explanation = explain(plan, plan.ranked[0].id)
    folder = ROOT / "tests" / "golden" / "pictures"
    texts = [matrix_text(plan), waterfall_text(explanation), tornado_text(EFFECTS)]

    check_golden(folder / "matrix.svg", matrix(plan))
    check_golden(folder / "waterfall.svg", waterfall(explanation))
    check_golden(folder / "slope.svg", slope(NAMES, ROWS, ABOUT))
    check_golden(folder / "tornado.svg", tornado(EFFECTS, ABOUT))
    check_golden(folder / "terminal.txt", "\n".join(texts))


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "cc-des-hautes-combes"],
        ["explain", "cc-des-hautes-combes", "acces-foncier"],
        ["compare", "cc-des-hautes-combes", "grand-lyon"],
        ["compare", "cc-des-hautes-combes", "--robust"],
    ],
    ids=" ".join,
)
def test_commands_write_their_picture(words: list[str]) -> None:
    result = CliRunner().invoke(command, [*words, "--format", "svg"], catch_exceptions=False)

    assert result.exit_code == 0
    assert ET.fromstring(result.output).tag.endswith("svg")  # noqa: S314 - our own picture
