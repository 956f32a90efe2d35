"""Keywords of transformers' from_pretrained, for models, configurations and tokenizers: what each of them means here.

Those that do something here are arguments of from_pretrained and of `open_repo`, and are not in this table.
"""

from ..i18n import N_
from ..utils.elsewhere import NO_CODE, Other

_WHOLE = N_("a model is loaded whole, in one place; leave it out, and try dtype='bfloat16' for half the memory")
_INT8 = N_("weights are loaded as they are; try {code} after loading, or dtype='bfloat16' for half the memory")
_QUANTIZE = "torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear})"
_ONE_GPU = N_("a model runs on one device here; leave it out, several GPUs train with `accelerate launch`")
_ADAPTER = N_("adapters are not loaded; leave it out, for the model they were trained on")
_NETWORK = N_("set the environment variable HTTPS_PROXY instead, which all programs read")

LOADING = {
    # How weights are read: without a second copy in memory, and never as a program that runs.
    "low_cpu_mem_usage": Other(same=(...,)),
    "_fast_init": Other(same=(...,)),
    "use_safetensors": Other(same=(...,)),  # files of either kind are read safely
    "weights_only": Other(
        words=N_("files of weights are never unpickled, as that runs code; leave it out"), same=(True,)
    ),
    "from_flax": Other(
        words=N_("weights of Flax are not read; leave it out, most repositories have others"), same=(False,)
    ),
    "state_dict": Other(words=N_("try AutoModel.from_config(config), then model.load_state_dict(state_dict)")),
    "variant": Other(words=N_("one set of weights is read; leave it out, and try dtype='float16'")),
    "gguf_file": Other(words=N_("GGUF files are not read; take a repository with model.safetensors")),
    "key_mapping": Other(words=N_("tensors are loaded by the names of their file; leave it out")),
    "output_loading_info": Other(
        words=N_("what is new or dropped is printed in one line; leave it out"), same=(False,)
    ),
    # How attention is computed: `F.scaled_dot_product_attention`, or written out where its weights are asked for.
    "attn_implementation": Other(
        words=N_("attention is torch's scaled_dot_product_attention, which has a flash kernel on GPUs; leave it out"),
        same=("eager", "sdpa"),
    ),
    "use_kernels": Other(words=N_("there are no kernels to be fetched; leave it out"), same=(False,)),
    # Where a model is.
    "device_map": Other(
        words=N_("a model is loaded on the CPU; try model.to('cuda') after it, or device='cuda' in a pipeline"),
        same=("cpu",),
    ),
    "max_memory": Other(words=_WHOLE),
    "offload_folder": Other(words=_WHOLE),
    "offload_buffers": Other(words=_WHOLE, same=(False,)),
    "offload_state_dict": Other(same=(...,)),
    "load_in_8bit": Other(_QUANTIZE, _INT8, same=(False,)),
    "load_in_4bit": Other(_QUANTIZE, _INT8, same=(False,)),
    "quantization_config": Other(_QUANTIZE, _INT8),
    "tp_plan": Other(words=_ONE_GPU),
    "tp_size": Other(words=_ONE_GPU),
    "device_mesh": Other(words=_ONE_GPU),
    "distributed_config": Other(words=_ONE_GPU),
    "adapter_name": Other(words=_ADAPTER, same=("default",)),
    "adapter_kwargs": Other(words=_ADAPTER, same=({},)),
    "generation_config": Other(words=N_("try model.generation_config = ... after loading")),
    # Where files come from.
    "resume_download": Other(same=(...,)),  # always done
    "mirror": Other(words=N_("set the environment variable HF_ENDPOINT to the address of the mirror instead")),
    "proxies": Other(words=_NETWORK, same=({},)),
    "trust_remote_code": Other(words=NO_CODE, same=(False,)),
    "code_revision": Other(words=NO_CODE),
    "return_unused_kwargs": Other(
        words=N_("a keyword that nothing takes is an error here; leave it out"), same=(False,)
    ),
    "_from_auto": Other(same=(...,)),
    "_from_pipeline": Other(same=(...,)),
    "_commit_hash": Other("revision=...", N_("give the commit as {code}")),
}
