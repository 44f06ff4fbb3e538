"""Library files to one table."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt.libraries.types import CallModel, Library


class Knowledge:
    """What library calls do; later libraries replace earlier ones call by call."""

    def __init__(self, libraries: Iterable[Library]) -> None: ...

    def canonical(self, dotted: str) -> str:
        """The name the tables use for a dotted name (aliases resolved)."""
        raise NotImplementedError

    def call(self, dotted: str) -> CallModel | None:
        """The entry of a function or class by its canonical name; exact, else the longest `prefix.*`."""
        raise NotImplementedError

    def method(self, type_name: str, name: str) -> CallModel | None:
        """The entry of a method or property of a type, through `extends`."""
        raise NotImplementedError

    def kind(self, type_name: str) -> str:
        """The kind of a type, "" where it is unknown."""
        raise NotImplementedError
