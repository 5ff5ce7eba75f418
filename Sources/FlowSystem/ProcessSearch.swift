internal import Glibc

/// Processes found by what they were started with.
package enum ProcessSearch {
    /// Kills every process of this user whose environment has `name=value`, but for this one and
    /// those above it (a node may itself call flow), and returns when they are gone.
    ///
    /// Costs one read of `/proc`. What it cannot read belongs to somebody else.
    /// - Throws: `SystemError` that names those which do not end within five seconds.
    package static func end(where name: String, is value: String) throws(SystemError) {
        let wanted = Array("\(name)=\(value)".utf8)
        let spared = ancestors()
        var found: [Int32] = []
        for _ in 0..<500 {
            found = all().filter { !spared.contains($0) && has(wanted, $0) }
            if found.isEmpty { return }
            for process in found { kill(process, SIGKILL) }
            Thread.pause(milliseconds: 10)
        }
        throw SystemError(
            code: .interrupted, doing: "end what an earlier flow had started",
            message: "the processes \(found) do not end")
    }

    /// Every process of the machine.
    static func all() -> [Int32] {
        ((try? Files.list("/proc")) ?? []).compactMap { Int32($0) }
    }

    /// A zombie has an empty environment, so what has been killed is not found again.
    private static func has(_ wanted: [UInt8], _ process: Int32) -> Bool {
        guard let bytes = try? Files.read("/proc/\(process)/environ") else { return false }
        return bytes.split(separator: 0).contains { $0.elementsEqual(wanted) }
    }

    private static func ancestors() -> Set<Int32> {
        var found: Set<Int32> = []
        var process = getpid()
        while process > 1, found.insert(process).inserted {
            guard let status = ProcessStatus(process) else { break }
            process = status.parent
        }
        return found
    }
}
