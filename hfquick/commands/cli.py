"""The command line: `hfquick run | tasks | models | doctor | tour | bundle`.

What a command is asked for goes to stdout, all else to stderr, so that the output can be piped. Whatever goes wrong is
one sentence, with the English one below it for a reader of another language, and exit code 2 (HFQUICK_TRACEBACK=1 shows
where it happened). Nothing but the standard library is imported before a command needs it, for `python -m hfquick tour`
must work in a clone where nothing is installed.
"""

import argparse
import base64
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from .. import __version__
from ..i18n import N_, Said, said, spoken
from ..i18n import gettext as _

FRAMEWORKS = {"pt": "pt", "pytorch": "pt", "torch": "pt", "tf": "tf", "tensorflow": "tf"}


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake is one sentence with the nearest name."""

    def error(self, message: str) -> NoReturn:
        wrong = sys.exc_info()[1]
        if isinstance(wrong, argparse.ArgumentError):  # str() of it keeps the English sentence in some Pythons only
            message = wrong.message
            if wrong.argument_name is not None:
                message = said("argument %(argument_name)s: %(message)s") % vars(wrong)
        complain(said("error: {message}; see: {command} --help", message=message, command=self.prog))
        raise SystemExit(2)


# What argparse itself says. It asks `argparse._` for a translation of each, and finds one in no system's catalogues.
OF_ARGPARSE = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("the following arguments are required: %s"),
    N_("unrecognized arguments: %s"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
)


@contextlib.contextmanager
def argparse_translated() -> Iterator[None]:
    """A block in which argparse speaks the reader's language."""
    before = vars(argparse)["_"]
    vars(argparse)["_"] = said
    try:
        yield
    finally:
        vars(argparse)["_"] = before


def complain(sentence: Said) -> None:
    """One sentence on stderr; below it the English one, where that is another."""
    print(sentence, file=sys.stderr)
    if sentence != sentence.english:
        print(_("In English: {sentence}", sentence=sentence.english), file=sys.stderr)


def build_parser() -> Parser:
    """Every command and its options."""
    parser = Parser(prog="hfquick", description=_("Learn and use transformers, in PyTorch or TensorFlow."))
    shown = said("show program's version number and exit")
    parser.add_argument("--version", action="version", version=f"hfquick {__version__}", help=shown)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help=_("run a task on one or more inputs"))
    run.add_argument("task", metavar="TASK", help=_("a task of `hfquick tasks`, such as sentiment-analysis"))
    run.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="+",
        help=_(
            "a text (in quotes), a file of text, a picture or a sound (a file or https://...), or - for what is piped "
            "in; one result for each"
        ),
    )
    run.add_argument("--model", help=_("a model of `hfquick models`, an id of the Hugging Face Hub, or a folder"))
    run.add_argument("--framework", choices=sorted(FRAMEWORKS), help=_("default: the one that is installed"))
    run.add_argument("--top-k", type=int, metavar="K", help=_("the K best labels instead of the best"))
    run.add_argument("--truncation", action="store_true", help=_("cut a text that is too long for the model"))
    lower = _("what is found in a picture with a lower score, 0 to 1, is left out")
    run.add_argument("--threshold", type=float, metavar="SCORE", help=lower)
    run.add_argument("--subtask", help=_("segments of which kind: panoptic, instance or semantic"))
    when = _("when each character, or word, of a recording is said")
    run.add_argument("--timestamps", choices=["char", "word"], help=when)
    run.add_argument("--chunk-length", type=float, metavar="SECONDS", help=_("read a long recording in such parts"))
    run.add_argument("--json", action="store_true", help=_("full-precision JSON, one line for each input"))
    run.set_defaults(do=run_task)

    commands.add_parser("tasks", help=_("list the tasks")).set_defaults(do=list_tasks)
    commands.add_parser("models", help=_("list the embedded models")).set_defaults(do=list_models)
    doctor = commands.add_parser("doctor", help=_("what is installed, what is missing, is the Hub in reach"))
    doctor.set_defaults(do=run_doctor)

    tour = commands.add_parser("tour", help=_("open the quick tour in JupyterLab"))
    tour.add_argument(
        "--tour", default=os.environ.get("TOUR") or None, help=_("fr or en; default: TOUR, else the locale")
    )
    tour.add_argument(
        "--framework",
        default=os.environ.get("FRAMEWORK") or None,
        help=_("pytorch, tensorflow, both; default: FRAMEWORK, else pytorch"),
    )
    tour.add_argument(
        "--port", default=os.environ.get("PORT") or None, help=_("default: PORT, else the first free one")
    )
    tour.add_argument(
        "--browser", default=None, action=argparse.BooleanOptionalAction, help=_("default: when there is a screen")
    )
    tour.set_defaults(do=run_tour)

    bundle = commands.add_parser("bundle", help=_("make a stick for a class without internet"))
    bundle.add_argument("folder", metavar="FOLDER", help=_("an empty folder, or one that was begun"))
    several: dict[str, Any] = {"nargs": "+", "action": "extend"}
    bundle.add_argument(
        "--system", choices=["linux", "macos", "windows"], **several, help=_("one or more; default: this one")
    )
    bundle.add_argument(
        "--python", choices=["3.10", "3.11", "3.12", "3.13"], **several, help=_("one or more; default: this one")
    )
    bundle.add_argument(
        "--framework", choices=["pytorch", "tensorflow", "both"], default="pytorch", help=_("default: pytorch")
    )
    bundle.set_defaults(do=run_bundle)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's remarks about this machine's processor
    for stream in (sys.stdout, sys.stderr):  # a Windows console may not know every character of a result
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        with argparse_translated():
            options = build_parser().parse_args(arguments)
        return options.do(options)
    except SystemExit as stop:  # argparse has said it
        return int(stop.code or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `hfquick models | head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except Exception as error:
        if os.environ.get("HFQUICK_TRACEBACK", "0") not in ("", "0"):
            raise
        from ..utils.errors import sentence

        complain(said("error: {message}", message=sentence(error)))
        return 2


def run_task(options: argparse.Namespace) -> int:
    """A task over its inputs, through the same `pipeline` as in Python; remarks (a stand-in, say) go to stderr."""
    from ..tasks import find_task

    task = find_task(options.task)
    reading: dict[str, Any] = {"image": picture_of, "audio": sound_of, "image and question": str}
    read = reading.get(task.input, text_of)
    given: list[Any] = [read(word) for word in options.inputs]
    if any(isinstance(one, str) and not one.strip() for one in given):
        if task.input == "image":
            raise spoken(ValueError, "one of the inputs is empty; give the path or the address of a picture")
        if task.reads_sound:
            raise spoken(ValueError, "one of the inputs is empty; give the path or the address of a sound")
        raise spoken(ValueError, "one of the inputs is empty; write a text between the quotation marks")
    inputs: list[Any] = questions(given, task.reads_picture) if task.asks else given
    wanted = {
        "top_k": options.top_k,
        "threshold": options.threshold,
        "subtask": options.subtask,
        "return_timestamps": options.timestamps,
        "chunk_length_s": options.chunk_length,
    }
    settings: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
    framework = FRAMEWORKS.get(options.framework or "")
    if framework == "tf" or not find_spec("torch"):
        import_tensorflow_quietly()
    with contextlib.redirect_stdout(sys.stderr):
        from .. import pipeline

        pipe = pipeline(task.name, model=options.model, framework=framework)
        known = pipe.settings.options()
        if options.truncation and "truncation" in known:
            settings["truncation"] = True
        if "aggregation_strategy" in known and not options.json:  # a person reads words, not pieces of words
            settings["aggregation_strategy"] = "first"
        # A stream gives one result for each input, whatever the task; in a list of files an address was typed.
        results = list(pipe(inputs if task.reads_picture or task.reads_sound else iter(inputs), **settings))
    if options.json:
        for result in results:
            print(json.dumps(result, ensure_ascii=False, default=base64_of))
    else:
        from .tables import lines_of

        names = [one["question"] if isinstance(one, dict) else one if isinstance(one, str) else "-" for one in inputs]
        for line in lines_of(results, names, task.input):
            print(line)
    return 0


def text_of(given: str) -> str:
    """What was typed -> the text it stands for: "-" is what is piped in, the name of a file is what the file holds."""
    try:
        if given == "-":
            if sys.stdin is None or sys.stdin.isatty():
                raise spoken(
                    ValueError, "- stands for a text that is piped in, and nothing is; write the text in quotes"
                )
            return sys.stdin.buffer.read().decode("utf-8")
        if os.path.isfile(given):
            print(_("reading the file {name}", name=given), file=sys.stderr)
            return Path(given).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise spoken(
            ValueError, "{name!r} is no text in UTF-8; save it as UTF-8, or write the text in quotes", name=given
        ) from None
    except OSError as error:
        raise spoken(ValueError, "{name!r} cannot be read: {reason}", name=given, reason=error.strerror) from None
    return given


def picture_of(given: str) -> str | bytes:
    """What was typed -> a picture: "-" is what is piped in; a path, an address or a sample's id is opened later."""
    if given != "-":
        return given
    if sys.stdin is None or sys.stdin.isatty():
        raise spoken(ValueError, "- stands for a picture that is piped in, and nothing is; give the path of a picture")
    return sys.stdin.buffer.read()


def sound_of(given: str) -> str | bytes:
    """The same for a sound."""
    if given != "-":
        return given
    if sys.stdin is None or sys.stdin.isatty():
        raise spoken(ValueError, "- stands for a sound that is piped in, and nothing is; give the path of a sound")
    return sys.stdin.buffer.read()


def questions(words: Sequence[str], about_picture: bool = False) -> list[dict[str, Any]]:
    """What was typed -> questions about a text, or a picture, which comes last."""
    *asked, last = words
    if about_picture:
        if not asked or (os.path.isfile(asked[0]) and not os.path.isfile(last)):
            raise spoken(
                ValueError,
                "visual-question-answering takes one or more questions, then the picture: "
                '"How many cats are there?" cats.png',
            )
        picture = picture_of(last)
        return [{"image": picture, "question": question} for question in asked]
    if not asked:
        raise spoken(
            ValueError, 'question-answering takes one or more questions, then the text: "Who wrote it?" "Ada wrote it."'
        )
    return [{"question": question, "context": last} for question in asked]


def base64_of(mask: Any) -> str:
    """The mask of a segment -> a PNG in base64: what `hfquick` reads as a picture, and JSON can hold."""
    file = io.BytesIO()
    mask.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def import_tensorflow_quietly() -> None:
    """File 2 leads nowhere meanwhile: its C++ part writes remarks about the processor, which no setting turns off."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with contextlib.suppress(ImportError):  # the pipeline says what is missing, and how to get it
            import_module("tensorflow")
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def list_tasks(options: argparse.Namespace) -> int:
    """Task, other names, title, the model it takes by default and the embedded one offline."""
    from ..tasks import TASKS

    head = [_("task"), _("also called"), _("title"), _("model"), _("offline")]
    rows = [[t.name, ", ".join(t.aliases), _(t.title), t.default_model, t.stand_in or "-"] for t in TASKS.values()]
    print_table([head, *rows])
    return 0


def list_models(options: argparse.Namespace) -> int:
    """The zoo: what is embedded in the package and works with no network."""
    from .. import zoo

    head = [_("model"), _("task"), _("languages"), _("size"), _("stands in for")]
    rows = []
    for name in zoo.models():
        entry = zoo.find(name)
        size = sum(path.stat().st_size for path in zoo.folder(name).rglob("*") if path.is_file())
        famous = ", ".join(entry.stands_in_for) or "-"
        texts = (", ".join(values) for values in (entry.tasks, entry.languages))
        rows.append([name, *texts, _("{size} MB", size=f"{size / 1e6:.1f}"), famous])
    print_table([head, *rows])
    return 0


def run_doctor(options: argparse.Namespace) -> int:
    """The report of `doctor`, each line as soon as it is known."""
    from .doctor import examine

    for line in examine():
        print(line, flush=True)
    return 0


def run_tour(options: argparse.Namespace) -> int:
    """Check what was asked, then hand over to the launcher."""
    from .launch import VARIANTS, open_tour

    if options.framework is not None and options.framework not in VARIANTS:
        raise spoken(
            ValueError,
            "framework {framework!r} is unknown for the tour; choose: {variants}",
            framework=options.framework,
            variants=", ".join(VARIANTS),
        )
    if options.port is not None and not (str(options.port).isdecimal() and 0 < int(options.port) < 65536):
        raise spoken(ValueError, "port {port!r} is not a number from 1 to 65535", port=options.port)
    port = None if options.port is None else int(options.port)
    return open_tour(options.tour, options.framework, port, options.browser)


def run_bundle(options: argparse.Namespace) -> int:
    """Make a stick for a class without internet, and say what it holds."""
    from .bundle import describe, make_bundle

    make_bundle(Path(options.folder).expanduser().absolute(), options.system, options.python, options.framework)
    describe(Path(options.folder).expanduser().absolute())
    return 0


def print_table(rows: list[list[str]]) -> None:
    from .tables import aligned

    for line in aligned(rows):
        print(line)
