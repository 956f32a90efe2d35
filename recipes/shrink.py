"""A start for tiny word vectors: the teacher's, cut to fewer dimensions by a principal component analysis."""

from pathlib import Path

import numpy as np

from . import sources


def word_vectors(tokenizer_file: Path, dim: int, scale: float = 0.05) -> np.ndarray:
    """A WordPiece tokenizer -> (V, dim) vectors. An unknown piece is the mean of the teacher's pieces for it.

    The teacher has small letters only: a piece with a capital starts where its small letters do, a fixed step aside.
    """
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    table = load_file(sources.teacher_folder() / "model.safetensors")["embeddings.word_embeddings.weight"]
    known = Tokenizer.from_file(str(sources.teacher_folder() / "tokenizer.json")).get_vocab()
    pieces = Tokenizer.from_file(str(tokenizer_file)).get_vocab()

    def split(piece: str) -> list[int]:
        """Longest match first, as WordPiece does."""
        inside, text, found = piece.startswith("##"), piece.removeprefix("##"), []
        while text:
            for end in range(len(text), 0, -1):
                name = ("##" if inside else "") + text[:end]
                if name in known:
                    found.append(known[name])
                    break
            inside, text = True, text[end:]
        return found

    wide = np.zeros((len(pieces), table.shape[1]))
    for piece, row in pieces.items():
        small = piece if piece in known else piece.lower()
        ids = [known[small]] if small in known else split(small)
        wide[row] = table[ids].mean(0) if ids else table.mean(0)
    centred = wide - wide.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    narrow = centred @ directions[:dim].T
    start = narrow * (scale / narrow.std())
    capital = [row for piece, row in pieces.items() if piece != piece.lower() and piece not in known]
    start[capital] += np.random.default_rng(0).normal(0, scale, dim)
    return start.astype(np.float32)
