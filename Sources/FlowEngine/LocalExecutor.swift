package import FlowSystem
package import FlowText
internal import FlowJSON
internal import FlowSpec
internal import Synchronization

/// Runs attempts on this machine, one on each lane.
package final class LocalExecutor: AttemptRunner, Sendable {
    /// Where things are for every attempt of a run.
    package struct Places: Sendable {
        /// The repository's root, or the folder the run works in.
        package let workspace: String
        /// The run's own folder in the state.
        package let folder: String
        /// The `flow-stage` program; nil where there is none.
        package let stageProgram: String?
        package let runID: String
        /// flow's own environment, of which commands see a part.
        package let environment: [String: String]
        /// What `.env` gives where the environment does not.
        package var dotEnv: [String: String] = [:]
        /// Hides the run's secrets in all that is kept and shown.
        package var mask = SecretMask.none
        /// A folder that only this user can enter, outside the state, for the files of attempts that
        /// see secrets; nil: the run has none.
        package var privateFolder: String?
        /// Ends what gets out of attempts' process groups; nil: it goes on.
        package var orphans: Orphans?

        package init(
            workspace: String, folder: String, stageProgram: String?, runID: String,
            environment: [String: String]
        ) {
            self.workspace = workspace
            self.folder = folder
            self.stageProgram = stageProgram
            self.runID = runID
            self.environment = environment
        }

        /// The file that keeps what an attempt wrote to `FLOW_SUMMARY`.
        package func summary(node: String, leg: Int?, attempt: Int) -> String {
            String(log(node: node, leg: leg, attempt: attempt).dropLast(4)) + ".summary.md"
        }

        /// The file that keeps what an attempt printed.
        package func log(node: String, leg: Int?, attempt: Int) -> String {
            var path = folder
            path.reserveCapacity(folder.utf8.count + node.utf8.count + 32)
            path += "/logs/"
            path += node
            if let leg { path += ".\(leg)" }
            path += ".\(attempt).log"
            return path
        }
    }

    package let capacity: Int
    let places: Places
    private let cache: AttemptCache?
    private let lanes: [Lane]
    let jobs = Mailbox<Attempt>()
    let mail = Mailbox<AttemptReport>()
    let wheel = PosixMutex(Wheel())
    let keeping = Atomic(Keeping.nothing)
    /// What each lane does.
    private let running: PosixMutex<[Attempt?]>
    private let asked = PosixMutex<Set<LegID>>([])

    /// - Parameter cache: nil: every command runs.
    /// - Throws: `SystemError` when the system has no threads or descriptors left.
    package init(
        capacity: Int, places: Places, processGuard: ProcessGuard?, cache: AttemptCache? = nil
    ) throws(SystemError) {
        self.capacity = capacity
        self.places = places
        self.cache = cache
        running = PosixMutex(Array(repeating: nil, count: capacity))
        var lanes: [Lane] = []
        for _ in 0..<capacity { lanes.append(try Lane(processGuard: processGuard)) }
        self.lanes = lanes
        for number in lanes.indices { try Thread { [self] in serve(number) }.detach() }
    }

    /// Ends the lanes' threads once they are idle.
    package func close() { jobs.close() }

    /// Asks the run to end, from any thread.
    package func interrupt() { mail.send(.interrupted) }

    /// Makes the run look at what has changed outside, from any thread.
    package func poke() { mail.send(.poked) }

    package func recall(_ attempts: [Attempt], _ use: ([AttemptOutcome?]) -> Void) {
        giveUpKept()
        guard let cache else { return use(attempts.map { _ in nil }) }
        cache.recall(attempts, use)
    }

    package func cancel(_ leg: LegID) {
        _ = asked.withLock { $0.insert(leg) }
        // Within the lock: the lane must not go on to another attempt meanwhile.
        running.withLock { running in
            guard let lane = running.firstIndex(where: { $0?.leg == leg }) else { return }
            lanes[lane].cancel()
        }
    }

    /// Ends what an ended attempt has left outside its process group. What does not say of which
    /// attempt it is (its environment has been cleared) ends when no attempt runs.
    func end(_ orphans: Orphans) {
        let run = "FLOW_RUN_ID=\(places.runID)"
        orphans.end { variables in
            running.withLock { running in
                let attempts = running.compactMap { $0 }
                guard variables.contains(run) else { return !attempts.isEmpty }
                return attempts.contains { attempt in
                    variables.contains("FLOW_NODE=\(attempt.nodeID)")
                        && variables.contains("FLOW_LEG=\(attempt.legKey)")
                        && variables.contains("FLOW_ATTEMPT=\(attempt.number)")
                }
            }
        }
    }

    // MARK: A lane's thread

    /// What a lane keeps from one attempt to the next.
    private struct Bench {
        let lane: Int
        /// By the folder that they are in: attempts that see secrets have one of their own.
        private var folders: [String: AttemptFiles.Folders] = [:]
        private var prepared: CommandEnvironment?
        private var shell: (path: String, program: String?)?

        init(lane: Int) { self.lane = lane }

        /// The folders for the files of an attempt, made where they are missing.
        mutating func folders(in parent: String) throws(SystemError) -> AttemptFiles.Folders {
            if let made = folders[parent] { return made }
            let made = try AttemptFiles.Folders(in: parent, lane: lane)
            folders[parent] = made
            return made
        }

        /// Lets the folders be made anew.
        mutating func forget(_ parent: String) { folders[parent] = nil }

        mutating func environment(_ places: Places, _ attempt: Attempt) -> CommandEnvironment {
            if let prepared { return prepared }
            let environment = CommandEnvironment(places, now: attempt.now)
            prepared = environment
            return environment
        }

        /// Looks a program up; the shell, which most nodes run, once for each `PATH`.
        mutating func find(_ name: String, path: String) -> String? {
            guard name == "sh" else { return Command.find(name, path: path) }
            if let shell, shell.path == path { return shell.program }
            let program = Command.find(name, path: path)
            shell = (path, program)
            return program
        }
    }

    private func serve(_ number: Int) {
        var bench = Bench(lane: number)
        while let attempt = jobs.next() {
            lanes[number].rearm()
            running.withLock { $0[number] = attempt }
            if asked.withLock({ $0.contains(attempt.leg) }) { lanes[number].cancel() }
            // Of an attempt that was over at once both ends are told together.
            var reports: [AttemptReport] = []
            let outcome = run(attempt, &bench) { reports = [$0] }
            running.withLock { $0[number] = nil }
            deliver(reports + [.finished(attempt.leg, outcome)])
        }
    }

    /// - Parameter keep: takes the report of the beginning where the end follows at once.
    private func run(
        _ attempt: Attempt, _ bench: inout Bench, keep: (AttemptReport) -> Void
    ) -> AttemptOutcome {
        let look = cache?.look(attempt)
        if let outcome = look?.outcome { return outcome }
        let leg = attempt.isMatrix ? attempt.leg.leg : nil
        let log = AttemptLog(
            path: places.log(node: attempt.nodeID, leg: leg, attempt: attempt.number),
            mask: places.mask)
        let parent = attempt.usesSecrets ? places.privateFolder ?? places.folder : places.folder
        do throws(SystemError) {
            var files = AttemptFiles(
                "\(attempt.leg.node).\(attempt.leg.leg).\(attempt.number)",
                in: try bench.folders(in: parent), mask: places.mask)
            try files.prepare(input: attempt.input)
            let command = try command(attempt, &files, &bench)
            var result = lanes[bench.lane].run(command) { pid, isOver in
                let report = AttemptReport.started(
                    attempt.leg, attempt: attempt.number, pid: Int(pid))
                if isOver { keep(report) } else { mail.send(report) }
            } output: { bytes in
                if let line = log.write(bytes) { mail.send(.printed(attempt.leg, line: line)) }
            }
            if let line = log.finish() { mail.send(.printed(attempt.leg, line: line)) }
            if case .unstarted(let error) = result.end, error.code == .tooLarge {
                result.end = .unstarted(Self.tooLarge(error))
            }
            files.look()
            var outcome = outcome(result, attempt, files, log)
            look?.keep(&outcome)
            keepSummary(files, leg: leg, attempt)
            // What cannot be removed (a read-only folder) does not change what happened.
            let isClear = try? files.clear()
            if isClear != true { bench.forget(parent) }
            return outcome.masked(places.mask)
        } catch {
            return AttemptOutcome(result: CommandResult(end: .unstarted(error)))
                .masked(places.mask)
        }
    }

    /// What the attempt wrote for people, which `flow show` prints; a file of more than 1 MiB is
    /// none.
    private func keepSummary(_ files: AttemptFiles, leg: Int?, _ attempt: Attempt) {
        guard files.hasSummary, Files.kind(files.summary) == .file,
            let bytes = try? Files.read(files.summary, limit: 1 << 20), !bytes.isEmpty
        else { return }
        let path = places.summary(node: attempt.nodeID, leg: leg, attempt: attempt.number)
        try? Files.write(places.mask.mask(bytes), to: path, sync: false)
    }

    private static func tooLarge(_ error: SystemError) -> SystemError {
        SystemError(
            code: .tooLarge, doing: error.doing,
            message: "its arguments or its environment are longer than the kernel takes; hand long "
                + "values to an action through with, which it reads from the file FLOW_INPUT")
    }

    private func outcome(
        _ result: CommandResult, _ attempt: Attempt, _ files: AttemptFiles, _ log: AttemptLog
    ) -> AttemptOutcome {
        var outcome = AttemptOutcome(result: result, lastLine: log.lastLine)
        switch files.ownEvents(isEnded: !result.succeeded) {
        case .success(let events): outcome.events = events
        case .failure(let mistake): outcome.mistake = mistake.description
        }
        if result.succeeded {
            switch files.outputs(attempt.outputs) {
            case .success(let outputs): outcome.outputs = outputs
            case .failure(let mistake): outcome.mistake = mistake.description
            }
        }
        if let failure = log.failure { outcome.mistake = "\(failure)" }
        return outcome
    }

    private func command(
        _ attempt: Attempt, _ files: inout AttemptFiles, _ bench: inout Bench
    ) throws(SystemError) -> Command {
        let (lines, path) = bench.environment(places, attempt).lines(attempt, files)
        let words = try words(attempt, &files)
        guard let program = words.first.flatMap({ bench.find($0, path: path) }) else {
            throw SystemError(
                code: .notFound, doing: "start \(words.first ?? "")",
                message: "no such program in PATH")
        }
        return Command(
            program: program, arguments: words, environment: lines,
            folder: try folder(attempt.folder), timeout: attempt.timeout, grace: attempt.grace)
    }

    /// The working folder, which links and expressions do not lead out of the repository.
    private func folder(_ relative: String) throws(SystemError) -> String {
        if relative.isEmpty { return places.workspace }
        let named = Path.join(places.workspace, relative)
        // One that is not there is named by the start that fails.
        guard Files.exists(named) else { return named }
        let folder = try Files.real(named)
        guard Path.isWithin(folder, try Files.real(places.workspace)) else {
            throw SystemError(
                code: .outside, doing: "work in \(VisibleText.safe(relative))",
                message: "it is outside the repository")
        }
        return folder
    }

    /// Program and arguments.
    private func words(_ attempt: Attempt, _ files: inout AttemptFiles) throws(SystemError)
        -> [String]
    {
        switch attempt.program {
        case .arguments(let words): return words
        case .script(let text, let shell): return try shell.words(for: text, &files)
        case .action(let folder, let command):
            guard let first = command.first else { return [] }
            let local = Path.join(Path.join(places.workspace, folder), first)
            return [Files.exists(local) ? local : first] + command.dropFirst()
        case .stage(let reference):
            guard let program = places.stageProgram else {
                throw SystemError(
                    code: .notFound, doing: "start the stage \(reference)",
                    message: "flow-stage is neither beside flow nor in PATH; install both")
            }
            return [program, reference]
        }
    }
}

extension Shell {
    /// The largest script that is passed as an argument; the kernel's limit is 128 KiB.
    private static let longest = 100_000

    fileprivate func words(for text: String, _ files: inout AttemptFiles) throws(SystemError)
        -> [String]
    {
        if case .program(let words) = self { return words + [try files.keep(script: text)] }
        let isShort = text.utf8.count <= Self.longest && !text.utf8.contains(0)
        let script = isShort ? "" : try files.keep(script: text)
        switch self {
        case .sh: return ["sh", "-eu"] + (isShort ? ["-c", text] : [script])
        case .bash: return ["bash", "-eu", "-o", "pipefail"] + (isShort ? ["-c", text] : [script])
        default: return ["python3"] + (isShort ? ["-c", text] : [script])
        }
    }
}
