"""The Swift compiler: Swift files with one mistake each."""

import sandbox
from cases import Cases
from sandbox import failure, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "swiftc", ["swiftc"], ["swiftc", "--version"]
CASES = Cases()


def compile_swift(v, text):
    """Checks a file in which `text` stands below a few harmless lines."""
    lines = "".join(f"let {v.identifier()}{line} = {v.number(1, 99)}\n"
                    for line in range(v.number(0, 9)))
    name = f"Sources/{v.type_name()}.swift"
    write(sandbox.ROOT / "planner" / name, f"{lines}\n{text}\n")
    return failure("swiftc", "-typecheck", "-parse-as-library", name,
                   cwd=sandbox.ROOT / "planner")


@CASES.add("swift-name-not-in-scope", 50, "in scope")
def not_in_scope(v):
    return compile_swift(v, f"func total() -> Int {{\n    return {v.identifier()}Count + 1\n}}")


@CASES.add("swift-text-for-number", 36, "cannot convert value of type 'String'")
def text_for_number(v):
    return compile_swift(v, f'let {v.identifier()}Size: Int = "{v.product()}"')


@CASES.add("swift-optional-not-unwrapped", 30, "must be unwrapped")
def optional_not_unwrapped(v):
    name = v.identifier()
    return compile_swift(v, f"func twice(_ {name}: Int?) -> Int {{\n    return {name} * 2\n}}")


@CASES.add("swift-argument-missing", 28, "missing argument for parameter")
def argument_missing(v):
    name, label = v.identifier(), v.word()
    return compile_swift(v, f"func {name}Price({label}: Int, vat: Int) -> Int {{ {label} + vat }}\n"
                         f"let {name}Sum = {name}Price(vat: {v.number(1, 25)})")


@CASES.add("swift-module-missing", 24, "no such module")
def no_such_module(v):
    return compile_swift(v, f"import {v.type_name()}Kit")


@CASES.add("swift-member-missing", 34, "has no member")
def no_member(v):
    name = v.type_name()
    return compile_swift(v, f"struct {name} {{ var id: Int }}\n"
                         f"func label(_ item: {name}) -> Int {{ item.{v.identifier()}Code }}")


@CASES.add("swift-protocol-not-satisfied", 18, "does not conform to protocol")
def does_not_conform(v):
    name, part = v.type_name(), v.type_name()
    return compile_swift(v, f"protocol {part}Source {{ func {v.identifier()}() -> Int }}\n"
                         f"struct {name}Store: {part}Source {{}}")


@CASES.add("swift-case-not-handled", 20, "switch must be exhaustive")
def not_exhaustive(v):
    cases = v.some(["paid", "open", "shipped", "returned", "lost", "held"], 3, 5)
    return compile_swift(v, f"enum State {{ case {', '.join(cases)} }}\n"
                         f"func code(_ state: State) -> Int {{\n    switch state {{\n"
                         f"    case .{cases[0]}: return 1\n    }}\n}}")


def record(log, seed):
    sandbox.fresh("planner")
    command_line.record(log, CASES, seed, SOURCE)
