import FlowJSON
import FlowSystem
import FlowTestSupport
import Glibc

/// A folder in which a run of everything the language has is killed and taken up again: a matrix,
/// retries, gates, a cache, workflows as nodes, a pool, values large and small.
///
/// Each command notes that it began and ended, with its process and its idempotency key, and holds a
/// lock of its leg meanwhile that nobody else can have.
struct CrashTrial {
    let folder: TemporaryFolder

    private static let files = [
        ("src/a", "1\n"), ("locks/.keep", ""),
        (
            "mark",
            """
            exec 9>"locks/$FLOW_IDEMPOTENCY_KEY"
            flock -n 9 || echo "two processes of $FLOW_NODE $FLOW_LEG at once" >> violations
            { rmdir "$FLOW_TMP" && mkdir "$FLOW_TMP" && [ ! -e "$FLOW_OUTPUT" ]; } ||
              echo "$FLOW_NODE $FLOW_LEG found what another attempt had left" >> violations
            : > "$FLOW_TMP/left"
            echo "begin $FLOW_IDEMPOTENCY_KEY $FLOW_ATTEMPT $$" >> marks
            end() { echo "end $FLOW_IDEMPOTENCY_KEY $FLOW_ATTEMPT $$" >> marks; }

            """
        ),
        (
            "inner.yaml",
            """
            flow: 1
            params: {x: {type: string}}
            nodes:
              one: {env: {X: "${{ params.x }}"}, run: '. ./mark; echo "y=$X$X" >> "$FLOW_OUTPUT"; end'}
              gate: {needs: one, if: params.x == 'gated', approve: {}}
              two:
                needs: [one, gate]
                if: "!failure()"
                env: {Y: "${{ needs.one.outputs.y }}"}
                run: '. ./mark; echo "z=$Y." >> "$FLOW_OUTPUT"; end'
            outputs: {z: "${{ needs.two.outputs.z }}"}

            """
        ),
        (
            "w.yaml",
            """
            flow: 1
            name: w
            params: {round: {type: string}}
            pools: {p: 1}
            nodes:
              small: {run: '. ./mark; echo "x=1" >> "$FLOW_OUTPUT"; end'}
              large:
                run: |
                  . ./mark
                  { printf text=; head -c 20000 /dev/zero | tr '\\0' x; echo " the end"; } >> "$FLOW_OUTPUT"
                  end
              flaky:
                needs: small
                retry: {max-attempts: 3, delay: 1ms}
                run: |
                  . ./mark
                  if [ ! -e tried ]; then : > tried; end; exit 1; fi
                  echo "x=2" >> "$FLOW_OUTPUT"; end
              kept:
                cache: {inputs: ["src/**"], outputs: ["out/*"]}
                run: '. ./mark; mkdir -p out; cat src/* > out/all; echo "n=$(wc -l < out/all)" >> "$FLOW_OUTPUT"; end'
              made:
                needs: small
                cache: {inputs: ["src/**"], outputs: ["made/*"], key: "${{ params.round }}"}
                run: '. ./mark; mkdir -p made; cat src/* > made/all; echo "n=7" >> "$FLOW_OUTPUT"; end'
              slow:
                needs: [small, kept]
                strategy: {matrix: {n: [1, 2, 3, 4]}, fail-fast: false}
                continue-on-error: true
                pool: p
                env: {N: "${{ matrix.n }}"}
                run: '. ./mark; [ "$N" != 3 ] || { end; exit 1; }; echo "n=$N" >> "$FLOW_OUTPUT"; end'
              fast:
                needs: flaky
                strategy: {matrix: {n: [1, 2, 3]}, max-parallel: 1, fail-fast: true}
                env: {N: "${{ matrix.n }}"}
                run: '. ./mark; [ "$N" != 2 ] || { end; exit 1; }; echo "n=$N" >> "$FLOW_OUTPUT"; end'
              sub: {needs: small, uses: ./inner.yaml, with: {x: gated}}
              subs:
                needs: small
                strategy: {matrix: {n: [a, b]}}
                uses: ./inner.yaml
                with: {x: "${{ matrix.n }}"}
              sign: {needs: [slow, large], approve: {form: {ticket: {type: string, default: T1}}}}
              last:
                needs: [sign, sub, subs, made, large]
                env:
                  ALL: ${{ join(needs.subs.outputs.z) }}
                  SEEN: ${{ endsWith(needs.large.outputs.text, 'the end') }}
                  TICKET: ${{ needs.sign.outputs.ticket }}
                run: |
                  . ./mark
                  { echo "all=$ALL"; echo "seen=$SEEN"; echo "ticket=$TICKET"; } >> "$FLOW_OUTPUT"
                  end
            outputs:
              all: ${{ needs.last.outputs.all }}
              seen: ${{ needs.last.outputs.seen }}
              slow: ${{ needs.slow.outputs.n }}
              fast: ${{ needs.fast.outputs.n }}
              kept: ${{ needs.kept.outputs.n }}
              z: ${{ needs.sub.outputs.z }}
              text: ${{ needs.large.outputs.text }}

            """
        ),
    ]

    /// A new folder; with `other`, one with that one's state, so with results to restore, and without
    /// the files of its runs.
    init(stateOf other: CrashTrial? = nil) throws {
        folder = try TemporaryFolder()
        for (name, text) in Self.files { try folder.write(name, text) }
        if let other {
            try TestProgram("cp", in: "/")("-a", other.folder.at(".flow"), folder.path).checked()
        }
    }

    var flow: TestProgram { Demo.flow(in: folder.path, environment: ["USER": "ada"]) }

    // MARK: What stands there

    /// The newest run that is not `earlier`, read past flow, and whether SQLite finds its files whole.
    func look(earlier: String = "") throws -> CrashLook {
        let script = """
            import atexit, glob, json, os, shutil, sqlite3, sys, tempfile
            # A copy, so that it is flow that mends what the kill has left.
            look = tempfile.mkdtemp()
            atexit.register(shutil.rmtree, look)
            for path in glob.glob(".flow/*.db*"):
                # What a dying flow removes last may go away meanwhile.
                try: shutil.copyfile(path, look + "/" + os.path.basename(path))
                except FileNotFoundError: pass
            for path in glob.glob(look + "/*.db"):
                db = sqlite3.connect(path)
                state = db.execute("PRAGMA integrity_check").fetchone()[0]
                if state != "ok": print(json.dumps({"problem": f"{path}: {state}"}))
                if path != look + "/runs.db": continue
                if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'events'").fetchall(): continue
                for number, run in db.execute("SELECT number, id FROM runs ORDER BY number DESC LIMIT 1"):
                    if run == sys.argv[1]: continue
                    for row in db.execute("SELECT seq, type, node, leg, attempt, data FROM events WHERE run = ? ORDER BY seq", [number]):
                        event = dict(zip(["seq", "type", "node", "leg", "attempt"], row), data=json.loads(row[5]))
                        print(json.dumps({"run": run, **event}))
            """
        let lines = try TestProgram("python3", in: folder.path)("-c", script, earlier).checked()
            .jsonLines
        return CrashLook(
            events: lines.filter { $0["problem"] == nil },
            problems: lines.compactMap { $0["problem"]?.stringValue },
            marks: try text("marks").split(separator: "\n").compactMap(CrashLook.Mark.init))
    }

    func text(_ name: String) throws -> String {
        Files.exists(folder.at(name)) ? try Files.text(folder.at(name)) : ""
    }
}

/// A run's log and what its commands noted, at one moment.
struct CrashLook {
    let events: [JSON]
    let problems: [String]
    let marks: [Mark]

    /// What a command noted: a beginning or an end.
    struct Mark {
        let isBeginning: Bool
        /// The same for all attempts of a leg.
        let key: String
        let attempt: Int
        let pid: Int

        init?(_ line: Substring) {
            let words = line.split(separator: " ")
            guard words.count == 4, let attempt = Int(words[2]), let pid = Int(words[3]) else {
                return nil
            }
            isBeginning = words[0] == "begin"
            key = String(words[1])
            self.attempt = attempt
            self.pid = pid
        }
    }

    var run: String? { events.first?["run"]?.stringValue }
    var lastType: String { events.last?["type"]?.stringValue ?? "no run" }
    var hasFinished: Bool { lastType == "run.finished" }

    /// Gates that nobody has decided.
    var gates: [String] {
        let decided = Set(events.ofType("approval.decided").compactMap { $0["node"] })
        return events.ofType("approval.requested").filter { event in
            event["node"].map { !decided.contains($0) } ?? false
        }.compactMap { $0["node"]?.stringValue }
    }

    /// What must not depend on whether flow was killed.
    var end: [String: JSON] {
        var end: [String: JSON] = [:]
        for event in events {
            let place = [event["node"], event["leg"]].map { $0?.text() ?? "" }
            switch event["type"] {
            case "node.finished":
                end["\(place[0])"] = [
                    event["data"]?["result"] ?? nil, event["data"]?["reason"] ?? nil,
                ]
            case "node.output":
                let name = event["data"]?["name"]?.stringValue ?? ""
                end["\(place) \(name)"] = event["data"]?["value"] ?? event["data"]?["ref"]
            case "run.finished": end["run"] = event["data"]
            default: break
            }
        }
        return end
    }

    // MARK: What must not be

    /// Attempts that the log calls finished and that did not begin once, or began again; and legs that
    /// began anew after they had succeeded.
    var repeated: [String] {
        var repeated: [String] = []
        var pids: [JSON: Int] = [:]
        for event in events {
            let leg: JSON = [event["node"] ?? nil, event["leg"] ?? nil, event["attempt"] ?? nil]
            if event["type"] == "attempt.started", let pid = event["data"]?["pid"]?.intValue {
                pids[leg] = pid
            }
            guard event["type"] == "attempt.finished", event["data"]?["exit"]?.intValue != nil,
                event["data"]?["cached_from"] == nil, let pid = pids[leg],
                let attempt = event["attempt"]?.intValue
            else { continue }
            let own = marks.indices.filter {
                marks[$0].isBeginning && marks[$0].pid == pid && marks[$0].attempt == attempt
            }
            guard let place = own.first, own.count == 1 else {
                repeated.append("\(leg.text()) began \(own.count) times")
                continue
            }
            let isOver = event["data"]?["result"] == "success"
            let again = marks[place...].dropFirst().contains {
                $0.isBeginning && $0.key == marks[place].key
                    && (isOver || $0.attempt <= attempt)
            }
            if again { repeated.append("\(leg.text()) ran again") }
        }
        return repeated
    }

    /// What an earlier look at the same run saw and this one does not.
    func lost(since earlier: CrashLook) -> [String] {
        guard earlier.run == run || earlier.run == nil else {
            return ["the run \(earlier.run ?? "")"]
        }
        return zip(earlier.events, events.map(Optional.init) + Array(repeating: nil, count: 1000))
            .filter { $0 != $1 }.map { "lost \($0.0.text())" }
    }

    /// Results that flow showed and the log does not have.
    func unkept(_ shown: TestResult) -> [String] {
        shown.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard line.hasPrefix("  "), words.count > 1, ["success", "failure"].contains(words[1]),
                events.result(of: String(words[0])) != String(words[1])
            else { return nil }
            return "shown and not in the log: \(line)"
        }
    }
}
