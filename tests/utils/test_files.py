"""Files that are written whole, and what a killed process leaves."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from hfquick import AutoConfig, AutoTokenizer, GenerationConfig
from hfquick.utils import files
from hfquick.utils.files import one_save, read_json, whole_file, write_json, write_text

HANG = """
import sys, time
from hfquick.utils.files import whole_file
with whole_file(sys.argv[1]) as path:
    path.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("together", [False, True])
def test_what_a_killed_process_left_is_removed_by_the_next_save_and_nothing_else(tmp_path, together):
    path = tmp_path / "config.json"
    writers = [
        subprocess.Popen([sys.executable, "-c", HANG, str(path)], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "writing\n"
    (tmp_path / ".config.json.of_mine").write_text("a file of somebody else, with a name that is not ours")
    assert len(names(tmp_path)) == 3
    writers[0].send_signal(signal.SIGKILL)
    writers[0].wait()
    if together:
        with one_save(tmp_path, last="config.json"):
            write_text(path, "new")
    else:
        write_text(path, "new")
    assert len(names(tmp_path)) == 3  # the one at work keeps its file
    writers[1].send_signal(signal.SIGKILL)
    writers[1].wait()
    write_text(path, "newer")
    assert names(tmp_path) == [".config.json.of_mine", "config.json"]
    for writer in writers:
        writer.stdout.close()


def test_where_there_are_no_locks_a_day_must_have_passed(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    fresh, old = tmp_path / ".config.json.abcdefgh", tmp_path / ".config.json.ijklmnop"
    for left in (fresh, old):
        left.write_text("")
    os.utime(old, (time.time() - 90_000,) * 2)
    write_text(tmp_path / "config.json", "new")
    assert names(tmp_path) == [fresh.name, "config.json"]


def test_files_of_one_save_get_their_names_together(tmp_path):
    for name in ("weights", "config"):
        write_text(tmp_path / name, "old")

    def fails():
        with one_save(tmp_path, last="weights"):
            write_text(tmp_path / "config", "new")
            write_text(tmp_path / "weights", "new")
            assert (tmp_path / "config").read_text() == "old"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert names(tmp_path) == ["config", "weights"]
    with one_save(tmp_path, last="weights"), one_save(tmp_path, last="config"):  # the outer one counts
        write_text(tmp_path / "weights", "new")
        write_text(tmp_path / "config", "newer")
        write_text(tmp_path / "config", "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"config": "new", "weights": "new"}


def test_ctrl_c_while_files_get_their_names_still_gives_all_of_them(tmp_path, monkeypatch):
    for name in ("weights", "config"):
        write_text(tmp_path / name, "old")
    replace, calls = os.replace, []

    def interrupted(one, other):
        replace(one, other)
        calls.append(other)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)

    def save():
        with one_save(tmp_path, last="weights"):
            write_text(tmp_path / "config", "new")
            write_text(tmp_path / "weights", "new")

    with pytest.raises(KeyboardInterrupt):
        save()
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if not path.name.startswith(".")} == {
        "config": "new",
        "weights": "new",
    }


def test_json_holds_no_nan_unless_it_may(tmp_path):
    with pytest.raises(ValueError, match=r"loss is nan, which x.json cannot hold; set a number or None"):
        write_json(tmp_path / "x.json", {"a": 1, "loss": float("nan")})
    assert not names(tmp_path)
    write_json(tmp_path / "x.json", {"loss": float("nan")}, allow_nan=True)
    loop = []
    loop.append(loop)
    with pytest.raises(ValueError, match=r"x.json cannot hold 'loop', a list \(Circular reference detected\)"):
        write_json(tmp_path / "x.json", {"loop": loop})


def test_a_file_that_failed_leaves_nothing(tmp_path):
    def fails():
        with whole_file(tmp_path / "new" / "file") as path:
            path.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    assert not names(tmp_path / "new")


# Files that may come from anywhere


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[" * 100_000, "lists and tables lie in it more than 64 deep"),
        (b"[" * 100_000 + b"]" * 100_000, "lists and tables lie in it more than 64 deep"),
        (b'{"a":' * 65 + b"[]" + b"}" * 65, "lists and tables lie in it more than 64 deep"),
        (b'{"a": 1' + b"0" * 5_000 + b"}", "it holds a number of 5001 digits"),
        (b'{"a": -1' + b"0" * 500 + b"}", "it holds a number of 502 digits"),
        (b'{"a": "\xff"}', "byte 7 is no UTF-8"),
        (b'{"a": ["\\ud800"]}', r"it holds \\ud800, half of a letter in UTF-16"),
        (b'{"\\uDC00": 1}', r"it holds \\udc00, half of a letter in UTF-16"),
        (b"{", "Expecting property name"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"", "Expecting value"),
        (b" " * 65_000_000, "it has 65,000,000 bytes, 64,000,000 are the most that is read"),
    ],
)
def test_json_that_would_fail_later(tmp_path, content, sentence):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        read_json(path)


@pytest.mark.parametrize("value", [1, "a", None, [], {}, [{"a": [1, {"b": [[]]}]}], {"a": 10**30}, "\U0001f600"])
def test_other_json_is_what_it_is(tmp_path, value):
    write_json(tmp_path / "x.json", value)
    assert read_json(tmp_path / "x.json") == value


@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("config.json", AutoConfig.from_pretrained),
        ("generation_config.json", GenerationConfig.from_pretrained),
        ("tokenizer_config.json", AutoTokenizer.from_pretrained),
        ("special_tokens_map.json", AutoTokenizer.from_pretrained),
        ("added_tokens.json", AutoTokenizer.from_pretrained),
        ("vocab.json", AutoTokenizer.from_pretrained),
    ],
)
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": 1' + "0" * 5_000 + "}"])
def test_every_reader_of_json_says_so(tmp_path, name, load, text):
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    (tmp_path / "vocab.json").write_text('{"a": 0}')
    (tmp_path / "merges.txt").write_text("")
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=rf"{name} of .*(lists and tables lie in it|it holds a number of)"):
        load(tmp_path)


def test_several_that_write_one_file_at_once(tmp_path):
    def run(number):
        for _time in range(40):
            write_text(tmp_path / "a.txt", f"run {number} " * 5_000)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, range(3)))  # raises what one of them raised
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert len(set((tmp_path / "a.txt").read_text().split())) == 2
