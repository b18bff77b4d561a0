"""Predictions on disk: one Parquet file of PNGs a font, written whole or not at all."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter import Glyphs
from hangeul_bench.atomic import write_bytes, write_text
from hangeul_bench.errors import UserError
from hangeul_bench.png import decode, encode

PAPER = 255  # the grey value of an empty page


@dataclass(frozen=True)
class FontPredictions:
    """What a model delivered for one font.

    Attributes:
        images: (N, 128, 128) uint8, 0 = ink; a syllable that was not delivered is a blank page.
        delivered: (N,) bool.
        seconds: Time the model took for the delivered glyphs, in seconds.
    """

    images: Glyphs
    delivered: NDArray[np.bool_]
    seconds: float


class PredictionFolder:
    """The predictions of one run: ``<font_id>.parquet`` with ``<font_id>.json`` beside it.

    The Parquet file has the columns ``codepoint`` and ``image`` (PNG bytes in the struct that
    Hugging Face ``datasets`` reads as an Image). The JSON file holds the time it took, apart, so
    that the same glyphs are the same bytes.
    """

    def __init__(self, path: Path, *, size: int = 128) -> None:
        self.path = path
        self.size = size

    def has(self, font_id: str, characters: Sequence[str]) -> bool:
        """Whether this font was generated for exactly these syllables."""
        asked = self._read_note(font_id)["asked"]
        return self._file(font_id).is_file() and asked == "".join(characters)

    def write(
        self,
        font_id: str,
        characters: Sequence[str],
        images: Glyphs,
        *,
        delivered: NDArray[np.bool_],
        seconds: float,
    ) -> None:
        """Write a font's glyphs; one that was not delivered leaves no row."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        pngs = [{"bytes": png, "path": None} for png in encode(images[delivered])]
        image_type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        drawn = zip(characters, delivered, strict=True)
        codepoints = pa.array([ord(c) for c, is_drawn in drawn if is_drawn], pa.int32())
        table = pa.table({"codepoint": codepoints, "image": pa.array(pngs, image_type)})
        buffer = io.BytesIO()
        pq.write_table(table, buffer, compression="none")
        write_bytes(self._file(font_id), buffer.getvalue())
        # The note comes last: without it the font counts as not generated.
        note = {"asked": "".join(characters), "seconds": round(seconds, 6)}
        write_text(self._note(font_id), json.dumps(note, ensure_ascii=False) + "\n")

    def read(self, font_id: str, characters: Sequence[str]) -> FontPredictions:
        """Read a font's glyphs in the order of ``characters``.

        Raises:
            UserError: The file cannot be read, or a glyph has another size.
        """
        images = np.full((len(characters), self.size, self.size), PAPER, np.uint8)
        delivered = np.zeros(len(characters), np.bool_)
        if not self._file(font_id).is_file():
            return FontPredictions(images, delivered, 0.0)
        pngs = self._read_pngs(font_id)
        delivered[:] = [ord(character) in pngs for character in characters]
        try:
            asked = (pngs[ord(c)] for c in characters if ord(c) in pngs)
            images[delivered] = decode(asked, self.size)
        except ValueError as error:
            raise self._unreadable(font_id, error) from None
        return FontPredictions(images, delivered, float(self._read_note(font_id)["seconds"]))

    def clear(self) -> None:
        """Remove all predictions of the run."""
        for path in sorted(self.path.glob("*")):
            if path.suffix in (".parquet", ".json"):
                path.unlink()

    def _read_pngs(self, font_id: str) -> dict[int, bytes]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(self._file(font_id))
            pngs = [image["bytes"] for image in table["image"].to_pylist()]
            return dict(zip(table["codepoint"].to_pylist(), pngs, strict=True))
        except (pa.ArrowInvalid, KeyError, OSError) as error:
            raise self._unreadable(font_id, error) from None

    def _read_note(self, font_id: str) -> dict[str, Any]:
        try:
            note: dict[str, Any] = json.loads(self._note(font_id).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            note = {}  # never written, as when a run was killed: the font counts as not drawn
        return {"asked": None, "seconds": 0.0} | note

    def _unreadable(self, font_id: str, error: Exception) -> UserError:
        return UserError(
            f"Predictions {self._file(font_id)} cannot be read ({error}); delete the file and "
            "run the same command again."
        )

    def _file(self, font_id: str) -> Path:
        return self.path / f"{font_id}.parquet"

    def _note(self, font_id: str) -> Path:
        return self.path / f"{font_id}.json"
