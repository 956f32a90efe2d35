"""Initial token embeddings of tiny models: the teacher's, in fewer dimensions, by a principal component analysis."""

from pathlib import Path

import numpy as np

from . import sources


def token_embeddings(tokenizer_file: Path, dim: int, scale: float = 0.05) -> np.ndarray:
    """A WordPiece tokenizer -> embeddings (V, dim). An unknown token is the mean of the teacher's tokens for it.

    The teacher is uncased: a token with a capital is initialised as the one in small letters, a fixed step aside.
    """
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    table = load_file(sources.teacher_folder() / "model.safetensors")["embeddings.word_embeddings.weight"]
    known = Tokenizer.from_file(str(sources.teacher_folder() / "tokenizer.json")).get_vocab()
    tokens = Tokenizer.from_file(str(tokenizer_file)).get_vocab()

    def split(token: str) -> list[int]:
        """Longest match first, as WordPiece does."""
        inside, text, found = token.startswith("##"), token.removeprefix("##"), []
        while text:
            for end in range(len(text), 0, -1):
                name = ("##" if inside else "") + text[:end]
                if name in known:
                    found.append(known[name])
                    break
            inside, text = True, text[end:]
        return found

    wide = np.zeros((len(tokens), table.shape[1]))
    for token, row in tokens.items():
        small = token if token in known else token.lower()
        ids = [known[small]] if small in known else split(small)
        wide[row] = table[ids].mean(0) if ids else table.mean(0)
    centred = wide - wide.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    narrow = centred @ directions[:dim].T
    embeddings = narrow * (scale / narrow.std())
    capital = [row for token, row in tokens.items() if token != token.lower() and token not in known]
    embeddings[capital] += np.random.default_rng(0).normal(0, scale, dim)
    return embeddings.astype(np.float32)
