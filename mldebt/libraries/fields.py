"""What the fields of verbs hold: arguments of a call, conditions on them, options of a read."""

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


@dataclass(frozen=True, slots=True)
class ParseOption:
    """An argument that changes what values a read gives. `usual` are the constants that mean what its absence means; `of_columns`: a list of it names
    columns; `same_as` is another name that the option goes by."""

    name: str
    position: int | None = None
    usual: tuple[Constant, ...] = (None,)
    of_columns: bool = False
    same_as: str = ""
