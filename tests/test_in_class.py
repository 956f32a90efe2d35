"""The page for teachers says the same in both languages, and what it names exists and has these values."""

import re
from pathlib import Path

import pytest

from hfquick.commands import cli, launch, manifest

ROOT = Path(__file__).resolve().parents[1]
ENGLISH, FRENCH = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("in-class.md", "en-classe.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def code(text):
    """The blocks of code; the language of the tour is the reader's."""
    return [
        (kind, re.sub(r'"fr"|/fr/', lambda found: found[0].replace("fr", "en"), block))
        for kind, block in BLOCK.findall(text)
    ]


def figures(text):
    """Every number of the prose and of the tables, however it is written."""
    return sorted(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(\d),(\d)", r"\1.\2", BLOCK.sub("", text))))


def shape(text):
    """Headings by level, and rows of tables by their number of cells."""
    lines = BLOCK.sub("", text).splitlines()
    return [line.partition(" ")[0] for line in lines if line.startswith("#")], [
        line.count("|") for line in lines if line.startswith("|")
    ]


def test_both_pages_have_the_same_sections_commands_and_figures():
    assert shape(ENGLISH) == shape(FRENCH)
    assert code(ENGLISH) == code(FRENCH)
    assert figures(ENGLISH) == figures(FRENCH)
    assert set(re.findall(r"`([^`\n]+)`", ENGLISH)) - set(re.findall(r"`([^`\n]+)`", FRENCH)) == set()


def test_a_difference_is_seen():
    assert figures("1,5 GB and 3") == figures("1.5 Go et 3") != figures("1.5 Go et 4")
    assert shape("# a\n## b\n| a | b |\n") != shape("# a\n| a | b |\n")


@pytest.mark.parametrize("text", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_links_lead_somewhere_and_commands_parse(text):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (ROOT / "docs" / target).exists(), target
    for script in re.findall(r"python (\w+/\w+\.py)", text):
        assert (ROOT / script).is_file(), script
    commands = [line for kind, block in BLOCK.findall(text) if kind == "bash" for line in block.splitlines()]
    bundles = [line.split()[3:] for line in commands if line.startswith("python -m hfquick")]
    assert len(bundles) == 2
    for words in bundles:
        assert cli.build_parser().parse_args(words).command == "bundle"
    assert set(cli.build_parser().parse_args(bundles[1]).system) == set(manifest.SYSTEMS)


def test_a_hub_has_the_settings_of_hfquick_tour():
    (config,) = [block for kind, block in BLOCK.findall(ENGLISH) if kind == "python"]
    for name, value in launch.THREADS.items():
        assert f'"{name}": "{value}"' in config
    for name, value in launch.CULLING.items():
        assert f'"--MappingKernelManager.{name}={value}"' in config
    assert f"/{launch.VARIANTS['pytorch']}.ipynb" in config
    (silence,) = re.findall(r'labextension disable .*"(.+)"', ENGLISH)
    assert silence in launch.Path(launch.__file__).read_text(encoding="utf-8")
    compile(config, "jupyterhub_config.py", "exec")


def test_sections_of_the_path_are_those_of_the_tour():
    import json

    for text, code_ in ((ENGLISH, "en"), (FRENCH, "fr")):
        cells = json.loads((ROOT / f"notebooks/{code_}/quicktour_pytorch.ipynb").read_text(encoding="utf-8"))["cells"]
        headings = re.findall(r"^## (.+)$", "\n".join("".join(cell["source"]) + "\n" for cell in cells), re.M)
        rows = [line.split("|")[2].strip() for line in text.splitlines() if re.match(r"\| \d+ \|", line)]
        assert rows[:2] == headings[:2]
