"""Chat templates: those in use work, those that mean harm end with a sentence, in little time and memory."""

import json

import pytest

from hfquick import AutoTokenizer
from hfquick.tokenization import sandbox
from hfquick.tokenization.chat import render

MESSAGES = [{"role": "user", "content": "Hi!"}, {"role": "assistant", "content": " Hello. "}]


def text(template, messages=MESSAGES, add_generation_prompt=False):
    return render(template, messages, add_generation_prompt, {"bos_token": "<s>"})


@pytest.fixture
def tokenizer():
    return AutoTokenizer.from_pretrained("hfquick/distilbert-tiny-sentiment-en")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>' + message.content.strip() }}"
            "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}",
            "<s><|user|>Hi!<|assistant|>Hello.",
        ),
        ("{% for m in messages %}{{ m.role }}{% break %}{% endfor %}", "user"),
        ("{% for m in messages %}{% if m.role == 'user' %}{% continue %}{% endif %}{{ m.role }}{% endfor %}",
         "assistant"),
        ("{% generation %}{% set x = 1 %}{{ messages[1].content }}{% endgeneration %}", " Hello. "),
        ("{%- set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "2"),
        ("{{ messages[0] | tojson }}", '{"role": "user", "content": "Hi!"}'),
        ("{{ messages[0].role | upper ~ 1 ~ none ~ messages | length }}", "USER1None2"),
        ("{{ messages | map(attribute='role') | join(', ') }}{{ '%s!' | format('x') }}{{ '{}?'.format(3) }}",
         "user, assistantx!3?"),
        ("{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m('a') * 3 }}{{ 2 ** 10 }}", "[a][a][a]1024"),
        ("{{ messages[1].content.replace('l', 'LL').split('.')[0] | trim | replace('LLLL', 'l') }}", "Helo"),
        ("{{ {'a': 1} | items | list }}{{ 'a' if 'H' in messages[0].content else 'b' }}", "[('a', 1)]a"),
        ("{{ strftime_now('%Y') | length }}", "4"),
        ("{{ messages[0].created | default(1700000000) }}", "1700000000"),
    ],
)  # fmt: skip
def test_what_templates_in_use_need(template, expected):
    assert text(template) == expected


def test_a_long_conversation():
    messages = [{"role": "user", "content": "word " * 20_000}, {"role": "assistant", "content": "é" * 100_000}] * 5
    whole = text(
        "{% for m in messages %}{{ '<' + m.role ~ '>' + m.content.replace(' ', '  ') | trim }}{% endfor %}", messages
    )
    assert len(whole) > 1_000_000


LARGE = "it makes texts, lists or numbers that are too large"
BOMBS = {
    "{{ 'x' * 10**10 }}": LARGE,
    "{{ [1] * 10**10 }}": LARGE,
    "{{ 10 ** (10 ** 10) }}": LARGE,
    "{% set ns = namespace(x=9) %}{% for i in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}": LARGE,
    "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}": LARGE,
    "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}": LARGE,
    "{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}": LARGE,
    "{% set x = 'x' * 10**6 %}{% set y %}{% for i in range(9999) %}{{ x }}{% endfor %}{% endset %}": LARGE,
    "{% macro m() %}{% for i in range(9999) %}{{ 'x' * 10**6 }}{% endfor %}{% endmacro %}{{ m() }}": LARGE,
    "{% set x = 'x' * 10**6 %}{% for i in range(9999) %}{{ x }}{% endfor %}": LARGE,
    "{% set x = 'x' * 10**6 %}{{ x.replace('x', x) }}": LARGE,
    "{% set x = 'x' * 10**6 %}{{ x | replace('x', x) }}": LARGE,
    "{% set x = 'x' * 10**6 %}{{ range(9999) | join(x) }}": LARGE,
    "{% set x = 'x' * 10**6 %}{{ range(9999) | map('string') | join(x) }}": LARGE,
    "{% set x = 'x' * 10**6 %}{{ x.join(range(9999) | map('string')) }}": LARGE,
    "{{ ('\n' * 10**6) | indent(10**6) }}": LARGE,
    "{{ '%9999999999d' % 1 }}": LARGE,
    "{{ '%*d' % (10**9, 1) }}": LARGE,
    "{{ '%9999999999d' | format(1) }}": LARGE,
    "{{ '{:9999999999}'.format(1) }}": LARGE,
    "{{ '{:{}}'.format(1, 10**9) }}": LARGE,
    "{{ messages | tojson(indent=10**9) }}": LARGE,
    "{{ strftime_now('%9999999999Y') }}": LARGE,
    "{{ 'x'.center(10**10) }}": "unsafe",
    "{{ 'x'.zfill(10**10) }}": "unsafe",
    "{{ 'x'.expandtabs(10**10) }}": "unsafe",
    "{{ 'x' | center(10**10) }}": "No filter named 'center'",
    "{{ 'x' | wordwrap(1, wrapstring='y') }}": "No filter named 'wordwrap'",
    "{{ ['x'] | map('center', 10**10) | list }}": "No filter named 'center'",
    "{{ lipsum(10**9) }}": "'lipsum' is undefined",
    "{{ range(10**9) }}": "Range too big",
    "{{ 1/0 }}": "division by zero",
    "{{ messages + 1 }}": "can only concatenate list",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}": "maximum recursion depth exceeded",
    "{% include 'x' %}": "no loader for this environment",
    "{{ ''.__class__.mro() }}": "unsafe",
    "{{ messages.append(1) }}": "unsafe",
    "{{ raise_exception('no system role') }}": "no system role",
    "{% for": "unexpected 'end of template'",
    "(" * 300_000: "it has 300,000 letters, 200,000 are the most",
    "{{ " + "(" * 50_000 + "1" + ")" * 50_000 + " }}": "recursion",
}


@pytest.mark.parametrize("template", BOMBS, ids=[key[:60] for key in BOMBS])
def test_what_means_harm_or_fails_is_a_sentence(template):
    with pytest.raises(ValueError, match="the chat template of this tokenizer cannot be used here: ") as error:
        text(template)
    assert BOMBS[template] in str(error.value)
    assert len(str(error.value)) < 1_200


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(99) }}",
        "{% for a in range(99999) %}{{ range(99999) | list | length }}{% endfor %}",
    ],
)
def test_a_clock_runs_beside_the_loops(template, monkeypatch):
    monkeypatch.setattr(sandbox, "SECONDS", 0.2)
    with pytest.raises(ValueError, match=r"cannot be used here: it takes more than 0.2 s"):
        text(template)


def test_a_debugger_is_given_back():
    import sys

    def look(frame, event, argument):
        return None

    before = sys.gettrace()
    sys.settrace(look)
    try:
        text("a")
        assert sys.gettrace() is look
    finally:
        sys.settrace(before)


# Several templates


NAMED = [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "tools"}]


def test_named_templates(tokenizer, tmp_path):
    tokenizer.chat_template = NAMED
    tokenizer.save_pretrained(tmp_path)
    again = AutoTokenizer.from_pretrained(tmp_path)
    assert again.chat_template == NAMED
    assert again.apply_chat_template(MESSAGES, tokenize=False) == "plain"
    assert again.apply_chat_template(MESSAGES, tokenize=False, chat_template="tool_use") == "tools"
    assert again.apply_chat_template(MESSAGES, tokenize=False, chat_template="{{ 1 + 1 }}") == "2"
    with pytest.raises(
        ValueError, match=r"no chat template 'tool'; did you mean 'tool_use'\?; it has 'default' and 'tool_use'"
    ):
        again.apply_chat_template(MESSAGES, chat_template="tool")
    again.chat_template = NAMED[1:]
    with pytest.raises(ValueError, match="no chat template 'default'; it has 'tool_use': try chat_template='tool_use'"):
        again.apply_chat_template(MESSAGES)
    again.chat_template = "one"
    with pytest.raises(
        ValueError, match="chat_template is 'x', and this tokenizer has no named templates; leave it out"
    ):
        again.apply_chat_template(MESSAGES, chat_template="x")
    assert again.apply_chat_template(MESSAGES, chat_template="{{ 2 }}", tokenize=False) == "2"


@pytest.mark.parametrize("wrong", [3, ["x"], [{"name": "a"}], {"default": 3}, [{"name": "default", "template": ["x"]}]])
def test_what_is_no_template(tokenizer, wrong):
    tokenizer.chat_template = wrong
    with pytest.raises(
        ValueError, match=r"chat_template is .*, expected a text in Jinja, or a list of tables with 'name'"
    ):
        tokenizer.apply_chat_template(MESSAGES)


def test_a_file_with_a_template(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "chat_template.jinja").write_text("{{ 'from the file' }}")
    assert AutoTokenizer.from_pretrained(tmp_path).apply_chat_template(MESSAGES, tokenize=False) == "from the file"
    (tmp_path / "chat_template.jinja").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"chat_template.jinja of .* is damaged \(byte 0 is no UTF-8\)"):
        AutoTokenizer.from_pretrained(tmp_path)
    assert json.loads((tmp_path / "tokenizer_config.json").read_text())
