"""Chat templates: a conversation -> the prompt that a model was trained to answer.

The training data of such a model had all conversations in one form, with marks of its own between the messages. That
form is a template in the Jinja language, which comes with the tokenizer. It is somebody else's program, so it runs in
Jinja's sandbox: it can put texts together, and reach nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ..i18n import spoken


def render(
    template: str, messages: Sequence[Mapping[str, Any]], add_generation_prompt: bool, special: Mapping[str, str]
) -> str:
    """Messages, {"role": "user", "content": "..."} each -> one text.

    `add_generation_prompt` ends it with what stands in front of an answer. Raises ValueError where the template itself
    refuses the conversation, or is no Jinja.
    """
    jinja2 = _jinja()
    try:
        return _compiled(template).render(
            messages=list(messages), add_generation_prompt=add_generation_prompt, **special
        )
    except jinja2.TemplateError as error:
        raise spoken(
            ValueError, "the chat template of this tokenizer cannot be used here: {error}", error=error
        ) from None


@cache
def _compiled(template: str) -> Any:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = _refuse
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    return environment.from_string(template)


def _refuse(message: str) -> None:
    """What a template calls for a conversation that it does not take."""
    raise _jinja().TemplateError(message)


def _jinja() -> Any:
    try:
        import jinja2
    except ImportError:
        raise spoken(ImportError, "chat templates are written in Jinja; try: pip install jinja2") from None
    return jinja2
