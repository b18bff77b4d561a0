"""Write the tables of docs/ that the code decides: ``python docs/tables.py``, or `make boards`.

A row of a metric or of an export layout stands in the code alone; a test finds a stale page.
"""

import re
from pathlib import Path

from hangeul_bench.builder.export.layouts import LAYOUTS
from hangeul_bench.metrics.columns import COLUMNS

DOCS = Path(__file__).parent


def tables() -> dict[str, list[str]]:
    """Page -> the lines of its table, of which the first finds it."""
    metrics = [
        f"| `{column.name}` | {'higher' if column.higher_is_better else 'lower'} "
        f"| {column.meaning} |"
        for column in COLUMNS
    ]
    layouts = [f"| `{name}` | {_code(layout.looks)} |" for name, layout in LAYOUTS.items()]
    return {
        "metrics.md": ["| column | better | what |", "|---|---|---|", *metrics],
        "formats.md": ["| layout | what lies in it |", "|---|---|", *layouts],
    }


def filled(text: str, lines: list[str]) -> str:
    """A page whose table is these lines; everything else stays."""
    old = re.compile(rf"^{re.escape(lines[0])}\n(?:\|.*\n)*", flags=re.MULTILINE)
    return old.sub(lambda _: "".join(f"{line}\n" for line in lines), text, count=1)


def _code(text: str) -> str:
    # A bare <font_id> is HTML to Markdown.
    return re.sub(r"\S*<\w+>[^\s,]*", lambda path: f"`{path[0]}`", text)


if __name__ == "__main__":
    for name, lines in tables().items():
        page = DOCS / name
        page.write_text(filled(page.read_text(encoding="utf-8"), lines), encoding="utf-8")
