"""Result files in memory, for the tests of results and leaderboards."""

FONTS = {"handwritten": ("brush", "pen", "round"), "printed": ("gothic", "myeongjo", "slab")}
SIGNATURES = {"jer": "jer|v1|reader:abc", "ssim": "ssim|v1"}


def estimate(value):
    return {"value": round(value, 6), "low": None, "high": None}


def make_result(name="dkfont", *, jer=0.1, ssim=0.8, kind="model", spread=None, **changes):
    """A result of six unseen fonts, with the headline's value a font moved by ``spread``."""
    model = {
        "name": name,
        "kind": kind,
        "parameters": 3,
        "checkpoint_sha256": None,
        "trained_on": {"font_ids": [], "lineages": [], "characters": ""},
        "details": {"steps": 20},
        "options": {},
    }
    return {
        "schema": 1,
        "model": model,
        "seed": 0,
        "shots": 1,
        "track": "lite",
        "limit": None,
        "dataset": {
            "name": "open",
            "fingerprint": "f" * 64,
            "benchmark_fingerprint": "b" * 64,
            "size": 128,
        },
        "signatures": dict(SIGNATURES),
        "versions": {"torch": "2.13.0"},
        "git_revision": None,
        "seconds_per_glyph": 0.25,
        "n_expected": 60,
        "n_delivered": 60,
        "unrankable": {},
        "missing_metrics": {},
        "scores": list(all_scores(jer, ssim, spread or {})),
    } | changes


def all_scores(jer, ssim, spread):
    for cell in ("ufsc", "ufuc", "uf"):
        for category in ("handwritten", "printed", "all"):
            fonts = sum(FONTS.values(), ()) if category == "all" else FONTS[category]
            values = [jer + spread.get(font, 0.0) for font in fonts]
            yield score(cell, category, "all", len(fonts), sum(values) / len(fonts), ssim)
            if category != "all":
                for font, value in zip(fonts, values, strict=True):
                    yield score(cell, category, f"font:{font}", 1, value, ssim)


def score(cell, category, group, n_fonts, jer, ssim):
    metrics = {"jer": estimate(jer), "ssim": estimate(ssim)}
    return {
        "cell": cell,
        "category": category,
        "group": group,
        "n_fonts": n_fonts,
        "n_glyphs": 10 * n_fonts,
        "metrics": metrics,
    }
