"""Keywords that courses give to from_pretrained: each means what it means elsewhere, or a sentence says what to do.

The names are those that from_pretrained of transformers 4.57.6 takes, for models, configurations and tokenizers.
"""

import pytest

import hfquick
from hfquick import AutoConfig, AutoTokenizer
from hfquick.architectures import HEADS
from hfquick.hub.keywords import LOADING

NAME = "hfquick/distilbert-tiny-sentiment-en"
MODEL = "AutoModelForSequenceClassification"

SAME = [  # of a model
    ("attn_implementation", "eager"), ("attn_implementation", "sdpa"), ("low_cpu_mem_usage", True),
    ("low_cpu_mem_usage", False), ("device_map", None), ("device_map", "cpu"), ("use_safetensors", True),
    ("use_safetensors", False), ("dtype", "auto"), ("torch_dtype", "float32"), ("trust_remote_code", False),
    ("token", None), ("use_auth_token", None), ("use_auth_token", False), ("revision", "main"), ("cache_dir", None),
    ("force_download", False), ("local_files_only", True), ("resume_download", True), ("resume_download", None),
    ("mirror", None), ("_fast_init", True), ("output_loading_info", False), ("load_in_8bit", False),
    ("load_in_4bit", False), ("quantization_config", None), ("max_memory", None), ("offload_folder", None),
    ("offload_state_dict", True), ("offload_buffers", False), ("variant", None), ("subfolder", ""), ("from_tf", False),
    ("from_flax", False), ("from_pt", False), ("state_dict", None), ("weights_only", True), ("proxies", None),
    ("proxies", {}), ("config", None), ("generation_config", None), ("gguf_file", None), ("tp_plan", None),
    ("tp_size", None), ("device_mesh", None), ("distributed_config", None), ("adapter_name", "default"),
    ("adapter_kwargs", {}), ("key_mapping", None), ("use_kernels", False), ("code_revision", None),
    ("_commit_hash", None), ("_from_auto", True), ("_from_pipeline", None), ("ignore_mismatched_sizes", True),
    ("return_dict", True), ("use_cache", False), ("output_hidden_states", True), ("output_attentions", True),
    ("torchscript", False), ("gradient_checkpointing", False), ("num_labels", 2),
]  # fmt: skip

ELSEWHERE = [  # with the words that say what to do
    ("attn_implementation", "flash_attention_2", "scaled_dot_product_attention, which has a flash kernel on GPUs; le"),
    ("device_map", "auto", r"try model.to\('cuda'\) after it, or device='cuda' in a pipeline"),
    ("device_map", 0, r"try model.to\('cuda'\) after it"),
    ("load_in_8bit", True, r"quantize_dynamic\(model, \{torch.nn.Linear\}\) after loading, or dtype='bfloat16'"),
    ("load_in_4bit", True, "dtype='bfloat16' for half the memory"),
    ("quantization_config", object(), "quantize_dynamic"),
    ("max_memory", {0: "1GB"}, "a model is loaded whole"),
    ("offload_folder", "x", "a model is loaded whole"),
    ("offload_buffers", True, "a model is loaded whole"),
    ("variant", "fp16", "dtype='float16'"),
    ("from_flax", True, "weights of Flax are not read"),
    ("state_dict", {}, r"model.load_state_dict\(state_dict\)"),
    ("weights_only", False, "never unpickled"),
    ("output_loading_info", True, "printed in one line"),
    ("mirror", "tuna", "HF_ENDPOINT"),
    ("proxies", {"https": "x"}, "HTTPS_PROXY"),
    ("generation_config", object(), "model.generation_config = ... after loading"),
    ("gguf_file", "x.gguf", "GGUF files are not read"),
    ("tp_plan", "auto", "one device here"),
    ("tp_size", 2, "one device here"),
    ("device_mesh", object(), "one device here"),
    ("distributed_config", object(), "one device here"),
    ("adapter_name", "mine", "adapters are not loaded"),
    ("adapter_kwargs", {"a": 1}, "adapters are not loaded"),
    ("key_mapping", {"a": "b"}, "by the names of their file"),
    ("use_kernels", True, "no kernels to be fetched"),
    ("trust_remote_code", True, "never runs code from a repository"),
    ("code_revision", "main", "never run"),
    ("_commit_hash", "0" * 40, "revision="),
    ("return_unused_kwargs", True, "an error here"),
]  # fmt: skip


@pytest.mark.torch
@pytest.mark.parametrize(("keyword", "value"), SAME)
def test_a_keyword_that_means_the_same(keyword, value):
    pytest.importorskip("torch")
    model = getattr(hfquick, MODEL).from_pretrained(NAME, **{keyword: value})
    assert type(model).__name__ == "DistilBertForSequenceClassification"


def test_no_keyword_is_forgotten():
    tested = {keyword for keyword, _ in SAME} | {keyword for keyword, *_ in ELSEWHERE}
    assert set(LOADING) <= tested


@pytest.mark.parametrize(("keyword", "value", "sentence"), ELSEWHERE)
def test_a_keyword_that_is_something_else_here(keyword, value, sentence):
    for auto in (AutoConfig, AutoTokenizer):
        with pytest.raises(ValueError, match=f"{keyword}['=].*; .*{sentence}"):
            auto.from_pretrained(NAME, **{keyword: value})


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("cache_dir", None), ("force_download", False), ("local_files_only", True), ("token", None), ("revision", None),
        ("use_auth_token", None), ("trust_remote_code", False), ("subfolder", ""), ("resume_download", True),
        ("proxies", None), ("_from_auto", True), ("_commit_hash", None), ("use_fast", True), ("padding_side", "left"),
        ("truncation_side", "left"), ("model_max_length", 12), ("gguf_file", None), ("mirror", None),
        ("low_cpu_mem_usage", True), ("device_map", None),
    ],
)  # fmt: skip
def test_keywords_of_a_tokenizer(keyword, value):
    assert AutoTokenizer.from_pretrained(NAME, **{keyword: value})("a film")["input_ids"]


def test_the_old_name_of_the_token_is_the_token(hub_server, monkeypatch):
    """The Hub of the test knows one token; with another it refuses."""
    asked = []
    monkeypatch.setattr("hfquick.core.configuration.open_repo", lambda name, **options: asked.append(options) or 1 / 0)
    for options, token in (
        ({"use_auth_token": "hf_old"}, "hf_old"),
        ({"use_auth_token": "hf_old", "token": "hf_new"}, "hf_new"),
    ):
        with pytest.raises(ZeroDivisionError):
            hfquick.BertConfig.from_pretrained("somebody/model", **options)
        assert asked.pop() == {"token": token}


AUTOS = [*HEADS, *(f"TF{name}" for name in HEADS), "AutoConfig", "AutoTokenizer"]


@pytest.mark.parametrize("name", AUTOS)
@pytest.mark.parametrize("given", [(), ("bert",), (hfquick.BertConfig(),)])
def test_an_auto_class_is_not_built(name, given):
    with pytest.raises(TypeError, match=rf"{name} is not built itself; try {name}.from_pretrained\(name\)"):
        getattr(hfquick, name)(*given)
    with pytest.raises(TypeError, match=f"{name} is not built itself"):
        getattr(hfquick, name)(config=given)


@pytest.mark.parametrize("name", [*HEADS, *(f"TF{name}" for name in HEADS)])
def test_from_config_takes_a_configuration(name):
    with pytest.raises(TypeError, match=rf"{name}.from_config takes a configuration, got 'bert'; try AutoConfig"):
        getattr(hfquick, name).from_config("bert")
    with pytest.raises(TypeError, match=rf"{name}.from_config has no option 'dtype'; .* try model.to\(dtype\)"):
        getattr(hfquick, name).from_config(hfquick.BertConfig(), dtype="bfloat16")
    with pytest.raises(ValueError, match="does not take attn_implementation='flash_attention_2'; "):
        getattr(hfquick, name).from_config(hfquick.BertConfig(), attn_implementation="flash_attention_2")


@pytest.mark.torch
def test_a_model_from_a_name_says_what_makes_one():
    pytest.importorskip("torch")
    config = hfquick.BertConfig(hidden_size=8, num_attention_heads=2, num_hidden_layers=1, vocab_size=9)
    assert hfquick.AutoModel.from_config(config, attn_implementation="eager", trust_remote_code=False).config is config
    with pytest.raises(TypeError, match=r"built from a BertConfig, got a str; try BertModel.from_pretrained\('bert'\)"):
        hfquick.BertModel("bert")
