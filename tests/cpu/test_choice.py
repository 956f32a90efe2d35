"""Which way is chosen: by variable, by rule, by measurement, and what is kept of that."""

import json

import pytest

torch = pytest.importorskip("torch")

from hfquick import i18n  # noqa: E402
from hfquick.cpu import choice, kernels  # noqa: E402
from hfquick.cpu.choice import ONEDNN, TORCH, TURNED, Ways  # noqa: E402

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not kernels.has_onednn(), reason="this torch has no oneDNN"),
]


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch, tmp_path):
    """A cache of its own, no variable, and nothing chosen yet."""
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.delenv("HFQUICK_ONEDNN", raising=False)
    choice.reset()
    yield
    choice.reset()


@pytest.fixture
def measured(monkeypatch):
    """Measuring takes no time here and finds oneDNN for many rows; how often it was done."""
    times = []
    monkeypatch.setattr(choice, "_measured_ways", lambda: times.append(1) or Ways(many_rows=ONEDNN))
    monkeypatch.setattr(choice, "vendor", lambda: "AuthenticAMD")
    return times


def test_the_variable_decides_without_measuring(monkeypatch, measured):
    monkeypatch.setenv("HFQUICK_ONEDNN", "0")
    assert choice.ways() == Ways(TORCH, TORCH, TORCH)
    assert not choice.widens_attention()
    assert not choice.packs()
    choice.reset()
    monkeypatch.setenv("HFQUICK_ONEDNN", "1")
    assert choice.ways() == Ways(ONEDNN, TURNED, ONEDNN)
    assert measured == []


def test_intels_processors_keep_intels_library(monkeypatch, measured):
    monkeypatch.setattr(choice, "vendor", lambda: "GenuineIntel")
    assert choice.ways() == Ways()
    assert not choice.gains(torch.float32)
    assert measured == []


def test_what_was_measured_is_kept_for_the_next_process(measured):
    assert choice.ways() == Ways(many_rows=ONEDNN)
    assert choice.gains(torch.float32)
    choice.reset()
    assert choice.ways() == Ways(many_rows=ONEDNN)
    assert measured == [1]


def test_another_processor_another_torch_and_other_threads_are_measured_anew(monkeypatch, measured):
    choice.ways()
    for change in (
        lambda: monkeypatch.setattr(choice, "processor", lambda: "another"),
        lambda: monkeypatch.setattr(torch, "__version__", "9.9"),
        lambda: monkeypatch.setattr(torch, "get_num_threads", lambda: 77),
    ):
        change()
        choice.reset()
        choice.ways()
    assert measured == [1] * 4
    assert len(json.loads(choice.cache_file().read_text())) == 4


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"x": 1}'])
def test_a_damaged_cache_is_measured_anew_and_written_whole(measured, content):
    choice.cache_file().parent.mkdir(parents=True)
    choice.cache_file().write_text(content)
    assert choice.ways() == Ways(many_rows=ONEDNN)
    choice.reset()
    assert choice.ways() == Ways(many_rows=ONEDNN)
    assert measured == [1]


def test_a_cache_that_cannot_be_written_is_no_error(monkeypatch, measured):
    def refuse(*given):
        raise PermissionError

    monkeypatch.setattr(choice, "write_text", refuse)
    assert choice.ways() == Ways(many_rows=ONEDNN)


def test_another_way_must_be_clearly_faster(monkeypatch):
    clock = iter([0.0, 1.0, 0.0, 0.95] * choice.ROUNDS + [0.0, 1.0, 0.0, 0.85] * choice.ROUNDS)
    monkeypatch.setattr(choice.time, "perf_counter", lambda: next(clock))
    ways = {TORCH: lambda: None, ONEDNN: lambda: None}
    assert choice._fastest(ways) == TORCH
    assert choice._fastest(ways) == ONEDNN


def test_measuring_is_short_draws_no_random_number_and_names_known_ways(monkeypatch):
    monkeypatch.setattr(choice, "vendor", lambda: "AuthenticAMD")
    before = torch.get_rng_state()
    found = choice.ways()
    assert {found.many_rows, found.training} <= {TORCH, ONEDNN}
    assert found.few_rows in (TORCH, ONEDNN, TURNED)
    assert choice.widens_attention() in (True, False)
    assert torch.equal(torch.get_rng_state(), before)


def test_doctor_gets_a_line(monkeypatch, measured):
    assert choice.described() == "many rows: oneDNN; few rows: torch's own library; training: torch's own library"
    i18n.set_language("fr")
    try:
        assert choice.described().startswith("nombreuses lignes : oneDNN\u202f; peu de lignes : ")
    finally:
        i18n.set_language(None)
    choice.reset()
    monkeypatch.setenv("HFQUICK_ONEDNN", "0")
    assert choice.described() == "torch's own library"
