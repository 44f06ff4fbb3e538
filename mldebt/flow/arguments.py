"""The arguments of one call."""

from __future__ import annotations

from mldebt.flow.events import CallFrame
from mldebt.flow.values import Place, Value
from mldebt.libraries.types import Argument


class Arguments:
    """Positional and keyword values with their places; `rest` and `others` are what unknown `*x` and `**x` bring."""

    __slots__ = ("at", "frame", "keyword_places", "keywords", "others", "places", "positional", "rest", "unknown")

    def __init__(self, at: Place, frame: CallFrame | None) -> None:
        self.at = at
        self.frame = frame
        self.positional: list[Value] = []
        self.places: list[Place] = []
        self.keywords: dict[str, Value] = {}
        self.keyword_places: dict[str, Place] = {}
        self.rest: Value | None = None
        self.others: Value | None = None
        self.unknown = False

    def add(self, value: Value, place: Place | None = None) -> None:
        self.positional.append(value)
        self.places.append(place or self.at)

    def name(self, name: str, value: Value, place: Place | None = None) -> None:
        self.keywords[name] = value
        self.keyword_places[name] = place or self.at

    def get(self, argument: Argument | None) -> Value | None:
        """The value an argument model means; "*" and "**" are not single values."""
        if argument is None:
            return None
        if argument.name in self.keywords:
            return self.keywords[argument.name]
        if argument.position is not None and argument.position < len(self.positional):
            return self.positional[argument.position]
        return None

    def place_of(self, argument: Argument | None) -> Place:
        if argument is None:
            return self.at
        if argument.name in self.keyword_places:
            return self.keyword_places[argument.name]
        if argument.position is not None and argument.position < len(self.places):
            return self.places[argument.position]
        return self.at

    def every(self) -> list[Value]:
        values = [*self.positional, *self.keywords.values()]
        values.extend(extra for extra in (self.rest, self.others) if extra is not None)
        return values

    def many(self, argument: Argument | None) -> list[tuple[Value, Place]]:
        """All values an argument model covers, in order."""
        if argument is None:
            return []
        if argument.name == "*":
            rest = [(self.rest, self.at)] if self.rest is not None else []
            return [*zip(self.positional, self.places, strict=True), *rest]
        if argument.name == "**":
            return [(value, self.keyword_places[name]) for name, value in self.keywords.items()]
        value = self.get(argument)
        return [] if value is None else [(value, self.place_of(argument))]
