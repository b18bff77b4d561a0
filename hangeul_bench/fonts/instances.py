"""Which place of a variable font is taken: the instance nearest weight 400, or one asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import one_line

REGULAR = 400  # the weight that texts are set in, of CSS and of OS/2
DEFAULT = "default"  # asks for the font's own default place

# A place in the design space (None: the default) and the style's name (empty: the font's own).
Place = tuple[Mapping[str, float] | None, str]


def named_instances(font: Any) -> list[tuple[dict[str, float], str]]:
    """Place and style name of each named instance of a variable font (a fontTools ``TTFont``)."""
    return [(dict(i.coordinates), _style(font, i)) for i in font["fvar"].instances]


def nearest_regular(font: Any) -> Place:
    """The instance nearest weight 400; the default place where that is as near, or has no weight.

    Without named instances it is the place of weight 400, or the end of the axis next to it.
    """
    axes = {axis.axisTag: axis for axis in font["fvar"].axes}
    weight = axes.get("wght")
    if weight is None:
        return None, ""
    defaults = {tag: axis.defaultValue for tag, axis in axes.items()}
    at = min(max(REGULAR, weight.minValue), weight.maxValue)
    places = named_instances(font) or [({**defaults, "wght": at}, f"wght{at:g}")]

    def far(place: tuple[Mapping[str, float], str]) -> tuple[float, int]:
        others = sum(place[0].get(tag, value) != value for tag, value in defaults.items())
        return abs(place[0].get("wght", weight.defaultValue) - REGULAR), others

    nearest = min(places, key=far)
    if nearest[0] == defaults or abs(weight.defaultValue - REGULAR) <= far(nearest)[0]:
        return None, ""
    return nearest


def asked_instance(font: Any, asked: str, path: Path) -> Place:
    """The place that a user names.

    Args:
        font: A fontTools ``TTFont``.
        asked: ``default``, an instance's name, a weight such as ``700``, or ``wght=700,wdth=80``.
        path: Stands in errors.

    Raises:
        UserError: The font is not variable, has no such instance or axis, or it ends before.
    """
    if asked == DEFAULT:
        return None, ""
    if "fvar" not in font:
        raise UserError(f"{path} is not variable, so that it has no instance {asked!r}.")
    for place, style in named_instances(font):
        if _bare(style) == _bare(asked):
            return place, style
    axes = {axis.axisTag: axis for axis in font["fvar"].axes}
    location = {tag: axis.defaultValue for tag, axis in axes.items()}
    for part in (f"wght={asked}" if "=" not in asked else asked).split(","):
        tag, _, number = part.strip().partition("=")
        try:
            value, axis = float(number), axes[tag]
            inside = axis.minValue <= value <= axis.maxValue
        except (ValueError, KeyError):
            inside = False
        if not inside:
            styles = ", ".join(style for _, style in named_instances(font)) or "none"
            raise UserError(
                f"{path} has no instance {asked!r}; its axes are {axes_text(font)}, its named "
                f"instances {styles}."
            )
        location[tag] = value
    own = ",".join(f"{tag}{value:g}" for tag, value in sorted(location.items()))
    return location, next((s for place, s in named_instances(font) if place == location), own)


def axes_text(font: Any) -> str:
    """The axes with their ends: ``wght 100 to 900``."""
    return ", ".join(
        f"{axis.axisTag} {axis.minValue:g} to {axis.maxValue:g}" for axis in font["fvar"].axes
    )


def place_text(font: Any, place: Place) -> str:
    """Where a variable font is taken, for a message: ``Regular (wght 400)``."""
    location, style = place
    shown = {axis.axisTag: axis.defaultValue for axis in font["fvar"].axes} | dict(location or {})
    at = ", ".join(f"{tag} {value:g}" for tag, value in shown.items())
    return f"{one_line(style) or 'its default'} ({at})"


def _style(font: Any, instance: Any) -> str:
    name = font["name"].getDebugName(instance.subfamilyNameID) if "name" in font else None
    if name:
        return str(name)
    return " ".join(f"{axis}{value:g}" for axis, value in sorted(instance.coordinates.items()))


def _bare(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())
