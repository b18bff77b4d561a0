"""Drawing onto disk: checks, resuming, and independence of batch size and processes."""

from pathlib import Path

import numpy as np
import pytest

from hangeul_bench.adapter.contract import TrainedOn, details_of
from hangeul_bench.adapter.generate import generate, pending
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import plan
from hangeul_bench.base.errors import UserError
from support.fake_dataset import FakeDataset


class Silent:
    def advance(self, amount=1):
        pass

    def note(self, text):
        pass


class Noise:
    """A model whose glyph depends on (seed, syllable) alone, as the contract asks."""

    name, kind, trained_on = "noise", "model", TrainedOn()
    parameters, checkpoint_sha256 = 0, None

    def __init__(self, batch_size=None):
        self.batch_size, self.details, self.calls = batch_size, {}, []

    def generate(self, request):
        self.calls.append(len(request.characters))
        return np.stack([self.glyph(request.seed, c) for c in request.characters])

    def glyph(self, seed, character):
        page = np.full((128, 128), 255, np.uint8)
        page[8:120, 8:120] = np.random.default_rng((seed, ord(character))).integers(
            0, 256, (112, 112), np.uint8
        )
        return page


class Answering(Noise):
    """A model that spoils its answer."""

    def __init__(self, spoil):
        super().__init__()
        self.spoil = spoil

    def generate(self, request):
        return self.spoil(super().generate(request))


def draw(model, path, dataset=None, *, track="lite", seed=0, **share):
    dataset = dataset or FakeDataset()
    folder = PredictionFolder(Path(path))
    tasks = pending(plan(dataset, track), folder, **share)
    generate(model, dataset, tasks, folder, seed=seed, shots=1, progress=Silent())
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("*.parquet"))}


def test_what_was_drawn_is_what_is_read(tmp_path):
    folder = draw(Noise(), tmp_path)
    task = plan(FakeDataset(), "lite")[0]
    read = folder.read(task.font_id, task.characters)
    assert read.delivered.all()
    backwards = folder.read(task.font_id, task.characters[::-1])
    assert np.array_equal(read.images, backwards.images[::-1])
    assert len(np.unique(read.images)) == 256  # lossless


def test_a_model_with_a_gallery_is_told_which_lineage_to_leave_out(tmp_path):
    class Beside(Noise):
        def exclude(self, lineages):
            self.calls.append(lineages)

    model = Beside()
    draw(model, tmp_path)
    asked = [task.lineage for task in plan(FakeDataset(), "lite")]
    assert [call for call in model.calls if isinstance(call, tuple)] == [(one,) for one in asked]
    assert details_of(model) == {"gallery_excluded": True}
    assert details_of(Noise()) == {}


def test_parquet_is_what_datasets_reads_as_an_image(tmp_path):
    import pyarrow.parquet as pq

    draw(Noise(), tmp_path)
    schema = pq.read_schema(tmp_path / "slab.parquet")
    assert schema.names == ["codepoint", "image"]
    assert {f.name: str(f.type) for f in schema.field("image").type} == {
        "bytes": "binary",
        "path": "string",
    }


@pytest.mark.parametrize("batch_size", [1, 3, 1000])
def test_any_batch_size_gives_the_same_bytes(tmp_path, batch_size):
    draw(Noise(), tmp_path / "a", track="full")
    draw(Noise(batch_size), tmp_path / "b", track="full")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_batch_size_bounds_what_is_asked_at_once(tmp_path):
    model = Noise(3)
    draw(model, tmp_path, track="full")
    assert max(model.calls) == 3


def test_two_processes_draw_what_one_draws(tmp_path):
    draw(Noise(), tmp_path / "one")
    for rank in (1, 0):
        draw(Noise(), tmp_path / "two", rank=rank, world=2)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_other_glyphs(tmp_path):
    draw(Noise(), tmp_path / "a", seed=0)
    draw(Noise(), tmp_path / "b", seed=1)
    assert contents(tmp_path / "a").keys() == contents(tmp_path / "b").keys()
    assert contents(tmp_path / "a") != contents(tmp_path / "b")


def test_a_stopped_run_goes_on_where_it_stopped_and_ends_in_the_same_bytes(tmp_path):
    draw(Noise(), tmp_path / "whole")

    class Killed(Noise):
        def generate(self, request):
            if len(self.calls) == 2:
                raise KeyboardInterrupt
            return super().generate(request)

    with pytest.raises(KeyboardInterrupt):
        draw(Killed(), tmp_path / "resumed")
    assert len(contents(tmp_path / "resumed")) == 2
    again = Noise()
    draw(again, tmp_path / "resumed")
    assert len(again.calls) == 2  # four fonts, two were there
    assert contents(tmp_path / "resumed") == contents(tmp_path / "whole")


def test_a_font_half_written_counts_as_not_drawn(tmp_path):
    draw(Noise(), tmp_path)
    (tmp_path / "slab.json").unlink()
    again = Noise()
    draw(again, tmp_path)
    assert len(again.calls) == 1
    assert not list(tmp_path.glob("*.tmp*"))


def test_other_syllables_are_drawn_anew(tmp_path):
    draw(Noise(), tmp_path)
    again = Noise()
    draw(again, tmp_path, track="full")
    assert len(again.calls) == 4


def test_glyphs_that_are_not_delivered_are_blank_pages(tmp_path):
    class Partial(Noise):
        def delivered(self, request):
            return np.array([c != "가" for c in request.characters])

    folder = draw(Partial(), tmp_path)
    read = folder.read("slab", ("가", "간"))
    assert read.delivered.tolist() == [False, True]
    assert read.images[0].min() == 255
    assert read.images[1].min() < 255


def test_a_model_that_looks_glyphs_up_is_told_the_font(tmp_path):
    class Answers(Noise):
        generate = None

        def look_up(self, font_id, characters):
            images = np.full((len(characters), 128, 128), 255, np.uint8)
            images[:, 30, 30] = len(font_id)
            return images, [character != "가" for character in characters]

    read = draw(Answers(), tmp_path).read("slab", ("가", "간"))
    assert read.delivered.tolist() == [False, True]
    assert read.images[1, 30, 30] == len("slab")


def test_a_font_that_was_never_drawn_is_blank_pages(tmp_path):
    read = PredictionFolder(tmp_path).read("slab", ("가",))
    assert not read.delivered.any()
    assert read.images.min() == 255


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda x: x[:-1], r"Expected shape \(11, 128, 128\) .*found \(10, 128, 128\)"),
        (lambda x: x[:, :64], r"found \(11, 64, 128\)"),
        (lambda x: x.astype(np.float32), "Expected uint8 .*found float32; scale"),
        (lambda x: np.where(x < 9, np.nan, x), "with NaN"),
        (lambda x: 255 - x, "white paper.*invert"),
        (lambda x: np.concatenate([255 - x[::2], x[1::2]]), "white paper.*invert"),
        (lambda x: x.tolist(), "Expected a numpy array .*found list"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_wrong_answer_names_the_font_and_the_syllables(tmp_path, spoil, message):
    with pytest.raises(UserError, match=message) as raised:
        draw(Answering(spoil), tmp_path)
    assert "brush" in str(raised.value)
    assert "가 (U+AC00)" in str(raised.value)
    assert contents(tmp_path) == {}


class OutOfMemoryError(RuntimeError):
    """Named as torch names its own."""


class Hungry(Noise):
    def __init__(self, *, room, **arguments):
        super().__init__(**arguments)
        self.room = room

    def generate(self, request):
        if (self.batch_size or len(request.characters)) > self.room:
            raise OutOfMemoryError("CUDA out of memory")
        return super().generate(request)


@pytest.mark.parametrize("batch_size", [None, 8])
def test_out_of_memory_halves_the_batch_and_goes_on(tmp_path, batch_size):
    model = Hungry(batch_size=batch_size, room=2)
    draw(model, tmp_path / "hungry")
    draw(Noise(), tmp_path / "fed")
    assert model.batch_size <= 2
    assert contents(tmp_path / "hungry") == contents(tmp_path / "fed")


def test_out_of_memory_for_one_glyph_is_an_error(tmp_path):
    with pytest.raises(UserError, match="out of memory"):
        draw(Hungry(room=0), tmp_path)


def test_a_damaged_prediction_file_is_named(tmp_path):
    folder = draw(Noise(), tmp_path)
    (tmp_path / "slab.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(UserError, match="slab.parquet cannot be read"):
        folder.read("slab", ("가",))


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    import errno

    def full(self, data):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError) as raised:
        draw(Noise(), tmp_path)
    assert raised.value.filename.endswith("brush.parquet")
    assert list(tmp_path.iterdir()) == []
