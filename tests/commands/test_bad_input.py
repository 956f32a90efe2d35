"""What people type by mistake or out of curiosity, at the command line, in both languages."""

import io

import pytest

from hfquick.commands import cli
from tests.helpers.tiny_pictures import tiny_detr, tiny_vilt, tiny_vit

MODEL = "hfquick/distilbert-tiny-sentiment-en"
HEADS = {"en": ["label", "score"], "fr": ["étiquette", "score"]}
ODD = {
    "markup": "<script>alert(1)</script> <b>So good.</b> $x^2$ & co",
    "emoji": "🐈 👍🏽 👩‍👩‍👧",
    "right to left": "مرحبا بالعالم \u202eabc",
    "control characters": "So\x07 \x1b[31mgood\x00.\r\n",
    "a word of 400 letters": "x" * 400,
    "half an emoji": "So good \ud83d",
}


@pytest.fixture(params=["en", "fr"])
def language(request, monkeypatch):
    monkeypatch.setenv("HFQUICK_LANG", request.param)
    return request.param


@pytest.fixture
def run(capsys):
    """A command -> its exit code, what it prints, and what it says beside that."""

    def one(*arguments):
        code = cli.main(list(arguments))
        shown = capsys.readouterr()
        return code, shown.out.splitlines(), shown.err.splitlines()

    return one


def check_sentence(lines, language, english, french):
    """One sentence, in French with the English one below it."""
    if language == "fr":
        said, second = lines
        assert said.startswith("erreur : ")
        assert french in said
        assert second.startswith("En anglais : error: ")
        assert english in second
    else:
        (said,) = lines
        assert said.startswith("error: ")
        assert english in said


@pytest.mark.torch
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_texts_are_texts(run, language, text):
    code, shown, said = run("run", "sentiment-analysis", text, "--model", MODEL, "--framework", "pt")
    assert (code, said) == (0, [])
    assert shown[0].split() == HEADS[language]
    assert shown[1].split()[0] in ("POSITIVE", "NEGATIVE")


@pytest.mark.torch
def test_odd_texts_beside_each_other_are_not_obeyed(run, language):
    code, shown, _said = run("run", "sentiment-analysis", *ODD.values(), "--model", MODEL, "--framework", "pt")
    assert code == 0
    assert len(shown) == 1 + len(ODD)
    assert not any(letter in line for line in shown for letter in "\x07\x1b\x00\r\u202e")


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_text_is_refused(run, language, text):
    code, shown, said = run("run", "sentiment-analysis", text)
    assert (code, shown) == (2, [])
    check_sentence(said, language, "one of the inputs is empty; write a text", "une des entrées est vide ; écrivez")


@pytest.mark.torch
def test_50000_characters(run, language):
    arguments = ("run", "sentiment-analysis", "word " * 10_000, "--model", MODEL, "--framework", "pt")
    code, shown, said = run(*arguments)
    assert (code, shown) == (2, [])
    english, french = "tokens, the model reads at most 512; try", "tokens, le modèle en lit au plus 512 ; essayez"
    check_sentence(said, language, english, french)
    code, shown, said = run(*arguments, "--truncation")
    assert (code, len(shown), said) == (0, 2, [])


@pytest.mark.torch
def test_a_text_without_a_mask(run, language):
    code, _shown, said = run("run", "fill-mask", "Il ne viendra pas.", "--model", "hfquick/roberta-tiny-fr")
    assert code == 2
    check_sentence(
        said, language, "the text has no mask (<mask>): 'Il ne", "le texte n’a pas de masque (<mask>) : 'Il ne"
    )


def test_an_unknown_model_of_the_zoo(run, language):
    code, shown, said = run("run", "sentiment-analysis", "x", "--model", "hfquick/distilbert-tiny-sentiment")
    assert (code, shown) == (2, [])
    english = "is not an embedded model; did you mean 'hfquick/distilbert-tiny-sentiment-en'"
    check_sentence(
        said, language, english, "n’est pas un modèle embarqué ; vouliez-vous dire 'hfquick/distilbert-tiny-s"
    )


def test_an_unknown_model_without_a_network_names_those_of_the_task(run, language):
    code, shown, said = run("run", "translation", "x", "--model", "ada/nowhere")
    assert (code, shown) == (2, [])
    english = "Connect and restart the kernel, or use an embedded model: 'hfquick/t5-tiny-en-fr' (translation)"
    french = "redémarrez le noyau, ou prenez un modèle embarqué : 'hfquick/t5-tiny-en-fr' (translation)"
    check_sentence(said, language, english, french)
    assert not [line for line in said if "text-classification" in line]


MISTAKES = [
    (["run", "sentiment-analisys", "x"], "is unknown; did you mean", "est inconnue ; vouliez-vous dire"),
    (
        ["run", "speech-recognition", "x"],
        "task 'speech-recognition' is unknown; did you mean 'automatic-speech-recognition'",
        "vouliez-vous dire 'automatic-speech-recognition'",
    ),
    (["run", "vqa", "cat.png"], "takes one or more questions, then the picture", "puis l’image"),
    (["run", "vqa", __file__, "What?"], "takes one or more questions, then the picture", "puis l’image"),
    (["run", "vqa", " ", "cat.png"], "one of the inputs is empty; write a text", "une des entrées est vide ; écrivez"),
    (
        ["run", "image-classification", "cat.png", ""],
        "one of the inputs is empty; give the path or the address of a picture",
        "une des entrées est vide ; donnez le chemin ou l’adresse d’une image",
    ),
    (
        ["run", "object-detection", "cat.png", "--threshold", "high"],
        "argument --threshold: invalid float value: 'high'",
        "n’est pas une valeur de type float",
    ),
    (["run", "question-answering", "x"], "takes one or more questions", "prend une ou plusieurs questions"),
    (
        ["run"],
        "the following arguments are required: TASK, INPUT; see: hfquick run --help",
        "il manque ces arguments : TASK",
    ),
    (
        ["sing"],
        "argument COMMAND: invalid choice: 'sing' (choose from",
        "argument COMMAND : 'sing' n’est pas dans la liste",
    ),
    (
        ["run", "ner", "x", "--top-k", "many"],
        "argument --top-k: invalid int value: 'many'",
        "n’est pas une valeur de type int",
    ),
    (
        ["run", "ner", "x", "--model"],
        "argument --model: expected one argument",
        "argument --model : il faut une valeur",
    ),
    (["run", "ner", "x", "--nope"], "unrecognized arguments: --nope", "arguments inconnus : --nope"),
    (
        ["run", "ner", "x", "--json=1"],
        "argument --json: ignored explicit argument '1'",
        "ne prend pas de valeur, reçu : '1'",
    ),
    (["run", "ner", "x", "--t", "1"], "ambiguous option: --t could match", "l’option --t est ambiguë"),
    (["tour", "--tour", "xx"], "there is no tour in language 'xx'", "il n’y a pas de visite dans la langue 'xx'"),
    (["tour", "--port", "70000"], "is not a number from 1 to 65535", "n’est pas un nombre de 1 à 65535"),
]


@pytest.mark.parametrize(("arguments", "english", "french"), MISTAKES)
def test_a_mistake_is_a_sentence(run, language, arguments, english, french):
    code, shown, said = run(*arguments)
    assert (code, shown) == (2, [])
    check_sentence(said, language, english, french)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    made = {"image-classification": tiny_vit, "object-detection": tiny_detr, "vqa": tiny_vilt}
    made["image-segmentation"] = lambda folder: tiny_detr(folder, segments=True)
    return {task: str(make(tmp_path_factory.mktemp(task))) for task, make in made.items()}


CAT = "hfquick/pictures/cat.png"
NO_PICTURES = {
    "no picture": (b"MZ this is a program", "is no picture, or of a format that", "n’est pas une image"),
    "nothing": (b"", "is empty: it has 0 bytes", "est vide"),
    "cut off": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is cut off or damaged", "est tronquée ou endommagée"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG", "est un SVG"),
}


@pytest.mark.torch
@pytest.mark.parametrize("kind", NO_PICTURES)
def test_a_file_that_is_no_picture(run, language, models, tmp_path, kind):
    content, english, french = NO_PICTURES[kind]
    (tmp_path / "what.png").write_bytes(content)
    for inputs in (["what.png"], [CAT, "what.png"]):
        inputs[-1] = str(tmp_path / inputs[-1])
        code, shown, said = run("run", "image-classification", *inputs, "--model", models["image-classification"])
        assert (code, shown) == (2, [])
        check_sentence(said, language, english, french)
        assert ("picture 1: " in said[-1]) is (len(inputs) == 2)


OF_PICTURES = [
    (["image-classification", "cta.png"], "there is no picture 'cta.png'", "il n’y a pas d’image 'cta.png'"),
    (
        ["image-classification", "hfquick/pictures/cta.png"],
        "is not an embedded picture; did you mean 'hfquick/pictures/cat.png'",
        "n’est pas une image embarquée ; vouliez-vous dire 'hfquick/pictures/cat.png'",
    ),
    (["image-classification", "file:///etc/passwd"], "is not fetched", "n’est pas téléchargé"),
    (
        ["vqa", "Where?", "http://127.0.0.1:1/x.png"],
        "there is no way to its server",
        "son serveur est hors d’atteinte",
    ),
    (["object-detection", CAT, "--threshold", "7"], "threshold is 7.0, expected", "threshold vaut 7.0"),
    (["object-detection", CAT, "--top-k", "2"], "has no argument 'top_k'", "n’a pas d’argument 'top_k'"),
    (["image-segmentation", CAT, "--subtask", "semantics"], "did you mean 'semantic'", "vouliez-vous dire 'semantic'"),
]


@pytest.mark.torch
@pytest.mark.parametrize(("arguments", "english", "french"), OF_PICTURES)
def test_a_mistake_with_a_picture_is_a_sentence(run, language, models, arguments, english, french):
    code, shown, said = run("run", *arguments, "--model", models[arguments[0]])
    assert (code, shown) == (2, [])
    check_sentence(said, language, english, french)


@pytest.mark.torch
def test_nothing_piped_in_for_a_picture(run, language, models, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    code, _shown, said = run("run", "image-classification", "-", "--model", models["image-classification"])
    assert code == 2
    check_sentence(said, language, "- stands for a picture that is piped in", "- représente une image transmise")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    code, _shown, said = run("run", "image-classification", "-", "--model", models["image-classification"])
    assert code == 2
    check_sentence(said, language, "the picture is empty", "l’image est vide")


@pytest.mark.torch
def test_nothing_found_is_said(run, language, models):
    arguments = ["object-detection", CAT, "--threshold", "0.99", "--model", models["object-detection"]]
    said = "nothing found above the threshold" if language == "en" else "rien trouvé au-dessus du seuil"
    assert run("run", *arguments) == (0, [said], [])


def test_help_speaks_the_language(run, language):
    code, shown, said = run("run", "--help")
    assert (code, said) == (0, [])
    text = " ".join(" ".join(shown).split())
    words = ["usage: hfquick run", "positional arguments:", "options:", "show this help message and exit"]
    if language == "fr":
        words = ["usage : hfquick run", "arguments:", "options:", "afficher cette aide", "couper un texte trop long"]
    assert [word for word in words if word not in text] == []
