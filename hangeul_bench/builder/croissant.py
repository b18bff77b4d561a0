"""Croissant metadata: a dataset described for machines (MLCommons Croissant 1.0, JSON-LD)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import hangeul_bench.dataset.format as fmt
from hangeul_bench.base.files import pretty_json
from hangeul_bench.builder.card import CITATION, counted
from hangeul_bench.builder.configurations import Configuration, configurations_of
from hangeul_bench.dataset.fingerprint import fingerprint
from hangeul_bench.dataset.format import Contents

_PARQUET, _CSV, _TEXT = "application/x-parquet", "text/csv", "text/plain"

# The context of the specification, cut to the terms used here.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_GLYPH_FIELDS = (
    ("syllable", "sc:Text", "The syllable, one precomposed character"),
    ("codepoint", "sc:Text", "Its Unicode code point, such as U+AC00; see characters.csv"),
    ("phonetic", "sc:Text", "Its positional jamo, joined by blanks"),
    ("initial", "sc:Text", "Its initial jamo"),
    ("medial", "sc:Text", "Its medial jamo"),
    ("final", "sc:Text", "Its final jamo, or nothing"),
    ("font_id", "sc:Text", "The font; its row in fonts.csv says more"),
    ("category", "sc:Text", "handwritten or printed"),
    ("image", "sc:ImageObject", "The syllable in this font: grey, 0 = ink, 255 = paper"),
    ("advance", "sc:Integer", "Advance width in font units"),
    ("outline_sha256", "sc:Text", "SHA-256 of the outline in font units"),
)
_CHARACTER_FIELDS = ("codepoint", "syllable", "phonetic", "jamo", "romanization", "split")
_FONT_FIELDS = ("font_id", "family", "style", "category", "lineage", "licence", "split")


def croissant_json(contents: Contents, files: Mapping[str, str]) -> str:
    """The text of croissant.json.

    Args:
        contents: What the dataset holds.
        files: SHA-256 of each of its text files, by path.
    """
    licences = sorted({font.licence for font in contents.fonts})
    content = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": contents.name,
        "description": (
            f"{len(contents.characters):,} Hangeul syllables drawn in {len(contents.fonts)} fonts "
            f"({counted(font.category for font in contents.fonts)}; "
            f"{counted(font.licence for font in contents.fonts)}), "
            f"{contents.size} x {contents.size} pixels, with phonetic texts and fixed splits."
        ),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": licences,
        "url": f"urn:sha256:{fingerprint(contents)}",  # built locally: it has no other address
        "version": f"{fmt.FORMAT}.0.0",
        "datePublished": fmt.DATE,
        "citeAs": CITATION,
        "inLanguage": "ko",
        "keywords": ["Hangeul", "fonts", "font generation"],
        "distribution": list(_distribution(contents, files)),
        "recordSet": [
            *(_glyphs(row) for row in configurations_of(contents)),
            _table("characters", fmt.CHARACTERS_CSV, _CHARACTER_FIELDS),
            _table("fonts", fmt.FONTS_CSV, _FONT_FIELDS),
        ],
    }
    return pretty_json(content)


def _distribution(contents: Contents, files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    tables = (fmt.CHARACTERS_CSV, fmt.FONTS_CSV, fmt.MISSING_CSV)
    yield from (_file(path, files[path], _CSV) for path in tables)
    for row in configurations_of(contents):
        yield _files(f"{row.name}-files", row.patterns, _PARQUET)
    yield _files("texts", (f"{fmt.TEXTS}/*.txt",), _TEXT)


def _file(path: str, sha256: str, encoding: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        "encodingFormat": encoding,
        "sha256": sha256,
    }


def _files(name: str, includes: Sequence[str], encoding: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "includes": list(includes),
        "encodingFormat": encoding,
    }


def _glyphs(row: Configuration) -> dict[str, Any]:
    fields = []
    files = {"@id": f"{row.name}-files"}
    for column, kind, description in _GLYPH_FIELDS:
        source: dict[str, Any] = {"fileSet": files, "extract": {"column": column}}
        if kind == "sc:ImageObject":
            source["transform"] = {"jsonPath": "bytes"}
        fields.append(_field(f"{row.name}/{column}", kind, source) | {"description": description})
    about = {"name": row.name, "description": row.meaning, "field": fields}
    return {"@type": "cr:RecordSet", "@id": row.name, **about}


def _table(name: str, path: str, columns: tuple[str, ...]) -> dict[str, Any]:
    fields = [
        _field(
            f"{name}/{column}",
            "sc:Text",
            {"fileObject": {"@id": path}, "extract": {"column": column}},
        )
        for column in columns
    ]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}


def _field(name: str, kind: str, source: Mapping[str, Any]) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": kind, "source": source}
