"""The command line: data on stdout, remarks on stderr, every mistake one sentence and exit code 2."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from hfquick import i18n, pipeline, zoo
from hfquick.commands import cli, doctor
from hfquick.hub import HubError, open_repo
from hfquick.image_processing.pictures import open_picture
from hfquick.tasks import TASKS
from hfquick.utils import errors
from tests.helpers.tiny_pictures import tiny_detr, tiny_vilt, tiny_vit
from tests.pipelines.recordings import RATE, recording

ROOT = Path(__file__).resolve().parents[2]
STARS = "hfquick/bert-tiny-multilingual-stars"


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("HFQUICK_LANG", "en")
    for name in ("TOUR", "PORT", "FRAMEWORK", "HFQUICK_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    yield
    i18n.set_language(None)


def run(*arguments, **environment):
    """The command in a process of its own, as in a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "hfquick", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.mark.torch
def test_run_prints_the_result_on_stdout_and_the_stand_in_on_stderr():
    done = run("run", "sentiment-analysis", "We are very happy to show you hfquick.", "--framework", "pt")
    assert done.returncode == 0, done.stderr
    head, line = done.stdout.splitlines()
    assert head.split() == ["label", "score"]
    assert re.fullmatch(r"POSITIVE +0\.\d{4}", line)
    notice = "'distilbert-base-uncased-finetuned-sst-2-english' is replaced by its tiny stand-in"
    assert done.stderr.count(notice) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.torch
def test_run_takes_several_inputs_and_gives_json(capsys):
    texts = ["Nous sommes très heureux.", "Quelle déception, à éviter."]
    assert cli.main(["run", "sentiment-analysis", *texts, "--model", STARS, "--top-k", "5", "--json"]) == 0
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(result) for result in results] == [5, 5]
    assert {row["label"] for row in results[0]} == {"1 star", "2 stars", "3 stars", "4 stars", "5 stars"}
    assert sum(row["score"] for row in results[0]) == pytest.approx(1, abs=1e-5)


@pytest.mark.torch
def test_run_asks_questions_about_a_text(capsys):
    model = str(Path(__file__).parents[1] / "reference" / "pipelines" / "qa-bert")
    text = "The library of Paris lent seven books."
    assert cli.main(["run", "question-answering", "Who lent?", "How many?", text, "--model", model, "--json"]) == 0
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [result["answer"] == text[result["start"] : result["end"]] for result in results] == [True, True]
    assert cli.main(["run", "question-answering", text, "--model", model]) == 2
    assert "takes one or more questions, then the text" in capsys.readouterr().err


CAT = "hfquick/pictures/cat.png"


@pytest.mark.torch
def test_run_reads_pictures(capsys, tmp_path, monkeypatch):
    model = str(tiny_vit(tmp_path))
    assert cli.main(["run", "image-classification", CAT, CAT, "--model", model, "--top-k", "2", "--json"]) == 0
    one, other = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert one == other
    assert len(one) == 2
    assert cli.main(["run", "image-classification", CAT, "--model", model]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["label", "score"]
    assert [line.split()[0] for line in lines[:2]] == [row["label"] for row in one]
    content = zoo.picture(CAT).read_bytes()
    piped(monkeypatch, content)
    assert cli.main(["run", "image-classification", "-", "--model", model, "--top-k", "2", "--json"]) == 0
    piped_in = json.loads(capsys.readouterr().out)  # alone, not in a batch of two
    assert [row["score"] for row in piped_in] == pytest.approx([row["score"] for row in one], abs=1e-6)


@pytest.mark.torch
def test_run_reads_sounds(capsys, tmp_path, monkeypatch):
    folder, path, wave = Path(__file__).parents[1] / "reference" / "pipelines", tmp_path / "odd.wav", recording("odd")
    soundfile.write(path, wave, RATE, subtype="FLOAT")
    asked = ["run", "audio-classification", str(path), "--model", str(folder / "sound-group"), "--top-k", "2"]
    right = pipeline("audio-classification", model=str(folder / "sound-group"))(wave, top_k=2)
    assert cli.main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == right
    piped(monkeypatch, path.read_bytes())
    assert cli.main(["-" if word == str(path) else word for word in asked]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["label", "score"]
    assert [line.split() for line in lines] == [[one["label"], f"{one['score']:.4f}"] for one in right]


@pytest.mark.torch
def test_run_transcribes(capsys, tmp_path):
    model, path = str(Path(__file__).parents[1] / "reference" / "pipelines" / "speech-layer"), tmp_path / "odd.wav"
    soundfile.write(path, recording("odd"), RATE, subtype="FLOAT")
    pipe, asked = (
        pipeline("automatic-speech-recognition", model=model),
        ["automatic-speech-recognition", "--model", model],
    )
    assert cli.main(["run", *asked, str(path), str(path)]) == 0
    assert capsys.readouterr().out.splitlines() == [pipe(path)["text"]] * 2
    assert cli.main(["run", *asked, str(path), "--timestamps", "word", "--chunk-length", "0.7"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split("  ") == ["from (s)", "to (s)", "text"]
    found = pipe(path, return_timestamps="word", chunk_length_s=0.7)["chunks"]
    assert [line.split()[2] for line in lines] == [one["text"] for one in found]
    assert [float(line.split()[0]) for line in lines] == [round(one["timestamp"][0], 2) for one in found]


@pytest.mark.torch
def test_run_gives_masks_as_base64_in_json(capsys, tmp_path):
    model = str(tiny_detr(tmp_path, segments=True))
    arguments = ["run", "image-segmentation", CAT, "--model", model, "--subtask", "semantic", "--json"]
    assert cli.main(arguments) == 0
    [segment] = json.loads(capsys.readouterr().out)
    assert open_picture(segment["mask"]).size == open_picture(CAT).size


@pytest.mark.torch
def test_run_asks_questions_about_a_picture(capsys, tmp_path):
    model, questions = str(tiny_vilt(tmp_path)), ["How many cats?", "What colour is it?"]
    assert cli.main(["run", "vqa", *questions, CAT, "--model", model, "--top-k", "1"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["input", "answer", "score"]
    right = pipeline("vqa", model=model)(CAT, questions, top_k=1)
    for line, question, (found,) in zip(lines, questions, right, strict=True):
        assert line.split("  ")[0] == question
        assert line.split()[-2:] == [found["answer"], f"{found['score']:.4f}"]


@pytest.mark.torch
def test_run_gives_one_line_for_a_text(capsys):
    model = str(Path(__file__).parents[1] / "reference" / "pipelines" / "fill-bert")
    assert cli.main(["run", "fill-mask", "[MASK] !", "--model", model, "--top-k", "3", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert len(json.loads(line)) == 3


@pytest.mark.tf
def test_tensorflow_makes_no_noise():
    pytest.importorskip("tensorflow")
    done = run("run", "sentiment-analysis", "So good.", "--model", STARS, "--framework", "tensorflow")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.tf
def test_run_in_tensorflow_agrees(capsys):
    pytest.importorskip("tensorflow")
    pytest.importorskip("torch")
    scores = []
    for framework in ("pytorch", "tensorflow"):
        assert (
            cli.main(["run", "text-classification", "So good.", "--model", STARS, "--framework", framework, "--json"])
            == 0
        )
        result = json.loads(capsys.readouterr().out)
        scores.append((result[0] if isinstance(result, list) else result)["score"])
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)


def test_tasks_lists_the_whole_table(capsys):
    assert cli.main(["tasks"]) == 0
    shown = capsys.readouterr().out
    for task in TASKS.values():
        assert all(word in shown for word in (task.name, task.title, task.default_model, *task.aliases))


def test_tasks_in_french(capsys, monkeypatch):
    monkeypatch.setenv("HFQUICK_LANG", "fr")
    assert cli.main(["tasks"]) == 0
    shown = capsys.readouterr().out
    assert shown.split()[0] == "tâche"
    assert "Classification de texte" in shown
    assert "Reconnaissance d’entités nommées" in shown


def test_models_in_french(capsys, monkeypatch):
    monkeypatch.setenv("HFQUICK_LANG", "fr")
    assert cli.main(["models"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["modèle", "tâche", "langues", "taille", "remplace"]
    assert all(" Mo  " in row for row in rows)


def test_models_lists_the_zoo_with_sizes(capsys):
    assert cli.main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(zoo.models())
    for line, name in zip(lines[1:], zoo.models(), strict=True):
        assert line.startswith(name)
        assert " MB" in line


MISTAKES = [
    (["run", "sentiment-analisys", "x"], "task 'sentiment-analisys' is unknown; did you mean 'sentiment-analysis'?"),
    (["run", "sentiment-analysis", "x", "--model", "hfquick/no-such-model"], "'hfquick/no-such-model'"),
    (["run", "sentiment-analysis", "x", "--framework", "jax"], "invalid choice: 'jax'"),
    (["run", "sentiment-analysis", "x", "--top-k", "many"], "invalid int value: 'many'"),
    (["run", "sentiment-analysis"], "the following arguments are required: INPUT"),
    (["run", "sentiment-analysis", "x", " "], "one of the inputs is empty; write a text between the quotation marks"),
    (["run", "speech-recognition", "x"], "is unknown; did you mean 'automatic-speech-recognition'"),
    (["run", "audio-classification", " "], "one of the inputs is empty; give the path or the address of a sound"),
    (["run", "audio-classification", "x", "--timestamps", "words"], "invalid choice: 'words'"),
    (["sing"], "invalid choice: 'sing'"),
    ([], "the following arguments are required: COMMAND"),
    (["tour", "--tour", "xx"], "there is no tour in language 'xx'"),
    (["tour", "--framework", "jax"], "framework 'jax' is unknown for the tour; choose: pytorch, tensorflow, both"),
    (["tour", "--port", "high"], "port 'high' is not a number from 1 to 65535"),
    (["tour", "--port", "70000"], "port '70000' is not a number from 1 to 65535"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES)
def test_a_mistake_is_one_sentence_and_code_2(arguments, said, capsys):
    assert cli.main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1
    assert shown.err.startswith("error: ")
    assert said in shown.err


def test_a_traceback_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("HFQUICK_TRACEBACK", "1")
    with pytest.raises(ValueError, match="is unknown"):
        cli.main(["run", "sentiment-analisys", "x"])


def test_the_environment_chooses_the_tour(monkeypatch):
    from hfquick.commands import launch

    asked = []
    monkeypatch.setattr(launch, "open_tour", lambda *options: asked.append(options) or 0)
    assert cli.main(["tour"]) == 0
    for name, value in {"TOUR": "fr", "PORT": "9999", "FRAMEWORK": "pytorch"}.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["tour", "--no-browser"]) == 0
    assert cli.main(["tour", "--tour", "en", "--port", "8080"]) == 0
    assert asked == [(None, None, None, None), ("fr", "pytorch", 9999, False), ("en", "pytorch", 8080, None)]


def test_sentences_of_errors():
    assert errors.sentence(KeyError("no 'a'; did you mean 'b'?")) == "no 'a'; did you mean 'b'?"
    assert errors.sentence(OSError("two\n  lines")) == "two lines"
    assert errors.sentence(MemoryError()) == "MemoryError"


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} -m hfquick models | {sys.executable} -c 'pass'"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_doctor_tells_what_is_there_and_never_a_secret(capsys, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_TOKEN", "hf_a_very_secret_token")
    monkeypatch.setenv("https_proxy", "http://me:my-password@proxy.school:3128")
    monkeypatch.setattr(doctor, "gpu", lambda: "none, the processor is used")  # importing a framework takes seconds
    monkeypatch.setattr(doctor, "kernels", lambda: "torch's own library")
    assert cli.main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "secret" not in shown
    assert "password" not in shown
    assert "HF_TOKEN: set" in shown
    assert "proxy: HTTPS_PROXY" in shown
    assert "Hugging Face Hub: not asked, HF_HUB_OFFLINE is set" in shown
    assert "stand-ins: allowed when offline" in shown


def test_doctor_tells_how_many_threads_there_are(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(doctor.os, "cpu_count", lambda: 7)
    assert doctor.threads() == "7; 1 in the tour (OMP_NUM_THREADS chooses)"
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert doctor.threads() == "3; 3 in the tour (OMP_NUM_THREADS chooses)"


@pytest.mark.parametrize("value", ["0", "false", "No", "off", "1", ""])
def test_doctor_and_hub_agree_about_stand_ins(monkeypatch, value):
    monkeypatch.setenv("HFQUICK_STAND_INS", value)
    shown = next(line for line in doctor.network() if line.startswith("stand-ins"))
    allowed = value in ("1", "")
    if allowed:
        assert open_repo("distilbert-base-uncased").stand_in_for
    else:
        with pytest.raises(HubError, match="HFQUICK_STAND_INS=0 forbids its stand-in"):
            open_repo("distilbert-base-uncased")
    assert shown == f"stand-ins: {'allowed when offline' if allowed else 'forbidden by HFQUICK_STAND_INS=0'}"


def test_doctor_names_what_is_missing_with_its_command(monkeypatch):
    absent = {"torch", "tensorflow", "keras", "datasets"}
    monkeypatch.setattr(doctor, "version_of", lambda package: None if package in absent else "1.0")
    monkeypatch.setattr(doctor, "CLONE", None)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/somewhere/else/python")
    shown = "\n".join(doctor.packages())
    python = sys.executable
    assert f"missing: torch; try: {python} -m pip install torch" in shown
    assert f"missing: tensorflow, keras; try: {python} -m pip install tensorflow keras" in shown
    assert f"missing: datasets; try: {python} -m pip install datasets" in shown
    assert "no framework: models need the extra torch or the extra tf" in shown
    monkeypatch.setattr(doctor, "CLONE", Path("/clone"))
    monkeypatch.setattr(doctor.shutil, "which", lambda name: sys.executable)
    assert doctor.install_command("", []) == f"{Path(python).name} -m pip install -e '/clone'"


def test_doctor_sees_two_tensorflows(monkeypatch):
    both = [type("Distribution", (), {"metadata": {"Name": name}}) for name in ("tensorflow", "tensorflow_cpu")]
    monkeypatch.setattr(doctor.metadata, "distributions", lambda: both)
    assert "tensorflow and tensorflow-cpu are both installed" in "\n".join(doctor.packages())


def test_doctor_measures_the_cache(monkeypatch, tmp_path):
    (tmp_path / "hub" / "models--a--b").mkdir(parents=True)
    (tmp_path / "hub" / "models--a--b" / "blob").write_bytes(bytes(2_500_000))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setattr(doctor, "gpu", lambda: "-")
    monkeypatch.setattr(doctor, "kernels", lambda: "-")
    assert f"cache: {tmp_path / 'hub'}, 2.5 MB (" in "\n".join(doctor.machine())


@pytest.mark.parametrize(
    ("code", "said"), [("raise ImportError('no driver')", "no driver"), ("print('Fast 3000')", "Fast 3000")]
)
def test_doctor_asks_for_a_gpu_in_another_process(monkeypatch, code, said):
    real = subprocess.run
    monkeypatch.setattr(doctor, "find_spec", lambda name: name == "torch")
    monkeypatch.setattr(doctor.subprocess, "run", lambda command, **options: real([command[0], "-c", code], **options))
    assert said in doctor.gpu()


def test_doctor_knows_when_the_hub_is_out_of_reach(monkeypatch):
    from hfquick.hub import repository as hub

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(hub, "is_offline", lambda: True)
    assert doctor.hub_state() == "no route; embedded models and what is in the cache still work"
    monkeypatch.setattr(hub, "is_offline", lambda: False)
    assert doctor.hub_state() == "in reach"


@pytest.mark.torch
def test_doctor_says_how_matrices_are_multiplied(monkeypatch):
    monkeypatch.setenv("HFQUICK_ONEDNN", "0")
    assert doctor.kernels() == "torch's own library"


def piped(monkeypatch, content: bytes | None) -> None:
    """What comes in through a pipe; None for a terminal."""

    class Pipe(io.TextIOWrapper):
        def isatty(self) -> bool:
            return content is None

    monkeypatch.setattr(sys, "stdin", Pipe(io.BytesIO(content or b""), encoding="utf-8"))


@pytest.mark.torch
def test_run_reads_what_is_piped_in_and_files(monkeypatch, tmp_path, capsys):
    text = "Nous sommes très heureux."
    assert cli.main(["run", "sentiment-analysis", text, "--model", STARS, "--json"]) == 0
    expected = capsys.readouterr().out
    piped(monkeypatch, text.encode())
    assert cli.main(["run", "sentiment-analysis", "-", "--model", STARS, "--json"]) == 0
    assert capsys.readouterr().out == expected
    (tmp_path / "avis.txt").write_text(text, encoding="utf-8")
    file = str(tmp_path / "avis.txt")
    assert cli.main(["run", "sentiment-analysis", file, "--model", STARS, "--json"]) == 0
    said = capsys.readouterr()
    assert said.out == expected
    assert f"reading the file {file}" in said.err


def test_run_asks_about_a_file_and_about_what_is_piped_in(monkeypatch, tmp_path):
    (tmp_path / "text.txt").write_text("Ada wrote it.", encoding="utf-8")
    assert cli.text_of(str(tmp_path / "text.txt")) == "Ada wrote it."
    assert cli.text_of("no such file") == "no such file"
    assert cli.text_of("x" * 5000) == "x" * 5000  # too long for the name of a file
    piped(monkeypatch, "Ada l’a écrit.".encode())
    assert cli.questions(["Who?", cli.text_of("-")]) == [{"question": "Who?", "context": "Ada l’a écrit."}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "one of the inputs is empty"),
        (b" \n", "one of the inputs is empty"),
        (b"\xff\xfe", "'-' is no text in UTF-8; save it as UTF-8, or write the text in quotes"),
        (None, "- stands for a text that is piped in, and nothing is; write the text in quotes"),
    ],
)
def test_run_with_nothing_in_the_pipe(monkeypatch, capsys, content, said):
    piped(monkeypatch, content)
    assert cli.main(["run", "sentiment-analysis", "-"]) == 2
    assert said in capsys.readouterr().err


def test_run_with_a_file_that_is_no_text(tmp_path, capsys):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    assert cli.main(["run", "sentiment-analysis", str(tmp_path / "picture.png")]) == 2
    assert "picture.png' is no text in UTF-8" in capsys.readouterr().err
