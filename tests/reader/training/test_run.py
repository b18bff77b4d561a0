"""How the jamo reader is trained: on which glyphs, and to the same bytes after an interruption."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.reader import reader as reader_command
from hangeul_bench.reader.reader import JamoReader
from hangeul_bench.reader.training import loop as reader_trainer
from hangeul_bench.reader.training.augmentation import augmented_frames
from hangeul_bench.reader.training.loop import Limit, Trainer, TrainingSet
from hangeul_bench.reader.training.run import train_reader
from support.reader_data import CHARACTERS, SmallData, strokes


def training_set(*, absent=()):
    present = np.ones((4, len(CHARACTERS)), bool)
    for font, place in absent:
        present[font, place] = False
    images = np.stack([strokes(len(CHARACTERS), seed=font) for font in range(4)])
    return TrainingSet(
        images=images,
        present=present,
        lineages=("brush", "gothic", "gothic", "serif"),
        categories=("handwritten", "printed", "printed", "printed"),
        characters=CHARACTERS,
    )


def test_lineages_of_a_category_are_drawn_equally_often():
    brush, light, bold, serif = training_set().font_weights().tolist()
    assert brush == light + bold + serif
    assert light == bold == serif / 2


def test_missing_glyphs_are_never_learned(monkeypatch):
    data = training_set(absent=[(font, place) for font in range(1, 4) for place in range(9)])
    data.images[1:] = 7  # what stands in the place of the missing ones
    seen = []

    def spy(pages, mates, size, generator):
        seen.extend((pages, mates))
        return augmented_frames(pages, mates, size, generator)

    monkeypatch.setattr(reader_trainer, "augmented_frames", spy)
    Trainer(data, Limit(samples=64)).run()
    assert len(seen[0]) > 0
    assert all((pages != 7).any((1, 2)).all() for pages in seen)


def test_unseen_and_held_out_fonts_are_measured_and_not_learned(tmp_path):
    out = train_reader(SmallData(), tmp_path / "r.safetensors", limit=Limit(samples=64))
    record = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["font_ids"] == ["a", "b", "c"]
    assert set(record["accuracy"]["unseen"]) == {"unseen", "printed"}
    assert set(record["accuracy"]["validation"]) == {"d", "printed"}
    assert record["sha256"] == JamoReader.load(out).sha256
    assert record["samples"] == 64 and record["seed"] == 0


class InterruptedRunError(Exception):
    pass


def test_interrupted_run_continues_to_the_same_bytes(tmp_path, monkeypatch):
    limit = Limit(samples=4 * 64)
    whole = train_reader(SmallData(), tmp_path / "whole.safetensors", limit=limit, seed=3)
    monkeypatch.setattr(reader_trainer, "_STEPS_PER_SAVE", 2)
    learn = Trainer._learn

    def learn_then_stop(trainer):
        if trainer.step == 3:
            raise InterruptedRunError
        return learn(trainer)

    monkeypatch.setattr(Trainer, "_learn", learn_then_stop)
    parts = tmp_path / "parts.safetensors"
    with pytest.raises(InterruptedRunError):
        train_reader(SmallData(), parts, limit=limit, seed=3)
    assert not parts.exists()
    monkeypatch.setattr(Trainer, "_learn", learn)
    with pytest.raises(UserError, match="repeat its options"):
        train_reader(SmallData(), parts, limit=limit, seed=4, resume=True)
    train_reader(SmallData(), parts, limit=limit, seed=3, resume=True)
    assert parts.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "parts.json",
        "parts.safetensors",
        "whole.json",
        "whole.safetensors",
    ]


def test_resume_without_an_interrupted_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="to resume, but found no file"):
        train_reader(SmallData(), tmp_path / "r.safetensors", limit=Limit(samples=64), resume=True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--samples", "5", "--minutes", "1"], "found both"),
        (["--samples", "5", "--out", "weights.pt"], "end in .safetensors"),
    ],
)
def test_train_refuses_contradictions(options, sentence):
    result = CliRunner().invoke(reader_command, ["train", "--out", "w.safetensors", *options])
    assert isinstance(result.exception, UserError)
    assert sentence in str(result.exception)
