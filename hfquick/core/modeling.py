"""What all PyTorch models share: weight initialisation, tying, loading, saving, resizing of the vocabulary.

Twin in Keras: modeling_tf.py. The models themselves are in models/, their losses in losses.py.
"""

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ..cpu.looking import is_plain, may_look
from ..cpu.speed_up import speed_up
from ..hub.push import PushToHubMixin
from ..hub.repository import Repo, open_repo, take_hub_options
from ..i18n import N_, said, spoken
from ..utils.errors import unknown
from ..utils.files import one_save, whole_file
from ..utils.seeds import seed_late
from .calling import check_inputs, elsewhere, for_tracer, show_torch, without_gpu
from .checks import check_vocabulary, config_of, id_out_of_range, no_config, too_long, unknown_input, vocabulary_size
from .configuration import PreTrainedConfig
from .hooks import ModelHooks
from .memory import check_memory
from .outputs import ModelOutput
from .pictures import nothing_read
from .weights import SAFETENSORS, Weights, open_weights
from .weights_matching import Match, OwnHead, announce, check_before, check_repeats, match, not_finite, part, untied

seed_late(torch)

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "gelu": nn.GELU,
    "gelu_new": partial(nn.GELU, "tanh"),
    "gelu_pytorch_tanh": partial(nn.GELU, "tanh"),
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "swish": nn.SiLU,
    "tanh": nn.Tanh,
}


def activation(name: str) -> nn.Module:
    """The activation function that a configuration names, or ValueError with the nearest names."""
    if name not in ACTIVATIONS:
        raise unknown(N_("activation {name!r} is unknown{near}; known: {known}"), name, ACTIVATIONS)
    return ACTIVATIONS[name]()  # one for each layer, so that a hook on it sees that layer alone


class _SkipInit(TorchFunctionMode):
    """Within, the functions of torch.nn.init do nothing."""

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if getattr(func, "__module__", "") == "torch.nn.init":  # first argument: the tensor
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


@contextmanager
def init_empty_weights() -> Iterator[None]:
    """Models built in this block have names and shapes, but no values and no memory: they are on the meta device.

    Initialisation would import torch's compiler there, several seconds for nothing, so it is skipped.
    """
    with torch.device("meta"), _SkipInit():
        yield


OURS = f"{__package__.partition('.')[0]}.models."  # where the forward passes are that the checks of inputs know

for _kind in ModelOutput.__subclasses__():
    show_torch(_kind)


class PreTrainedModel(PushToHubMixin, ModelHooks, nn.Module):
    """A torch.nn.Module that can be loaded from and saved to the Hub's file layout."""

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
        """Initialise modules that are new, tie what is shared: the last line of __init__."""
        self.apply(self._init_once)  # children first, so that a parent may set what one of them holds
        self.tie_weights()

    def _init_once(self, module: nn.Module) -> None:
        if not getattr(module, "_has_initial_weights", False):
            self.init_weights(module)
            module._has_initial_weights = True  # type: ignore[assignment]  # torch types tensors and modules alone

    def init_weights(self, module: nn.Module) -> None:
        """Initialise one module: normal matrices, zero biases, and nothing on the meta device."""
        if isinstance(module, nn.Linear | nn.Conv2d | nn.Embedding) and not module.weight.is_meta:
            nn.init.normal_(module.weight, std=self.config.initializer_range)
            if isinstance(module, nn.Linear | nn.Conv2d) and module.bias is not None:
                nn.init.zeros_(module.bias)
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                module.weight.data[module.padding_idx].zero_()
        elif isinstance(module, nn.LayerNorm) and not module.weight.is_meta:
            module.reset_parameters()

    def tie_weights(self) -> None:
        for name, source in self.tied().items():
            module, _, attribute = name.rpartition(".")
            setattr(self.get_submodule(module), attribute, self.get_parameter(source))

    def tied(self) -> dict[str, str]:
        return self.TIED if self.config.tie_word_embeddings else {}

    @property
    def base_model(self) -> nn.Module:
        """The model without its head."""
        return getattr(self, self.base_model_prefix, self)

    def get_input_embeddings(self) -> nn.Embedding:
        """The table of token embeddings, (V, D); of others the layer that makes vectors of pictures or recordings."""
        # A cast, since what is found by its name may be any module to torch's types.
        return cast("nn.Embedding", self.base_model.get_submodule(self.INPUT_EMBEDDINGS))

    def get_output_embeddings(self) -> nn.Linear | None:
        """The vocabulary projection of a language-modeling head, (V, D); None where there is no such head."""
        # A cast for the same reason.
        return cast("nn.Linear", self.get_submodule(self.OUTPUT_EMBEDDINGS)) if self.OUTPUT_EMBEDDINGS else None

    def resize_token_embeddings(
        self, new_num_tokens: int | None = None, pad_to_multiple_of: int | None = None
    ) -> nn.Embedding:
        """Give the model a vocabulary of another size, after tokenizer.add_tokens; returns the token embeddings.

        Rows of old tokens stay as they are, the last ones go when the vocabulary shrinks. A language-modeling head and
        its bias follow, ties stay ties, and so does config.vocab_size. New rows start as the mean of the old ones, as
        in transformers: a randomly initialised row may get a larger logit than all trained ones, and the model would
        then generate little else (https://nlp.stanford.edu/~johnhew/vocab-expansion.html).

        The resized parameters are new objects: make the optimizer after this call. One that was made before keeps its
        states for all other parameters, and no longer trains these.

        Args:
            new_num_tokens: size of the vocabulary, len(tokenizer) for instance; None keeps it.
            pad_to_multiple_of: round the size up, to 64 for instance, which GPUs multiply faster.

        Raises ValueError for a size that the model cannot have.
        """
        check_vocabulary(self)
        table = self.get_input_embeddings()
        old, width = table.weight.shape
        new = vocabulary_size(old, new_num_tokens, pad_to_multiple_of, self.config.pad_token_id)
        if new == old:
            return table
        check_memory(2 * new * width * table.weight.element_size(), said("a vocabulary of {count} tokens", count=new))
        tied, inside = self.tied(), "" if self.base_model is self else f"{self.base_model_prefix}."
        tables = [f"{path}.weight" for path in (inside + self.INPUT_EMBEDDINGS, self.OUTPUT_EMBEDDINGS) if path]
        values = {**dict(self.named_parameters(remove_duplicate=False)), **dict(self.named_buffers())}
        for name in (*tables, self.OUTPUT_BIAS):
            if name and name not in tied:
                self._put(name, resized(values[name].detach(), new, dim=-1 if name == self.OUTPUT_BIAS else 0))
        self.tie_weights()
        for module in self.modules():
            if isinstance(module, nn.Embedding):
                module.num_embeddings = len(module.weight)
            elif isinstance(module, nn.Linear):
                module.out_features = len(module.weight)
        self.config.vocab_size = new
        return table

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    @property
    def dtype(self) -> torch.dtype:
        return next(parameter.dtype for parameter in self.parameters() if parameter.is_floating_point())

    @property
    def name_or_path(self) -> str:
        """What the configuration was loaded from; empty for a new one."""
        return self.config.name_or_path

    @property
    def num_labels(self) -> int:
        """Number of labels of the configuration."""
        return self.config.num_labels

    def get_memory_footprint(self) -> int:
        """Bytes of all parameters and buffers, shared ones counted once."""
        return sum(tensor.numel() * tensor.element_size() for tensor in (*self.parameters(), *self.buffers()))

    def to(self, *args: Any, **kwargs: Any) -> Any:
        """Move to a device or dtype, as any module of torch; RuntimeError or AssertionError where there is no GPU."""
        try:
            return super().to(*args, **kwargs)
        except (AssertionError, RuntimeError) as error:
            reason = without_gpu(error)
            if reason is None:
                raise
            raise reason from error

    def cuda(self, device: Any = None) -> Any:
        """Move to a GPU; the same errors."""
        return self.to(
            "cuda" if device is None else torch.device("cuda", device) if isinstance(device, int) else device
        )

    @property
    def is_gradient_checkpointing(self) -> bool:
        """Whether activations are recomputed in the backward pass."""
        lists = (module for module in self.modules() if isinstance(module, nn.ModuleList))
        return any("forward" in vars(layer) for layers in lists for layer in layers)

    def gradient_checkpointing_enable(self, gradient_checkpointing_kwargs: dict[str, Any] | None = None) -> None:
        """Keep only the input of each layer; its activations are recomputed in the backward pass.

        Less memory, a third more time (Chen et al. 2016, https://arxiv.org/abs/1604.06174). The one option that is
        taken is use_reentrant=False, which is what is done anyway.
        """
        if gradient_checkpointing_kwargs not in (None, {}, {"use_reentrant": False}):
            raise spoken(
                ValueError,
                "gradient_checkpointing_kwargs is {given!r}; activations are recomputed with use_reentrant=False, "
                "which torch recommends: leave it out",
                given=gradient_checkpointing_kwargs,
            )
        for layers in (module for module in self.modules() if isinstance(module, nn.ModuleList)):
            for layer in layers:
                if "forward" not in vars(layer):  # else it is enabled already
                    layer.forward = partial(_checkpointed_forward, layer, type(layer).forward)

    def gradient_checkpointing_disable(self) -> None:
        """Keep everything again."""
        for layers in (module for module in self.modules() if isinstance(module, nn.ModuleList)):
            for layer in layers:
                vars(layer).pop("forward", None)

    def num_parameters(self, only_trainable: bool = False) -> int:
        """Number of parameters, shared ones counted once."""
        return sum(
            parameter.numel() for parameter in self.parameters() if parameter.requires_grad or not only_trainable
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call with tensors by name or position: model(**batch); return_dict=False asks for a plain tuple."""
        if not is_plain():
            outputs = self._outputs(*args, **kwargs)
            return for_tracer(self, outputs) if torch.jit.is_tracing() else outputs
        known = self.inputs_known()
        for name in kwargs:
            if known and name not in known and name != "return_dict":
                raise unknown_input(type(self).__name__, name, known)
        given = {**dict(zip(known, args, strict=False)), **kwargs}
        if cast("Any", type(self)).forward.__module__.startswith(OURS):  # one of a learner's own may take anything
            check_inputs(self, given)
        try:
            return self._outputs(*args, **kwargs)
        except RuntimeError as error:
            reason = elsewhere(self, given)
            if reason is None:
                raise
            raise reason from error

    def _outputs(self, *args: Any, return_dict: bool | None = None, **kwargs: Any) -> Any:
        """What the forward pass returns, as a tuple where return_dict=False was given."""
        if return_dict is not None and "return_dict" in (self.inputs_known() or ["return_dict"]):
            kwargs["return_dict"] = return_dict  # a forward of a learner's own takes it
        outputs = super().__call__(*args, **kwargs)
        return outputs.to_tuple() if return_dict is False and isinstance(outputs, ModelOutput) else outputs

    @classmethod
    def inputs_known(cls) -> list[str]:
        """Names of the arguments of a call; none are listed for a forward that takes any."""
        if "_inputs_known" not in vars(cls):
            parameters = list(inspect.signature(cls.forward).parameters.values())[1:]
            takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters)
            cls._inputs_known = [] if takes_any else [each.name for each in parameters]
        return cls._inputs_known

    @classmethod
    def from_config(cls, config: PreTrainedConfig) -> "PreTrainedModel":
        """A new model, randomly initialised: it must be trained before its results mean anything."""
        with init_empty_weights():  # costs nothing, and tells the size before memory is asked for
            count = cls(config).num_parameters()
        check_memory(count * 4, said("{model} with this configuration", model=cls.__name__))
        return cls(config)

    @classmethod
    def from_pretrained(
        cls,
        name: str | os.PathLike,
        *,
        config: PreTrainedConfig | None = None,
        from_tf: bool = False,
        from_pt: bool = False,
        dtype: str | torch.dtype | None = None,
        torch_dtype: str | torch.dtype | None = None,
        ignore_mismatched_sizes: bool = False,
        **options: Any,
    ) -> "PreTrainedModel":
        """Load a model from a folder, the zoo or the Hub, ready for inference (dropout off).

        Args:
            name: a folder, "hfquick/<name>", or an id of the Hub.
            from_tf: prefer the weights that TensorFlow wrote, where a repository has both; from_pt: those of PyTorch.
            dtype: "float32" (default), "bfloat16", "float16", or "auto" for that of the file; torch_dtype is its old
                name.
            ignore_mismatched_sizes: a head of another size starts untrained instead of raising.
            options: where to look (revision, token, cache_dir, local_files_only, subfolder, force_download), then
                fields of the configuration to override (num_labels=3).

        Raises HubError when it cannot be found, WeightsError when the weights do not fit, ValueError for an unknown
        option.
        """
        return cls.from_repo(
            open_repo(name, **take_hub_options(options)),
            config=config,
            from_tf=from_tf,
            from_pt=from_pt,
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
        from_tf: bool = False,
        from_pt: bool = False,
        dtype: str | torch.dtype | None = None,
        torch_dtype: str | torch.dtype | None = None,
        ignore_mismatched_sizes: bool = False,
        **overrides: Any,
    ) -> "PreTrainedModel":
        """The same from an opened repository; `overrides` are fields of the configuration."""
        config = config_of(cls.config_class, repo, config, overrides)
        wanted = find_dtype(dtype if dtype is not None else torch_dtype)
        weights = open_weights(repo, "pt", from_tf=from_tf, from_pt=from_pt)
        check_before(config, weights, str(repo.id))
        with init_empty_weights():
            model = cls(config)
        shapes = {key: tuple(tensor.shape) for key, tensor in model.state_dict().items()}
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
        asked, head = "tie_word_embeddings" in overrides, f"{cls.OUTPUT_EMBEDDINGS}.weight"
        try:
            check_repeats(found, weights, where=str(repo.id), head=head, scaled=cls.TIED_IS_SCALED, asked=asked)
        except OwnHead:
            return cls.from_repo(
                repo,
                config=untied(config, str(repo.id), head),
                from_tf=from_tf,
                from_pt=from_pt,
                dtype=dtype,
                torch_dtype=torch_dtype,
                ignore_mismatched_sizes=ignore_mismatched_sizes,
            )
        model.fill(found, weights, wanted, str(repo.id))
        weights.close()
        announce(found, str(repo.origin or repo.id), cls.ZEROS)  # a stand-in by its own name
        model.read_more(repo)
        model.origin = repo.origin
        speed_up(model)
        return model.eval()

    def fill(self, found: Match, weights: Weights, dtype: torch.dtype | None, where: str = "") -> None:
        """Give a model on the meta device its tensors; memory-mapped ones stay on disk until they are used."""
        if dtype is None:  # "auto": the type most of the file is in
            kinds = [weights.tensor(name).dtype for name in found.source.values()]
            dtype = max(kinds, key=kinds.count) if kinds else torch.float32
        for name, in_file in found.source.items():
            tensor = weights.tensor(in_file)
            value = tensor.to(dtype)
            if not is_finite(value):
                overflow = is_finite(tensor)
                raise not_finite(where, in_file, str(dtype).removeprefix("torch.") if overflow else "")
            self._put(name, value)
        new, shapes = set(found.new), self.state_dict()
        for name in found.new:
            self._put(name, torch.zeros_like(shapes[name], device="cpu", dtype=dtype))
        for is_parent in (False, True):  # parents last, as in post_init
            for path, module in self.named_modules():
                own = {f"{path}.{name}".lstrip(".") for name, _ in module.named_parameters(recurse=is_parent)}
                if own and own <= new and is_parent == any(True for _ in module.children()):
                    self.init_weights(module)
        self.complete(found, where)
        self.tie_weights()
        left = [name for name, tensor in self.state_dict().items() if tensor.is_meta]
        assert not left, f"still without values: {left}"

    def _put(self, name: str, tensor: Tensor) -> None:
        path, _, attribute = name.rpartition(".")
        module = self.get_submodule(path)
        if attribute not in dict(module.named_buffers(recurse=False)):
            tensor = nn.Parameter(tensor, requires_grad=getattr(module, attribute).requires_grad)
        setattr(module, attribute, tensor)

    def save_pretrained(self, folder: str | os.PathLike, *, state_dict: dict[str, Tensor] | None = None) -> None:
        """Write config.json and model.safetensors, which both frameworks and transformers load.

        Tied tensors are written once; a head that was parted from the embeddings is written as its own, with
        tie_word_embeddings=False. All files are replaced together, so a failed save leaves the old model as it was.
        Raises OSError where the folder cannot be written, TypeError or ValueError for what config.json cannot hold.

        `state_dict` takes the place of the model's own where that holds only a part (training in several processes).
        """
        from safetensors.torch import save_file

        state = self._to_save(self.state_dict() if state_dict is None else state_dict)
        own = (kind.__name__ for kind in type(self).__mro__ if not kind.__module__.startswith("torch."))
        self.config.architectures = [next(own)]  # FSDP puts a class of its own in front
        self.config.dtype = str(self.dtype).removeprefix("torch.")
        with one_save(folder, last=SAFETENSORS):
            self.config.save_pretrained(folder)
            self.save_more(folder)
            with whole_file(Path(folder) / SAFETENSORS) as path:
                save_file(state, path, metadata={"format": "pt"})

    def _to_save(self, whole: dict[str, Tensor]) -> dict[str, Tensor]:
        """The tensors for the file: what is tied once, what was parted by its user as its own, no two in one memory."""
        head = f"{self.OUTPUT_EMBEDDINGS}.weight"
        for name, source in self.tied().items():
            if name in whole and source in whole and not _is_same(whole[name], whole[source]):
                part(self.config, type(self).__name__, name, source, is_head=name == head and not self.TIED_IS_SCALED)
        tied, state, memory = self.tied(), {}, set()
        for name, tensor in whole.items():
            if name not in tied:
                value = tensor.detach().cpu().contiguous()
                place = value.untyped_storage().data_ptr()  # layers that share their weights, as in ALBERT
                state[name] = value.clone() if place in memory and value.numel() else value
                memory.add(place)
        return state


def _checkpointed_forward(layer: nn.Module, forward: Callable, *args: Any, **kwargs: Any) -> Any:
    if not (layer.training and torch.is_grad_enabled()):
        return forward(layer, *args, **kwargs)
    from torch.utils.checkpoint import checkpoint

    return checkpoint(forward, layer, *args, use_reentrant=False, **kwargs)


def _is_same(one: Tensor, other: Tensor) -> bool:
    return one.data_ptr() == other.data_ptr() or (one.shape == other.shape and torch.equal(one, other.to(one.device)))


def resized(tensor: Tensor, count: int, dim: int) -> Tensor:
    """A copy of a tensor with `count` entries in one dimension: the first ones as they were, new ones their mean."""
    old = tensor.shape[dim]
    if count <= old:
        return tensor.narrow(dim, 0, count).clone()
    mean = tensor.float().mean(dim, keepdim=True).to(tensor.dtype)
    return torch.cat([tensor, mean.repeat_interleave(count - old, dim)], dim)


def is_finite(tensor: Tensor) -> bool:
    """Whether all numbers are finite. Their sum tells it in one pass without memory, unless it is too large itself."""
    return bool(tensor.sum(dtype=torch.float32).isfinite()) or bool(tensor.isfinite().all())


def find_dtype(dtype: str | torch.dtype | None) -> torch.dtype | None:
    """A name or torch.dtype -> torch.dtype; None (for "auto") means that of the file."""
    if dtype == "auto":
        return None
    found = torch.float32 if dtype is None else getattr(torch, dtype, None) if isinstance(dtype, str) else dtype
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        known = ["auto", "float32", "bfloat16", "float16", "float64"]
        raise unknown(N_("dtype {name!r} is unknown{near}; known: {known}"), dtype, known)
    return found


def check_length(length: int, longest: int) -> None:
    """Raise ValueError for a text with more tokens than the model has positions."""
    if not torch.jit.is_tracing() and length > longest:
        raise too_long(length, longest)


def is_for(attention_mask: Tensor, count: int) -> bool:
    """Whether a mask has a number for each of so many tokens; where torch.jit.trace records, any number will do."""
    return torch.jit.is_tracing() or attention_mask.shape[-1] == count


def is_full(attention_mask: Tensor) -> bool:
    """Whether no token is padding, where looking costs nothing (on the CPU): then no mask is needed."""
    return may_look(attention_mask) and bool(attention_mask.all())


def check_ids(ids: Tensor | None, count: int, what: str) -> None:
    """Raise ValueError for ids outside 0..count-1 (on the CPU, where looking costs nothing). None is not checked."""
    if ids is not None and may_look(ids) and ids.numel():
        low, high = (int(value) for value in ids.aminmax())
        if low < 0 or high >= count:
            raise id_out_of_range(what, low if low < 0 else high, count)


def check_read(counts: Tensor) -> None:
    """Raise ValueError for a picture of which nothing is read (on the CPU): `counts` (B,) has how many patches are."""
    if may_look(counts) and not counts.all():
        raise nothing_read(counts.tolist().index(0))
