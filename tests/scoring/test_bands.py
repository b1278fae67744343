from scoring import bands
from scoring.engine.schemes import SHIPPED, Band


def test_look_gives_every_shipped_band_a_shape_and_a_tone() -> None:
    looks = {key: bands.look(scheme) for key, scheme in SHIPPED.items()}
    assert [(b.key, b.shape, b.tone, b.minimum) for b in looks["ryg"]] == [
        ("red", "square", "bad", 0),
        ("yellow", "diamond", "warn", 51),
        ("green", "circle", "good", 76),
    ]
    assert [(b.key, b.shape, b.tone) for b in looks["letter"]] == [
        ("f", "square", "bad"),
        ("d", "triangle-down", "bad-2"),
        ("c", "diamond", "warn"),
        ("b", "triangle", "good-2"),
        ("a", "circle", "good"),
    ]


def test_look_keeps_what_the_scheme_says() -> None:
    scheme = (
        Band(key="low", label="Low", min=0, color="blue", shape="star"),
        Band(key="high", label="High", min=50),
    )
    assert [(b.shape, b.tone) for b in bands.look(scheme)] == [
        ("star", "accent"),
        ("circle", "good"),
    ]


def test_look_of_any_number_of_bands_repeats_no_shape() -> None:
    for count in range(2, 13):
        scheme = tuple(Band(key=f"b{i}", label=f"Band {i}", min=i * 8) for i in range(count))
        looks = bands.look(scheme)
        assert len({b.shape for b in looks}) == count
        assert (looks[0].tone, looks[-1].tone) == ("bad", "good")


def test_at_is_unknown_outside_the_scheme() -> None:
    looks = bands.look(SHIPPED["ryg"])
    assert bands.at(looks, -1) == bands.UNKNOWN
    assert bands.at(looks, 2).key == "green"


def test_letter_is_a_short_label() -> None:
    assert bands.look(SHIPPED["letter"])[0].letter is True
    assert bands.look(SHIPPED["ryg"])[0].letter is False
