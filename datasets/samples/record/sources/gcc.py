"""gcc: C files with one mistake each, as after a merge or a rename."""

import sandbox
from cases import Cases
from sandbox import failure, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "gcc", ["gcc"], ["gcc", "-dumpfullversion"]
CASES = Cases()


def compile_c(v, body, head="", options=()):
    """Compiles a function that has `body` in it, a few lines below the top of the file."""
    lines = "".join(f"static const int {v.word()}_{line} = {v.number(1, 99)};\n"
                    for line in range(v.number(0, 9)))
    name = f"{v.team()}/{v.snake()}.c"
    text = f"{head}{lines}\nint {v.snake()}_run(int count)\n{{\n    {body}\n    return count;\n}}\n"
    write(sandbox.ROOT / "scanner" / name, text)
    return failure("gcc", "-std=c11", *options, "-c", name, "-o", "/dev/null",
                   cwd=sandbox.ROOT / "scanner")


@CASES.add("gcc-header-missing", 52, "No such file or directory")
def header_missing(v):
    return compile_c(v, "count += 1;", f'#include "{v.word()}/{v.snake()}.h"\n')


@CASES.add("gcc-name-undeclared", 60, "undeclared (first use")
def undeclared(v):
    return compile_c(v, f"count += {v.snake()}_total;")


@CASES.add("gcc-semicolon-missing", 34, "expected ‘;’ before")
def semicolon_missing(v):
    return compile_c(v, f"count += {v.number(1, 99)}")


@CASES.add("gcc-type-unknown", 36, "unknown type name")
def unknown_type(v):
    return compile_c(v, f"{v.snake()}_t {v.word()} = 0;")


@CASES.add("gcc-struct-member-missing", 40, "has no member named")
def no_member(v):
    record = v.word()
    return compile_c(v, f"struct {record} item = {{0}};\n    count += item.{v.snake()};",
                     f"struct {record} {{ int id; int size; }};\n")


@CASES.add("gcc-too-few-arguments", 28, "too few arguments")
def too_few_arguments(v):
    name = f"{v.snake()}_add"
    return compile_c(v, f"count = {name}(count);", f"int {name}(int left, int right);\n")


@CASES.add("gcc-redefinition", 24, "redefinition of")
def redefinition(v):
    name = f"{v.snake()}_limit"
    return compile_c(v, "count += 1;", f"static int {name} = {v.number(1, 99)};\n"
                     f"static int {name} = {v.number(1, 99)};\n")


@CASES.add("gcc-unused-variable", 30, "[-Werror=unused-variable]")
def unused_variable(v):
    return compile_c(v, f"int {v.snake()} = {v.number(1, 99)};",
                     options=["-Wall", "-Wno-unused-const-variable", "-Werror"])


def record(log, seed):
    sandbox.fresh("scanner")
    command_line.record(log, CASES, seed, SOURCE)
