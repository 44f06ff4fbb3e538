"""What is known of library calls: one entry per call, one type per class, one library per file; the verbs are in `verbs`."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.libraries.fields import Argument, Constant, ParseOption, When
from mldebt.libraries.table_verbs import (
    Adds,
    Aggregates,
    Concatenates,
    Drops,
    Filters,
    Groups,
    Joins,
    Renames,
    Reshapes,
    Samples,
    Selects,
    Shuffles,
    Sorts,
    Splits,
)
from mldebt.libraries.verbs import (
    Acts,
    Backpropagates,
    Calibrates,
    Configures,
    ConsumesRandomness,
    Converts,
    Creates,
    DeclaresOption,
    Deprecates,
    Escapes,
    Expresses,
    Fetches,
    Fingerprints,
    Fits,
    Loads,
    Logs,
    Persists,
    Places,
    Predicts,
    Raises,
    Reads,
    ReadsClock,
    Registers,
    Routes,
    Schedules,
    Scores,
    Seeds,
    SetsMode,
    Steps,
    Transforms,
    Validates,
    Verb,
    Writes,
    Zeroes,
)

__all__ = [
    "Acts",
    "Adds",
    "Aggregates",
    "Argument",
    "Backpropagates",
    "Calibrates",
    "CallModel",
    "Concatenates",
    "Configures",
    "Constant",
    "ConsumesRandomness",
    "Converts",
    "Creates",
    "DeclaresOption",
    "Deprecates",
    "Drops",
    "Escapes",
    "Expresses",
    "Fetches",
    "Filters",
    "Fingerprints",
    "Fits",
    "Groups",
    "Hyperparameter",
    "Joins",
    "Library",
    "Loads",
    "Logs",
    "ParseOption",
    "Persists",
    "Places",
    "Predicts",
    "Raises",
    "Reads",
    "ReadsClock",
    "Registers",
    "Renames",
    "Reshapes",
    "Routes",
    "Samples",
    "Schedules",
    "Scores",
    "Seeds",
    "Selects",
    "SetsMode",
    "Shuffles",
    "Sorts",
    "Splits",
    "Steps",
    "Transforms",
    "TypeModel",
    "Validates",
    "Verb",
    "When",
    "Writes",
    "Zeroes",
]


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """A parameter of a library call that affects training: `default` as documented, `range` the useful values, `position` where positional."""

    name: str
    default: Constant = None
    range: tuple[float, float] | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class CallModel:
    """One entry. `call` is a function, a class (its constructor), or `Type.method`; a trailing `.*` covers everything below a name.

    `returns` is a type name, "self" (the receiver), or "" (nothing known). `property`: an attribute, not a call.
    """

    call: str
    library: str
    verbs: tuple[Verb, ...] = ()
    returns: str = ""
    mutates: When | bool = False
    hyperparameters: tuple[Hyperparameter, ...] = ()
    property: bool = False


@dataclass(frozen=True, slots=True)
class TypeModel:
    """A library type. `kind`: frame | column | grouped | array | tensor | model | transformer | search | pipeline | dataset | optimizer | parser | options |
    config | handle | path | module | expression | other. Methods are looked up on the type, then on `extends` in order."""

    name: str
    kind: str
    extends: tuple[str, ...] = ()
    learns: str = ""  # of a transformer: numbers (of the rows it is fitted on) | categories (names and codes only) | nothing; of a model: order (of the values of each feature only: trees)
    mixes: bool = False  # of a transformer: what comes out of one column depends on the others (PCA)


@dataclass(frozen=True, slots=True)
class Library:
    """One file."""

    name: str
    file: str
    types: tuple[TypeModel, ...] = ()
    calls: tuple[CallModel, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()  # other dotted name -> canonical name; both may be packages (prefixes)
