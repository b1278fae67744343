from scoring.charts import Bar, Point, Share, distribution, earned_bar, runs, sparkline


def test_runs_break_at_gaps() -> None:
    assert runs([1, 2, None, 3, None, None, 0]) == [[0, 1], [3], [6]]


def test_sparkline_draws_gaps_as_gaps() -> None:
    spark = sparkline([400_000, 600_000, None, 500_000], width=64, height=24)
    assert spark.lines == ("2,21 22,3",)
    assert spark.lone == (Point(62, 12),)
    assert spark.end == Point(62, 12)
    assert (spark.first, spark.last) == (400_000, 500_000)


def test_sparkline_keeps_a_small_change_small() -> None:
    assert sparkline([500_000, 510_000], width=24, height=24).lines == ("2,12.5 22,11.5",)


def test_sparkline_without_values_is_empty() -> None:
    assert sparkline([None, None]).lines == ()
    assert sparkline([]).end is None


def test_sparkline_that_ends_in_a_gap_has_no_end_point() -> None:
    assert sparkline([500_000, 500_000, None]).end is None


def test_earned_bar_is_as_long_as_its_weight() -> None:
    assert earned_bar(82_000, 200_000, 200_000) == Bar(41.0, 100.0)
    assert earned_bar(50_000, 100_000, 200_000) == Bar(25.0, 50.0)
    assert earned_bar(0, 0, 200_000) == Bar(0, 0)


def test_distribution_fills_the_bar_and_shows_the_smallest() -> None:
    shares = distribution([500, 0, 499, 1], least=1, gap=1)
    assert shares[1].width == 0
    assert shares[3].width == 1.095
    assert round(shares[3].x + shares[3].width, 3) == 100
    assert distribution([0, 0]) == [Share(0, 0), Share(0, 0)]
