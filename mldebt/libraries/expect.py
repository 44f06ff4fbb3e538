"""The pieces a library file is made of, each read with a complaint that says what was found and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from mldebt.libraries.types import Argument, Constant, Hyperparameter, ParseOption, When


class WrongError(Exception):
    """What is wrong, without the place."""


def as_argument(value: object) -> Argument:
    if isinstance(value, str) and value:
        return Argument(value)
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(as_arguments(value)))
    raise WrongError(f"is {described(value)}, expected an argument: its name, or {{name: position}}")


def as_arguments(value: object) -> tuple[Argument, ...]:
    if isinstance(value, list):
        return tuple(map(as_argument, value))
    if not isinstance(value, dict):
        return (as_argument(value),)
    for name, position in value.items():
        if not isinstance(name, str) or isinstance(position, bool) or not isinstance(position, int | None) or (position or 0) < 0:
            raise WrongError(f"has position {described(position)} for {shown(name)}, expected a whole number from 0 on, or null")
    return tuple(Argument(name, position) for name, position in value.items())


def as_condition(value: object) -> When:
    entry = as_mapping(value, "a condition")
    check_keys(entry, ("argument", "is", "given", "absent"))
    if "argument" not in entry or len(entry) != 2:
        raise WrongError("needs 'argument' and one of 'is', 'given', 'absent'")
    argument = as_argument(entry["argument"])
    if "is" in entry:
        constants = entry["is"] if isinstance(entry["is"], list) else [entry["is"]]
        return When(argument, is_=tuple(map(as_constant, constants)))
    if (entry.get("given") or entry.get("absent")) is not True:
        raise WrongError("'given' and 'absent' can only be true")
    return When(argument, given="given" in entry, absent="absent" in entry)


def as_mutation(value: object) -> When | bool:
    if isinstance(value, bool):
        return value
    entry = as_mapping(value, "'mutates' true, false or {when: ...}")
    check_keys(entry, ("when",))
    try:
        return as_condition(entry.get("when"))
    except WrongError as wrong:
        raise WrongError(f"mutates: 'when' {wrong}") from wrong


def as_hyperparameters(data: object) -> Iterator[Hyperparameter]:
    for name, value in as_mapping(data or {}, "'hyperparameters'").items():
        try:
            if not isinstance(value, dict):
                yield Hyperparameter(name, as_constant(value))
                continue
            check_keys(value, ("default", "range", "position"))
            position = value.get("position")
            if isinstance(position, bool) or not isinstance(position, int | None):
                raise WrongError(f"'position' is {described(position)}, expected a whole number")
            yield Hyperparameter(name, as_constant(value.get("default")), _range(value.get("range")), position)
        except WrongError as wrong:
            raise WrongError(f"hyperparameter {name!r}: {wrong}") from wrong


def as_parse_options(data: object) -> tuple[ParseOption, ...]:
    return tuple(_parse_option(name, value) for name, value in as_mapping(data, "options").items())


def _parse_option(name: str, value: object) -> ParseOption:
    entry = as_mapping({} if value is None else value, "{position, usual, of_columns, same_as}")
    check_keys(entry, ("position", "usual", "of_columns", "same_as"))
    position = entry.get("position")
    if isinstance(position, bool) or not isinstance(position, int | None):
        raise WrongError(f"has position {described(position)} for {shown(name)}, expected a whole number")
    usual = entry.get("usual", [None])
    constants = tuple(as_constant(item) for item in (usual if isinstance(usual, list) else [usual]))
    of_columns = as_flag(entry.get("of_columns", False), "'of_columns' is")
    return ParseOption(name, position, constants, of_columns, as_optional_text(entry.get("same_as"), "'same_as' is"))


def _range(value: object) -> tuple[float, float] | None:
    match value:
        case None:
            return None
        case [int() | float() as low, int() | float() as high] if low <= high:
            return float(low), float(high)
        case _:
            raise WrongError(f"'range' is {described(value)}, expected [lowest, highest]")


def as_constant(value: object) -> Constant:
    if isinstance(value, str | int | float | bool | None):
        return value
    raise WrongError(f"is {described(value)}, expected a constant")


def as_mapping(value: object, expected: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongError(f"found {described(value)} where a mapping ({expected}) is expected")
    for key in value:
        if not isinstance(key, str):
            raise WrongError(f"key {shown(key)} is not text")
    return value


def check_keys(data: Iterable[str], known: tuple[str, ...], kind: str = "key") -> None:
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
            raise WrongError(f"unknown {kind} {shown(key)}{hint}")


def as_word(value: object, words: tuple[str, ...], name: str) -> str:
    text = as_text(value, name)
    if text not in words:
        near = difflib.get_close_matches(text, words, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(filter(None, words))}"
        raise WrongError(f"{name} {shown(text)}, {hint}")
    return text


def as_text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise WrongError(f"{name} {described(value)}, expected text")
    return value


def as_optional_text(value: object, name: str) -> str:
    return "" if value is None else as_text(value, name)


def as_texts(value: object, name: str) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(as_text(item, name) for item in (value if isinstance(value, list) else [value]))


def as_flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise WrongError(f"{name} {described(value)}, expected true or false")
    return value


def described(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return shown(value)


def shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."
