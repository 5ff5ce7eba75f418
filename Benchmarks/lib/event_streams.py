"""Large logs for the measuring of time and memory, written quickly: habits among chance steps."""

import random


def lines(count, run_length, seed, arguments=False, habits=40, tools=60):
    """JSONL of `count` events in runs of about `run_length`: one event in two belongs to one of
    `habits` sequences of 4 to 9 tools."""
    source = random.Random(seed)
    known = [source.sample(range(tools), source.randint(4, 9)) for _ in range(habits)]
    done = run = 0
    while done < count:
        length = min(count - done, max(3, int(source.gauss(run_length, run_length / 4))))
        steps = []
        while len(steps) < length:
            if source.random() < 0.15:
                steps += source.choice(known)
            else:
                steps.append(source.randrange(tools))
        minute = run % 1440
        day = f"2026-{1 + run // 1440 // 28 % 12:02}-{1 + run // 1440 % 28:02}"
        head = f'{{"run": "case{run}", "seq": '
        tail = f'"time": "{day}T{minute // 60:02}:{minute % 60:02}:'
        part = []
        for seq, step in enumerate(steps[:length]):
            more = (f', "arguments": {{"path": "src/file{seq * 7 % 100}.txt", "mode": "m{step}", "depth": {run % 9}}}'
                    if arguments else "")
            part.append(
                f'{head}{seq}, {tail}{seq // 1000 % 60:02}.{seq % 1000:03}Z", "type": "tool.called", '
                f'"name": "Activity number {step} of the process", "agent": "AGENT{step % 7}"{more}}}\n')
        part.append(f'{head}{length}, {tail}59.999Z", "type": "run.finished", '
                    f'"data": {{"status": "{"success" if source.random() < 0.8 else "failure"}"}}}}\n')
        yield "".join(part)
        done += length
        run += 1


def write(path, *words, **more):
    with open(path, "w") as out:
        out.writelines(lines(*words, **more))
