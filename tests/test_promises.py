"""Every function, method or option that a sentence names exists: in errors, docstrings, README, docs and lessons.

Looked for is what is written as a call, `resize_token_embeddings(`, or as an option, `truncation=True`. It must be
the name of something in the package, in a library that the sentence means, or one of the placeholders below.
"""

import ast
import builtins
import inspect
import keyword
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Not the log: it names what was tried and is gone.
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md") if p.name != "LOG.md")]
TAG = re.compile(r"<[^<>]*(>|$)")  # of HTML and SVG, whose attributes are no options
CALL = re.compile(r"(?<![\w/-])([A-Za-z_][\w.]*)\((?!s\))")  # "name(", not "word(s)"
OPTION = re.compile(r"(?<![\w.-])([a-z]\w*)=(?![=\s~])(?=[\w\"'\[({.-])")  # "option=value"
LIBRARIES = [  # whose names sentences may name, too; each is asked where it is installed
    "numpy", "torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.optim.Optimizer", "torch.Tensor",
    "torch.cuda", "torch.ao.quantization",
    "tensorflow", "tensorflow.data.Dataset", "tensorflow.config", "tensorflow.distribute.Strategy",
    "keras", "keras.Model", "keras.utils", "keras.layers", "keras.losses", "keras.optimizers", "keras.callbacks",
    "keras.metrics", "datasets", "datasets.Dataset", "datasets.DatasetDict", "accelerate", "accelerate.Accelerator",
    "huggingface_hub", "huggingface_hub.HfApi", "huggingface_hub.ModelInfo", "tokenizers", "tokenizers.Tokenizer",
    "safetensors", "safetensors.torch", "safetensors.safe_open", "h5py", "ipywidgets", "IPython.display", "os", "sys",
    "json", "re", "copy", "subprocess", "tempfile", "pathlib.Path", "builtins.str", "builtins.list", "builtins.dict",
]  # fmt: skip
ELSEWHERE = {
    "trust_remote_code",  # the keyword that is refused
    "use_fast",  # another keyword that is refused
    "load_in_4bit",  # and a third
    "strict",  # an argument of torch.jit.trace
    "use_reentrant",  # of torch.utils.checkpoint
    "align_corners",  # of torch.nn.functional.interpolate
    "from_logits",  # of losses of Keras
    "viewBox",  # of SVG
    "stroke",
    "rgb",  # of CSS
    "rgba",
    "inset",
    "clipnorm",  # an argument of Keras's optimizers
    "get_shape",  # of a slice of safetensors
    "test_size",  # of train_test_split of datasets
    "StopAtHundred",  # a class that an example makes up
    "train_on",  # a function that an example makes up
    "MirroredStrategy",  # of tf.distribute, which loads its names when they are used
    "scope",  # of a strategy
    "___",  # stands for a name
    "pipeline_tag",  # a field of a card on the Hub
}


def texts(path: Path) -> Iterator[str]:
    """The literal texts of a Python file, docstrings included; pieces of an f-string are one text."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    joined = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in joined:
            yield node.value


def defined(tree: ast.AST) -> Iterator[str]:
    """Names that a file gives to functions, classes, arguments, variables, attributes and imported things."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).rpartition(".")[2]


def names_of_libraries() -> set[str]:
    found = set(dir(builtins)) | set(keyword.kwlist)
    for name in LIBRARIES:
        module, _, attribute = name.rpartition(".")
        try:
            thing = import_module(name)
        except ImportError:
            try:
                thing = getattr(import_module(module), attribute)
            except (ImportError, AttributeError, ValueError):
                continue
        for key in dir(thing):
            found.add(key)
    return found


@pytest.fixture(scope="module")
def known() -> set[str]:
    """All names that may be promised."""
    import hfquick
    from hfquick.image_processing.families import PROCESSORS

    found = names_of_libraries() | set(hfquick.__all__) | ELSEWHERE
    found |= {field for kind in PROCESSORS.values() for field in kind.DEFAULTS}
    for path in [*ROOT.glob("hfquick/**/*.py"), *ROOT.glob("recipes/*.py"), *ROOT.glob("tools/*.py")]:
        found |= set(defined(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def promised(text: str) -> set[str]:
    """The names that a text promises: the last part of a dotted one."""
    text = TAG.sub("", text)
    calls = {match.group(1).rpartition(".")[2] for match in CALL.finditer(text)}
    return {name for name in calls | {match.group(1) for match in OPTION.finditer(text)} if name}


def test_promises_are_found():
    assert promised("then model.resize_token_embeddings(len(tokenizer))") == {"resize_token_embeddings", "len"}
    assert promised("try truncation=True, or text(s) with a == b") == {"truncation"}
    assert "len" in dir(inspect.builtins)


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("folder", sorted({path.parent.name for path in ROOT.glob("hfquick/*/*.py")}))
def test_what_the_package_names_exists(known, folder):
    for path in sorted(ROOT.glob(f"hfquick/{folder}/**/*.py")):
        missing = {name for text in texts(path) for name in promised(text)} - known
        assert not missing, f"{path.relative_to(ROOT)} names what does not exist: {sorted(missing)}"


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(known, page):
    text = (ROOT / page).read_text(encoding="utf-8")
    own = set()  # what its examples define themselves
    for block in re.findall(r"```python\n(.*?)```", text, re.S):
        try:
            own |= set(defined(ast.parse(block)))
        except SyntaxError:
            continue
    missing = promised(text) - known - own
    assert not missing, f"{page} names what does not exist: {sorted(missing)}"


@pytest.mark.torch
@pytest.mark.tf
@pytest.mark.parametrize(
    "lesson", [path.relative_to(ROOT).as_posix() for path in ROOT.glob("notebooks/source/**/*.py")]
)
def test_what_a_lesson_names_exists(known, lesson):
    text = (ROOT / lesson).read_text(encoding="utf-8")
    prose = "\n".join(line for line in text.splitlines() if line.startswith("# ") and not line.startswith("# %%"))
    missing = promised(prose) - known - set(defined(ast.parse(text)))
    assert not missing, f"{lesson} names what does not exist: {sorted(missing)}"
