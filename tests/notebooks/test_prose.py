"""What the notebooks say: questions with answers, exercises with checks, one name for each task, true figures."""

import re

import pytest

from hfquick import i18n
from hfquick.display import Curves
from hfquick.tasks import TASKS
from notebooks import proof
from tests.helpers.notebooks import NOTEBOOKS, made

pytest.importorskip("jupytext")

ROOT = NOTEBOOKS.parent
LANGUAGES = ["en", "fr"]
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("source/lessons/*.py"))
EDITIONS = [
    *((name, edition) for name in ("quicktour", "training") for edition in ("both", "torch", "tf")),
    *((f"lessons/{name}", edition) for name in LESSONS for edition in ("torch", "tf")),
]
EVERY = [
    pytest.param(name, edition, language, id=f"{language}/{name}-{edition}")
    for name, edition in EDITIONS
    for language in LANGUAGES
]
SOURCES = sorted(NOTEBOOKS.glob("source/**/*.py"))
QUESTION = re.compile(r"\?(?=[\s*»)]*(?:\s|$))")  # ends a sentence, also one in italics or quotation marks
MARKED = re.compile(r"\*\*Question\W*\*\*")
TURN = re.compile(r"\*\*(Your turn|À vous)\.\*\*|^## (Your turn|À vous)$", re.MULTILINE)
ANSWER = re.compile(r"<details><summary>(?:Answer|Réponse)</summary>\n\n(.*?)\n\n</details>", re.DOTALL)


def pages(name: str, edition: str, language: str) -> list[str]:
    return [cell.source for cell in made(name, language, edition).cells if cell.cell_type == "markdown"]


@pytest.mark.parametrize(("name", "edition", "language"), EVERY)
def test_every_question_has_an_answer(name, edition, language):
    """Behind a marked one comes an answer to unfold; any other stands above a cell that prints its answer."""
    notebook = made(name, language, edition)
    waiting = False
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        paragraphs = cell.source.split("\n\n")
        for number, paragraph in enumerate(paragraphs):
            if paragraph.startswith("<details>"):
                assert waiting, f"an answer without a question: {paragraph}"
                waiting = False
            asked = QUESTION.search(re.sub(r"`[^`]*`", "", paragraph))
            if MARKED.search(paragraph):
                assert asked or "?" in paragraph, paragraph
                assert not waiting, f"a question without an answer comes before: {paragraph}"
                waiting = True
            elif asked and not paragraph.startswith("#"):
                last = number == len(paragraphs) - 1 and notebook.cells[place + 1].cell_type == "code"
                rhetorical = not paragraph.rstrip("*») ").endswith("?")  # the next sentence is its answer
                assert last or rhetorical, f"a question without an answer: {paragraph}"
    assert not waiting
    assert any(ANSWER.search(page) for page in pages(name, edition, language))


@pytest.mark.parametrize(("name", "edition", "language"), EVERY)
def test_an_answer_is_a_sentence(name, edition, language):
    for answer in ANSWER.findall("\n".join(pages(name, edition, language))):
        first = re.search(r"\w", answer)
        assert first
        assert first[0] == first[0].upper(), answer


@pytest.mark.parametrize(("name", "edition", "language"), EVERY)
def test_every_exercise_is_checked_by_a_kind_sentence(name, edition, language):
    checked = True
    for cell in made(name, language, edition).cells:
        if cell.cell_type == "code":
            checked = checked or ("well_done" in cell.source and "try_again" in cell.source)
        elif TURN.search(cell.source):
            assert checked, "an exercise without a check comes before this cell: " + cell.source
            checked = False
    assert checked


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_cell_is_no_wider_than_a_window_and_no_longer_than_a_page(path):
    for cell in re.split(r"^# %%.*\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
        code = [line for line in cell.splitlines() if not line.startswith("# ")]
        assert not [line for line in code if len(line) > 100]
        assert len("\n".join(code).strip().splitlines()) < 28, cell


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_pictures_follow_the_theme_of_the_page(path):
    assert "matplotlib" not in path.read_text(encoding="utf-8")  # its paper stays white


def test_what_curves_measured_is_not_compared():
    curves = Curves({"loss": [(5, 0.69), (10, 0.5)], "learning_rate": [(5, 3e-4), (10, 1.55e-5)]})
    epochs = Curves({"val_loss": [(1, 0.69), (2, 0.5)]}, x="epoch")
    for shown in (repr(curves), repr(epochs), curves._repr_html_()):
        assert not re.search(r"\d", proof.undrawn(shown))


@pytest.mark.parametrize(("name", "edition", "language"), EVERY)
def test_argmax_is_explained_where_it_comes_first(name, edition, language):
    for cell in made(name, language, edition).cells:
        if "argmax" in cell.source:
            assert cell.cell_type == "markdown", cell.source
            break


# -------------------------------------------------------------------------------------------------- lessons in an order

HEAD = {
    "en": rf"\*\*Lesson (\d+) of {len(LESSONS)}\*\* · level (\d) of 3 · about (\d+) minutes",
    "fr": rf"\*\*Leçon (\d+) sur {len(LESSONS)}\*\* · niveau (\d) sur 3 · environ (\d+) minutes",
}
ITEM = {
    "en": r"^  (\d+)\. .*?lessons/(\w+?)_(?:pytorch|tensorflow)\.ipynb.*: level (\d), about (\d+) minutes$",
    "fr": r"^  (\d+)\. .*?lessons/(\w+?)_(?:pytorch|tensorflow)\.ipynb.*\u00a0: niveau (\d), environ (\d+) minutes$",
}


def heads(language: str) -> list[tuple[str, ...]]:
    """Order, name, level and minutes of each lesson, as its own head says."""
    found = []
    for name in LESSONS:
        match = re.search(HEAD[language], pages(f"lessons/{name}", "torch", language)[0])
        assert match, name
        found.append((match[1], name, *match.groups()[1:]))
    return sorted(found, key=lambda head: int(head[0]))


def group_of(name: str) -> int:
    """What a lesson is about: text comes first, then pictures, then sound."""
    if name.startswith(("image_", "object_", "visual_")):
        return 1
    return 2 if name.startswith(("audio_", "automatic_speech_", "sound_")) else 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("edition", ["both", "torch", "tf"])
def test_the_tour_ends_with_one_list_and_names_the_lessons_in_their_order(edition, language):
    [last] = [page for page in pages("quicktour", edition, language) if "lessons/" in page]
    assert re.findall(ITEM[language], last, re.MULTILINE) == heads(language)
    assert len(re.findall(r"^- ", last, re.MULTILINE)) == 5  # as announced above
    assert "\n\n" not in last
    assert last == pages("quicktour", edition, language)[-1]


def test_lessons_are_numbered_from_the_easy_to_the_hard_and_listed_in_the_readme():
    assert heads("en") == heads("fr")
    assert [int(head[0]) for head in heads("en")] == [*range(1, len(LESSONS) + 1)]
    groups = [group_of(head[1]) for head in heads("en")]
    assert groups == sorted(groups)
    for group in set(groups):
        levels = [head[2] for head, other in zip(heads("en"), groups, strict=True) if other == group]
        assert levels == sorted(levels)
    readme = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| (\d+) \| `(\w+)` .*\| (\d) \| (\d+) \|$", readme, re.MULTILINE) == heads("en")


def test_files_that_the_readme_names_are_there():
    readme = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|notebooks|source|po)/[\w./]+\.\w+)`", readme)
    assert named
    for name in named:
        assert (ROOT / name).exists() or (NOTEBOOKS / name).exists(), name


# ---------------------------------------------------------------------------------------------------- names and figures


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_task_has_one_name(language):
    """The tour's table, the Playground and the command say the same, and CONTRIBUTING's glossary with them."""
    [table] = [page for page in pages("quicktour", "torch", language) if page.count('`pipeline("') == 13]
    rows = re.findall(r'^\| ([^|]+) \|.*`pipeline\("([\w-]+)"\)` \|$', table, re.MULTILINE)
    glossary = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## The words")[2]
    glossary = glossary.lower().replace("'", "’")
    i18n.set_language(language)
    try:
        for name, asked in rows:
            for task in TASKS.values():
                if asked in (task.name, *task.aliases):
                    assert i18n.gettext(task.title) == name
                    assert re.search(rf"[|,] {name.lower()}[ ,(]", glossary), name
    finally:
        i18n.set_language(None)
    assert {task.name for task in TASKS.values()} <= {
        task.name for task in TASKS.values() for _, asked in rows if asked in (task.name, *task.aliases)
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("edition", ["torch", "tf"])
def test_prose_repeats_no_number_of_an_output(edition, language):
    cells = made("quicktour", language, edition).cells
    place = next(place for place, cell in enumerate(cells) if "last_hidden_state.shape" in cell.source)
    assert not re.search(r"\d", cells[place + 1].source.partition("\n\n")[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_minutes_of_training_are_those_that_were_measured(language):
    figures = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    measured = [int(seconds) for seconds in re.findall(r"(\d+) in its part on Trainer", figures)]
    assert measured
    told = re.search(r"(\d+) second\w* (?:to|à) (\d+) minutes", "\n".join(pages("quicktour", "torch", language)))
    assert told
    assert all(int(told[1]) <= seconds <= 60 * int(told[2]) for seconds in measured)


def test_lessons_say_how_often_their_models_are_right():
    table = (ROOT / "tests" / "first_inputs" / "README.md").read_text(encoding="utf-8").partition("## After")[2]
    measured: dict[str, list[str]] = {}
    for task, share in re.findall(r"^\| ([\w-]+) \| \w\w \| .* \| ([01]\.\d\d) \|$", table, re.MULTILINE):
        measured.setdefault(task, []).append(f"{float(share):.0%}")
    for name in LESSONS:
        if group_of(name) and name != "visual_question_answering":  # measured otherwise; the cards have that
            continue
        prose = (NOTEBOOKS / "source" / "lessons" / f"{name}.py").read_text(encoding="utf-8")
        told = re.search(r"chosen(?:\n#)? beforehand[^.]*\.", prose)
        assert told, name
        said = re.findall(r"\d+ ?%", " ".join(told[0].replace("\n#", " ").split()))
        assert sorted(share.replace(" ", "") for share in said) == sorted(measured[name.replace("_", "-")])


def test_the_helper_reads_what_a_cell_needs():
    from tests.helpers.notebooks import names

    assert names("x = y\nfor row in x:\n    print(row)") == ({"x", "row"}, {"y", "print"})
    assert names("def f(a):\n    return a + b") == ({"f"}, {"b"})
    assert names("from os import path as p\np.join(z)") == ({"p"}, {"z"})
    assert names("data['a'] = 1") == ({"data"}, {"data"})
