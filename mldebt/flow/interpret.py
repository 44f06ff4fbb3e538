"""The interpreter: by demand from roots, per caller, on registers and an undo trail (flow's contract in docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

from mldebt.configs.types import MappingNode
from mldebt.facts.types import Block, Code, Instruction, Op
from mldebt.flow import branches, definitions, loops, operations
from mldebt.flow.activation import Activation
from mldebt.flow.arguments import Arguments
from mldebt.flow.binding import bind
from mldebt.flow.calls import call
from mldebt.flow.escape import escape, look, members, use
from mldebt.flow.events import CallFrame, Decided, Root
from mldebt.flow.files import Files
from mldebt.flow.global_flags import Flags
from mldebt.flow.joins import choice_of, join, spilled
from mldebt.flow.memory import Memory
from mldebt.flow.names import Names
from mldebt.flow.options import Options
from mldebt.flow.program import ModuleInfo
from mldebt.flow.settings import Settings
from mldebt.flow.shapes import Shape
from mldebt.flow.values import (
    NONE,
    TOP,
    Bound,
    Choice,
    Class,
    Const,
    Data,
    Frame,
    Function,
    Instance,
    Leaf,
    Library,
    Mapping,
    Module,
    Namespace,
    Place,
    Sequence,
    Value,
    View,
    literal,
    options_of,
    unwrap,
)
from mldebt.flow.verbs import Verbs
from mldebt.flow.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

NORMAL, RETURNED, RAISED, BROKE, CONTINUED = range(5)
INSTRUCTION_BUDGET = 300
MINIMUM_CONTEXTS = 4
SMALL, SMALL_BUDGET = 60, 800  # wrappers and path makers decide much and cost little
WHOLE_BUDGET = 3_000
DEPTH_LIMIT = 24
TOTAL_BUDGET = 60_000_000

Handler = "Callable[[Interpreter, Activation, Instruction], int | None]"


class Interpreter:
    def __init__(self, world: World) -> None:
        self.world = world
        self.names = Names(self)
        self.settings: Settings = Settings(self)
        self.options: Options = Options(self)
        self.flags = Flags(world.heap.next_serial())
        self.files = Files(self)
        self.verbs = Verbs(self)
        self.escaped: set[int] = set()
        self.escaped_at = -1
        self.given: set[int] = set()
        self.given_at = -1
        self.iterating: set[int] = set()  # classes whose instances are being iterated over
        self.unrolled = 0
        self.looping = 0
        self.parameter_leaves: dict[tuple[int, str, str], int] = {}
        self.totals: dict[int, int] = {}
        self.root_number = -1
        self.starts = 0  # how often a root began
        self.replaced = -1
        self.command_parameters: dict[int, dict[str, Value]] = {}
        self.registered: dict[int, tuple[Function, str, object]] = {}
        self.fields: dict[int, dict[str, tuple[str, int]]] = {}
        self.activations: list[Activation] = []
        self.stack: list[int] = []
        self.memory = Memory(world)
        self.contexts: dict[int, int] = {}
        self.steps = 0
        self.handlers: list[Callable[[Interpreter, Activation, Instruction], int | None]] = [operations.unsupported] * len(Op)
        for table in (operations.HANDLERS, branches.HANDLERS, loops.HANDLERS, definitions.HANDLERS):
            for op, handler in table.items():
                self.handlers[op] = handler

    # -- blocks -------------------------------------------------------------------------------------------------------

    def run_block(self, act: Activation, block: Block) -> int:
        handlers = self.handlers
        for instruction in block:
            status = handlers[instruction[0]](self, act, instruction)
            if status:
                return status
        self.steps += len(block)
        return NORMAL

    def value(self, act: Activation, operand: int) -> Value:
        if operand < 0:
            return act.constants[-operand - 1]
        found = act.registers[operand]
        return found if found is not None else TOP

    def literal(self, act: Activation, operand: int, at: int) -> Value:
        """As `value`; a constant keeps the place where it is written."""
        if operand < 0:
            return literal(act.constants[-operand - 1].value, (act.module.number, at))
        found = act.registers[operand]
        return found if found is not None else TOP

    def written(self, act: Activation, operand: int, at: int) -> Value:
        """As `value`; a text keeps the place where it is written."""
        if operand >= 0 or type(act.constants[-operand - 1].value) is not str:
            return self.value(act, operand)
        return Const(act.constants[-operand - 1].value, None, (act.module.number, at))

    def place(self, act: Activation, at: int) -> Place:
        return (act.module.number, at)

    # -- values -------------------------------------------------------------------------------------------------------

    def choice(self, values: Iterable[Value]) -> Value:
        flat: list[Value] = []
        for value in values:
            if type(value) is Choice:
                flat.extend(value.options)
            elif value not in flat:
                flat.append(value)
        if len(flat) == 1:
            return flat[0]
        return choice_of(tuple(flat)) if flat else TOP

    def look(self, act: Activation, value: Value, at: int, why: str = "is looked at") -> Value:
        return look(self, value, (act.module.number, at), why)

    def use(self, value: Value | None, at: Place, why: str) -> None:
        use(self, value, at, why)

    def escape(self, value: Value | None, at: Place, why: str) -> None:
        escape(self, value, at, why)

    def let_go(self, at: Place) -> None:
        """What a choice became too wide for is lost from sight."""
        while spilled:
            self.escape(spilled.pop(), at, "is one of too many values")

    def blank_instance(self, cls: Class) -> Instance:
        """The one instance on which methods run that only a framework calls; its `__init__` has run with unknown arguments."""
        known = self.world.instances.get(cls.serial)
        if known is None:
            known = self.world.instances[cls.serial] = Instance(self.world.heap.next_serial(), cls)
            init = self.names.class_attribute(cls, "__init__")
            if isinstance(init, Function):
                self.run_unknown(init, known)
        return known

    def methods_of(self, cls: Class) -> list[Function]:
        return [member for member in cls.attributes.values() if isinstance(member, Function)]

    # -- functions ----------------------------------------------------------------------------------------------------

    def call_function(self, function: Function, arguments: Arguments, receiver: Value | None = None) -> Value:
        """The result of a repository function on these arguments: remembered, interpreted, or given up within the budget."""
        if arguments.frame is None:
            raise AssertionError("a call has a frame")
        self.let_go(arguments.at)
        parameters = bind(self, function, arguments, receiver)
        self.world.root.functions.add((function.module, function.code.qualname))
        shape = Shape(parameters, self.memory.outlines)
        key = (function.serial, shape.key, self.world.root.command, self._own_globals(function))
        known = self.memory.recall(key, self.starts, self.root_number)
        if known is not None:
            return self.memory.replay(known, shape)
        if not self._may_run(function):
            for value in parameters:
                self.escape(value, arguments.at, f"{function.code.name}() is not followed here")
            return TOP
        return self._run(function, parameters, arguments, key, shape)

    def _may_run(self, function: Function) -> bool:
        code = function.code
        ran = self.contexts.get(id(code), 0)
        if len(self.stack) >= DEPTH_LIMIT or self.stack.count(id(code)) >= 2 or self.steps > TOTAL_BUDGET:
            return False
        spent = self.totals.get(id(code), 0)
        if ran and spent > WHOLE_BUDGET and ran * code.size > INSTRUCTION_BUDGET:
            return False
        if spent > WHOLE_BUDGET and self.world.root.kind in ("uncalled", "hook", "test"):
            return False
        return ran < MINIMUM_CONTEXTS or ran * max(code.size, 1) < (INSTRUCTION_BUDGET if code.size > SMALL else SMALL_BUDGET)

    def _run(self, function: Function, parameters: list[Value], arguments: Arguments, key: Hashable, shape: Shape) -> Value:
        world = self.world
        code = function.code
        self.contexts[id(code)] = self.contexts.get(id(code), 0) + 1
        self.totals[id(code)] = self.totals.get(id(code), 0) + code.size
        frame = CallFrame(arguments.frame, arguments.at, function.module, function.code.qualname)
        recording = self.memory.begin(shape, (function.module, code.qualname))
        act = self.activation(code, world.program.modules[function.module], function.outer, frame)
        act.registers[: len(parameters)] = parameters
        result = self.finish(act)
        self.memory.end(recording, None if self.names.running - {world.root.module} else key, result, self.starts)
        return result

    def _own_globals(self, function: Function) -> tuple[int, int]:
        """A main guard sets names of its module: what its functions do then holds for this root, and for as long as nothing changed."""
        root = self.world.root
        return (self.root_number, self.world.heap.version) if root.kind == "main" and function.module == root.module else (-1, 0)

    def activation(self, code: Code, module: ModuleInfo, outer: Activation | None, frame: CallFrame) -> Activation:
        act = Activation(code, module, outer, frame)
        registers = act.registers
        for slot, name, depth, register in code.free:
            registers[slot] = self.names.free(act, name, depth, register)
        self.world.interpreted.add((module.number, code.qualname))
        return act

    def finish(self, act: Activation) -> Value:
        """Runs the body; the result joins all returns, the heap all ways out."""
        self.stack.append(id(act.code))
        self.activations.append(act)
        try:
            status = self.run_block(act, act.code.body)
        finally:
            self.stack.pop()
            self.activations.pop()
        if act.exits:
            self.world.heap.apply([*act.exits, {}] if status != RAISED else act.exits)
        result = act.returned
        if act.code.flags & 1:
            return Sequence(self.world.heap.next_serial(), "generator", None, act.yielded if act.yielded is not None else TOP)
        if status == NORMAL and act.code.kind == "function":
            result = join(result, NONE)
        return result if result is not None else (NONE if status != RAISED else TOP)

    def run_unknown(self, function: Function, receiver: Value | None = None) -> Value:
        """Runs a function as a root would: every argument may be anything its default and annotation allow."""
        at = (function.module, function.code.at)
        frame = CallFrame(None, at, function.module, function.code.qualname)
        arguments = Arguments(at, frame)
        arguments.unknown = True
        return self.call_function(function, arguments, receiver)

    # -- services to the rooms ----------------------------------------------------------------------------------------

    @property
    def current(self) -> Activation | None:
        return self.activations[-1] if self.activations else None

    @property
    def here(self) -> Place:
        """Somewhere in the running code, where an instruction did not hand its place on."""
        act = self.current
        return (act.module.number, act.code.at) if act is not None else (self.world.root.module, 0)

    def look_at(self, value: Value, at: Place, why: str) -> Value:
        return look(self, value, at, why)

    def leaf_inside(self, leaf: Value, at: Place) -> Value:
        """What is inside a leaf when an operation goes into it: the leaf is used."""
        return look(self, leaf, at, "is gone into")

    def call_with(self, callee: Value, values: tuple[Value, ...], at: Place, frame: CallFrame | None) -> Value:
        arguments = Arguments(at, frame or CallFrame(None, at, at[0], ""))
        for value in values:
            arguments.add(value)
        return call(self, callee, arguments)

    def call_value(self, callee: Value, arguments: Arguments) -> Value:
        return call(self, callee, arguments)

    def known_elements(self, value: Value | None, at: Place) -> tuple[Value, ...] | None:
        """The elements of a container that is wholly known, in order."""
        inner = unwrap(value) if value is not None else TOP
        if isinstance(inner, Sequence):
            items, element, open_ = inner.state
            return items if not open_ and element is None else None
        if isinstance(inner, Mapping):
            known, element, open_ = inner.state
            self.settings.sources.name_members(known.values())
            return tuple(map(Const, known)) if not open_ and element is None else None
        if isinstance(inner, View):
            known = self.settings.entries(inner, at)[0]
            self.settings.sources.name_all(inner, known)
            return tuple(map(Const, known)) if isinstance(inner.node, MappingNode) else tuple(known.values())
        return None

    def shown(self, value: Value, at: Place, beside: Iterable[Value] = ()) -> None:
        """Printed, logged or plotted: data is used; settings handed over whole are only logged, as are those that stand with their names `beside` others."""
        for option in options_of(value):
            if isinstance(option, Leaf) and option.listed:
                self.settings.sources.show(option, beside)
                continue
            if isinstance(option, Namespace | View):
                continue
            if not isinstance(option, Mapping):
                use(self, option, at, "is shown")
                continue
            for member in members(option):
                if not isinstance(member, Leaf | Const | View):
                    use(self, member, at, "is shown")

    def escape_unless_view(self, value: Value, at: Place, why: str) -> None:
        if not isinstance(value, View | Instance | Function | Class):
            escape(self, value, at, why)

    def escape_locals(self, arguments: Arguments) -> None:
        act = self.current
        for value in act.named().values() if act is not None and act.code.kind != "module" else ():
            if not isinstance(value, Function | Class | Library | Module):
                escape(self, value, arguments.at, "is visible to locals()")

    def owner_of(self, act: Activation) -> Class | None:
        """The class a running method stands in."""
        receiver = act.registers[0]
        cls = receiver.cls if isinstance(receiver, Instance) else receiver if isinstance(receiver, Class) else None
        if cls is None:
            return None
        for ancestor in self.names.lineage(cls):
            if any(isinstance(m, Function) and m.code is act.code for m in ancestor.attributes.values()):
                return ancestor
        return cls

    def note_field(self, act: Activation, name: str, annotation: str, at: int) -> None:
        if act.code.kind == "class":
            self.fields.setdefault(id(act), {})[name] = (annotation, at)

    def take_fields(self, act: Activation) -> dict[str, tuple[str, int]]:
        return self.fields.pop(id(act), {})

    def register_root(self, function: Value, kind: str, payload: object = None) -> None:
        if isinstance(function, Function):
            self.registered[function.serial] = (function, kind, payload)
            return
        escape(self, function, self.here, "is started by a framework")
        if isinstance(function, Bound) and isinstance(function.function, Function):
            self.registered[function.function.serial] = (function.function, kind, payload)

    def whole_budget(self) -> None:
        """Another round: every function may run again on the new contents of files."""
        self.contexts.clear()
        self.totals.clear()

    def start_root(self, root: Root) -> None:
        """A root begins: its own memo, its own budget, its own events; a replaced root's are forgotten."""
        if self.replaced >= 0:
            self.root_number = self.replaced
            self.world.roots[self.replaced] = root
        else:
            self.world.roots.append(root)
            self.root_number = len(self.world.roots) - 1
        self.world.root = root
        self.starts += 1
        self.world.guards = ()
        self.world.handlers = 0

    def abandon(self) -> None:
        """The present root is given up in the middle: what it had begun is forgotten, what it had found stays."""
        self.world.abandoned.append(self.world.root)
        self.stack.clear()
        self.activations.clear()
        self.iterating.clear()
        self.memory.interrupt()
        self.world.guards = ()

    def replace_root(self, number: int) -> None:
        self.replaced = number
        if number >= 0:
            for snapshots in self.world.stored.values():
                snapshots[:] = [snapshot for snapshot in snapshots if snapshot.root != number]

    def thawed(self, value: Value) -> Value:
        return Frame(self.world.heap.next_serial(), value.type, value.state) if isinstance(value, Frame) else value

    def is_published(self, paths: tuple[str, ...]) -> bool:
        return any("://" in path or path.startswith(("reports/", "report/")) for path in paths)

    def returned_outside(self, result: Value, at: Place, frame: CallFrame, name: str) -> None:
        """A route's answer: decisions in it act on the world."""
        for option in options_of(result):
            if isinstance(option, Data):
                for number in option.decisions:
                    self.world.emit(Decided("decided", at, frame, self.world.stamp(), (), number, f"the answer of {name}()"))
