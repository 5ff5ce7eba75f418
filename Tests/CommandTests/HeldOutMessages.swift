import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Raw messages of the causes that a demo's skills are for, which are not among the skills' examples.
///
/// The cause of a skill is the true cause, as recorded beside the sample, of the records that hold its
/// examples; a held-out message is the part of another record of that cause that the skill's
/// expression describes.
struct HeldOutMessages {
    let messages: [(label: String, text: String)]

    init(_ demo: Demo, count: Int = 10) throws {
        let samples = Path.join(BuiltPrograms.checkout, "datasets/samples")
        let lines = try demo.skills().sorted { $0.key < $1.key }.map { id, skill -> JSON in
            [
                "id": .string(id), "regex": skill["match"]?["message_regex"] ?? nil,
                "examples": skill["examples"] ?? nil, "folder": .string(samples),
            ]
        }
        let found = try Python.run(Self.script, lines).map { answer in
            (
                label: answer["id"]?.stringValue ?? "",
                texts: answer["held"]?.arrayValue?.compactMap(\.stringValue) ?? []
            )
        }
        var messages: [(label: String, text: String)] = []
        for round in 0..<count {
            for skill in found where skill.texts.indices.contains(round) {
                messages.append((skill.label, skill.texts[round]))
            }
        }
        self.messages = Array(messages.prefix(count))
    }

    private static let script = #"""
        import collections, json, pathlib, re, sys
        records = []
        for line in sys.stdin:
            skill = json.loads(line)
            folder = pathlib.Path(skill["folder"])
            if not records:
                for table in sorted((folder / "causes").glob("*.tsv")):
                    log = (folder / (table.stem + ".log")).read_bytes().decode().split("\n")
                    for row in table.read_text().splitlines():
                        first, count, cause, _ = row.split("\t")
                        start = int(first) - 1
                        records.append((cause, "\n".join(log[start:start + int(count)])))
            pattern = re.compile(skill["regex"], re.ASCII)
            causes = collections.Counter(
                cause for cause, text in records for e in skill["examples"] if e in text)
            right = causes.most_common(1)[0][0]
            held = []
            for cause, text in records:
                if cause != right: continue
                for line in text.split("\n"):
                    starts = [0] + [m.end() for m in re.finditer(r"\s+", line)]
                    fits = [line[s:] for s in starts if pattern.fullmatch(line[s:])]
                    if fits and fits[0] not in skill["examples"] and fits[0] not in held:
                        held.append(fits[0])
            print(json.dumps({"id": skill["id"], "cause": right, "held": held}))
        """#
}
