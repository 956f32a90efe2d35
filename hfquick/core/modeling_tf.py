"""What all Keras models share: weight initialisation, tying, loading, saving, resizing of the vocabulary.

Twin in PyTorch: modeling.py. The models are in models/, their losses in losses_tf.py, their training is in
trainable_tf.py. Gradient checkpointing and the property `device` exist in PyTorch only, and `dtype` is Keras's own.

Keras keeps some names for itself: it takes an argument that ends in `mask` for a mask of its own, and `output` for what
a layer gave. In all Keras files such names end in an underscore: `mask_`, `encoder_mask_`, `output_`.
"""

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import optree
import tensorflow as tf
from keras import layers

from ..hub.push import PushToHubMixin
from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import N_, said, spoken
from ..i18n import gettext as _
from ..image_processing.features import BatchFeature
from ..tokenization import BatchEncoding
from ..utils.errors import unknown
from ..utils.files import one_save, whole_file
from ..utils.notices import say_once
from ..utils.seeds import seed_late
from .calling_tf import by_name, check_inputs
from .checks import check_vocabulary, config_of, id_out_of_range, no_config, too_long, unknown_input, vocabulary_size
from .configuration import PreTrainedConfig
from .hooks import ModelHooks
from .memory import check_memory
from .outputs import ModelOutput
from .pictures import nothing_read
from .trainable_tf import TrainableModel
from .weights import SAFETENSORS, Weights, open_weights
from .weights_matching import Match, OwnHead, announce, check_before, check_repeats, match, part, untied
from .weights_tf import RULES, Initial, Slot, all_layers, init_empty_weights, is_empty_init, is_same, read_finite, slots

seed_late(tf)

if keras.backend.backend() != "tensorflow":
    raise spoken(
        ImportError,
        "Keras runs on {backend!r} here, the TF classes need 'tensorflow'; set the environment variable "
        "KERAS_BACKEND to it and restart",
        backend=keras.backend.backend(),
    )

if os.environ.get("TF_USE_LEGACY_KERAS", "").lower() in ("1", "true"):  # set for older scripts
    say_once(
        _(
            "TF_USE_LEGACY_KERAS makes tf.keras Keras 2, and models are of Keras 3: take optimizers from import keras, "
            "or unset that environment variable and restart"
        )
    )

OURS = f"{__package__.partition('.')[0]}.models."  # where the calls are that the checks of inputs know

ACTIVATIONS = {
    "gelu": partial(keras.activations.gelu, approximate=False),
    "gelu_new": partial(keras.activations.gelu, approximate=True),
    "gelu_pytorch_tanh": partial(keras.activations.gelu, approximate=True),
    "relu": keras.activations.relu,
    "silu": keras.activations.silu,
    "swish": keras.activations.silu,
    "tanh": keras.activations.tanh,
}


def show_keras(kind: type, make: Callable[[dict], Any]) -> None:
    """Let Keras look inside a class that has keys; it would take it for one value."""

    def parts(value: Any) -> tuple:
        keys = tuple(value.keys())
        return tuple(value[key] for key in keys), keys, keys

    def whole(keys: Any, values: Any) -> Any:
        return make(dict(zip(keys, values, strict=True)))

    with suppress(ValueError):  # this module was reloaded, and Keras knows the class already
        optree.register_pytree_node(kind, parts, whole, namespace="keras")


show_keras(BatchEncoding, dict)
show_keras(BatchFeature, dict)
for _kind in ModelOutput.__subclasses__():
    show_keras(_kind, lambda values, kind=_kind: kind(**values))  # type: ignore[misc]


def activation(name: str) -> Callable:
    """The activation function that a configuration names, or ValueError with the nearest names."""
    if name not in ACTIVATIONS:
        raise unknown(N_("activation {name!r} is unknown{near}; known: {known}"), name, ACTIVATIONS)
    return ACTIVATIONS[name]


class LMHead(layers.Layer):
    """Vocabulary projection: vectors (..., D) -> logits (..., V), a Dense layer that may be tied to an embedding."""

    def __init__(self, units: int, use_bias: bool = True) -> None:
        super().__init__()
        self.units, self.use_bias = units, use_bias
        self._table: Callable[[], layers.Embedding] | None = None

    def tie(self, table: layers.Embedding) -> None:
        self._table = lambda: table  # a function, so that Keras does not count the layer as a part of this one

    def build(self, input_shape: tuple) -> None:
        if self._table is None:
            self._weight = self.add_weight(
                name="weight", shape=(self.units, input_shape[-1]), initializer=self.weight_initializer
            )
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer=self.bias_initializer)

    @property
    def weight(self) -> keras.Variable:
        return self._weight if self._table is None else self._table().embeddings

    def call(self, x: tf.Tensor) -> tf.Tensor:
        rows = tf.reshape(x, (-1, x.shape[-1]))
        logits = tf.matmul(rows, tf.cast(self.weight, x.dtype), transpose_b=True)
        if self.use_bias:
            logits += self.bias
        return tf.reshape(logits, tf.concat([tf.shape(x)[:-1], [self.units]], 0))


RULES[LMHead] = {"weight": ("weight", None), "bias": ("bias", None)}


class TFPreTrainedModel(PushToHubMixin, ModelHooks, TrainableModel):
    """A keras.Model that can be loaded from and saved to the Hub's file layout."""

    config_class: ClassVar[type[PreTrainedConfig]] = PreTrainedConfig
    base_model_prefix: ClassVar[str] = ""  # attribute that holds the bare model inside models with a head
    main_input_name: ClassVar[str] = "input_ids"
    TIED: ClassVar[dict[str, str]] = {}  # parameter -> the one it shares when config.tie_word_embeddings
    OPTIONAL: ClassVar[tuple[str, ...]] = ()  # parts of the bare model that a checkpoint may lack
    BUFFERS: ClassVar[tuple[str, ...]] = ()  # how names of constants end that old files hold and no model needs
    ZEROS: ClassVar[tuple[str, ...]] = ()  # missing keys that silently default to zero
    INPUT_EMBEDDINGS: ClassVar[str] = ""  # layer of the bare model: the table of token embeddings
    OUTPUT_EMBEDDINGS: ClassVar[str] = ""  # layer of a language-modeling head: the vocabulary projection
    OUTPUT_BIAS: ClassVar[str] = ""  # its bias, where it has one: an entry for each token
    TIED_IS_SCALED: ClassVar[bool] = False  # whether a tied head computes something else than one of its own
    # What its labels are: "class", "token", "span", "words", "scores", "objects", "characters"; "" without labels.
    label_kind: ClassVar[str] = ""
    origin: str | None = None  # id of the model its weights were loaded from, None for new ones and for folders
    config: PreTrainedConfig
    _inputs_known: ClassVar[list[str]]  # what inputs_known found for this class

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__()
        if not isinstance(config, self.config_class):
            raise no_config(type(self).__name__, self.config_class.__name__, config)
        self.config = config

    def post_init(self) -> None:
        """Initialise layers that are new, tie what is shared, build: the last line of __init__."""
        for layer in all_layers(self):
            if not getattr(layer, "_has_initial_weights", False):
                self.init_weights(layer)
                layer._has_initial_weights = True
        self.tie_weights()
        if not is_empty_init():
            self.build_weights()

    def init_weights(self, module: layers.Layer) -> None:
        """Initialise one layer: normal matrices, zero biases."""

        def normal() -> Initial:
            return Initial(keras.initializers.RandomNormal(stddev=self.config.initializer_range))

        if isinstance(module, layers.Dense | layers.Conv2D):
            module.kernel_initializer, module.bias_initializer = normal(), Initial("zeros")
        elif isinstance(module, layers.Embedding):
            module.embeddings_initializer = normal()
        elif isinstance(module, layers.LayerNormalization):
            module.gamma_initializer, module.beta_initializer = Initial("ones"), Initial("zeros")
        elif isinstance(module, LMHead):
            module.weight_initializer, module.bias_initializer = normal(), Initial("zeros")

    def tie_weights(self) -> None:
        for name, source in self.tied().items():
            layer, table = (self.get_submodule(path.rpartition(".")[0]) for path in (name, source))
            if layer is not table:
                layer.tie(table)

    def tied(self) -> dict[str, str]:
        return self.TIED if self.config.tie_word_embeddings else {}

    def get_submodule(self, path: str) -> layers.Layer:
        """The layer at a path of attributes, "cls.predictions"."""
        layer: Any = self
        for name in path.split("."):
            layer = layer[int(name)] if name.isdigit() else getattr(layer, name)
        return layer

    def build_weights(self) -> None:
        """Make all variables, by tracing one call: nothing is computed."""
        for layer in all_layers(self):
            if type(layer).build in (layers.Layer.build, keras.Model.build):
                layer.built = (
                    True  # it has no variables to make but its parts'; Keras would trace every level by itself
                )
        self.compute_output_spec(**self.symbolic_inputs())

    def symbolic_inputs(self) -> dict[str, keras.KerasTensor]:
        """What a call needs at least, as symbols: token ids of any shape, pictures of any size, recordings."""
        known = self.inputs_known()
        inputs = {
            name: keras.KerasTensor((None, None), "int32")
            for name in (self.main_input_name, "input_ids", "decoder_input_ids")
            if name in known
        }
        if "pixel_values" in known:
            inputs["pixel_values"] = keras.KerasTensor((None, self.config.num_channels, None, None), "float32")
        if "input_values" in known:
            inputs["input_values"] = keras.KerasTensor((None, None), "float32")
        return inputs

    @property
    def base_model(self) -> keras.Model:
        """The model without its head."""
        return getattr(self, self.base_model_prefix, self)

    def get_input_embeddings(self) -> layers.Embedding:
        """The table of token embeddings, (V, D); of others the layer that makes vectors of pictures or recordings."""
        return self.get_submodule(self._inside() + self.INPUT_EMBEDDINGS)

    def get_output_embeddings(self) -> LMHead | None:
        """The vocabulary projection of a language-modeling head, (V, D); None where there is no such head."""
        return self.get_submodule(self.OUTPUT_EMBEDDINGS) if self.OUTPUT_EMBEDDINGS else None

    def _inside(self) -> str:
        """How paths of layers of the bare model start."""
        return "" if self.base_model is self else f"{self.base_model_prefix}."

    def resize_token_embeddings(
        self, new_num_tokens: int | None = None, pad_to_multiple_of: int | None = None
    ) -> layers.Embedding:
        """Give the model a vocabulary of another size, after tokenizer.add_tokens; returns the token embeddings.

        Rows of old tokens stay as they are, the last ones go when the vocabulary shrinks. A language-modeling head and
        its bias follow, ties stay ties, and so does config.vocab_size. New rows start as the mean of the old ones, as
        in transformers: a randomly initialised row may get a larger logit than all trained ones, and the model would
        then generate little else (https://nlp.stanford.edu/~johnhew/vocab-expansion.html).

        In Keras a variable cannot change its shape, so it gets a new TensorFlow variable, and what was compiled for
        the old one is dropped. A model that was trained already must be compiled again, with a new optimizer: the
        states of the old one have the old shape. Make tf.functions and pipelines after this call, too.

        Args:
            new_num_tokens: size of the vocabulary, len(tokenizer) for instance; None keeps it.
            pad_to_multiple_of: round the size up, to 64 for instance, which GPUs multiply faster.

        Raises ValueError for a size that the model cannot have.
        """
        check_vocabulary(self)
        table = self.get_input_embeddings()
        old, width = table.embeddings.shape
        new = vocabulary_size(old, new_num_tokens, pad_to_multiple_of, self.config.pad_token_id)
        if new == old:
            return table
        size = tf.as_dtype(table.embeddings.dtype).size
        check_memory(2 * new * width * size, said("a vocabulary of {count} tokens", count=new))
        tied, ours = self.tied(), slots(self)
        tables = [f"{path}.weight" for path in (self._inside() + self.INPUT_EMBEDDINGS, self.OUTPUT_EMBEDDINGS) if path]
        with self.distribute_strategy.scope():
            for name in (*tables, self.OUTPUT_BIAS):
                if name and name not in tied:
                    resize(ours[name].variable, new, axis=-1 if name == self.OUTPUT_BIAS else 0)
        for layer in all_layers(self):
            if isinstance(layer, layers.Embedding):
                layer.input_dim = int(layer.embeddings.shape[0])
            elif isinstance(layer, LMHead):
                layer.units = int(layer.weight.shape[0])
        self.config.vocab_size = new
        self._forget_compiled()
        return table

    def _forget_compiled(self) -> None:
        """Drop functions that TensorFlow traced with the old variables, and an optimizer with states for them."""
        self.train_function = self.test_function = self.predict_function = None
        for name, value in list(vars(self).items()):
            if isinstance(value, tf.types.experimental.PolymorphicFunction):  # generate keeps its step on the model
                object.__delattr__(self, name)
        optimizer = getattr(self, "optimizer", None)
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        if optimizer is not None and optimizer.built:
            optimizer.is_outgrown = True
            self.optimizer, self.compiled = None, False

    def make_train_function(self, force: bool = False) -> Any:
        """As in Keras, but not with an optimizer whose states are those of another vocabulary."""
        optimizer = getattr(self.optimizer, "inner_optimizer", self.optimizer)  # mixed_float16 wraps it
        if getattr(optimizer, "is_outgrown", False):
            raise spoken(
                ValueError,
                "the token embeddings were resized, and this optimizer has states of the old size for them; "
                "compile the model with a new one: model.compile(keras.optimizers.Adam(3e-5))",
            )
        return super().make_train_function(force)

    def __dir__(self) -> list[str]:
        return [
            name for name in super().__dir__() if name != "base_model"
        ]  # Keras saves all it finds here, and would go in circles

    def num_parameters(self, only_trainable: bool = False) -> int:
        """Number of parameters, shared ones counted once."""
        variables = self.trainable_weights if only_trainable else self.weights
        return sum(int(np.prod(variable.shape)) for variable in variables)

    @classmethod
    def from_config(cls, config: PreTrainedConfig | dict, custom_objects: dict | None = None) -> "TFPreTrainedModel":
        """A new model, randomly initialised: it must be trained before its results mean anything.

        Keras calls this too, with what get_config gave, to load a .keras file.
        """
        if isinstance(config, dict):
            with dtype_policy(config.get("dtype")):
                model = cls.from_config(cls.config_class(**config["config"]))
            model.name, model.trainable = config.get("name", model.name), config.get("trainable", True)
            return model
        with init_empty_weights():
            model = cls(config)
            model.build_weights()  # costs nothing, and tells the size before memory is asked for
            size = sum(int(np.prod(variable.shape)) * tf.as_dtype(variable.dtype).size for variable in model.weights)
            check_memory(size, said("{model} with this configuration", model=cls.__name__))
        return model

    @classmethod
    def from_pretrained(
        cls,
        name: str | os.PathLike,
        *,
        config: PreTrainedConfig | None = None,
        from_pt: bool = False,
        from_tf: bool = False,
        dtype: str | None = None,
        torch_dtype: str | None = None,
        ignore_mismatched_sizes: bool = False,
        **options: Any,
    ) -> "TFPreTrainedModel":
        """Load a model from a folder, the zoo or the Hub, ready for inference (dropout off).

        Args:
            name: a folder, "hfquick/<name>", or an id of the Hub.
            from_pt: prefer the weights that PyTorch wrote, where a repository has both; from_tf: those of TensorFlow.
            dtype: "float32" (default, or Keras's policy), "bfloat16", "float16", or "auto" for that of the file;
                torch_dtype is its old name.
            ignore_mismatched_sizes: a head of another size starts untrained instead of raising.
            options: where to look (revision, token, cache_dir, local_files_only, subfolder, force_download), then
                fields of the configuration to override (num_labels=3).

        Raises HubError when it cannot be found, WeightsError when the weights do not fit, ValueError for unknown
        options.
        """
        return cls.from_repo(
            open_repo(name, **take_hub_options(options)),
            config=config,
            from_pt=from_pt,
            from_tf=from_tf,
            dtype=dtype,
            torch_dtype=torch_dtype,
            ignore_mismatched_sizes=ignore_mismatched_sizes,
            **options,
        )

    @classmethod
    def from_repo(
        cls,
        repo: Repo,
        *,
        config: PreTrainedConfig | None = None,
        from_pt: bool = False,
        from_tf: bool = False,
        dtype: str | None = None,
        torch_dtype: str | None = None,
        ignore_mismatched_sizes: bool = False,
        **overrides: Any,
    ) -> "TFPreTrainedModel":
        """The same from an opened repository; `overrides` are fields of the configuration."""
        config = config_of(cls.config_class, repo, config, overrides)
        wanted = find_dtype(dtype if dtype is not None else torch_dtype)
        weights = open_weights(repo, "np", from_tf=from_tf, from_pt=from_pt)
        if wanted == "auto":
            wanted = weights.main_dtype()
        check_before(config, weights, str(repo.id))
        asked, head = "tie_word_embeddings" in overrides, f"{cls.OUTPUT_EMBEDDINGS}.weight"
        try:
            with dtype_policy(wanted), init_empty_weights():
                model = cls(config)
                model.build_weights()
                shapes = {key: slot.shape for key, slot in slots(model).items()}
                found = match(
                    shapes,
                    weights,
                    where=str(repo.id),
                    prefix=cls.base_model_prefix,
                    is_base=not hasattr(model, cls.base_model_prefix),
                    tied=model.tied(),
                    aliases=model.aliases(shapes),
                    optional=cls.OPTIONAL,
                    buffers=cls.BUFFERS,
                    ignore_mismatched_sizes=ignore_mismatched_sizes,
                )
                check_repeats(found, weights, where=str(repo.id), head=head, scaled=cls.TIED_IS_SCALED, asked=asked)
                model.fill(found, weights, str(repo.id))
        except OwnHead:
            return cls.from_repo(
                repo,
                config=untied(config, str(repo.id), head),
                from_pt=from_pt,
                from_tf=from_tf,
                dtype=dtype,
                torch_dtype=torch_dtype,
                ignore_mismatched_sizes=ignore_mismatched_sizes,
            )
        weights.close()
        model.check_filled(found)
        model.complete(found, str(repo.id))
        announce(found, str(repo.origin or repo.id), cls.ZEROS)  # a stand-in by its own name
        model.read_more(repo)
        model.origin = repo.origin
        return model

    def fill(self, found: Match, weights: Weights, where: str = "") -> None:
        """Tell each variable where its first value is; it reads it when it is made, so no second copy ever exists."""
        ours = slots(self)
        for name, in_file in found.source.items():
            slot = ours[name]
            assert slot.initial is not None, f"{name}: a layer of the models has initial values of its own"
            slot.initial.read = partial(read_finite, slot, weights, in_file, where)

    def check_filled(self, found: Match) -> None:
        """Every variable has its value from the file, or was announced as new."""
        ours = slots(self)
        left = [name for name in found.source if not getattr(ours[name].initial, "filled", False)]
        unknown = {id(variable) for variable in self.weights} - {id(slot.variable) for slot in ours.values()}
        assert not left, f"not filled from the file: {left}"
        assert not unknown, f"not known under a torch name: {unknown}"

    def save_pretrained(self, folder: str | os.PathLike) -> None:
        """Write config.json and model.safetensors, which both frameworks and transformers load.

        Tied tensors are written once; a head that was parted from the embeddings is written as its own, with
        tie_word_embeddings=False. All files are replaced together, so a failed save leaves the old model as it was.
        Raises OSError where the folder cannot be written, TypeError or ValueError for what config.json cannot hold.
        """
        from safetensors.numpy import save_file

        state = self._to_save(slots(self))
        self.config.architectures = [type(self).__name__.removeprefix("TF")]
        self.config.dtype = keras.backend.standardize_dtype(self.dtype)
        with one_save(folder, last=SAFETENSORS):
            self.config.save_pretrained(folder)
            self.save_more(folder)
            with whole_file(Path(folder) / SAFETENSORS) as path:
                save_file(state, path, metadata={"format": "pt"})

    def _to_save(self, whole: dict[str, Slot]) -> dict[str, np.ndarray]:
        """The tensors for the file: what is tied once, what was parted by its user as its own."""
        head = f"{self.OUTPUT_EMBEDDINGS}.weight"
        for name, source in self.tied().items():
            if name in whole and source in whole and not is_same(whole[name], whole[source]):
                part(self.config, type(self).__name__, name, source, is_head=name == head and not self.TIED_IS_SCALED)
        tied = self.tied()
        return {name: slot.to_torch() for name, slot in whole.items() if name not in tied}

    # What Keras asks of a model.

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call with tensors by name or position, or with one batch: a dict or a list of them.

        return_dict=False asks for a plain tuple.
        """
        wants_names = kwargs.pop("return_dict", None) is not False
        known, kwargs = self.inputs_known(), by_name(self, args, kwargs)
        for name in kwargs:
            if name not in known:
                raise unknown_input(type(self).__name__, name, known)
        if type(self).call.__module__.startswith(OURS):  # a model of a learner's own may take anything
            check_inputs(self, kwargs)
        outputs = super().__call__(**kwargs)
        return outputs if wants_names else outputs.to_tuple()

    @classmethod
    def inputs_known(cls) -> list[str]:
        """Names of the arguments of a call."""
        if "_inputs_known" not in vars(cls):
            cls._inputs_known = list(inspect.signature(cls.call).parameters)[1:]
        return cls._inputs_known


def resize(variable: keras.Variable, count: int, axis: int) -> None:
    """Give a variable `count` entries along one axis: the first ones stay as they are, new ones are their mean."""
    value = variable.numpy()
    old = value.shape[axis]
    if count > old:
        mean = value.astype("float32").mean(axis, keepdims=True).astype(value.dtype)
        value = np.concatenate([value, np.repeat(mean, count - old, axis)], axis)
    else:
        value = np.take(value, range(count), axis)
    # Keras has no public way. The object stays the same, so what is tied stays tied, and no layer must be told.
    variable._shape = value.shape
    variable._initialize(value)


def find_dtype(dtype: Any) -> str | None:
    """A name, or a dtype of any framework -> its name; None means Keras's policy, "auto" that of the file."""
    known = ["auto", "float32", "bfloat16", "float16", "float64"]
    name = dtype if dtype is None else getattr(dtype, "name", None) or str(dtype).removeprefix("torch.")
    if name is not None and name not in known:
        raise unknown(N_("dtype {name!r} is unknown{near}; known: {known}"), dtype, known)
    return name


@contextmanager
def dtype_policy(name: str | None) -> Iterator[None]:
    """Layers made in this block compute in the type `name`; None leaves Keras's policy as the user set it."""
    before = keras.config.dtype_policy()
    try:
        if name is not None:
            keras.config.set_dtype_policy(name)
        yield
    finally:
        keras.config.set_dtype_policy(before)


def check_length(length: int | tf.Tensor, longest: int) -> None:
    """Raise ValueError for a text with more tokens than the model has positions (where the length is known)."""
    if isinstance(length, int) and length > longest:
        raise too_long(length, longest)


def check_ids(ids: tf.Tensor | None, count: int, what: str) -> None:
    """Raise ValueError for ids outside 0..count-1 (on the CPU, where looking costs nothing; not when compiled).

    None is not checked.
    """
    if ids is None:
        return
    if not ids.dtype.is_integer:
        raise spoken(
            ValueError,
            "{what}s are {dtype} numbers, expected whole numbers; a tokenizer makes them",
            what=said(what),
            dtype=ids.dtype.name,
        )
    if tf.executing_eagerly() and "GPU" not in ids.device and ids.shape.num_elements():
        low, high = int(ids.numpy().min()), int(ids.numpy().max())
        if low < 0 or high >= count:
            raise id_out_of_range(what, low if low < 0 else high, count)


def check_read(counts: tf.Tensor) -> None:
    """Raise ValueError for a picture of which nothing is read (on the CPU): `counts` (B,) has how many patches are."""
    if tf.executing_eagerly() and "GPU" not in counts.device and not counts.numpy().all():
        raise nothing_read(counts.numpy().tolist().index(0))
