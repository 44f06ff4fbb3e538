"""Settings that are written out: whole they are no use of any, put together from chosen values they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.flow.arguments import Arguments
from mldebt.flow.escape import members
from mldebt.flow.values import NONE, Leaf, Mapping, Sequence, Value, options_of

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter


def dumped(run: Interpreter, arguments: Arguments, name: str) -> Value:
    for value in arguments.every():
        for option in options_of(value):
            if not isinstance(option, Mapping | Sequence) or is_whole(run, option):
                continue
            for member in members(option):
                if not (isinstance(member, Leaf) and member.listed):  # one by one, as all were gone through
                    run.use(member, arguments.at, f"is written by {name}")
    return NONE


def is_whole(run: Interpreter, value: Mapping | Sequence) -> bool:
    """Whether a mapping is `vars(args)` or its like: all settings of one owner, each under its own name, and nothing else."""
    if not isinstance(value, Mapping):
        return False
    leaves = run.world.leaves
    members = value.state[0]
    if not all(isinstance(member, Leaf) and leaves[member.key].name.endswith(str(key)) for key, member in members.items()):
        return False
    held = {member.key for member in members.values() if isinstance(member, Leaf)}
    owners = {(leaves[key].kind, leaves[key].owner) for key in held}
    return all(key in held for key, leaf in enumerate(leaves) if leaf.kind == "option" and (leaf.kind, leaf.owner) in owners)
