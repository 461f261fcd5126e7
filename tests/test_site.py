"""The rulebook as a site: valid, linked, readable without its files, and written without harm to anything else."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from click.testing import CliRunner
from hypothesis import given, settings

import builders
from conseil import InvalidInput, Rulebook, load_rulebook
from conseil.authoring.editorial import editorial_groups, main, to_markdown
from conseil.authoring.site import publish, site_pages
from conseil.cli import conseil as command
from conseil.conditions import PROGRESS, leaves
from conseil.rendering.typography import typographic
from golden_files import ROOT, check_golden
from strategies import rulebooks

SECOND = ROOT / "tests" / "second_guide"
CANAL, LOCK = SECOND / "overlays" / "canal", SECOND / "overlays" / "ecluse"
RULES = {
    "guide": (ROOT / "rules",),
    "second": (SECOND / "rules",),
    "overlay": (ROOT / "docs" / "overlay-example",),
    "overlays": (SECOND / "rules", CANAL, LOCK),
}


@cache
def site(name: str) -> tuple[Rulebook, dict[str, str]]:
    rulebook = load_rulebook(*RULES[name])
    return rulebook, site_pages(rulebook)


@cache
def parsed(name: str) -> dict[str, Any]:
    return {page: parse(text) for page, text in site(name)[1].items() if page.endswith(".html")}


def parse(text: str) -> Any:  # noqa: ANN401 - html5lib has no type for its trees
    """Parse a page as a browser does, and fail on what it would have to mend."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def words_of(element: Element) -> str:
    return words("".join(element.itertext()))


each = pytest.mark.parametrize("name", list(RULES))


# What a page is made of


@each
def test_every_page_is_valid_french_and_in_order(name: str) -> None:
    for page, tree in parsed(name).items():
        assert tree.get("lang") == "fr", page
        assert [len(tree.findall(f".//{tag}")) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5, page
        levels = [int(heading.tag[1]) for heading in tree.iter() if re.fullmatch("h[1-6]", str(heading.tag))]
        assert levels[0] == 1, page
        assert all(after - before <= 1 for before, after in pairwise(levels)), (page, levels)
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        assert len(ids) == len(set(ids)), page
        assert all(words_of(heading) for heading in tree.iter() if str(heading.tag) in {"h1", "h2", "h3", "a", "title"})
        assert all(cell.get("scope") for cell in tree.findall(".//th")), page
        assert all(nav.get("aria-label") for nav in tree.findall(".//nav")), page


@each
def test_every_link_leads_somewhere_inside(name: str) -> None:
    trees = parsed(name)
    files = site(name)[1]
    ids = {page: {element.get("id") for element in tree.iter()} for page, tree in trees.items()}
    for page, tree in trees.items():
        for link in [*tree.findall(".//a"), *tree.findall(".//link")]:
            target, _, fragment = link.get("href").partition("#")
            found = resolved(page, target)
            assert found in files, (page, link.get("href"))
            assert not fragment or fragment in ids[found], (page, link.get("href"))


def resolved(page: str, target: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / target).parts if target else PurePosixPath(page).parts:
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


@each
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    for page, text in site(name)[1].items():
        assert not re.search(r"https?://|<script|@import|url\(|<img|<iframe", text), page


def test_colours_have_contrast() -> None:
    """Every colour of text stands out from both backgrounds, by the measure of WCAG."""
    colours = dict(re.findall(r"--(\w+): #([0-9a-f]{6});", site("guide")[1]["style.css"]))
    for name in ("ink", "soft", "link", "guide", "ours", "other"):
        for background in ("ffffff", colours["band"], "fff8e5"):
            assert contrast(colours[name], background) >= 4.5, (name, background)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@settings(max_examples=10, deadline=None)
@given(rulebooks())
def test_any_rulebook_makes_valid_pages_whose_links_lead_somewhere(rulebook: Rulebook) -> None:
    theme = rulebook.guide.themes[0].id
    files = site_pages(rulebook.model_copy(update={"themes": dict.fromkeys(rulebook.vocabulary, theme)}))
    trees = {page: parse(text) for page, text in files.items() if page.endswith(".html")}
    ids = {page: {element.get("id") for element in tree.iter()} for page, tree in trees.items()}
    for page, tree in trees.items():
        for link in tree.findall(".//a"):
            target, _, fragment = link.get("href").partition("#")
            found = resolved(page, target)
            assert found in files, (page, link.get("href"))
            assert not fragment or fragment in ids[found], (page, link.get("href"))


def test_what_authors_write_is_text_and_never_a_tag() -> None:
    sign = "<script>alert('1 & 2')</script>"
    written = builders.rule("adapt", because=sign, how=sign, rationale=sign)
    made = builders.rulebook(
        builders.action("act", written, title=sign, source={"section": sign, "quote": sign}, resources=(sign,))
    )
    for page, text in site_pages(made).items():
        assert "<script" not in text, page
    assert words_of(parse(site_pages(made)["actions/act.html"]).find(".//h1")) == sign


# What the pages say


@each
def test_every_action_and_question_has_its_page_and_every_rule_its_place(name: str) -> None:
    rulebook, trees = site(name)[0], parsed(name)
    for action in rulebook.actions:
        tree = trees[f"actions/{action.id}.html"]
        text = words_of(tree)
        assert words_of(tree.find(".//h1")) == words(typographic(action.title))
        for rule in action.rules:
            (place,) = (element for element in tree.iter("li") if element.get("id") == rule.id)
            said = words_of(place)
            for sentence in (rule.because, rule.how, rule.rationale):
                assert not sentence or words(typographic(sentence)) in said, rule.id
            mark = {"guide": "■", "overlay": "▣", "editorial": "□"}[rule.authority]
            assert {one for one in "■▣□" if one in said} == {mark}, rule.id
            title = rulebook.origin_title("rule", rule.id)
            assert (f"{mark} ({words(typographic(title))})" in said) is bool(title), rule.id
            assert not rule.source or words(rule.source.quote) in said
        for quoted in (action.source, *(way.source for way in action.ways)):
            assert words(quoted.quote) in text, action.id
        for thing in (*action.resources, *action.partners):
            assert words(typographic(thing)) in text, action.id
    for question in rulebook.questions:
        text = words_of(trees[f"questions/{question.id}.html"])
        for sentence in (question.label, question.ask, question.help, question.ask_whom):
            assert not sentence or words(typographic(sentence)) in text, question.id


def words(text: str) -> str:
    return re.sub(r"[ \n]+", " ", text).strip()  # unbreakable spaces are meant


@each
def test_a_question_says_which_rules_read_it(name: str) -> None:
    rulebook, files = site(name)
    for action in rulebook.actions:
        for rule in action.rules:
            for _, leaf in leaves(rule.when):
                fact = leaf.fact
                page = f"actions/{fact.removeprefix(PROGRESS)}" if fact.startswith(PROGRESS) else f"questions/{fact}"
                assert f"actions/{action.id}.html#{rule.id}" in files[f"{page}.html"], (rule.id, page)


@each
def test_every_quotation_stands_as_it_is(name: str) -> None:
    """The typography of ours never touches the words of the guide."""
    guide = site(name)[0].guide
    text = words_of(parsed(name)["index.html"])
    said = [step.source for step in guide.steps] + [essential.said for essential in guide.essentials]
    said += [statement.source for statement in (*guide.arguments, *guide.cautions, *guide.workshops)]
    for quoted in said:
        assert words(quoted.quote) in text


@each
def test_the_editorial_choices_are_all_to_review(name: str) -> None:
    rulebook, tree = site(name)[0], parsed(name)["choix-editoriaux.html"]
    rows = [words_of(row) for row in tree.findall(".//tbody/tr")]
    choices = [choice for group in editorial_groups(rulebook) for choice in group.choices]
    assert len(rows) == len(choices)
    for row, choice in zip(rows, choices, strict=True):
        assert words(typographic(choice.says[0])) in row
        assert "☐ d’accord" in row


@each
def test_nothing_editorial_is_left_out(name: str) -> None:
    """Counted another way: every record of the rulebook that says `basis: editorial`, however deep it stands."""
    rulebook = site(name)[0]
    sizes: dict[str, int] = {}
    for group in editorial_groups(rulebook):
        sort = "regles" if group.of_rules else group.id.rpartition(".")[2]
        sizes[sort] = sizes.get(sort, 0) + group.size
    data = rulebook.model_dump(mode="json")
    guide = data["guide"]
    assert sizes.get("criteres", 0) == count(guide["stances"])
    assert sizes.get("primordiales", 0) == sum(len(one["actions"]) for one in guide["essentials"] if one["basis"])
    assert sizes.get("deductions", 0) == sum(len(one["values"]) + 1 for one in data["deductions"] if one["basis"])
    assert sizes.get("questions", 0) == count(data["questions"])
    assert sizes.get("prerequis", 0) == sum(count(action["requires"]) for action in data["actions"])
    assert sizes.get("retraits", 0) == sum(len(overlay["withdraw"]) for overlay in data["overlays"])
    rules = sizes["regles"]
    assert rules == sum(count(action["rules"]) for action in data["actions"])
    assert rules + sizes.get("lecture", 0) == len(rulebook.rules)


def test_what_an_overlay_decides_is_listed_under_its_name_alone() -> None:
    rulebook = site("overlays")[0]
    made: dict[str, list[str]] = {}
    for group in editorial_groups(rulebook):
        for choice in group.choices:
            title = choice.overlay.title if choice.overlay else ""
            assert group.title.endswith(f" ({title})") if title else "(" not in group.title
            made.setdefault(title, []).append(choice.anchor or choice.says[0])
    assert list(made) == ["", "Quartier du Canal", "L’Écluse"]
    assert made["Quartier du Canal"] == [
        "trouver-salle.foule",
        "amarrer-peniche.accueil",
        "Retire la règle affiche.couverte.",
        "Retire l’action calendrier.",
    ]
    assert made["L’Écluse"] == ["affiche.ecluse", "Retire la règle trouver-salle.peniche."]


def test_the_site_of_a_guide_says_nothing_of_overlays() -> None:
    for page, text in site("guide")[1].items():
        assert page == "style.css" or not re.search("▣|[Aa]daptation", text), page


def test_every_page_says_who_adapts_the_guide() -> None:
    for page, tree in parsed("overlays").items():
        footer = words_of(tree.find(".//footer"))
        for overlay in site("overlays")[0].overlays:
            assert overlay.title in words_of(tree.find(".//header")), page
            assert (
                words(typographic(f"« {overlay.title} » : {overlay.publisher}, version {overlay.version}.")) in footer
            )
        assert "version 7+canal@2+ecluse@1" in footer


def test_the_words_of_another_document_are_never_given_to_the_guide() -> None:
    """Where a page says that the guide says something, what follows stands in the guide."""
    guide = {quote for page in parsed("second").values() for quote in map(words_of, page.findall(".//blockquote"))}
    for page, tree in parsed("overlays").items():
        before = ""
        for element in tree.find(".//main").iter():
            if element.tag == "p" and element.get("class") == "authority":
                before = words_of(element)
            if element.tag == "blockquote":
                of_document = "Carnet de bord" in words_of(element)
                assert of_document is (element.get("class") == "document"), page
                assert of_document or words_of(element) in guide, page
                if of_document and before:
                    assert "Le guide dit" not in before, page
                before = ""


@pytest.mark.golden
def test_the_pages_of_an_overlay_as_a_person_reads_them() -> None:
    for name, page in [
        ("overlay", "actions/acces-foncier"),
        ("overlays", "index"),
        ("overlays", "actions/affiche"),
        ("overlays", "questions/peniche"),
    ]:
        text = as_text(parsed(name)[f"{page}.html"].find(".//main"))
        check_golden(ROOT / "tests" / "golden" / "site" / name / f"{page.rpartition('/')[2]}.txt", text)


def count(value: object) -> int:
    if isinstance(value, dict):
        return (value.get("basis") == "editorial") + sum(map(count, value.values()))
    return sum(map(count, value)) if isinstance(value, list) else 0


@pytest.mark.golden
def test_an_action_as_a_person_reads_it() -> None:
    for action in ("investir-lieux-totems", "acces-foncier"):
        text = as_text(parsed("guide")[f"actions/{action}.html"].find(".//main"))
        check_golden(ROOT / "tests" / "golden" / "site" / f"{action}.txt", text)


@pytest.mark.golden
def test_a_question_as_a_person_reads_it() -> None:
    text = as_text(parsed("guide")["questions/capacite_investissement.html"].find(".//main"))
    check_golden(ROOT / "tests" / "golden" / "site" / "capacite_investissement.txt", text)


def as_text(main: Element) -> str:
    return "\n".join(lines_of(main, "")).strip() + "\n"


def lines_of(block: Iterable[Element], indent: str) -> Iterator[str]:
    """Lay a page out as lines: what stands in it is told, and nothing of how it looks."""
    for child in block:
        match child.tag:
            case "h1" | "h2" | "h3":
                yield from ("", words_of(child), {"h1": "=", "h2": "-", "h3": "~"}[child.tag] * len(words_of(child)))
            case "ul" | "ol" | "section" | "div":
                yield from lines_of(child, indent)
            case "li":
                yield from item_lines(child, indent)
            case "blockquote":
                quote, place = child.findall("p")
                yield from textwrap.wrap(
                    f"> {words_of(quote)} [{words_of(place)}]",
                    100,
                    initial_indent=indent,
                    subsequent_indent=f"{indent}> ",
                )
            case "nav" | "p" | "a":
                yield from textwrap.wrap(words_of(child), 100, initial_indent=indent, subsequent_indent=indent)


def item_lines(item: Element, indent: str) -> Iterator[str]:
    blocks = [child for child in item if child.tag in {"p", "ul", "ol", "blockquote"}]
    alone = item.text or ""
    for child in item:
        if child in blocks:
            break
        alone += "".join(child.itertext()) + (child.tail or "")
    lines = [*textwrap.wrap(words(alone), 96), *(line for child in blocks for line in lines_of([child], ""))]
    for place, line in enumerate(lines):
        yield f"{indent}{'  ' if place else '- '}{line}"


def test_the_same_rulebook_gives_the_same_bytes() -> None:
    script = """
import hashlib, conseil
from conseil.authoring.site import site_pages
print(hashlib.sha256(repr(site_pages(conseil.load_rulebook())).encode()).hexdigest())
"""
    seeds = [{"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")} for seed in ("1", "2")]
    runs = {subprocess.check_output([sys.executable, "-c", script], text=True, env=env) for env in seeds}
    assert len(runs) == 1


# The document of the project


@pytest.mark.golden
def test_the_list_of_editorial_choices_is_fresh() -> None:
    text = to_markdown(load_rulebook(ROOT / "rules"))
    check_golden(ROOT / "docs" / "editorial.md", text)
    assert CliRunner().invoke(main, [], catch_exceptions=False).output == text


# The folder


def test_the_command_writes_a_site(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    for _ in range(2):
        result = CliRunner().invoke(command, ["docs", "-o", str(folder)], catch_exceptions=False)
        assert result.output == f"81 fichiers écrits ; ouvrez {folder}/index.html dans un navigateur\n"
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == {*site("guide")[1], ".conseil-docs"}
    assert (folder / "index.html").read_text(encoding="utf-8") == site("guide")[1]["index.html"]


def test_a_folder_that_holds_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("à moi", encoding="utf-8")
    with pytest.raises(InvalidInput, match="ce dossier contient déjà autre chose"):
        publish({"index.html": "neuf"}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "à moi"


def test_what_is_no_longer_written_goes_and_what_others_put_there_stays(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish({"index.html": "1", "actions/ancienne.html": "1"}, folder)
    (folder / "LISEZMOI.txt").write_text("à moi", encoding="utf-8")
    publish({"index.html": "2", "actions/neuve.html": "2"}, folder)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        "index.html", "actions/neuve.html", "LISEZMOI.txt", ".conseil-docs"
    }  # fmt: skip
    assert (folder / "index.html").read_text(encoding="utf-8") == "2"


def test_a_list_that_was_tampered_with_reaches_nothing_outside(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    publish({"index.html": "1"}, folder)
    (tmp_path / "ailleurs.txt").touch()
    (folder / ".conseil-docs").write_text(f"../ailleurs.txt\n{tmp_path}/ailleurs.txt\n", encoding="utf-8")
    publish({"index.html": "2"}, folder)
    assert (tmp_path / "ailleurs.txt").exists()


@pytest.mark.parametrize("listed", [b"\xff\xfe\n", b"a\0b\n", b"sous\n", b"lien/autre.txt\n", b"\n\n"])
def test_a_list_that_holds_anything_harms_nothing(listed: bytes, tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "ailleurs"
    publish({"index.html": "1"}, folder)
    for one in (folder / "sous", outside):
        one.mkdir()
        (one / "autre.txt").touch()
    (folder / "lien").symlink_to(outside)
    (folder / ".conseil-docs").write_bytes(listed)
    publish({"index.html": "2"}, folder)
    assert (folder / "index.html").read_text(encoding="utf-8") == "2"
    assert (folder / "sous" / "autre.txt").exists()
    assert (outside / "autre.txt").exists()


def test_what_stands_in_the_way_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "ailleurs"
    outside.mkdir()
    publish({"index.html": "1"}, folder)
    (folder / "actions").touch()
    (folder / "questions").symlink_to(outside)
    (folder / "style.css").mkdir()
    pages = dict.fromkeys(["index.html", "style.css", "actions/a.html", "actions/b.html", "questions/q.html"], "2")
    with pytest.raises(InvalidInput) as caught:
        publish(pages, folder)
    assert [(Path(problem.path).name, problem.message) for problem in caught.value.problems] == [
        ("actions", "un fichier tient la place d’un dossier du site"),
        ("questions", "un lien, qui mène ailleurs, tient la place d’un dossier du site"),
        ("style.css", "un dossier tient la place d’un fichier du site"),
    ]
    assert (folder / "index.html").read_text(encoding="utf-8") == "1"
    assert list(outside.iterdir()) == []


def test_an_example_may_bear_the_name_of_a_part_of_the_page() -> None:
    book = site("second")[0]
    other = book.examples[0].model_copy(update={"id": "contenu"})
    made = book.model_copy(update={"examples": (*book.examples, other)})
    tree = parse(site_pages(made)["exemples.html"])
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_a_file_in_the_way_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "site").touch()
    with pytest.raises(InvalidInput, match="site: "):
        publish({"index.html": "1"}, tmp_path / "site")


def test_without_jinja_the_command_says_what_to_install(tmp_path: Path) -> None:
    script = """
import sys
sys.modules["jinja2"] = None
from conseil.cli import main
sys.argv = ["conseil", "docs", "-o", sys.argv[1]]
main()
"""
    arguments = [sys.executable, "-c", script, str(tmp_path / "site")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "le site demande Jinja, qui n’est pas installé\n  aide : installez `conseil[docs]`\n"
    assert not (tmp_path / "site").exists()
