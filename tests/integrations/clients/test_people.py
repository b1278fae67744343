from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.clients.people import People, Person

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


NEWS = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 5), min_size=1),
    ),
    unique_by=lambda news: news[0],
    max_size=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NEWS, st.randoms())
def test_newest_word_on_each_trait_holds_in_whatever_order_they_come(news, random) -> None:  # type: ignore[no-untyped-def]
    expected: dict[str, int] = {}
    for _minute, traits in sorted(news, key=lambda told: told[0]):
        expected |= traits
    random.shuffle(news)
    people = People()
    for minute, traits in news:
        people.tell("ann", traits, at(minute))
    assert people.of("ann").traits == expected


def test_suggestion_holds_only_where_nothing_is_told() -> None:
    people = People()
    people.suggest("ann", {"first": 1, "name": "?"})
    people.suggest("ann", {"first": 2})
    people.tell("ann", {"name": "Ann"}, at(0))
    assert people.of("ann").traits == {"first": 1, "name": "Ann"}


def test_account_is_the_last_one_until_then_or_else_the_first() -> None:
    people = People([Person("ann", groups=[(at(10), "acme")])])
    people.seen("ann", "globex", at(20))
    found = [people.of("ann").account_at(at(minute)) for minute in (0, 10, 15, 20, 30)]
    assert found == ["acme", "acme", "acme", "globex", "globex"]
    assert people.of("ann").account == "globex"


def test_link_brings_along_what_is_known_of_the_earlier_id() -> None:
    people = People()
    people.seen("a1", "acme", at(0))
    people.tell("a1", {"name": "?", "source": "mail"}, at(0))
    people.tell("ann", {"name": "Ann"}, at(1))
    people.link("a1", "ann")
    person = people.of("a1")
    assert (person.key, person.account) == ("ann", "acme")
    assert person.traits == {"name": "Ann", "source": "mail"}
    assert people.settled() == {"a1", "ann"}


def test_links_in_a_circle_end() -> None:
    people = People()
    people.link("a", "b")
    people.link("b", "a")
    people.link("a", "a")
    assert people.of("a").key == people.of("b").key
