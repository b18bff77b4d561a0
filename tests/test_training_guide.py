"""The five commands of docs/training.md lead from a folder of fonts to a scored, drawn model."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from hangeul_bench.cli import cli
from support.training_dataset import build_training_dataset

GUIDE = Path(__file__).parents[1] / "docs" / "training.md"
FIRST, SECOND = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
# The smallest that they can do: a recipe for tests, a syllable of each cell and font.
SMALL = {
    "build": ["--charset", "charset.txt", "--workers", "1"],
    "train": ["--recipe", "tiny", "--steps", "2", "--set", "representation=pixels"],
    "evaluate": ["--limit", "1", "--metrics", "rmse", "--option", "steps=1"],
    "draw": ["--option", "steps=1"],
}


@pytest.fixture
def fonts(tmp_path, monkeypatch):
    """A folder of fonts and a photograph, where the commands are called."""
    build_training_dataset(tmp_path)
    (tmp_path / "fonts").rename(tmp_path / "my-fonts")
    glyph = Image.new("L", (128, 128), 255)
    glyph.paste(0, (30, 30, 90, 50))
    glyph.paste(0, (50, 60, 70, 110))
    glyph.save(tmp_path / "photo.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(line):
    program, command, *words = shlex.split(line)
    assert program == "hangeul-bench"
    done = CliRunner().invoke(cli, [command, *words, *SMALL.get(command, [])])
    assert done.exit_code == 0, f"{line}\n{done.output}\n{done.exception!r}"
    return done.output


def test_five_commands_lead_from_fonts_to_a_scored_model_that_draws(fonts):
    lines = FIRST.splitlines()
    assert len(lines) == 5
    *_, board = (run(line) for line in lines)
    assert (fonts / "my-run" / "weights.safetensors").is_file()
    assert (fonts / "my-results" / "dkfont-lite.json").is_file()
    assert Image.open(fonts / "drawn.png").width > 128
    assert "dkfont" in board.lower().replace("-", "")


def test_what_replaces_a_field_is_in_the_guide_as_the_command_takes_it():
    words = shlex.split(SECOND)
    command = cli.get_command(None, "train").get_command(None, words[2])
    with command.make_context(words[2], words[3:]) as context:
        assert context.params["fields"] == ("batch_size=64", "augment=true")
