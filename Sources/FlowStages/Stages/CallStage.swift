internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowSystem
internal import FlowText

/// `skills/call`: does one step of a procedure, and writes the event by which it was mined.
enum CallStage: Stage {
    static let reference = "skills/call"

    /// Longer outputs are no step's to hand on: a tool writes them to a file and prints its name.
    private static let longestOutput = 16 << 20
    /// What an event keeps of an output, so that the log stays small; what is longer is not compared
    /// when procedures are mined.
    private static let longestInEvent = 1 << 16

    static func run(_ context: StageContext) throws {
        let tool = context.text("tool")
        let literals = context.input["literals"]?.objectValue ?? [:]
        let arguments = StepArguments.joined(literals, context.input["arguments"] ?? [:])
        let shelf = ToolShelf(
            try RepositorySettings(of: context.workspace),
            path: context.environment["PATH"] ?? "/bin:/usr/bin", workspace: context.workspace)
        guard let way = shelf.way(of: tool, literals: literals) else {
            throw StageError(shelf.complaint(tool, literals: literals) ?? "nothing does it")
        }
        let command = shelf.command(way)
        guard Files.isExecutable(command.program) else {
            let source = if case .tool = way { " by tools of flow.yaml" } else { "" }
            throw StageError(
                "there is no program \(VisibleText.safe(command.program)), which does "
                    + "\(VisibleText.safe(tool))\(source); it must be there, and executable")
        }
        var call = try ToolCall(context, arguments)
        let result = try call.carryOut(command)
        var event: JSONObject = [
            "name": .string(tool), "arguments": arguments,
            "status": result.succeeded ? "success" : "failure",
            "duration_ms": .integer(result.duration.milliseconds),
        ]
        defer { call.tidy() }
        guard result.succeeded else {
            try note(event, context)
            throw ToolFailure(tool, result)
        }
        let output = try output(of: call, way, context)
        if output.text().utf8.count <= longestInEvent { event["output"] = output }
        try note(event, context)
        context.output("result", output)
    }

    /// Attempts of nodes are noted by flow itself.
    private static func note(_ event: JSONObject, _ context: StageContext) throws {
        let type = context.text("type")
        if !EventType.isReserved(type) { try context.event(type, event) }
    }

    private static func output(
        of call: ToolCall, _ way: ToolShelf.Way, _ context: StageContext
    ) throws -> JSON {
        let tool = VisibleText.safe(context.text("tool"))
        var bytes: ArraySlice<UInt8>
        do throws(SystemError) {
            bytes = try Files.read(call.outputFile, limit: longestOutput)[...]
        } catch {
            guard error.code == .tooLarge else { throw error }
            throw StageError(
                "\(tool) printed more than 16 MiB; a step hands on that much only in a file, whose name "
                    + "it prints")
        }
        while bytes.last == 0x0A || bytes.last == 0x0D { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw StageError("what \(tool) printed is no UTF-8 text")
        }
        if !text.isEmpty { context.note(text) }
        var kind = RepositorySettings.Tool.Output.auto
        if case .tool(let tool) = way { kind = tool.output }
        switch kind {
        case .text: return .string(text)
        case .auto: return (try? JSON.read(text)) ?? .string(text)
        case .json:
            do {
                return try JSON.read(text)
            } catch {
                throw StageError("what \(tool) printed is no JSON: \(error)")
            }
        }
    }
}

/// One start of a tool.
private struct ToolCall {
    private let workspace: String
    private let environment: [String]
    private let folder: String
    private let path: String
    private let say: (String) -> Void
    var outputFile: String { Path.join(folder, "call.output") }
    private var inputFile: String { Path.join(folder, "call.input.json") }

    /// Linux takes 128 KiB, the name included (execve(2), MAX_ARG_STRLEN), and a value in a script may
    /// become an argument beside others.
    private static let longestVariable = 1 << 16

    init(_ context: StageContext, _ arguments: JSON) throws {
        workspace = context.workspace
        path = context.environment["PATH"] ?? "/bin:/usr/bin"
        guard let folder = context.environment["FLOW_TMP"] else {
            throw StageError("a stage is started by flow, which sets FLOW_TMP")
        }
        self.folder = folder
        say = context.note
        var variables = context.environment
        // Outputs, events and summary are the step's own.
        for name in ["FLOW_OUTPUT", "GITHUB_OUTPUT", "FLOW_EVENTS", "FLOW_SUMMARY"] {
            variables[name] = nil
        }
        for (name, value) in arguments.objectValue?.members.map({ $0 }) ?? [] {
            guard let name = ArgumentVariable.name(of: name), !value.isNull else { continue }
            let text = value.stringValue ?? value.text()
            guard text.utf8.count <= Self.longestVariable, !text.utf8.contains(0) else {
                context.note("\(name) is in FLOW_INPUT only: no variable can hold it")
                continue
            }
            variables[name] = text
        }
        variables["FLOW_INPUT"] = Path.join(folder, "call.input.json")
        environment = variables.map { "\($0.key)=\($0.value)" }.sorted()
        try Files.write(arguments.bytes(), to: inputFile, sync: false)
    }

    /// Starts it and waits for its end. Standard output goes to a file, the rest to the log.
    mutating func carryOut(_ command: (program: String, arguments: [String])) throws
        -> CommandResult
    {
        guard let shell = Command.find("sh", path: path) else { throw StageError("no sh in PATH") }
        let starter = "exec >\"$1\"; shift; exec \"$@\""
        let words = [command.program] + command.arguments.dropFirst()
        let guardian = try ProcessGuard()
        let lane = try Lane(processGuard: guardian)
        var lines = LogLines(say: say)
        let result = lane.run(
            Command(
                program: shell, arguments: ["sh", "-c", starter, "sh", outputFile] + words,
                environment: CStrings(environment), folder: workspace),
            started: { _, _ in }, output: { lines.add($0) })
        lines.finish()
        if case .unstarted(let error) = result.end {
            throw StageError(
                error.code == .tooLarge
                    ? "the arguments are together too long for a program's variables"
                    : error.description)
        }
        return result
    }

    func tidy() {
        try? Files.remove(outputFile)
        try? Files.remove(inputFile)
    }
}

/// What a step hands to its tool.
enum StepArguments {
    /// Both, objects member by member; what is null among `given` is not there. Arguments that are no
    /// object stand under the empty name.
    static func joined(_ literals: JSONObject, _ given: JSON) -> JSON {
        let all = joined(.object(literals), given) ?? [:]
        return all.objectValue?[""] ?? all
    }

    private static func joined(_ one: JSON?, _ other: JSON) -> JSON? {
        guard let members = other.objectValue else { return other.isNull ? one : other }
        var all = one?.objectValue ?? [:]
        for (name, value) in members.members {
            if let value = joined(all[name], value) { all[name] = value }
        }
        return .object(all)
    }
}

/// The variable that an argument is for a tool.
enum ArgumentVariable {
    /// A name with a small letter in it, which no variable of the system has (POSIX.1-2017, 8.1), but
    /// for those of proxies; nil for another: it is in `FLOW_INPUT` only.
    static func name(of argument: String) -> String? {
        let bytes = argument.utf8
        guard let first = bytes.first, !(0x30...0x39).contains(first),
            bytes.contains(where: { (0x61...0x7A).contains($0) }),
            !argument.lowercased().hasSuffix("_proxy"),
            bytes.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                    || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "_")
            })
        else { return nil }
        return argument
    }
}

/// Hands whole lines on.
private struct LogLines {
    let say: (String) -> Void
    private var rest: [UInt8] = []

    init(say: @escaping (String) -> Void) { self.say = say }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        rest += bytes
        guard let end = rest.lastIndex(of: 0x0A) else { return }
        say(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeSubrange(...end)
    }

    mutating func finish() {
        if !rest.isEmpty { say(String(decoding: rest, as: UTF8.self)) }
        rest = []
    }
}

/// A tool that did not do its work.
struct ToolFailure: Error, CustomStringConvertible {
    let description: String
    /// Whether it asks for another attempt.
    let mayPass: Bool

    init(_ tool: String, _ result: CommandResult) {
        let name = VisibleText.safe(tool)
        if case .signal(let number) = result.end {
            description = "\(name) was ended by the signal \(number)"
            mayPass = false
        } else if case .exit(let code) = result.end {
            description = "\(name) ended with the exit code \(code)"
            mayPass = code == 75
        } else {
            description = "\(name) could not be started"
            mayPass = false
        }
    }
}
