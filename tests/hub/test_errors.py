"""errors.py: the table of sentences is whole, and causes are followed to the end."""

from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import pytest

from hfquick.hub.client import Fetching, Wanted
from hfquick.hub.errors import AGAIN, LOGIN, TABLE, HubError, NoRoute, causes, explained, response_in, shortly
from hfquick.hub.upload import Sending

WANTED = Wanted("ada/model", "model", "v2", None, Path("cache"), "", False)


def fetching(error: Exception, name: str = "config.json") -> Fetching:
    return Fetching(error, WANTED, name)


def sending(error: Exception) -> Sending:
    def whoami():
        raise ConnectionError

    api = SimpleNamespace(whoami=whoami)
    return Sending(error, SimpleNamespace(id="ada/model", page="the page", branch="v2", sent={}, api=api))


def raised(error: Exception, cause: Exception | None = None, while_handling: Exception | None = None) -> Exception:
    error.__cause__, error.__context__ = cause, while_handling
    error.__suppress_context__ = False
    return error


@pytest.mark.parametrize("number", range(len(TABLE)))
def test_every_sentence_of_the_table_can_be_said(number):
    row = TABLE[number]
    assert row.fetching or row.sending
    for text, failure in ((row.fetching, fetching(Exception("why"))), (row.sending, sending(Exception("why")))):
        if text is None:
            continue
        row.when(failure)
        for _, field, _, _ in Formatter().parse(text):
            assert field in (None, "login", "again") or hasattr(failure, field.removeprefix("f."))
        assert "{" not in text.format(f=failure, login=LOGIN, again=AGAIN)


def test_what_is_unknown_has_a_sentence_too():
    found = explained(fetching(KeyError("odd")))
    assert (
        str(found) == "config.json of 'ada/model' at revision 'v2' could not be fetched (KeyError: 'odd'); run it again"
    )
    assert str(explained(sending(KeyError("odd")))).startswith(
        "the push to 'ada/model' stopped (KeyError: 'odd'). Run it"
    )
    assert found.passing


def test_the_network_is_not_taken_for_the_disk():
    full = explained(fetching(OSError(28, "No space left on device")))
    assert "cannot be kept in cache (OSError: [Errno 28] No space left on device); free space" in str(full)
    assert not full.passing
    assert "a file for 'ada/model' cannot be read" in str(explained(sending(PermissionError(13, "Permission denied"))))
    for error in (ConnectionResetError(104, "reset"), ConnectionRefusedError(111, "refused")):
        assert isinstance(explained(fetching(error)), NoRoute)
        assert "there is no route to" in str(explained(sending(error)))
    assert "could not be fetched (TimeoutError: [Errno 110] late)" in str(
        explained(fetching(TimeoutError(110, "late")))
    )


def test_causes_are_followed_to_the_end():
    answer = SimpleNamespace(headers={"x-error-code": "GatedRepo"}, status_code=401, text="", url="", request=None)
    first = OSError("first")
    first.response = answer
    assert response_in(raised(ValueError(), cause=raised(RuntimeError(), cause=first))) is answer
    assert response_in(raised(ValueError(), while_handling=first)) is answer
    hidden = raised(ValueError("shown"), while_handling=first)
    hidden.__suppress_context__ = True  # raise ... from None
    assert response_in(hidden) is None
    assert shortly(hidden) == "ValueError: shown"
    round_and_round = ValueError()
    raised(round_and_round, cause=raised(KeyError(), cause=round_and_round))
    assert len(list(causes(round_and_round))) == 2
    found = explained(fetching(raised(ValueError(), cause=first)))
    assert isinstance(found, HubError)
    assert (found.status, found.passing) == (401, False)
    assert "then log in with `hf auth login`" in str(found)
