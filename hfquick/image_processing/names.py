"""Names of other libraries, and of older versions, for the options of image processors: what does the same here."""

from ..hub import keywords as hub
from ..i18n import N_
from ..utils.elsewhere import Other

CALL = {
    "use_fast": Other(same=(...,)),  # there is one kind: with the pixel values of the slow one
    "do_convert_rgb": Other(same=(True,)),
    "device": Other("batch.to(device)"),
    "disable_grouping": Other(same=(...,)),
    "text": Other("AutoProcessor.from_pretrained(...)", N_("texts and pictures together are for {code}")),
    "padding": Other("do_pad=True"),
    "do_reduce_labels": Other(
        words=N_("it belongs to models with maps of classes, which hfquick does not have: leave it out"), same=(False,)
    ),
}

LOADING = hub.LOADING | {
    "use_fast": CALL["use_fast"],
    "use_auth_token": Other("token=..."),
    "image_processor_type": Other("AutoImageProcessor.from_pretrained(...)"),
    "config": Other(words=N_("an image processor is found by its own files: leave it out")),
}

PREPARED = Other("processor(picture, annotations)")
ATTRIBUTES = {
    "resize": Other('processor(picture, size={"height": ..., "width": ...})'),
    "rescale": Other("processor(picture, rescale_factor=...)"),
    "normalize": Other("processor(picture, image_mean=..., image_std=...)"),
    "center_crop": Other("DeiTImageProcessor(crop_size=...)"),
    "fetch_images": Other("hfquick.image_processing.pictures.open_pictures(pictures)"),
    "get_image_processor_dict": Other("to_dict()"),
    "register_for_auto_class": Other("push_to_hub(...)"),
    "prepare_annotation": PREPARED,
    "resize_annotation": PREPARED,
    "normalize_annotation": PREPARED,
    "post_process": Other("post_process_object_detection(outputs, 0.0, target_sizes)"),
    "post_process_segmentation": Other("post_process_instance_segmentation(outputs, ...)"),
    "post_process_instance": Other("post_process_instance_segmentation(outputs, ...)"),
    "post_process_panoptic": Other("post_process_panoptic_segmentation(outputs, ...)"),
}
