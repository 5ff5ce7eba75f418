internal import CFlowSystem
internal import Glibc

/// Processes that got out of an attempt's process group, a daemon for example: this program becomes
/// their parent when their own has ended, and ends them, so that an attempt leaves nothing behind.
///
/// All but `mayBeThere` is called on the program's first thread, to which the kernel gives the orphans.
package struct Orphans: Sendable {
    /// What this program was started with. A child that a lane is just starting shows the same, as
    /// does the guard.
    private let own: [UInt8]
    /// Children that this program was started with: a shell that became it may have had some.
    private let given: Set<Int32>
    private let children = FirstThreadChildren()

    /// Makes this program the parent of its orphaned descendants from now on.
    /// - Throws: `SystemError` where the kernel has no such thing.
    package init() throws(SystemError) {
        let failure = flow_adopt_orphans()
        guard failure == 0 else { throw SystemError(errno: failure, doing: "adopt orphans") }
        own = try Files.read("/proc/self/environ")
        given = flow_has_orphans() == 0 ? [] : Set(ProcessTable().children(of: getpid()))
    }

    /// Whether there is one; two calls of the system.
    package var areThere: Bool {
        // Before the look: what comes after it shall be seen next time.
        let list = children.list()
        let areThere = flow_has_orphans() != 0
        children.remember(areThere ? nil : list)
        return areThere
    }

    /// Whether one may have come since `areThere` found none; one call of the system, on any thread.
    package var mayBeThere: Bool { children.haveChanged }

    /// Kills orphans with all that they have started, and returns when they are gone; what does not
    /// end within a second is left to the next flow.
    ///
    /// Costs a look at every process of the machine; call it where `areThere` says so.
    /// - Parameter isSpared: whether the process that was started with these variables (`NAME=value`)
    ///   goes on.
    package func end(unless isSpared: (Set<String>) -> Bool) {
        for attempt in 0..<200 where areThere {
            let table = ProcessTable()
            let found = table.children(of: getpid()).filter { process in
                guard !given.contains(process),
                    let bytes = try? Files.read("/proc/\(process)/environ"), bytes != own
                else {
                    return false
                }
                let variables = bytes.split(separator: 0).map {
                    String(decoding: $0, as: UTF8.self)
                }
                return !isSpared(Set(variables))
            }
            if found.isEmpty { return }
            // The guard of a flow that was killed here ends by itself when it has done its work.
            let isPatient = attempt < 50
            for process in found
            where !(isPatient && table.name(of: process) == ProcessGuard.name) {
                for each in [process] + table.descendants(of: process) { kill(each, SIGKILL) }
            }
            // Looking again costs more than waiting a moment.
            for _ in 0..<20 where areThere { usleep(250) }
        }
    }

    /// Kills everything that this program has started, directly or not, but for its guard. It does
    /// not wait for the end.
    package func endDescendants() {
        let table = ProcessTable()
        let spared = given.union(given.flatMap(table.descendants))
        for process in table.descendants(of: getpid())
        where !spared.contains(process) && (try? Files.read("/proc/\(process)/environ")) != own {
            kill(process, SIGKILL)
        }
    }
}

/// What `/proc/PID/stat` says of a process (`proc(5)`).
struct ProcessStatus {
    let name: String
    let isZombie: Bool
    let parent: Int32

    /// nil where there is no such process.
    init?(_ process: Int32) {
        // The name in brackets may hold anything, so count from its end.
        guard let text = try? Files.text("/proc/\(process)/stat"),
            let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[close...].split(separator: " ")
        guard fields.count > 2, let parent = Int32(fields[2]) else { return nil }
        name = String(text[text.index(after: open)..<close])
        isZombie = fields[1] == "Z"
        self.parent = parent
    }
}

/// Who started whom, as `/proc` shows it at one moment.
struct ProcessTable {
    private var started: [Int32: [Int32]] = [:]
    private var names: [Int32: String] = [:]

    init() {
        for process in ProcessSearch.all() {
            guard let status = ProcessStatus(process), !status.isZombie else { continue }
            started[status.parent, default: []].append(process)
            names[process] = status.name
        }
    }

    func children(of process: Int32) -> [Int32] { started[process] ?? [] }

    func descendants(of process: Int32) -> [Int32] {
        var found = children(of: process)
        var place = 0
        while place < found.count {
            found += children(of: found[place])
            place += 1
        }
        return found
    }

    func name(of process: Int32) -> String? { names[process] }
}
