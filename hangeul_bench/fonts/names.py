"""What a font says of itself: names, category and licence; and names as ids."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.instances import (
    REGULAR,
    Place,
    asked_instance,
    axes_text,
    named_instances,
    nearest_regular,
    place_text,
)
from hangeul_bench.hangeul.charset import FIRST_SYLLABLE, LAST_SYLLABLE

# fmt: off
_WEIGHTS = frozenset((
    "hairline", "thin", "extralight", "ultralight", "light", "demilight", "semilight", "book",
    "regular", "normal", "roman", "medium", "demibold", "semibold", "bold", "extrabold",
    "ultrabold", "heavy", "black", "extrablack", "ultrablack", "italic", "oblique",
))
# fmt: on
# OpenType name ids: typographic family and style before the four-style ones.
_FAMILY_IDS, _STYLE_IDS, _LICENCE_IDS = (16, 1), (17, 2), (13, 14)
_LICENCES = (
    (r"Open Font Licen[cs]e|\bOFL\b", "OFL-1.1"),
    (r"Apache License", "Apache-2.0"),
    (r"General Public Licen[cs]e|\bGPL\b", "GPL"),
)
# OpenType OS/2: PANOSE family types 2 and 3; IBM family classes 1-5, 7 and 8 are serif and sans.
_MAX_ID_BYTES = 120  # a file system takes 255, and suffixes follow an id
_PANOSE_TEXT, _PANOSE_SCRIPT = 2, 3
_IBM_TEXT, _IBM_SCRIPTS = frozenset({1, 2, 3, 4, 5, 7, 8}), 10


def slug(name: str) -> str:
    """A name as an id: ``RIDIBatang`` -> ``ridi-batang``, ``Noto Sans KR`` -> ``noto-sans-kr``."""
    text = unicodedata.normalize("NFC", name)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", text)
    text = re.sub(r"[^0-9a-z가-힣]+", "-", text.lower()).strip("-")
    return re.sub(r"\b(extra|ultra|demi|semi)-(light|bold|black)\b", r"\1\2", text)


def lineage_of(family: str) -> str:
    """The lineage of a font nobody has said more about: its family without weight words."""
    words = slug(family).split("-")
    while len(words) > 1 and words[-1] in _WEIGHTS:
        words.pop()
    return "-".join(words)


def font_id_of(family: str, style: str) -> str:
    """The id of a font nobody has named: the slug of family and style, cut if it is too long."""
    family_slug, style_slug = slug(family), slug(style) or "regular"
    # Four-style naming hides the weight in the family: "Nanum ExtraBold" + "Regular".
    if style_slug == "regular" and lineage_of(family) != family_slug:
        return _fitting(family_slug)
    return _fitting(f"{family_slug}-{style_slug}")


def _fitting(font_id: str) -> str:
    """The id, or the beginning of one that is too long for a file's name and a hash of it all."""
    encoded = font_id.encode()
    if len(encoded) <= _MAX_ID_BYTES:
        return font_id
    beginning = encoded[: _MAX_ID_BYTES - 9].decode(errors="ignore").rstrip("-")
    return f"{beginning}-{hashlib.sha256(encoded).hexdigest()[:8]}"


_Description = tuple[Mapping[str, float] | None, dict[str, str]]


def describe(sfnt: bytes, path: Path, *, instances: bool, asked: str = "") -> list[_Description]:
    """One or all named instances of a face, each with its names, category, licence.

    Args:
        sfnt: A plain sfnt.
        path: Gives the family where the font has no names, and stands in errors.
        instances: Whether a variable font gives all its named instances, not only one.
        asked: Which one, as :func:`~hangeul_bench.fonts.instances.asked_instance` reads it; empty
            takes that nearest weight 400.

    Returns:
        Pairs of a location in the design space (None: the default) and the fields family, style,
        weight, category, licence and ``taken``; the last three are empty where the font does not
        tell, or is not variable.

    Raises:
        UserError: The font is broken, has no Hangul syllable or not the instance asked for.
    """
    from fontTools.ttLib import TTFont

    try:
        _check_hangeul(sfnt, path)
        font = TTFont(BytesIO(sfnt), lazy=True)
        names = {
            "family": _name(font, _FAMILY_IDS) or unicodedata.normalize("NFC", path.stem),
            "style": _name(font, _STYLE_IDS) or "Regular",
            "weight": str(font["OS/2"].usWeightClass if "OS/2" in font else REGULAR),
            "category": _category_of(font),
            "licence": _licence_of(font),
            "taken": "",
        }
        if "fvar" not in font and not asked:
            return [(None, names)]
        if instances and (places := named_instances(font)):
            return [(location, {**names, "style": style}) for location, style in places]
        place = asked_instance(font, asked, path) if asked else nearest_regular(font)
        return [(place[0], names | _names_at(font, place))]
    except UserError:
        raise
    except Exception as error:  # fontTools raises many kinds on broken tables
        raise UserError(
            f"{path} is a broken font ({type(error).__name__}: {error}); get a new copy or "
            "remove it."
        ) from error


def _names_at(font: Any, place: Place) -> dict[str, str]:
    """What a place of the design space changes of a font's names."""
    if "fvar" not in font:
        return {}
    taken = f"variable ({axes_text(font)}), taken at {place_text(font, place)}"
    location, style = place
    return {"taken": taken} | (
        {"style": style, "weight": f"{location.get('wght', REGULAR):g}"} if location else {}
    )


def _check_hangeul(sfnt: bytes, path: Path) -> None:
    from hangeul_bench.fonts.freetype import FreeTypeFace

    face = FreeTypeFace(sfnt, str(path))
    if not any(map(face.glyph_index, range(FIRST_SYLLABLE, LAST_SYLLABLE + 1))):
        raise UserError(f"{path} has no Hangul syllable (U+AC00 to U+D7A3) in its cmap; remove it.")


def _name(font: Any, name_ids: tuple[int, ...]) -> str:
    if "name" not in font:
        return ""
    for name_id in name_ids:
        name = font["name"].getDebugName(name_id)
        if name and name.strip():
            return unicodedata.normalize("NFC", name.strip())
    return ""


def _category_of(font: Any) -> str:
    """By PANOSE and IBM family class: script faces are handwritten, text faces printed."""
    if "OS/2" not in font:
        return ""
    panose, family_class = font["OS/2"].panose.bFamilyType, font["OS/2"].sFamilyClass >> 8
    if panose == _PANOSE_SCRIPT or family_class == _IBM_SCRIPTS:
        return "handwritten"
    if panose == _PANOSE_TEXT or family_class in _IBM_TEXT:
        return "printed"
    return ""


def _licence_of(font: Any) -> str:
    text = " ".join(_name(font, (name_id,)) for name_id in _LICENCE_IDS)
    for pattern, licence in _LICENCES:
        if re.search(pattern, text, re.IGNORECASE):
            return licence
    return ""
