package import FlowJSON
internal import FlowSkills
internal import FlowSpec
package import FlowStore
package import FlowSystem
internal import FlowText

/// One stage's side of the node contract: what it is given, and where it hands over.
package final class StageContext {
    /// The evaluated `with`, checked against the manifest, defaults filled in.
    package let input: JSONObject
    package let workspace: String
    package let state: StateFolder
    /// The run's fixed time.
    package let now: Timestamp
    package let run: String
    package let node: String
    /// The same for every attempt of one leg of one run.
    package let key: String
    /// What the stage was started with.
    package let environment: [String: String]
    private let outputFile: String?
    private let eventsFile: String?
    private let summaryFile: String?
    private var said = ""
    private var outputs: [(name: String, value: JSON)] = []
    /// Outputs of any type: text among them is JSON too, or `3` could be either.
    private let untyped: Set<String>
    /// Prints a line of the log, from any thread.
    let say: @Sendable (String) -> Void

    /// - Parameter environment: `FLOW_…` as the engine sets them.
    /// - Throws: `StageError` where the contract is not there or the input does not fit.
    package init(
        _ reference: String, environment: [String: String],
        say: @escaping @Sendable (String) -> Void
    ) throws {
        let manifest = try BuiltinActions.all().first { $0.reference == reference }
        guard let manifest else { throw StageError("there is no stage '\(reference)'") }
        guard let workspace = environment["FLOW_WORKSPACE"], let state = environment["FLOW_STATE"],
            let now = environment["FLOW_NOW"].flatMap({ Timestamp($0) })
        else {
            throw StageError(
                "a stage is started by flow, which sets FLOW_WORKSPACE, FLOW_STATE and FLOW_NOW: "
                    + "write a workflow with 'uses: \(reference)'")
        }
        untyped = Set(manifest.outputs.filter { $0.kind == .any }.map(\.name))
        self.environment = environment
        self.workspace = workspace
        self.state = try StateFolder(state)
        self.now = now
        run = environment["FLOW_RUN_ID"] ?? ""
        node = environment["FLOW_NODE"] ?? ""
        key = environment["FLOW_IDEMPOTENCY_KEY"] ?? ""
        outputFile = environment["FLOW_OUTPUT"]
        eventsFile = environment["FLOW_EVENTS"]
        summaryFile = environment["FLOW_SUMMARY"]
        self.say = say
        let given = try environment["FLOW_INPUT"].map { try JSON.read(try Files.read($0)) } ?? [:]
        let (checked, mistakes) = manifest.checked(inputs: given)
        guard mistakes.isEmpty else { throw StageError(mistakes.joined(separator: "; ")) }
        input = checked.objectValue ?? [:]
    }

    /// Sets an output; the last value of a name counts.
    package func output(_ name: String, _ value: JSON) {
        outputs.removeAll { $0.name == name }
        outputs.append((name, value))
    }

    /// Writes an event of the stage's own.
    package func event(_ type: String, _ data: JSONObject) throws {
        guard let eventsFile else { return }
        let line: JSON = ["type": .string(type), "data": .object(data)]
        try append(line.bytes() + [0x0A], to: eventsFile)
    }

    /// Prints a line of the log.
    package func note(_ text: String) { say(text) }

    /// Prints what the stage did, a line, which then stands in the run's summary too.
    package func summary(_ text: String) {
        note(text)
        said += text + "\n"
    }

    /// Hands outputs and summary over. Call it last: a stage that throws has none.
    package func finish() throws {
        if let summaryFile, !said.isEmpty { try append(Array(said.utf8), to: summaryFile) }
        guard let outputFile else { return }
        var bytes: [UInt8] = []
        for (name, value) in outputs {
            if case .string(let text) = value, !untyped.contains(name) {
                let end = "END_" + String(SHA256.hex(text.utf8).prefix(16))
                bytes += Array("\(name)<<\(end)\n\(text)\n\(end)\n".utf8)
            } else {
                bytes += Array("\(name)=".utf8) + value.bytes() + [0x0A]
            }
        }
        try append(bytes, to: outputFile)
    }

    private func append(_ bytes: [UInt8], to path: String) throws {
        let file = try AppendingFile(path)
        try file.append(bytes)
    }
}

extension StageContext {
    /// Hands over what is wrong in files of the repository, for the workflow's end to name; the stage
    /// goes on with the rest.
    func problems(_ problems: [Mistake]) {
        for problem in problems { note("problem: \(VisibleText.safe(problem.description))") }
        output("problems", .array(problems.map(\.json)))
    }

    package func text(_ name: String) -> String { input[name]?.stringValue ?? "" }
    package func integer(_ name: String) -> Int { input[name]?.intValue ?? 0 }
    package func number(_ name: String) -> Double { input[name]?.doubleValue ?? 0 }
    package func boolean(_ name: String) -> Bool { input[name]?.boolValue ?? false }
    package func texts(_ name: String) -> [String] { array(name).compactMap(\.stringValue) }
    package func array(_ name: String) -> [JSON] { input[name]?.arrayValue ?? [] }
}

/// A stage that cannot do what it was asked.
package struct StageError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

extension Mistake {
    /// As a stage hands it over.
    fileprivate var json: JSON {
        [
            "file": .string(path), "line": .integer(line), "column": .integer(column),
            "message": .string(message),
        ]
    }
}
