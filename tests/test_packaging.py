"""What a user gets: a light import, a whole wheel, a README whose commands work, examples that run."""

import ast
import doctest
import importlib
import json
import os
import pkgutil
import re
import shlex
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import hfquick
from hfquick import i18n, zoo
from hfquick.commands import cli, doctor, launch
from hfquick.utils import errors

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax")
MODULES = ["hfquick", *sorted(module.name for module in pkgutil.walk_packages(hfquick.__path__, "hfquick."))]
EXAMPLES = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def python(code, *options, cwd=ROOT, path=ROOT):
    environment = {**os.environ, "PYTHONPATH": str(path), "HFQUICK_LANG": "en"}
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(name):
    """The framework a public name or a module belongs to, or None."""
    if name.endswith("Config"):
        return None
    if "modeling_tf" in name or name.startswith("TF") or "weights_tf" in name:
        return "tensorflow"
    return "torch" if "modeling" in name or name.startswith(("PreTrainedModel", "Bert", "DistilBert")) else None


def skip_without_framework(name):
    if needs(name) and not find_spec(needs(name)):
        pytest.skip(f"{name} needs {needs(name)}")


# ---------------------------------------------------------------- import


def test_import_brings_no_framework_and_little_else():
    loaded = python("import sys, hfquick; dir(hfquick); print(*sys.modules)").split()
    heavy = {*FRAMEWORKS, "numpy", "tokenizers", "safetensors", "huggingface_hub", "h5py", "datasets", "IPython"}
    assert heavy & set(loaded) == set()


def test_pipelines_table_zoo_and_command_line_bring_no_framework():
    light = "hfquick.pipelines, hfquick.zoo, hfquick.commands.cli, hfquick.commands.launch, hfquick.commands.doctor"
    code = f"import sys, {light}; print(*sys.modules)"
    assert set(FRAMEWORKS) & set(python(code).split()) == set()


def test_the_launcher_needs_the_standard_library_only():
    """In a fresh clone nothing is installed: -S and -I hide every installed package."""
    shown = python(
        "import sys; sys.path.insert(0, '.'); from hfquick.commands.cli import main; main(['tour', '--help'])",
        "-I",
        "-S",
    )
    assert "--tour" in shown


@pytest.mark.parametrize("name", sorted(hfquick.__all__))
def test_every_public_name_is_there(name):
    skip_without_framework(name)
    assert name in dir(hfquick)
    assert getattr(hfquick, name) is not None


def test_a_name_that_is_not_there_names_the_nearest():
    with pytest.raises(AttributeError, match="has no attribute 'pipelin'; did you mean 'pipeline'"):
        hfquick.pipelin  # noqa: B018


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("logging", "; hfquick keeps no log, it prints one-line notices: leave it out"),
        ("AdamW", "; here it is torch.optim.AdamW"),
        ("BertTokenizerFast", "; here it is AutoTokenizer.from_pretrained(...)"),
        ("GPT2Tokenizer", "; here it is AutoTokenizer.from_pretrained(...)"),
        ("StoppingCriteriaList", "; here it is an option of generate: stop_strings, eos_token_id, max_new_tokens"),
        ("get_linear_schedule_with_warmup", "; here it is get_scheduler('linear', ...)"),
    ],
)
def test_a_name_of_transformers_leads_on(name, said):
    with pytest.raises(AttributeError) as caught:
        getattr(hfquick, name)
    assert str(caught.value) == f"module 'hfquick' has no attribute {name!r}{said}"


@pytest.mark.parametrize(
    ("name", "missing", "extra"),
    [("PreTrainedModel", "torch", "torch"), ("TFPreTrainedModel", "keras", "tf"), ("TFBertModel", "keras", "tf")],
)
def test_a_name_whose_framework_is_missing_says_what_to_install(name, missing, extra):
    said = python(f"""
import sys
sys.modules.update({{"torch": None, "tensorflow": None, "keras": None}})  # None: as if it were not installed
try:
    from hfquick import {name}
except ImportError as error:
    print(error)
""")
    packages = {"torch": "torch accelerate", "tf": "tensorflow keras"}[extra]
    assert said == f"{name} needs {missing}, which is not installed; try: pip install {packages}\n"


@pytest.mark.parametrize(("before", "after"), [(None, "1"), ("0", "0"), ("3", "3")])
def test_tensorflow_is_asked_to_leave_out_its_remarks_unless_the_user_wants_them(monkeypatch, before, after):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    if before is not None:
        monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", before)
    show = "print(os.environ.get('TF_CPP_MIN_LOG_LEVEL'))"
    shown = python(f"import os, hfquick; {show}; hfquick.AutoConfig; {show}")
    assert shown.split() == [str(before), after]


# ---------------------------------------------------------------- examples


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name, tmp_path, monkeypatch):
    skip_without_framework(name)
    if name == "hfquick.__main__":
        pytest.skip("importing it runs the command line")
    monkeypatch.chdir(tmp_path)
    i18n.set_language("en")
    try:
        assert doctest.testmod(importlib.import_module(name), optionflags=EXAMPLES).failed == 0
    finally:
        i18n.set_language(None)


@pytest.mark.torch
def test_examples_in_the_readme(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    example = doctest.DocTestParser().get_doctest(README.replace("```", "\n"), {}, "README.md", "README.md", 0)
    assert example.examples, "the README shows no example"
    runner = doctest.DocTestRunner(optionflags=EXAMPLES)
    runner.run(example)
    assert runner.failures == 0


# ---------------------------------------------------------------- commands of the README


def shell_lines():
    """The lines of the README's blocks that a shell is to read."""
    blocks = re.findall(r"```(?:bash|sh)\n(.*?)```", README, re.S)
    return sorted({line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()})


def test_the_two_main_commands_come_first():
    block = re.search(r"```(?:bash|sh)\n(.*?)```", README, re.S).group(1)
    assert [line.split("  #")[0].strip() for line in block.splitlines()] == ["make tour", "make test"]


@pytest.mark.parametrize("line", shell_lines())
def test_a_command_of_the_readme(line, capsys, monkeypatch):
    monkeypatch.setenv("HFQUICK_LANG", "en")
    words = [word for word in shlex.split(line) if not re.fullmatch(r"[A-Z_]+=\S*", word)]  # settings in front
    assert words, f"{line!r} is no command"
    if words[0] == "make":
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
        assert set(words[1:]) <= targets
    elif words[:2] == ["pip", "install"]:
        assert words[2] == "-e"
        assert words[3].startswith(".[")
        asked = Requirement("hfquick" + words[3].removeprefix("."))
        assert asked.extras <= set(PROJECT["optional-dependencies"])
    elif words[0] == "hfquick" or words[:3] == ["python", "-m", "hfquick"]:
        arguments = words[1 if words[0] == "hfquick" else 3 :]
        options = cli.build_parser().parse_args(arguments)
        if options.command not in ("tour", "doctor"):  # one stays open, the other asks the network
            assert cli.main(arguments) == 0
            assert capsys.readouterr().out
    elif words[0] in ("git", "cd"):
        assert words[:2] == ["git", "clone"] or words == ["cd", "hfquick"]
    else:
        pytest.fail(f"nobody checks this command: {line}")


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/adding-a-model.md", "docs/in-class.md", "docs/LOG.md"]
)
def test_links_and_quotes_of_a_page_are_real(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), target
    for file, quote in re.findall(r"```python\n# (\S+\.py)\n(.*?)```", text, re.S):
        lines = {line.strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines()}
        assert [line for line in quote.splitlines() if line.strip() not in lines] == [], file


# ---------------------------------------------------------------- pyproject and requirements


def requirements(name):
    return [Requirement(line) for line in launch.read_requirements(name, ROOT).splitlines() if line and line[0] != "#"]


def test_the_pins_lie_in_the_ranges_for_users():
    extras = PROJECT["optional-dependencies"].values()
    ranges = {r.name: r.specifier for r in map(Requirement, [*PROJECT["dependencies"], *chain.from_iterable(extras)])}
    for pin in requirements("dev"):
        wanted = ranges.get(pin.name.removesuffix("-cpu"))
        for specifier in pin.specifier:
            if wanted is not None and specifier.operator == "==":
                assert wanted.contains(specifier.version.replace("*", "99")), pin


def test_every_dependency_is_in_the_development_environment():
    pinned = {requirement.name.lower().removesuffix("-cpu") for requirement in requirements("dev")}
    base = {Requirement(line).name.lower() for line in PROJECT["dependencies"]}
    assert base <= pinned


def imported(*folders):
    """The packages that Python files import, at their top, in a function, or by a name given to `need`."""
    found = set()
    for path in chain.from_iterable((ROOT / folder).rglob("*.py") for folder in folders):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("need", "import_module"):
                found |= {first.value for first in node.args[:1] if isinstance(first, ast.Constant)}
    return {name.partition(".")[0] for name in found if isinstance(name, str)}


@pytest.mark.parametrize("extra", sorted(set(PROJECT["optional-dependencies"]) - {"dev"}))
def test_what_an_extra_brings_is_used(extra):
    """An extra promises something; a package that nobody imports is a promise of a room that is not there."""
    used = imported("hfquick", *(["notebooks/source"] if extra in ("notebooks", "all") else []))
    programs = {"jupyterlab", "ipykernel"}  # run, not imported: the editor and the kernel of the notebooks
    brought = [Requirement(line) for line in PROJECT["optional-dependencies"][extra]]
    assert {each.name.lower() for each in brought} - {"hfquick"} - used <= (programs if extra == "notebooks" else set())
    assert set(chain.from_iterable(each.extras for each in brought)) <= set(PROJECT["optional-dependencies"])


def test_sentences_name_the_packages_of_the_extras():
    """An index has these packages; hfquick itself is not on one."""
    names = {
        extra: [Requirement(line).name for line in lines] for extra, lines in PROJECT["optional-dependencies"].items()
    }
    assert {extra: packages.split() for extra, packages in errors.PACKAGES.items()} == {
        extra: names[extra] for extra in ("torch", "tf")
    }
    assert launch.NOTEBOOKS.split() == names["notebooks"]
    assert {
        "pytorch": errors.PACKAGES["torch"],
        "tensorflow": errors.PACKAGES["tf"],
        "both": f"{errors.PACKAGES['torch']} {errors.PACKAGES['tf']}",
    } == launch.NEEDED


def test_no_sentence_tells_to_fetch_hfquick_from_an_index():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("requirements/*.md"), *ROOT.glob("recipes/*.md")]
    for path in [*pages, *ROOT.glob("hfquick/**/*.py"), *ROOT.glob("hfquick/locale/**/*.po")]:
        assert not re.search(r"pip install '?hfquick\b", path.read_text(encoding="utf-8")), path


def test_every_base_dependency_is_used():
    called = {"pillow": "PIL"}  # where the import has another name than the package
    names = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert {called.get(name, name) for name in names} <= imported("hfquick")


def test_doctor_looks_for_what_base_and_extras_bring():
    extras = PROJECT["optional-dependencies"]
    for package, (extra, _purpose) in doctor.PACKAGES.items():
        lines = extras[extra] if extra else PROJECT["dependencies"]
        assert package in {Requirement(line).name for line in lines}


def test_launcher_readme_and_metadata_name_the_same_pythons():
    first, last = launch.TESTED
    versions = [f"{first[0]}.{minor}" for minor in range(first[1], last[1] + 1)]
    named = [text.rpartition(" ")[2] for text in PROJECT["classifiers"] if "Python :: 3." in text]
    assert named == versions
    assert PROJECT["requires-python"] == f">={versions[0]}"
    assert f"Python {versions[0]} to {versions[-1]}" in README


def test_no_pinned_file_names_an_extra_or_the_oracle():
    names = []
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        if path.stem.startswith(("bench", "gpu")):  # transformers, in environments of their own
            continue
        names += [line.partition("=")[0] for line in path.read_text(encoding="utf-8").splitlines()]
    assert not [name for name in names if "[" in name or "transformers" in name or name.startswith("hfquick")]


def test_exactly_one_tensorflow_on_every_machine():
    for machine in ("x86_64", "AMD64", "aarch64", "arm64"):
        found = [
            r.name
            for r in requirements("tour")
            if r.name.startswith("tensorflow")
            and (r.marker is None or r.marker.evaluate({"platform_machine": machine}))
        ]
        assert len(found) == 1, machine


def test_binder_keeps_step_with_pins_and_launcher(tmp_path):
    build = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    [finds_pin] = re.findall(r"^torch=.*$", build, re.MULTILINE)
    found = subprocess.run(["bash", "-c", f'{finds_pin}; echo "$torch"'], cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == str(next(r for r in requirements("pytorch") if r.name == "torch"))
    [silenced] = re.findall(r'labextension disable .*"(.+)"', build)
    settings = json.loads((launch.quiet_settings(tmp_path) / "labconfig" / "page_config.json").read_text())
    assert settings["disabledExtensions"] == {silenced: True}
    python = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"Programming Language :: Python :: {python}" in PROJECT["classifiers"]
    assert all(os.access(ROOT / "binder" / script, os.X_OK) for script in ("postBuild", "start"))


# ---------------------------------------------------------------- the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel as a user would get it: first the source archive, then the wheel from that."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_is_whole(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for model in zoo.models():
        folder = f"hfquick/zoo/{model.removeprefix('hfquick/')}/"
        assert {"config.json", "README.md"} <= {name.removeprefix(folder) for name in names if name.startswith(folder)}
    for dataset in zoo.DATASETS:
        folder = f"hfquick/zoo/{dataset.removeprefix('hfquick/')}/"
        there = {name.removeprefix(folder) for name in names if name.startswith(folder)}
        here = zoo.folder(dataset, "dataset")
        files = {path.relative_to(here).as_posix() for path in here.rglob("*.*")}
        assert {"README.md", *files} <= there
        assert any(name.endswith(".parquet") for name in files)
    assert {
        "hfquick/locale/fr.po",
        "hfquick/locale/errors/fr.po",
        "hfquick/tours/fr/quicktour.ipynb",
        "hfquick/tours/en/quicktour.ipynb",
    } <= set(names)
    assert {"hfquick/__init__.pyi", "hfquick/py.typed"} <= set(names)
    built = {path.relative_to(ROOT / "notebooks").as_posix() for path in ROOT.glob("notebooks/*/lessons/*.ipynb")}
    assert built
    assert {f"hfquick/tours/{path}" for path in built} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"hfquick", f"hfquick-{hfquick.__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name or ".ipynb_checkpoints" in name]


def test_the_wheel_stays_small(wheel):
    assert wheel.stat().st_size < 95e6


def test_the_wheel_works_without_the_clone(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "from hfquick.commands import cli, launch; assert launch.CLONE is None; "
        "print(launch.tour_languages(), launch.copy_tours(launch.Path('mine'))); cli.main(['models'])"
    )
    shown = python(code, cwd=tmp_path, path=tmp_path / "site")
    assert shown.startswith("['en', 'fr'] []")
    assert all(name in shown for name in zoo.models())
    assert (tmp_path / "mine" / "fr" / "quicktour.ipynb").is_file()


def test_editors_and_type_checkers_see_every_public_name():
    """hfquick/__init__.pyi is what tools/stub.py writes; a wheel carries it, with the mark that types are there."""
    from tools.stub import STUB, stub

    assert STUB.read_text(encoding="utf-8") == stub(), "run: python -m tools.stub"
    assert (STUB.parent / "py.typed").is_file()


def test_there_is_an_auto_class_for_every_head_in_both_frameworks():
    from hfquick import auto
    from hfquick.architectures import HEADS

    made = {name for name, thing in vars(auto).items() if isinstance(thing, type) and "AutoModel" in name}
    assert made - {"_AutoModelBase"} == {f"{framework}{head}" for head in HEADS for framework in ("", "TF")}


def test_tab_shows_public_names_alone():
    import hfquick.hub.repository  # a module that was imported is no public name

    assert [name for name in dir(hfquick) if not name.startswith("__")] == sorted(hfquick.__all__)
    assert "__version__" in dir(hfquick)
