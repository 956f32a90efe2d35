"""What compile is given, before Keras sees it: optimizers of other libraries, losses and metrics for probabilities.

A model gives logits, which may be any numbers. A loss of Keras takes them for probabilities unless it is told
from_logits=True: it then cuts all that lies outside 0..1, and shows a number that means nothing. So do some metrics.
"""

import inspect
import os
import re
from functools import partial
from typing import Any

import keras

from ..i18n import N_, said, spoken
from ..utils.errors import unknown

OWN = ("passthrough", "auto_with_warning")  # how older scripts ask for the model's own loss
PROBABILITIES = (  # losses and metrics that have no from_logits to set
    "kl_divergence", "poisson", "dice", "tversky", "categorical_generalized_cross_entropy", "precision_at_recall",
    "recall_at_precision", "sensitivity_at_specificity", "specificity_at_sensitivity",
)  # fmt: skip
BINARY = (  # where it is decided at 0.5 whether a probability means yes
    "binary_accuracy", "binary_io_u", "precision", "recall", "true_positives", "true_negatives", "false_positives",
    "false_negatives",
)  # fmt: skip


def check_optimizer(optimizer: Any) -> None:
    """Raise for what is no optimizer of Keras 3, and say what to take."""
    check_keras("optimizer", optimizer)
    if optimizer is None or isinstance(optimizer, keras.optimizers.Optimizer | dict):
        return
    advice = "keras.optimizers.Adam(3e-5)"
    if isinstance(optimizer, str):
        kinds = (value for value in vars(keras.optimizers).values() if isinstance(value, type))
        known = sorted(
            {kind.__name__.lower() for kind in kinds if "learning_rate" in inspect.signature(kind).parameters}
        )
        if optimizer.lower() not in known:
            raise unknown(N_("optimizer {name!r} is unknown{near}; known: {known}"), optimizer, known)
    elif isinstance(optimizer, type):
        raise spoken(
            ValueError,
            "optimizer is the class {name}, expected an object of it: {advice}",
            name=optimizer.__name__,
            advice=advice,
        )
    elif isinstance(optimizer, tuple | list):
        raise spoken(
            ValueError,
            "optimizer is a {kind} of {count}, expected one optimizer of Keras: {advice}; create_optimizer of "
            "transformers gives a schedule beside it, which is a learning rate here: keras.optimizers.AdamW(schedule)",
            kind=type(optimizer).__name__,
            count=len(optimizer),
            advice=advice,
        )
    else:
        library, name = type(optimizer).__module__.partition(".")[0], type(optimizer).__name__
        raise spoken(
            ValueError,
            "optimizer is {kind}, expected one of Keras: {advice}, or a name: 'adam'",
            kind=name if library == "builtins" else f"{library}.{name}",
            advice=advice,
        )


def check_keras(what: str, value: Any) -> None:
    """Raise ValueError for an object of Keras 2; both have the same names, and this version cannot use it."""
    kinds = (value if isinstance(value, type) else type(value)).__mro__
    if not any(kind.__module__.startswith(("tf_keras.", "tensorflow.python.keras.")) for kind in kinds):
        return
    name = kinds[0].__name__
    raise spoken(
        ValueError,
        "{what} {name} is of Keras 2 ({library}), the models are of Keras 3; try keras.{room}.{name}, after "
        "import keras{hint}",
        what=what,
        name=name,
        library=kinds[0].__module__.partition(".")[0],
        room={"optimizer": "optimizers", "loss": "losses", "callback": "callbacks"}.get(what, what),
        hint=legacy_hint(),
    )


def legacy_hint() -> str:
    if not os.environ.get("TF_USE_LEGACY_KERAS"):
        return ""
    return said("; TF_USE_LEGACY_KERAS makes tf.keras Keras 2: unset that environment variable and restart")


def checked_loss(model: Any, loss: Any) -> Any:
    """A loss as Keras takes it, None for the model's own; ValueError for one that takes logits for probabilities."""
    losses = keras.tree.flatten(loss)
    if all(one is None or is_own(model, one) for one in losses):
        return None
    if model.label_kind in ("objects", "characters"):
        raise no_order(model, "loss", loss)
    for one in losses:
        check_keras("loss", one)
        found = _find(keras.losses, one)
        if not model.label_kind or not takes_probabilities(found):
            continue
        mended = _with_logits(model, keras.losses, found)
        raise spoken(
            ValueError,
            "loss={loss} takes logits for probabilities, and {model} gives logits; leave loss out, and the model uses "
            "its own{hint}",
            loss=shown(one),
            model=type(model).__name__,
            hint=said(", or give loss={mended}", mended=mended) if mended else "",
        )
    if model.label_kind == "span" and not isinstance(loss, dict) and len(losses) == 1:
        return {"start_positions": losses[0], "end_positions": losses[0]}  # one loss for both ends of an answer
    return loss


def no_order(model: Any, what: str, given: Any) -> ValueError:
    """The error for a loss or metric of Keras, of a detector or of CTC."""
    if model.label_kind == "characters":
        return spoken(
            ValueError,
            "{what}={given} compares labels with outputs one by one, and no character has a frame of its own; leave it "
            "out: the model's own loss adds up all ways to place them, and a metric of your own sees them all: "
            "callbacks=[KerasMetricCallback(function, data)]",
            what=what,
            given=shown(given),
        )
    return spoken(
        ValueError,
        "{what}={given} compares labels with outputs one by one, and objects of a picture have no order; leave it out: "
        "the model's own loss pairs them, and a metric of your own sees them all: "
        "callbacks=[KerasMetricCallback(function, data)]",
        what=what,
        given=shown(given),
    )


def is_own(model: Any, loss: Any) -> bool:
    """Whether a loss is another name of the model's own, as in older scripts: loss=model.compute_loss."""
    if isinstance(loss, str):
        return loss in OWN
    return getattr(loss, "__self__", None) is model and loss.__name__ in ("compute_loss", "hf_compute_loss")


def checked_metrics(model: Any, metrics: Any, loss: Any) -> Any:
    """Metrics as Keras takes them; ValueError for one that takes logits for probabilities, or for labels."""
    for metric in keras.tree.flatten(metrics):
        check_keras("metrics", metric)
        if metric is None or not model.label_kind:
            continue
        if model.label_kind in ("objects", "characters"):
            raise no_order(model, "metrics", metric)
        advice = _instead(model, _find(keras.metrics, metric), loss)
        if advice:
            raise spoken(
                ValueError,
                "metrics={metric} needs probabilities, or labels, and {model} gives logits; try {advice}",
                metric=shown(metric),
                model=type(model).__name__,
                advice=advice,
            )
    if model.label_kind == "span" and isinstance(metrics, list | tuple) and all(isinstance(m, str) for m in metrics):
        return {"start_positions": list(metrics), "end_positions": list(metrics)} if metrics else metrics
    return metrics


def _instead(model: Any, metric: Any, loss: Any) -> str | None:
    """What to measure instead of a metric; None where it is right."""
    name = snake(metric)
    is_accuracy = name in ("accuracy", "acc")
    is_yes_or_no = not chooses_one(model)
    if model.config.num_labels == 1 and is_yes_or_no and not is_for_logits(loss):  # numbers, maybe probabilities
        return said("'mae', or for labels 0 and 1 keras.metrics.BinaryAccuracy()") if is_accuracy else None
    if is_accuracy and is_yes_or_no:
        return "keras.metrics.BinaryAccuracy(threshold=0.0)"
    if is_accuracy:
        return None if isinstance(metric, str) else "'accuracy'"
    threshold = getattr(metric, "threshold", getattr(metric, "init_thresholds", None))
    at_half = name in BINARY and threshold in (None, 0.5)
    mended = None
    if at_half and is_yes_or_no:
        option = "threshold" if name.startswith("binary") else "thresholds"
        mended = f"keras.metrics.{camel(keras.metrics, name)}({option}=0.0)"
    elif takes_probabilities(metric):
        mended = _with_logits(model, keras.metrics, metric)
    elif not at_half:
        return None
    return mended or said("'accuracy', or measure what predict gives: keras.ops.softmax(model.predict(data).logits)")


def chooses_one(model: Any) -> bool:
    """Whether a label is one of several, not a number or a yes or no for each of several."""
    if model.label_kind == "scores":
        return False
    is_class = model.label_kind == "class"
    return not is_class or (
        model.config.num_labels > 1 and model.config.problem_type in (None, "single_label_classification")
    )


def is_for_logits(loss: Any) -> bool:
    return any(getattr(one, "from_logits", False) for one in keras.tree.flatten(loss))


def takes_probabilities(value: Any) -> bool:
    """Whether a loss or metric expects numbers from 0 to 1, by its settings or where it has none by default."""
    if isinstance(value, partial):
        return not value.keywords.get("from_logits", not takes_probabilities(value.func))
    if isinstance(value, str):
        return value.lower() in ("crossentropy", "ce")
    for name in ("from_logits", "_from_logits"):
        if hasattr(value, name):
            return not getattr(value, name)
    told = getattr(value, "_fn_kwargs", {})
    if "from_logits" in told:
        return not told["from_logits"]
    function = getattr(value, "_fn", value)
    if not getattr(function, "__module__", "").startswith("keras."):
        return False
    if snake(function) in PROBABILITIES or not inspect.isfunction(function):
        return snake(function) in PROBABILITIES
    default = inspect.signature(function).parameters.get("from_logits")
    return default is not None and not default.default


def _find(library: Any, value: Any) -> Any:
    """A loss or a metric by its name, or ValueError with the nearest ones; what stands for several stays a name."""
    if not isinstance(value, str) or value.lower() in ("accuracy", "acc", "crossentropy", "ce"):
        return value
    try:
        return library.get(value)
    except (ValueError, TypeError):  # unknown, or a class that needs settings
        names = (word for word in vars(library) if word.islower() and not word.startswith("_"))
        known = [word for word in names if word not in ("deserialize", "get", "serialize")]
        if library is keras.losses:
            raise unknown(N_("loss {name!r} is unknown{near}; known: {known}"), value, known) from None
        raise unknown(N_("metric {name!r} is unknown{near}; known: {known}"), value, ["accuracy", *known]) from None


def _with_logits(model: Any, library: Any, value: Any) -> str | None:
    """The same loss or metric for logits, as one writes it, where there is one that fits the labels of a model."""
    several = "sparse_categorical" if chooses_one(model) else "binary"
    name = f"{several}_crossentropy" if isinstance(value, str) else snake(value)  # a name that stands for several
    if name in PROBABILITIES or (chooses_one(model) and (name == "auc" or name.startswith("binary_"))):
        return None
    kind = camel(library, name)
    return kind and f"keras.{library.__name__.rpartition('.')[2]}.{kind}(from_logits=True)"


def snake(value: Any) -> str:
    """The name of a loss or metric as it is written for compile: that of a class, an object or a function."""
    if isinstance(value, partial):
        value = value.func
    name = value if isinstance(value, str) else getattr(value, "__name__", type(value).__name__)
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def camel(library: Any, name: str) -> str | None:
    """The class of a library of Keras whose name is that, or None."""
    return next(
        (word for word, value in vars(library).items() if isinstance(value, type) and snake(word) == name), None
    )


def shown(value: Any) -> str:
    """A loss or metric as it was given, without an address in memory."""
    if isinstance(value, str):
        return repr(value)
    value = getattr(value, "func", value)
    return getattr(value, "__name__", None) or f"{type(value).__name__}()"
