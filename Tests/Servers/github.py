"""A GitHub for tests: pull requests, issues, labels and reviewers of any number of repositories.

Each request's body and each reply is parsed by githubkit's typed models, and a request that does not
fit is answered 500 with the model's complaint. It prints its port and that of a second host, and ends
with the process whose number it is given. `/_/…` is for tests: `PUT /_/OWNER/NAME` sets a repository up, `GET` gives what
became of it, `POST …/pulls` and `…/issues` do what people do.
"""

import json
import os
import re
import socket
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

from githubkit_schemas.v2022_11_28 import models
from pydantic import BaseModel, TypeAdapter

TIME = "2025-11-08T02:00:00Z"
repositories = {}
elsewhere = []  # headers of each request at the other host
lock = threading.RLock()


def model(name, value):
    """The value as the model sees it; raises where it does not fit."""
    TypeAdapter(getattr(models, name)).validate_python(value)
    return value


def user(login):
    base = "https://github.example/" + login
    names = "followers_url following_url gists_url starred_url subscriptions_url organizations_url"
    names += " repos_url events_url received_events_url"
    return dict(
        {name: base for name in names.split()}, login=login, id=1, node_id="U", avatar_url=base,
        gravatar_id="", url=base, html_url=base, type="Bot" if login.endswith("[bot]") else "User",
        site_admin=False)


def label(name):
    return example("Label", dict(name=name, color="ededed"))


class Repository:
    def __init__(self, slug, setting):
        self.slug = slug
        self.owner, self.name = slug.split("/")
        self.pulls, self.issues, self.next = {}, {}, 1
        self.log = []  # METHOD path of each request
        self.found = []  # command lines with the token in them
        self.token = setting.get("token", "ghp_0123456789abcdef")
        self.page = setting.get("page", 100)
        self.collaborators = setting.get("collaborators", [])
        self.mayLabel = setting.get("may_label", True)
        # What goes wrong: {method, path (a regular expression), times, kind, …}
        self.faults = setting.get("faults", [])

    def number(self):
        self.next += 1
        return self.next - 1

    def people(self, names):
        return [user(name) for name in names]

    def pull(self, one, whole):
        """A pull request as GitHub shows it: whole, or as in a list."""
        shape = pull_shape(whole, self, one)
        return model("PullRequest" if whole else "PullRequestSimple", shape)

    def issue(self, one):
        return model("Issue", issue_shape(self, one))


def example(name, known, depth=0):
    """The least value of a model: what it requires, by type, with what is known put in."""
    cls = getattr(models, name) if isinstance(name, str) else name
    value = {}
    for key, field in cls.model_fields.items():
        alias = field.alias or key
        if alias in known:
            value[alias] = known[alias]
        elif field.is_required():
            value[alias] = least(field.annotation, depth)
    return value


def least(kind, depth):
    import datetime
    import typing

    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if type(None) in arguments or kind is type(None):
        return None
    if origin is typing.Literal:
        return arguments[0]
    if origin is typing.Annotated:
        return least(arguments[0], depth)
    if origin is list:
        return []
    if origin is dict:
        return {}
    if arguments:
        return least(arguments[0], depth)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return example(kind, {}, depth + 1)
    if kind is datetime.datetime:
        return TIME
    return {str: "", int: 0, bool: False, float: 0.0}.get(kind, {})


def pull_shape(whole, repository, one):
    page = f"https://github.example/{repository.slug}/pull/{one['number']}"
    home = one.get("home", repository.slug)
    head_class = models.PullRequestPropHead if whole else models.PullRequestSimplePropHead
    base_class = models.PullRequestPropBase if whole else models.PullRequestSimplePropBase

    def side(cls, ref, sha, slug):
        name = slug and slug.split("/")
        shape = example(cls, {})
        shape.update(ref=ref, sha=sha, label=f"{name[0]}:{ref}" if name else ref)
        shape["user"] = user(name[0] if name else "ghost")
        if name:
            shape["repo"] = example("Repository", {
                "full_name": slug, "name": name[1], "owner": user(name[0])})
        else:
            shape["repo"] = None
        return shape

    known = dict(
        number=one["number"], html_url=page, state=one["state"], title=one["title"],
        body=one["body"], merged_at=TIME if one.get("merged") else None,
        closed_at=None if one["state"] == "open" else one.get("at", TIME), user=user("octocat"),
        head=side(head_class, one["head"], one["sha"], home),
        base=side(base_class, one["base"], "0" * 40, repository.slug),
        labels=[label(name) for name in one["labels"]],
        requested_reviewers=repository.people(one["reviewers"]), requested_teams=[])
    return example("PullRequest" if whole else "PullRequestSimple", known)


def issue_shape(repository, one):
    page = f"https://github.example/{repository.slug}/issues/{one['number']}"
    known = dict(
        number=one["number"], html_url=page, state=one["state"], title=one["title"],
        body=one["body"], state_reason=one.get("state_reason"), user=user("octocat"),
        labels=[label(name) for name in one["labels"]], closed_at=None, milestone=None,
        assignee=None, performed_via_github_app=None)
    if one.get("pull"):
        known["pull_request"] = dict(diff_url=page, html_url=page, patch_url=page, url=page)
    return example("Issue", known)


def event(repository, one, what):
    page = f"https://github.example/{repository.slug}/issues/{one['number']}"
    known = dict(event=what["event"], actor=user(what["by"]), created_at=what["at"], url=page,
                 commit_id=None, commit_url=None, performed_via_github_app=None)
    return model("IssueEvent", example("IssueEvent", known))


def comment(repository, one, what):
    page = f"https://github.example/{repository.slug}/issues/{one['number']}"
    known = dict(body=what["body"], user=user(what["by"]), html_url=page, url=page, issue_url=page)
    return model("IssueComment", example("IssueComment", known))


class Answer(Exception):
    def __init__(self, status, message, **more):
        self.status, self.headers = status, more.pop("headers", {})
        self.body = dict(more, message=message, documentation_url="https://docs.example")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, value, headers={}):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        size = int(self.headers.get("Content-Length") or 0)
        return json.loads(self.rfile.read(size) or b"null")

    def handle_any(self):
        body = self.body()
        path = urlsplit(self.path).path
        try:
            if path.startswith("/_/"):
                return self.reply(200, self.control(path[3:].split("/"), body))
            parts = path.split("/")
            repository = repositories.get("/".join(parts[2:4])) if parts[1] == "repos" else None
            if repository is None:
                raise Answer(404, "Not Found")
            with lock:
                repository.log.append(f"{self.command} {path}")
                look_for(repository)
            if self.fault(repository, path):
                return
            if self.headers.get("Authorization") != f"Bearer {repository.token}":
                raise Answer(401, f"Bad credentials: {self.headers.get('Authorization')}\x1b[31m")
            for name, value in [("Accept", "application/vnd.github+json"),
                                ("X-GitHub-Api-Version", "2022-11-28")]:
                if self.headers.get(name) != value:
                    raise Answer(415, f"{name} is not {value}")
            with lock:
                status, value, headers = self.serve(repository, parts[4:], body)
            self.reply(status, value, headers)
        except Answer as answer:
            self.reply(answer.status, answer.body, answer.headers)
        except Exception as error:  # a model's complaint, for whoever reads the test
            self.reply(500, dict(message=f"{type(error).__name__}: {error}"))

    do_GET = do_POST = do_PATCH = do_PUT = handle_any

    # What goes wrong

    def fault(self, repository, path):
        for fault in repository.faults:
            if fault.get("times", 1) <= 0 or fault["method"] != self.command:
                continue
            if not re.search(fault["path"], path):
                continue
            with lock:
                fault["times"] = fault.get("times", 1) - 1
            kind = fault["kind"]
            if kind == "cut":  # in the middle of the answer, after the work if it is asked for
                if fault.get("done"):
                    with lock:
                        self.serve(repository, path.split("/")[4:], fault["body"])
                self.send_response(201)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b'{"number":')
                self.wfile.flush()
                self.connection.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return True
            if kind == "silent":  # until the client gives up
                self.connection.recv(1)
                self.close_connection = True
                return True
            headers = {k: v.replace("OTHER", str(other.server_port)).replace(
                "SELF", str(server.server_port)) for k, v in fault.get("headers", {}).items()}
            raise Answer(fault["status"], fault.get("message", "no"), headers=headers,
                         **fault.get("more", {}))
        return False

    # What GitHub does

    def serve(self, repository, parts, body):
        query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        kind = parts[0]
        if kind == "pulls" and self.command == "GET" and len(parts) == 1:
            found = [one for one in repository.pulls.values() if matches(repository, one, query)]
            return self.paged(repository, query, [repository.pull(one, False) for one in found])
        if kind == "pulls" and self.command == "POST" and len(parts) == 1:
            return 201, repository.pull(open_pull(repository, body), True), {}
        if kind == "issues" and self.command == "GET" and len(parts) == 1:
            wanted = set(query["labels"].split(","))
            found = [one for one in repository.issues.values()
                     if query.get("state") in ("all", one["state"])
                     and wanted <= set(one["labels"])]
            return self.paged(repository, query, [repository.issue(one) for one in found])
        if kind == "issues" and self.command == "POST" and len(parts) == 1:
            model("ReposOwnerRepoIssuesPostBody", body)
            one = dict(number=repository.number(), state="open", title=body["title"],
                       body=body["body"], labels=body["labels"] if repository.mayLabel else [])
            repository.issues[one["number"]] = one
            return 201, repository.issue(one), {}
        one = (repository.pulls.get(int(parts[1])) if kind == "pulls"
               else repository.issues.get(int(parts[1])) or repository.pulls.get(int(parts[1])))
        if one is None:
            raise Answer(404, "Not Found")
        if kind == "issues" and parts[2:] in (["events"], ["comments"]) and self.command == "GET":
            shape = event if parts[2] == "events" else comment
            return self.paged(
                repository, query, [shape(repository, one, what) for what in one.get(parts[2], [])])
        if len(parts) == 2 and self.command == "GET":
            return 200, repository.pull(one, True), {}
        if len(parts) == 2 and self.command == "PATCH":
            name = "Pulls" if kind == "pulls" else "Issues"
            number = "PullNumber" if kind == "pulls" else "IssueNumber"
            model(f"ReposOwnerRepo{name}{number}PatchBody", body)
            one.update({k: v for k, v in body.items()
                        if k in ("title", "body", "state", "state_reason")})
            return 200, repository.pull(one, True) if kind == "pulls" else repository.issue(one), {}
        if parts[2] == "labels" and self.command == "POST":
            model("ReposOwnerRepoIssuesIssueNumberLabelsPostBodyOneof0", body)
            one["labels"] += [name for name in body["labels"] if name not in one["labels"]]
            return 200, [model("Label", label(name)) for name in one["labels"]], {}
        if parts[2] == "requested_reviewers" and self.command == "POST":
            model("ReposOwnerRepoPullsPullNumberRequestedReviewersPostBodyAnyof0", body)
            for name in body["reviewers"]:
                if name not in repository.collaborators:
                    raise Answer(422, "Reviews may only be requested from collaborators.")
            one["reviewers"] += body["reviewers"] + body["team_reviewers"]
            return 201, repository.pull(one, False), {}
        raise Answer(404, "Not Found")

    def paged(self, repository, query, found):
        size = min(int(query.get("per_page", 30)), repository.page)
        page = int(query.get("page", 1))
        headers = {}
        if page * size < len(found):
            path = urlsplit(self.path).path
            rest = "&".join(f"{k}={quote(v)}" for k, v in query.items() if k != "page")
            link = f"http://127.0.0.1:{server.server_port}{path}?{rest}&page="
            headers["Link"] = f'<{link}{page + 1}>; rel="next", <{link}99>; rel="last"'
        return 200, found[(page - 1) * size:page * size], headers

    # What tests do

    def control(self, parts, body):
        slug = "/".join(parts[:2])
        with lock:
            if self.command == "PUT":
                repositories[slug] = Repository(slug, body)
            repository = repositories[slug]
            for one in body if isinstance(body, list) else [body]:
                if parts[2:] == ["pulls"]:
                    add(repository, repository.pulls, one)
                if parts[2:] == ["issues"]:
                    add(repository, repository.issues, one)
            if parts[2:] == ["faults"]:
                repository.faults = body
            return dict(
                pulls=list(repository.pulls.values()), issues=list(repository.issues.values()),
                log=repository.log, found=repository.found, elsewhere=elsewhere)


def add(repository, table, one):
    new = dict(state="open", title="t", body=None, labels=[], reviewers=[], base="main",
               sha="0" * 40)
    number = one.get("number") or repository.number()
    before = table.get(number, new)
    after = dict(before, **dict(one, number=number))
    gone = after.pop("deleted", False)  # the branch, which closes what is open
    if gone:
        after["state"] = "closed"
    if before["state"] != after["state"]:
        what = "reopened" if after["state"] == "open" else "closed"
        happened = dict(event=what, by=one.get("by", "octocat"), at=one.get("at", TIME))
        after["events"] = before.get("events", []) + [happened]
    if gone:
        happened = dict(event="head_ref_deleted", by=one.get("by", "octocat"), at=one.get("at", TIME))
        after["events"] = after.get("events", []) + [happened]
    table[number] = after


def matches(repository, one, query):
    if query.get("state", "open") not in ("all", one["state"]):
        return False
    owner = one.get("home", repository.slug)
    owner = owner.split("/")[0] if owner else "ghost"
    return query.get("head") in (None, f"{owner}:{one['head']}")


def open_pull(repository, body):
    model("ReposOwnerRepoPullsPostBody", body)
    if not body["head"] or body["head"].startswith("gone"):
        raise Answer(422, "Validation Failed", errors=[
            dict(resource="PullRequest", field="head", code="invalid")])
    if body["head"].startswith("merged"):
        raise Answer(422, "Validation Failed", errors=[dict(
            resource="PullRequest", code="custom",
            message=f"No commits between {body['base']} and {body['head']}")])
    for one in repository.pulls.values():
        if one["state"] == "open" and one["head"] == body["head"] and "home" not in one:
            raise Answer(422, "Validation Failed", errors=[dict(
                resource="PullRequest", code="custom",
                message=f"A pull request already exists for {repository.owner}:{body['head']}.")])
    one = dict(number=repository.number(), state="open", title=body["title"], body=body["body"],
               head=body["head"], base=body["base"], sha="0" * 40, labels=[], reviewers=[])
    repository.pulls[one["number"]] = one
    return one


def look_for(repository):
    """Whether a command line on this machine holds the token."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    line = file.read()
            except OSError:
                continue
            if repository.token.encode() in line:
                repository.found.append(line.decode(errors="replace"))


class Other(BaseHTTPRequestHandler):
    """The host that must not get the token."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        elsewhere.append(dict(self.headers.items()))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    do_POST = do_PATCH = do_GET


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
other = ThreadingHTTPServer(("127.0.0.1", 0), Other)
for one in (server, other):
    one.daemon_threads = True
    threading.Thread(target=one.serve_forever, daemon=True).start()
print(server.server_port, other.server_port, flush=True)
while os.path.exists("/proc/" + sys.argv[1]):
    time.sleep(0.2)
