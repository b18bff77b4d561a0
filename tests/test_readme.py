"""What the guides say exists, exists; what they show, runs."""

import re
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from hangeul_bench.adapter.contract import Request
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.cli import cli
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.results.file import read_result
from support.small_fonts import write_fonts

ROOT = Path(__file__).parents[1]
GUIDES = ("README.md", "CONTRIBUTING.md")
TEXT = {name: (ROOT / name).read_text(encoding="utf-8") for name in GUIDES}


def blocks(name, language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT[name], flags=re.DOTALL)


def command_lines():
    for name in GUIDES:
        inline = re.findall(r"`([^`\n]+)`", TEXT[name])
        code = "\n".join([*blocks(name, "sh"), *inline])
        lines = re.findall(r"^(?:\S*/)?hangeul-bench ([^#\n]*)", code, flags=re.MULTILINE)
        yield from (line.strip() for line in lines)


def find_command(words):
    """The command that the first words name, and the words after it."""
    command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"no command {name!r}"
    return command, words


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_every_command_line_names_a_command_and_its_options(line):
    command, words = find_command(line.split())
    known = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    known |= {"--help", "-h"}
    options = {word.split("=")[0] for word in words if word.startswith("-")}
    assert options <= known, f"hangeul-bench {line}: {options - known}"


@pytest.mark.parametrize("name", GUIDES)
def test_every_named_path_of_the_project_exists(name):
    named = re.findall(r"\]\(([^)#:]+)\)", TEXT[name])
    named += re.findall(r"`([\w.-]+/[\w./-]*|[A-Z]+\.md|NOTICE|LICENSE)`", TEXT[name])
    made_by_the_user = (".venv/", "demo/", "my-")
    paths = [path for path in named if not path.startswith(made_by_the_user)]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", GUIDES)
def test_every_make_target_exists(name):
    targets = set(re.findall(r"\bmake ([a-z]+)", "\n".join(re.findall(r"`[^`]+`", TEXT[name]))))
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert targets <= rules


def test_pictures_are_small_and_linked():
    pictures = sorted((ROOT / "docs").rglob("*.png"))
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")]
    assert pictures
    for picture in pictures:
        in_readme = f"({picture.relative_to(ROOT)})" in TEXT["README.md"]
        assert in_readme or any(f"({picture.name})" in page for page in pages), picture
        assert picture.stat().st_size < 500_000


def test_the_readme_is_read_in_one_sitting():
    lines = TEXT["README.md"].splitlines()
    board = [line for line in lines if line.startswith("|") and line.count("|") > 5]
    words = " ".join(line for line in lines if line not in board).split()
    assert len(lines) <= 130 and len(words) <= 1100, (len(lines), len(words))


def test_each_guide_has_at_most_25_lines():
    sections = re.split(r"^## ", TEXT["CONTRIBUTING.md"], flags=re.MULTILINE)[1:]
    lengths = {text.splitlines()[0]: len(text.strip().splitlines()) for text in sections}
    assert max(lengths.values()) <= 25, lengths


def test_the_python_example_runs(eval_dataset, tmp_path, monkeypatch):
    (example,) = blocks("README.md", "python")
    write_fonts(tmp_path / "my-fonts")
    monkeypatch.chdir(tmp_path)
    space = {}
    exec(example.replace("demo/dataset", str(eval_dataset)), space)  # noqa: S102
    assert GlyphDataset.open(tmp_path / "my-dataset").fonts
    assert space["glyphs"].shape == (2350, 128, 128)
    assert space["some"].shape == (2, 128, 128)
    assert space["lines"] == ("\u1100 \u1161 \u11b7",)
    assert space["model"].name == "nearest-font"
    assert read_result(space["result"])["model"]["name"] == "nearest-font"


def test_the_example_model_draws(tmp_path):
    example = blocks("CONTRIBUTING.md", "python")[0]
    (tmp_path / "my_model.py").write_text(example, encoding="utf-8")
    model = load_model(f"{tmp_path / 'my_model.py'}:Bolder")
    content = np.full((2, 128, 128), 255, np.uint8)
    content[:, 40:80, 60] = 0
    request = Request(
        characters=("가", "나"),
        references=content[:1],
        reference_characters=("한",),
        content=content,
        seed=0,
    )
    images = model.generate(request)
    assert (images.shape, images.dtype) == ((2, 128, 128), np.uint8)
    assert (images == 0).sum() == 2 * (content == 0).sum()


def test_the_example_metric_scores():
    torch = pytest.importorskip("torch")
    space = {}
    exec(blocks("CONTRIBUTING.md", "python")[1], space)  # noqa: S102
    pred = torch.full((2, 128, 128), 255, dtype=torch.uint8)
    target = pred.clone()
    target[:, :64] = 0
    metric = space["InkShare"]()
    metric.update(pred, target)
    assert float(metric.compute()) == 0.5


def test_the_leaderboard_in_the_readme_is_what_its_command_prints(monkeypatch):
    (line,) = (line for line in command_lines() if "--no-intervals" in line)
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(cli, line.split())
    assert done.exit_code == 0
    assert done.output in TEXT["README.md"], f"stale: put in what hangeul-bench {line} prints"
