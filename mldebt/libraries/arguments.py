"""How library files speak of a call's arguments: by keyword, by position, under a condition."""

from __future__ import annotations

from dataclasses import dataclass

Constant = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Argument:
    name: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class When:
    """The only condition there is: an argument is one of some constants, is given, or is absent (exactly one of the three)."""

    argument: Argument
    is_: tuple[Constant, ...] = ()
    given: bool = False
    absent: bool = False
