"""What both functions of this folder ask of their arguments."""

from typing import Any

# What a pipeline or its model may have set; at this value the option does nothing.
ONE_SEQUENCE = {"num_return_sequences": 1}


def check_pipeline(pipe: Any, kind: type, name: str, task: str) -> None:
    """Raise TypeError for what is no pipeline of this kind."""
    if not isinstance(pipe, kind):
        raise TypeError(f"{name} needs a generative pipeline, such as pipeline({task!r}), got a {type(pipe).__name__}")


def check_one(pipe: Any, text: Any, name: str, options: dict[str, Any]) -> None:
    """Raise an error for several texts, given or asked for."""
    if not pipe.is_one(text):
        several = isinstance(text, list | tuple)
        advice = f"; try [{name}(pipe, text) for text in texts]" if several else ""
        given = f"a {type(text).__name__} of {len(text)}" if several else type(text).__name__
        raise TypeError(f"{name} takes one text, got {given}{advice}")
    if options.get("num_return_sequences", 1) != 1:
        raise ValueError(
            f"num_return_sequences is {options['num_return_sequences']}, but {name} shows one text; leave it out"
        )
