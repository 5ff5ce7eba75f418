"""git: what deployments and developers run into."""

import sandbox
from cases import Cases
from sandbox import failure, succeed, write
from sources import command_line

SOURCE, COMMANDS, VERSION = "git", ["git"], ["git", "--version"]
CASES = Cases()
PROJECTS = ["orders", "billing", "stock-api", "shipping", "web-shop", "reports"]
FILES = [f"{part}/{name}" for part in ("src", "conf", "docs")
         for name in ("cart.py", "main page.html", "prices.csv", "routes.yaml")]
BRANCHES = ["release-2.4", "hotfix/vat-rounding", "feature/new-cart", "staging", "develop",
            "spike-search", "release-2.5", "feature/gift-cards", "translations"]
TAGS = [f"v{major}.{minor}.0" for major in (1, 2) for minor in range(6)]
HOME = sandbox.ROOT / "git"


def git(project, *arguments):
    return succeed("git", *arguments, cwd=HOME / project)


def commit(project, text, message):
    for name in FILES:
        write(HOME / project / name, "".join(f"{text} {line}\n" for line in range(9)))
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", message)


def prepare_project(project):
    """A clone whose branches have all parted from the branches of its origin."""
    succeed("git", "init", "-q", "--bare", "-b", "main", HOME / f"{project}.git")
    succeed("git", "clone", "-q", HOME / f"{project}.git", HOME / project)
    commit(project, "first", "First version")
    git(project, "push", "-q", "origin", "main")
    for tag in TAGS:
        git(project, "tag", tag)
    commit(project, "theirs", "Change everything")
    for branch in BRANCHES:
        git(project, "push", "-q", "origin", f"main:{branch}")
    git(project, "branch", "theirs")
    git(project, "reset", "-q", "--hard", "HEAD~1")
    commit(project, "ours", "Change everything here")
    for branch in BRANCHES:
        git(project, "branch", branch)


def prepare():
    sandbox.fresh("git")
    write(sandbox.ROOT / "home/.gitconfig",
          "[user]\n\tname = app\n\temail = app@example.org\n[init]\n\tdefaultBranch = main\n")
    for project in PROJECTS:
        prepare_project(project)


def project_of(v):
    return HOME / v.pick(PROJECTS)


@CASES.add("git-pathspec-unknown", 58, "did not match any file")
def checkout_unknown(v):
    name = v.pick([f"feature/{v.word()}-{v.word()}", f"{v.word()}.py", f"release-{v.version()}"])
    return failure("git", "checkout", name, cwd=project_of(v))


@CASES.add("git-remote-repository-missing", 44, "does not appear to be")
def fetch_missing_repository(v):
    return failure("git", "fetch", f"/srv/app/git/{v.team()}-{v.word()}.git", cwd=project_of(v))


@CASES.add("git-checkout-would-overwrite-local-changes", 30, "would be overwritten by checkout")
def checkout_over_changes(v):
    project = project_of(v)
    for name in v.some(FILES, 1, 7):
        write(project / name, f"edited by hand {v.number(1, 999)}\n")
    text = failure("git", "checkout", "theirs", cwd=project)
    git(project.name, "reset", "-q", "--hard")
    return text


@CASES.add("git-push-non-fast-forward", 40, "(non-fast-forward)")
def push_rejected(v):
    branch = v.pick(BRANCHES)
    return failure("git", "push", "origin", branch, cwd=project_of(v))


@CASES.add("git-branch-exists", 28, "already exists")
def branch_exists(v):
    return failure("git", "branch", v.pick(BRANCHES), cwd=project_of(v))


@CASES.add("git-tag-exists", 24, "already exists")
def tag_exists(v):
    return failure("git", "tag", v.pick(TAGS), cwd=project_of(v))


@CASES.add("git-unknown-revision", 36, "unknown revision")
def unknown_revision(v):
    first = v.pick([v.hex(7), f"v{v.version()}-rc{v.number(1, 4)}", f"origin/{v.word()}"])
    return failure("git", "log", "--oneline", f"{first}..main", cwd=project_of(v))


@CASES.add("git-clone-branch-missing", 26, "not found in upstream")
def clone_missing_branch(v):
    origin, folder = f"{project_of(v)}.git", f"build-{v.number(100, 999)}"
    return failure("git", "clone", "-b", f"{v.word()}-{v.version()}", origin, folder, cwd=HOME)


@CASES.add("git-index-locked", 16, "index.lock': File exists")
def index_locked(v):
    project = project_of(v)
    lock = write(project / ".git/index.lock", "")
    text = failure("git", "add", v.pick(FILES), cwd=project)
    lock.unlink()
    return text


@CASES.add("git-patch-does-not-apply", 32, "patch does not apply")
def patch_does_not_apply(v):
    name, line = v.pick([name for name in FILES if " " not in name]), v.number(1, 80)
    patch = (f"--- a/{name}\n+++ b/{name}\n@@ -{line} +{line} @@\n"
             f"-{v.word()} = {v.number(1, 99)}\n+{v.word()} = {v.number(1, 99)}\n")
    return failure("git", "apply", "-", cwd=project_of(v), input=patch.encode())


@CASES.add("git-http-server-down", 22, "Couldn't connect to server")
def http_server_down(v):
    url = f"http://127.0.0.1:{sandbox.free_port()}/{v.team()}/{v.word()}.git"
    return failure("git", "fetch", url, cwd=project_of(v))


@CASES.add("git-merge-conflict", 20, "CONFLICT (content)")
def merge_conflict(v):
    """Keeps some files as they are upstream, so that a different list of files conflicts."""
    project = project_of(v)
    git(project.name, "checkout", "-q", "--detach")
    git(project.name, "checkout", "theirs", "--", *v.some(FILES, 5, 11))
    git(project.name, "commit", "-q", "-m", "Take some files from theirs")
    text = failure("git", "merge", "--no-edit", "theirs", cwd=project, stdout=True)
    git(project.name, "merge", "--abort")
    git(project.name, "checkout", "-q", "main")
    return text


def record(log, seed):
    prepare()
    command_line.record(log, CASES, seed, SOURCE)
