"""The one exception for a user's mistake, which the command line turns into one sentence."""


class UserError(Exception):
    """Something the user gave is not usable.

    The message is one sentence that says what was expected, what was found, where, and what to
    do. The command line prints it and ends with exit code 2.

    Args:
        message: The sentence.
        reason: One word by which a program tells this mistake from others, where one does.
    """

    def __init__(self, message: str, *, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason
