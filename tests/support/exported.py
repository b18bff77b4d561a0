"""Reading an export back, for its tests."""

import csv

import numpy as np
from PIL import Image


def ink(path):
    return int(np.asarray(Image.open(path).convert("L")).min())


def rows(path):
    return list(csv.DictReader(path.open(encoding="utf-8")))


def readme_of(out):
    return (out / "README.txt").read_text(encoding="utf-8")
