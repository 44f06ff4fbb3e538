"""The table that a query gives: its tables by name, from whoever writes them, and of their columns those that it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.declarations.types import HOLE
from mldebt.flow import rowtexts, tables, traces
from mldebt.flow.arguments import Arguments
from mldebt.flow.joins import join_frames
from mldebt.flow.origin import Origin
from mldebt.flow.paths import TABLE, same_table
from mldebt.flow.query_text import Item, Query, Reference, Select, Star, Statement
from mldebt.flow.values import Const, Data, Frame, FrameState, Place, options_of

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

MIN_NAME = 3
MOST_VIEWS = 16
Scope = list[tuple[str, FrameState]]
"""Tables by the names that a query gives them."""


class Answers:
    """Answers of one call. `joined` says whether a table of the repository is in them."""

    def __init__(self, run: Interpreter, arguments: Arguments, variables: bool) -> None:
        assert arguments.frame is not None
        self._run = run
        self._world = run.world
        self._at = arguments.at
        self._place = arguments.at
        self._frame = arguments.frame
        self._variables = variables
        self._views: list[str] = []
        self.joined = False

    def at_place(self, place: Place) -> Answers:
        """New columns stand where the text of the query does."""
        self._place = place
        return self

    def state(self, statement: Statement) -> FrameState | None:
        """The table that a statement gives; None where it gives none."""
        if statement.query is not None:
            self._world.answered_queries.add(statement.query)
            state = self._query(statement.query, {})
            if statement.rows_only:
                return None
            return self._under(state, statement.columns) if statement.columns else state
        found: FrameState | None = None
        for name in statement.loose:
            state = self._table(name, {})
            found = state if found is None else join_frames(found, state).changed(rows=0)
        if found is None or not statement.target:
            return found
        return FrameState({}, True, found.all_bits() & ~traces.certain(self._run))  # some columns of theirs, under any names

    # -- tables -------------------------------------------------------------------------------------------------------

    def _table(self, name: str, known: dict[str, FrameState]) -> FrameState:
        if name in known:
            return known[name]
        bare = name.rpartition(".")[2]
        if self._variables and (variable := self._variable(bare)) is not None:
            return variable
        if "/" not in name and len(bare.replace(HOLE, "")) < MIN_NAME:
            self._world.unseen_queries.add(self._at)
            return self._open(name)
        stored = self._run.files.read(Const(name if "/" in name else TABLE + name), "sql", self._at, self._frame)
        states = [option.state for option in options_of(stored) if isinstance(option, Frame)] if stored is not None else []
        if stored is not None and not states:
            held = tables.data_of(self._run, stored, self._at)
            states = [FrameState(rowtexts.fields_of(self._run, stored), True, held.bits)]
        states.extend(self._seen_through(name))
        if not states:
            return self._open(name)
        self.joined = True
        found = states[0]
        for state in states[1:]:
            found = join_frames(found, state)
        return found.changed(dict(found.columns), rows=found.rows or self._rows(name))

    def _open(self, name: str) -> FrameState:
        return FrameState({}, True, 0, self._world.source(self._at), rows=self._rows(name))

    def _rows(self, name: str) -> int:
        return self._world.rows.source(self._at, self._at, name if HOLE not in name else "")

    def _variable(self, name: str) -> FrameState | None:
        """The table that a variable of the calling code holds."""
        if not self._run.activations:
            return None
        for variable, value in self._run.activations[-1].named().items():
            if variable.lower() == name:
                for option in options_of(value):
                    if isinstance(option, Frame):
                        self.joined = True
                        return option.state
        return None

    def _seen_through(self, name: str) -> list[FrameState]:
        """What query files of the repository put into a table."""
        found: list[FrameState] = []
        if name in self._views or len(self._views) >= MOST_VIEWS:
            return found
        self._views.append(name)
        for statement in self._world.repository.scripts():
            if statement.query is not None and statement.target and same_table(statement.target, name):
                self._world.read_paths.add(TABLE + statement.target)
                found.append(self.state(statement) or FrameState({}, True))
        self._views.pop()
        return found

    # -- queries ------------------------------------------------------------------------------------------------------

    def _query(self, query: Query, known: dict[str, FrameState]) -> FrameState:
        known = dict(known)
        for name, inner in query.named:
            known[name] = self._query(inner, known)
        states = [self._query(part, known) if isinstance(part, Query) else self._select(part, known) for part in query.parts]
        return states[0] if len(states) == 1 else self._below(states)

    def _below(self, states: list[FrameState]) -> FrameState:
        """UNION: columns by their position, under the names of the first."""
        first = states[0]
        exact = all(not state.open and not state.hidden and len(state.columns) == len(first.columns) for state in states)
        found = first
        for state in states[1:]:
            found = join_frames(found, self._under(state, tuple(first.columns)) if exact else state)
        columns = dict(found.columns)
        for name, bits in traces.mixing(self._run, states, self._at, self._frame).items() if exact else ():
            columns[name] |= bits
        hidden = found.hidden if exact else found.all_bits()
        return found.changed(columns, hidden=hidden, rows=self._rows(""))

    def _select(self, select: Select, known: dict[str, FrameState]) -> FrameState:
        scope = [(source.alias, self._source(source.of, known)) for source in select.sources]
        chosen = self._bits(select.conditions, scope)
        used = chosen | self._bits(select.keys, scope)
        for nested in select.nested:
            used |= self._query(nested, known).all_bits()
        self._world.use_bits(used, self._at, "filters rows")
        state = self._listed(select, scope, known)
        state.rows = self._rows("") if select.other_rows or not scope else scope[0][1].rows
        state.index |= traces.choosing(self._run, Data(chosen), self._at, self._frame) if chosen else 0
        return state

    def _under(self, state: FrameState, names: tuple[str, ...]) -> FrameState:
        """The columns by position under these names; where nobody can count them, under any of them."""
        if state.open or state.hidden or len(state.columns) != len(names):
            any_of_them = state.all_bits() & ~traces.certain(self._run)
            return state.changed(dict.fromkeys(names, any_of_them), open_=False, hidden=0)
        return state.changed(dict(zip(names, state.columns.values(), strict=True)))

    def _source(self, of: str | Query | None, known: dict[str, FrameState]) -> FrameState:
        if isinstance(of, Query):
            return self._query(of, known)
        return self._table(of, known) if of else FrameState({}, True)

    def _listed(self, select: Select, scope: Scope, known: dict[str, FrameState]) -> FrameState:
        columns: dict[str, int] = {}
        made = FrameState(columns, False, 0)
        everything = 0
        for _, state in scope:
            everything |= state.all_bits()
            made.index |= state.index
            made.aggregates |= state.aggregates
        for item in select.items:
            if isinstance(item, Star):
                self._starred(item, scope, made)
            elif item.unknown:
                made.open = True
                made.hidden |= everything & ~traces.certain(self._run)
            else:
                bits = self._item(item, scope, known)
                if item.name:
                    columns[item.name] = columns.get(item.name, 0) | bits
                else:
                    made.hidden |= bits
        kept = made.all_bits()
        tables.narrowed(self._run, everything & ~kept, self._at, self._frame, "selected away")
        return made

    def _starred(self, star: Star, scope: Scope, made: FrameState) -> None:
        for alias, state in scope:
            if star.qualifier in ("", alias):
                for name, bits in state.columns.items():
                    if name.lower() not in star.without:
                        made.columns[name] = made.columns.get(name, 0) | bits
                made.hidden |= state.hidden
                if state.open:
                    made.open = True
                    made.source = state.source
                    made.gone = state.gone | star.without

    def _item(self, item: Item, scope: Scope, known: dict[str, FrameState]) -> int:
        bits = self._bits(item.references, scope)
        for nested in item.nested:
            bits |= self._query(nested, known).all_bits()
        if item.plain:
            return bits
        data = Data(bits, "", self._world.predictions_in(bits), origin=Origin(moved=True))
        made = tables.made_column(self._run, item.name or "*", data, self._place, self._frame)
        if not item.references and not item.nested:
            self._world.use_bits(made, self._at, "is made of no column")  # a constant, a date of today: no feature
        return made

    def _bits(self, references: tuple[Reference, ...], scope: Scope) -> int:
        found = 0
        for reference in references:
            found |= self._bits_of(reference, scope)
        return found

    def _bits_of(self, reference: Reference, scope: Scope) -> int:
        """The columns that a reference may mean: of the table it names, else of those that have the name, else of those that may have it."""
        states = [state for alias, state in scope if reference.qualifier == alias] if reference.qualifier else []
        states = states or [state for _, state in scope]
        found = 0
        for state in states:
            found |= state.all_bits() if not reference.column else _spelled(state, reference.column) | state.hidden
        if found or not reference.column:
            return found
        for state in states:
            if state.open and state.source >= 0:
                found |= self._world.column(reference.column, self._world.sources[state.source][1], 0, False, self._frame)
        return found


def _spelled(state: FrameState, name: str) -> int:
    """The columns of a name; databases do not tell upper from lower case."""
    found = tables.matching(state.columns, name)
    if not found:
        for other, bits in state.columns.items():
            found |= bits if other.lower() == name.lower() else 0
    return found
