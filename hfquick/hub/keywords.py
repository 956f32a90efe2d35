"""Keywords of transformers' from_pretrained, for models, configurations and tokenizers: what each of them means here.

Those that do something here are arguments of from_pretrained and of `open_repo`, and are not in this table.
"""

from ..i18n import N_
from ..utils.keywords import ANYTHING, Keyword

_WHOLE = N_("a model is loaded whole, in one place; leave it out, and try dtype='bfloat16' for half the memory")
_INT8 = N_(
    "weights are loaded as they are; try torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}) after "
    "loading, or dtype='bfloat16' for half the memory"
)
_ONE_GPU = N_("a model runs on one device here; leave it out, several GPUs train with `accelerate launch`")
_ADAPTER = N_("adapters are not loaded; leave it out, for the model they were trained on")
_NETWORK = N_("set the environment variable HTTPS_PROXY instead, which all programs read")

LOADING = {
    # How weights are read: without a second copy in memory, and never as a program that runs.
    "low_cpu_mem_usage": Keyword((ANYTHING,)),
    "_fast_init": Keyword((ANYTHING,)),
    "use_safetensors": Keyword((None, True, False)),  # files of either kind are read safely
    "weights_only": Keyword((None, True), N_("files of weights are never unpickled, as that runs code; leave it out")),
    "from_flax": Keyword(
        (None, False), N_("weights of Flax are not read; leave it out, most repositories have others")
    ),
    "state_dict": Keyword((None,), N_("try AutoModel.from_config(config), then model.load_state_dict(state_dict)")),
    "variant": Keyword((None,), N_("one set of weights is read; leave it out, and try dtype='float16'")),
    "gguf_file": Keyword((None,), N_("GGUF files are not read; take a repository with model.safetensors")),
    "key_mapping": Keyword((None,), N_("tensors are loaded by the names of their file; leave it out")),
    "output_loading_info": Keyword((None, False), N_("what is new or dropped is printed in one line; leave it out")),
    # How attention is computed: `F.scaled_dot_product_attention`, or written out where its weights are asked for.
    "attn_implementation": Keyword(
        (None, "eager", "sdpa"),
        N_("attention is torch's scaled_dot_product_attention, which has a flash kernel on GPUs; leave it out"),
    ),
    "use_kernels": Keyword((None, False), N_("there are no kernels to be fetched; leave it out")),
    # Where a model is.
    "device_map": Keyword(
        (None, "cpu"), N_("a model is loaded on the CPU; try model.to('cuda') after it, or device='cuda' in a pipeline")
    ),
    "max_memory": Keyword((None,), _WHOLE),
    "offload_folder": Keyword((None,), _WHOLE),
    "offload_buffers": Keyword((None, False), _WHOLE),
    "offload_state_dict": Keyword((ANYTHING,)),
    "load_in_8bit": Keyword((None, False), _INT8),
    "load_in_4bit": Keyword((None, False), _INT8),
    "quantization_config": Keyword((None,), _INT8),
    "tp_plan": Keyword((None,), _ONE_GPU),
    "tp_size": Keyword((None,), _ONE_GPU),
    "device_mesh": Keyword((None,), _ONE_GPU),
    "distributed_config": Keyword((None,), _ONE_GPU),
    "adapter_name": Keyword((None, "default"), _ADAPTER),
    "adapter_kwargs": Keyword((None, {}), _ADAPTER),
    "generation_config": Keyword((None,), N_("try model.generation_config = ... after loading")),
    # Where files come from.
    "resume_download": Keyword((ANYTHING,)),  # always done
    "mirror": Keyword((None,), N_("set the environment variable HF_ENDPOINT to the address of the mirror instead")),
    "proxies": Keyword((None, {}), _NETWORK),
    "code_revision": Keyword((None,), N_("code from a repository is never run; leave it out")),
    "return_unused_kwargs": Keyword((None, False), N_("a keyword that nothing takes is an error here; leave it out")),
    "_from_auto": Keyword((ANYTHING,)),
    "_from_pipeline": Keyword((ANYTHING,)),
    "_commit_hash": Keyword((None,), N_("give the commit as revision=...")),
}
