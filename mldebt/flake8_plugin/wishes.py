"""What the options of flake8 ask of mldebt."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from mldebt.core import MldebtError

PREFIX = "MLD"
PROFILES = ("default", "strict", "all")
UNSAVED = ("moved", "analysed")


@dataclass(frozen=True, slots=True)
class Wishes:
    """`wanted`: some code of ours is selected; `stdin`: flake8 reads a text instead of files; `folders` are those that it was told to go through."""

    wanted: bool = False
    config: str | None = None
    profile: Literal["default", "strict", "all"] | None = None
    unsaved: Literal["moved", "analysed"] = "moved"
    stdin: bool = False
    folders: tuple[Path, ...] = ()


def wishes_of(options: Namespace) -> Wishes:
    """Values of a configuration file come as they are: flake8 compares those of the command line only."""
    profile, unsaved = options.mldebt_profile, options.mldebt_unsaved
    _require("mldebt-profile", profile, (None, *PROFILES))
    _require("mldebt-unsaved", unsaved, UNSAVED)
    wanted = _names_us(options.select) or _names_us(options.extend_select)
    places = [Path(os.path.abspath(name)) for name in options.filenames or (".",)]  # noqa: PTH100 - links stay links
    return Wishes(
        wanted=wanted,
        config=options.mldebt_config or None,
        profile=profile,
        unsaved=cast("Literal['moved', 'analysed']", unsaved),
        stdin=options.filenames == ["-"],
        folders=tuple(place for place in places if place.is_dir()),
    )


def _require(name: str, value: str | None, allowed: Iterable[str | None]) -> None:
    if value not in allowed:
        raise MldebtError(f"the option {name} of flake8 is '{value}', expected one of {', '.join(one for one in allowed if one)}")


def _names_us(codes: Iterable[str] | None) -> bool:
    """Whether some of the codes are ours, or begin like ours."""
    return any(code.startswith(PREFIX) or PREFIX.startswith(code) for code in codes or ())
