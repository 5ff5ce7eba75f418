"""GNU make: a build whose Makefile or files are not as it should be."""

import sandbox
from cases import Cases
from sandbox import failure, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "make", ["make"], ["make", "--version"]
CASES = Cases()


def make(text, *arguments):
    write(sandbox.ROOT / "build/Makefile", text)
    return failure("make", *arguments, cwd=sandbox.ROOT / "build")


def filler(v):
    return "".join(f"{v.word().upper()} := {v.number(1, 99)}\n" for _ in range(v.number(1, 12)))


@CASES.add("make-source-file-missing", 40, "needed by")
def no_rule_for_prerequisite(v):
    name, missing = v.word(), v.snake()
    suffix = v.pick([".c", ".h", ".proto", ".sql"])
    return make(f"{name}.o: {missing}{suffix}\n\tcc -c {missing}{suffix}\n")


@CASES.add("make-target-unknown", 28, "No rule to make target")
def unknown_target(v):
    target = v.pick([f"deploy-{v.word()}", f"test-{v.team()}", v.snake()])
    return make("all:\n\t@true\n", target)


@CASES.add("make-tab-missing", 30, "missing separator")
def missing_separator(v):
    return make(f"{filler(v)}{v.word()}:\n    cc -o {v.word()} main.c\n")


@CASES.add("make-command-not-found", 30, "Error 127")
def command_not_found(v):
    tool = v.pick(["protoc", "eslint", "terser", "sassc", "helm", "golint", "asciidoctor",
                   "minify", "doxygen"])
    return make(f"{filler(v)}{v.word()}:\n\t{tool} --quiet {v.word()}\n")


@CASES.add("make-variable-not-set", 18, "is not set")
def variable_not_set(v):
    name = f"{v.team().upper()}_{v.pick(['HOST', 'TOKEN_FILE', 'REGION', 'BUCKET'])}"
    return make(f"{filler(v)}ifndef {name}\n$(error {name} is not set)\nendif\nall:\n\t@true\n")


def record(log, seed):
    sandbox.fresh("build")
    command_line.record(log, CASES, seed, SOURCE)
