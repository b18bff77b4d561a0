"""Rows of a published board, read from its CSV."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from hangeul_bench.adapter.questions import shots_text
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import csv_rows, one_line, read_text
from hangeul_bench.metrics.columns import BY_NAME

_KEYS = ("model", "rank", "track", "cell", "category", "shots")
_FACTS = ("seconds_per_glyph", "parameters", "seeds", "why_unranked", "note", "verified")
_ORIGIN = ("code", "organisation", "hardware", "replicated")
PublishedRow = dict[str, str]


def own_board() -> Path:
    """The board of this project's repository; it need not be there, as in an installed package."""
    return Path(__file__).parents[2] / "leaderboards" / "open-hangeul-1.csv"


def published_rows(
    board: Path, model: str, *, where: Mapping[str, Sequence[str]]
) -> list[PublishedRow]:
    """The rows of a model in the order of the board.

    Args:
        board: The CSV that ``hangeul-bench leaderboard --out`` wrote.
        model: The model's name.
        where: Column -> the values asked for; an empty list asks for all.

    Raises:
        UserError: The file is absent or no board, or holds no such row.
    """
    if not board.is_file():
        raise UserError(
            f"Expected a board in {board}, but there is no such file; name one with --board, as "
            "`hangeul-bench leaderboard --out` writes it."
        )
    text = read_text(board)
    rows = [row for _, row in csv_rows(text, _KEYS, where=board, optional=None)]
    own = [row for row in rows if row["model"] == model]
    if not own:
        near = get_close_matches(model, sorted({row["model"] for row in rows}), 1)
        hint = f"; did you mean {one_line(near[0])}?" if near else "."
        raise UserError(f"{board} has no row of {one_line(model)}{hint}")
    found = [row for row in own if all(row[k] in (v or (row[k],)) for k, v in where.items())]
    if not found:
        asked = ", ".join(f"{key} {' or '.join(values)}" for key, values in where.items() if values)
        raise UserError(f"{board} has no row of {one_line(model)} in {asked}.")
    return found


def row_text(row: PublishedRow) -> str:
    """A row for people: what it is of, then a line a number with its interval."""
    place = (
        f"{row['track']} track, {row['cell']}, {row['category']}, {shots_text(int(row['shots']))}"
    )
    rank = f"rank {row['rank']}" if row["rank"] else "no rank"
    lines = [one_line(f"{row['model']}: {place}, {rank}")]
    pairs = [*_numbers(row), *((k, row[k]) for k in (*_FACTS, *_ORIGIN) if row.get(k))]
    wide = max((len(name) for name, _ in pairs), default=0)
    return "\n".join([*lines, *(f"  {name:{wide}}  {one_line(text)}" for name, text in pairs)])


def _numbers(row: PublishedRow) -> Iterator[tuple[str, str]]:
    for name in BY_NAME:
        if row.get(name):
            low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
            yield name, f"{row[name]} [{low}, {high}]" if low and high else row[name]
