"""The one exception for a user's mistake, which the command line turns into one sentence."""

import unicodedata


class UserError(Exception):
    """Something the user gave is not usable.

    The message is one sentence that says what was expected, what was found, where, and what to
    do. The command line prints it and ends with exit code 2.

    Args:
        message: The sentence. Line ends and control characters in it, which a name or a file may
            have brought, become spaces, so that it is one line wherever it is shown.
        reason: One word by which a program tells this mistake from others, where one does.
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__("".join(" " if _breaks(c) else c for c in message))
        self.reason = reason


def _breaks(character: str) -> bool:
    """Whether a character ends a line or moves a terminal's cursor."""
    return unicodedata.category(character) in ("Cc", "Zl", "Zp")
