"""pip with a local folder as its only index."""

import zipfile

import sandbox
from cases import Cases
from sandbox import ROOT, VENV, failure, write
from sources import command_line
from values import WORDS

SOURCE, COMMANDS, VERSION = "pip", [str(VENV / "bin/pip")], [str(VENV / "bin/pip"), "--version"]
CASES = Cases()
HOME = ROOT / "packages"


def pip_install(*arguments):
    return failure(VENV / "bin/pip", "--no-input", "--disable-pip-version-check", "install",
                   "--no-index", "--find-links", HOME / "wheels", *arguments, cwd=HOME,
                   extra={"PIP_CONFIG_FILE": "/dev/null", "NO_COLOR": "1"})


def wheel(name, version, needs=""):
    """A wheel with nothing in it but its metadata."""
    path = HOME / "wheels" / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    sandbox.make_folders(path.parent)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\n"
                      f"Version: {version}\n" + (f"Requires-Dist: {needs}\n" if needs else ""))
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")


@CASES.add("pip-package-missing", 34, "No matching distribution found")
def package_missing(v):
    name = f"{v.word()}-{v.word()}"
    return pip_install(v.pick([name, f"{name}=={v.version()}", f"{name}>={v.version()}"]))


@CASES.add("pip-requirements-file-missing", 22, "Could not open requirements file")
def requirements_missing(v):
    return pip_install("-r", f"requirements/{v.team()}-{v.word()}.txt")


@CASES.add("pip-requirement-malformed", 22, "Invalid requirement")
def requirement_malformed(v):
    return pip_install(f"{v.word()}-{v.word()}={v.version()}")


@CASES.add("pip-wheel-for-other-platform", 18, "is not a supported wheel")
def other_platform(v):
    tag = v.pick(["cp38-cp38-win_amd64", "cp312-cp312-macosx_14_0_arm64", "cp310-cp310-win32",
                  "cp39-cp39-musllinux_1_2_aarch64"])
    return pip_install(write(HOME / f"{v.snake()}-{v.version()}-{tag}.whl", "").name)


@CASES.add("pip-versions-conflict", 16, "have conflicting dependencies")
def versions_conflict(v):
    first, second, common = (f"shop_{word}" for word in v.some(WORDS, 3, 3))
    wanted, version = v.number(2, 9), v.version()
    wheel(common, "1.0")
    wheel(common, f"{wanted}.0")
    wheel(first, version, f"{common}<{wanted}")
    wheel(second, version, f"{common}>={wanted}")
    return pip_install(f"{first}=={version}", f"{second}=={version}")


def record(log, seed):
    sandbox.fresh("packages")
    (HOME / "wheels").mkdir()
    sandbox.shutil.chown(HOME / "wheels", "app", "app")
    command_line.record(log, CASES, seed, SOURCE)
