import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// From twenty runs that call tools to a procedure that is applied, and to what is known of it then.
@Suite struct ProcedureStoryTests {
    private let demo: Demo

    init() throws { demo = try Demo() }

    /// Shell nodes that do something and say so; the second step fails on request.
    private static let workflow = #"""
        flow: 1
        name: words
        params:
          source: {type: string}
          report: {type: string}
          broken: {type: boolean, default: false}
        nodes:
          read:
            run: |
              text="$(cat "$SOURCE")"
              printf '{"type":"tool.called","name":"read_file","arguments":{"path":"%s","mode":"text"},"output":"%s","status":"success","duration_ms":5}\n' "$SOURCE" "$text" >> "$FLOW_EVENTS"
              printf 'text=%s\n' "$text" >> "$FLOW_OUTPUT"
            env: {SOURCE: "${{ params.source }}"}
          count:
            needs: read
            run: |
              status=success; $BROKEN && status=failure
              words="$(printf '%s' "$TEXT" | wc -w | tr -d ' ')"
              printf '{"type":"tool.called","name":"count_words","arguments":{"text":"%s"},"output":{"words":%d},"status":"%s"}\n' "$TEXT" "$words" $status >> "$FLOW_EVENTS"
              $BROKEN && exit 1
              printf 'words=%s\n' "$words" >> "$FLOW_OUTPUT"
            env: {TEXT: "${{ needs.read.outputs.text }}", BROKEN: "${{ params.broken }}"}
          write:
            needs: count
            run: |
              echo "$WORDS" > "$REPORT"
              printf '{"type":"tool.called","name":"write_report","arguments":{"to":"%s","words":%d},"status":"success"}\n' "$REPORT" "$WORDS" >> "$FLOW_EVENTS"
            env: {WORDS: "${{ needs.count.outputs.words }}", REPORT: "${{ params.report }}"}

        """#

    private static let tools = #"""

        tools:
          read_file: {run: 'cat "$path"', output: text}
          count_words: {run: 'printf ''{"words": %d}'' "$(printf %s "$text" | wc -w)"'}
          write_report: {run: 'test -n "$words"; echo "$words" > "$to"'}

        """#

    private func runTwenty() throws {
        try demo.write("words.yaml", Self.workflow)
        for number in 0..<20 {
            let text = (0...number).map { "w\($0 * number)" }.joined(separator: " ")
            try demo.write("in\(number)", text)
            let isBroken = number % 7 == 6
            let done = try demo.flow(
                "run", "words.yaml", "-p", "source=in\(number)", "-p", "report=out\(number)", "-p",
                "broken=\(isBroken)")
            #expect(done.exit == (isBroken ? 1 : 0), "\(done)")
        }
    }

    /// Has the one procedure of the runs proposed, and approves it; gives its id.
    private func approve() throws -> String {
        try demo.flow("run", "extract.yaml").checked()
        let proposals = try demo.proposals()
        #expect(proposals.count == 1)
        let id = try #require(proposals.first)
        try demo.flow("proposals", "approve", id).checked()
        try demo.flow("run", "extract.yaml").checked()
        #expect(try demo.skills()[id]?["status"] == "experimental")
        return id
    }

    private static func isNarrow(_ text: String) -> Bool {
        text.split(separator: "\n").allSatisfy { $0.count <= 80 }
    }

    private func attempts() throws -> [JSON] {
        try demo.paths("skills/ledger/").flatMap { try JSONLines.read(demo.blob($0)) }
            .filter { $0["type"] == "attempt" }
    }

    @Test("twenty runs, a procedure of them, and its application, of which the ledger knows")
    func story() throws {
        try runTwenty()
        let found = try demo.flow("skills", "extract", "--json").checked().jsonLines
        let procedure = try #require(found.first)
        #expect(found.count == 1)
        #expect(
            procedure["steps"]?.arrayValue?.map { $0["name"] }
                == ["read_file", "count_words", "write_report"])
        #expect(procedure["parameters"]?.arrayValue?.map { $0["name"] } == ["path", "to"])
        #expect(procedure["evidence"]?["begun"] == 20 && procedure["evidence"]?["support"] == 18)
        let id = try approve()
        try demo.write("flow.yaml", demo.text("flow.yaml") + Self.tools)
        try demo.write("new", "five words are in here")

        let name = procedure["name"]?.stringValue ?? ""
        let done = try demo.flow(
            "skills", "apply", name, "-p", "path=new", "-p", "to=result", "--json"
        ).checked()
        #expect(try demo.text("result") == "5\n")
        let run = try done.json
        #expect(
            run["procedure"] == ["id": .string(id), "name": .string(name), "version": "1.0.0"])
        #expect(done.errors.contains("\(id): success noted in"), "\(done)")
        #expect(try run["recorded"] == .string(String(demo.head().prefix(7))))
        let first = try #require(try attempts().first)
        #expect(first["skill"] == .string(id) && first["success"] == true)
        #expect(first["note"] == .string("version 1.0.0, run \(run["run"]?.stringValue ?? "")"))

        let failed = try demo.flow("skills", "apply", name, "-p", "path=none", "-p", "to=result")
        #expect(failed.exit == 1 && failed.errors.contains("\(id): failure noted in"))
        let head = try demo.head()
        let unnoted = try demo.flow(
            "skills", "apply", id, "--no-record", "-p", "path=new", "-p", "to=result")
        #expect(try unnoted.exit == 0 && demo.head() == head)
        #expect(try attempts().map { $0["success"] } == [true, false])
        let shown = try demo.flow("skills", "show", id).checked().output
        for line in [
            "1 of 2 tries succeeded", "\nversion      1.0.0\n",
            "\nasks for     path, string: ", "18 runs followed it", "confidence   0.50 ",
        ] { #expect(shown.contains(line), "\(shown)") }
        #expect(Self.isNarrow(shown), "\(shown)")

        // what was applied is the same procedure, and two runs more follow it
        let again = try demo.flow("skills", "extract", "--json").checked().jsonLines
        #expect(again.count == 1)
        #expect(again.first?["parameters"]?.arrayValue?.map { $0["name"] } == ["path", "to"])
        #expect(again.first?["evidence"]?["support"] == 20)
    }

    @Test("what is not in the library is refused with the nearest name, and what nothing does")
    func refused() throws {
        try runTwenty()
        let id = try approve()
        let unknown = try demo.flow("skills", "apply", "read-file-to-write-reprot")
        #expect(unknown.exit == 1)
        #expect(unknown.errors.contains("did you mean 'read-file-to-write-report'?"), "\(unknown)")
        let lacking = try demo.flow("skills", "apply", id, "-p", "path=a", "-p", "to=b")
        #expect(lacking.exit == 2 && lacking.errors.contains("count_words: neither an entry"))
        #expect(try attempts().isEmpty)
    }
}
