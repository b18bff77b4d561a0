"""Predictions on disk: one Parquet file of PNGs a font, written whole or not at all."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.documents import Schema, check_file_name, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.images import PAPER, Glyphs, decode, encode
from hangeul_bench.base.tables import one_line

_NOTE = Schema(
    {
        "type": "object",
        "required": ["asked", "seconds"],
        "properties": {
            "asked": {"type": "string"},
            "seconds": {"type": "number", "minimum": 0, "maximum": 1e12},
        },
    }
)
_SETTINGS_SCHEMA = Schema({"type": "object"})
_SHOWN = 200  # characters of a setting that a message quotes


@dataclass(frozen=True)
class FontPredictions:
    """What a model delivered for one font.

    Attributes:
        images: (N, 128, 128) uint8, 0 = ink; a syllable that was not delivered is blank paper.
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
        write_whole(self._file(font_id), buffer.getvalue())
        # The note comes last: without it the font counts as not generated.
        note = {"asked": "".join(characters), "seconds": round(seconds, 6)}
        write_whole(self._note(font_id), json.dumps(note, ensure_ascii=False) + "\n")

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

    def start(self, settings: Mapping[str, Any], *, restart: bool = False) -> None:
        """Note how the predictions are made; refuse to mix them with others made otherwise.

        Args:
            settings: What decides a prediction; JSON.
            restart: Discard what was made otherwise.

        Raises:
            UserError: Other predictions are there already and ``restart`` is off.
        """
        asked = json.loads(json.dumps(settings))
        found = self.settings()
        if found is not None:
            differing = sorted(key for key in asked if asked[key] != found.get(key))
            if differing and not restart:
                key = differing[0]
                made, now = (one_line(str(note.get(key)))[:_SHOWN] for note in (found, asked))
                raise UserError(
                    f"Predictions in {self.path} were made with {key} {made}, but this run "
                    f"has {now}; choose another --out, or discard them with --restart."
                )
            if differing:
                self.clear()
        write_whole(self._settings, pretty_json(asked))

    def settings(self) -> dict[str, Any] | None:
        """What :meth:`start` noted; None where nothing has been drawn.

        Raises:
            UserError: The note is no JSON object.
        """
        if not self._settings.is_file():
            return None
        found: dict[str, Any] = read_json(
            self._settings,
            _SETTINGS_SCHEMA,
            expected="the note of a run",
            remedy="remove the folder",
        )
        return found

    def clear(self) -> None:
        """Remove all predictions of the run."""
        for path in sorted(self.path.glob("*")):
            if path.suffix in (".parquet", ".json"):
                path.unlink()

    def _read_pngs(self, font_id: str) -> dict[int, bytes]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        from hangeul_bench.dataset.shards import codepoints, png_files

        try:
            with self._file(font_id).open("rb") as file:  # pyarrow takes every name for UTF-8
                table = pq.read_table(file, columns=["codepoint", "image"])
            return dict(zip(codepoints(table), png_files(table), strict=True))
        except (pa.ArrowException, KeyError, ValueError, OSError) as error:
            raise self._unreadable(font_id, error) from None

    def _read_note(self, font_id: str) -> dict[str, Any]:
        try:
            note: dict[str, Any] = read_json(self._note(font_id), _NOTE)
        except UserError:
            # Never written, as when a run was killed, or not by us: the font counts as not drawn.
            return {"asked": None, "seconds": 0.0}
        return note

    def _unreadable(self, font_id: str, error: Exception) -> UserError:
        return UserError(
            f"Predictions {self._file(font_id)} cannot be read ({error}); delete the file and "
            "run the same command again."
        )

    @property
    def _settings(self) -> Path:
        return self.path / "run.json"

    def _file(self, font_id: str) -> Path:
        return self._beside(font_id, ".parquet")

    def _note(self, font_id: str) -> Path:
        return self._beside(font_id, ".json")

    def _beside(self, font_id: str, suffix: str) -> Path:
        # The report takes ids from a result's own table, which anyone may have written.
        return self.path / (check_file_name(font_id, what="font_id", where=self.path) + suffix)
