import FlowSystem
import FlowTestSupport
import Glibc
import Testing

/// One process, from start to the end of its group.
@Suite struct LaneTests {
    @Test(
        "a process's own end is told",
        arguments: [
            ("exit 0", CommandResult.End.exit(0)), ("exit 3", .exit(3)), ("exit 255", .exit(255)),
            ("kill -9 $$", .signal(9)), ("kill -TERM $$", .signal(15)),
            ("kill -SEGV $$", .signal(11)),
        ])
    func ends(_ script: String, _ end: CommandResult.End) throws {
        let ran = try run(script)
        #expect(ran.result.end == end)
        #expect(!ran.result.timedOut && !ran.result.cancelled)
        #expect(ran.result.succeeded == (end == .exit(0)))
    }

    @Test("a command sees the folder and the variables it is given, and nothing of flow's own")
    func surroundings() throws {
        let folder = try TemporaryFolder()
        #expect(try run("pwd -P", folder: folder.path).output == folder.path + "\n")
        let bare = try run(
            Command(
                program: "/usr/bin/env", arguments: ["env"], environment: ["B=2 3", "A=é"],
                folder: "/"))
        #expect(bare.output == "B=2 3\nA=é\n")
        #expect(try run("readlink /proc/self/fd/0").output == "/dev/null\n")
        #expect(try run("ls /proc/self/fd | wc -l").output.filter(\.isNumber) == "4", "ls has one")
        #expect(try run("cat").result.end == .exit(0), "standard input is at its end")
    }

    @Test("no signal is blocked or ignored in a command")
    func signals() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_IGN)
            signal(SIGINT, SIG_IGN)
            Signals.block()
            let status = try run("grep -E 'Sig(Blk|Ign)' /proc/self/status").output
            let masks = status.split(separator: "\n").map { UInt64($0.suffix(16), radix: 16) ?? 0 }
            // 32 and 33 are the C library's own and cannot be set.
            #expect(masks.map { $0 & ~0x1_8000_0000 } == [0, 0])
        }
    }

    @Test("where flow's parent ignores SIGCHLD, a failure is a failure still")
    func ignoredChildren() async throws {
        await #expect(processExitsWith: .success) {
            signal(SIGCHLD, SIG_IGN)
            let end = try run("exit 3").result.end
            #expect(end == .exit(3))
        }
    }

    @Test("all that is printed arrives, in order, more than a pipe holds and without a newline")
    func output() throws {
        #expect(try run("head -c 3000000 /dev/zero | tr '\\0' x").output.utf8.count == 3_000_000)
        #expect(try run("printf one; printf two >&2; printf three").output == "onetwothree")
        #expect(try run("exec >&- 2>&-; exit 4").result.end == .exit(4))
        #expect(try run("seq 100000").output == (1...100_000).map { "\($0)\n" }.joined())
    }

    @Test("a grandchild that holds the output does not hold the lane, and is ended")
    func grandchild() throws {
        let ran = try run("sleep 1000 & echo left; exit 7")
        #expect(ran.result.end == .exit(7))
        #expect(ran.output == "left\n")
        #expect(ProcessEntry.living(inGroup: ran.pid) == [])
    }

    @Test("one that escaped from the group and goes on printing does not hold the lane")
    func escaped() throws {
        let folder = try TemporaryFolder()
        let ran = try run(
            "setsid sh -c 'echo $$ > pid; exec yes' & while [ ! -s pid ]; do :; done; exit 0",
            folder: folder.path)
        #expect(ran.result.end == .exit(0))
        let pid = try Int32(Files.text(folder.at("pid")).filter(\.isNumber)) ?? 0
        #expect(eventually { kill(pid, 0) != 0 || ProcessEntry(pid)?.state == "Z" }, "by SIGPIPE")
    }

    @Test("a process that runs too long gets TERM, after its grace KILL, with its whole group")
    func timeout() throws {
        let soft = try run("sleep 1000 & sleep 1000", timeout: .milliseconds(30))
        #expect(soft.result.timedOut && !soft.result.succeeded)
        #expect(soft.result.end == .signal(15))
        #expect(ProcessEntry.living(inGroup: soft.pid) == [])
        let deaf = try run(
            "trap '' TERM; sleep 1000 & echo deaf; while :; do wait; done",
            timeout: .seconds(1), grace: .milliseconds(30))
        #expect(deaf.result.timedOut)
        #expect(deaf.result.end == .signal(9))
        #expect(deaf.output == "deaf\n")
        #expect(ProcessEntry.living(inGroup: deaf.pid) == [])
    }

    @Test("a process that tidies up after TERM says how it ended, and has timed out all the same")
    func tidy() throws {
        let ran = try run(
            "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done",
            timeout: .milliseconds(100))
        #expect(ran.output.hasSuffix("bye\n"))
        #expect(ran.result.end == .exit(0))
        #expect(ran.result.timedOut && !ran.result.succeeded)
    }

    @Test("a cancel ends a running process; a stopped or full one too")
    func cancel() throws {
        for script in ["sleep 1000", "kill -STOP $$; sleep 1000", "yes"] {
            let ran = try run(script, grace: .milliseconds(200)) { $0.cancel() }
            #expect(ran.result.cancelled && !ran.result.succeeded, "\(script)")
            #expect(ProcessEntry.living(inGroup: ran.pid) == [])
        }
    }

    @Test("a cancel before the start starts nothing, until the lane is armed again")
    func cancelBefore() throws {
        let lane = try Lane(processGuard: nil)
        lane.cancel()
        let ran = try run("exit 0", on: lane)
        #expect(ran.result.cancelled)
        #expect(ran.pid == 0)
        lane.rearm()
        #expect(try run("exit 0", on: lane).result.succeeded)
    }

    @Test("what cannot be started says so, with the reason, and leaves nothing")
    func unstartable() throws {
        func message(_ program: String, folder: String = "/", arguments: [String] = ["x"]) throws
            -> String
        {
            let ran = try run(
                Command(program: program, arguments: arguments, environment: [], folder: folder))
            guard case .unstarted(let error) = ran.result.end else { return "it was started" }
            return error.description
        }
        let folder = try TemporaryFolder()
        let plain = try folder.write("plain", "text")
        #expect(
            try message("/nowhere/x") == "cannot start /nowhere/x: No such file or directory")
        #expect(
            try message(plain)
                == "cannot start \(plain): Permission denied; chmod +x \(plain) makes it a program")
        #expect(
            try message("/bin/sh", folder: "/nowhere")
                == "cannot start /bin/sh in the folder /nowhere: No such file or directory")
        #expect(
            try message("/bin/sh", folder: plain)
                == "cannot start /bin/sh in the folder \(plain): Not a directory")
        #expect(
            try message("/bin/sh", arguments: ["sh", String(repeating: "x", count: 200_000)])
                == "cannot start /bin/sh: Argument list too long")
        #expect(
            try message("/bin/sh", arguments: ["sh", "-c", "a\u{0}b"])
                == "cannot start /bin/sh: an argument or a variable holds a NUL byte, "
                + "which no program can be given")
    }

    @Test("time and memory are measured")
    func usage() throws {
        let ran = try run("i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done")
        #expect(ran.result.cpu > .zero)
        #expect(ran.result.maxRSS > 200)
        #expect(ran.result.duration >= .zero)
    }

    @Test("a lane leaves no descriptor open")
    func descriptors() async throws {
        await #expect(processExitsWith: .success) {
            let lane = try Lane(processGuard: nil)
            _ = try run("exit 0", on: lane)
            let before = try Files.list("/proc/self/fd").count
            for _ in 0..<20 { _ = try run("exit 1", on: lane) }
            for _ in 0..<20 {
                _ = try run(
                    Command(program: "/none", arguments: [""], environment: [], folder: "/"),
                    on: lane)
            }
            #expect(try Files.list("/proc/self/fd").count == before)
        }
    }
}
