internal import FlowArguments
internal import FlowEngine
internal import FlowJSON
internal import FlowSpec
internal import FlowStore
internal import FlowSystem
internal import FlowYAML
internal import FlowText

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a workflow.",
        examples: [
            ("flow run integrate.yaml", "runs workflows/integrate.yaml"),
            ("flow run integrate.yaml -p min_hits=5", "with another threshold"),
            ("flow run integrate.yaml --only mine", "one node of it"),
        ])

    @Argument(help: "a path, or a name in workflows/", valueName: "workflow") var file: String
    @OptionGroup var start: RunOptions
    @Option(help: "the run's fixed time, RFC 3339", valueName: "time") var now: String?
    @Flag(help: "print the run as JSON when it has ended; progress goes to standard error")
    var json: Bool

    func run() throws -> Int32 {
        let processGuard = try ProcessGuard()
        let session = try Session()
        var cache: CacheMemory?
        let (workflow, bytes) = try session.readWarning(workflow: file) {
            cache = EarlyCache.begin($0, state: session.workspace.state)
        }
        let params = try workflow.bind(file: try start.paramsFile(), arguments: try start.pairs())
        let selection = try start.selection(workflow)
        let capacity = try RunCapacity.checked(start.maxParallel)
        var new = try NewRun(
            workflow, bytes, params: params, session: session, processGuard: processGuard)
        new.cache = cache
        new.now = try fixedTime()
        new.selection = selection
        return try new.carryOut(
            RunStore(session.state()), capacity: capacity, asJSON: json
        ).finish(asJSON: json)
    }

    private func fixedTime() throws -> Timestamp? {
        guard let now else { return nil }
        guard let time = Timestamp(now) else {
            throw UsageError("--now takes a time such as 2026-11-20T02:00:00Z, not '\(now)'")
        }
        return time
    }
}

/// The options that say what of a workflow runs, and how.
struct RunOptions: ParsableArguments {
    @Option(name: ["-p", "--param"], help: "a param", valueName: "name=value") var param: [String]
    @Option(help: "a YAML or JSON file with params", valueName: "file") var params: String?
    @Option(help: "run only this node (and others named so)", valueName: "node") var only: [String]
    @Option(help: "run this node and all that need it", valueName: "node") var from: [String]
    @Option(help: "attempts at once; the number of processors unless given", valueName: "n")
    var maxParallel: Int?

    init() {}

    func pairs() throws -> [(name: String, text: String)] {
        try Pairs.read(param, option: "-p")
    }

    func paramsFile() throws -> JSON? {
        guard let params else { return nil }
        do {
            return try YAMLDocument.read(try Files.read(params, limit: 16 << 20)).root?.json ?? [:]
        } catch {
            throw Misuse("cannot use --params \(params): \(error)")
        }
    }

    /// The nodes that take part; nil: all.
    func selection(_ workflow: Workflow) throws -> Set<String>? {
        guard !only.isEmpty || !from.isEmpty else { return nil }
        let ids = workflow.nodes.map(\.id)
        for id in only + from where !ids.contains(id) {
            throw UsageError(
                "there is no node '\(id)' in \(VisibleText.safe(workflow.name))"
                    + Nearest.hint(id, among: ids))
        }
        var selected = Set(only)
        let graph = Graph(workflow)
        var open = workflow.nodes.indices.filter { from.contains(ids[$0]) }
        while let place = open.popLast() {
            if selected.insert(ids[place]).inserted { open += graph.dependents[place] }
        }
        return selected
    }
}

/// Words of the shape `name=value`.
enum Pairs {
    static func read(_ words: [String], option: String) throws -> [(name: String, text: String)] {
        try words.map { pair in
            guard let sign = pair.utf8.firstIndex(of: UInt8(ascii: "=")), sign != pair.startIndex
            else {
                throw UsageError("\(option) takes name=value, not '\(pair)'")
            }
            return (String(pair[..<sign]), String(pair[pair.utf8.index(after: sign)...]))
        }
    }
}

/// The last lines of a run, and the exit code.
struct RunReport {
    let ending: RunSetup.Ending
    let run: String
    let workflow: String
    /// What the JSON has beside.
    var more: JSONObject = [:]

    func finish(asJSON: Bool) -> Int32 {
        if asJSON {
            var object: JSONObject = [
                "run": .string(run), "workflow": .string(workflow),
                "status": .string(ending.status.rawValue), "outputs": .object(ending.outputs),
            ]
            if !ending.reason.isEmpty { object["reason"] = .string(ending.reason) }
            if ending.status == .waiting {
                object["waiting_for"] = .array(ending.gates.map(\.json))
            }
            for (name, value) in more.members { object[name] = value }
            Output.print(.object(object))
        } else {
            for line in RunSummaries.lines(ending.summaries, run: run) { Output.print(line) }
            sayWhy()
        }
        switch ending.status {
        case .success: return Program.succeeded
        case .cancelled: return Program.cancelled
        case .waiting: return Program.waiting
        default: return Program.failed
        }
    }

    private func sayWhy() {
        if ending.status == .failure {
            Output.note(VisibleText.safe(ending.reason))
            if ending.hasFailedOutput {
                Output.note("mend the file, then flow retry \(run) --latest keeps what succeeded")
                return
            }
            Output.note("see what a node printed: flow logs \(run) NODE; go on: flow resume \(run)")
        } else {
            for gate in ending.gates { Output.note(gate.sentence(run: run)) }
        }
    }
}

/// How many attempts may run at once.
enum RunCapacity {
    /// Each needs a thread and four descriptors, of which a process usually has 1,024 or more.
    private static let most = 200

    /// What `--max-parallel` asks for; the number of processors where it is not given.
    static func checked(_ wanted: Int?) throws -> Int {
        guard let wanted else { return ProcessImage.processors }
        guard (1...most).contains(wanted) else {
            throw UsageError("--max-parallel is a number from 1 to \(most)")
        }
        return wanted
    }
}
