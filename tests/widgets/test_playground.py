"""The Playground by its traits, without a browser. Holds with ipywidgets 7.7.1 as with 8."""

import ast
import re
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

widgets = pytest.importorskip("ipywidgets")

import hfquick  # noqa: E402
from hfquick import zoo  # noqa: E402
from hfquick.display import markup  # noqa: E402
from hfquick.i18n import set_language  # noqa: E402
from hfquick.tasks import TASKS, Task, find_task  # noqa: E402
from hfquick.widgets import Playground, PlaygroundState, clicks  # noqa: E402
from hfquick.widgets import playground as playground_module  # noqa: E402
from hfquick.widgets import report as report_module  # noqa: E402
from hfquick.widgets import state as state_module  # noqa: E402
from hfquick.widgets.report import report  # noqa: E402
from tests.helpers.tiny_model import tiny_classifier  # noqa: E402
from tests.helpers.widgets import open_widgets  # noqa: E402

# ipywidgets 7 opens its channels as ipykernel 6 and 7 ask it no longer to; 8 does not.
pytestmark = pytest.mark.filterwarnings("ignore:The .ipykernel.comm.Comm. class has been deprecated:DeprecationWarning")

FAMOUS = "distilbert-base-uncased-finetuned-sst-2-english"
EMBEDDED = "hfquick/distilbert-tiny-sentiment-en"
ANSWERS = Path(__file__).parents[1] / "reference" / "pipelines" / "qa-bert"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    pytest.importorskip("torch")  # which writes it
    return tiny_classifier(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def embedded(tiny, monkeypatch):
    """Every embedded model is the tiny one, in this test."""
    monkeypatch.setattr(zoo, "folder", lambda name, kind: tiny)


@pytest.fixture
def state(tiny):
    made = PlaygroundState()
    made.model, made.framework, made.text = str(tiny), "pt", "We are happy."
    return made


# Choices


def test_it_starts_with_something_that_runs_offline_and_loads_nothing(capsys):
    playground = Playground()
    state = playground.state
    assert state.task == "text-classification"
    assert state.model == state.models[0] == TASKS[state.task].stand_in
    assert state.text == state.samples[0]
    assert not state._loaded
    assert capsys.readouterr().out == ""


def test_models_are_those_of_the_task():
    models = PlaygroundState().models
    assert set(models) == {*zoo.models("text-classification"), FAMOUS} - {"hfquick/sample-tf-save"}
    assert "hfquick/distilbert-tiny-en" not in models


def test_samples_follow_the_model_and_a_stand_in_has_those_of_its_model():
    state = PlaygroundState()
    assert state.samples[:2] == list(zoo.MODELS[EMBEDDED].sample_inputs)
    state.model = "hfquick/bert-tiny-multilingual-stars"
    assert state.samples[0] == zoo.MODELS[state.model].sample_inputs[0]
    state.model = FAMOUS
    assert state.samples[0] == zoo.MODELS[EMBEDDED].sample_inputs[0]
    state.model = "somebody/something"
    assert state.samples == list(TASKS["text-classification"].samples)


def test_samples_hide_a_word_as_the_model_spells_it():
    state = PlaygroundState("fill-mask")
    state.model = "hfquick/distilbert-tiny-en"
    assert state.samples
    assert all("[MASK]" in sample for sample in state.samples)
    state.model = "somebody/something"
    assert state.samples == list(TASKS["fill-mask"].samples)


@pytest.mark.parametrize(("task", "model"), [("fill-mask", "roberta-tiny-fr"), ("text-generation", "gpt2-tiny-fr")])
def test_a_model_of_another_language_is_offered_no_english(task, model):
    state = PlaygroundState(task)
    state.model = f"hfquick/{model}"
    assert state.samples == list(zoo.MODELS[state.model].sample_inputs)
    assert state.text == state.samples[0]


def test_a_question_and_its_context_are_one_input():
    state = PlaygroundState("question-answering")
    first, second = state.samples[:2]
    assert state.input == first == {"question": state.question, "context": state.text}
    assert first in zoo.MODELS[state.model].sample_inputs
    state.take(second)
    assert (state.question, state.text) == (second["question"], second["context"])
    state.question = 'Who said "no"?'
    assert state.code.endswith(f')(question="Who said \\"no\\"?", context="{state.text}")')
    state.task = "text-classification"  # a text is no question: it starts anew
    assert (state.question, state.text) == ("", state.samples[0])
    state.text = "My own words."
    state.task = "token-classification"
    assert state.input == "My own words."
    state.task = "question-answering"
    assert state.input == state.samples[0]


def test_every_task_begins_with_a_sample_of_its_own_and_keeps_what_somebody_wrote():
    state = PlaygroundState()
    embedded = [name for name, row in TASKS.items() if row.stand_in]
    for name in [*embedded, *reversed(embedded)]:
        state.task = name
        assert state.input == state.samples[0], name
        assert state.input in zoo.MODELS[state.model].sample_inputs
    state.task = "translation"
    state.take(state.samples[1])
    state.task = "summarization"
    assert state.input == state.samples[0]
    state.text += " It also plays chess."
    state.task = "translation"
    assert state.text.endswith(" It also plays chess.")


def test_a_sample_follows_the_model_and_a_text_of_ones_own_does_not():
    state = PlaygroundState("fill-mask")
    for state.model in ("hfquick/distilbert-tiny-en", "hfquick/roberta-tiny-fr"):
        assert state.input == state.samples[0]
    state.text = "Un <mask>."
    state.model = "hfquick/distilbert-tiny-en"
    assert state.text == "Un <mask>."


def test_names_come_whole_and_the_code_says_how():
    state = PlaygroundState("ner")
    assert state.options == {"aggregation_strategy": "first"}
    assert state.code.endswith(', aggregation_strategy="first")')


@pytest.mark.parametrize("name", TASKS)
def test_a_long_text_can_be_cut_where_the_task_knows_how(name):
    state = PlaygroundState(name)
    state.truncation = True
    assert ("truncation=True" in state.code) is state.can_truncate
    never = ("token-classification", "question-answering", "image-classification", "object-detection")
    never += ("image-segmentation", "automatic-speech-recognition", "audio-classification")
    assert state.can_truncate is (name not in never)
    state.task = "summarization" if name == "translation" else "translation"
    assert not state.truncation


def test_a_task_may_be_named_by_its_alias_and_an_unknown_one_is_a_sentence():
    assert PlaygroundState("sentiment-analysis").task == "text-classification"
    with pytest.raises(ValueError, match="task 'sentiment' is unknown; did you mean 'sentiment-analysis'"):
        Playground("sentiment")


def test_it_grows_with_the_table_of_tasks(monkeypatch, tiny):
    row = find_task("text-classification")
    new = {**vars(row), "name": "mood", "aliases": (), "title": "Mood", "stand_in": "", "default_model": str(tiny)}
    monkeypatch.setitem(TASKS, "mood", Task(**new))
    monkeypatch.setitem(TASKS, "film", Task(**{**new, "name": "film", "input": "video"}))
    playground = Playground()
    assert [name for _, name in playground.task.options][-1] == "mood"  # no control for films: not offered
    playground.task.value = "mood"
    state = playground.state
    assert state.models == [str(tiny)] == [state.model]
    assert state.code.endswith(f'pipeline("mood", model="{tiny}", framework="{state.framework}")("{state.text}")')
    state.framework, state.text = "pt", "we"
    state.run()
    assert state.error == ""
    assert state.result[0]["label"] in ("NEGATIVE", "POSITIVE")


@pytest.mark.parametrize(
    ("there", "offered"),
    [
        ({"torch", "tensorflow"}, [("PyTorch", "pt"), ("TensorFlow", "tf")]),
        ({"torch"}, [("PyTorch", "pt")]),
        ({"tensorflow"}, [("TensorFlow", "tf")]),
        (set(), [("none is installed", "")]),
    ],
)
def test_only_installed_frameworks_are_offered(monkeypatch, there, offered):
    monkeypatch.setattr(state_module, "find_spec", lambda name: name if name in there else None)
    playground = Playground()
    assert list(playground.framework.options) == offered
    assert playground.state.framework == playground.framework.value == offered[0][1]


# Running


@pytest.mark.torch
def test_run_gives_the_result_of_the_pipeline_and_its_time(state, tiny):
    state.run()
    assert state.error == state.notice == ""
    assert state.result == hfquick.pipeline("sentiment-analysis", model=str(tiny), framework="pt")("We are happy.")
    assert 0 < state.seconds < 60
    assert 0 < state.loading < 60
    state.run()
    assert state.loading == 0  # the model was kept
    assert not state.busy


@pytest.mark.torch
def test_all_labels(state):
    state.all_labels = True
    assert state.code.endswith(", top_k=None)")
    state.run()
    assert {item["label"] for item in state.result} == {"NEGATIVE", "POSITIVE"}


@pytest.mark.torch
@pytest.mark.parametrize("all_labels", [False, True])
@pytest.mark.parametrize(
    "text", ["We are happy.", 'She said "no" and \\left', "two\nlines\tand {braces} é 🤗", "'''\"\"\""]
)
def test_the_code_shown_does_the_same(state, text, all_labels):
    state.text, state.all_labels = text, all_labels
    state.run()
    assert state.error == ""
    assert state.ran == state.code
    *before, last = ast.parse(state.code).body
    names = {}
    exec(compile(ast.Module(before, []), "code", "exec"), names)
    assert eval(compile(ast.Expression(last.value), "code", "eval"), names) == state.result
    assert len(state.code.splitlines()) == 3


@pytest.mark.torch
def test_an_answer_and_the_code_that_gives_it():
    state = PlaygroundState("question-answering")
    state.model, state.framework = str(ANSWERS), "pt"
    state.take({"question": "Who?", "context": "Ada wrote\nit."})
    state.run()
    assert state.error == ""
    *before, last = ast.parse(state.code).body
    names = {}
    exec(compile(ast.Module(before, []), "code", "exec"), names)
    assert eval(compile(ast.Expression(last.value), "code", "eval"), names) == state.result
    assert state.result["answer"] in state.text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"question": " ", "context": "Ada wrote it."}, "There is no question yet: write one, or choose a sample."),
        ({"question": "Who?", "context": ""}, "There is no text yet: write one, or choose a sample."),
    ],
)
def test_a_question_or_a_context_that_is_missing_is_a_sentence(given, said):
    state = PlaygroundState("question-answering")
    state.take(given)
    state.run()
    assert state.error == said


@pytest.mark.tf
def test_tensorflow_gives_the_same(state):
    state.run()
    expected = state.result
    state.framework = "tf"
    state.run()
    assert state.error == ""
    assert state.result[0]["label"] == expected[0]["label"]
    assert state.result[0]["score"] == pytest.approx(expected[0]["score"], abs=1e-5)


@pytest.mark.torch
def test_a_stand_in_is_named_in_the_widget_every_time_and_nowhere_else(embedded, capsys):
    state = PlaygroundState()
    state.model, state.framework = FAMOUS, "pt"
    for _time in range(2):
        state.run()
        assert state.error == ""
        assert state.notice.strip() == (
            f"offline: {FAMOUS!r} is replaced by its tiny stand-in {EMBEDDED!r} (HFQUICK_STAND_INS=0 forbids this)"
        )
    state.model = EMBEDDED
    state.run()
    assert state.notice == ""
    assert capsys.readouterr().out == ""


@pytest.mark.torch
def test_only_a_few_models_are_kept_those_used_last(embedded):
    state = PlaygroundState()
    state.framework = "pt"
    first, second, third, fourth = [*state.models, "hfquick/sample-tf-save"]
    for name in (first, second, third):
        state.model = name
        state.run()
    state.model = first
    state.run()
    assert state.loading == 0
    state.model = fourth
    state.run()
    assert [key[1] for key in state._loaded] == [third, first, fourth]


# What can go wrong is a sentence in the widget


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"text": ""}, "There is no text yet: write one, or choose a sample."),
        ({"text": " \n"}, "There is no text yet: write one, or choose a sample."),
        ({"model": " "}, "There is no model yet: choose one, or write an id of the Hugging Face Hub."),
        ({"model": "somebody/something"}, "'somebody/something' is neither a folder here nor in the cache"),
        ({"model": "hfquick/distilbert-tiny-sentiment"}, "did you mean 'hfquick/distilbert-tiny-sentiment-en'"),
        ({"model": "./nowhere"}, "the folder './nowhere' does not exist"),
        ({"model": "https://huggingface.co/x/y"}, "is an address, expected an id"),
        ({"framework": "jax"}, "framework 'jax' is unknown"),
        ({"text": "we " * 100}, "try truncation=True"),
        ({"text": "x" * 50_000}, "This text has 50000 characters, the Playground takes 20000: shorten it."),
    ],
)
@pytest.mark.torch
def test_a_mistake_is_a_sentence(state, choice, said):
    for name, value in choice.items():
        setattr(state, name, value)
    state.run()
    assert said in state.error
    assert state.result is None
    assert not state.busy
    assert "\n" not in state.error


@pytest.mark.torch
def test_a_mistake_is_a_french_sentence_with_the_english_one_below_it(state):
    set_language("fr")
    try:
        state.framework = "jax"
        state.run()
        page = report(state)
    finally:
        set_language(None)
    french = "le framework 'jax' est inconnu ; donnez 'pt' pour PyTorch ou 'tf' pour TensorFlow"
    english = "framework 'jax' is unknown; give 'pt' for PyTorch or 'tf' for TensorFlow"
    assert (state.error, state.error.english) == (french, english)
    assert page.index(f"Erreur : {markup.escape(french)}") < page.index(f"En anglais : {markup.escape(english)}")
    assert page.count('role="alert"') == 1


def test_a_missing_framework_says_how_to_install_it(state, monkeypatch):
    monkeypatch.setattr("hfquick.auto.need", missing("torch"))
    state.run()
    assert "needs torch, which is not installed; try: pip install torch" in state.error


def missing(name):
    def need(module, what, extra):
        raise ImportError(f"{what} needs {name}, which is not installed; try: pip install {name}")

    return need


def test_no_framework_at_all(state, monkeypatch):
    monkeypatch.setattr("hfquick.pipelines.factory.find_spec", lambda name: None)
    state.framework = ""
    assert "framework" not in state.code
    state.run()
    assert state.error.startswith("a pipeline needs PyTorch or TensorFlow; try: pip install")


def test_without_ipywidgets_the_package_says_so(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("hfquick.widgets")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match=r"Playground needs ipywidgets.*pip install ipywidgets"):
        from hfquick.widgets import Playground  # noqa: F401


@pytest.mark.torch
def test_a_text_that_is_too_long_is_cut_on_request(state):
    state.text, state.truncation = "we " * 100, True
    state.run()
    assert state.error == ""
    assert state.result[0]["label"] in ("NEGATIVE", "POSITIVE")


@pytest.mark.torch
def test_a_masked_text_that_is_too_long_is_cut_on_request():
    state = PlaygroundState("fill-mask")
    state.text, state.truncation = f"The cat is <mask>.{' yes' * 600}", True
    assert "truncation=True" in state.code
    state.run()
    assert (state.error, len(state.result)) == ("", 5)


def test_a_question_counts_for_the_limit_of_characters():
    state = PlaygroundState("question-answering")
    state.question = "who " * 5000
    state.run()
    assert "characters, the Playground takes 20000" in state.error


@pytest.mark.parametrize("beside", [False, True], ids=["this thread", "another thread"])
def test_a_run_can_be_stopped(state, monkeypatch, beside):
    def endless(*args, **options):
        if beside:
            threading.Thread(target=state.stop).start()
        else:
            state.stop()
        while True:
            time.sleep(0.01)

    monkeypatch.setattr(state_module, "pipeline", endless)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a kernel; a job of a script ignores it
    try:
        state.stop()  # nothing is going on
        state.run()
    finally:
        signal.signal(signal.SIGINT, before)
    assert (state.error, state.busy, state.result) == ("Stopped.", False, None)


class OldKernel:
    """ipykernel 6 as far as clicks need it: it reads its messages only when it is asked to."""

    def __init__(self):
        self.session, self.shell_stream, self.waiting = None, self, []

    def schedule_dispatch(self, dispatch, message): ...

    def on_recv(self, receiver, copy): ...

    def flush(self, flag):
        while self.waiting:
            self.waiting.pop()()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer")
def test_a_kernel_that_does_not_listen_by_itself_looks_for_clicks_all_the_same(tiny, monkeypatch):
    pytest.importorskip("zmq")
    kernel, playground, read = OldKernel(), Playground(), []

    def pressed_while_it_runs(*args, **options):
        kernel.waiting += [
            lambda: clicks._heard[playground.stop.model_id].pressed(),
            lambda: read.append("another message"),
        ]
        stop = time.monotonic() + 20
        while time.monotonic() < stop:
            time.sleep(0.01)

    monkeypatch.setattr(clicks, "_kernel", lambda: kernel)
    monkeypatch.setattr(state_module, "pipeline", pressed_while_it_runs)
    before = signal.getsignal(signal.SIGALRM)
    playground.button.click()
    assert playground.state.error == "Stopped."
    assert read == ["another message"]
    assert clicks._heard == {}
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_interrupting_stops_the_run_not_the_widget(state, monkeypatch):
    def pressed(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(state_module, "pipeline", pressed)
    state.run()
    assert state.error == "Stopped."
    assert not state.busy


# The view


@pytest.fixture
def playground(tiny):
    made = Playground()
    made.state.model, made.state.framework = str(tiny), "pt"
    return made


def controls(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from controls(child)


def test_controls_write_into_the_state_and_follow_it(playground):
    state = playground.state
    playground.model.value = FAMOUS
    assert state.model == FAMOUS
    playground.sample.value = state.samples[1]
    assert state.text == playground.text.value == state.samples[1]
    playground.text.value = "My own words."
    assert state.text == "My own words."
    assert playground.sample.label == "my own text"
    state.text = state.samples[0]
    assert playground.sample.value == state.samples[0]
    playground.sample.value = ""  # "my own text": it starts from what is there
    assert state.text == state.samples[0]
    playground.all_labels.value = True
    assert "top_k=None" in playground.code.value == state.code
    playground.framework.value = "pt"
    assert 'framework="pt"' in playground.code.value


def test_the_question_has_a_field_where_one_is_asked(playground):
    state = playground.state
    assert playground.question.layout.display == "none"
    assert playground.text.description == "Text"
    playground.task.value = "question-answering"
    assert playground.question.layout.display is None
    assert playground.text.description == "Context"
    assert playground.sample.label == playground.question.value == state.samples[0]["question"]
    assert playground.text.value == state.samples[0]["context"]
    playground.sample.value = state.samples[1]
    assert state.input == state.samples[1] == {"question": playground.question.value, "context": playground.text.value}
    playground.question.value = "Who?"
    assert state.question == "Who?"
    assert playground.sample.label == "my own text"
    assert 'question="Who?", context=' in playground.code.value
    playground.task.value = "text-classification"
    assert playground.question.layout.display == "none"
    assert playground.text.value == state.samples[0] == playground.sample.value


def test_a_model_of_ones_own(playground, tiny):
    playground.model.value = EMBEDDED
    assert playground.other.layout.display == "none"
    playground.model.value = ""  # "another model ..."
    assert playground.other.layout.display is None
    playground.other.value = str(tiny)
    assert playground.state.model == str(tiny)
    assert playground.model.label == "another model ..."
    playground.model.value = EMBEDDED
    assert playground.other.layout.display == "none"


@pytest.mark.torch
def test_the_button_runs_and_the_result_is_drawn(playground):
    seen = []
    playground.button.observe(lambda change: seen.append(change["new"]), names="description")
    playground.text.value = "<script> we are happy"
    playground.button.click()
    html = playground.output.value
    assert seen == ["Running ...", "Run"]
    assert playground.button.disabled is playground.stop.disabled is False  # the keyboard would lose its place
    assert playground.state.result._repr_html_() in html
    assert "&lt;script&gt;" in html
    assert "<script>" not in html
    assert re.search(r"\d\.\d{3} s for the answer, \d+\.\d{2} s to load the model", html)
    assert "[{&#x27;label&#x27;: &#x27;" in html
    playground.text.value = "We are sad."
    assert "Something was changed since this result" in playground.output.value


@pytest.mark.torch
def test_what_is_read_aloud(playground):
    told = []
    playground.told.observe(lambda change: told.append(change["new"]), names="value")
    playground.text.value = "We are happy."
    playground.button.click()
    result = playground.state.result[0]
    assert told == ["Running ...", f"{result['label']} {result['score']:.2f}"]
    playground.text.value = " "
    playground.button.click()
    assert told[-1] == "Error: There is no text yet: write one, or choose a sample."


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ([[{"label": "A", "score": 0.754}, {"label": "B", "score": 0.246}]], "A 0.75, B 0.25"),
        ({"score": 0.5, "start": 3, "end": 6, "answer": "Ada"}, "0.50 Ada"),
        ([{"generated_text": "a <b>"}], "a &lt;b&gt;"),
        ([{"generated_text": "x" * 1000}], "x" * 299 + "…"),
    ],
)
def test_a_result_is_one_line_for_the_ear(playground, result, said):
    playground.state.result = result
    assert playground.told.value == said


def test_the_page_is_marked_where_anywidget_is(monkeypatch):
    from hfquick.widgets import page

    monkeypatch.setattr(page, "find_spec", lambda name: None)
    assert page.marks("hfquick-playground") == []
    monkeypatch.undo()
    pytest.importorskip("anywidget")
    [part] = page.marks("hfquick-playground", "Code")
    assert (part.root, part.code_label) == ("hfquick-playground", "Code")
    assert Playground().children[-1].root == "hfquick-playground"
    monkeypatch.setitem(sys.modules, "google.colab", None)
    assert page.marks("hfquick-playground") == []


def test_mistakes_and_notices_are_shown_as_text(playground):
    playground.state.error = "<b>no</b>"
    playground.state.notice = "offline: <i>"
    assert 'role="alert">Error: &lt;b&gt;no&lt;/b&gt;</div>' in playground.output.value
    assert "offline: &lt;i&gt;" in playground.output.value


def test_a_handler_that_fails_says_so(playground, monkeypatch):
    monkeypatch.setattr(playground, "_drawing", False)
    playground.state.observe(lambda change: 1 / 0, names="all_labels")
    playground.all_labels.value = True
    assert playground.state.error == "ZeroDivisionError: division by zero"
    assert "ZeroDivisionError" in playground.output.value


def test_a_result_without_a_picture_is_its_repr(playground):
    playground.state.result = {"answer": "<42>"}
    assert "{&#x27;answer&#x27;: &#x27;&lt;42&gt;&#x27;}" in playground.output.value


def test_every_control_says_what_it_is(playground):
    for control in controls(playground):
        if isinstance(control, widgets.Button | widgets.Dropdown | widgets.Text | widgets.Textarea | widgets.Checkbox):
            tip = control.tooltip if control.has_trait("tooltip") else control.description_tooltip
            assert tip
            assert control.description or control is playground.code  # a title stands above the code


def test_a_task_is_shown_by_its_title_and_explained_by_its_hint(playground):
    labels = dict(playground.task.options)
    assert list(labels.values()) == list(TASKS)
    assert list(labels)[:2] == ["Text classification (sentiment-analysis)", "Named entity recognition (ner)"]
    assert labels.keys() >= {"Fill-mask", "Text generation", "Translation"}  # their usual names already
    for name, row in TASKS.items():
        playground.task.value = name
        assert playground.task.label == report_module.task_label(row)
        assert f"<b>{playground.task.label}: </b>{row.hint}.</div>" in playground.about.value


def test_closing_it_closes_all_that_it_is_made_of():
    instances = open_widgets()
    before = set(instances)
    one = Playground()
    assert len(set(instances) - before) > 40
    one.state._loaded["task", "model", "pt"] = object()
    one.close()
    assert set(instances) <= before
    assert not one.state._loaded, "models are kept in memory"
    one.state.text = "Nobody draws this."
    one.close()  # once more does no harm


def test_repr_is_short_and_always_the_same(playground):
    before = repr(playground)
    assert before == "Playground(task='text-classification'): run this cell to use it"
    playground.state.text = "something else"
    assert repr(playground) == before == repr(Playground())


def test_a_notebook_gets_the_repr_and_the_view(monkeypatch):
    playground = Playground()
    if hasattr(widgets.VBox, "_repr_mimebundle_"):
        data = playground._repr_mimebundle_()
        assert data["text/plain"] == repr(playground)
        assert set(data) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
        assert "Run this cell" in data["text/html"]  # where a saved notebook is read
        monkeypatch.setitem(sys.modules, "google.colab", None)
        assert "text/html" not in playground._repr_mimebundle_()
    else:  # ipywidgets 7
        assert hasattr(playground, "_ipython_display_")


def test_labels_are_in_the_readers_language():
    try:
        set_language("fr")
        french = Playground()
        french.state.text = ""
        french.state.run()
    finally:
        set_language(None)
    assert french.button.description == "Lancer"
    assert french.task.label == "Classification de texte (sentiment-analysis)"
    assert french.question.description == "Question"
    assert "Classification de texte (sentiment-analysis) : </b>range un texte" in french.about.value
    assert "Traduction (translation)" in dict(french.task.options)
    assert french.state.error.startswith("Il n’y a pas encore de texte")
    assert repr(french) == repr(Playground())


def test_only_what_ipywidgets_7_has_too_and_nothing_that_nbval_stumbles_over():
    folder = Path(playground_module.__file__).parent
    files = ("playground.py", "controls.py", "picture_controls.py")
    source = "".join((folder / name).read_text(encoding="utf-8") for name in files)
    common = {"VBox", "HBox", "HTML", "Dropdown", "Text", "Textarea", "Checkbox", "Button", "Layout"}
    common |= {"FileUpload", "FloatSlider"}
    assert set(re.findall(r"\bwidgets\.(\w+)", source)) <= common
    for path in folder.glob("*.py"):
        if path.name in (
            "streamer.py",
            "training.py",
        ):  # they update an output: notebooks/conftest.py compares the last
            continue
        assert not re.search(r"Output\(|clear_output|display_id|titles=|tabbable", path.read_text(encoding="utf-8"))
