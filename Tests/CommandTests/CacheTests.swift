import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// Results that stand for commands, with the built program.
@Suite struct CacheTests {
    private static let workflow = """
        flow: 1
        name: w
        params:
          mode: {type: string, default: fast}
        nodes:
          build:
            cache: {inputs: ["src/**"], outputs: ["out/*"]}
            env: {MODE: "${{ params.mode }}"}
            run: |
              echo built >> ran
              mkdir -p out
              cat src/* > out/all
              echo "lines=$(wc -l < out/all)" >> "$FLOW_OUTPUT"
          after:
            needs: build
            env: {LINES: "${{ needs.build.outputs.lines }}"}
            run: echo "after $LINES" >> ran
          legs:
            strategy: {matrix: {n: [1, 2, 3]}}
            cache: {outputs: ["legs/${{ matrix.n }}"], key: "${{ matrix.n }}"}
            run: 'mkdir -p legs; echo leg >> ran; echo "$FLOW_LEG" > "legs/$FLOW_LEG"'
        outputs:
          lines: ${{ needs.build.outputs.lines }}

        """

    private static func counts(_ folder: TemporaryFolder) -> [String: Int] {
        let lines = (try? Files.text(folder.at("ran")))?.split(separator: "\n") ?? []
        return Dictionary(lines.map { (String($0), 1) }, uniquingKeysWith: +)
    }

    @Test("a run again does only what changed, restores files, and its events say from where")
    func story() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", Self.workflow)
        try folder.write("src/a", "1\n")
        let flow = Demo.flow(in: folder.path)
        try flow("run", "w.yaml").checked()
        #expect(Self.counts(folder) == ["built": 1, "after 1": 1, "leg": 3])
        let first = try flow("events", "last").checked().jsonLines

        try Files.remove(folder.at("out"))
        try flow("run", "w.yaml").checked()
        #expect(Self.counts(folder) == ["built": 1, "after 1": 2, "leg": 3])
        #expect(try Files.text(folder.at("out/all")) == "1\n")
        let second = try flow("events", "last").checked().jsonLines
        let finished = second.ofType("node.finished").filter {
            $0["data"]?["cached_from"] != nil
        }
        #expect(Set(finished.compactMap { $0["node"]?.stringValue }) == ["build", "legs"])
        #expect(finished.allSatisfy { $0["data"]?["cached_from"] == first.first?["run"] })
        #expect(finished.allSatisfy { $0["data"]?["result"] == "success" })

        try folder.write("src/a", "1\n2\n")
        let third = try flow("run", "w.yaml", "-p", "mode=slow").checked()
        #expect(!third.output.isEmpty)
        #expect(Self.counts(folder) == ["built": 2, "after 1": 2, "after 2": 1, "leg": 3])
        let misses = try flow("events", "last").checked().jsonLines.ofType("attempt.finished")
            .compactMap { $0["data"]?["cache_misses"] }
        #expect(misses == [["env.MODE", "inputs: src/a (changed)"]])
    }

    @Test("a cache that is damaged, or cannot be used, costs the work and fails no run")
    func damaged() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", Self.workflow)
        try folder.write("src/a", "1\n")
        let flow = Demo.flow(in: folder.path)
        try flow("run", "w.yaml").checked()
        for end in ["-wal", "-shm"] { try Files.remove(folder.at(".flow/cache.db" + end)) }
        try Files.write("not a database, by far", to: folder.at(".flow/cache.db"))
        try flow("run", "w.yaml").checked()
        #expect(Self.counts(folder)["built"] == 2)
        try Files.remove(folder.at(".flow/cache.db"))
        try Files.makeFolder(folder.at(".flow/cache.db/x"))
        try flow("run", "w.yaml").checked()
        #expect(Self.counts(folder)["built"] == 3)
    }
}
