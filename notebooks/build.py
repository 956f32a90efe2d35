"""Build the notebooks: one source of code, one file of prose per language, up to three editions for the frameworks.

    python notebooks/build.py                    every language, executed
    python notebooks/build.py --lang fr          one language only
    python notebooks/build.py --only fill_mask   one source only
    python notebooks/build.py --no-execute       the same cells without outputs, to look at the text
    python notebooks/build.py --prose            only prose has changed: keep the outputs that are there
    python notebooks/build.py --check            change nothing; fail when a built notebook is not its source's

source/<name>.py       cells in jupytext's percent format; prose in English
po/<lang>.po           the prose paragraph by paragraph; new paragraphs are added here by every build
<lang>/<name>*.ipynb   what learners open; README.md tells the tags that choose cells

A lesson is `source/lessons/<name>.py`: two editions, and a catalogue of its own, `po/<lang>/lessons/<name>.po`, for
the paragraphs that `po/<lang>.po` does not have.
"""

import argparse
import ast
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import quote

import jupytext
import nbformat
import polib
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
EDITIONS = {"both": "", "torch": "_pytorch", "tf": "_tensorflow"}  # edition -> end of the file's name

# tag of a cell -> the editions that contain it; a cell without one of these is in all three
CHOICES = {
    "torch": {"both", "torch"},
    "tf": {"both", "tf"},
    "only-both": {"both"},
    "only-torch": {"torch"},
    "only-tf": {"tf"},
}
ADDRESS_TAGS = {"address", "no-address"}  # a cell for projects with, or without, a public address
TAGS = {*CHOICES, *ADDRESS_TAGS, "language"}

HIDING = re.compile(r"#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)")  # comments that stop nbval from comparing
CLOCK = re.compile(r"%%?time|\btimeit\b|\bperf_counter\b|\btime\.time\(|\bmonotonic\(|\.now\(|\btoday\(")
LINE_BY_LINE = re.compile(r"\s*(\||[-*] |\d+\. |#+ )")  # table rows, list items, headings: a message for each line
NO_BREAK = "\u00a0"
ANSWER = "**Answer:** "  # begins a paragraph that is folded until the learner opens it
UNSET = {"HF_HUB_CACHE", "HFQUICK_LANG", "HFQUICK_STAND_INS"}  # settings of the day, kept from the kernel


class BuildError(Exception):
    """Everything that keeps the notebooks from being built, one sentence per line."""


@dataclass(frozen=True)
class Project:
    """The folder with source/, po/ and the built languages, and the repository's address if it has one."""

    folder: Path = HERE
    repository: str = ""

    @property
    def sources(self) -> dict[str, Path]:
        """The name of each source, "quicktour" or "lessons/fill_mask", and its file; lessons come last."""
        folder = self.folder / "source"
        files = [*sorted(folder.glob("*.py")), *sorted(folder.glob("lessons/*.py"))]
        return {file.relative_to(folder).with_suffix("").as_posix(): file for file in files}

    @property
    def languages(self) -> list[str]:
        return ["en", *sorted(path.stem for path in (self.folder / "po").glob("*.po"))]


def is_lesson(name: str) -> bool:
    return name.startswith("lessons/")


def repository_address(pyproject: Path) -> str:
    """pyproject.toml -> [project.urls] Repository, or "" as long as there is none."""
    if not pyproject.exists():
        return ""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    urls = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {}).get("urls", {})
    return urls.get("Repository", "").removesuffix("/").removesuffix(".git")


# ---------------------------------------------------------------------------------------------- reading and refusing


def tags_of(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def read_source(path: Path, languages: Iterable[str]) -> NotebookNode:
    """A source file -> its cells, or a BuildError that names every cell which may not be built."""
    notebook = jupytext.read(path)
    problems = [f"{path.name}, cell {i}: {text}" for i, cell in enumerate(notebook.cells) for text in refuse(cell)]
    problems += [f"{path.name}: {text}" for text in refuse_languages(notebook, languages)]
    if problems:
        raise BuildError("\n".join(problems))
    return notebook


def refuse(cell: NotebookNode) -> Iterator[str]:
    """The reasons, as sentences, why a cell of the source may not be in a notebook."""
    for tag in sorted(tags_of(cell) - TAGS):
        yield f"the tag {tag!r} is not allowed; tags are {', '.join(sorted(TAGS))} (nothing may hide from nbval)"
    if cell.cell_type != "code":
        if "language" in tags_of(cell):
            yield "the tag 'language' is for code cells; prose is translated in po/"
        return
    for match in HIDING.finditer(cell.source):
        yield f"the comment {match.group()!r} hides output from nbval; make the output steady instead"
    for match in CLOCK.finditer(cell.source):
        yield f"{match.group()!r} reads a clock, and no two runs would show the same output"
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        yield f"not plain Python (line {error.lineno}: {error.msg}); magics and shell lines belong in the prose"


def refuse_languages(notebook: NotebookNode, languages: Iterable[str]) -> Iterator[str]:
    """At most one cell tagged `language`, written once for each language and setting the same names in each."""
    versions: dict[str, set[str]] = {}
    places = []
    for place, cell in enumerate(notebook.cells):
        if "language" in tags_of(cell) and cell.cell_type == "code":
            language = cell.metadata.get("lang", "")
            if language in versions:
                yield f"two cells are tagged 'language' for {language!r}; one cell holds all that differs"
            versions[language] = assigned_names(cell.source)
            places.append(place)
    if places and places != list(range(places[0], places[0] + len(places))):
        yield "the versions of the cell tagged 'language' must follow each other"
    for language in languages if versions else ():
        if language not in versions:
            yield f"the cell tagged 'language' has no version for lang {language!r}"
        elif versions[language] != versions.get("en", set()):
            odd = ", ".join(sorted(versions[language] ^ versions.get("en", set())))
            yield f"the cell tagged 'language' sets other names in {language!r} than in 'en': {odd}"


def assigned_names(code: str) -> set[str]:
    """The code of a cell -> the variables that it sets."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except SyntaxError:
        return set()  # refused as a cell already
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


# ------------------------------------------------------------------------------------------------------------- prose


def messages(markdown: str) -> Iterator[tuple[str, bool]]:
    """Markdown -> (piece, translatable). Joined by newlines the pieces give the same page.

    A paragraph is one piece with its lines joined; a heading, a list item or a table row is one each;
    blank lines, fenced code and the line under a table's head are not for translators.
    """
    paragraph: list[str] = []
    fence = False

    def flush() -> Iterator[tuple[str, bool]]:
        if paragraph:
            yield " ".join(paragraph), True
            paragraph.clear()

    for line in markdown.splitlines():
        mark = line.lstrip().startswith("```")
        if mark or fence or not line.strip() or re.fullmatch(r"[|:\- ]+", line):
            yield from flush()
            yield line, False
            fence = fence != mark
        elif LINE_BY_LINE.match(line):
            yield from flush()
            paragraph.append(line)
            if not re.match(r"\s*([-*]|\d+\.) ", line):  # a list item may go on in the next line
                yield from flush()
        else:
            paragraph.append(line.strip() if paragraph else line)
    yield from flush()


def translate(markdown: str, say: Callable[[str], str]) -> str:
    pieces = []
    for piece, translatable in messages(markdown):
        said = say(piece) if translatable else piece
        pieces.append(folded(said) if piece.startswith(ANSWER) else said)
    return "\n".join(pieces)


def folded(answer: str) -> str:
    """The paragraph "**Answer:** ..." in any language -> a line to click on, and behind it the rest, as a sentence."""
    title, _, text = answer.removeprefix("**").partition("** ")
    text = re.sub(r"^[^\w`]*\w", lambda head: head.group().upper(), text)  # "it is *so*" -> "It is *so*"; no code
    return f"<details><summary>{title.rstrip(': ' + NO_BREAK)}</summary>\n\n{text}\n\n</details>"


def prose(notebooks: dict[str, NotebookNode]) -> dict[str, list[str]]:
    """Sources by name -> every paragraph in reading order, with the names of the sources that hold it."""
    found: dict[str, list[str]] = {}
    for name, notebook in notebooks.items():
        for cell in notebook.cells:
            for piece, translatable in messages(cell.source) if cell.cell_type == "markdown" else ():
                if translatable and name not in found.setdefault(piece, []):
                    found[piece].append(name)
    return found


def update_po(catalogue: polib.POFile, paragraphs: dict[str, list[str]]) -> polib.POFile:
    """A catalogue and the paragraphs of today -> the catalogue of today.

    A new paragraph near to one that went away takes over its translation, marked fuzzy: a person looks at it and
    removes the mark. Translations without a paragraph are kept at the end as obsolete.
    """
    known = {entry.msgid: entry for entry in catalogue}
    gone = {msgid: entry for msgid, entry in known.items() if msgid not in paragraphs and entry.msgstr}
    fresh = only_header(catalogue)
    for msgid, sources in paragraphs.items():
        entry = known.get(msgid) or polib.POEntry(msgid=msgid)
        if not entry.msgstr and (near := get_close_matches(msgid, gone, n=1, cutoff=0.7)):
            entry.msgstr, entry.previous_msgid = gone.pop(near[0]).msgstr, near[0]
            entry.fuzzy = True
        elif not entry.fuzzy:
            entry.previous_msgid = None  # somebody has looked at it
        entry.obsolete = False
        entry.occurrences = [(f"source/{name}.py", "") for name in sources]
        fresh.append(entry)
    for entry in gone.values():
        entry.obsolete, entry.occurrences = True, []
        fresh.append(entry)
    return fresh


def only_header(catalogue: polib.POFile) -> polib.POFile:
    """A catalogue -> an empty one for the same language."""
    empty = polib.POFile(wrapwidth=110)
    empty.header, empty.metadata = catalogue.header, dict(catalogue.metadata)
    return empty


def untranslated(catalogue: polib.POFile, name: str) -> list[str]:
    """A catalogue -> a sentence for every paragraph that has no translation or one still to be looked at."""
    lines = []
    for entry in catalogue:
        if not entry.obsolete and (entry.fuzzy or not entry.msgstr.strip()):
            state = "is marked fuzzy" if entry.fuzzy else "has no translation"
            lines.append(f"po/{name}.po: {entry.msgid[:70]!r} {state}")
    return lines


# ---------------------------------------------------------------------------------------------------------- editions


def editions_of(name: str, notebook: NotebookNode) -> list[str]:
    """Three editions (two of a lesson) when any cell is for one framework only, else the one that holds everything."""
    if not any(tags_of(cell) & set(CHOICES) for cell in notebook.cells):
        return ["both"]
    return ["torch", "tf"] if is_lesson(name) else list(EDITIONS)


def assemble(
    notebook: NotebookNode, *, name: str, language: str, edition: str, repository: str, say: Callable[[str], str]
) -> NotebookNode:
    """The cells of a source -> one notebook, for one language and one edition, not yet executed."""
    unwanted = "no-address" if repository else "address"
    cells = [badges(name, language, edition, repository)] if repository else []
    for cell in notebook.cells:
        tags = tags_of(cell)
        if unwanted in tags or any(edition not in CHOICES[tag] for tag in tags & set(CHOICES)):
            continue
        if "language" in tags and cell.metadata.get("lang") != language:
            continue
        if cell.cell_type == "markdown":
            made = nbformat.v4.new_markdown_cell(translate(cell.source, say))
        else:
            made = nbformat.v4.new_code_cell(cell.source.replace("{repository}", repository))
            if "language" in tags:  # it must run, and nobody need read it
                made.metadata = NotebookNode({"tags": ["language"], "jupyter": {"source_hidden": True}})
        made.id = cell_id(cell.source, {other.id for other in cells})
        cells.append(made)
    built = nbformat.v4.new_notebook(cells=cells)
    built.metadata = NotebookNode(
        kernelspec=NotebookNode(display_name="Python 3", language="python", name="python3"),
        language_info=NotebookNode(name="python"),
    )
    return built


def cell_id(source: str, taken: set[str]) -> str:
    """An id that stays when other cells are added or removed, and is the same in every language."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    return next(ident for i in range(57) if (ident := digest[i : i + 8]) not in taken)


def badges(name: str, language: str, edition: str, repository: str) -> NotebookNode:
    """The first cell of a notebook whose project has a public address: open it on Colab or on Binder."""
    host, _, path = repository.removeprefix("https://").partition("/")
    file = f"notebooks/{language}/{name}{EDITIONS[edition]}.ipynb"
    links = []
    if host == "github.com":
        colab = f"https://colab.research.google.com/github/{path}/blob/main/{file}"
        links.append(f"[![Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})")
    if edition != "tf":  # Binder's image holds PyTorch only
        place = {"github.com": f"gh/{path}", "gitlab.com": f"gl/{quote(path, safe='')}"}
        where = place.get(host, f"git/{quote(repository, safe='')}")
        torch_file = f"notebooks/{language}/{name}{EDITIONS['torch']}.ipynb"
        binder = f"https://mybinder.org/v2/{where}/HEAD?labpath={quote(torch_file, safe='')}"
        links.append(f"[![Binder](https://mybinder.org/badge_logo.svg)]({binder})")
    cell = nbformat.v4.new_markdown_cell(" ".join(links))
    cell.id = "badges"
    return cell


# --------------------------------------------------------------------------------------------------------- executing


def execute(notebook: NotebookNode, title: str, timeout: int = 600) -> NotebookNode:
    """Run a notebook offline, in an empty folder and an empty cache, and keep the outputs that never change."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work")
        work.mkdir()
        path = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH", "")]))
        settings = {name: value for name, value in os.environ.items() if name not in UNSET}
        settings |= {
            "HF_HUB_OFFLINE": "1",
            "HF_HOME": f"{folder}/cache",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "PYTHONPATH": path,
        }
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(work)}},
        )
        try:
            client.execute(env=settings)
        except CellExecutionError as error:
            raise BuildError(f"{title}: a cell stopped with an error\n{error}") from None
    return clean(notebook)


def clean(notebook: NotebookNode) -> NotebookNode:
    """Drop what differs from run to run or machine to machine: stderr, widget states and models, versions."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = NotebookNode(name="python")
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.metadata.pop("execution", None)
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.outputs:
            data = output.get("data", {})
            data.pop("application/vnd.jupyter.widget-view+json", None)
            if "image/png" in data:  # Pillow gives every picture twice
                data.pop("image/jpeg", None)
            output.pop("transient", None)
    return notebook


def dumps(notebook: NotebookNode) -> str:
    return nbformat.writes(notebook) + "\n"  # checked against the format, keys sorted, one line of text per line


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    bare = deepcopy(notebook)
    for cell in bare.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return bare


# ------------------------------------------------------------------------------------------------------------- doing


def build(
    project: Project,
    languages: Iterable[str] | None = None,
    *,
    only: str | None = None,
    run: bool = True,
    check: bool = False,
    keep: bool = False,
) -> list[Path]:
    """Build the notebooks of a project, or of one source, or only compare them; returns their paths.

    With `keep` nothing runs: code that is the same as before keeps its outputs, and other code is refused.
    """
    languages = list(languages or project.languages)
    for language in languages:
        if language not in project.languages:
            raise BuildError(f"there is no po/{language}.po; languages are {', '.join(project.languages)}")
    wanted = choose(project.sources, only)
    # The tours are read in any case: a lesson leaves out of its catalogue what stands in theirs.
    read = [name for name in project.sources if name in wanted or not is_lesson(name)]
    notebooks = {name: read_source(project.sources[name], project.languages) for name in read}
    problems: list[str] = []
    say: dict[tuple[str, str], Callable[[str], str]] = {(name, "en"): str for name in wanted}
    for language in languages:
        if language != "en":
            words, found = translations(project, language, notebooks, check=check)
            say |= {(name, language): words[name].__getitem__ for name in wanted}
            problems += found
    if problems:
        raise BuildError("\n".join(problems))

    paths = []
    for name in wanted:
        for language in languages:
            for edition in editions_of(name, notebooks[name]):
                path = project.folder / language / f"{name}{EDITIONS[edition]}.ipynb"
                made = assemble(
                    notebooks[name],
                    name=name,
                    language=language,
                    edition=edition,
                    repository=project.repository,
                    say=say[name, language],
                )
                title = path.relative_to(project.folder).as_posix()
                if check:
                    problems += compare(path, made, title)
                else:
                    problems += keep_outputs(path, made, title) if keep else []
                    if not problems:
                        write(path, made, title, run and not keep)
                paths.append(path)
    if problems:
        raise BuildError("\n".join(problems))
    return paths


def choose(sources: Iterable[str], only: str | None) -> list[str]:
    """The names of all sources, or of the one asked for; a lesson may be called by its last name."""
    names = [name for name in sources if only in (None, name, name.rpartition("/")[2])]
    if not names:
        raise BuildError(f"there is no source {only!r}; sources are {', '.join(sources)}")
    return names


def translations(
    project: Project, language: str, notebooks: dict[str, NotebookNode], *, check: bool
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The catalogues of a language, brought up to date -> what to say in each source, and what is still missing.

    The tours share one catalogue. Each lesson has its own, so that several people can translate, and begins with the
    header of the tours'.
    """
    folder = project.folder / "po"
    tours = {name: notebook for name, notebook in notebooks.items() if not is_lesson(name)}
    shared = prose(tours)
    jobs = {language: shared}
    for name in filter(is_lesson, notebooks):
        own = prose({name: notebooks[name]})
        jobs[f"{language}/{name}"] = {piece: sources for piece, sources in own.items() if piece not in shared}

    words: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for job, paragraphs in jobs.items():
        file = folder / f"{job}.po"
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        known = polib.pofile(str(file if before else folder / f"{language}.po"), wrapwidth=110)
        catalogue = update_po(known if before else only_header(known), paragraphs)
        if check and str(catalogue).strip() != before.strip():
            problems.append(f"po/{job}.po is not in step with the sources")
        elif not check:
            file.parent.mkdir(parents=True, exist_ok=True)
            catalogue.save(str(file))
        problems += untranslated(catalogue, job)
        words[job] = {entry.msgid: entry.msgstr for entry in catalogue if not entry.obsolete}
    said = {name: words[language] | words.get(f"{language}/{name}", {}) for name in notebooks}
    return said, problems


def keep_outputs(path: Path, notebook: NotebookNode, title: str) -> list[str]:
    """Give a notebook the outputs of the built one, or say why they are not its outputs."""
    found = nbformat.read(path, as_version=4) if path.exists() else nbformat.v4.new_notebook()
    old, new = ([cell for cell in each.cells if cell.cell_type == "code"] for each in (found, notebook))
    if [cell.source for cell in old] != [cell.source for cell in new]:
        return [f"the code of {title} has changed; build it without --prose"]
    for before, cell in zip(old, new, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return []


def write(path: Path, notebook: NotebookNode, title: str, run: bool) -> None:
    print(title, flush=True)
    text = dumps(execute(notebook, path.name) if run else notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def compare(path: Path, expected: NotebookNode, title: str) -> Iterator[str]:
    """A built notebook and what its source gives now -> a sentence for each way in which they differ."""
    if not path.exists():
        yield f"{title} has not been built"
        return
    text = path.read_text(encoding="utf-8")
    found = nbformat.reads(text, as_version=4)
    if dumps(without_outputs(found)) != dumps(expected):
        yield f"{title} is not what its source gives; run `make notebooks`"
    elif dumps(clean(found)) != text:
        yield f"{title} holds what the builder leaves out (stderr, widget states, versions); run `make notebooks`"
    elif any(cell.cell_type == "code" and cell.execution_count is None for cell in found.cells):
        yield f"{title} has cells that were never executed; run `make notebooks`"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lang", help="build this language only")
    parser.add_argument("--only", metavar="NAME", help="build this source only: quicktour, fill_mask, ...")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when something is out of step")
    parser.add_argument("--no-execute", action="store_true", help="build the cells without outputs")
    parser.add_argument("--prose", action="store_true", help="run nothing: keep the outputs of unchanged code")
    options = parser.parse_args(arguments)
    project = Project(HERE, repository_address(HERE.parent / "pyproject.toml"))
    try:
        languages = [options.lang] if options.lang else None
        run = not options.no_execute
        build(project, languages, only=options.only, run=run, check=options.check, keep=options.prose)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
