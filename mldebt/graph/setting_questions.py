"""What checks ask of settings: keys of config files, the environment, places of one machine. Part of `DebtGraph`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mldebt.graph.anchors import MachineAnchor
    from mldebt.graph.dangling import DanglingReference
    from mldebt.graph.environment import ScatteredReads, UndeclaredVariable
    from mldebt.graph.missing_keys import UndefinedKey
    from mldebt.graph.near_misses import NearMiss
    from mldebt.graph.repeated_keys import RepeatedKey
    from mldebt.graph.rooms import Rooms
    from mldebt.graph.setting_keys import UnusedKey
    from mldebt.graph.setting_reads import SettingRead


class SettingQuestions:
    """Answers about settings."""

    _rooms: Rooms

    def setting_reads(self) -> tuple[SettingRead, ...]:
        """Where code reads which key of which config file, as far as it was followed."""
        return self._rooms.setting_reads.all()

    def unused_keys(self) -> Iterator[UnusedKey]:
        """Keys of loaded config files that certainly nothing reads, the highest of each section; those that are slips for others left out."""
        written = self._rooms.near_misses.written
        yield from (key for key in self._rooms.setting_keys.unused() if key.at not in written)

    def undefined_keys(self) -> Iterator[UndefinedKey]:
        """Keys that code certainly requires of its settings, and that some variant of them does not define."""
        yield from self._rooms.missing_keys.undefined()

    def dangling_references(self) -> Iterator[DanglingReference]:
        """What configuration files refer to and what certainly does not exist."""
        yield from self._rooms.dangling.all()

    def repeated_keys(self) -> Iterator[RepeatedKey]:
        """Keys that one section of a loaded config file sets twice."""
        yield from self._rooms.repeated_keys.all()

    def near_misses(self) -> Iterator[NearMiss]:
        """Keys asked for with a default, where the configuration surely writes another name for them."""
        yield from self._rooms.near_misses.all()

    def undeclared_variables(self) -> Iterator[UndeclaredVariable]:
        """Variables of the environment that training or serving needs and that nothing here declares."""
        yield from self._rooms.environment.undeclared()

    def scattered_environment(self) -> Iterator[ScatteredReads]:
        """Projects whose modules read the environment each for itself."""
        yield from self._rooms.environment.scattered()

    def machine_anchors(self, machine_folders: Sequence[str] = (), fixed_folders: Sequence[str] = ()) -> Iterator[MachineAnchor]:
        """Literals that certainly name a folder or a device of one machine, and reach a call that uses it; told of more such folders, and of those that are the same everywhere."""
        yield from self._rooms.anchors.all(machine_folders, fixed_folders)
