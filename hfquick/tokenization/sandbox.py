"""Jinja's sandbox with limits: a template may take a few seconds and a few megabytes, whatever it was written for.

Jinja's own keeps a template from reaching files or Python's insides, but lets it loop for hours, or make
'x' * 10**10. Here whatever makes a long text or list out of short ones looks at the result's length first, and a clock
runs beside the loops. No single step is long then, so the clock is looked at in time.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from types import FrameType
from typing import Any

from jinja2 import TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from ..i18n import spoken

SECONDS = 5.0  # for one conversation; a usual one takes thousandths
MOST = 4_000_000  # letters of a text or of a list of texts; ten times what models with the longest inputs read
PART = 20  # letters that a part of a list counts for
MOST_MADE = 50_000_000  # the same for what one call might make at worst: every letter replaced by a text
MOST_IN_ALL = 1_000_000_000  # letters of all texts that one conversation makes on its way
MOST_BITS = 10_000  # of a whole number
METHODS = (  # of texts
    "capitalize casefold count endswith find format format_map index isalnum isalpha isascii isdecimal isdigit islower "
    "isnumeric isspace istitle isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex "
    "rpartition rsplit rstrip split splitlines startswith strip swapcase title upper"
)
FILTERS = (
    "abs capitalize count d default dictsort e escape first float format indent int items join last length list lower "
    "map max min reject rejectattr replace reverse round safe select selectattr sort string sum title tojson trim "
    "unique upper wordcount"
)
WIDTHS = frozenset({"format", "indent", "tojson", "round"})  # filters whose whole numbers are widths
WIDTH = re.compile(r"%[^a-zA-Z%]*\d{5}|\{[^{}]*:[^{}]*\d{5}")  # in a format


_made: ContextVar[list[int]] = ContextVar("_made")  # how many letters were made in this block of `limited`


class LimitedEnvironment(ImmutableSandboxedEnvironment):
    """What templates are compiled and run by; what they know beyond Jinja is what transformers gives them."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        extensions = ["jinja2.ext.loopcontrols", Generation]
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=extensions, finalize=_looked_at)
        self.globals = {name: value for name, value in self.globals.items() if name != "lipsum"}
        self.globals |= {"raise_exception": _refuse, "strftime_now": lambda form: datetime.now().strftime(form)}
        self.filters["tojson"] = _to_json
        self.filters = {name: _limited_filter(name, self.filters[name]) for name in FILTERS.split()}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return _Concatenation().visit(super()._parse(source, name, filename))

    @staticmethod
    def concat(parts: Iterable[str]) -> str:  # what ends blocks, macros and the whole text
        found, size = [], 0
        for part in parts:
            size += len(part)
            _check(size, MOST)
            found.append(part)
        return "".join(found)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str) and callable(value) and attr not in METHODS.split():
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            _check_width(left)
            widths = right if isinstance(right, tuple) else (right,)
            _check_made(left, *widths, numbers=True)
        elif isinstance(left, int) and isinstance(right, int):
            bits, count = left.bit_length(), abs(right) if operator == "**" else 1
            _check(bits * count if operator == "**" else bits + right.bit_length(), MOST_BITS)
        elif operator == "*":
            for one, other in ((left, right), (right, left)):
                if isinstance(other, int):
                    _check(_size(one) * abs(other), MOST)
        else:
            _check(_size(left) + _size(right), MOST)
        return _counted(super().call_binop(context, operator, left, right))

    def call(_self, _context: Any, _obj: Any, *args: Any, **options: Any) -> Any:
        owner = getattr(_obj, "__self__", None)
        if isinstance(owner, str):
            args = tuple(map(_whole, args))
            _check_made(owner, *args, *options.values())
        if args and isinstance(args[0], str):
            _check_width(args[0])
        return _counted(super().call(_context, _obj, *args, **options))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        write = super().wrap_str_format(value)
        if write is None:
            return None

        def checked(*args: Any, **options: Any) -> str:
            _check_width(value.__self__)
            _check_made(value.__self__, *args, *options.values(), numbers=True)
            return write(*args, **options)

        return checked


class Generation(Extension):
    """{% generation %} ... {% endgeneration %} marks what an assistant says, for training; here it is just text."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True), lineno=line)


class _Concatenation(NodeTransformer):
    """`a ~ b` -> a sum of texts, which `call_binop` sees."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:
        self.generic_visit(node)
        first, *others = (nodes.Filter(part, "string", [], [], None, None, lineno=node.lineno) for part in node.nodes)
        whole: nodes.Expr = first
        for other in others:
            whole = nodes.Add(whole, other, lineno=node.lineno)
        return whole


@contextmanager
def limited() -> Iterator[None]:
    """Code that runs in this block, and is called from it, raises ValueError after SECONDS."""
    end = time.monotonic() + SECONDS

    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > end:
            raise spoken(ValueError, "it takes more than {seconds:g} s", seconds=SECONDS)
        return look if frame.f_code.co_filename == "<template>" else None  # each line of it; of others each call

    token = _made.set([0])
    before = sys.gettrace()  # a debugger's, perhaps
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)
        _made.reset(token)


def _limited_filter(name: str, made: Callable[..., Any]) -> Callable[..., Any]:
    place = 1 if hasattr(made, "jinja_pass_arg") else 0  # some are given Jinja's own state first

    @wraps(made)
    def checked(*args: Any, **options: Any) -> Any:
        given = tuple(map(_whole, args[place:]))
        if name == "format" and given and isinstance(given[0], str):
            _check_width(given[0])
        _check_made(*given, *options.values(), numbers=name in WIDTHS)
        return _counted(made(*args[:place], *given, **options))

    return checked


def _whole(value: Any) -> Any:
    """What `range`, `map` and `select` give, as a list, whose parts can be counted."""
    return list(value) if isinstance(value, Iterator | range) else value


def _size(value: Any) -> int:
    """Letters of a text, or of all texts in lists and tables with PART for each part; above MOST it stops counting."""
    size, left = 0, [value]
    while left and size <= MOST:
        part = left.pop()
        size += len(part) if isinstance(part, str) else PART
        if isinstance(part, dict):
            left += part.values()
        elif isinstance(part, list | tuple | set | frozenset):
            left += part
    return size


def _check(size: int, most: int) -> None:
    if size > most:
        raise spoken(ValueError, "it makes texts, lists or numbers that are too large")


def _check_made(*values: Any, numbers: bool = False) -> None:
    """Raise ValueError where these, the parts of one call, might give too much; `numbers` may be widths."""
    made = 1
    for value in values:
        size = abs(value) if numbers and isinstance(value, int) else _size(value)
        _check(size, MOST_MADE if numbers else MOST)
        made *= max(size, 1)
    _check(made, MOST_MADE)


def _check_width(form: str) -> None:
    _check(MOST + 1 if WIDTH.search(form) else 0, MOST)


def _counted(value: Any) -> Any:
    """What was made, if there was not too much before it: thousands of long texts fill a memory, too."""
    if isinstance(value, str) and (made := _made.get(None)) is not None:
        made[0] += len(value)
        _check(made[0], MOST_IN_ALL)
    return value


def _looked_at(value: Any) -> Any:
    """A value on its way into the text."""
    if not isinstance(value, str):
        _check(_size(value), MOST)
    return _counted(value)


def _to_json(value: Any, **options: Any) -> str:
    return json.dumps(value, **{"ensure_ascii": False, **options})


def _refuse(message: str) -> None:
    """What a template calls for a conversation that it does not take."""
    raise TemplateError(message)
