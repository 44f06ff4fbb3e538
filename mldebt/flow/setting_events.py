"""What happens to settings: config files are loaded, keys are asked for, the environment is read."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.flow.events import Event


@dataclass(frozen=True, slots=True)
class Configured(Event):
    """A config file of the repository is loaded."""

    path: str


@dataclass(frozen=True, slots=True)
class EnvironmentRead(Event):
    """A variable of the environment is looked at; without it a `required` read fails."""

    name: str
    required: bool


@dataclass(frozen=True, slots=True)
class KeyRead(Event):
    """A setting of a config file is looked at; `whole` says that everything below the name is, `why` what for."""

    path: str
    name: str
    whole: bool
    why: str


@dataclass(frozen=True, slots=True)
class KeyAsked(Event):
    """A section of settings is asked for a key by its name, and has it or not.

    `how`: attribute | item | optional (with a default) | tested (whether it is there); `fallback` is the default where it is one plain value. `guarded`
    says that a handler of errors waits around it.
    """

    source: int
    key: tuple[str | int, ...]
    found: bool
    how: str
    fallback: object
    guarded: bool
