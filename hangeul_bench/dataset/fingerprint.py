"""The hashes by which two machines agree that they hold the same dataset or the same benchmark."""

from collections.abc import Iterable, Sequence
from typing import Any

from hangeul_bench.base.files import canonical_json, sha256_of
from hangeul_bench.dataset.format import Contents
from hangeul_bench.dataset.splits.lists import (
    CONTENT_FONT,
    FONT_LISTS,
    OPTIONAL_LISTS,
    TRACKS,
    Track,
    evaluation_fonts,
    wide_fonts,
)
from hangeul_bench.dataset.tables import Font

# Version of what the fingerprints cover; files in another format hold the same dataset.
_RULE = 1


def characters_sha256(characters: Sequence[str]) -> str:
    """SHA-256 of the character set: its syllables joined, as UTF-8."""
    return sha256_of("".join(characters))


def fingerprint(contents: Contents) -> str:
    """SHA-256 over outlines, placement and splits.

    Pixels are not in it: another FreeType may round an edge otherwise.
    """
    splits = contents.splits
    fonts: dict[str, Any] = {
        "train_fonts": list(splits.train_fonts),
        "unseen_fonts": list(splits.unseen_fonts),
        "seen_fonts": list(splits.seen_fonts),
        "content_font": splits.content_font,
        "drawings": [_drawing(font) for font in contents.fonts],
    }
    for name in OPTIONAL_LISTS:
        if name in FONT_LISTS and (value := getattr(splits, name)):
            fonts[name] = list(value)
    return _hash(contents, fonts, TRACKS.values())


def benchmark_fingerprint(contents: Contents) -> str | None:
    """The :func:`pinned_fingerprint` of the tracks ``lite`` and ``full``."""
    return pinned_fingerprint(contents, TRACKS["full"])


def pinned_fingerprint(contents: Contents, track: Track) -> str | None:
    """SHA-256 over what a score on a track depends on: fonts and characters.

    Training fonts are free, so they are not in it. Tracks of the same fonts share one.

    Returns:
        None if the dataset's test fonts are not exactly the benchmark's.
    """
    splits = contents.splits
    pinned = (*evaluation_fonts(), *wide_fonts())
    roles = {font.font_id: font.role for font in pinned if track.pins(font)}
    found = {
        font_id: name.removesuffix("_fonts")
        for name in (track.unseen, track.seen)
        for font_id in (getattr(splits, name) if name else ())
    }
    if found != roles or splits.content_font != CONTENT_FONT:
        return None
    used = [font for font in contents.fonts if font.font_id in {*roles, CONTENT_FONT}]
    fonts = {"roles": roles, "content_font": CONTENT_FONT, "drawings": [_drawing(f) for f in used]}
    sharing = [other for other in TRACKS.values() if other.fingerprint == track.fingerprint]
    return _hash(contents, fonts, sharing)


def described(contents: Contents) -> dict[str, int | str | None]:
    """Counts and hashes of a dataset, as its ``dataset.json`` has them."""
    splits = contents.splits
    return {
        "n_fonts": len(contents.fonts),
        "n_characters": len(contents.characters),
        "n_glyphs": sum(font.n_glyphs for font in contents.fonts),
        "n_missing": len(contents.missing),
        "characters_sha256": characters_sha256(contents.characters),
        "fingerprint": fingerprint(contents),
        **{
            track.fingerprint: pinned_fingerprint(contents, track)
            for track in TRACKS.values()
            if track.fonts(splits) or track.unseen not in OPTIONAL_LISTS
        },
        "bitmap_sha256": bitmap_sha256(contents.fonts),
    }


def bitmap_sha256(fonts: Iterable[Font]) -> str:
    """SHA-256 over all pixels; differs where another FreeType draws the same outlines."""
    return sha256_of(canonical_json([[font.font_id, font.bitmap_sha256] for font in fonts]))


def _drawing(font: Font) -> list[Any]:
    values = [font.font_id, font.category, font.lineage, font.outline_sha256]
    return [*values, font.scale, font.baseline]


def _hash(contents: Contents, fonts: dict[str, Any], tracks: Iterable[Track]) -> str:
    """Hash fonts with the characters of a dataset, and with those that some tracks ask for."""
    splits = contents.splits
    characters = {
        "all": "".join(contents.characters),
        "seen": "".join(splits.seen_characters),
        "unseen": "".join(splits.unseen_characters),
        "references": "".join(splits.references),
    }
    for track in tracks:
        name = track.syllables
        if name and (getattr(splits, name) or name not in OPTIONAL_LISTS):
            characters[track.name] = "".join(getattr(splits, name))
    content: dict[str, Any] = {
        "format": _RULE,
        "size": contents.size,
        "characters": characters,
        "fonts": fonts,
    }
    if contents.placement != 1:  # hashes of the first rule do not name it
        content["placement"] = contents.placement
    return sha256_of(canonical_json(content))
