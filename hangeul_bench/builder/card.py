"""The dataset card: README.md, which people and the Hugging Face hub read."""

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import resources

import hangeul_bench.dataset.format as fmt
from hangeul_bench import __version__
from hangeul_bench.base.files import canonical_json
from hangeul_bench.base.images import SIZE
from hangeul_bench.base.tables import markdown
from hangeul_bench.builder.configurations import configurations_of, front_matter, table
from hangeul_bench.dataset.fingerprint import benchmark_fingerprint, bitmap_sha256, fingerprint
from hangeul_bench.dataset.format import Contents
from hangeul_bench.dataset.info import licence_lines, table_one_lines
from hangeul_bench.fonts.placement import ALL_INSIDE, MOST_INSIDE

# The hub's size classes: upper bounds and names.
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"))
_LARGEST = "1M<n<10M"

_COPYLEFT = "\nAsk a lawyer before you publish images of fonts under the GPL.\n"

CITATION = f"""\
@misc{{hangeul-bench,
  title  = {{hangeul-bench: a dataset and benchmark toolkit for Korean font generation}},
  author = {{{{hangeul-bench maintainers}}}},
  year   = {{{fmt.DATE[:4]}}},
  note   = {{version {__version__}}}
}}"""


def dataset_card(contents: Contents) -> str:
    """The text of README.md."""
    return "\n".join(["---", *_front_matter(contents), "---", _body(contents)])


def _front_matter(contents: Contents) -> Iterator[str]:
    n_glyphs = sum(font.n_glyphs for font in contents.fonts)
    yield f"pretty_name: {canonical_json(contents.name)}"
    yield from ("language:", "- ko", *_licence(contents), "task_categories:", "- image-to-image")
    yield from ("tags:", "- hangeul", "- fonts", "- font-generation")
    yield "size_categories:"
    yield f"- {next((name for bound, name in _SIZES if n_glyphs < bound), _LARGEST)}"
    yield from front_matter(contents)


def _licence(contents: Contents) -> Iterator[str]:
    """The hub knows some licences by a name of its own; any other is ``other`` with a name."""
    licences = sorted({font.licence for font in contents.fonts})
    if licences == ["OFL-1.1"]:
        yield "license: ofl-1.1"
        return
    yield "license: other"
    yield f"license_name: {canonical_json(' AND '.join(licences))}"
    yield f"license_link: {fmt.FONTS_CSV}"


def _body(contents: Contents) -> str:
    splits = contents.splits
    benchmark = benchmark_fingerprint(contents)
    licences = sorted({font.licence for font in contents.fonts})
    rows = configurations_of(contents)
    test = next((row for row in reversed(rows) if row.is_cell), rows[0])
    text = resources.files("hangeul_bench.builder").joinpath("card.txt").read_text(encoding="utf-8")
    return text.format(
        name=markdown(contents.name),
        version=__version__,
        size=contents.size,
        n_glyphs=sum(font.n_glyphs for font in contents.fonts),
        n_characters=len(contents.characters),
        n_fonts=len(contents.fonts),
        n_missing=len(contents.missing),
        font_id=contents.fonts[0].font_id,
        configurations="\n".join(table(contents)),
        test=test.name,
        split=test.split,
        pattern=test.patterns[0],
        table="\n".join(table_one_lines(contents)),
        font_set=_font_set(contents),
        all_inside=f"{contents.size * ALL_INSIDE / SIZE:g}",
        most_inside=f"{contents.size * MOST_INSIDE / SIZE:g}",
        n_unseen=len(splits.unseen_fonts),
        n_unseen_characters=len(splits.unseen_characters),
        n_seen_characters=len(splits.seen_characters),
        references=" ".join(splits.references),
        categories=counted(font.category for font in contents.fonts),
        sides=counted(f"`{markdown(font.split)}`" for font in contents.fonts),
        licences="\n".join(licence_lines(contents)),
        advice=_COPYLEFT if any("GPL" in licence for licence in licences) else "",
        format=fmt.FORMAT,
        date=fmt.DATE,
        citation=CITATION,
        fingerprint=fingerprint(contents),
        benchmark=f"`{benchmark}`" if benchmark else "its test fonts are not the benchmark's",
        bitmaps=bitmap_sha256(contents.fonts),
    )


def counted(values: Iterable[str]) -> str:
    """How often each value is there: ``165 handwritten, 216 printed``."""
    return ", ".join(f"{count} {value}" for value, count in sorted(Counter(values).items()))


def _font_set(contents: Contents) -> str:
    said = contents.font_set
    if said is None:
        return "The fonts are those that its builder chose."
    if not said.lacks:
        return f"The fonts are the set `{said.name}` of hangeul-bench, all {said.n_fonts} of it."
    lacks = ", ".join(f"`{font_id}`" for font_id in said.lacks)
    return (
        f"The fonts are of the set `{said.name}` of hangeul-bench. {len(said.lacks)} of its "
        f"{said.n_fonts} fonts are not here, as they were not to be had or may not be published: "
        f"{lacks}."
    )
