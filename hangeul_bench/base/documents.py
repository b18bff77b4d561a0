r"""Every JSON file is read here: bounded, finite, no deeper than it needs to be, and of a schema.

So are names that become paths: a file that somebody else wrote names fonts and files, and we write
to and read from what it names. A name that passes :func:`is_file_name` stays one entry of one
folder, on every system.

The schemas are JSON Schema (draft 2020-12) and jsonschema checks them. Of the two libraries that
serve, jsonschema was taken for three reasons: the result file's schema is published as such, so
that a program in any language can check what it submits; a schema is data, which lies beside
whoever reads the file and needs no second class for every format; and nothing is converted on the
way, where pydantic reads ``"3"`` as 3 unless it is told not to, field by field.
"""

import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from hangeul_bench.base.errors import UserError

# Of 255, which most file systems take: ".parquet" and ".tmp-" with a process number follow a name.
MAX_NAME_BYTES = 200
NAME_RULE = f"letters, digits and . _ + - or blanks between them, of at most {MAX_NAME_BYTES} bytes"
_NAME = re.compile(r"\w(?:[\w.+ -]*[\w+-])?")
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)")  # no files on Windows


def is_file_name(text: str) -> bool:
    """Whether ``text`` may name a file or folder: no separator, no ``..``, nothing hidden."""
    return (
        _NAME.fullmatch(text) is not None
        and _DEVICES.match(text) is None
        and len(text.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES
        and unicodedata.is_normalized("NFC", text)
    )


def check_file_name(text: str, *, what: str, where: object) -> str:
    """Return ``text`` if it may name a file.

    Args:
        text: The name, as a file of somebody else's says it.
        what: What it names, e.g. ``font_id``.
        where: The file that says so.

    Raises:
        UserError: It may not: it is no single entry of a folder.
    """
    if not is_file_name(text):
        raise UserError(
            f"{where}: expected the {what} to be a name of {NAME_RULE}, but found {text[:80]!r}; "
            "rename it."
        )
    return text


def is_path_below(text: str) -> bool:
    """Whether ``text`` is a relative path with ``/`` that stays below the folder it starts from."""
    parts = text.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not re.search(
        r"[\\\x00-\x1f\x7f]|^[A-Za-z]:", text
    )


MAX_BYTES = 16 << 20  # the largest of ours, a lock file of 10,000 fonts, has 6 MB
MAX_DEPTH = 32  # the deepest of ours has 7 levels; Python's own stack ends near 1,000
_SHOWN = 60  # characters of a wrong value that a message quotes

_FORMATS: dict[str, tuple[Callable[[str], bool], str]] = {
    "file-name": (is_file_name, f"a name of {NAME_RULE}"),
    "path-below": (is_path_below, "a relative path with / and without .."),
    "line": (str.isprintable, "one line without control characters"),
}

# What a keyword of a schema asks for, in words, given its value.
_RULES: dict[str, Callable[[Any], str]] = {
    "type": lambda names: names if isinstance(names, str) else " or ".join(names),
    "enum": lambda items: "one of " + ", ".join(map(str, items)),
    "minimum": lambda limit: f"at least {limit}",
    "maximum": lambda limit: f"at most {limit}",
    "minLength": lambda limit: f"at least {limit} characters long",
    "maxLength": lambda limit: f"at most {limit} characters long",
    "uniqueItems": lambda _: "a list without doubles",
    "format": lambda name: _FORMATS[name][1],
}


class Schema:
    """A JSON Schema, compiled when it is first needed.

    ``format`` may be ``file-name`` (:func:`is_file_name`), ``path-below`` (:func:`is_path_below`)
    or ``line``; ``integer`` takes no ``3.0``, which Python would index nothing with.
    """

    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.definition = dict(definition)

    def problem(self, value: Any) -> str | None:
        """The first way in which ``value`` breaks the schema, as a clause; None if it fits."""
        error = next(self._validator.iter_errors(value), None)
        return None if error is None else _clause(error)

    @cached_property
    def _validator(self) -> Any:
        import jsonschema  # 80 ms, which `--help` should not wait for

        base: Any = jsonschema.Draft202012Validator
        validators: Any = jsonschema.validators
        types = base.TYPE_CHECKER.redefine("integer", _is_integer)
        formats: Any = jsonschema.FormatChecker(formats=())
        checks: Any = formats.checks
        for name, (holds, _) in _FORMATS.items():
            checks(name)(_on_text(holds))
        return validators.extend(base, type_checker=types)(self.definition, format_checker=formats)


def read_json(
    path: Path,
    schema: Schema | None = None,
    *,
    expected: str = "a JSON file",
    remedy: str = "write it again",
) -> Any:
    """Read a JSON file and check it.

    Args:
        path: The file.
        schema: What it must fit; None takes any JSON.
        expected: What the file should be, for the message: ``a result file``.
        remedy: What to do if it is not, for the message.

    Raises:
        UserError: It is absent, no regular file, larger than 16 MB, no JSON, or not of the schema.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "something else" if path.exists() else "none"
        raise UserError(f"Expected {expected} at {path}, but there is {found}; {remedy}.")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(
            f"Expected {expected} at {path}, but it is larger than {MAX_BYTES >> 20} MB; {remedy}."
        )
    return parse_json(data, schema, expected=f"{expected} at {path}", remedy=remedy)


def parse_json(
    data: bytes | str,
    schema: Schema | None = None,
    *,
    expected: str,
    remedy: str = "write it again",
) -> Any:
    """Parse JSON that has been read already, and check it; see :func:`read_json`.

    Raises:
        UserError: It is no JSON, or not of the schema.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise UserError(f"Expected {expected}, but it is nested too deeply; {remedy}.") from None
    except ValueError as error:
        raise UserError(
            f"Expected {expected}, but it is no JSON ({_short(error)}); {remedy}."
        ) from None
    problem = _odd_value(value) or (schema.problem(value) if schema else None)
    if problem:
        raise UserError(f"Expected {expected}, but {problem}; {remedy}.")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _odd_value(value: Any) -> str | None:
    """What no reader of ours could work with: depth, numbers beyond float64, half characters."""
    level = [value]
    for _ in range(MAX_DEPTH):
        if odd := next(filter(None, map(_odd_leaf, level)), None):
            return odd
        level = [child for node in level for child in _children(node)]
        if not level:
            return None
    return f"it is nested more than {MAX_DEPTH} deep"


def _children(node: Any) -> Iterable[Any]:
    if isinstance(node, dict):
        return (*node, *node.values())
    return node if isinstance(node, list) else ()


def _odd_leaf(node: Any) -> str | None:
    if isinstance(node, str) and not node.isascii():
        try:
            node.encode()
        except UnicodeEncodeError:
            return f"it holds half a character: {ascii(node)[:_SHOWN]}"
    if isinstance(node, (int, float)):
        try:
            finite = math.isfinite(node)
        except OverflowError:
            finite = False
        if not finite:
            return "it holds a number beyond 1.8e308"
    return None


def _is_integer(checker: Any, value: Any) -> bool:
    del checker
    return isinstance(value, int) and not isinstance(value, bool)  # in Python a bool is an int


def _on_text(holds: Callable[[str], bool]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or holds(value)


def _clause(error: Any) -> str:
    where = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path
    ).lstrip(".")
    rule, limit = error.validator, error.validator_value
    if rule == "required":
        absent = next(key for key in limit if key not in error.instance)
        return f"field {f'{where}.{absent}'.lstrip('.')} is missing"
    if rule == "additionalProperties" and limit is False:
        known = error.schema.get("properties", {})
        unknown = next(key for key in error.instance if key not in known)
        return f"{where or 'it'} has a key {_short(unknown)}, none of {', '.join(sorted(known))}"
    rules = _RULES.get(rule, lambda _: f"of the schema ({_short(error.message)})")
    return (
        f"field {where or 'at the top'} should be {rules(limit)}, but is {_short(error.instance)}"
    )


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, Exception) else _visible(repr(value))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _visible(text: str) -> str:
    # What a terminal cannot show, or would obey, as its escape.
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
