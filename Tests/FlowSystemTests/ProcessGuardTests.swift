import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// What remains when flow is killed.
@Suite struct ProcessGuardTests {
    /// The script ends its parent, which is the program under test.
    private static func die(_ folder: String, on lane: Lane) throws {
        _ = try run(
            """
            sleep 1000 & (sleep 1000 & sleep 1000) &
            echo $$ > group.new; mv group.new group
            kill -KILL $PPID; sleep 1000
            """, folder: folder, on: lane)
    }

    /// The guard of this process.
    private static func own() -> Int32? {
        var found: Int32?
        _ = eventually {
            let mine = ProcessEntry.all.first { $0.parent == getpid() && $0.name == "flow-guard" }
            found = mine?.pid
            return found != nil
        }
        return found
    }

    @Test("flow killed by KILL leaves nothing of its groups")
    func killed() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            try ProcessGuardTests.die(path, on: Lane(processGuard: ProcessGuard()))
        }
        let group = try Int32(Files.text(folder.at("group")).filter(\.isNumber)) ?? 0
        #expect(group > 1)
        #expect(eventually { ProcessEntry.living(inGroup: group) == [] })
    }

    @Test("the guard forgets groups that never began, and has room for those that do")
    func forgotten() async throws {
        let folder = try TemporaryFolder()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let lane = try Lane(processGuard: ProcessGuard())
            let missing = Command(
                program: "/none", arguments: [""], environment: [], folder: "/")
            for _ in 0..<4200 { _ = try run(missing, on: lane) }  // it has room for 4096
            try ProcessGuardTests.die(path, on: lane)
        }
        let group = try Int32(Files.text(folder.at("group")).filter(\.isNumber)) ?? 0
        #expect(group > 1)
        #expect(eventually { ProcessEntry.living(inGroup: group) == [] })
    }

    @Test("a guard that somebody has killed does not stop the work")
    func guardKilled() async throws {
        await #expect(processExitsWith: .success) {
            let lane = try Lane(processGuard: ProcessGuard())
            let pid = try #require(ProcessGuardTests.own())
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
            #expect(try run("exit 3", on: lane).result.end == .exit(3))
            #expect(try run("exit 0", on: lane).result.succeeded)
        }
    }

    @Test("the guard ends with flow and holds none of its streams")
    func streams() async throws {
        await #expect(processExitsWith: .success) {
            let processGuard = try ProcessGuard()
            let pid = try #require(ProcessGuardTests.own())
            #expect(eventually { (try? Files.list("/proc/\(pid)/fd").count) == 1 })
            withExtendedLifetime(processGuard) {}
        }
    }
}
