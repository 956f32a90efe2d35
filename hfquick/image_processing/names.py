"""Names of other libraries, and of older versions, for the options of image processors: what does the same here."""

from ..hub import keywords as hub
from ..i18n import N_
from ..utils.elsewhere import LEAVE_OUT, Other

CALL = {
    "use_fast": Other(same=(...,)),  # there is one kind: with the pixel values of the slow one
    "do_convert_rgb": Other(same=(True,)),
    "is_split": Other(words=LEAVE_OUT),
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
