"""The notebook builder, and the notebooks it has built."""

import ast
import json
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hfquick import i18n
from hfquick.display import (
    AttentionMap,
    AttentionMaps,
    Box,
    Boxes,
    LabelScore,
    PictureAnswer,
    PictureAnswers,
    PictureScores,
    Segment,
    Segments,
)
from hfquick.i18n import spoken
from notebooks import percentages, proof
from tests.helpers.notebooks import load_builder

polib = pytest.importorskip("polib")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("jupytext")
pytest.importorskip("nbclient")

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
BUILT = sorted([*NOTEBOOKS.glob("*/*.ipynb"), *NOTEBOOKS.glob("*/lessons/*.ipynb")])
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("source/lessons/*.py"))


def inside(path: Path) -> str:
    """A built notebook -> its place among them: "en/lessons/fill_mask_pytorch.ipynb"."""
    return path.relative_to(NOTEBOOKS).as_posix()


build = load_builder()


# ------------------------------------------------------------------------------------------------------ small projects

SOURCE = """
    # %% [markdown]
    # # A title
    #
    # One paragraph
    # on two lines.
    #
    # - a first item
    # - a second item
    #
    # | head | head |
    # |---|---|
    # | cell | cell |
    #
    # ```bash
    # pip install nothing
    # ```

    # %% lang="en" tags=["language"]
    greeting = "Hello"

    # %% lang="fr" tags=["language"]
    greeting = "Bonjour"

    # %%
    print(greeting)

    # %% tags=["torch"]
    1 + 1

    # %% tags=["tf"]
    2 + 2

    # %% tags=["only-both"]
    3 + 3

    # %% tags=["only-tf"]
    4 + 4
"""

FRENCH = {
    "# A title": "# Un titre",
    "One paragraph on two lines.": "Un paragraphe sur deux lignes.",
    "- a first item": "- un premier point",
    "- a second item": "- un second point",
    "| head | head |": "| tête | tête |",
    "| cell | cell |": "| case | case |",
}


@pytest.fixture
def project(tmp_path):
    """A project with one source and its French, not yet built."""
    for folder in ("source", "po"):
        (tmp_path / folder).mkdir()
    write_source(tmp_path, SOURCE)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.extend(polib.POEntry(msgid=msgid, msgstr=msgstr) for msgid, msgstr in FRENCH.items())
    catalogue.save(str(tmp_path / "po" / "fr.po"))
    return build.Project(tmp_path)


def write_source(folder: Path, text: str, name: str = "small") -> None:
    file = folder / "source" / f"{name}.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")


def cells(path: Path, kind: str = "code") -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def add(project, *lines: str) -> None:
    write_source(project.folder, textwrap.dedent(SOURCE) + "\n" + "\n".join(lines) + "\n")


def test_one_source_gives_three_editions_in_each_language(project):
    paths = build.build(project, run=False)
    names = {path.relative_to(project.folder).as_posix() for path in paths}
    assert names == {f"{lang}/small{end}.ipynb" for lang in ("en", "fr") for end in ("", "_pytorch", "_tensorflow")}
    shown = {path.relative_to(project.folder).as_posix(): cells(path)[2:] for path in paths}
    assert shown["en/small.ipynb"] == ["1 + 1", "2 + 2", "3 + 3"]
    assert shown["en/small_pytorch.ipynb"] == ["1 + 1"]
    assert shown["fr/small_tensorflow.ipynb"] == ["2 + 2", "4 + 4"]


def test_code_is_equal_in_all_languages_but_for_the_language_cell(project):
    build.build(project, run=False)
    english, french = (cells(project.folder / lang / "small.ipynb") for lang in ("en", "fr"))
    assert (english[0], french[0]) == ('greeting = "Hello"', 'greeting = "Bonjour"')
    assert english[1:] == french[1:]


def test_prose_is_translated_by_paragraph_item_and_row_and_fences_are_left_alone(project):
    build.build(project, run=False)
    (page,) = cells(project.folder / "fr" / "small.ipynb", "markdown")
    assert page.splitlines() == [
        *("# Un titre", "", "Un paragraphe sur deux lignes.", "", "- un premier point", "- un second point", ""),
        *("| tête | tête |", "|---|---|", "| case | case |", "", "```bash", "pip install nothing", "```"),
    ]


def test_an_answer_is_folded_in_every_language(project):
    write_source(
        project.folder,
        """
        # %% [markdown]
        # **Question:** why?
        #
        # **Answer:** because
        # of *that*.
    """,
    )
    catalogue = polib.POFile(wrapwidth=110)
    for english, french in [
        ("**Question:** why?", "**Question\u00a0:** pourquoi\u00a0?"),
        ("**Answer:** because of *that*.", "**Réponse\u00a0:** à cause de *cela*."),
    ]:
        catalogue.append(polib.POEntry(msgid=english, msgstr=french))
    catalogue.save(project.folder / "po" / "fr.po")
    build.build(project, run=False)
    [english], [french] = (cells(project.folder / lang / "small.ipynb", "markdown") for lang in ("en", "fr"))
    assert "<details><summary>Answer</summary>\n\nBecause of *that*.\n\n</details>" in english
    assert "<details><summary>Réponse</summary>\n\nÀ cause de *cela*.\n\n</details>" in french


@pytest.mark.parametrize(
    ("now", "kept", "same"),
    [
        ("51% → 80%\n", "55% → 76%\n", True),
        ("51% → 51%\n", "51% → 80%\n", False),  # nothing was learnt
        ("80%\n1346\n", "79%\n1345\n", False),  # only percentages may differ
        ("0.80\n", "0.79\n", False),
        ("0.5%\n", "0.9%\n", False),  # not a whole number: compared as it stands
    ],
)
def test_percentages_are_compared_with_a_margin_and_nothing_else_is(now, kept, same):
    printed, before = (nbformat.v4.new_output("stream", text=text) for text in (now, kept))
    [settled] = percentages.settle([printed], [before])
    assert (settled.text == kept) is same
    assert printed.text == now


def test_an_output_too_many_is_not_settled():
    outputs = [{"text": "80%"}, {"text": "more"}]
    assert percentages.settle(outputs, [{"text": "79%"}]) == outputs


def test_new_prose_keeps_the_outputs_and_new_code_is_refused(project):
    path, *_ = build.build(project, ["en"], run=False)
    notebook = nbformat.read(path, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.outputs, first.execution_count = [nbformat.v4.new_output("stream", text="Hello\n")], 1
    path.write_text(build.dumps(notebook), encoding="utf-8")
    write_source(project.folder, textwrap.dedent(SOURCE).replace("# A title", "# Another title"))
    build.build(project, ["en"], keep=True)
    kept = nbformat.read(path, as_version=4)
    assert "# Another title" in cells(path, "markdown")[0]
    assert next(cell.outputs for cell in kept.cells if cell.cell_type == "code") == first.outputs
    write_source(project.folder, textwrap.dedent(SOURCE).replace("1 + 1", "1 + 2"))
    with pytest.raises(build.BuildError, match=r"the code of en/small\.ipynb has changed; build it without --prose"):
        build.build(project, ["en"], keep=True)
    assert "1 + 2" not in cells(path)


def test_a_source_without_framework_cells_gives_one_notebook(project):
    write_source(project.folder, "# %% [markdown]\n# # A title\n\n# %%\n1 + 1\n")
    assert [path.name for path in build.build(project, ["en"], run=False)] == ["small.ipynb"]


LESSON = """
    # %% [markdown]
    # A lesson.
    #
    # One paragraph on two lines.

    # %%
    1 + 1

    # %% tags=["tf"]
    2 + 2
"""


def translate_lesson(folder: Path) -> Path:
    """A lesson beside the small source, and its French."""
    write_source(folder, LESSON, "lessons/first")
    with pytest.raises(build.BuildError, match=r"po/fr/lessons/first\.po: 'A lesson\.' has no translation"):
        build.build(build.Project(folder), run=False)
    file = folder / "po" / "fr" / "lessons" / "first.po"
    catalogue = polib.pofile(str(file))
    catalogue.find("A lesson.").msgstr = "Une leçon."
    catalogue.save(str(file))
    return file


def test_a_lesson_gives_an_edition_for_each_framework(project):
    translate_lesson(project.folder)
    paths = [path for path in build.build(project, run=False) if "lessons" in path.parts]
    assert [path.relative_to(project.folder).as_posix() for path in paths] == [
        f"{lang}/lessons/first_{framework}.ipynb" for lang in ("en", "fr") for framework in ("pytorch", "tensorflow")
    ]
    assert [cells(path) for path in paths[2:]] == [["1 + 1"], ["1 + 1", "2 + 2"]]
    assert build.build(build.Project(project.folder, "https://github.com/someone/x"), run=False)
    assert "/x/blob/main/notebooks/fr/lessons/first_pytorch.ipynb" in cells(paths[2], "markdown")[0]


def test_a_lesson_has_a_catalogue_of_its_own_for_what_the_tours_do_not_say(project):
    file = translate_lesson(project.folder)
    build.build(project, run=False)
    catalogue = polib.pofile(str(file))
    assert [entry.msgid for entry in catalogue] == ["A lesson."]
    assert catalogue.metadata == polib.pofile(str(project.folder / "po" / "fr.po")).metadata
    (page,) = cells(project.folder / "fr" / "lessons" / "first_tensorflow.ipynb", "markdown")
    assert page.splitlines() == ["Une leçon.", "", FRENCH["One paragraph on two lines."]]
    write_source(project.folder, LESSON.replace("A lesson.", "A short lesson."), "lessons/first")
    with pytest.raises(build.BuildError, match=r"po/fr/lessons/first\.po is not in step"):
        build.build(project, check=True)


@pytest.mark.parametrize("name", ["first", "lessons/first"])
def test_one_source_can_be_built_alone(project, name):
    translate_lesson(project.folder)
    write_source(project.folder, "# %% [markdown]\n# Nobody has translated this.\n", "lessons/second")
    paths = build.build(project, only=name, run=False)
    assert {path.relative_to(project.folder).parts[1:] for path in paths} == {
        ("lessons", f"first_{framework}.ipynb") for framework in ("pytorch", "tensorflow")
    }
    assert not (project.folder / "en" / "small.ipynb").exists()


def test_a_source_that_is_not_there_cannot_be_built_alone(project):
    translate_lesson(project.folder)
    with pytest.raises(build.BuildError, match="there is no source 'frist'; sources are small, lessons/first"):
        build.build(project, only="frist", run=False)


def test_outputs_are_executed_offline_in_an_empty_folder_and_bytes_repeat(project):
    add(
        project,
        "# %%",
        "import os, sys",
        "print(os.environ['HF_HUB_OFFLINE'], os.listdir())",
        "print(1, file=sys.stderr)",
    )
    write_source(project.folder, (project.folder / "source" / "small.py").read_text().replace('tags=["tf"]', ""))
    build.build(project, ["en"])
    path = project.folder / "en" / "small_pytorch.ipynb"
    first = path.read_bytes()
    notebook = nbformat.reads(first.decode(), as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[1].outputs[0].text == "Hello\n"
    assert code[-1].outputs == [nbformat.v4.new_output("stream", name="stdout", text="1 []\n")]  # stderr is gone
    assert "execution" not in code[0].metadata
    assert notebook.metadata.language_info == {"name": "python"}
    assert list(notebook.metadata) == ["kernelspec", "language_info"]
    build.build(project, ["en"])
    assert path.read_bytes() == first


def test_a_cell_that_fails_stops_the_build_with_its_name(project):
    add(project, "# %%", "1 / 0")
    with pytest.raises(build.BuildError, match=r"small\.ipynb: a cell stopped with an error(.|\n)*ZeroDivisionError"):
        build.build(project, ["en"])


def test_a_picture_is_kept_once():
    pictures = {"text/plain": "<picture>", "image/png": "iVBO", "image/jpeg": "/9j/"}
    cell = nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("execute_result", data=pictures)])
    [cleaned] = build.clean(nbformat.v4.new_notebook(cells=[cell])).cells
    assert set(cleaned.outputs[0].data) == {"text/plain", "image/png"}


def test_widget_outputs_are_left_out_but_their_text_stays(project):
    bundle = {"text/plain": "Playground()", "application/vnd.jupyter.widget-view+json": {"model_id": "5eed"}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
    notebook.cells[0].outputs = [nbformat.v4.new_output("display_data", data=bundle)]
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {}}
    cleaned = build.clean(notebook)
    assert cleaned.cells[0].outputs[0].data == {"text/plain": "Playground()"}
    assert "widgets" not in cleaned.metadata


# ------------------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (['# %% tags=["nbval-skip"]', "1"], "the tag 'nbval-skip' is not allowed"),
        (['# %% tags=["nbval-ignore-output"]', "1"], "the tag 'nbval-ignore-output' is not allowed"),
        (['# %% tags=["raises-exception"]', "1 / 0"], "the tag 'raises-exception' is not allowed"),
        (['# %% [markdown] tags=["skip"]', "# One"], "the tag 'skip' is not allowed"),
        (['# %% [markdown] tags=["language"]', "# One"], "the tag 'language' is for code cells"),
        (["# %%", "1  # NBVAL_IGNORE_OUTPUT"], "'# NBVAL_IGNORE_OUTPUT' hides output from nbval"),
        (["# %%", "#NBVAL_SKIP", "1"], "'#NBVAL_SKIP' hides output from nbval"),
        (["# %%", "# PYTEST_VALIDATE_IGNORE_OUTPUT", "1"], "hides output from nbval"),
        (["# %%", "import time", "time.time()"], "'time.time(' reads a clock"),
        (["# %%", "from time import perf_counter"], "'perf_counter' reads a clock"),
        (["# %%", "datetime.now()"], "'.now(' reads a clock"),
        (["# %%", "# !pip install x"], "not plain Python"),
        (["# %%", "print('"], "not plain Python"),
        (['# %% lang="de" tags=["language"]', 'greeting = "Hallo"'], "must follow each other"),
        (['# %% lang="fr" tags=["language"]', 'greeting = "Salut"'], "two cells are tagged 'language' for 'fr'"),
    ],
)
def test_the_builder_refuses(project, lines, sentence):
    add(project, *lines)
    with pytest.raises(build.BuildError) as caught:
        build.build(project, ["en"], run=False)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("small.py")


def test_a_language_without_its_cell_is_refused(project):
    write_source(project.folder, SOURCE.replace('lang="fr"', 'lang="de"'))
    with pytest.raises(build.BuildError, match="has no version for lang 'fr'"):
        build.build(project, run=False)


def test_a_language_cell_that_sets_other_names_is_refused(project):
    write_source(project.folder, SOURCE.replace('greeting = "Bonjour"', 'salutation = "Bonjour"'))
    with pytest.raises(build.BuildError, match="sets other names in 'fr' than in 'en': greeting, salutation"):
        build.build(project, run=False)


def test_an_unknown_language_is_refused(project):
    with pytest.raises(build.BuildError, match=r"there is no po/de\.po; languages are en, fr"):
        build.build(project, ["de"], run=False)


# --------------------------------------------------------------------------------------------------------- translation


def test_a_missing_translation_is_refused_and_waits_in_the_catalogue(project):
    add(project, "# %% [markdown]", "# Quite another thing to say here.")
    with pytest.raises(build.BuildError, match=r"po/fr\.po: 'Quite another thing to say here\.' has no translation"):
        build.build(project, run=False)
    entry = polib.pofile(str(project.folder / "po" / "fr.po")).find("Quite another thing to say here.")
    assert entry.msgstr == ""
    assert entry.occurrences == [("source/small.py", "")]
    assert not (project.folder / "fr").exists()


def test_a_changed_paragraph_keeps_its_translation_as_fuzzy_until_someone_looks(project):
    write_source(project.folder, SOURCE.replace("One paragraph", "A paragraph"))
    with pytest.raises(build.BuildError, match=r"'A paragraph on two lines\.' is marked fuzzy"):
        build.build(project, run=False)
    file = project.folder / "po" / "fr.po"
    catalogue = polib.pofile(str(file))
    entry = catalogue.find("A paragraph on two lines.")
    assert (entry.msgstr, entry.previous_msgid) == (
        FRENCH["One paragraph on two lines."],
        "One paragraph on two lines.",
    )
    entry.flags.remove("fuzzy")
    catalogue.save(str(file))
    build.build(project, run=False)
    assert polib.pofile(str(file)).find("A paragraph on two lines.").previous_msgid is None


def test_a_removed_paragraph_is_kept_as_obsolete_and_comes_back_with_its_translation(project):
    write_source(project.folder, SOURCE.replace("    # - a second item\n", ""))
    build.build(project, run=False)
    file = project.folder / "po" / "fr.po"
    assert [entry.msgid for entry in polib.pofile(str(file)).obsolete_entries()] == ["- a second item"]
    write_source(project.folder, SOURCE)
    build.build(project, run=False)
    assert not polib.pofile(str(file)).obsolete_entries()


# --------------------------------------------------------------------------------------------------------------- check


def test_check_accepts_a_fresh_build_and_changes_nothing(project):
    write_source(project.folder, "# %% [markdown]\n# # A title\n\n# %%\n1 + 1\n")
    (path,) = build.build(project, ["en"])
    before = path.read_bytes()
    assert build.build(project, ["en"], check=True) == [path]
    assert path.read_bytes() == before


def test_check_names_what_is_out_of_step(project):
    with pytest.raises(build.BuildError, match=r"po/fr\.po is not in step with the sources"):
        build.build(project, check=True)
    with pytest.raises(build.BuildError, match=r"en/small\.ipynb has not been built"):
        build.build(project, ["en"], check=True)
    build.build(project, run=False)
    with pytest.raises(build.BuildError, match=r"fr/small\.ipynb has cells that were never executed"):
        build.build(project, check=True)
    write_source(project.folder, SOURCE.replace("1 + 1", "1 + 2"))
    with pytest.raises(build.BuildError, match=r"en/small\.ipynb is not what its source gives"):
        build.build(project, check=True)


def test_check_finds_what_an_editor_left_in_a_notebook(project):
    write_source(project.folder, "# %% [markdown]\n# # A title\n\n# %%\n1 + 1\n")
    (path,) = build.build(project, ["en"])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs.append(nbformat.v4.new_output("stream", name="stderr", text="a warning"))
    nbformat.write(notebook, path)
    with pytest.raises(build.BuildError, match="holds what the builder leaves out"):
        build.build(project, ["en"], check=True)


# ------------------------------------------------------------------------------------------------------------- address


def test_without_an_address_there_are_no_badges_and_the_cell_about_colab_says_what_to_do(project):
    add(project, '# %% [markdown] tags=["no-address"]', "# No address yet.", "", "# %%", 'address = "{repository}"')
    build.build(project, ["en"], run=False)
    page = cells(project.folder / "en" / "small.ipynb", "markdown")
    assert page[-1] == "No address yet."
    assert "badge" not in "".join(page)
    assert cells(project.folder / "en" / "small.ipynb")[-1] == 'address = ""'


def test_an_address_on_github_gives_badges_and_the_cell_its_source(project):
    add(project, '# %% [markdown] tags=["no-address"]', "# No address yet.", "", "# %%", 'address = "{repository}"')
    build.build(build.Project(project.folder, "https://github.com/someone/hfquick"), ["en"], run=False)
    path = project.folder / "en" / "small_pytorch.ipynb"
    page = cells(path, "markdown")
    file = "notebooks/en/small_pytorch.ipynb"
    assert f"https://colab.research.google.com/github/someone/hfquick/blob/main/{file}" in page[0]
    binder = "https://mybinder.org/v2/gh/someone/hfquick/HEAD?labpath=notebooks%2Fen%2Fsmall_pytorch.ipynb"
    assert binder in page[0]
    assert "No address yet." not in page
    assert cells(path)[-1] == 'address = "https://github.com/someone/hfquick"'
    assert binder in cells(project.folder / "en" / "small.ipynb", "markdown")[0]  # Binder has PyTorch only
    assert "mybinder" not in cells(project.folder / "en" / "small_tensorflow.ipynb", "markdown")[0]


def test_other_hosts_have_binder_but_no_colab(project):
    for address, where in (
        ("https://gitlab.com/group/hfquick", "gl/group%2Fhfquick"),
        ("https://git.example.org/hfquick", "git/https%3A%2F%2Fgit.example.org%2Fhfquick"),
    ):
        build.build(build.Project(project.folder, address), ["en"], run=False)
        first = cells(project.folder / "en" / "small_pytorch.ipynb", "markdown")[0]
        assert f"https://mybinder.org/v2/{where}/HEAD?labpath=" in first
        assert "colab" not in first


def test_the_address_is_read_from_pyproject(tmp_path):
    file = tmp_path / "pyproject.toml"
    assert build.repository_address(file) == ""
    file.write_text('[project]\nname = "x"\n')
    assert build.repository_address(file) == ""
    file.write_text('[project]\nname = "x"\n[project.urls]\nRepository = "https://github.com/someone/x.git/"\n')
    assert build.repository_address(file) == "https://github.com/someone/x"


def test_the_command_line_says_what_is_wrong_and_fails(project, monkeypatch, capsys):
    monkeypatch.setattr(build, "HERE", project.folder)
    assert build.main(["--lang", "en", "--no-execute"]) == 0
    assert build.main(["--lang", "de"]) == 1
    assert "there is no po/de.po" in capsys.readouterr().err


# ----------------------------------------------------------------------------------------------------------- the tour


def test_built_notebooks_are_in_step_with_their_sources():
    build.build(build.Project(NOTEBOOKS, build.repository_address(ROOT / "pyproject.toml")), check=True)


def test_every_language_has_every_notebook():
    names = {f"{name}{end}" for name in ("quicktour", "training") for end in ("", "_pytorch", "_tensorflow")}
    names |= {f"lessons/{name}{end}" for name in LESSONS for end in ("_pytorch", "_tensorflow")}
    assert {inside(path) for path in BUILT} == {f"{lang}/{name}.ipynb" for lang in ("en", "fr") for name in names}


@pytest.mark.parametrize("path", BUILT, ids=inside)
def test_a_built_notebook_hides_nothing(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert set(cell.metadata.get("tags", [])) <= {"language"}
        if cell.cell_type == "code":
            assert not build.HIDING.search(cell.source)
            assert not build.CLOCK.search(cell.source)
            assert all(output.output_type != "error" for output in cell.outputs)
    assert sum("language" in cell.metadata.get("tags", []) for cell in notebook.cells) == 1


@pytest.mark.parametrize("path", BUILT, ids=inside)
def test_code_differs_from_english_in_the_language_cell_only(path):
    original = NOTEBOOKS / "en" / inside(path).partition("/")[2]
    here, english = (nbformat.read(file, as_version=4).cells for file in (path, original))
    assert [cell.cell_type for cell in here] == [cell.cell_type for cell in english]
    for ours, theirs in zip(here, english, strict=True):
        if ours.cell_type == "code" and "language" not in ours.metadata.get("tags", []):
            assert ours.source == theirs.source


# ----------------------------------------------------------------------------------- one run for several languages


@pytest.fixture
def lesson(tmp_path):
    """A copy of a lesson in English and French -> its two files, and how to change a cell of the French one."""
    files = []
    for language in ("en", "fr"):
        files.append(tmp_path / language / "lessons" / "question_answering_pytorch.ipynb")
        files[-1].parent.mkdir(parents=True)
        files[-1].write_bytes((NOTEBOOKS / language / "lessons" / files[-1].name).read_bytes())

    def change(number: int, old: str, new: str) -> list[str]:
        """What keeps the English run from standing for the French, once a code cell is changed."""
        notebook = json.loads(files[1].read_text(encoding="utf-8"))
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        text = json.dumps(code[number], ensure_ascii=False)
        assert text.count(old), old
        code[number].update(json.loads(text.replace(old, new, 1)))
        files[1].write_text(json.dumps(notebook), encoding="utf-8")
        return proof.differences(*files)

    assert proof.differences(*files) == []
    return change


def test_the_english_run_stands_for_notebooks_that_show_the_same_but_for_labels():
    found = {inside(path) for path in proof.proven()}
    assert {"fr/lessons/translation_pytorch.ipynb", "fr/training_tensorflow.ipynb"} <= found
    assert all(proof.english_of(path).is_file() for path in proof.proven())
    assert "fr/lessons/token_classification_pytorch.ipynb" not in found  # it reads a French text
    assert not [name for name in found if "quicktour" in name or name.startswith("en/")]


def test_another_line_of_code_is_no_proof(lesson):
    (sentence,) = lesson(2, '"source": ["', '"source": ["# ')
    assert sentence == "the code of cell 2 is another"


def test_another_digit_in_an_output_is_no_proof(lesson):
    (sentence,) = lesson(3, "0.", "1.")
    assert sentence == "cell 3 shows something else"


def test_another_word_in_an_output_is_no_proof(lesson):
    (sentence,) = lesson(15, "Pas encore.", "Pas encore, essayez la suite.")
    assert sentence == "cell 15 shows something else"


def test_an_output_too_many_or_too_few_is_no_proof(lesson):
    outputs = '"outputs": ['
    (sentence,) = lesson(15, outputs, outputs + '{"output_type": "stream", "name": "stdout", "text": ["x"]}, ')
    assert sentence == "cell 15 shows something else"


def test_a_language_cell_that_sets_what_a_model_may_read_is_no_proof(lesson):
    found = lesson(0, "well_done = ", "my_text = ")
    assert "cell 0 sets my_text, which may be more than shown" in found
    assert "only one language sets my_text, well_done" in found


def test_labels_with_fields_are_said_in_either_language_and_nothing_else_is():
    pattern, known = proof.compiled(
        [("{size} MB", "{size} Mo"), ("word", "mot"), ("offline: {name!r} & co", "sans l'air de {name!r}")]
    )

    def same(english: str, other: str) -> bool:
        return proof.is_translated(("text", english), ("text", other), pattern, known)

    assert same("<td>12.5 MB</td>", "<td>12.5 Mo</td>")
    assert same("a word, words", "a mot, words")
    assert same("offline: x & co", "sans l'air de x")
    assert same("offline: x &amp; co", "sans l&#x27;air de x")
    assert not same("12.5 MB", "12.6 Mo")
    assert not same("words", "mots")
    assert not same("a word", "a mot.")
    assert not proof.is_translated(("text", "word"), ("html", "mot"), pattern, known)


def test_pictures_of_results_are_the_english_ones_but_for_labels():
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    cat = Box(score=0.9, label="cat", box={"xmin": 5, "ymin": 3, "xmax": 20, "ymax": 25})
    mask = Image.fromarray(np.tri(30, 40, dtype=np.uint8) * 255)
    results = [
        PictureScores([LabelScore(label="cat", score=0.75)], [pixels]), Boxes([cat, cat], pixels), Boxes([], pixels),
        Segments([Segment(score=0.5, label="cat", mask=mask)], pixels),
        PictureAnswers([PictureAnswer(score=0.9, answer="two")], pixels, "How many cats?"),
        AttentionMaps([AttentionMap(np.eye(4) / 4, pixels, layer=0, heads=2, found=cat)]),
    ]  # fmt: skip
    english = [proof.undrawn(result._repr_html_()) for result in results]
    locale = ROOT / "hfquick" / "locale"
    pattern, known = proof.compiled(proof.labels_of(locale, "fr"))
    try:
        i18n.set_language("fr")
        for result, its in zip(results, english, strict=True):
            mine = proof.undrawn(result._repr_html_())
            assert "data:" not in its
            assert mine != its
            assert proof.is_translated(("html", its), ("html", mine), pattern, known)
            assert not proof.is_translated(("html", its), ("html", mine.replace("0.9", "0.8", 1) + "!"), pattern, known)
    finally:
        i18n.set_language(None)


ERRORS = [
    ("In English: {sentence}", "En anglais : {sentence}"),
    ("{which} has no mask ({mask}); write {mask}", "{which} n'a pas de masque ({mask}) ; écrivez {mask}"),
    ("expected {what!r}: {{'a': 1}}", "il faut {what!r} : {{'a': 1}}"),
]


@pytest.mark.parametrize(
    ("other", "once"),
    [
        ("le texte n'a pas de masque (<m>) ; écrivez <m>\nEn anglais : the text has no mask (<m>); write <m>\nfin",
         "the text has no mask (<m>); write <m>\nfin"),
        ("il faut 'b' : {'a': 1}\nEn anglais : expected 'b': {'a': 1}\n", "expected 'b': {'a': 1}\n"),
    ],
)  # fmt: skip
def test_an_error_in_two_lines_is_the_english_one(other, once):
    assert proof.said_once(other, ERRORS) == once


@pytest.mark.parametrize(
    "other",
    [
        "le texte n'a pas de masque (<m>)\nEn anglais : the text has no mask (<m>); write <m>\n",  # an old translation
        "il faut 'b' : {'a': 1}\nEn anglais : the text has no mask (<m>); write <m>\n",  # that of another error
        "En anglais : the text has no mask (<m>); write <m>\n",
        "the text has no mask (<m>); write <m>\n",
    ],
)
def test_two_lines_that_are_no_pair_stay_as_they_are(other):
    assert proof.said_once(other, ERRORS) == other


def test_the_english_run_stands_for_an_error_that_speaks_french(lesson):
    name = "lessons/question_answering_pytorch.ipynb"
    english, french = (proof.code_cells(NOTEBOOKS / language / name) for language in ("en", "fr"))
    number = next(i for i, cell in enumerate(english) if "context is empty" in json.dumps(cell["outputs"]))
    line = "".join(english[number]["outputs"][0]["text"])
    i18n.set_language("fr")
    try:
        error = spoken(ValueError, "the context is empty; give a text to look in")
    finally:
        i18n.set_language(None)
    assert f"{error.english}\n" == line
    assert str(error).startswith("le contexte est vide")
    now = json.dumps(french[number]["outputs"][0]["text"], ensure_ascii=False)
    assert lesson(number, now, json.dumps([f"{error}\n"], ensure_ascii=False)) == []
    (found,) = lesson(number, "est vide", "est pleine")
    assert found == f"cell {number} shows something else"


TOURS = [path for path in BUILT if path.stem.startswith("quicktour")]
EDITIONS = {"quicktour": ("torch", "tf"), "quicktour_pytorch": ("torch",), "quicktour_tensorflow": ("tf",)}


def statements(code: str) -> list[str]:
    return [ast.unparse(node) for node in ast.parse(code).body]


@pytest.mark.parametrize("path", TOURS, ids=inside)
def test_the_tour_holds_every_block_of_the_spec_in_order(path):
    blocks = json.loads((ROOT / "tests" / "reference" / "spec_blocks.json").read_text(encoding="utf-8"))
    tour = iter([statement for code in cells(path) for statement in statements(code)])
    for block in blocks:
        if block["framework"] not in ("any", *EDITIONS[path.stem]):
            continue
        code = "\n".join(block["code"])
        if path.stem == "quicktour_tensorflow":  # found from what is installed; the tests have both
            code = code.replace('pipeline("sentiment-analysis")', 'pipeline("sentiment-analysis", framework="tf")')
            code = code.replace('-base-960h")', '-base-960h", framework="tf")').removeprefix("import torch\n")
        for statement in statements(code):
            assert statement in tour, f"not in {path.name}, or not in this order: {statement}"  # moves the iterator on


@pytest.mark.parametrize(("edition", "other"), [("pytorch", "tensorflow"), ("tensorflow", "torch")])
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", ["quicktour", "training", *(f"lessons/{name}" for name in LESSONS)])
def test_an_edition_for_one_framework_never_names_the_other(name, language, edition, other):
    for code in cells(NOTEBOOKS / language / f"{name}_{edition}.ipynb"):
        imported = {
            name.partition(".")[0]
            for node in ast.walk(ast.parse(code))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
        }
        assert other not in imported
        assert any("TF" in name for name in imported) <= (edition == "tensorflow")


@pytest.mark.parametrize("edition", ["pytorch", "tensorflow"])
def test_an_edition_for_one_framework_proves_that_the_other_stayed_out(edition):
    notebook = nbformat.read(NOTEBOOKS / "en" / f"quicktour_{edition}.ipynb", as_version=4)
    proofs = [cell for cell in notebook.cells if cell.cell_type == "code" and "in sys.modules, " in cell.source]
    assert [proof.outputs[0].text for proof in proofs] == ["True False\n"]


@pytest.mark.parametrize("path", BUILT, ids=inside)
def test_notebooks_lead_to_each_other_in_the_same_language_and_edition(path):
    links = re.findall(r"\]\(([^)#]+\.ipynb)\)", "".join(cells(path, "markdown")))
    if path.parent.name == "lessons":
        name, _, edition = path.stem.rpartition("_")
        others = [f"../quicktour_{edition}.ipynb", *(f"{other}_{edition}.ipynb" for other in LESSONS if other != name)]
        others.append(f"{name}_{'tensorflow' if edition == 'pytorch' else 'pytorch'}.ipynb")
    else:
        name, _, edition = path.stem.partition("_")
        other = {"quicktour": "training", "training": "quicktour"}[name]
        others = [f"{other}{'_' * bool(edition)}{edition}.ipynb"]
    assert set(others) <= set(links)
    for link in links:
        assert (path.parent / link).is_file(), link


# -------------------------------------------------------------------------------------------------------------- French

# a space that may break before these marks, straight quotation marks and apostrophes, three dots: not in French print
ODD_FRENCH = re.compile(r""" [:;!?»]|« |['"]|\.\.\.|\w[;!?]|(?<!https)(?<!http)\b:(?=\s|$)|\d+\.\d|\d \d{3}""")
CATALOGUES = sorted([*NOTEBOOKS.glob("po/*.po"), *NOTEBOOKS.glob("po/*/lessons/*.po")])
CODE_OR_LINK = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+|:-+:?")


@pytest.mark.parametrize("path", CATALOGUES, ids=inside)
def test_french_prose_is_complete_and_spaced_as_french_is(path):
    catalogue = polib.pofile(str(path))
    assert build.untranslated(catalogue, path.stem) == []
    assert catalogue.percent_translated() == 100
    for entry in catalogue:
        found = ODD_FRENCH.search(CODE_OR_LINK.sub("", entry.msgstr))
        assert not found, f"{found.group()!r} in: {entry.msgstr}"


@pytest.mark.parametrize("path", CATALOGUES, ids=inside)
def test_translations_keep_the_code_of_the_original(path):
    for entry in polib.pofile(str(path)):
        if not entry.obsolete:
            assert sorted(re.findall(r"`[^`]+`", entry.msgstr)) == sorted(re.findall(r"`[^`]+`", entry.msgid))


def test_the_lint_for_french_sees_mistakes():
    for wrong in ("Et alors ?", "« oui »", "l'eau", "Quoi?", "ici: là", "0.6 et plus", "16 000 Hz"):
        assert ODD_FRENCH.search(wrong), wrong
    assert not ODD_FRENCH.search("Quoi\u202f? «\u00a0Oui\u00a0»\u00a0: l\u2019eau, 0,6…")
