"""Models to results: the same for any batch size, number of processes and interruption."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from hangeul_bench.adapter.questions import plan
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import LOCK_NAME, alone_in
from hangeul_bench.base.processes import Processes
from hangeul_bench.dataset.splits.lists import CELLS
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.results.file import find_score, predictions_of, read_result, tasks_of
from support.fake_dataset import FakeDataset

METRICS = ("ssim", "rmse", "ink_iou", "geometry_error")

ALONE = Processes(0, 1, "cpu")


def run(out, name="shifted-3px", *, dataset=None, metrics=METRICS, **settings):
    dataset = dataset or FakeDataset()
    (path,) = evaluate([name], dataset, out, Settings(metrics=metrics, **settings), ALONE)
    return read_result(path)


def value(result, metric, *, cell="uf", category="all", group="all"):
    score = find_score(result, cell=cell, category=category, group=group)
    return score["metrics"][metric]["value"]


def comparable(out, model):
    """The bytes of everything a run writes, but for the times it took."""
    result = json.loads((out / f"{model}-lite.json").read_text(encoding="utf-8"))
    del result["seconds_per_glyph"], result["git_revision"]  # someone may commit meanwhile
    files = {p.name: p.read_bytes() for p in sorted((out / model).rglob("*.parquet"))}
    return result, files, (out / f"{model}-lite.parquet").read_bytes()


def test_ground_truth_is_perfect(tmp_path):
    result = run(tmp_path, "ground-truth")
    assert value(result, "ssim") == value(result, "ink_iou") == 1
    assert value(result, "rmse") == value(result, "geometry_error") == 0


def test_a_result_says_what_was_done(tmp_path):
    result = run(tmp_path, seed=7)
    assert result["model"]["name"] == "shifted-3px"
    assert result["model"]["details"] == {"right": 3}
    assert (result["seed"], result["shots"], result["track"]) == (7, 1, "lite")
    assert result["dataset"]["benchmark_fingerprint"] == "b" * 64
    assert set(result["signatures"]) == set(METRICS)
    assert {"torch", "numpy", "hangeul-bench"} <= set(result["versions"])
    assert result["n_expected"] == result["n_delivered"] == 4 * 11
    assert result["seconds_per_glyph"] > 0
    assert result["unrankable"] == {}


def test_a_result_names_lineages_where_fonts_share_one(tmp_path):
    class Related(FakeDataset):
        def font(self, font_id):
            font = super().font(font_id)
            font.lineage = "brushes" if font_id in ("brush", "pen") else font_id
            return font

    result = run(tmp_path / "related", dataset=Related())
    lineages = {"brush": "brushes", "gothic": "gothic", "pen": "brushes", "slab": "slab"}
    assert result["lineages"] == lineages
    assert "lineages" not in run(tmp_path / "apart")


def test_every_cell_category_font_and_layout_has_a_score(tmp_path):
    result = run(tmp_path)
    found = {(s["cell"], s["category"], s["group"]) for s in result["scores"]}
    for cell in CELLS:
        unseen = cell.startswith("u") or cell == "uf"
        fonts = {"handwritten": "brush" if unseen else "pen"}
        fonts["printed"] = "slab" if unseen else "gothic"
        for category, font_id in fonts.items():
            assert (cell, category, f"font:{font_id}") in found
            assert (cell, category, "all") in found
        assert (cell, "all", "all") in found
        assert any(c == cell and group.startswith("layout:") for c, _, group in found)
    assert find_score(result, cell="uf", category="all")["n_glyphs"] == 22
    assert find_score(result, cell="ufuc", category="printed")["n_glyphs"] == 3


def test_a_cell_is_the_mean_over_its_glyphs_and_the_table_has_them(tmp_path):
    result = run(tmp_path)
    table = pq.read_table(tmp_path / "shifted-3px-lite.parquet").to_pandas()
    leading = ["font_id", "codepoint", "cell", "category", "layout"]
    assert list(table.columns) == [*leading, "ssim", "rmse", "ink_iou", "read"]
    unseen = table[table.cell.isin(["ufsc", "ufuc"])]
    assert value(result, "ssim") == pytest.approx(unseen.ssim.mean(), rel=1e-6)
    printed = unseen[(unseen.category == "printed") & (unseen.layout == "vertical-final")]
    layout = value(result, "rmse", category="printed", group="layout:vertical-final")
    assert layout == pytest.approx(printed.rmse.mean(), rel=1e-6)


def test_intervals_hold_the_value(tmp_path):
    result = run(tmp_path)
    estimate = find_score(result, cell="uf", category="all")["metrics"]["ssim"]
    assert estimate["low"] < estimate["value"] < estimate["high"]


def test_geometry_error_is_a_mean_over_fonts(tmp_path):
    result = run(tmp_path)
    fonts = [
        value(result, "geometry_error", category=category, group=f"font:{font_id}")
        for category, font_id in (("handwritten", "brush"), ("printed", "slab"))
    ]
    assert value(result, "geometry_error") == pytest.approx(np.mean(fonts), rel=1e-6)


def test_a_missing_prediction_counts_as_a_blank_page(tmp_path):
    run(tmp_path, "ground-truth")
    dataset = FakeDataset()
    folder = tmp_path / "half"
    pages = dataset.images("slab", dataset.characters)
    from PIL import Image

    (folder / "slab").mkdir(parents=True)
    for character, page in zip(dataset.characters, pages, strict=True):
        Image.fromarray(page).save(folder / "slab" / f"U+{ord(character):04X}.png")
    half = run(tmp_path, f"dir:{folder}")
    assert (half["n_delivered"], half["n_expected"]) == (11, 44)
    assert value(half, "ssim", category="printed") == 1
    blank = run(tmp_path, "blank")
    assert value(half, "ssim", category="handwritten") == value(
        blank, "ssim", category="handwritten"
    )
    assert set(half["unrankable"]) == set(CELLS)  # it does not say what it was trained on


@pytest.mark.parametrize("batch_size", [1, 5])
def test_any_batch_size_gives_the_same_result(tmp_path, batch_size):
    run(tmp_path / "a")
    run(tmp_path / "b", batch_size=batch_size)
    assert comparable(tmp_path / "a", "shifted-3px") == comparable(tmp_path / "b", "shifted-3px")


def test_running_again_changes_no_byte(tmp_path):
    run(tmp_path)
    files = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    run(tmp_path)  # the time a glyph comes from the predictions, not from the clock
    assert files == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("first", "second", "differing"),
    [
        ({"options": {"pixels": 3}}, {"options": {"pixels": 2}}, "made with details"),
        ({}, {"dataset": FakeDataset(benchmark_fingerprint="c" * 64)}, "made with dataset bbb"),
    ],
)
def test_predictions_of_another_run_are_not_mixed_in(tmp_path, first, second, differing):
    run(tmp_path, **first)
    with pytest.raises(UserError, match=differing):
        run(tmp_path, **second)
    assert run(tmp_path, restart=True, **second)["n_delivered"] == 44


def test_another_seed_lies_beside(tmp_path):
    first = run(tmp_path)
    assert run(tmp_path, seed=1)["seed"] == 1
    names = {path.name for path in (tmp_path / "shifted-3px" / "predictions").iterdir()}
    assert names == {"lite", "lite-seed1"}
    assert read_result(tmp_path / "shifted-3px-lite.json") == first


def test_a_second_run_of_one_model_in_one_folder_is_refused(tmp_path):
    folder = tmp_path / "shifted-3px" / "predictions" / "lite"
    with (
        alone_in(folder, "evaluate"),
        pytest.raises(UserError, match=r"lite is in use by evaluate \(process "),
    ):
        run(tmp_path)
    assert not list(tmp_path.rglob("*.parquet"))
    run(tmp_path)
    assert not (folder / LOCK_NAME).exists()


def test_runs_with_more_references_lie_beside_each_other(tmp_path):
    one = run(tmp_path, "nearest-font")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    (path,) = evaluate(
        ["nearest-font"], FakeDataset(), tmp_path, Settings(metrics=METRICS, shots=2), ALONE
    )
    assert path == tmp_path / "nearest-font-lite-2shot.json"
    two = read_result(path)
    assert (one["shots"], two["shots"]) == (1, 2)
    assert path.with_suffix(".parquet").is_file()
    assert list((tmp_path / "nearest-font/predictions/lite-2shot").glob("*.parquet"))
    assert before == {p: p.read_bytes() for p in before}  # the first run's files are as they were


def test_a_limited_run_takes_no_rank(tmp_path):
    result = run(tmp_path, limit=2)
    assert result["limit"] == 2
    assert result["n_expected"] == 4 * 4
    assert set(result["unrankable"]) == set(CELLS)


def test_an_unknown_metric_or_model_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(UserError, match="beauty"):
        run(tmp_path, metrics=("beauty",))
    with pytest.raises(UserError, match="did you mean blank"):
        evaluate(["ground-truth", "blanc"], FakeDataset(), tmp_path, Settings(), ALONE)
    assert list(tmp_path.iterdir()) == []


PLUG_IN = """
import numpy as np
from hangeul_bench.adapter import TrainedOn

class Taker:
    name, kind, parameters, checkpoint_sha256, details = "taker", "model", 0, None, {}
    trained_on = TrainedOn()

    def __init__(self, *, device="cpu", dataset=None, batch_size=None, level=255):
        if not isinstance(level, int):
            from hangeul_bench.adapter import UserError
            raise UserError(f"Expected level to be a number, but found {level!r}.")

    def generate(self, request):
        return np.full_like(request.content, 255)

class Other(Taker):
    name = "other"

    def __init__(self, *, device="cpu", dataset=None, batch_size=None):
        super().__init__()
"""


def test_an_option_that_the_second_model_lacks_is_refused_before_the_first_is_drawn(tmp_path):
    (tmp_path / "plug.py").write_text(PLUG_IN)
    names = [f"{tmp_path}/plug.py:Taker", f"{tmp_path}/plug.py:Other"]
    settings = Settings(metrics=("l1",), limit=1, options={"level": 3})
    with pytest.raises(UserError, match="takes no option level"):
        evaluate(names, FakeDataset(), tmp_path / "out", settings, ALONE)
    assert list((tmp_path / "out").iterdir()) == []
    assert len(evaluate(names[:1], FakeDataset(), tmp_path / "out", settings, ALONE)) == 1


def test_two_models_of_one_name_are_refused(tmp_path):
    (tmp_path / "plug.py").write_text(PLUG_IN)
    names = [f"{tmp_path}/plug.py:Taker"] * 2
    with pytest.raises(UserError, match="are both called taker"):
        evaluate(names, FakeDataset(), tmp_path / "out", Settings(metrics=("l1",)), ALONE)


@pytest.mark.parametrize("note", ["[]", "{", "[" * 100_000])
def test_a_note_of_a_run_that_is_none_is_one_sentence(tmp_path, note):
    run(tmp_path, metrics=("l1",), limit=1)
    (tmp_path / "shifted-3px/predictions/lite/run.json").write_text(note)
    with pytest.raises(UserError, match="Expected the note of a run at .*run.json.*remove"):
        run(tmp_path, metrics=("l1",), limit=1)


def test_a_note_of_a_run_is_quoted_in_one_line(tmp_path):
    run(tmp_path, metrics=("l1",), limit=1)
    note = tmp_path / "shifted-3px/predictions/lite/run.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"options": "a\nb" * 1000}))
    with pytest.raises(UserError) as caught:
        run(tmp_path, metrics=("l1",), limit=1)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 800


def test_the_paper_s_protocol_is_a_run_of_its_own(tmp_path):
    ours = run(tmp_path)
    rules = {"protocol": "paper", "category": "printed"}
    result = run(tmp_path, **rules)
    assert (tmp_path / "shifted-3px-paper-printed-lite.json").is_file()
    assert (result["protocol"], result["category"]) == ("paper", "printed")
    assert "protocol" not in ours and read_result(tmp_path / "shifted-3px-lite.json") == ours
    asked = {(s["cell"], s["category"]) for s in result["scores"] if s["category"] != "all"}
    assert asked == {(cell, "printed") for cell in ("ufsc", "ufuc", "uf")}
    for metric in METRICS:  # the same glyphs, so the same numbers
        mine, theirs = (value(r, metric, category="printed") for r in (ours, result))
        assert mine == theirs
    assert tasks_of(result, FakeDataset()) == plan(FakeDataset(), "lite", **rules)
    path = tmp_path / "shifted-3px-paper-printed-lite.json"
    assert predictions_of(path, result).has("slab", FakeDataset().splits.lite_characters)
