"""All text files of a dataset, made from what it holds."""

import platform
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

import hangeul_bench.dataset.format as fmt
from hangeul_bench import __version__
from hangeul_bench.base.files import pretty_json, sha256_of
from hangeul_bench.builder.card import dataset_card
from hangeul_bench.builder.croissant import croissant_json
from hangeul_bench.builder.shard import Shard
from hangeul_bench.dataset.fingerprint import described
from hangeul_bench.dataset.format import Contents
from hangeul_bench.dataset.splits.lists import Splits
from hangeul_bench.dataset.tables import Font, Missing, characters_csv, fonts_csv, missing_csv
from hangeul_bench.fonts.faces import FontFace
from hangeul_bench.fonts.freetype import freetype_version
from hangeul_bench.hangeul.charset import parse_codepoint_name


def font_row(face: FontFace, shard: Shard, splits: Splits, folder: Path) -> Font:
    """The row of ``fonts.csv`` of a font that was found in ``folder``."""
    return Font(
        font_id=face.font_id,
        family=face.family,
        style=face.style,
        category=face.category or "",
        lineage=face.lineage,
        licence=face.licence,
        split=splits.side(face.font_id),
        file=face.path.relative_to(folder).as_posix(),
        face_index=face.face_index,
        instance=",".join(f"{k}={v:g}" for k, v in sorted((face.instance or {}).items())),
        sha256=face.sha256,
        scale=shard.info.scale,
        baseline=shard.info.baseline,
        n_glyphs=shard.info.n_glyphs,
        n_missing=len(shard.info.missing),
        outline_sha256=shard.info.outline_sha256,
        bitmap_sha256=shard.info.bitmap_sha256,
    )


def missing_rows(shard: Shard) -> Iterator[Missing]:
    """The rows of ``missing.csv`` of a font."""
    for name, reason in shard.info.missing.items():
        yield Missing(shard.font_id, parse_codepoint_name(name), reason)


def phonetic_files(characters: Iterable[str]) -> dict[str, str]:
    """The phonetic text file of each syllable, by its path in the dataset."""
    return {f"{fmt.TEXTS}/{fmt.text_name(s)}": fmt.text_content(s) for s in characters}


def text_files(contents: Contents) -> dict[str, str]:
    """Every text file by its path in the dataset; ``dataset.json`` is the last."""
    texts = phonetic_files(contents.characters)
    tables = {
        fmt.FONTS_CSV: fonts_csv(contents.fonts),
        fmt.CHARACTERS_CSV: characters_csv(contents.characters, contents.splits),
        fmt.MISSING_CSV: missing_csv(contents.missing),
        **{f"{fmt.SPLITS}/{k}": text for k, text in fmt.split_files(contents.splits).items()},
    }
    hashes = {name: sha256_of(text) for name, text in tables.items()}
    described = tables | {
        fmt.README: dataset_card(contents),
        fmt.CROISSANT: croissant_json(contents, hashes),
    }
    state = _state(contents) | {
        "texts_sha256": sha256_of("".join(texts.values())),
        "files": {**{name: sha256_of(text) for name, text in described.items()}, **contents.shards},
    }
    return texts | described | {fmt.DATASET_JSON: pretty_json(state)}


def _state(contents: Contents) -> dict[str, object]:
    return {
        "format": fmt.FORMAT,
        "name": contents.name,
        "size": contents.size,
        **described(contents),
        **({"placement": contents.placement} if contents.placement != 1 else {}),
        **({"font_set": asdict(contents.font_set)} if contents.font_set else {}),
        "versions": {
            "hangeul-bench": __version__,
            "freetype": freetype_version(),
            "python": platform.python_version(),
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
        },
    }
