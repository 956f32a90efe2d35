"""`pipeline(task)`: finds the model and its preprocessing, and puts them behind one call."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ..tasks import TASKS, find_task, is_pair, tasks_for

if TYPE_CHECKING:
    from .base import Pipeline


def pipeline(
    task: str | None = None,
    model: Any = None,
    tokenizer: Any = None,
    *,
    framework: str | None = None,
    device: Any = None,
    dtype: Any = None,
    torch_dtype: Any = None,
    batch_size: int | None = None,
    **options: Any,
) -> "Pipeline":
    """Build a pipeline: text (or image, or sound) in, result out.

    Args:
        task: a name or alias in TASKS, "sentiment-analysis"; may be left out when the model says what it is for.
        model: an id, a folder, or a loaded model (give its tokenizer with it); the task's default if left out.
        framework: "pt" or "tf"; found from the model given, else from what is installed (PyTorch first).
        device: "cpu", "cuda", "cuda:1", "mps", a number (-1 is the CPU), a torch.device; None takes a GPU if there is
            one.
        dtype: numbers to compute with, "float32" (default), "bfloat16", "float16" or "auto" (those of the file).
        batch_size: most inputs per batch; left out, batches are made by length, which is nearly always faster.
        options: where to look for the model (revision, token, cache_dir, ...), then settings of every call
            (top_k=None).

    Raises ValueError for an unknown task, framework or option, HubError when the model cannot be found.
    """
    from ..hub.repository import HUB_OPTIONS

    if framework not in (None, "pt", "tf"):
        raise ValueError(f"framework {framework!r} is unknown; give 'pt' for PyTorch or 'tf' for TensorFlow")
    hub_options = {name: options.pop(name) for name in HUB_OPTIONS if name in options}
    loaded = model is not None and not isinstance(model, str) and not hasattr(model, "__fspath__")
    if task is None:
        task = _task_of(model, hub_options)
    row = find_task(task)
    if loaded:
        framework = _framework_of(model, framework)
        if tokenizer is None:
            raise ValueError(
                "a loaded model was given without its tokenizer; "
                "give tokenizer=AutoTokenizer.from_pretrained(...) with it"
            )
    else:
        from .. import auto

        name = row.default_model if model is None else model
        framework = framework or _installed_framework()
        model = getattr(auto, row.head if framework == "pt" else row.tf).from_pretrained(
            name, dtype=dtype if dtype is not None else torch_dtype, **hub_options
        )
        tokenizer = name if tokenizer is None else tokenizer
    if isinstance(tokenizer, str) or hasattr(tokenizer, "__fspath__"):
        from ..auto import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(tokenizer, **hub_options)
    module, _, name = row.pipeline.partition(".")
    make = getattr(import_module(f".{module}", __package__), name)
    return make(
        task if is_pair(task) else row.name,
        model,
        tokenizer,
        framework=framework,
        device=device,
        batch_size=batch_size,
        **options,
    )


def _framework_of(model: Any, asked: str | None) -> str:
    """ "pt" or "tf", from the classes a model is made of, without importing either framework."""
    roots = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    found = "pt" if "torch" in roots else "tf" if "keras" in roots else None
    if found is None:
        raise TypeError(f"model= takes an id, a folder, or a PyTorch or Keras model, got {type(model).__name__}")
    if asked not in (None, found):
        raise ValueError(
            f"framework={asked!r} was given with a {type(model).__name__}, which is a {found!r} model; "
            "leave framework out"
        )
    return found


def _installed_framework() -> str:
    for framework, module in (("pt", "torch"), ("tf", "tensorflow")):
        if find_spec(module) is not None:
            return framework
    raise ImportError(
        "a pipeline needs PyTorch or TensorFlow; try: pip install 'hfquick[torch]' or pip install 'hfquick[tf]'"
    )


def _task_of(model: Any, hub_options: dict[str, Any]) -> str:
    """The task whose head the model was saved with."""
    if model is None:
        raise ValueError(f"give a task or a model, e.g. pipeline('sentiment-analysis'). Tasks: {', '.join(TASKS)}")
    if not hasattr(model, "config"):
        from ..auto import AutoConfig

        config = AutoConfig.from_pretrained(model, **hub_options)
    else:
        config = model.config
    saved = next(iter(config.architectures or []), type(model).__name__)
    fitting = tasks_for(saved)
    if len(fitting) == 1:
        return fitting[0].name
    if fitting:
        names = " and ".join(repr(task.name) for task in fitting)
        raise ValueError(f"the model is a {saved}, which fits {names}; give one of them as first argument")
    raise ValueError(f"the model is a {saved}, which tells no task; give one of {', '.join(TASKS)} as first argument")
