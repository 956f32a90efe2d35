"""Arguments of transformers' Trainer that ours does not have, and what does it here.

A script that sets one to a value that asks for nothing, or for what happens here anyway, runs as it is; any other value
is refused with the advice: an argument is never taken and ignored. The names are those of transformers 4.57.6.
"""

from typing import Any

from ..i18n import N_
from ..utils.elsewhere import Other

ANY = (...,)  # every value asks for what happens here anyway

OTHER_NAMES = {  # names of older or newer scripts -> ours
    "evaluation_strategy": "eval_strategy",
    "no_cuda": "use_cpu",
    "per_gpu_train_batch_size": "per_device_train_batch_size",
    "per_gpu_eval_batch_size": "per_device_eval_batch_size",
    "push_to_hub_token": "hub_token",
    "push_to_hub_model_id": "hub_model_id",
}

_ADVICE: dict[str, dict[str, tuple[Any, ...]]] = {  # what to do instead: names, and what asks for nothing, as None does
    N_("Trainer never reads it: call train(), evaluate() or predict()"): {
        "do_train": ANY, "do_eval": ANY, "do_predict": ANY,
    },
    N_("several devices or processes are set up by `accelerate config`, and `accelerate launch` starts the script"): {
        "local_rank": (-1, 0), "ddp_backend": (), "ddp_bucket_cap_mb": (), "ddp_broadcast_buffers": (),
        "ddp_timeout": (1800,), "fsdp": ("", False, []), "fsdp_config": (), "fsdp_min_num_params": (0,),
        "fsdp_transformer_layer_cls_to_wrap": (), "deepspeed": (), "accelerator_config": (), "parallelism_config": (),
        "tpu_num_cores": (), "tpu_metrics_debug": (False,), "mp_parameters": ("",), "log_on_each_node": (True,),
        "save_on_each_node": (False,), "average_tokens_across_devices": (True,), "eval_use_gather_object": ANY,
        "use_mps_device": ANY,  # found by itself
        "ray_scope": ("last",),
    },
    N_("bf16=True or fp16=True set the precision of a run; a model can also be loaded with dtype='bfloat16'"): {
        "fp16_opt_level": ("O1",), "half_precision_backend": ("auto", "cpu_amp", "cuda_amp"),
        "fp16_backend": ("auto", "cpu_amp", "cuda_amp"), "bf16_full_eval": (False,), "fp16_full_eval": (False,),
        "tf32": (),
    },
    N_("layers are exchanged for faster ones by themselves, and nothing is compiled; leave it out"): {
        "torch_compile": (False,), "torch_compile_backend": (), "torch_compile_mode": (), "torchdynamo": (),
        "jit_mode_eval": (False,), "use_liger_kernel": (False,), "liger_kernel_config": (),
        "torch_empty_cache_steps": (),
    },
    N_("AdamW is the optimizer; give another one to Trainer: optimizers=(torch.optim.SGD(model.parameters()), None)"): {
        "optim": ("adamw_torch", "adamw_torch_fused", "adamw_hf"), "optim_args": ("",), "optim_target_modules": (),
        "adafactor": (False,), "optimizer_cls_and_kwargs": (),
    },
    N_("override Trainer.training_step to change what a batch goes through"): {"neftune_noise_alpha": (0,)},
    N_("override Trainer.get_train_dataloader for another way of loading"): {
        "dataloader_prefetch_factor": (), "dataloader_persistent_workers": (False,), "sortish_sampler": (False,),
    },
    N_("a resumed run finds its place without reading the rows before it; to begin anew leave resume_from_checkpoint "
       "out, and load the model from the checkpoint"): {"ignore_data_skip": (False,)},
    N_("an error of memory names a batch that is smaller; set per_device_train_batch_size to it"): {
        "auto_find_batch_size": (False,),
    },
    N_("set torch.use_deterministic_algorithms(True); everything else repeats with the same seed"): {
        "full_determinism": (False,),
    },
    N_("compute_metrics gets predictions and labels of all rows; override Trainer.prediction_step for other ones"): {
        "eval_accumulation_steps": ANY,  # predictions leave the GPU after every batch
        "include_inputs_for_metrics": (False,), "include_for_metrics": ([], ()), "eval_do_concat_batches": (True,),
        "batch_eval_metrics": (False,), "past_index": (-1,), "use_legacy_prediction_loop": ANY,
    },
    N_("a TrainerCallback can do it: set control.should_evaluate in its on_step_end or on_epoch_end"): {
        "eval_delay": (0,),
    },
    N_("a run says one line for each notice; see report_to='tensorboard' for all numbers"): {
        "log_level": ("passive", "warning", "info"), "log_level_replica": ("warning", "passive"),
        "debug": ("", [], ()),
        "logging_nan_inf_filter": ANY,  # a loss that is no number stops the run
        "include_tokens_per_second": (False,), "include_num_input_tokens_seen": (False, "no"),
        "skip_memory_metrics": (True,),
        "run_name": ANY,  # of services that are not used
        "project": ("huggingface",), "trackio_space_id": ("trackio",),
    },
    N_("weights are written as model.safetensors, and callbacks find what they remembered"): {
        "save_safetensors": (True,), "restore_callback_states_from_checkpoint": ANY,
    },
    N_("the finished model is uploaded at the end, and at any time by trainer.push_to_hub(); its repository is "
       "hub_model_id='name' or 'organization/name'"): {
        "hub_strategy": ("every_save", "end"), "hub_always_push": (False,), "hub_revision": (),
        "push_to_hub_organization": (),
    },
    N_("gradient_checkpointing=True recomputes activations in one way only; leave it out"): {
        "gradient_checkpointing_kwargs": ({}, {"use_reentrant": False}),
    },
}  # fmt: skip

ELSEWHERE = {name: Other(words=advice, same=same) for advice, names in _ADVICE.items() for name, same in names.items()}
