"""What the benchmarks share: runs that are timed in turns, medians, one line a figure."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
# Peers from PyPI live in an environment of their own; see Scripts/setup bench.
PEERS = ROOT / ".build" / "peers" / "bin"


class Sample:
    """One run of a command: seconds, seconds of processors, peak MB of its largest process; less than
    the 15 MB of the process that starts it shows as that."""

    def __init__(self, wall, cpu, rss):
        self.wall, self.cpu, self.rss = wall, cpu, rss


# Starts what is measured. Linux counts in a process's peak what the process that forked it held, so that
# this one is forked while it is small.
STARTER = ProcessPoolExecutor(1, get_context("fork"))


def spend(words, folder, env):
    """Runs a command to its end; gives its exit code and a sample."""
    with open(os.path.join(folder, "bench.log"), "wb") as log:
        started = time.monotonic()
        child = subprocess.Popen(
            words, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    sample = Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
    return child.returncode, sample


STARTER.submit(os.getpid).result()


def run(words, folder, env=None, check=True):
    """Runs a command to its end with its output thrown away, and waits for all it cost."""
    folder = os.path.abspath(folder)
    code, sample = STARTER.submit(spend, words, folder, {**os.environ, **(env or {})}).result()
    if check and code != 0:
        tail = Path(folder, "bench.log").read_text(errors="replace")[-2000:]
        sys.exit(f"{' '.join(map(str, words))}: exit {code}\n{tail}")
    return sample


def in_turns(contestants, tries=5):
    """Runs each `name: function` `tries` times, one after the other in turns, so that a busy moment
    of the machine meets all of them. Gives `name: Sample` of medians."""
    samples = {name: [] for name in contestants}
    for _ in range(tries):
        for name, once in contestants.items():
            samples[name].append(once())
    return {
        name: Sample(*(median(getattr(s, key) for s in own) for key in ("wall", "cpu", "rss")))
        for name, own in samples.items()
    }


def figure(name, ours, theirs, target, unit="ms", scale=1000):
    """Prints `name: ours, theirs, ratio (target)`; gives whether the target was met."""
    ratio = ours / theirs
    is_met = ratio <= target
    print(
        f"{name}: {ours * scale:.4g} {unit}, {theirs * scale:.4g} {unit}, "
        f"ratio {ratio:.2f} (target {target:g}{'' if is_met else ', MISSED'})", flush=True)
    return is_met


def bound(name, value, most, unit):
    """Prints `name: value (target)`; gives whether the target was met."""
    is_met = value <= most
    print(f"{name}: {value:.4g} {unit} (target {most:g}{'' if is_met else ', MISSED'})", flush=True)
    return is_met


def need(program, how):
    """The path of a peer, which must be there."""
    path = find(program)
    if path is None:
        sys.exit(f"{program} is missing: {how}")
    return path


def find(program):
    """The path of a peer, from its own environment first; None where it is missing."""
    own = PEERS / program
    return str(own) if own.exists() else shutil.which(program)


def flow_program(words):
    """flow's path from the first word."""
    if not words:
        sys.exit(f"usage: {sys.argv[0]} FLOW …")
    return os.path.abspath(words[0])


def folder():
    """A folder that goes away with the process."""
    return tempfile.TemporaryDirectory(prefix="flow-bench-")


def layered(count, width=100, needs=3):
    """The needs of each of `count` nodes: `needs` of the layer before, chosen by a fixed rule."""
    graph = []
    for place in range(count):
        first = (place // width - 1) * width
        own = [] if first < 0 else sorted(
            {first + (place * 7 + step * 31) % width for step in range(needs)})
        graph.append(own)
    return graph


def workflow(graph, name="bench", command="'true'"):
    """The graph as a workflow whose nodes run a command through sh."""
    lines = ["flow: 1", f"name: {name}", "nodes:"]
    for place, needs in enumerate(graph):
        names = ", ".join(f"n{need}" for need in needs)
        lines.append(f"  n{place}: {{needs: [{names}], run: {command}}}")
    return "\n".join(lines) + "\n"
