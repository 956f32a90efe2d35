"""`pipeline(task)`: finds the model and its preprocessing, and puts them behind one call."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from os import fspath
from typing import TYPE_CHECKING, Any

from .. import auto
from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import spoken
from ..tasks import TASKS, Task, find_task, is_language_pair, tasks_for
from ..utils.elsewhere import two_names
from ..utils.errors import PACKAGES, all_of

if TYPE_CHECKING:
    from .base import Pipeline

LOADERS = {
    "tokenizer": "AutoTokenizer",
    "image_processor": "AutoImageProcessor",
    "feature_extractor": "AutoFeatureExtractor",
}


def pipeline(
    task: str | None = None,
    model: Any = None,
    tokenizer: Any = None,
    image_processor: Any = None,
    *,
    feature_extractor: Any = None,
    processor: Any = None,
    framework: str | None = None,
    device: Any = None,
    dtype: Any = None,
    torch_dtype: Any = None,
    config: Any = None,
    device_map: Any = None,
    model_kwargs: Mapping[str, Any] | None = None,
    use_fast: bool | None = None,
    batch_size: int | None = None,
    **options: Any,
) -> "Pipeline":
    """Build a pipeline: a model with its preprocessing behind one call, `pipeline("sentiment-analysis")("So good!")`.

    Args:
        task: a name or alias in TASKS, "sentiment-analysis"; may be left out when the model says what it is for.
        model: an id, a folder, or a loaded model (give its tokenizer, image processor or feature extractor with it);
            None for the default of the task.
        tokenizer: an id, a folder, or a loaded tokenizer; None for the one beside the model.
        image_processor: the same for tasks that read pictures.
        feature_extractor: the same for tasks that read sounds; for pictures an older name of image_processor.
        processor: both in one, as AutoProcessor loads it.
        framework: "pt" or "tf"; None for that of the model given, else what is installed (PyTorch first).
        device: "cpu", "cuda", "cuda:1", "mps", a number (-1 is the CPU), a torch.device; None takes a GPU if there is
            one.
        dtype: of the weights, "float32", "bfloat16", "float16" or "auto" (that of the file); None is "float32".
        torch_dtype: an older name for dtype.
        config: the configuration that the model is loaded with; None for its own.
        device_map: "auto", or a device: another name for it.
        model_kwargs: more options for loading the model, as from_pretrained has them.
        use_fast: True, the only kind of tokenizer that there is.
        batch_size: most inputs per batch; None makes batches by length, which is nearly always faster.
        options: where to look for the model: revision, token, cache_dir, local_files_only, subfolder, force_download;
            then any option of the pipeline's calls, which holds for all of them: top_k=None, max_new_tokens=30.
            Those of each task: Shift-Tab on `pipe(` in Jupyter, or help(pipe.__call__).

    Raises ValueError for an unknown task or framework, TypeError for an unknown option, HubError when the model cannot
    be found.
    """
    if framework not in (None, "pt", "tf"):
        raise spoken(
            ValueError,
            "framework {framework!r} is unknown; give 'pt' for PyTorch or 'tf' for TensorFlow",
            framework=framework,
        )
    hub_options = take_hub_options(options)
    device = _one_device(device, device_map)
    loading = {**(model_kwargs or {}), **({} if config is None else {"config": _configuration(config)})}
    loading = {"dtype": dtype if dtype is not None else torch_dtype} | loading
    fast = {} if use_fast is None else {"use_fast": use_fast}
    if task is None and model is None:
        raise spoken(
            ValueError,
            "give a task or a model, e.g. pipeline('sentiment-analysis'). Tasks: {tasks}",
            tasks=", ".join(TASKS),
        )
    row = None if task is None else find_task(task)
    repo, name = None, None
    if model is None or _is_name(model):
        framework = framework or _installed_framework()
        name = row.default_model if model is None and row else model
        repo = open_repo(name, task=row.name if row else None, **hub_options)  # once, for all that is in it
        row = row or _task_of(auto.AutoConfig.from_repo(repo))
        model = getattr(auto, row.head if framework == "pt" else row.tf).from_repo(repo, **loading)
    else:
        framework = _framework_of(model, framework)
        if config is not None or model_kwargs:
            raise spoken(
                ValueError,
                "config and model_kwargs are for a model that is loaded here, and a loaded one was given; leave "
                "them out",
            )
        row = row or _task_of(getattr(model, "config", None), type(model).__name__)
    module, _, kind = row.pipeline.partition(".")
    make = getattr(import_module(f".{module}", __package__), kind)
    given = _given_parts(row.name, make.parts, tokenizer, image_processor, feature_extractor, processor)
    parts = {}
    for part in make.parts:
        of_part = {} if part == "feature_extractor" else fast  # there is one kind
        parts[part] = _load_part(part, given[part], repo, name, {**hub_options, **of_part}, of_part)
    return make(
        task if task is not None and is_language_pair(task) else row.name,
        model,
        **parts,
        framework=framework,
        device=device,
        batch_size=batch_size,
        **options,
    )


def _given_parts(
    task: str, parts: tuple[str, ...], tokenizer: Any, image_processor: Any, feature_extractor: Any, processor: Any
) -> dict[str, Any]:
    """What was given to prepare the inputs: part of the pipeline -> an id, a folder, the part itself, or None."""
    if "image_processor" in parts:  # which had the other name before
        if image_processor is not None and feature_extractor is not None:
            raise two_names(TypeError, "image_processor", "feature_extractor")
        image_processor = image_processor if image_processor is not None else feature_extractor
    elif image_processor is not None:
        raise spoken(TypeError, "{task} reads no pictures, and takes no image_processor; leave it out", task=task)
    elif feature_extractor is not None and "feature_extractor" not in parts:
        raise spoken(TypeError, "{task} reads no sounds, and takes no feature_extractor; leave it out", task=task)
    given = {"tokenizer": tokenizer, "image_processor": image_processor, "feature_extractor": feature_extractor}
    if processor is None:
        return given
    return {
        part: found if found is not None else processor if _is_name(processor) else getattr(processor, part, None)
        for part, found in given.items()
    }


def _load_part(
    part: str, given: Any, repo: Repo | None, name: Any, options: Mapping[str, Any], of_repo: Mapping[str, Any]
) -> Any:
    """One part: the one given, loaded by its name, or that of the model's repository."""
    loader = LOADERS[part]
    if repo is not None and (given is None or (_is_name(given) and fspath(given) == fspath(name))):
        return getattr(auto, loader).from_repo(repo, **of_repo)
    if given is None:
        raise spoken(
            ValueError,
            "a loaded model was given without its {part}; give {part}={loader}.from_pretrained(...) with it",
            part=part,
            loader=loader,
        )
    return getattr(auto, loader).from_pretrained(given, **options) if _is_name(given) else given


def _one_device(device: Any, device_map: Any) -> Any:
    """The device that both names ask for; "auto" takes a GPU if there is one, as None does."""
    if isinstance(device_map, Mapping) and list(device_map) == [""]:
        device_map = device_map[""]
    if device_map is None:
        return device
    if isinstance(device_map, Mapping) or device_map in ("balanced", "balanced_low_0", "sequential"):
        raise spoken(
            ValueError,
            "device_map={device_map!r} spreads a model over several devices, which hfquick does not do; give "
            "device='cuda' or device='cpu'",
            device_map=device_map,
        )
    if device is not None:
        raise spoken(ValueError, "device and device_map were given, two names of one thing; give device alone")
    return None if device_map == "auto" else device_map


def _configuration(config: Any) -> Any:
    """A configuration, or the id or folder of one -> the configuration."""
    return auto.AutoConfig.from_pretrained(config) if _is_name(config) else config


def _framework_of(model: Any, asked: str | None) -> str:
    """ "pt" or "tf", from the classes a model is made of, without importing either framework."""
    roots = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    found = "pt" if "torch" in roots else "tf" if "keras" in roots else None
    if found is None:
        raise spoken(
            TypeError,
            "model= takes an id, a folder, or a PyTorch or Keras model, got {model_kind}",
            model_kind=type(model).__name__,
        )
    if asked not in (None, found):
        raise spoken(
            ValueError,
            "framework={asked!r} was given with a {model_kind}, which is a {found!r} model; leave framework out",
            asked=asked,
            model_kind=type(model).__name__,
            found=found,
        )
    return found


def _installed_framework() -> str:
    for framework, module in (("pt", "torch"), ("tf", "tensorflow")):
        if find_spec(module) is not None:
            return framework
    raise spoken(
        ImportError,
        "a pipeline needs PyTorch or TensorFlow; try: pip install {torch} (or {tensorflow})",
        torch=PACKAGES["torch"],
        tensorflow=PACKAGES["tf"],
    )


def _is_name(value: Any) -> bool:
    """Whether this is an id or a folder, not something loaded."""
    return isinstance(value, str) or hasattr(value, "__fspath__")


def _task_of(config: Any, model_class: str = "") -> Task:
    """The task whose head the model was saved with; the bare model tells none."""
    bare = model_class or type(config).__name__.replace("Config", "Model")
    saved = next(iter(getattr(config, "architectures", None) or []), bare)
    fitting = tasks_for(saved)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = all_of(task.name for task in fitting)
        raise spoken(
            ValueError,
            "the model is a {saved}, which fits {names}; give one of them as first argument",
            saved=saved,
            names=names,
        )
    raise spoken(
        ValueError,
        "the model is a {saved}, which tells no task; give one of {tasks} as first argument",
        saved=saved,
        tasks=", ".join(TASKS),
    )
