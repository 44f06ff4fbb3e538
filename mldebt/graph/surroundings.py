"""What the graph is told besides the flow: files that cannot be read, owners, stages, documentation, ages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mldebt.core import Location
from mldebt.declarations.types import Command, Image, MissingProgram, Stage
from mldebt.graph.vocabulary import UnreadableFile
from mldebt.settings import Annotation
from mldebt.workspace.owners import Owners

TEACHING = re.compile(
    r"\A\W*(\w+ ){0,2}examples?\s*$|\b(tutorials?|course|zoomcamp|bootcamp|workshop|homework|textbook|lecture|curriculum)\b",
    re.IGNORECASE | re.MULTILINE,
)


def _unknown(_: Location) -> None:
    return None


def _no_history() -> None:
    return None


def _unseen(_: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`ages` gives the days between a place's last change and HEAD, `history` those between the first commit and HEAD; None where git cannot tell.

    `tracked` are the paths that git holds (those on disk where there is no git), `versioned` those that *.dvc files hold, `texts` the shell,
    make, docker, workflow and documentation files by path, `images` what their containers are built from.
    `documentation` is the joined text of the Markdown and reStructuredText files, `shell_keys` are dotted config keys that shell lines read.
    """

    unreadable: tuple[UnreadableFile, ...] = ()
    owners: Owners | None = None
    stages: tuple[Stage, ...] = ()
    commands: tuple[Command, ...] = ()
    files: frozenset[str] = frozenset()
    settings_sources: Mapping[str, Annotation] = field(default_factory=dict)
    settings_features: Mapping[str, Annotation] = field(default_factory=dict)
    annotations: tuple[Annotation, ...] = ()  # what tools beside the settings say about data
    documentation: str = ""
    readme: str = ""  # the beginning of the one at the root
    ages: Callable[[Location], int | None] = _unknown
    history: Callable[[], int | None] = _no_history
    shell_keys: frozenset[str] = frozenset()
    tracked: frozenset[str] = frozenset()
    versioned: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    images: tuple[Image, ...] = ()
    missing_programs: tuple[MissingProgram, ...] = ()
    spells: Callable[[str], bool] = _unseen  # whether a text, config or template of the repository holds a word

    @property
    def teaches(self) -> bool:
        """Whether the repository is teaching material or a collection of examples, as its readme says."""
        return TEACHING.search(self.readme) is not None
