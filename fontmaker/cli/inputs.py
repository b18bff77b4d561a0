"""Inputs that several commands look for: a dataset, fetched fonts, a model, Latin letters."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hangeul_bench.base.errors import UserError

if TYPE_CHECKING:
    from hangeul_bench.adapter import FontModel
    from hangeul_bench.dataset import GlyphDataset
    from hangeul_bench.fonts import FontFace

FONTS_VARIABLE = "HANGEUL_BENCH_FONTS"
_FONT_FOLDERS = ("fonts", "demo/fonts")  # where `fonts fetch` and `make demo` put them


def open_dataset(data: Path | None) -> "GlyphDataset | None":
    """The dataset asked for, or the default one if it is there."""
    from hangeul_bench.dataset import GlyphDataset
    from hangeul_bench.dataset.glyphs import DATASET_VARIABLE, DEFAULT_DATASET

    named = data is not None or bool(os.environ.get(DATASET_VARIABLE))
    if not named and not DEFAULT_DATASET.exists():
        return None
    return GlyphDataset.open(data)


def fonts_folder(given: Path | None) -> Path | None:
    """The folder of fetched fonts: the one given, or the first that is there."""
    if given is not None:
        if not given.is_dir():
            raise UserError(f"Expected a folder of fonts for --fonts, but found none at {given}.")
        return given
    named = os.environ.get(FONTS_VARIABLE)
    places = [Path(place) for place in (named, *_FONT_FOLDERS) if place]
    return next((place for place in places if place.is_dir()), None)


def load_named_model(
    asked: str | None,
    dataset: "GlyphDataset | None",
    *,
    device: str,
    options: Mapping[str, Any],
    batch_size: int | None = None,
) -> "tuple[str, FontModel]":
    """The model asked for, or the best registered one with weights, and its name."""
    from hangeul_bench.adapter import load_model
    from hangeul_bench.adapter.registry import default_model
    from hangeul_bench.base.processes import join_processes

    name = asked or default_model(with_dataset=dataset is not None)
    if asked is None:
        say(f"Drawing with {name}; --model names another.")
    place = join_processes(device).device
    model = load_model(name, device=place, dataset=dataset, options=options, batch_size=batch_size)
    return name, model


def find_latin(latin: str, fonts: Path | None) -> "tuple[FontFace, ...]":
    """Weights of an open font that gives Latin, punctuation and jamo; says what was found."""
    from fontmaker.latin import find_companions

    if latin == "none":
        return ()
    place = fonts if latin == "auto" else Path(latin)
    faces = () if place is None else find_companions(place)
    if not faces:
        say(
            "No open font with Latin was found, so the font gets syllables and spaces alone; "
            "`hangeul-bench fonts fetch` brings one, --fonts or --latin names another."
        )
        return ()
    say(
        f"Latin, punctuation and jamo come from {faces[0].family} (SIL Open Font License 1.1), so "
        "the whole font stands under that licence; --latin none leaves them out."
    )
    return faces


def check_out(out: Path, suffix: str) -> None:
    """Raise UserError if ``out`` is no file of this kind that could be written.

    Args:
        out: What --out names.
        suffix: As ``.png``.
    """
    if out.is_dir() or out.suffix.lower() != suffix:
        found = "a folder" if out.is_dir() else repr(str(out))
        raise UserError(f"Expected --out to be a file named *{suffix}, but found {found}.")
    parent = next(folder for folder in out.absolute().parents if folder.exists())
    if not parent.is_dir():
        raise UserError(f"Expected a folder for --out {out}, but {parent} is a file.")


def say(note: str) -> None:
    """A line beside the command's output."""
    click.echo(note, err=True)


def korean_font_in(folder: Path | None) -> Path | None:
    """The content font's file in a folder of fetched fonts, which sets a sheet's labels."""
    from hangeul_bench.dataset.splits.lists import CONTENT_FONT

    return None if folder is None else next(iter(sorted(folder.rglob(f"{CONTENT_FONT}.*"))), None)
