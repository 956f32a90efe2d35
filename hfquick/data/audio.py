"""Audio: a column of sounds, which gives samples; decoded by soundfile, as the rest of hfquick does.

    dataset = dataset.cast_column("audio", Audio(sampling_rate=16_000))
    dataset[0]["audio"]                     # {"path": ..., "array": (S,), "sampling_rate": 16000}

The library `datasets` has an Audio of its own, which needs torchcodec, and with it torch and ffmpeg, and gives decoder
objects. This one is of the same type for Arrow and in every file, so rows written with either are read with the other.

Where torchcodec is missing that Audio can neither read nor write a sound; so this one then stands in its place for all
that `datasets` reads: a folder of `save_to_disk`, or a folder of sounds.
"""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from os import PathLike, fspath
from typing import Any

from ..audio_processing.sounds import open_sound
from ..i18n import N_, spoken
from ..utils.elsewhere import Other, only_known
from ..utils.errors import need

library: Any = need("datasets", "Audio", "notebooks")

ONE_CHANNEL = N_("sounds come in one channel; for all of them try {code}")
NAMES = {
    "mono": Other("soundfile.read(path)", ONE_CHANNEL, same=(True,)),  # of `datasets` until 4
    "num_channels": Other("soundfile.read(path)", ONE_CHANNEL, same=(1,)),
    "stream_index": Other(words=N_("files with several streams are not read: leave it out"), same=(0,)),
    "id": Other(same=(...,)),
}


class Audio(library.Audio):
    """A column of sounds: paths, bytes, or samples with their rate, given as samples in one channel.

    sampling_rate: in Hz, to which each sound is resampled; left out, its own.
    decode: False gives {"bytes", "path"}, as they are stored.
    """

    def __init__(self, sampling_rate: int | None = None, decode: bool = True, **others: Any) -> None:
        only_known(others, ("sampling_rate", "decode"), NAMES, "Audio")
        super().__init__(sampling_rate=sampling_rate, decode=decode)

    def decode_example(self, value: Any, token_per_repo_id: dict[str, Any] | None = None) -> Any:
        """A cell as it is stored -> {"path", "array", "sampling_rate"}. ValueError or OSError with a sentence."""
        if not isinstance(value, Mapping) or "array" in value:
            return value  # decoded already
        path, tokens = value.get("path"), token_per_repo_id or {}
        token = next((token for repo, token in tokens.items() if repo in str(path)), None)
        sound = open_sound({"path": path, "bytes": value.get("bytes")}, self.sampling_rate, token=token)
        return {"path": path, "array": sound.read(), "sampling_rate": sound.sampling_rate}

    def encode_example(self, value: Any) -> dict[str, Any]:
        """A sound of any kind -> a cell: the path or the bytes of its file, of samples those of a WAV."""
        if isinstance(value, str | PathLike):
            return {"bytes": None, "path": fspath(value)}
        if isinstance(value, bytes | bytearray):
            return {"bytes": bytes(value), "path": None}
        if hasattr(value, "_hf_encoded"):  # a decoder that `datasets` has made
            return value._hf_encoded
        if isinstance(value, Mapping) and value.get("array") is None:
            if value.get("bytes") is None and value.get("path") is None:
                raise spoken(
                    ValueError, "a sound has neither 'path' nor 'bytes' nor 'array': {names} is all there is",
                    names=", ".join(map(repr, value)) or "{}",
                )  # fmt: skip
            return {"bytes": value.get("bytes"), "path": value.get("path")}
        sound, file = open_sound(value), BytesIO()
        writing = need("soundfile", "writing a sound", "base")
        writing.write(file, sound.read(), sound.sampling_rate, format="WAV", subtype="FLOAT")  # the very samples
        return {"bytes": file.getvalue(), "path": None}

    def cast_storage(self, storage: Any) -> Any:
        """A column of Arrow of any kind that holds sounds -> one of cells."""
        import pyarrow as pa

        if pa.types.is_struct(storage.type) and storage.type.get_field_index("array") >= 0:
            cells = [None if value is None else self.encode_example(value) for value in storage.to_pylist()]
            return pa.array(cells, type=self.pa_type)
        if pa.types.is_large_string(storage.type):  # paths of a CSV, as pandas reads it
            storage = storage.cast(pa.string())
        return super().cast_storage(storage)


def with_audio(dataset: Any) -> Any:
    """A dataset, or several splits of one -> the same, where every column of sounds gives samples."""
    if isinstance(dataset, dict):
        return type(dataset)({split: with_audio(rows) for split, rows in dataset.items()})
    for name, feature in (getattr(dataset, "features", None) or {}).items():
        ours = _ours(feature)
        if ours is not feature:
            dataset = dataset.cast_column(name, ours)
    return dataset


def _ours(feature: Any) -> Any:
    """A feature with this Audio where it has that of `datasets`; the feature itself where it has none."""
    if isinstance(feature, library.Audio):
        return feature if isinstance(feature, Audio) else Audio(feature.sampling_rate, feature.decode)
    if isinstance(feature, dict):
        parts = {name: _ours(part) for name, part in feature.items()}
        return parts if any(parts[name] is not part for name, part in feature.items()) else feature
    inner = getattr(feature, "feature", None)  # of a list
    if inner is None:
        return feature
    ours = _ours(inner)
    return feature if ours is inner else replace(feature, feature=ours)


def stand_in() -> None:
    """Put this Audio in the place of that of `datasets`, where that cannot work."""
    from datasets.features import features
    from datasets.packaged_modules.audiofolder.audiofolder import AudioFolder

    logging = library.utils.logging
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it is experimental
            features.register_feature(Audio, "Audio")
    finally:
        logging.set_verbosity(verbosity)
    AudioFolder.BASE_FEATURE = Audio


if not library.config.TORCHCODEC_AVAILABLE:
    stand_in()
