"""Documents, names, docstrings and help texts use the field's words, not the project's own."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (
    *("README.md", "CONTRIBUTING.md", "dkfont/README.md", "experiments/README.md"),
    *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").glob("*.md"))),
    *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "baselines").glob("*/README.md"))),
)
# A word -> what it is called.
BANNED = {
    r"rooms?": "package",
    r"kin|kindred": "neighbours",
    r"carriers?": "representation",
    r"paint(s|ed|ing)? (on|upon)": "draw in a representation",
    r"page of a glyph": "image",
    r"at hand": "available",
    r"hands?": "handwriting",
    r"claims?": "settings",
    r"witness(es)?": "reference column",
    r"settle[sd]?|unsettled": "decide",
    r"stamp(s|ed)?": "verification",
    r"story|stories": "provenance",
    r"artists?": "generator",
    r"forge[sd]?": "build",
    r"prove[sd]?": "verify",
    r"mend(s|ed)?": "redraw, repair",
    r"workshops?": "context",
    r"visitors?": "user",
    r"islands?": "component",
    r"seas?": "background",
    r"shores?": "boundary",
    r"\w+-manieth": "number",
    r"(not )?to be had": "available",
}
TEXT = re.compile(
    r"(?<![\w`/.-])(" + "|".join(f"(?:{word})" for word in BANNED) + r")(?![\w`.-]*[\w`-])"
)
# Names are looked through word by word; some words are common in text and private as a name.
NAME_WORDS = re.compile("|".join(word for word in BANNED if " " not in word) + "|still")
CLASSES = {"Turns"}
# Keys inside committed files, which keep their names.
KEYS = {"carrier", "kin", "fit", "frame", "ranking"}
PACKAGES = ("hangeul_bench", "fontmaker", "baselines", "dkfont", "experiments")


def code():
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield str(path.relative_to(ROOT))


def prose(text):
    """A page without blocks of code, inline code and addresses of links."""
    text = re.sub(r"```.*?```", " ", text, flags=re.DOTALL)
    text = re.sub(r"^ {4}.*$", " ", text, flags=re.MULTILINE)
    return re.sub(r"`[^`]*`|\]\([^)]*\)", " ", text)


def texts(tree):
    """Docstrings and help texts of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.keyword) and node.arg in ("help", "short_help", "epilog"):
            yield str(getattr(node.value, "value", ""))


def public_names(tree):
    """Names that a module or a class of it defines, and arguments of its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        if isinstance(node, ast.FunctionDef):
            yield from (a.arg for a in (*node.args.args, *node.args.kwonlyargs))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def words_of(name):
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]


def found_in(text):
    return [match[0] for match in TEXT.finditer(text)]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_private_words(page):
    assert found_in(prose((ROOT / page).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", code())
def test_docstrings_help_texts_and_names_have_no_private_words(name):
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    said = [word for text in texts(tree) for word in found_in(re.sub(r"`+[^`]*`+", " ", text))]
    names = {n for n in public_names(tree) if not n.startswith("_") and n not in KEYS}
    private = {n for n in names for word in words_of(n) if NAME_WORDS.fullmatch(word)}
    assert (said, sorted(private | names & CLASSES)) == ([], [])


@pytest.mark.parametrize(
    "text",
    ["its kin", "a room of its own", "paints upon fields", "no weights at hand", "an unseen hand"],
)
def test_a_private_word_is_found(text):
    assert found_in(text)


@pytest.mark.parametrize(
    "text", ["East Sea Dokdo", "kinds of handwriting", "`carrier`", "my-hand.ttf", "handled"]
)
def test_a_common_word_is_not(text):
    assert found_in(re.sub(r"`[^`]*`", " ", text)) == []
