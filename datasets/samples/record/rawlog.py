"""One raw file and, beside it, the true cause of each of its records."""

from pathlib import Path


class RawLog:
    """Collects records as the program wrote them; `save` writes both files."""

    def __init__(self, source):
        self.source = source
        self.chunks = []
        self.rows = []
        self.next_line = 1

    def add(self, text, cause, component):
        """Adds the bytes of one failure; they must be whole lines."""
        text.decode("utf-8")
        if not text.endswith(b"\n") or not text.strip():
            raise ValueError(f"{self.source}: {cause}: not whole lines: {text!r}")
        lines = text.count(b"\n")
        self.chunks.append(text)
        self.rows.append((self.next_line, lines, cause, component))
        self.next_line += lines

    def save(self, out):
        out = Path(out)
        (out / "causes").mkdir(parents=True, exist_ok=True)
        (out / f"{self.source}.log").write_bytes(b"".join(self.chunks))
        table = "".join("\t".join(map(str, row)) + "\n" for row in self.rows)
        (out / "causes" / f"{self.source}.tsv").write_text(table)


class Growth:
    """Reads what a running program has appended to its log file since the last look."""

    def __init__(self, path):
        self.path = Path(path)
        self.offset = self.path.stat().st_size

    def read(self):
        with self.path.open("rb") as file:
            file.seek(self.offset)
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.offset += len(whole)
        return whole
