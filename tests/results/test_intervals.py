"""Intervals of means: lineages and syllables are the samples, Student's t their distribution."""

import numpy as np
import pytest
from scipy import stats

from hangeul_bench.results.intervals import Sample, holm


def crossed(seed, n_fonts=10, n_syllables=60, *, font=1.0, syllable=0.0, rest=1.0):
    """Scores (fonts, syllables) of mean 0 with effects of both."""
    random = np.random.default_rng(seed)
    effects = random.normal(0, font, (n_fonts, 1)) + random.normal(0, syllable, (1, n_syllables))
    return effects + random.normal(0, rest, (n_fonts, n_syllables))


def sample_of(scores):
    fonts, syllables = np.indices(scores.shape).reshape(2, -1).tolist()
    return Sample(fonts, syllables).mean(scores.ravel())


def test_over_fonts_it_is_students_interval():
    values = np.array([0.1, 0.4, 0.35, 0.8, 0.2])
    found = Sample(list("abcde")).mean(values)
    expected = stats.ttest_1samp(values, 0.0)
    low, high = expected.confidence_interval()
    assert (found.interval().low, found.interval().high) == pytest.approx((low, high))
    assert found.p_value() == pytest.approx(expected.pvalue)
    one_sided = stats.ttest_1samp(values, 0.0, alternative="less").confidence_interval(0.95)
    assert found.upper() == pytest.approx(one_sided.high)
    assert found.interval().excludes_zero == (expected.pvalue < 0.05)


def test_fonts_of_a_lineage_are_one():
    values = np.array([0.1, 0.5, 0.9])
    repeated = Sample(list("aabbcc")).mean(np.repeat(values, 2))
    assert repeated.interval().low == pytest.approx(Sample(list("abc")).mean(values).interval().low)
    assert repeated.degrees == 2


def test_glyphs_weigh_a_font_by_their_number():
    glyphs = Sample(list("aaab")).mean([0.0, 0.0, 0.0, 1.0])
    fonts = Sample(list("ab"), weights=[3, 1]).mean([0.0, 1.0])
    assert glyphs.value == fonts.value == 0.25
    assert glyphs.error == pytest.approx(fonts.error)


def test_no_syllable_effect_leaves_the_width_of_fonts():
    widths = [
        sample_of(scores).error / Sample(range(10)).mean(scores.mean(1)).error
        for scores in (crossed(seed) for seed in range(40))
    ]
    assert min(widths) >= 1.0 - 1e-12 and np.median(widths) < 1.03


def test_syllables_that_are_hard_for_all_fonts_widen_it():
    # The variance of the mean: of fonts .04 / 10, of syllables 1 / 60, of the rest 1 / 600.
    errors = [sample_of(crossed(s, font=0.2, syllable=1.0)).error ** 2 for s in range(60)]
    assert np.mean(errors) == pytest.approx(0.04 / 10 + 1 / 60 + 1 / 600, rel=0.1)


def test_the_degrees_are_of_the_smaller_sample():
    assert sample_of(crossed(0, n_fonts=10, n_syllables=4)).degrees == 3
    assert sample_of(crossed(0, n_fonts=10, n_syllables=60)).degrees == 9


def test_the_order_of_scores_does_not_matter():
    scores = crossed(3, syllable=0.5)
    fonts, syllables = np.indices(scores.shape).reshape(2, -1)
    order = np.random.default_rng(0).permutation(scores.size)
    moved = Sample(fonts[order].tolist(), syllables[order].tolist()).mean(scores.ravel()[order])
    assert moved.interval().low == pytest.approx(sample_of(scores).interval().low, rel=1e-12)


@pytest.mark.parametrize("lineages", ["a", "aaa"])
def test_one_lineage_has_a_mean_and_no_interval(lineages):
    found = Sample(list(lineages)).mean(np.linspace(0.1, 0.3, len(lineages)))
    assert found.estimate() == {"value": pytest.approx(found.value), "low": None, "high": None}
    assert (found.upper(), found.p_value()) == (None, 1.0)
    assert not found.interval().excludes_zero


def test_a_constant_score_has_no_width():
    found = Sample(list("abc")).mean([0.5, 0.5, 0.5])
    assert found.estimate() == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert (found.p_value(), Sample(list("abc")).mean([0.0, 0.0, 0.0]).p_value()) == (0.0, 1.0)


def test_it_covers_as_often_as_it_says():
    # Both samples are drawn anew; fonts alone would cover 85 % here.
    covered = [
        interval.low <= 0 <= interval.high
        for interval in (
            sample_of(crossed(seed, syllable=1.5, rest=0.5)).interval() for seed in range(400)
        )
    ]
    assert 0.93 <= np.mean(covered) <= 0.98


def test_holm_keeps_one_false_verdict_in_twenty_among_all():
    assert holm([0.04, 0.001, 0.03]) == [False, True, False]
    assert holm([0.01, 0.001, 0.04]) == [True, True, True]
    assert holm([]) == []


def test_wrong_shapes_and_values_are_refused():
    with pytest.raises(ValueError, match=r"shape \(3,\), but got \(2,\)"):
        Sample(list("aab")).mean(np.zeros(2))
    with pytest.raises(ValueError, match="finite"):
        Sample(list("ab")).mean([0.0, np.nan])
    with pytest.raises(ValueError, match="at least one score"):
        Sample([])
    with pytest.raises(ValueError, match="Expected 2 weights and syllables, but got 3"):
        Sample(list("ab"), list("xyz"))
