"""Vocabularies that were cut: read from plain files, which do not say how long they should be."""

from hfquick.tokenization import PreTrainedTokenizerFast
from tests.tokenization.test_tokenization_errors import VOCABULARY, fails, write


def test_a_vocab_txt_that_was_cut(tmp_path, capsys):
    """Of a model larger than its list, which GPUs like, one line tells; many missing or repeated ones are an error."""
    lines = [*VOCABULARY, *(f"word{number}" for number in range(100 - len(VOCABULARY)))]
    write(tmp_path, vocab_txt="\n".join(lines), config_json={"model_type": "bert", "vocab_size": 100})
    PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert capsys.readouterr().out == ""
    write(tmp_path, vocab_txt="\n".join(lines[:50] + lines[51:]))
    PreTrainedTokenizerFast.from_pretrained(tmp_path)
    said = (
        f"{tmp_path}: vocab.txt has 99 tokens, the model 100; if a line was lost, all tokens behind it are mixed up\n"
    )
    assert capsys.readouterr().out == said
    fails(write(tmp_path, vocab_txt="\n".join(lines[:50])), "vocab.txt of", "it has 50 tokens, the model 100")
    twice = [*lines[:60], lines[7], *lines[60:]]
    fails(write(tmp_path, vocab_txt="\n".join(twice)), "vocab.txt of", "lines 8 and 61 are both 'word0'")
    write(tmp_path, config_json={"model_type": "bert", "vocab_size": 101})  # trained with such a list
    PreTrainedTokenizerFast.from_pretrained(tmp_path)
    write(tmp_path, vocab_txt="\n".join(lines), added_tokens_json={"new": 100})
    PreTrainedTokenizerFast.from_pretrained(tmp_path)
    assert capsys.readouterr().out == ""


def test_merges_that_were_cut(tmp_path, capsys):
    letters = "abcdefghij"
    pairs = [one + other for one in letters for other in letters]
    vocabulary = [*letters, *pairs, "<|endoftext|>", "madeupword0000"]
    merges = [" ".join(pair) for pair in pairs]
    write(tmp_path, config_json={"model_type": "gpt2"}, vocab_json={token: id for id, token in enumerate(vocabulary)})
    PreTrainedTokenizerFast.from_pretrained(write(tmp_path, merges_txt="\n".join(merges)))
    assert capsys.readouterr().out == ""
    PreTrainedTokenizerFast.from_pretrained(write(tmp_path, merges_txt="\n".join(merges[:-1])))
    assert "no line of merges.txt makes 'jj' and 0 more; was it cut?" in capsys.readouterr().out
    for left in (0, 50, 97):
        fails(
            write(tmp_path, merges_txt="\n".join(merges[:left])), "merges.txt of", f"no line makes {pairs[left]!r} of"
        )
    ids = {token: id for id, token in enumerate(vocabulary)}
    write(tmp_path, merges_txt="\n".join(merges), vocab_json=ids | {"jj": 5})
    fails(tmp_path, "vocab.json of", "two tokens have one id")
    write(tmp_path, vocab_json=ids, config_json={"model_type": "gpt2", "vocab_size": 300})
    fails(tmp_path, "vocab.json of", "it has 112 tokens, the model 300")
