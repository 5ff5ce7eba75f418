"""Logs with known procedures, and what of them an extraction has found. It knows nothing of how flow
mines: procedures, noise, optional steps, arguments, data flow, failures and success are drawn here."""

import json
import random
from datetime import datetime, timedelta, timezone

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
WORDS = ["read", "write", "fetch", "parse", "check", "build", "test", "merge", "publish", "notify",
         "query", "index", "resize", "sign", "verify", "upload"]
THINGS = ["file", "table", "page", "image", "ticket", "branch", "report", "order"]


class Procedure:
    """Steps [(tool, share)], for each step its arguments {path: (kind, detail)}: `literal` with the
    value, `parameter` with a name and type, `output` with an earlier step and `id` or `info.size`."""

    def __init__(self, source, tools):
        count = source.randint(4, 8)
        self.tools = source.sample(tools, count)
        inner = source.sample(range(1, count - 1), source.choice([0, 0, 1, 2]) if count > 4 else 0)
        self.shares = [source.uniform(0.35, 0.65) if place in inner else 1 for place in range(count)]
        self.arguments = []
        self.raises = False
        self.shown = 0  # runs that succeeded and went through with it, nothing left out, changed or moved
        names = []
        for place in range(count):
            own = {}
            for key in source.sample(["path", "mode", "target", "options.depth", "user"],
                                     source.randint(0, 3)):
                earlier = [p for p in range(place) if self.shares[p] == 1]
                draw = source.random()
                if draw < 0.3:
                    own[key] = ("literal", source.choice(["fast", "full", 3, True, "utf-8"]))
                elif draw < 0.5 and earlier:
                    own[key] = ("output", (source.choice(earlier), source.choice(["id", "info.size"])))
                elif draw < 0.6 and [n for n in names if n[2] == 1]:
                    own[key] = ("parameter", source.choice([n for n in names if n[2] == 1])[:2])
                else:
                    name = (f"p{len(names)}", source.choice(["text", "number"]), self.shares[place])
                    names.append(name)
                    own[key] = ("parameter", name[:2])
            self.arguments.append(own)

    def values(self, source):
        """A caller's values."""
        known = {}
        for own in self.arguments:
            for kind, detail in own.values():
                if kind == "parameter" and detail not in known:
                    known[detail] = (source.randrange(10_000) if detail[1] == "number"
                                     else f"{source.choice(THINGS)}-{source.randrange(100_000)}")
        return known


def nested(pairs):
    result = {}
    for path, value in pairs:
        *folders, last = path.split(".")
        place = result
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = value
    return result


class World:
    """`count` procedures over `tools` tools, which they share, and 30 tools of no procedure."""

    def __init__(self, seed, count=12, tools=70, raising=4):
        self.source = random.Random(seed)
        names = [f"{word}_{thing}" for word in WORDS for thing in THINGS]
        self.source.shuffle(names)
        self.noise_tools = names[:30]
        self.procedures = []
        while len(self.procedures) < count:
            fresh = Procedure(self.source, names[30:30 + tools])
            # one that shares most of its steps with another would be a variant of it
            if all(len(set(fresh.tools) & set(old.tools)) <= 2 for old in self.procedures):
                self.procedures.append(fresh)
        for procedure in self.source.sample(self.procedures, raising):
            procedure.raises = True

    def events(self, procedure, noise):
        """The steps of one execution: (tool, arguments, output)."""
        source = self.source
        known = procedure.values(source)
        outputs, steps = {}, []
        for place, tool in enumerate(procedure.tools):
            if source.random() >= procedure.shares[place]:
                continue
            outputs[place] = {"id": f"{source.getrandbits(32):08x}",
                              "info": {"size": source.randrange(1_000_000)}}
            pairs = []
            for path, (kind, detail) in procedure.arguments[place].items():
                if kind == "literal":
                    pairs.append((path, detail))
                elif kind == "parameter":
                    pairs.append((path, known[detail]))
                else:
                    given = outputs[detail[0]]
                    pairs.append((path, given["id"] if detail[1] == "id" else given["info"]["size"]))
            steps.append((tool, nested(pairs), outputs[place]))
        return self.disturbed(steps, noise)

    def disturbed(self, steps, noise):
        """Each step, with the chance `noise`, has one before it, is left out, is another, or changes
        places with the next. Gives the steps, and whether none was left out or changed."""
        source, result, is_whole = self.source, [], True
        place = 0
        while place < len(steps):
            kind = source.choice("idrs") if source.random() < noise else ""
            if kind == "i":
                result += [self.chance_step(), steps[place]]
            elif kind == "r":
                result.append(self.chance_step())
            elif kind == "s" and place + 1 < len(steps):
                result += [steps[place + 1], steps[place]]
                place += 1
            elif kind != "d":
                result.append(steps[place])
            is_whole = is_whole and kind in ("", "i")
            place += 1
        return result, is_whole

    def chance_step(self):
        source = self.source
        return source.choice(self.noise_tools), {"path": f"x{source.randrange(1000)}"}, {"id": "0"}

    def run(self, noise, base, raised):
        """One run: its steps with whether they failed, and whether it succeeded."""
        source, steps, whole = self.source, [], []
        for procedure in source.sample(self.procedures, source.randint(1, 3)):
            steps += [self.chance_step() for _ in range(source.choice([0, 0, 1, 2]))]
            own, is_whole = self.events(procedure, noise)
            steps += own
            whole += [procedure] if is_whole else []
        steps += [self.chance_step() for _ in range(source.choice([0, 0, 1, 2]))]
        done = []
        for step in steps:
            if source.random() < 0.02:
                done.append((step, True))
                if source.random() < 0.5:
                    return done, False
            done.append((step, False))
        succeeded = source.random() < (raised if any(p.raises for p in whole) else base)
        for procedure in whole if succeeded else []:
            procedure.shown += 1
        return done, succeeded

    def log(self, runs, noise, base=0.55, raised=0.9):
        """Lines of a log."""
        source = self.source
        for number in range(runs):
            steps, succeeded = self.run(noise, base, raised)
            time = START + timedelta(minutes=7 * number)
            for seq, ((tool, arguments, output), failed) in enumerate(steps, 1):
                time += timedelta(seconds=source.expovariate(0.2))
                yield json.dumps({
                    "run": f"r{number}", "seq": seq, "time": time.isoformat(), "type": "tool.called",
                    "data": {"name": tool, "arguments": arguments, "output": output,
                             "status": "failure" if failed else "success",
                             "duration_ms": source.randrange(10, 3000), "cost_usd": 0.001}})
            yield json.dumps({
                "run": f"r{number}", "seq": len(steps) + 1, "time": time.isoformat(),
                "type": "run.finished", "data": {"status": "success" if succeeded else "failure"}})



def planted_sources(procedure):
    """{(step, path): what it is}: a parameter is known by the first place that has it."""
    first, result = {}, {}
    for place, own in enumerate(procedure.arguments):
        for path in sorted(own):
            kind, detail = own[path]
            if kind == "parameter":
                first.setdefault(detail, (place, path))
                result[place, path] = ("parameter", first[detail])
            elif kind == "output":
                result[place, path] = ("output", detail)
            else:
                result[place, path] = ("literal", json.dumps(detail))
    return result


def found_sources(found):
    first, result = {}, {}
    ids = {step["id"]: place for place, step in enumerate(found["steps"])}
    for place, step in enumerate(found["steps"]):
        for path, source in step.get("arguments", {}).items():
            if "parameter" in source:
                first.setdefault(source["parameter"], (place, path))
                result[place, path] = ("parameter", first[source["parameter"]])
            elif "step" in source:
                result[place, path] = ("output", (ids[source["step"]], source["path"]))
            else:
                result[place, path] = ("literal", json.dumps(source["value"]))
    return result


class Score:
    """Counts of what was planted, found, and both."""

    def __init__(self):
        self.planted = self.found = self.both = 0

    def add(self, planted, found):
        self.planted += len(planted)
        self.found += len(found)
        self.both += len(set(planted) & set(found))

    @property
    def precision(self):
        return self.both / self.found if self.found else 1

    @property
    def recall(self):
        return self.both / self.planted if self.planted else 1


class Scores:
    """Of procedures, by their exact steps and which are optional, and of those that three runs have
    shown, which is the least that is asked for; of the parameters and the data flow of those found; and
    of what is offered as raising success."""

    def __init__(self):
        self.procedures, self.shown = Score(), Score()
        self.parameters, self.flow = Score(), Score()
        self.offered = self.false = self.raising = 0

    def add(self, world, found):
        planted = {
            tuple((tool, share < 1) for tool, share in zip(p.tools, p.shares)): p
            for p in world.procedures}
        shapes = {
            tuple((step["name"], step["optional"]) for step in one["steps"]): one for one in found}
        self.procedures.add(planted, shapes)
        self.shown.add([key for key, p in planted.items() if p.shown >= 3], shapes)
        raising_tools = [set(p.tools) for p in world.procedures if p.raises]
        self.raising += len(raising_tools)
        for one in found:
            if one["evidence"]["lift"]["raises_success"]:
                self.offered += 1
                own = {step["name"] for step in one["steps"]}
                if not any(len(own & tools) * 2 > len(own) for tools in raising_tools):
                    self.false += 1
        for key in planted.keys() & shapes.keys():
            wanted, got = planted_sources(planted[key]), found_sources(shapes[key])
            for score, kind in ((self.parameters, "parameter"), (self.flow, "output")):
                score.add([p for p in wanted.items() if p[1][0] == kind],
                          [p for p in got.items() if p[1][0] == kind])
