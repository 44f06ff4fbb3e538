"""Names: modules on demand, free names, attributes of modules, classes and instances, annotations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mldebt.facts.types import Parameter
from mldebt.flow.activation import Activation
from mldebt.flow.arguments import Arguments
from mldebt.flow.builtins import BUILTINS
from mldebt.flow.events import CallFrame
from mldebt.flow.origin import Origin
from mldebt.flow.program import ModuleInfo
from mldebt.flow.values import (
    TOP,
    Bound,
    Class,
    Const,
    Data,
    Frame,
    FrameState,
    Function,
    Instance,
    Library,
    Method,
    Module,
    Object,
    Value,
)
from mldebt.libraries.types import DeclaresOption

if TYPE_CHECKING:
    from mldebt.flow.interpret import Interpreter

STAR_DEPTH = 8
ROWS = re.compile(r"(?:typing\.)?(?:list|List|Sequence|Iterable)\[([\w.]+)\]")


class Names:
    def __init__(self, run: Interpreter) -> None:
        self._run = run
        self.modules: dict[int, Activation] = {}
        self.running: set[int] = set()
        self._lineages: dict[int, list[Class]] = {}
        self._libraries: dict[str, Value] = {}
        self._library_bases: dict[int, list[str]] = {}
        self.stars: dict[int, list[Value]] = {}
        self.guarded: list[tuple[Activation, object]] = []

    def keep_guard(self, act: Activation, block: object) -> bool:
        """Keeps what stands under `if __name__ == "__main__"` as a root of its own; it does not run on import."""
        if not any(known is act and kept is block for known, kept in self.guarded):
            self.guarded.append((act, block))
        return True

    # -- modules ------------------------------------------------------------------------------------------------------

    def module(self, number: int) -> Activation:
        """The module's activation; its body runs the first time somebody asks."""
        act = self.modules.get(number)
        if act is not None:
            return act
        run = self._run
        info = run.world.program.modules[number]
        frame = CallFrame(None, (number, 0), number, "")
        act = self.modules[number] = Activation(info.facts.code, info, None, frame)
        for slot, name, _depth, _register in info.facts.code.free:
            act.registers[slot] = BUILTINS.get(name) if name != "__file__" else Const(info.path)
        guards, run.world.guards = run.world.guards, ()
        self.running.add(number)
        run.stack.append(id(act.code))
        try:
            run.run_block(act, act.code.body)
        finally:
            run.stack.pop()
            self.running.discard(number)
            run.world.guards = guards
        return act

    def module_attribute(self, number: int, name: str, depth: int = 0) -> Value | None:
        """A name of a module: what its body bound, a star import brought, or a submodule; None where there is none."""
        act = self.module(number)
        slot = act.slot(name)
        value = act.registers[slot] if slot is not None and slot < len(act.registers) else None
        if slot is not None and value is not None:
            self._run.memory.look_outside(act, slot, value)
            return value
        found = self.of_stars(number, name, depth)
        if found is not None:
            return found
        info = self._run.world.program.modules[number]
        if info.is_package:
            child = self._run.world.program.at((*info.parts, name))
            if child is not None:
                return Module(child.number)
        return TOP if number in self.running else None

    def of_stars(self, number: int, name: str, depth: int = 0) -> Value | None:
        """What the star imports of a module bring: the last that spells the name, else the last library that may have it."""
        sources = self.stars.get(number, ())[::-1] if depth < STAR_DEPTH else ()
        knowledge = self._run.world.knowledge
        for source in sources:
            if isinstance(source, Module):
                found = self.module_attribute(source.number, name, depth + 1)
                if found is not None:
                    return found
            elif isinstance(source, Library) and knowledge.spells(f"{source.name}.{name}"):
                return self.library(f"{source.name}.{name}")
        for source in sources if name not in BUILTINS else ():
            if isinstance(source, Library) and knowledge.call(knowledge.canonical(f"{source.name}.{name}")):
                return self.library(f"{source.name}.{name}")
        return None

    def free(self, act: Activation, name: str, depth: int, register: int) -> Value | None:
        """A name that a scope only reads."""
        outer = act.outer
        for _ in range(depth - 1):
            outer = outer.outer if outer is not None else None
        if depth > 0:
            return outer.registers[register] if outer is not None else TOP
        return self.of_module(act.module, name)

    def of_module(self, module: ModuleInfo, name: str) -> Value | None:
        if name == "__file__":
            return Const(module.path)
        found = self.module_attribute(module.number, name)
        if found is not None and not (module.number in self.running and found is TOP and name in BUILTINS):
            return found
        return BUILTINS.get(name, TOP)

    # -- dotted text --------------------------------------------------------------------------------------------------

    def dotted(self, module: ModuleInfo, text: str) -> Value | None:
        """What a dotted name means in a module (annotations, `_target_`)."""
        first, *rest = text.split(".")
        value = self.of_module(module, first)
        for name in rest:
            if value is None or value is TOP:
                return None
            value = self._run.names.attribute(value, name)
        return value

    def target(self, text: str) -> Value | None:
        """What a dotted path from the root means: `package.module.Class`, else a library name."""
        parts = text.split(".")
        for cut in range(len(parts), 0, -1):
            module = self._run.world.program.find(".".join(parts[:cut]), ())
            if module is None:
                continue
            value: Value | None = Module(module.number)
            for name in parts[cut:]:
                value = self.attribute(value, name) if value is not None else None
            return value
        return Library(text)

    def attribute(self, value: Value, name: str) -> Value | None:
        """An attribute of a namespace-like value: module, class, library."""
        if isinstance(value, Module):
            return self.module_attribute(value.number, name)
        if isinstance(value, Class):
            return self.class_attribute(value, name)
        if isinstance(value, Library):
            return self.library(f"{value.name}.{name}")
        return None

    def library(self, dotted: str) -> Value:
        """Something outside the repository by its dotted name; flags that a program shares are a namespace."""
        found = self._libraries.get(dotted)
        if found is None:
            model = self._run.world.knowledge.call(self._run.world.knowledge.canonical(dotted))
            is_flags = model is not None and any(isinstance(verb, DeclaresOption) and verb.role == "flags" for verb in model.verbs)
            found = self._libraries[dotted] = self._run.flags if is_flags else Library(dotted)
            if is_flags and model is not None:
                self._run.flags.type = model.returns
        return found

    # -- classes ------------------------------------------------------------------------------------------------------

    def lineage(self, cls: Class) -> list[Class]:
        """The class and its repository bases, depth first, each once."""
        found = self._lineages.get(cls.serial)
        if found is None:
            found = self._lineages[cls.serial] = [cls]
            for base in cls.bases:
                if isinstance(base, Class):
                    found.extend(c for c in self.lineage(base) if c not in found)
        return found

    def class_attribute(self, cls: Class, name: str) -> Value | None:
        for ancestor in self.lineage(cls):
            if name in ancestor.attributes:
                return ancestor.attributes[name]
        return None

    def library_bases(self, cls: Class) -> list[str]:
        """Library names among the bases; "?" for a base that is unknown."""
        known = self._library_bases.get(cls.serial)
        if known is None:
            known = self._library_bases[cls.serial] = self._find_library_bases(cls)
        return known

    def _find_library_bases(self, cls: Class) -> list[str]:
        found = []
        for ancestor in self.lineage(cls):
            for base in ancestor.bases:
                if isinstance(base, Library):
                    if base.name not in ("builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"):
                        found.append(self._run.world.knowledge.canonical(base.name))
                elif not isinstance(base, Class):
                    found.append("?")
        return found

    def instance_attribute(self, instance: Instance, name: str) -> Value | None:
        found = instance.state.get(name)
        if found is not None:
            return found
        member = self.class_attribute(instance.cls, name)
        if isinstance(member, Function):
            return self._bind_member(member, instance)
        if member is not None:
            return member
        for base in self.library_bases(instance.cls):
            if base == "?":
                return None
            if self._run.world.knowledge.method(base, name) is not None:
                return Method(instance, base, name)
        return None

    def _bind_member(self, member: Function, instance: Instance) -> Value:
        run = self._run
        if member.kind == "property":
            frame = CallFrame(None, (member.module, member.code.at), member.module, member.code.qualname)
            return run.call_function(member, Arguments((member.module, member.code.at), frame), instance)
        if member.kind == "static":
            return member
        return Bound(member, instance.cls if member.kind == "class" else instance)

    # -- annotations --------------------------------------------------------------------------------------------------

    def of_annotation(self, function: Function, parameter: Parameter) -> Value:
        """What a parameter without argument may be: an open table, an instance, data; else anything."""
        text = parameter.annotation.strip("'\"").split("|")[0].strip().removeprefix("Optional[").removesuffix("]")
        rows = ROWS.fullmatch(parameter.annotation.strip("'\""))
        if rows is not None:
            element = self.dotted(self._run.world.program.modules[function.module], rows[1])
            schema = isinstance(element, Class) and element.fields
            return self._run.world.heap.list(None, self._run.blank_instance(element)) if schema else TOP  # type: ignore[arg-type]  # a class
        if not text or not all(part.isidentifier() for part in text.split(".")):
            return TOP
        meaning = self.dotted(self._run.world.program.modules[function.module], text)
        if isinstance(meaning, Class):
            return self._run.blank_instance(meaning)
        if isinstance(meaning, Library):
            return self._typed(meaning, (function.module, parameter.at))
        return TOP

    def _typed(self, library: Library, at: tuple[int, int]) -> Value:
        world = self._run.world
        name = world.knowledge.canonical(library.name)
        kind = world.knowledge.kind(name)
        if kind == "frame":
            return Frame(world.heap.next_serial(), name, FrameState({}, True, rows=world.rows.value(at)))
        if kind in ("column", "array", "tensor"):
            return Data(0, name, origin=Origin(world.rows.value(at)))
        if kind and kind not in ("module", "path"):
            return Object(world.heap.next_serial(), name, at)
        return TOP
