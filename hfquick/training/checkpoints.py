"""Checkpoints that are whole or not there: written under a temporary name, listed with sizes and sums, then renamed.

A folder `checkpoint-<step>` appears only when all its files are written, and disappears in one step too. The list
`checkpoint.json` tells a file that was damaged later (a disk, a cut copy) from one as it was written.
"""

import errno
import json
import os
import re
import secrets
import shutil
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

from ..core.weights import SAFETENSORS
from ..i18n import said, spoken
from ..utils.files import write_json
from ..utils.notices import short_list

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:  # Keras's callbacks write checkpoints too, where PyTorch may be missing
    import torch
    from torch import nn

MANIFEST = "checkpoint.json"
PREFIX = "checkpoint-"
UNFINISHED = ".unfinished-"  # no reader takes these names for a checkpoint
REPLACED = ".replaced-"  # nor these: a whole one, until the one that replaces it has its name
MARK = "~"  # between the name of a checkpoint and what makes a temporary name the only one of its kind
TRIES = 100  # to take the name of a checkpoint while another run takes it, too
DAY = 86_400  # seconds
TO_RESUME = ("trainer_state.json", "optimizer.pt", "scheduler.pt")  # Trainer's, unless save_only_model was set
CHUNK = 1 << 22  # bytes
FAILURES = (OSError, RuntimeError, SafetensorError)  # torch says RuntimeError when a file cannot be written
FULL = ("No space left", "os error 28", "os error 27", "PytorchStreamWriter failed", "unexpected pos")  # full, in words


class CheckpointError(OSError):
    """A checkpoint that cannot be written, found or trusted."""


def cannot_write(output_dir: str, error: OSError) -> CheckpointError:
    return spoken(
        CheckpointError,
        "output_dir={output_dir!r} cannot be written ({why}); choose another folder",
        output_dir=output_dir,
        why=error.strerror or error,
    )


def folder_of(output_dir: str | os.PathLike, step: int) -> Path:
    return Path(output_dir) / f"{PREFIX}{step}"


def step_of(folder: Path) -> int:
    return int(folder.name.removeprefix(PREFIX))


def write(folder: Path, write_files: Callable[[Path], None]) -> None:
    """Let `write_files` write those of a checkpoint; `folder` then holds all of them, or does not exist.

    The temporary name is of this process alone: two runs may share an output_dir. Raises CheckpointError when the disk
    is full or the folder cannot be written.
    """
    is_written = False
    while not is_written:  # a run that cleans up may take the folder away before it is locked
        temporary = _other_name(folder, UNFINISHED)
        try:
            temporary.mkdir(parents=True)
            with _locked(temporary) as is_there:
                if is_there:
                    write_files(temporary)
                    seal(temporary, folder)
                    is_written = True
        except FAILURES as error:
            raise _not_written(folder, error) from error
        finally:  # after Ctrl-C too
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def model_written(folder: Path) -> Iterator[None]:
    """A block for writing a model, in which an error of the disk becomes a sentence."""
    try:
        yield
    except FAILURES as error:
        if hasattr(error, "english"):  # it is one already
            raise
        reason, hint = _reason(error)
        raise spoken(
            CheckpointError,
            "the model was not written into {folder!r}: {reason}; {hint}, and save it again with save_model()",
            folder=str(folder),
            reason=reason,
            hint=hint,
        ) from error


def seal(temporary: Path, folder: Path) -> None:
    """List the files of a finished temporary folder in it, and give it its name."""
    files = {
        path.relative_to(temporary).as_posix(): _sum(path) for path in sorted(temporary.rglob("*")) if path.is_file()
    }
    write_json(temporary / MANIFEST, {"files": files, "written": time.time()})
    for _once_more in range(TRIES):
        # An earlier run wrote it, and was resumed from before it. A kill between the two renames leaves it under its
        # name in waiting, where clean() finds it.
        waiting = _other_name(folder, REPLACED)
        with suppress(FileNotFoundError):
            folder.rename(waiting)
        try:
            temporary.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            continue  # another run was faster
        finally:
            if folder.exists():
                shutil.rmtree(waiting, ignore_errors=True)
        return
    raise spoken(
        FileExistsError,
        "another run writes {folder!r} again and again; give each run an output_dir of its own",
        folder=str(folder),
    )


def remove(folder: Path) -> None:
    """Delete a checkpoint; half deleted it no longer has the name of one."""
    doomed = _other_name(folder, UNFINISHED)
    with suppress(FileNotFoundError):  # another run that shares the output_dir was faster
        folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def clean(output_dir: str | os.PathLike) -> None:
    """Remove what a killed run left half-written, and give a checkpoint that was to be replaced its name back."""
    for waiting in Path(output_dir).glob(f"{REPLACED}*"):
        folder = waiting.with_name(waiting.name.removeprefix(REPLACED).partition(MARK)[0])
        if folder.exists():
            shutil.rmtree(waiting, ignore_errors=True)
        else:
            with suppress(OSError):  # the run that is replacing it goes on
                waiting.rename(folder)
    for left in Path(output_dir).glob(f"{UNFINISHED}*"):
        _remove_unfinished(left)


def _other_name(folder: Path, prefix: str) -> Path:
    """A name beside a folder that no other process takes."""
    return folder.with_name(f"{prefix}{folder.name}{MARK}{secrets.token_hex(4)}")


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """A block in which other processes see that a folder is written, if it is still there; a kill ends that, too."""
    if fcntl is None:
        yield True
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)  # who looks whether it is written holds it for a moment
        yield folder.exists()
    finally:
        os.close(handle)


def _remove_unfinished(folder: Path) -> None:
    """Remove a folder that no process is writing; where there are no locks, one of today may be written."""
    if fcntl is None:
        with suppress(OSError):
            if MARK not in folder.name or time.time() - folder.stat().st_mtime >= DAY:
                shutil.rmtree(folder, ignore_errors=True)
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_written = False
    except OSError as error:
        is_written = error.errno in (errno.EWOULDBLOCK, errno.EACCES)
    try:
        if not is_written:  # and nobody begins as long as it is locked
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def all_of(output_dir: str | os.PathLike) -> list[Path]:
    """All checkpoints in a folder, as they were written: an earlier run may have left higher numbers."""
    found = [
        path
        for path in Path(output_dir).glob(f"{PREFIX}*")
        if re.fullmatch(rf"{PREFIX}\d+", path.name) and path.is_dir()
    ]
    return sorted(found, key=lambda path: (_written(path), step_of(path)))


def _written(folder: Path) -> float:
    """When, in seconds since 1970; 0 where nothing says it, as in checkpoints of former versions."""
    try:
        return float(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["written"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


def problem_of(folder: Path) -> str:
    """What is wrong with a checkpoint, in words; empty if every file is there as it was written."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except FileNotFoundError:
        return said("it has no {file}, so nothing tells whether it is whole", file=MANIFEST)
    except (ValueError, KeyError, OSError) as error:
        return said("its {file} cannot be read ({error})", file=MANIFEST, error=error)
    for name in _needed(folder):
        if name not in files:
            return said("{name} is missing", name=name)
    for name, (size, checksum) in files.items():
        path = folder / name
        if not path.is_file():
            return said("{name} is missing", name=name)
        if path.stat().st_size != size:
            return said(
                "{name} has {found:,} bytes instead of {size:,}", name=name, found=path.stat().st_size, size=size
            )
        if _sum(path) != [size, checksum]:
            return said("the content of {name} has changed since it was written", name=name)
    return ""


def _needed(folder: Path) -> tuple[str, ...]:
    """The files without which a checkpoint is of no use, whatever its list says."""
    try:
        arguments = json.loads((folder / "training_args.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # Keras's have none
        return (SAFETENSORS,)
    return (SAFETENSORS,) if arguments.get("save_only_model") else (SAFETENSORS, *TO_RESUME)


def last_whole(output_dir: str | os.PathLike) -> Path | None:
    """The newest checkpoint of a folder that is as it was written."""
    return next((path for path in reversed(all_of(output_dir)) if not problem_of(path)), None)


def find(asked: str | os.PathLike | bool, output_dir: str | os.PathLike) -> Path:
    """What `resume_from_checkpoint` names -> a whole checkpoint; True means the newest whole one in output_dir.

    Raises CheckpointError, which names the last whole checkpoint where there is one.
    """
    if asked is True:
        newest = last_whole(output_dir)
        if newest is None:
            damaged = [path.name for path in all_of(output_dir)]
            there = said("only damaged ones ({names})", names=short_list(damaged)) if damaged else said("none")
            raise spoken(
                CheckpointError,
                "resume_from_checkpoint=True looks for a checkpoint in {output_dir!r}, there is {there}; leave "
                "it out to begin anew",
                output_dir=str(output_dir),
                there=there,
            )
        return newest
    folder = Path(asked)  # type: ignore[arg-type]
    problem = said("there is no such folder") if not folder.is_dir() else problem_of(folder)
    if problem:
        whole = last_whole(folder.parent) or last_whole(output_dir)
        hint = said("there is no whole one beside it")
        if whole:
            hint = said("the last whole one is {folder!r}", folder=str(whole))
        raise spoken(
            CheckpointError,
            "the checkpoint {folder!r} cannot be used: {problem}; {hint}",
            folder=str(folder),
            problem=problem,
            hint=hint,
        )
    return folder


def prune(newest: Path, limit: int | None, keep: str | None) -> None:
    """Delete the oldest checkpoints beside `newest` over `limit`, but neither that one nor `keep` (the best one)."""
    there = all_of(newest.parent)
    if limit is None or len(there) <= limit:
        return
    kept = {newest, *([Path(keep)] if keep else [])}
    for folder in there:
        if len(there) <= max(limit, len(kept)):
            return
        if folder not in kept:
            remove(folder)
            there = all_of(newest.parent)


def save_weights(model: "nn.Module", folder: Path, weights: "dict[str, torch.Tensor] | None" = None) -> None:
    """Write a model's weights, and its configuration if it has one, into a folder.

    `weights` are all of them where the model itself holds only a part (several processes, FSDP).
    """
    from safetensors.torch import save_file, save_model

    folder.mkdir(parents=True, exist_ok=True)
    save_pretrained: Any = getattr(model, "save_pretrained", None)
    if save_pretrained is not None:
        save_pretrained(folder, state_dict=_apart(model) if weights is None else weights)
    elif weights is not None:
        save_file({name: tensor.contiguous() for name, tensor in weights.items()}, folder / SAFETENSORS)
    else:
        save_model(model, str(folder / SAFETENSORS), metadata={"format": "pt"})


def _apart(model: "nn.Module") -> "dict[str, torch.Tensor]":
    """A model's weights, those that the user made share memory (layers[1] = layers[0]) as copies: the file has all
    names, and loads as any other. Those that are tied by its kind are written once anyway."""
    tied: Any = getattr(model, "tied", dict)()
    found, seen = {}, set()
    for name, tensor in model.state_dict().items():
        place = tensor.untyped_storage().data_ptr()
        found[name] = tensor.clone() if place in seen and tensor.numel() and name not in tied else tensor
        seen.add(place)
    return found


def load_weights(model: "nn.Module", folder: Path) -> None:
    """Give a model the weights of a checkpoint; every name and shape must fit. What shares memory may be there once."""
    if not (folder / SAFETENSORS).is_file():
        raise spoken(
            CheckpointError,
            "the checkpoint {folder!r} has no {file}; was the folder deleted or moved?",
            folder=str(folder),
            file=SAFETENSORS,
        )
    device = next((str(parameter.device) for parameter in model.parameters()), "cpu")
    weights, own = read_weights(model, folder, device), model.state_dict()
    there = {own[name].data_ptr() for name in weights.keys() & own.keys()}
    try:
        missing, unexpected = model.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # other shapes
        words = " ".join(str(error).split())[:300]
    else:
        missing = [name for name in missing if own[name].data_ptr() not in there]
        if not missing and not unexpected:
            return
        words = said("missing {missing}, unknown {unexpected}", missing=_some(missing), unexpected=_some(unexpected))
    raise spoken(
        CheckpointError,
        "the weights in {folder!r} do not fit this {model_kind}: {words}; was the checkpoint made with "
        "another model or configuration?",
        folder=str(folder),
        model_kind=type(model).__name__,
        words=words,
    )


def read_weights(model: Any, folder: Path, device: str = "cpu") -> "dict[str, torch.Tensor]":
    """The tensors in a folder by their names in a model, which may be saved under others (a dilated DETR)."""
    from safetensors.torch import load_file

    aliases = model.aliases(model.state_dict()) if hasattr(model, "aliases") else {}
    return {aliases.get(name, name): tensor for name, tensor in load_file(folder / SAFETENSORS, device=device).items()}


def _some(names: list[str]) -> str:
    return short_list(names) or said("none")


def load_state(path: Path) -> Any:
    """What `torch.save` wrote, on the CPU. Plain data and tensors only: nothing in it can run."""
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def _sum(path: Path) -> list[int]:
    """Size and CRC-32 of a file, read in pieces."""
    size = checksum = 0
    with open(path, "rb") as file:
        while piece := file.read(CHUNK):
            size += len(piece)
            checksum = zlib.crc32(piece, checksum)
    return [size, checksum]


def _not_written(folder: Path, error: Exception) -> CheckpointError:
    whole = last_whole(folder.parent)
    kept = said("no checkpoint was written before it")
    if whole:
        kept = said("the last whole checkpoint is {folder!r}", folder=str(whole))
    reason, hint = _reason(error)
    return spoken(
        CheckpointError,
        "the checkpoint {folder!r} was not written: {reason}; {kept}. To go on, {hint}, and resume from there",
        folder=str(folder),
        reason=reason,
        kept=kept,
        hint=hint,
    )


def _reason(error: Exception) -> tuple[str, str]:
    """Why something could not be written, and what to do."""
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or any(sign in str(error) for sign in FULL):
        return said("the disk is full"), said("free some space, or keep fewer checkpoints with save_total_limit")
    if number in (errno.EACCES, errno.EROFS, errno.EPERM, errno.ENOTDIR, errno.EEXIST):
        return said("its folder cannot be written"), said("choose another output_dir")
    return said("{words}", words=" ".join(str(error).split())), said("mend this")
