"""What the functions of this folder ask of their arguments."""

from typing import Any

from ..i18n import said, spoken

# What a pipeline or its model may have set; at this value the option does nothing.
ONE_SEQUENCE = {"num_return_sequences": 1}


def check_pipeline(pipe: Any, kind: type, name: str, task: str) -> None:
    """Raise TypeError for what is no pipeline of this kind."""
    if not isinstance(pipe, kind):
        raise spoken(
            TypeError,
            "{name} needs a generative pipeline, such as pipeline({task!r}), got a {pipe_kind}",
            name=name,
            task=task,
            pipe_kind=type(pipe).__name__,
        )


def check_one(pipe: Any, text: Any, name: str, options: dict[str, Any]) -> None:
    """Raise an error for several texts, given or asked for."""
    if not pipe.is_one(text):
        several = isinstance(text, list | tuple)
        advice = said("; try [{name}(pipe, text) for text in texts]", name=name) if several else ""
        given = type(text).__name__
        if several:
            given = said("a {kind} of {count}", kind=given, count=len(text))
        raise spoken(TypeError, "{name} takes one text, got {given}{advice}", name=name, given=given, advice=advice)
    if options.get("num_return_sequences", 1) != 1:
        raise spoken(
            ValueError,
            "num_return_sequences is {count}, but {name} shows one text; leave it out",
            count=options["num_return_sequences"],
            name=name,
        )


def check_task(pipe: Any, kinds: type | tuple[type, ...], name: str, task: str) -> None:
    """Raise TypeError for what is no pipeline of these kinds."""
    if not isinstance(pipe, kinds):
        raise spoken(
            TypeError,
            "{name} needs a pipeline, such as pipeline({task!r}), got a {pipe_kind}",
            name=name,
            task=task,
            pipe_kind=type(pipe).__name__,
        )


def check_one_picture(pipe: Any, picture: Any, name: str) -> None:
    """Raise TypeError for several pictures."""
    if not pipe.is_one(picture):
        given: str = type(picture).__name__
        if hasattr(picture, "__len__"):
            given = said("a {kind} of {count}", kind=given, count=len(picture))
        raise spoken(TypeError, "{name} takes one picture, got {given}", name=name, given=given)


def check_index(name: str, value: Any, count: int) -> int:
    """A layer or head, from 0 on or from the end (-1) -> from 0 on; ValueError for one that does not exist."""
    if type(value) is not int or not -count <= value < count:
        raise spoken(
            ValueError,
            "{name} is {value!r}, but there are {count}, from 0 to {last}; -1 is the last",
            name=name,
            value=value,
            count=count,
            last=count - 1,
        )
    return value % count
