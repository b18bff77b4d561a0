"""How fast the jamo reader trains, and how long the shipped weights' two stages take at that rate.

    python benchmarks/reader_speed.py DATASET [--threads 2] [--samples 6400]

Two fifths of a first stage are learned from small frames, a later one from full frames; a short run
of each is timed. Loading the glyphs and reading the unseen fonts at the end are not counted.
"""

import argparse
from pathlib import Path

import torch

from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.reader import JamoReader, ReaderNetwork
from hangeul_bench.reader.training.loop import Limit, Trainer, TrainingSet
from hangeul_bench.reader.training.run import training_set

FONTS = 12  # enough for the speed; all of them take minutes to load
FIRST_STAGE, LATER_STAGE = 480_000, 96_000  # samples; see hangeul_bench/reader/training/run.py


def rate(data: TrainingSet, start: ReaderNetwork | None, samples: int) -> float:
    """Samples a second of one short run, the making of batches included."""
    trainer = Trainer(data, Limit(samples=samples), start=start)
    trainer.run()
    return trainer.samples / trainer.seconds


def main() -> None:
    """Print both rates and the minutes of the two stages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--samples", type=int, default=6400)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    dataset = GlyphDataset.open(arguments.dataset)
    data = training_set(dataset, sorted(dataset.splits.train_fonts)[:FONTS])
    rate(data, None, 320)  # warm-up
    first = rate(data, None, arguments.samples)
    later = rate(data, JamoReader.load().network, arguments.samples)
    print(f"{arguments.threads} threads: first stage {first:.0f} samples/s, later {later:.0f}")
    minutes = (FIRST_STAGE / first + LATER_STAGE / later) / 60
    samples = FIRST_STAGE + LATER_STAGE
    print(f"the shipped weights' {samples:,} samples at these rates: {minutes:.0f} minutes")


if __name__ == "__main__":
    main()
