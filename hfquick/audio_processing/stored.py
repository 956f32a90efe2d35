"""Sounds that a row names by an address of the library `datasets`: in an archive, or in a repository of the Hub.

    zip://clips/1.flac::/data/clips.zip
    hf://datasets/PolyAI/minds14@main/data/clips.tar

That library can open addresses of thirty more kinds, some of which ask other machines. A row was written by somebody
else, so only these are opened, wherever in the address they stand.
"""

from ..i18n import Said, spoken
from ..utils.errors import need

ARCHIVES = ("zip", "tar", "gzip", "bz2", "xz", "zstd", "lz4")
KINDS = ("hf", *ARCHIVES)


def is_stored(path: str) -> bool:
    """Whether it is such an address."""
    kind, mark, _ = path.partition("://")
    return bool(mark) and kind in KINDS


def fetch(path: str, what: Said, most: int, token: str | None = None) -> bytes:
    """The bytes of the file, at most `most` of them; ValueError or OSError with a sentence."""
    for part in path.split("::"):
        kind, mark, _ = part.partition("://")
        if mark and kind not in KINDS:
            raise spoken(
                ValueError, "{what} is not fetched: a row may name a file of the Hub (hf://...) or one in an archive "
                "on this machine (zip://...::archive.zip), and this one asks by {kind}://; download the archive and "
                "give its path", what=what, kind=kind,
            )  # fmt: skip
    library = need("datasets", "sounds in archives", "notebooks")
    from datasets.utils.file_utils import xopen

    try:
        with xopen(path, "rb", download_config=library.DownloadConfig(token=token)) as file:
            content = file.read(most + 1)
    except Exception as error:  # each kind of archive has errors of its own
        raise spoken(
            OSError, "{what} was not found or cannot be read ({why}); is the archive there, and whole?",
            what=what, why=str(error) or type(error).__name__,
        ) from error  # fmt: skip
    if len(content) > most:
        raise spoken(
            ValueError, "{what} has more than {most:,} bytes, the most that is held in memory; unpack the archive and "
            "give the path of the file", what=what, most=most,
        )  # fmt: skip
    return content
