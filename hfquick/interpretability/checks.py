"""What both functions of this folder ask of their arguments."""

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
