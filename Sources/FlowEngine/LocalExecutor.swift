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
            let leg = leg.map { ".\($0)" } ?? ""
            return Path.join(folder, "logs/\(node)\(leg).\(attempt).log")
        }
    }

    package let capacity: Int
    private let places: Places
    private let cache: AttemptCache?
    private let lanes: [Lane]
    private let jobs = Mailbox<Attempt>()
    private let mail = Mailbox<AttemptReport>()
    private let running = Mutex<[LegID: Int]>([:])
    private let asked = Mutex<Set<LegID>>([])

    /// - Parameter cache: nil: every command runs.
    /// - Throws: `SystemError` when the system has no threads or descriptors left.
    package init(
        capacity: Int, places: Places, processGuard: ProcessGuard?, cache: AttemptCache? = nil
    ) throws(SystemError) {
        self.capacity = capacity
        self.places = places
        self.cache = cache
        var lanes: [Lane] = []
        for _ in 0..<capacity { lanes.append(try Lane(processGuard: processGuard)) }
        self.lanes = lanes
        for number in lanes.indices { try Thread { [self] in serve(number) }.detach() }
    }

    /// Ends the lanes' threads once they are idle.
    package func close() { jobs.close() }

    /// Asks the run to end, from any thread.
    package func interrupt() { mail.send(.interrupted) }

    package func recalled(_ attempt: Attempt) -> AttemptOutcome? { cache?.recalled(attempt) }

    package func start(_ attempt: Attempt) { jobs.send(attempt) }

    package func cancel(_ leg: LegID) {
        _ = asked.withLock { $0.insert(leg) }
        // Within the lock: the lane must not go on to another attempt meanwhile.
        running.withLock { lanesOf in
            if let lane = lanesOf[leg] { lanes[lane].cancel() }
        }
    }

    package func reports(until deadline: Timestamp?) -> [AttemptReport] {
        let monotonic = deadline.map { deadline in
            let clock = SystemClock()
            let rest = max(0, deadline.microseconds - clock.now().microseconds)
            return clock.monotonic() + rest * 1000
        }
        return mail.all(until: monotonic)
    }

    // MARK: A lane's thread

    private func serve(_ number: Int) {
        while let attempt = jobs.next() {
            lanes[number].rearm()
            running.withLock { $0[attempt.leg] = number }
            if asked.withLock({ $0.contains(attempt.leg) }) { lanes[number].cancel() }
            let outcome = run(attempt, number)
            _ = running.withLock { $0.removeValue(forKey: attempt.leg) }
            mail.send(.finished(attempt.leg, outcome))
        }
    }

    private func run(_ attempt: Attempt, _ number: Int) -> AttemptOutcome {
        let look = cache?.look(attempt)
        if let outcome = look?.outcome { return outcome }
        let leg = attempt.isMatrix ? attempt.leg.leg : nil
        let name = attempt.nodeID + (leg.map { ".\($0)" } ?? "") + ".\(attempt.number)"
        let folder = attempt.usesSecrets ? places.privateFolder ?? places.folder : places.folder
        let files = AttemptFiles(
            base: Path.join(folder, "attempts/" + name),
            scratch: Path.join(folder, "scratch/\(number)"), mask: places.mask)
        let log = AttemptLog(
            path: places.log(node: attempt.nodeID, leg: leg, attempt: attempt.number),
            mask: places.mask)
        do throws(SystemError) {
            try files.prepare(input: attempt.input)
            let command = try command(attempt, files)
            var result = lanes[number].run(command) { pid in
                mail.send(.started(attempt.leg, attempt: attempt.number, pid: Int(pid)))
            } output: { bytes in
                if let line = log.write(bytes) { mail.send(.printed(attempt.leg, line: line)) }
            }
            if let line = log.finish() { mail.send(.printed(attempt.leg, line: line)) }
            if case .unstarted(let error) = result.end, error.code == .tooLarge {
                result.end = .unstarted(Self.tooLarge(error))
            }
            var outcome = outcome(result, attempt, files, log)
            look?.keep(&outcome)
            keepSummary(files, leg: leg, attempt)
            // What cannot be removed (a read-only folder) does not change what happened.
            try? files.clear()
            return outcome.masked(places.mask)
        } catch {
            return AttemptOutcome(result: CommandResult(end: .unstarted(error)))
                .masked(places.mask)
        }
    }

    /// What the attempt wrote for people, which `flow show` prints; a file of more than 1 MiB is
    /// none.
    private func keepSummary(_ files: AttemptFiles, leg: Int?, _ attempt: Attempt) {
        guard Files.kind(files.summary) == .file,
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

    private func command(_ attempt: Attempt, _ files: AttemptFiles) throws(SystemError) -> Command {
        let environment = attempt.variables(places, files)
        let words = try words(attempt, files)
        let path = environment["PATH"] ?? "/bin:/usr/bin"  // as execvp(3)
        guard let program = words.first.flatMap({ Command.find($0, path: path) }) else {
            throw SystemError(
                code: .notFound, doing: "start \(words.first ?? "")",
                message: "no such program in PATH")
        }
        return Command(
            program: program, arguments: words,
            environment: environment.map { "\($0.key)=\($0.value)" }.sorted(),
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
    private func words(_ attempt: Attempt, _ files: AttemptFiles) throws(SystemError) -> [String] {
        switch attempt.program {
        case .arguments(let words): return words
        case .script(let text, let shell): return try shell.words(for: text, files)
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

extension Attempt {
    /// What the command sees: a few of flow's own variables, the workflow's and the node's, and the
    /// contract's.
    fileprivate func variables(_ places: LocalExecutor.Places, _ files: AttemptFiles)
        -> [String: String]
    {
        var all = places.environment.filter { name, _ in
            ["PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"].contains(name)
                || name.hasPrefix("LC_")
        }
        for name in envPass { all[name] = places.environment[name] ?? places.dotEnv[name] }
        for (name, value) in environment { all[name] = value }
        all["FLOW_OUTPUT"] = files.output
        all["GITHUB_OUTPUT"] = files.output
        all["FLOW_EVENTS"] = files.events
        all["FLOW_SUMMARY"] = files.summary
        all["FLOW_TMP"] = files.scratch
        if !input.isNull { all["FLOW_INPUT"] = files.input }
        all["FLOW_RUN_ID"] = places.runID
        all["FLOW_NODE"] = nodeID
        all["FLOW_LEG"] = legKey
        all["FLOW_ATTEMPT"] = String(number)
        all["FLOW_NOW"] = now.rfc3339
        all["FLOW_WORKSPACE"] = places.workspace
        all["FLOW_STATE"] = Path.folder(Path.folder(places.folder))
        all["FLOW_IDEMPOTENCY_KEY"] = String(
            SHA256.hex("\(places.runID)\u{0}\(nodeID)\u{0}\(legKey)".utf8).prefix(32))
        return all
    }
}

extension Shell {
    /// The largest script that is passed as an argument; the kernel's limit is 128 KiB.
    private static let longest = 100_000

    fileprivate func words(for text: String, _ files: AttemptFiles) throws(SystemError) -> [String]
    {
        if case .program(let words) = self { return words + [try written(text, files)] }
        let isShort = text.utf8.count <= Self.longest && !text.utf8.contains(0)
        let script = isShort ? "" : try written(text, files)
        switch self {
        case .sh: return ["sh", "-eu"] + (isShort ? ["-c", text] : [script])
        case .bash: return ["bash", "-eu", "-o", "pipefail"] + (isShort ? ["-c", text] : [script])
        default: return ["python3"] + (isShort ? ["-c", text] : [script])
        }
    }

    private func written(_ text: String, _ files: AttemptFiles) throws(SystemError) -> String {
        try Files.write(Array(text.utf8), to: files.script, sync: false)
        return files.script
    }
}
