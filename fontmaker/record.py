"""The record beside a font: how it was made, from what, by whom, and what is doubtful in it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from fontmaker.generation import Artist, Drawn
from fontmaker.latin import Companion
from fontmaker.verification import Proof, read_pages
from hangeul_bench import __version__
from hangeul_bench.hangeul import codepoint_name, ksx1001

if TYPE_CHECKING:
    from fontmaker.make import FontOrder
    from hangeul_bench.reader import JamoReader

RECORD_FORMAT = 1


def make_record(
    order: "FontOrder",
    drawn: Drawn,
    proof: Proof,
    *,
    companion: Companion | None,
    reader: "JamoReader",
) -> dict[str, Any]:
    """All that is known of a font once it is proved, less its bytes; JSON.

    Args:
        order: What was asked for.
        drawn: The pages.
        proof: How the font compares with them.
        companion: Where its Latin comes from.
        reader: Who read.
    """
    return {
        "format": RECORD_FORMAT,
        "program": f"hangeul-bench {__version__}",
        "font": {
            "family": order.family.english,
            "family_korean": order.family.korean,
            "syllables": len(order.syllables),
            "advance": asdict(order.advance),
        },
        "model": _model_facts(order.artist),
        "seed": order.artist.seed,
        "references": _reference_facts(order.artist, reader),
        "sheet": None if order.sheet is None else order.sheet.to_json(),
        "companion": companion.to_json() if companion else None,
        "kept": sorted(set(order.kept) & set(order.syllables)),
        "drawing": _drawing_facts(order.artist, drawn),
        "proof": _proof_facts(drawn, proof, reader),
    }


def _model_facts(artist: Artist) -> dict[str, Any]:
    model = artist.model
    return {
        "name": artist.name,
        "checkpoint_sha256": model.checkpoint_sha256,
        "parameters": model.parameters,
        "details": model.details,
    }


def _drawing_facts(artist: Artist, drawn: Drawn) -> dict[str, Any]:
    return {
        "tries": artist.tries,
        "same_each_time": drawn.same_each_time,
        "jamo_error_of_first": _rounded(drawn.first_jamo_error),
        "drawn_again": {
            syllable: {"tries": tries, "taken": drawn.chosen.get(syllable, 0) + 1}
            for syllable, tries in sorted(drawn.tries.items())
        },
    }


def _reference_facts(artist: Artist, reader: "JamoReader") -> list[dict[str, Any]]:
    pages = np.stack([source.image for source in artist.sources])
    read = read_pages(reader, pages, [source.character for source in artist.sources]).read
    return [
        {
            "character": source.character,
            "file": source.name,
            "sha256": source.sha256,
            "read_as": seen,
            "notes": list(source.notes),
        }
        for source, seen in zip(artist.sources, read, strict=True)
    ]


def _proof_facts(drawn: Drawn, proof: Proof, reader: "JamoReader") -> dict[str, Any]:
    rows: Sequence[int] = np.flatnonzero(~proof.reading.right).tolist()
    return {
        "ssim_mean": _rounded(float(proof.ssim.mean())),
        "ssim_least": _rounded(float(proof.ssim.min())),
        "ssim_as_drawn_mean": _rounded(float(proof.ssim_as_drawn.mean())),
        "ssim_as_drawn_least": _rounded(float(proof.ssim_as_drawn.min())),
        "jamo_error": _rounded(proof.jamo_error),
        "jamo_error_ksx1001": _rounded(_error_within_ksx1001(drawn, proof)),
        "reader_sha256": reader.sha256,
        "doubtful": [
            {
                "syllable": drawn.syllables[row],
                "codepoint": codepoint_name(drawn.syllables[row]),
                "read_as": proof.reading.read[row],
                "ssim": _rounded(float(proof.ssim[row])),
                "origin": drawn.origins[row],
                "learned_by_reader": drawn.syllables[row] in ksx1001(),
                "tries": drawn.tries.get(drawn.syllables[row], 1),
            }
            for row in rows
        ],
    }


def _error_within_ksx1001(drawn: Drawn, proof: Proof) -> float | None:
    """Share of wrong jamo in the 2,350 that the reader has learned; None without any of them.

    Of the true glyphs of a serif font beyond them it misreads 35 %, of those among them none, so
    that doubts beyond them weigh less.
    """
    known = np.isin(drawn.syllables, ksx1001())
    return float(proof.reading.wrong_jamo[known].mean() / 3) if known.any() else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 5)
