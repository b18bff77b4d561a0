"""The hashes by which two machines agree that they hold the same dataset or the same benchmark."""

from collections.abc import Iterable, Sequence
from typing import Any

from hangeul_bench.base.files import canonical_json, sha256_of
from hangeul_bench.dataset.format import Contents
from hangeul_bench.dataset.splits.lists import CONTENT_FONT, evaluation_fonts, wide_fonts
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
    fonts = {
        "train_fonts": list(splits.train_fonts),
        "unseen_fonts": list(splits.unseen_fonts),
        "seen_fonts": list(splits.seen_fonts),
        "content_font": splits.content_font,
        "drawings": [_drawing(font) for font in contents.fonts],
    }
    for name in ("wide_fonts", "excluded_fonts"):
        if value := getattr(splits, name):  # datasets without them keep their hash
            fonts[name] = list(value)
    return _hash(contents, fonts)


def wide_fingerprint(contents: Contents) -> str | None:
    """SHA-256 over what a score on the track ``wide`` depends on.

    Returns:
        None if the dataset's wide test fonts are not exactly the benchmark's.
    """
    roles = {font.font_id: font.role for font in wide_fonts() if font.role == "wide"}
    if dict.fromkeys(contents.splits.wide_fonts, "wide") != roles:
        return None
    return _pinned(contents, roles)


def benchmark_fingerprint(contents: Contents) -> str | None:
    """SHA-256 over what a score on ``lite`` and ``full`` depends on: fonts and characters.

    Training fonts are free, so they are not in it.

    Returns:
        None if the dataset's test fonts are not exactly the benchmark's.
    """
    splits = contents.splits
    roles = {font.font_id: font.role for font in evaluation_fonts()}
    found = dict.fromkeys(splits.unseen_fonts, "unseen") | dict.fromkeys(splits.seen_fonts, "seen")
    return _pinned(contents, roles) if found == roles else None


def _pinned(contents: Contents, roles: dict[str, str]) -> str | None:
    if contents.splits.content_font != CONTENT_FONT:
        return None
    used = [font for font in contents.fonts if font.font_id in {*roles, CONTENT_FONT}]
    fonts = {"roles": roles, "content_font": CONTENT_FONT, "drawings": [_drawing(f) for f in used]}
    return _hash(contents, fonts, wide=set(roles.values()) == {"wide"})


def bitmap_sha256(fonts: Iterable[Font]) -> str:
    """SHA-256 over all pixels; differs where another FreeType draws the same outlines."""
    return sha256_of(canonical_json([[font.font_id, font.bitmap_sha256] for font in fonts]))


def _drawing(font: Font) -> list[Any]:
    values = [font.font_id, font.category, font.lineage, font.outline_sha256]
    return [*values, font.scale, font.baseline]


def _hash(contents: Contents, fonts: dict[str, Any], *, wide: bool | None = None) -> str:
    """Hash fonts with the characters of a dataset, or of one track where ``wide`` says which."""
    splits = contents.splits
    characters = {
        "all": "".join(contents.characters),
        "seen": "".join(splits.seen_characters),
        "unseen": "".join(splits.unseen_characters),
        "references": "".join(splits.references),
    }
    if not wide:
        characters["lite"] = "".join(splits.lite_characters)
    if splits.wide_characters and wide is not False:
        characters["wide"] = "".join(splits.wide_characters)
    content: dict[str, Any] = {
        "format": _RULE,
        "size": contents.size,
        "characters": characters,
        "fonts": fonts,
    }
    if contents.placement != 1:  # hashes of the first rule do not name it
        content["placement"] = contents.placement
    return sha256_of(canonical_json(content))
