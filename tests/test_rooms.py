"""The rooms of the package stand on floors: imports go down only, also inside functions, and never in a circle."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "hfquick"
FLOORS = [  # from the ground to the roof; a room may import from those before it
    "i18n", "utils", "architectures", "tasks", "zoo", "hub", "cpu", "tokenization", "image_processing",
    "audio_processing", "core", "data", "generation", "models", "auto", "display", "pipelines", "widgets", "training",
    "keras_training", "interpretability", "commands",
]  # fmt: skip
UPWARD = {  # (file, file): why it may look up, inside a function
    ("core.trainable_tf", "keras_training"): "in Keras fit, evaluate and predict are methods of the model",
}
LOOSE = {
    "__init__.py", "__init__.pyi", "__main__.py", "architectures.py", "auto.py", "i18n.py", "py.typed", "tasks.py",
}  # fmt: skip


def modules() -> dict[str, Path]:
    """Dotted name, without the package's own -> file."""
    paths = [path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts]
    names = {path: ".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in paths}
    return {name.removesuffix("__init__").rstrip(".") or "hfquick": path for path, name in names.items()}


MODULES = modules()


def is_later(block: ast.AST) -> bool:
    """Whether imports in here do not happen as the module is imported: in functions, and for type checkers only."""
    if isinstance(block, ast.If):
        return ast.unparse(block.test) == "TYPE_CHECKING"
    return isinstance(block, ast.FunctionDef | ast.AsyncFunctionDef)


def imports(name: str) -> Iterator[tuple[str, bool]]:
    """What a module imports of the package, each with whether that happens as it is imported itself."""
    path = MODULES[name]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(node) for block in ast.walk(tree) if is_later(block) for node in ast.walk(block)}
    package = [] if name == "hfquick" else name.split(".")[: None if path.name == "__init__.py" else -1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            start = package[: len(package) - node.level + 1]
            source = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{source}.{alias.name}".lstrip(".")
                yield (full if full in MODULES else source or "hfquick"), id(node) not in inside
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "hfquick":
            yield node.module.removeprefix("hfquick").lstrip(".") or "hfquick", id(node) not in inside


GRAPH = {name: sorted(set(imports(name))) for name in MODULES}


def room(module: str) -> str:
    return module.partition(".")[0]


def test_every_room_has_its_floor_and_few_files_are_loose():
    assert {room(name) for name in MODULES} - {"hfquick", "__main__"} == set(FLOORS)
    files = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    assert files <= LOOSE, f"a file of a room: {files - LOOSE}"
    assert len(LOOSE) <= 8


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"hfquick", "__main__"}))
def test_imports_go_down(name):
    floor = FLOORS.index(room(name))
    for target, at_once in GRAPH[name]:
        if target == "hfquick" or room(target) == room(name):  # of the package itself only its version
            continue
        why = UPWARD.get((name, room(target))) if not at_once else None
        assert FLOORS.index(room(target)) < floor or why, f"{name} imports {target}, which stands above it"


def test_no_circle_among_files():
    """Files of one room may not need each other either as they are imported."""
    below = {name: {target for target, at_once in targets if at_once} for name, targets in GRAPH.items()}
    while below:
        free = {name for name, targets in below.items() if not targets & (set(below) - {name})}
        assert free, f"a circle among {sorted(below)}"
        below = {name: targets for name, targets in below.items() if name not in free}


def test_models_know_what_is_below_them_and_no_processor():
    for name in MODULES:
        if room(name) == "models":
            assert {room(target) for target, _ in GRAPH[name]} <= {"models", "core", "generation", "i18n", "utils"}, (
                name
            )


def test_every_upward_look_is_still_needed():
    there = {(name, room(target)) for name, targets in GRAPH.items() for target, _ in targets}
    assert set(UPWARD) <= there
