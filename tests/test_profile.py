"""A territory as somebody described it: kept as it was said, and read with a rulebook's vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conseil import InvalidProfile, Profile, load_profile, load_rulebook, shipped_profiles
from conseil.documents import read as read_document
from conseil.errors import Faults
from conseil.profile import Known, _read_plainly, known, progress_facts
from conseil.records import validated
from conseil.rulebook import Rulebook

SECOND = Path(__file__).parent / "second_guide"


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rulebook(SECOND / "rules")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "profil.yaml"
    path.write_text(f"name: Ici\nkind: real\n{text}", encoding="utf-8")
    return path


def read(tmp_path: Path, text: str, rulebook: Rulebook) -> Known:
    return known(load_profile(written(tmp_path, text), rulebook), rulebook)


def test_every_shipped_profile_fits_the_shipped_rulebook() -> None:
    """The territories that conseil carries load, and say for which guide they were written."""
    for path in shipped_profiles().values():
        profile = load_profile(path)
        assert profile.rulebook is not None
        assert load_rulebook().guide.id == profile.rulebook.id


def test_answers_are_read_by_their_question(tmp_path: Path, rulebook: Rulebook) -> None:
    """Short or long, with or without their source, answers mean the same; "je ne sais pas" is no answer."""
    text = """\
answers:
  conduite: {value: asso, source: {section: S, quote: Q}}
  visiteurs: 045
  pannes: [couture, velo]
  assurance: {value: no, note: vu avec la mairie}
  salle: not_applicable
  benevoles: unknown
"""
    expected = {
        "conduite": "asso",
        "visiteurs": 45,
        "pannes": ("velo", "couture"),
        "assurance": "non",
        "salle": "not_applicable",
    }
    assert expected == read(tmp_path, text, rulebook).answers


def test_identity_is_text_and_nothing_else(tmp_path: Path, rulebook: Rulebook) -> None:
    """An Insee code keeps its zero, and no word of it is taken for something else."""
    profile = load_profile(written(tmp_path, "territory: {code: 01001, maire: no, marché: 12:30}\n"), rulebook)
    assert profile.territory == {"code": "01001", "maire": "no", "marché": "12:30"}


def test_others_answers_for_the_actions_that_are_not_listed(tmp_path: Path, rulebook: Rulebook) -> None:
    """Progress is unknown unless it is said, of one action or of all the others."""
    said = read(tmp_path, "progress: {affiche: done, calendrier: unknown, others: todo}\n", rulebook).progress
    assert said["affiche"] == "done"
    assert "calendrier" not in said
    assert {"todo"} == {state for action, state in said.items() if action != "affiche"}
    assert len(rulebook.actions) - 1 == len(said)
    assert read(tmp_path, "progress: {affiche: doing}\n", rulebook).progress == {"affiche": "doing"}


def test_progress_is_a_fact(tmp_path: Path, rulebook: Rulebook) -> None:
    """Conditions read it under its own name."""
    assert progress_facts(read(tmp_path, "progress: {affiche: done}\n", rulebook)) == {"progress.affiche": "done"}


def test_a_stage_of_another_scenario_is_set_aside(tmp_path: Path, rulebook: Rulebook) -> None:
    """It is ignored where the scenario is known, and waits where it is not; the profile keeps it."""
    ignored = read(tmp_path, "answers: {conduite: voisins, moment: rendez-vous}\n", rulebook)
    assert (ignored.ignored, ignored.waiting) == (("moment",), ())
    assert ignored.answers == {"conduite": "voisins"}
    waiting = read(tmp_path, "answers: {moment: rendez-vous}\n", rulebook)
    assert (waiting.ignored, waiting.waiting) == ((), ("moment",))
    common = read(tmp_path, "answers: {moment: envie}\n", rulebook)
    assert common.answers == {"moment": "envie"}


def test_a_profile_of_another_guide_is_refused_and_of_another_version_is_not(
    tmp_path: Path, rulebook: Rulebook
) -> None:
    """The id is the guide; a version only dates the profile."""
    with pytest.raises(InvalidProfile, match="ce profil est écrit pour les règles `autre`, et non `cafe-reparation`"):
        read(tmp_path, "rulebook: {id: autre}\n", rulebook)
    assert read(tmp_path, "rulebook: {id: cafe-reparation, version: 1}\n", rulebook).answers == {}


def test_a_profile_from_python_is_checked_when_it_is_used(rulebook: Rulebook) -> None:
    """It has no file, so the problem names the profile and the way to the value."""
    raw = {"answers": {"salle": "grange", "benevoles": ["equipe"]}, "progress": {"x": "done"}}
    profile = Profile.model_validate({"name": "Ici", "kind": "real", **raw})
    with pytest.raises(InvalidProfile) as caught:
        known(profile, rulebook)
    expected = [
        "profil « Ici », answers.benevoles.value: `benevoles` n’admet qu’un choix, et non une liste",
        "profil « Ici », answers.salle.value: choix `grange` inconnu pour `salle`",
        "profil « Ici », progress.x: action `x` inconnue",
    ]
    assert expected == [str(problem).split("\n")[0] for problem in caught.value.problems]


def test_the_hash_of_a_profile_is_of_what_it_says(tmp_path: Path, rulebook: Rulebook) -> None:
    """The order of keys, comments and short answers do not count; another answer, source or state does."""

    def sha256(text: str) -> str:
        return load_profile(written(tmp_path, text), rulebook).sha256

    first = sha256("answers: {salle: louee, visiteurs: 5}\nprogress: {affiche: done}\n")
    assert first == sha256("progress: {affiche: done}  # fait\nanswers: {visiteurs: {value: 5}, salle: louee}\n")
    assert first != sha256("answers: {salle: pretee, visiteurs: 5}\nprogress: {affiche: done}\n")
    assert first != sha256("answers: {salle: louee, visiteurs: 5}\nprogress: {affiche: doing}\n")
    assert first != sha256("answers: {salle: {value: louee, assumed: yes}, visiteurs: 5}\nprogress: {affiche: done}\n")


def test_what_was_said_is_kept_as_it_was_said(tmp_path: Path, rulebook: Rulebook) -> None:
    """An answer that does not count here, or is not known, is still in the profile."""
    profile = load_profile(
        written(tmp_path, "answers: {assurance: oui, conduite: voisins, salle: unknown}\n"), rulebook
    )
    assert {name: answer.value for name, answer in profile.answers.items()} == {
        "assurance": "oui",
        "conduite": "voisins",
        "salle": "unknown",
    }


# A profile that is plainly right is read without pydantic

texts = st.sampled_from(["Ici", "2026.1", "true", "oui", "a  b", "", " ", " a", "a\n", "\x1cb", "\u00a0c", "cited"])
anything: st.SearchStrategy[object] = st.sampled_from([None, "a", "", [], {}, [None], ["a", "b"]])


def mapping(
    required: dict[str, st.SearchStrategy[object]], **optional: st.SearchStrategy[object]
) -> st.SearchStrategy[object]:
    """Return mappings of which now and then a part is missing, is another thing, or has a key that nobody knows."""
    right = st.fixed_dictionaries(required, optional=optional)
    wrong = st.fixed_dictionaries({}, optional={**required, **dict.fromkeys([*required, *optional, "autre"], anything)})
    return right | right | right | wrong


sources = mapping({"section": texts, "quote": texts})
answers = texts | st.lists(texts, max_size=2) | mapping({"value": anything}, source=sources, assumed=texts, note=texts)
raw_profiles = mapping(
    {"name": texts, "kind": st.sampled_from(["cited", "invented", "real"])},
    rulebook=mapping({"id": texts}, version=texts),
    territory=st.dictionaries(texts, texts, max_size=2),
    answers=st.dictionaries(texts, answers, max_size=2),
    progress=st.dictionaries(texts, texts, max_size=2),
    skipped=st.lists(texts | anything, max_size=2),
    set_aside=st.dictionaries(texts, answers, max_size=2),
)


CITED_AND_ASSUMED = {"value": "non", "source": {"section": "S", "quote": "Q"}, "assumed": "true"}


@example({"name": "Ici", "kind": "cited", "answers": {"salle": CITED_AND_ASSUMED}})
@example({"name": "Ici", "kind": "cited", "answers": None, "progress": None})
@settings(max_examples=500)
@given(raw_profiles)
def test_what_is_read_plainly_is_what_pydantic_reads(raw: object) -> None:
    plain = _read_plainly(raw)
    if plain is not None:
        try:
            whole = validated(Profile, raw)
        except Faults as error:
            pytest.fail(f"read plainly, though it is not right: {error}")
        assert plain == whole
        assert plain.model_dump_json() == whole.model_dump_json()
        assert plain.sha256 == whole.sha256


@pytest.mark.parametrize("path", shipped_profiles().values(), ids=shipped_profiles())
def test_shipped_profiles_are_read_plainly(path: Path) -> None:
    raw = read_document(path).value

    assert _read_plainly(raw) == Profile.model_validate(raw)
