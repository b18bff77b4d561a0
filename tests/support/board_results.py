"""Results of ten fonts with numbers like those of the board, for tests of the rule of rank."""

import zlib

import numpy as np

METRICS = ("jer", "ssim", "rmse", "glyph_lpips", "style_distance", "topology_error", "edge_blur")
SIGNATURES = {name: f"{name}|v1" for name in METRICS}
FONTS = {
    "handwritten": ("brush", "dot", "hasty", "pen", "round"),
    "printed": ("gothic", "heading", "myeongjo", "slab", "square"),
}
# Means over the unseen fonts of the lite track, in the order of METRICS but the last. The style
# distances are of a prototype, for those that it was not run on a guess.
NUMBERS = {
    "ground-truth": (0.006, 1.0, 0.0, 0.0, 0.0, 0.0),
    "shifted-1px": (0.006, 0.877, 0.115, 0.05, 0.0, 0.0),
    "shifted-3px": (0.006, 0.699, 0.237, 0.131, 0.0, 0.0),
    "blurred": (0.0067, 0.765, 0.119, 0.035, 0.26, 0.008),
    "nearest-font": (0.0007, 0.566, 0.351, 0.416, 0.555, 0.16),
    "aligned-font": (0.0037, 0.570, 0.346, 0.403, 0.635, 0.193),
    "plain-fitted": (0.0, 0.52, 0.36, 0.45, 0.775, 0.151),
    "content-font": (0.0, 0.442, 0.422, 0.558, 1.1, 0.151),
    "mean-font": (0.0, 0.411, 0.316, 0.510, 1.6, 0.125),
    "sdf-blend": (0.081, 0.602, 0.321, 0.428, 0.75, 0.215),
    "jamo-swapped": (0.335, 0.670, 0.315, 0.583, 0.15, 0.197),
    "blank": (1.0, 0.558, 0.423, 1.251, 3.0, 1.0),
    "retrieval-font": (0.0037, 0.606, 0.315, 0.353, 0.68, 0.143),
    "dkfont": (0.0023, 0.559, 0.354, 0.436, 0.615, 0.157),
    "font-diffuser": (0.0033, 0.563, 0.355, 0.424, 0.6, 0.162),
    "diff-font": (0.075, 0.553, 0.360, 0.492, 0.63, 0.176),
}
# Pixels; .03 where none is named.
EDGE_BLUR = {
    **{"ground-truth": 0.0, "shifted-1px": 0.0, "shifted-3px": 0.0, "blurred": 2.6, "blank": 0.0},
    **{"sdf-blend": 0.35, "mean-font": 3.0, "retrieval-font": 0.18},
}
MODELS = ("retrieval-font", "dkfont", "font-diffuser", "diff-font")


def board_result(
    name, *, numbers=None, edge_blur=None, kind=None, without=(), fonts=FONTS, **changes
):
    """One result of ``uf``.

    Args:
        name: Of :data:`NUMBERS`, or any with ``numbers``.
        numbers: Means of :data:`METRICS` but the last.
        edge_blur: The last one's.
        kind: ``model`` or ``control``; None is as the name says.
        without: Metrics that were not measured.
        fonts: Category -> font ids.
        changes: Fields of the result.
    """
    blur = EDGE_BLUR.get(name, 0.03) if edge_blur is None else edge_blur
    numbers = (*(NUMBERS[name] if numbers is None else numbers), blur)
    measured = [metric for metric in METRICS if metric not in without]
    own = {font: _font(name, numbers, font) for ids in fonts.values() for font in ids}
    scores = []
    for category in ("handwritten", "printed", "all"):
        ids = fonts.get(category, ()) if category != "all" else tuple(own)
        if ids:
            means = {m: float(np.mean([own[font][m] for font in ids])) for m in measured}
            scores.append(_score(category, "all", len(ids), means))
        if category != "all":
            of_fonts = [{m: own[font][m] for m in measured} for font in ids]
            scores += [
                _score(category, f"font:{font}", 1, values)
                for font, values in zip(ids, of_fonts, strict=True)
            ]
    kind = kind or ("model" if name in MODELS or name not in NUMBERS else "control")
    return _result(name, kind, {m: SIGNATURES[m] for m in measured}, scores) | changes


def _font(name, numbers, font):
    """A font's values: its hardness, which all models share, and a few per cent of the model's."""
    values = {}
    for metric, mean in zip(METRICS, numbers, strict=True):
        shared = np.random.default_rng(zlib.crc32(f"{metric} {font}".encode()))
        mine = np.random.default_rng(zlib.crc32(f"{metric} {font} {name}".encode()))
        factor = shared.uniform(0.7, 1.3) * mine.uniform(0.95, 1.05)
        error = (1 - mean if metric == "ssim" else mean) * factor
        value = 1 - error if metric == "ssim" else error
        values[metric] = round(min(value, 1.0) if metric != "style_distance" else value, 6)
    return values


def _score(category, group, n_fonts, values):
    return {
        "cell": "uf",
        "category": category,
        "group": group,
        "n_fonts": n_fonts,
        "n_glyphs": 100 * n_fonts,
        "metrics": {m: {"value": v, "low": None, "high": None} for m, v in values.items()},
    }


def _result(name, kind, signatures, scores):
    from support.small_results import make_result

    base = make_result(name, kind=kind)
    return base | {"signatures": signatures, "scores": scores}
