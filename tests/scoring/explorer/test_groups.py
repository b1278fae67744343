import numpy as np

from scoring.explorer.groups import SAMPLE, SLICE, Group


def group(count: int) -> Group:
    return Group("all", "All", np.arange(1, count + 1, dtype=np.int64))


def test_small_group_is_its_own_sample() -> None:
    few = group(SAMPLE)
    assert (few.sampled, few.sample is few) == (False, True)


def test_sample_is_even_and_reaches_from_the_first_to_the_last() -> None:
    ids = group(100_000).sample.ids
    steps = np.diff(ids)
    assert (len(ids), ids[0], ids[-1]) == (SAMPLE, 1, 100_000)
    assert int(steps.max() - steps.min()) <= 1


def test_slices_are_bounded_and_hold_every_account_once() -> None:
    slices = list(group(2 * SLICE + 5).slices())
    assert [len(ids) for ids in slices] == [SLICE, SLICE, 5]
    assert [pk for ids in slices for pk in ids] == list(range(1, 2 * SLICE + 6))
