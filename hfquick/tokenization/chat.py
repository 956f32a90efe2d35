"""Chat templates: a conversation -> the prompt that a model was trained to answer.

The training data of such a model had all conversations in one form, with marks of its own between the messages. That
form is a template in the Jinja language, which comes with the tokenizer. It is somebody else's program, so it runs in
Jinja's sandbox: it can put texts together, and reach nothing else; and it has limits of time and size (sandbox.py).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ..i18n import spoken
from ..utils.errors import all_of, did_you_mean, sentence

MOST_LETTERS = 200_000  # of a template; the longest in use have some 30,000
USUAL = "default"  # the name of the template that counts where there are several


def named(template: Any, name: str | None = None) -> str | None:
    """What a tokenizer says of its templates, one or a list of named ones -> the one of this name, None for none.

    `name` may also be a template itself. Raises ValueError for a name that does not exist, and for what is no template.
    """
    if isinstance(template, list):  # as files have them
        if not all(isinstance(each, dict) and {"name", "template"} <= each.keys() for each in template):
            raise _no_template(template)
        template = {str(each["name"]): each["template"] for each in template}
    if name is not None and "{" in name:
        template = name
    elif isinstance(template, dict):
        wanted = USUAL if name is None else name
        if wanted not in template:
            raise spoken(
                ValueError,
                "this tokenizer has no chat template {name!r}{near}; it has {known}: try chat_template={first!r}",
                name=wanted,
                near=did_you_mean(wanted, template),
                known=all_of(template) if template else "",
                first=next(iter(template), ""),
            )
        template = template[wanted]
    elif name is not None:
        raise spoken(
            ValueError,
            "chat_template is {name!r}, and this tokenizer has no named templates; leave it out, or give a template",
            name=name,
        )
    if template is not None and not isinstance(template, str):
        raise _no_template(template)
    return template


def _no_template(template: Any) -> ValueError:
    return spoken(
        ValueError,
        "chat_template is {template!r}, expected a text in Jinja, or a list of tables with 'name' and 'template'",
        template=template,
    )


def render(
    template: str, messages: Sequence[Mapping[str, Any]], add_generation_prompt: bool, special: Mapping[str, str]
) -> str:
    """Messages, {"role": "user", "content": "..."} each -> one text.

    `add_generation_prompt` ends it with what stands in front of an answer. Raises ValueError where the template itself
    refuses the conversation, is no Jinja, fails in it, or goes on without an end.
    """
    try:
        import jinja2
    except ImportError:
        raise spoken(ImportError, "chat templates are written in Jinja; try: pip install jinja2") from None
    from .sandbox import limited

    template = named(template) or ""
    values = {"messages": list(messages), "add_generation_prompt": add_generation_prompt, **special}
    try:
        if len(template) > MOST_LETTERS:
            raise spoken(
                ValueError, "it has {count:,} letters, {most:,} are the most", count=len(template), most=MOST_LETTERS
            )
        with limited():
            return _compiled(template).render(values)
    except Exception as error:  # a program of somebody else, with errors of every kind
        why = str(error) if isinstance(error, jinja2.TemplateError) or hasattr(error, "english") else sentence(error)
        raise spoken(
            ValueError,
            "the chat template of this tokenizer cannot be used here: {error}",
            error=error if hasattr(error, "english") else why or type(error).__name__,
        ) from None


@cache
def _compiled(template: str) -> Any:
    from .sandbox import LimitedEnvironment

    return LimitedEnvironment().from_string(template)
