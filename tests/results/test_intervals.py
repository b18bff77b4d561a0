"""Bootstrap intervals: fonts are the unit, the seed decides, pairing narrows."""

import numpy as np
import pytest

from hangeul_bench.results.intervals import Bootstrap, bootstrap, paired_difference


def _scores(seed: int = 0) -> tuple[np.ndarray, list[str]]:
    random = np.random.default_rng(seed)
    of_font = random.normal(0, 1, 10)
    values = np.repeat(of_font, 100) + random.normal(0, 1, 1000)
    return values, [f"font-{i}" for i in range(10) for _ in range(100)]


def test_the_value_is_the_plain_mean_inside_its_interval() -> None:
    values, fonts = _scores()
    interval = bootstrap(values, fonts)
    assert interval.value == pytest.approx(values.mean())
    assert interval.low < interval.value < interval.high


def test_the_width_is_that_of_fonts_not_of_glyphs() -> None:
    values, fonts = _scores()
    means = values.reshape(10, 100).mean(1)
    interval = bootstrap(values, fonts, replicates=4000)
    # Two-stage resampling of k fonts: the spread of their means (with k in the denominator) and,
    # on top, that of the glyphs inside.
    inside = values.reshape(10, 100).var(1).mean() / 100
    expected = 2 * 1.96 * np.sqrt((means.var() + inside) / 10)
    assert interval.high - interval.low == pytest.approx(expected, rel=0.1)
    glyphs_alone = bootstrap(values, range(len(values)))
    assert glyphs_alone.high - glyphs_alone.low < 0.5 * (interval.high - interval.low)


def test_a_replicate_draws_whole_fonts_each_with_as_many_glyphs_as_it_has() -> None:
    fonts = ["b"] * 5 + ["a"] * 2 + ["c"]
    counts = Bootstrap(fonts, replicates=300).counts
    per_font = np.stack([counts[:, :5].sum(1), counts[:, 5:7].sum(1), counts[:, 7]])
    times = per_font / np.array([5, 2, 1])[:, None]
    assert (times == times.round()).all()
    assert (times.sum(0) == 3).all()
    assert counts[:, :5].max() > 1  # with replacement inside the font


def test_the_same_seed_gives_the_same_interval_and_another_does_not() -> None:
    values, fonts = _scores()
    assert bootstrap(values, fonts, seed=4) == bootstrap(values, fonts, seed=4)
    assert bootstrap(values, fonts, seed=4) != bootstrap(values, fonts, seed=5)


def test_golden_interval() -> None:
    # Written down from the first run: a change here changes every published interval.
    values = np.arange(12.0)
    interval = bootstrap(values, list("aaabbbbbcccc"), seed=0)
    assert (interval.low, interval.high) == pytest.approx(
        (1.2222222222222223, 9.335416666666665), abs=1e-9
    )


def test_a_constant_score_has_no_width() -> None:
    interval = bootstrap(np.full(6, 0.1), list("aabbcc"))
    assert (interval.low, interval.high) == pytest.approx((0.1, 0.1), rel=1e-15)


def test_pairing_finds_a_small_difference_that_single_intervals_hide() -> None:
    values, fonts = _scores()
    better = values - 0.05 + np.random.default_rng(1).normal(0, 0.02, len(values))
    difference = paired_difference(better, values, fonts)
    assert difference.value == pytest.approx(-0.05, abs=0.005)
    assert difference.excludes_zero
    assert bootstrap(better, fonts).high > bootstrap(values, fonts).low
    assert not paired_difference(values, values, fonts).excludes_zero


def test_one_bootstrap_serves_many_scores() -> None:
    values, fonts = _scores()
    resamples = Bootstrap(fonts)
    assert resamples.interval(values) == bootstrap(values, fonts)
    assert resamples.interval(-values).value == -resamples.interval(values).value


def test_wrong_shapes_and_values_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(3,\), one a glyph, but got \(2,\)"):
        bootstrap(np.zeros(2), list("aab"))
    with pytest.raises(ValueError, match="finite"):
        bootstrap(np.array([0.0, np.nan]), list("ab"))
    with pytest.raises(ValueError, match="same glyphs"):
        paired_difference(np.zeros(2), np.zeros(3), list("ab"))
    with pytest.raises(ValueError, match="at least one glyph"):
        bootstrap(np.zeros(0), [])
