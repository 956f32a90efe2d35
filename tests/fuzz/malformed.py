"""Malformed files of a checkpoint, by chance with a seed: bytes cut and turned, values that no file should hold.

`cases(kind, count, seed)` gives what is to be written beside the sound files of a folder. A case knows whether a reader
can see that the file is wrong: a number that was turned within the weights cannot be seen, a tensor that is NaN can.
"""

import io
import json
import pickle
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

CANARY = Path("canary")  # made in the working folder by any code of a file that runs
DEEP = "[" * 50_000 + "]" * 50_000
SHADOWS = ("check", "fields", "longest_text", "_where", "__class__", "__dict__", "to_dict", "save_pretrained", "copy")
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    7,
    10**8,
    2**63,
    -(2**63),
    1e308,
    1e-300,
    0.5,
    float("nan"),
    float("inf"),
    -float("inf"),
    "",
    "a",
    "x" * 10_000,
    "\x1b[31mred",
    "\ud800",
    "é" * 50,
    "../../etc/passwd",
    "nan",
    "float16",
    "float8_e4m3fn",
    [],
    [[]],
    [None],
    [1] * 1000,
    {},
    {"a": 1},
    {"0": None},
    {"__class__": "x"},
    ["x", 3, None],
    list(range(70)),
)


@dataclass(frozen=True)
class Case:
    """A malformed file: what it is called in counts, and what is written."""

    kind: str
    what: str
    files: dict[str, bytes]
    visible: bool = False  # a reader could see from this file that it is wrong, so it must not load as if it were not

    def write(self, folder: Path) -> None:
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


Maker = Callable[[random.Random, Path], Case]


def damaged_bytes(chance: random.Random, content: bytes) -> tuple[str, bytes, bool]:
    """Bytes cut, turned, added or exchanged for those of something else."""
    at = chance.randrange(len(content)) if content else 0
    way = chance.randrange(12)
    if way == 0:
        return "cut", content[:at], False
    if way == 1:
        turned = bytes([content[at] ^ (1 << chance.randrange(8))])
        return "a bit turned", content[:at] + turned + content[at + 1 :], False
    if way == 2:
        return "bytes added", content[:at] + chance.randbytes(chance.randint(1, 40)) + content[at:], False
    if way == 3:
        end = at + chance.randint(1, 60)
        return "bytes left out", content[:at] + content[end:], False
    if way == 4:
        return "empty", b"", True
    if way == 5:
        return "a page", b"<!DOCTYPE html><html><body>Not found</body></html>", True
    if way == 6:
        pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 123\n"
        return "a pointer of Git LFS", pointer, True
    if way == 7:
        return "zeros", b"\0" * len(content), True
    if way == 8:
        return "other encoding", content.decode("latin-1").encode("utf-16"), True
    if way == 9:
        return "with a byte order mark", b"\xef\xbb\xbf" + content, False
    if way == 10:
        return "chance", chance.randbytes(200), True
    return "twice", content + content, False


def odd(chance: random.Random) -> Any:
    return chance.choice(VALUES)


def paths(value: Any, start: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values are in a JSON document."""
    yield start
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*start, key))


def exchanged(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = exchanged(document[path[0]], path[1:], value)
    return copy


def damaged_json(chance: random.Random, content: bytes) -> tuple[str, bytes, bool]:
    """A JSON document with another value, key or number somewhere; or its bytes damaged."""
    document = json.loads(content)
    way = chance.randrange(8)
    if way <= 3:
        path = chance.choice(list(paths(document)))
        value = odd(chance)
        changed = exchanged(document, path, value)
        return f"{'.'.join(map(str, path))[:60]} = {value!r:.40}", dump(changed), False
    if way == 4 and isinstance(document, dict) and document:
        key = chance.choice(list(document))
        return f"without {key}", dump({name: value for name, value in document.items() if name != key}), False
    if way == 5 and isinstance(document, dict):
        key, value = chance.choice([*SHADOWS, "x" * 300, "", "quantization_config", "auto_map"]), odd(chance)
        return f"key {key:.30} = {value!r:.40}", dump({**document, key: value}), False
    if way == 6:
        tail = chance.choice(
            [f'{{"a": {DEEP}}}', DEEP, f'{{"a": {"9" * 5000}}}', '{"a": 1, "a": 2}', "nul", '"text"', "[1]"]
        )
        return f"{tail[:20]} ...", tail.encode(), not tail.startswith('{"a": 1')  # a key twice is legal
    return damaged_bytes(chance, content)


def dump(document: Any) -> bytes:
    return json.dumps(document).encode("utf-8", "surrogatepass")


def of_json(kind: str, name: str) -> Maker:
    def make(chance: random.Random, folder: Path) -> Case:
        what, content, visible = damaged_json(chance, (folder / name).read_bytes())
        return Case(kind, what, {name: content}, visible)

    return make


# Weights


def tensors(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load

    return dict(sorted(load((folder / "model.safetensors").read_bytes()).items()))  # it has no order of its own


def safetensors(header: dict[str, Any], data: bytes) -> bytes:
    written = dump(header)
    return struct.pack("<Q", len(written)) + written + data


def of_safetensors(chance: random.Random, folder: Path) -> Case:
    content, name = (folder / "model.safetensors").read_bytes(), "model.safetensors"
    size = struct.unpack("<Q", content[:8])[0]
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    key = chance.choice([key for key in header if key != "__metadata__"])
    way = chance.randrange(7)
    if way == 0:
        dtype = chance.choice(
            ["C64", "F8_E4M3", "F8_E5M2", "I64", "I32", "U8", "BOOL", "F4", "F64", "BF16", "F16", "x", None]
        )
        changed = safetensors({**header, key: {**header[key], "dtype": dtype}}, data)
        return Case("model.safetensors", f"{key} is {dtype}", {name: changed}, True)
    if way == 1:
        values = tensors(folder)
        bad = chance.choice([np.nan, np.inf, -np.inf])
        flat = values[key].copy().reshape(-1)
        flat[chance.randrange(flat.size)] = bad
        values[key] = flat.reshape(values[key].shape)
        return Case("model.safetensors", f"{bad} in {key}", {name: write_tensors(values)}, True)
    if way == 2:
        values = tensors(folder)
        kind = chance.choice(["complex64", "int32", "uint8", "int64", "bool", "float64"])
        values[key] = values[key].astype(kind)
        if kind == "complex64":
            changed = safetensors({**header, key: {**header[key], "dtype": "F4"}}, data)
            return Case("model.safetensors", f"{key} is F4", {name: changed}, True)
        return Case("model.safetensors", f"{key} as {kind}", {name: write_tensors(values)}, kind != "float64")
    if way == 3:
        path = chance.choice(list(paths(header)))
        value = odd(chance)
        changed = safetensors(exchanged(header, path, value), data)
        return Case("model.safetensors", f"header {'.'.join(map(str, path))[:40]} = {value!r:.30}", {name: changed})
    if way == 4:
        length = chance.choice([0, 1, 2**63, 2**31, size + 1, size - 1, len(content), 100_000_001])
        return Case("model.safetensors", f"length {length}", {name: struct.pack("<Q", length) + content[8:]}, True)
    if way == 5:
        values = tensors(folder)
        change = chance.choice(["gone", "long name", "reshaped", "added", "transposed"])
        if change == "gone":
            del values[key]
        elif change == "long name":
            values["a" * 40_000 + ":0"] = values.pop(key)
        elif change == "reshaped":
            values[key] = values[key].reshape(1, *values[key].shape)
        elif change == "added":
            values["x\x1b[31m" + "y" * chance.randint(1, 5000)] = np.zeros(3, np.float32)
        else:
            values[key] = np.ascontiguousarray(values[key].T)
        return Case("model.safetensors", f"{key} {change}", {name: write_tensors(values)})
    what, changed, visible = damaged_bytes(chance, content)
    return Case("model.safetensors", what, {name: changed}, visible)


def write_tensors(values: dict[str, np.ndarray]) -> bytes:
    from safetensors.numpy import save

    return save(values, metadata={"format": "pt"})


class Gadget:
    """Unpickled by the general reader, it would make the canary."""

    def __init__(self, call: Callable[..., Any], *arguments: Any) -> None:
        self.call, self.arguments = call, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call, self.arguments


def of_bin(chance: random.Random, folder: Path) -> Case:
    import builtins
    import os

    import torch

    name, kind = "pytorch_model.bin", "pytorch_model.bin"
    state = {key: torch.from_numpy(value.copy()) for key, value in tensors(folder).items()}
    key = chance.choice(list(state))
    way = chance.randrange(6)
    if way == 0:
        code = f"open({str(CANARY)!r}, 'w').close()"
        gadget = chance.choice(
            [
                Gadget(os.system, f"touch {CANARY}"),
                Gadget(exec, code),
                Gadget(eval, code),
                Gadget(builtins.open, str(CANARY), "w"),
                Gadget(os.mkdir, str(CANARY)),
            ]
        )
        value = chance.choice([gadget, {key: gadget}, {**state, "note": gadget}, [gadget]])
        protocol = chance.choice([0, 1, 2, 4])
        if chance.random() < 0.5:
            return Case(kind, "a gadget, a pickle alone", {name: pickle.dumps(value, protocol)}, True)
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("archive/data.pkl", pickle.dumps(value, 2))
            file.writestr("archive/version", "3")
        return Case(kind, "a gadget in an archive", {name: archive.getvalue()}, True)
    if way == 1:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])) as file:
            file.writestr("archive/data.pkl", b"\x80\x02" + b"N0" * chance.choice([10, 5_000_000]) + b"N.")
            file.writestr("archive/version", "3")
        return Case(kind, "many operations", {name: archive.getvalue()}, True)
    if way == 2:
        change = chance.choice(["complex", "sparse", "int", "nan", "number as name", "meta", "text"])
        if change == "number as name":
            state[3] = state.pop(key)  # type: ignore[index]
        elif change == "text":
            state[key] = "weights"  # type: ignore[assignment]
        else:
            changes: dict[str, Callable[[Any], Any]] = {
                "complex": lambda value: value.to(torch.complex64),
                "sparse": lambda value: value.to_sparse(),
                "int": lambda value: value.to(torch.int32),
                "nan": lambda value: value * float("nan"),
                "meta": lambda value: value.to("meta"),
            }
            state[key] = changes[change](state[key])
        return Case(kind, f"{key} {change}", {name: saved(state)}, True)
    what, changed, visible = damaged_bytes(chance, saved(state))
    return Case(kind, what, {name: changed}, visible)


def saved(state: Any) -> bytes:
    import torch

    written = io.BytesIO()
    torch.save(state, written)
    return written.getvalue()


def of_h5(chance: random.Random, folder: Path) -> Case:
    import h5py

    name, kind = "tf_model.h5", "tf_model.h5"
    content = (folder / name).read_bytes()
    if chance.random() < 0.4:
        what, changed, visible = damaged_bytes(chance, content)
        return Case(kind, what, {name: changed}, visible)
    memory = io.BytesIO(content)
    visible = True
    with h5py.File(memory, "r+") as file:
        found: list[str] = []
        file.visititems(lambda path, item: found.append(path) if isinstance(item, h5py.Dataset) else None)
        path = chance.choice(found)
        shape, values = file[path].shape, file[path][()]
        change = chance.choice(
            [
                "external",
                "virtual",
                "no chunks",
                "bomb",
                "deep",
                "int",
                "text",
                "complex",
                "nan",
                "big-endian",
                "soft",
                "shape",
            ]
        )
        del file[path]
        if change == "external":
            file.create_dataset(path, shape, "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])
        elif change == "virtual":
            layout = h5py.VirtualLayout(shape=shape, dtype="f4")
            layout[...] = h5py.VirtualSource("elsewhere.h5", "x", shape=shape)
            file.create_virtual_dataset(path, layout)
        elif change == "no chunks":
            file.create_dataset(path, shape, "f4", chunks=True, fillvalue=chance.choice([0.0, float("nan")]))
        elif change == "bomb":
            file.create_dataset(path, (200_000_000,), "f4", chunks=(50_000_000,), compression="gzip")
            file[path].id.write_direct_chunk((0,), b"x\x9c\x03\x00\x00\x00\x00\x01")
        elif change == "deep":
            file.create_dataset("/".join(["a"] * 3000), data=values)
        elif change in ("int", "complex", "big-endian"):
            file[path] = values.astype({"int": "i4", "complex": "c8", "big-endian": ">f4"}[change])
            visible = change != "big-endian"
        elif change == "text":
            file[path] = "weights"
        elif change == "nan":
            file[path] = values * np.nan
        elif change == "soft":
            file[path] = h5py.SoftLink("/nowhere")
        else:
            file[path] = values.reshape(1, *shape)
            visible = False
    return Case(kind, f"{path} {change}", {name: memory.getvalue()}, visible)


def of_index(chance: random.Random, folder: Path) -> Case:
    part_name = "model-00001-of-00001.safetensors"
    index = {"metadata": {"total_size": 1}, "weight_map": dict.fromkeys(tensors(folder), part_name)}
    part = (folder / "model.safetensors").read_bytes()
    files = {part_name: part}
    name = "model.safetensors.index.json"
    if chance.random() < 0.3:
        where = chance.choice(
            ["../../../etc/passwd", "/etc/passwd", "nowhere.safetensors", "", ".", "a/b", "model.bin", "\x1b[31m"]
        )
        key = chance.choice(list(index["weight_map"]))
        index["weight_map"][key] = where
        return Case(name, f"{key} in {where!r}", {name: dump(index), **files}, True)
    what, content, visible = damaged_json(chance, dump(index))
    return Case(name, what, {name: content, **files}, visible)


# Tokenizers


def of_lines(kind: str, name: str) -> Maker:
    """A vocabulary with a token to a line: cut, with a line lost, twice or exchanged."""

    def make(chance: random.Random, folder: Path) -> Case:
        content = (folder / name).read_bytes()
        lines = content.decode().splitlines()
        way, at = chance.randrange(6), chance.randrange(1, len(lines))
        if way == 0:
            return Case(kind, "cut", {name: "\n".join(lines[:at]).encode()}, True)
        if way == 1:
            return Case(kind, "a line lost", {name: "\n".join(lines[:at] + lines[at + 1 :]).encode()}, True)
        if way == 2:
            twice = [*lines[:at], lines[at - 1], *lines[at:]]
            return Case(kind, "a line twice", {name: "\n".join(twice).encode()}, True)
        if way == 3:
            chance.shuffle(lines)
            return Case(kind, "shuffled", {name: "\n".join(lines).encode()})
        if way == 4:
            lines[at] = chance.choice(["", "\0", "x" * 100_000, "\x1b[31m", "two words", "\u202e"])
            return Case(kind, "an odd line", {name: "\n".join(lines).encode()})
        what, changed, visible = damaged_bytes(chance, content)
        return Case(kind, what, {name: changed}, visible)

    return make


# Chat templates

TEMPLATES = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 'x' * 10**10 }}",
    "{{ range(10**9) }}",
    "{{ 1 / 0 }}",
    "{% include 'x' %}",
    "{% import 'os' as os %}",
    "{{ ''.__class__.__mro__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ messages.__class__.__base__.__subclasses__() }}",
    "{{ cycler.__init__.__globals__.os.system('touch canary') }}",
    "{{ lipsum.__globals__['os'].popen('touch canary').read() }}",
    "{{ raise_exception('no') }}",
    "{% if %}",
    "{{",
    "{{ a.b.c }}",
    "{% for m in messages %}{{ m.content }}{% break %}{% endfor %}",
    "{{ ('x' * 100000) | wordwrap(1) }}",
    "{{ 10 ** 10 ** 8 }}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{{ messages | tojson }}",
    "{{ [].pop() }}",
    "{{ 'a' | attr('__class__') }}",
    "{% set a = namespace(b=1) %}{{ a.b }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ '{0:>1000000000}'.format(1) }}",
    "{{ (1, 2) + 'a' }}",
    "{{ 'a'.join([1]) }}",
    "{% for m in messages %}{{ m['role'] }}{% endfor %}",
    "{{ none.x }}",
    "{{ int('x') }}",
    "\0",
    "",
    "{% raw %}x{% endraw %}",
    "{{ messages[99].content }}",
    "{{ 'é' * 3 }}",
    "{% generation %}x{% endgeneration %}",
    "{{ joiner }}",
    "{{ dict(a=1).update(a=2) }}",
    "{% set x = [1] * 10**9 %}{{ x | length }}",
    "{{ 'ab' | center(10**9) }}",
)


def of_chat(chance: random.Random, folder: Path) -> Case:
    config = json.loads((folder / "tokenizer_config.json").read_bytes())
    template: Any = chance.choice(TEMPLATES)
    way = chance.randrange(5)
    if way == 0:
        template = template[: chance.randrange(len(template) + 1)] + chance.choice(TEMPLATES)
    elif way == 1:
        template = [{"name": "default", "template": template}]
    elif way == 2:
        template = chance.choice(
            [[{"name": "default"}], [{"template": "x"}], {"default": template}, [template], 3, [None], {}]
        )
    elif way == 3:
        return Case("chat_template", f"{template:.60}", {"chat_template.jinja": template.encode()})
    changed = dump({**config, "chat_template": template})
    return Case("chat_template", f"{template!r:.60}", {"tokenizer_config.json": changed})


MAKERS: dict[str, Maker] = {
    "config.json": of_json("config.json", "config.json"),
    "model.safetensors": of_safetensors,
    "pytorch_model.bin": of_bin,
    "tf_model.h5": of_h5,
    "model.safetensors.index.json": of_index,
    "tokenizer.json": of_json("tokenizer.json", "tokenizer.json"),
    "vocab.txt": of_lines("vocab.txt", "vocab.txt"),
    "vocab.json": of_json("vocab.json", "vocab.json"),
    "merges.txt": of_lines("merges.txt", "merges.txt"),
    "tokenizer_config.json": of_json("tokenizer_config.json", "tokenizer_config.json"),
    "special_tokens_map.json": of_json("special_tokens_map.json", "special_tokens_map.json"),
    "added_tokens.json": of_json("added_tokens.json", "added_tokens.json"),
    "generation_config.json": of_json("generation_config.json", "generation_config.json"),
    "chat_template": of_chat,
}


def cases(kind: str, count: int, seed: int, folder: Path) -> Iterator[Case]:
    """`count` malformed files of one kind, always the same for a seed."""
    chance = random.Random(f"{kind} {seed}")
    for _ in range(count):
        yield MAKERS[kind](chance, folder)
