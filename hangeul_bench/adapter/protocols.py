"""Under which rules a model was trained; results under different ones never share a rank."""

from dataclasses import dataclass

from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import CELLS, UNSEEN_FONT_CELLS, UNSEEN_FONTS
from hangeul_bench.fonts.table import CATEGORIES


@dataclass(frozen=True)
class Protocol:
    """What a model may have seen, and what it is asked and ranked by.

    Attributes:
        name: Its name.
        cells: The cells that are asked for; only these have scores.
        ranked: The cells that rank.
        all_characters: Whether a model may have trained on the unseen characters.
        one_category: Whether a model is for one category of fonts, and ranks in that alone.
    """

    name: str
    cells: tuple[str, ...]
    ranked: tuple[str, ...]
    all_characters: bool
    one_category: bool


# Ours: the unseen characters are in no training, and one model draws all fonts.
OPEN = Protocol("open", CELLS, CELLS, all_characters=False, one_category=False)
# Of the DK-Font paper, section IV: all 2,350 characters of the training fonts, a model a category,
# and the unseen fonts as the test.
PAPER = Protocol(
    "paper",
    (*UNSEEN_FONT_CELLS, UNSEEN_FONTS),
    (UNSEEN_FONTS,),
    all_characters=True,
    one_category=True,
)
PROTOCOLS = {protocol.name: protocol for protocol in (OPEN, PAPER)}


def protocol_named(name: str, category: str | None = None) -> Protocol:
    """The protocol of a name, for a model of one category or of all.

    Raises:
        UserError: There is none, or the category is none or does not go with it.
    """
    if name not in PROTOCOLS:
        raise UserError(f"Expected --protocol {' or '.join(PROTOCOLS)}, but found {name!r}.")
    protocol = PROTOCOLS[name]
    names = " or ".join(CATEGORIES)
    if protocol.one_category and category not in CATEGORIES:
        raise UserError(
            f"The protocol {name} has one model a category; say which with --category {names}."
        )
    if not protocol.one_category and category is not None:
        raise UserError(
            f"The protocol {name} has one model for all fonts; leave --category out, or give "
            f"--protocol {PAPER.name}."
        )
    return protocol
