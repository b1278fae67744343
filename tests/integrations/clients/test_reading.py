import json
from datetime import UTC, datetime, timedelta

import pytest

from accounts.api.errors import Malformed
from integrations.clients.messages import Clock, Unusable
from integrations.clients.reading import key_in, moment_of, read_envelope, read_message

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def messages(body: bytes) -> list[object]:
    return [read_message(given) for given in read_envelope(body).messages]


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'{"batch": [{"a": 1}, {"a": 2}]}', [{"a": 1}, {"a": 2}]),
        (b'\xef\xbb\xbf{"batch": [{"a": 1}]}', [{"a": 1}]),
        (b'{"a": 1, "writeKey": "wk"}', [{"a": 1}]),
        (
            b'{"batch": [{"a": "x\\u0000y", "b\\u0000": [{"c": "\\u0000"}]}]}',
            [{"a": "xy", "b": [{"c": ""}]}],
        ),
        (b'{"batch": [{"a": NaN, "b": Infinity}]}', [{"a": None, "b": None}]),
        (b'{"batch": [{"a": 1e999}]}', [{"a": None}]),
        (
            b'{"batch": [{"a": "\\ud83d"}, {"a": "\\ud83d\\ude00"}]}',
            [{"a": "\ufffd"}, {"a": "\U0001f600"}],
        ),
        (b'{"batch": [{"a": "\xff"}]}', [{"a": "\ufffd"}]),
        (b'{"batch": [{"a": "x\ny"}]}', [{"a": "x\ny"}]),
        (b'{"batch": []}', []),
    ],
)
def test_messages_are_read_as_they_can_be_stored(body: bytes, read: list[object]) -> None:
    assert messages(body) == read


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'{"batch": 1}', b'{"batch": {"a": 1}}'])
def test_envelope_that_is_none_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read_envelope(body)
    assert key_in(body) is None


@pytest.mark.parametrize("body", [b'{"batch": [1]}', b'{"batch": [null, "x"]}', b'{"batch": [[]]}'])
def test_message_that_is_no_object_spoils_itself(body: bytes) -> None:
    with pytest.raises(ValueError, match="not a JSON object"):
        read_message(read_envelope(body).messages[0])


def test_message_over_the_limit_spoils_itself() -> None:
    large = {"a": "x" * 1024 * 1024}
    first, second = read_envelope(json.dumps({"batch": [large, {"a": 1}]}).encode()).messages
    with pytest.raises(ValueError, match="larger than 1024 kB"):
        read_message(first)
    assert read_message(second) == {"a": 1}


@pytest.mark.parametrize("name", ["writeKey", "api_key", "token"])
def test_key_is_found_in_the_body(name: str) -> None:
    assert key_in(json.dumps({name: "sk", "batch": []}).encode()) == "sk"


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T13:00:00.000+01:00", NOON),
        ("2026-03-01T12:00:00", NOON),
        ("2026-03-01 12:00:00.000000+00:00", NOON),
        (NOON.timestamp(), NOON),
        (int(NOON.timestamp() * 1000), NOON),
        ("yesterday", None),
        (True, None),
        (10**30, None),
        (None, None),
    ],
)
def test_times_come_in_several_forms(value: object, moment: datetime | None) -> None:
    assert moment_of(value) == moment


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        (None, NOON),
        (NOON, NOON),
        # A batch that was sent again as it was.
        (NOON - timedelta(seconds=40), NOON),
        (NOON - timedelta(seconds=60), NOON),
        (NOON - timedelta(seconds=61), NOON + timedelta(seconds=61)),
        # A clock that is an hour behind, and one that is an hour ahead.
        (NOON - timedelta(hours=1), NOON + timedelta(hours=1)),
        (NOON + timedelta(hours=1), NOON - timedelta(hours=1)),
        (NOON + timedelta(seconds=5), NOON - timedelta(seconds=5)),
    ],
)
def test_clock_of_the_sender_is_corrected(sent: datetime | None, moment: datetime) -> None:
    clock = Clock.of(sent.isoformat() if sent else None, NOON)
    assert clock.time(NOON.isoformat()) == moment


def test_time_that_is_none_spoils_the_message_and_a_missing_one_is_now() -> None:
    clock = Clock.of(None, NOON)
    assert clock.time(None) == NOON
    with pytest.raises(Unusable):
        clock.time("yesterday")
