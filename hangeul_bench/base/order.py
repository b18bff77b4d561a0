"""An order that looks like chance and is the same on every machine."""

import hashlib
from collections.abc import Iterable


def hash_order(names: Iterable[str], salt: str = "") -> list[str]:
    """``names`` by SHA-256 of ``salt`` and name; it does not depend on the order they come in."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{salt}{name}".encode()).digest())
