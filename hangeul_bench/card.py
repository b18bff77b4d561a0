"""The dataset card: README.md, which people and the Hugging Face hub read."""

from collections import Counter
from collections.abc import Iterator

from hangeul_bench import dataset_format as fmt
from hangeul_bench.dataset_format import Contents
from hangeul_bench.fingerprint import benchmark_fingerprint, bitmap_sha256, fingerprint
from hangeul_bench.info import table_one_lines

# The hub's size classes: upper bounds and names.
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"))
_LARGEST = "1M<n<10M"

_TEXT = """
# {name}

{n_glyphs:,} images of {size} x {size} pixels: {n_characters:,} Hangeul syllables in {n_fonts}
fonts. Made by hangeul-bench {version}, which rebuilds it bit by bit from the same fonts.

{table}

## Load it

```python
from hangeul_bench.dataset import GlyphDataset

dataset = GlyphDataset.open("path/of/this/folder")
images = dataset.images("{font_id}")  # ({n_characters}, {size}, {size}) uint8, 0 = ink
```

```python
import datasets

glyphs = datasets.load_dataset("path/of/this/folder")  # splits train and test; images as PIL
```

The shards open in pandas, Polars and DuckDB, too; `image.bytes` is a PNG file.

## Files

| file | holds |
| --- | --- |
| `images/FONT_ID.parquet` | a row a glyph: code point, image, font id, advance, outline hash |
| `texts/U+XXXX.txt` | the phonetic line of a syllable: its positional jamo |
| `characters.csv` | each syllable's jamo, romanization, layout, and whether it is seen or unseen |
| `fonts.csv` | each font's names, category, lineage, licence, split, placement and hashes |
| `missing.csv` | which font does not draw which syllable, and why |
| `splits/*.txt` | one font id or syllable a line |
| `dataset.json` | fingerprints, counts, versions, and the SHA-256 of every text file |

## How the images are made

Black ink (0) on white paper (255), 8 bits, anti-aliased, not hinted. A font has one scale and one
baseline: the largest scale at which every ink box of its syllables lies inside the central
{all_inside} pixels and 99 % of them inside the central {most_inside}. Each glyph is centred by its
advance width, never by its ink. A syllable that a font does not have, leaves blank, or draws as
`.notdef` is no image but a row of `missing.csv`; there are {n_missing:,} of them.

## Splits

No family of the {n_unseen} unseen fonts is in training. {n_unseen_characters:,} syllables are
unseen and {n_seen_characters:,} seen. The references ({references}) are given as style and never
scored.

## Licences

The images are drawn from these fonts and stand under their licences ({licences}); `fonts.csv`
names each. Ask a lawyer before you publish images of fonts under the GPL.

## Fingerprints

| of | SHA-256 |
| --- | --- |
| outlines, placement and splits | `{fingerprint}` |
| what a benchmark score depends on | {benchmark} |
| pixels | `{bitmaps}` |
"""


def dataset_card(contents: Contents, version: str) -> str:
    """The text of README.md.

    Args:
        contents: What the dataset holds.
        version: Of this program.
    """
    return "\n".join(["---", *_front_matter(contents), "---"]) + _body(contents, version)


def _front_matter(contents: Contents) -> Iterator[str]:
    n_glyphs = sum(font.n_glyphs for font in contents.fonts)
    yield f"pretty_name: {fmt.canonical_json(contents.name)}"
    yield from ("language:", "- ko", "license: other", "task_categories:", "- image-to-image")
    yield from ("tags:", "- hangeul", "- fonts", "- font-generation")
    yield "size_categories:"
    yield f"- {next((name for bound, name in _SIZES if n_glyphs < bound), _LARGEST)}"
    yield from ("configs:", "- config_name: default", "  data_files:")
    for split, name in (("train", "train"), ("unseen", "test")):
        shards = [font.font_id for font in contents.fonts if font.split == split]
        if shards:
            yield from (f"  - split: {name}", "    path:")
            yield from (f"    - {fmt.IMAGES}/{font_id}.parquet" for font_id in shards)


def _body(contents: Contents, version: str) -> str:
    splits = contents.splits
    benchmark = benchmark_fingerprint(contents)
    licences = Counter(font.licence for font in contents.fonts).most_common()
    return _TEXT.format(
        name=contents.name,
        version=version,
        size=contents.size,
        n_glyphs=sum(font.n_glyphs for font in contents.fonts),
        n_characters=len(contents.characters),
        n_fonts=len(contents.fonts),
        n_missing=len(contents.missing),
        font_id=contents.fonts[0].font_id,
        table="\n".join(table_one_lines(contents)),
        all_inside=f"{contents.size * 124 / 128:g}",
        most_inside=f"{contents.size * 112 / 128:g}",
        n_unseen=len(splits.unseen_fonts),
        n_unseen_characters=len(splits.unseen_characters),
        n_seen_characters=len(splits.seen_characters),
        references=" ".join(splits.references),
        licences=", ".join(f"{count} {licence}" for licence, count in licences),
        fingerprint=fingerprint(contents),
        benchmark=f"`{benchmark}`" if benchmark else "its test fonts are not the benchmark's",
        bitmaps=bitmap_sha256(contents.fonts),
    )
