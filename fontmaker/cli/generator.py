"""Who draws for a command, and from what."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fontmaker.cli.asked import Asked
from fontmaker.cli.given import Given
from fontmaker.cli.inputs import load_named_model, open_dataset, say

if TYPE_CHECKING:
    from fontmaker import Generator


def load_generator(
    asked: Asked,
    given: Given,
    syllables: tuple[str, ...],
    *,
    options: dict[str, Any],
    fonts: Path | None,
) -> "Generator":
    """The model, loaded, with what it draws from.

    Args:
        asked: The command line.
        given: Its references.
        syllables: Which are to be drawn.
        options: For the model.
        fonts: Where the content font's file may lie.

    Raises:
        UserError: The model or the dataset cannot be used.
    """
    from fontmaker import Generator
    from fontmaker.content import open_content

    dataset = open_dataset(asked.data)
    name, model = load_named_model(asked.model, dataset, device=asked.device, options=options)
    looks = getattr(model, "uses_content", False)
    content = open_content(dataset, fonts if looks else None)
    if looks:
        _say_lacking(content.lacking(syllables), len(syllables))
    return Generator(
        model=model,
        name=name,
        references=given.for_model(model),
        content=content,
        content_sha256=content.sha256 if looks else "",
        seed=asked.seed,
        tries=asked.tries,
    )


def _say_lacking(lacking: tuple[str, ...], count: int) -> None:
    from fontmaker.undrawn import named

    if lacking:
        say(
            f"{len(lacking)} of {count} syllables have no content glyph, and those of "
            f"them that you do not give are left out: {named(lacking)}."
        )
