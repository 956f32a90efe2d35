"""What the translation model is trained on beside Debian: verb forms, composed sentences, phrases; and how it grows."""

import random

import pytest

torch = pytest.importorskip("torch")

from hfquick import AutoModelForSeq2SeqLM, T5Config  # noqa: E402
from recipes import everyday, french_verbs, growth, translations  # noqa: E402


@pytest.mark.parametrize(
    ("infinitive", "forms", "done", "later"),
    [
        ("manger", "mange manges mange mangeons mangez mangent", "mangé", "mangerai"),
        ("acheter", "achète achètes achète achetons achetez achètent", "acheté", "achèterai"),
        ("préférer", "préfère préfères préfère préférons préférez préfèrent", "préféré", "préférerai"),
        ("nettoyer", "nettoie nettoies nettoie nettoyons nettoyez nettoient", "nettoyé", "nettoierai"),
        ("finir", "finis finis finit finissons finissez finissent", "fini", "finirai"),
        ("apprendre", "apprends apprends apprend apprenons apprenez apprennent", "appris", "apprendrai"),
        ("revenir", "reviens reviens revient revenons revenez reviennent", "revenu", "reviendrai"),
        ("écrire", "écris écris écrit écrivons écrivez écrivent", "écrit", "écrirai"),
        ("revoir", "revois revois revoit revoyons revoyez revoient", "revu", "reverrai"),
    ],
)
def test_french_verbs_are_conjugated(infinitive, forms, done, later):
    assert french_verbs.present(infinitive) == forms.split()
    assert french_verbs.participle(infinitive) == done
    assert french_verbs.future(infinitive)[0] == later


def test_english_verbs_are_conjugated():
    assert [french_verbs.third(verb) for verb in ("go", "carry", "play", "wash")] == [
        "goes",
        "carries",
        "plays",
        "washes",
    ]
    assert [french_verbs.ing(verb) for verb in ("lie", "make", "sit", "see")] == [
        "lying",
        "making",
        "sitting",
        "seeing",
    ]
    assert [french_verbs.past("write", form) for form in (0, 1)] == ["wrote", "written"]


def test_little_words_are_elided():
    assert french_verbs.before("je", "aime") == "j'aime"
    assert french_verbs.before("de", "haricots") == "de haricots"
    assert french_verbs.inverted("a", "il") == "a-t-il"


def test_every_frame_composes_both_languages():
    rng = random.Random(0)
    for frame, _ in everyday.FRAMES:
        for _ in range(200):
            english, french = everyday.finished(frame(rng))
            assert english[0].isupper() or english[0].isdigit()
            assert french[-1] in ".?!", frame
            assert english.endswith("?") <= french.endswith(" ?"), (english, french)
            assert not any(
                wrong in f" {french}" for wrong in (" de le ", " à le ", " de les ", " je ai", " ne a", "{")
            ), french


def test_contractions_come_and_go():
    rng = random.Random(0)
    assert everyday.contracted("I am", rng, 1) == "I'm"
    assert everyday.expanded("don't") == "do not"


def test_phrases_are_pairs_and_none_is_there_twice():
    rows = translations.phrases()
    assert len(rows) > 3000
    assert len({english for english, _ in rows}) == len(rows)
    assert all(text == text.strip() and text for row in rows for text in row)


def test_a_grown_model_computes_the_same():
    torch.manual_seed(0)
    sizes = {"d_model": 16, "d_kv": 4, "num_heads": 2, "num_layers": 1, "decoder_start_token_id": 0}
    small = AutoModelForSeq2SeqLM.from_config(T5Config(vocab_size=20, d_ff=8, **sizes)).eval()
    large = growth.wider(small, T5Config(vocab_size=30, d_ff=24, **sizes)).eval()
    inputs = {"input_ids": torch.tensor([[3, 4, 1]]), "decoder_input_ids": torch.tensor([[0, 5]])}
    with torch.no_grad():
        torch.testing.assert_close(large(**inputs).logits[..., :20], small(**inputs).logits)
