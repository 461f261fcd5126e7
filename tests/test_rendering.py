"""Plans as people read them: golden files of whole plans, and what no plan may contain."""

from __future__ import annotations

import re

import pytest

import conseil
from conseil.rendering import Outline, outline, render_markdown, render_text
from golden_files import ROOT, check_golden

PROFILES = conseil.shipped_profiles()
GOLDEN = ["cc-des-hautes-combes", "creuse-grand-sud", "metropole-de-belleroche", "ville-de-saint-armel-le-vieux"]


def plan_of(name: str) -> conseil.Plan:
    return conseil.advise(conseil.load_profile(PROFILES[name]))


@pytest.mark.golden
@pytest.mark.parametrize("name", GOLDEN)
def test_whole_plans_read_as_their_golden_files(name: str) -> None:
    written = outline(plan_of(name))

    check_golden(ROOT / "tests" / "golden" / f"{name}.txt", render_text(written).plain)
    check_golden(ROOT / "tests" / "golden" / f"{name}.md", render_markdown(written))


@pytest.mark.parametrize("name", PROFILES)
def test_text_fits_in_eighty_columns(name: str) -> None:
    lines = render_text(outline(plan_of(name))).plain.splitlines()

    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("name", PROFILES)
def test_every_action_is_named_and_no_plumbing_shows(name: str) -> None:
    plan = plan_of(name)
    text = re.sub(
        r"\s+",
        " ",
        render_text(outline(plan)).plain.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " "),
    )

    assert [item.id for item in plan.items if item.action.title not in text] == []
    assert re.findall(r"\b(?:None|True|False|unknown|not_applicable|to_confirm|progress\.)\b|\{|\}", text) == []


def our_sentences(written: Outline) -> list[str]:
    """Return all that a plan says in our words, without the quotations."""
    said = [written.title, written.subtitle]
    for section in written.sections:
        said += [section.title, *(line.text for line in section.lines), *(line.label for line in section.lines)]
        for entry in section.entries:
            said += [entry.title, *entry.marks]
            said += [*(line.text for line in entry.lines), *(line.label for line in entry.lines)]
    return said


@pytest.mark.parametrize("name", PROFILES)
def test_our_sentences_have_french_typography(name: str) -> None:
    faults = [
        sentence
        for sentence in our_sentences(outline(plan_of(name)))
        if re.search(r"[A-Za-zÀ-ÿ]'| [;:!?»]|« |\.\.|  |\.\s[a-zà-ÿ]|\s$", sentence)
    ]

    assert faults == []


@pytest.mark.parametrize("name", PROFILES)
def test_quotations_stay_as_they_are(name: str) -> None:
    plan = plan_of(name)
    quotes = {item.action.source.quote for item in plan.now}

    text = " ".join(render_text(outline(plan)).plain.split(" "))
    joined = re.sub(r"\n *", " ", text)

    assert [quote for quote in quotes if quote not in joined] == []


def test_a_step_keeps_only_its_actions_and_top_only_the_first() -> None:
    plan = plan_of("metropole-de-belleroche")

    step = outline(plan, step="financement")
    top = outline(plan, top=2)

    titles = {item.action.title for item in plan.items if item.action.step == "financement"}
    named = {entry.title.replace("\N{NO-BREAK SPACE}", " ") for section in step.sections for entry in section.entries}
    assert named <= titles | {section.title for section in step.sections} | named - {
        item.action.title for item in plan.items
    }
    assert (
        sum(len(section.entries) for section in top.sections if section.title in {"À lancer maintenant", "Ensuite"})
        == 2
    )
