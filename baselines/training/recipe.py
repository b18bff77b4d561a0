"""Recipes: every choice that decides what a training learns, as frozen data."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from baselines.training.run import RunOptions
from hangeul_bench.base.errors import UserError

Category = Literal["handwritten", "printed", "both"]
CharacterSet = Literal["seen", "all"]
PerceptualNetwork = Literal["glyph", "vgg19", "none"]
Weighting = Literal["none", "alpha_bar"]
Part = TypeVar("Part")


@dataclass(frozen=True)
class DataOptions:
    """Which glyphs a model learns from.

    Attributes:
        category: Of the fonts; None where the command line must say it.
        characters: ``seen``, or ``all`` with the benchmark's unseen ones, whose cells are lost.
        augment: Whether fonts are changed at random.
    """

    category: Category | None = "both"
    characters: CharacterSet = "seen"
    augment: bool = False


@dataclass(frozen=True)
class PerceptualOptions:
    """The perceptual loss.

    Attributes:
        perceptual: Network that it looks through; ``none`` for no such loss.
        perceptual_weighting: ``none`` as the paper, ``alpha_bar`` to trust estimates by their
            noise.
    """

    perceptual: PerceptualNetwork = "none"
    perceptual_weighting: Weighting = "none"


@dataclass(frozen=True)
class Recipe:
    """What to train, on what, and how.

    Attributes:
        model: Its configuration (a :class:`~baselines.training.checkpoint.Config`); the characters
            come from the data.
        training: Steps, rates, and what a step is.
        data: Which glyphs.
        perceptual: The perceptual loss; None for a model that has none.
        drawing: How an adapter draws with the weights unless asked otherwise; empty for its usual
            way.
    """

    model: Any
    training: RunOptions
    data: DataOptions = DataOptions()
    perceptual: PerceptualOptions | None = None
    drawing: Mapping[str, Any] = field(default_factory=dict)

    def with_field(self, name: str, text: str) -> "Recipe":
        """The recipe with one field replaced by what a text says, wherever the field stands.

        Raises:
            UserError: There is no such field, or the text is no value of it.
        """
        changed = _replaced(self, name, text)
        if changed is None:
            known = ", ".join(sorted(self.values()))
            raise UserError(f"Unknown field {name}; expected one of {known}.")
        return changed

    def values(self) -> dict[str, Any]:
        """All fields that :meth:`with_field` can replace, with their values."""
        return {name: value for name, _, value in _leaves(self)}

    def flags(self) -> set[str]:
        """Those of them that are true or false."""
        return {name for name, kind, _ in _leaves(self) if kind is bool}

    def facts(self) -> dict[str, Any]:
        """What a checkpoint says of how it was trained."""
        parts = (self.training, self.data)
        said = {f.name: getattr(part, f.name) for part in parts for f in fields(part)}
        return {name: _json(value) for name, value in said.items() if name not in _NOT_SAID}


# These say when a run ends and what it prints, or stand beside the options in the facts.
_NOT_SAID = {"steps", "minutes", "validate_every", "workers", "threads", "characters", "fuse"}


def _leaves(part: Any) -> Iterator[tuple[str, Any, Any]]:
    """Name, type and value of each field that can be replaced, also of parts of the part."""
    for own in fields(part):
        value = getattr(part, own.name)
        if is_dataclass(value):
            yield from _leaves(value)
        elif own.name != "drawing" and not own.metadata.get("fixed"):
            yield own.name, own.type, value


def _replaced(part: Part, name: str, text: str) -> Part | None:
    for own in fields(part):  # type: ignore[arg-type]
        value = getattr(part, own.name)
        if is_dataclass(value):
            inner = _replaced(value, name, text)
            if inner is not None:
                return replace(part, **{own.name: inner})  # type: ignore[type-var]
        elif own.name == name and name != "drawing" and not own.metadata.get("fixed"):
            parsed = _parsed(name, own.type, text)
            _check_range(name, parsed, own.metadata.get("range"))
            return replace(part, **{name: parsed})  # type: ignore[type-var]
    return None


def _parsed(name: str, kind: Any, text: str) -> Any:
    choices = get_args(kind)
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = (choice for choice in choices if choice is not type(None))
        return None if text == "none" else _parsed(name, kind, text)
    if get_origin(kind) is tuple:
        return tuple(_parsed(name, choices[0], part) for part in text.split(",") if part)
    if get_origin(kind) is Literal:
        return _choice(name, dict(zip(choices, choices, strict=True)), text)
    if kind is bool:
        return _choice(name, {"true": True, "false": False}, text)
    try:
        return kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise UserError(f"Expected {name} to be {wanted}, but found {text!r}.") from None


def _choice(name: str, choices: Mapping[str, Any], text: str) -> Any:
    if text not in choices:
        raise UserError(f"Expected {name} to be one of {', '.join(choices)}, but found {text!r}.")
    return choices[text]


def _check_range(name: str, value: Any, within: tuple[float, float] | None) -> None:
    if within is None or value is None:
        return
    least, most = within
    if not least <= value <= most:
        upper = "" if most == float("inf") else f" and at most {most:g}"
        raise UserError(f"Expected {name} of at least {least:g}{upper}, but found {value:g}.")


def _json(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {own.name: _json(getattr(value, own.name)) for own in fields(value)}
    return str(value) if isinstance(value, Path) else value
