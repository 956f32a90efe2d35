"""Names of other libraries, and of older versions, for feature extractors of sounds: what does the same here."""

from ..hub import keywords as hub
from ..i18n import N_
from ..utils.elsewhere import Other

CALL = {
    "verbose": Other(same=(...,)),
    "device": Other("batch.to(device)"),
    "text": Other("Wav2Vec2Processor.from_pretrained(...)", N_("sounds and texts together are for {code}")),
    "return_token_timestamps": Other(words=N_("it belongs to Whisper, which hfquick does not have: leave it out")),
    "max_duration": Other("max_length=..., truncation=True"),
    "stride": Other("pipeline(..., chunk_length_s=30)"),
}

PROCESSOR = {
    **{name: other for name, other in CALL.items() if name != "text"},
    "images": Other("AutoImageProcessor.from_pretrained(...)", N_("pictures are for {code}")),
    "videos": Other(words=N_("videos are not read: leave it out")),
    "common_kwargs": Other("processor(..., return_tensors=...)", same=({},)),
    "audio_kwargs": Other("processor(audio, sampling_rate=..., padding=True)", same=({},)),
    "text_kwargs": Other("processor.tokenizer(text, ...)", same=({},)),
}

LOADING = hub.LOADING | {
    "use_auth_token": Other("token=..."),
    "feature_extractor_type": Other("AutoFeatureExtractor.from_pretrained(...)"),
    "config": Other(words=N_("a feature extractor is found by its own files: leave it out")),
}

ATTRIBUTES = {
    "zero_mean_unit_var_norm": Other("feature_extractor(sounds, sampling_rate=...)"),
    "get_feature_extractor_dict": Other("to_dict()"),
    "register_for_auto_class": Other("push_to_hub(...)"),
}

OF_PROCESSOR = {
    "as_target_processor": Other("processor(text=texts)"),
    "current_processor": Other("processor.feature_extractor"),
    "save_vocabulary": Other("save_pretrained(folder)"),
    "register_for_auto_class": Other("push_to_hub(...)"),
}
