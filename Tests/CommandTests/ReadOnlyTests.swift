import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// A state folder that one may only read: an archive, another person's, a disk that is write-protected.
@Suite struct ReadOnlyTests {
    /// Runs a command where a folder is mounted read-only, which holds for root as well; in a name space
    /// of its own, which takes the mount with it.
    private static let mounted = [
        "-rm", "sh", "-eu", "-c",
        "mount --bind . . && mount -o remount,bind,ro . && cd \"$PWD\" && exec \"$0\" \"$@\"",
    ]
    private static let canMount: Bool = {
        guard let folder = try? TemporaryFolder() else { return false }
        return (try? TestProgram("unshare", in: folder.path).run(mounted + ["true"]).checked())
            != nil
    }()

    private static let workflow = """
        flow: 1
        name: w
        nodes:
          a: {run: 'echo said > $FLOW_SUMMARY; echo v=1 > $FLOW_OUTPUT; echo printed', outputs: {v: {}}}
          b: {needs: a, run: 'echo up; : > up; while [ ! -e on ]; do sleep 0.01; done'}

        """

    /// A folder in which the workflow has run once.
    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", workflow)
        try folder.write("on", "")
        try Demo.flow(in: folder.path)("run", "w.yaml").checked()
        return folder
    }

    private static func look(_ folder: TemporaryFolder, _ words: String...) throws -> TestResult {
        try TestProgram("unshare", in: folder.path).run(mounted + [BuiltPrograms.flow] + words)
    }

    @Test(
        "history can be read where nothing can be written, and nothing is",
        .enabled(if: canMount, "folders may not be mounted read-only here"),
        arguments: ["closed", "killed"])
    func history(_ ending: String) throws {
        let folder = try Self.folder()
        if ending == "killed" {
            try Files.remove(folder.at("on"))
            _ = try Demo.flow(in: folder.path).run(["run", "w.yaml"]) { $0.contains(" a ") }
            #expect(Files.exists(folder.at(".flow/runs.db-wal")))
        }
        let before = try Files.list(folder.at(".flow"))
        let runs = try Self.look(folder, "runs", "--json").checked().jsonLines
        #expect(
            runs.compactMap { $0["status"]?.stringValue }
                == (ending == "killed" ? ["interrupted", "success"] : ["success"]))
        let words = [
            ["show", "last"], ["logs", "last"], ["events", "last", "-f"], ["why", "last", "a"],
            ["diff", "last", "last"], ["graph", "last", "--format", "svg"],
        ]
        let texts = ["said", "printed", "attempt.started", "a:", "do not differ", "<svg"]
        for (words, text) in zip(words, texts) {
            let result = try TestProgram("unshare", in: folder.path)
                .run(Self.mounted + [BuiltPrograms.flow] + words).checked()
            #expect(result.output.contains(text), "\(result)")
        }
        #expect(try Files.list(folder.at(".flow")) == before)
    }

    @Test(
        "where nothing can be written, doctor and whatever would write say so and what to do",
        .enabled(if: canMount, "folders may not be mounted read-only here"))
    func refusals() throws {
        let folder = try Self.folder()
        let message =
            "cannot write to \(folder.at(".flow")): Read-only file system; mount its file system for "
            + "writing, or set FLOW_STATE to a folder that you may write to"
        let doctor = try Self.look(folder, "doctor")
        #expect(doctor.exit == 1 && doctor.output.contains("✗ state: \(message)"), "\(doctor)")
        for word in ["run w.yaml", "resume last", "retry last", "cancel last", "runs prune"] {
            let words = word.split(separator: " ").map(String.init)
            let result = try TestProgram("unshare", in: folder.path)
                .run(Self.mounted + [BuiltPrograms.flow] + words)
            #expect(result.exit == 1 && result.errors == "flow: \(message)\n", "\(result)")
        }
        try Files.remove(folder.at(".flow"))
        let first = try Self.look(folder, "doctor")
        #expect(
            first.output.contains("✗ state: cannot write to \(folder.path): Read-only"), "\(first)")
        #expect(try Self.look(folder, "runs").checked().errors.contains("has not run here yet"))
    }

    @Test(
        "what another flow is doing can be followed where nothing can be written",
        .enabled(if: canMount, "folders may not be mounted read-only here"))
    func live() throws {
        let folder = try Self.folder()
        try Files.remove(folder.at("on"))
        let run = try Demo.flow(in: folder.path).run(["run", "w.yaml"]) { line in
            guard line.contains(" a "), line.contains("success") else { return false }
            let status = try? Self.look(folder, "runs", "--limit", "1").output
            #expect(status?.contains("running") == true)
            let followed = try? TestProgram("unshare", in: folder.path).run(
                Self.mounted + [BuiltPrograms.flow, "logs", "last", "b", "-f"]
            ) { line in
                if line == "up" { try? Files.write("", to: folder.at("on")) }
                return false
            }
            #expect(
                followed?.exit == 0 && followed?.text == "up", "\(String(describing: followed))")
            return false
        }
        #expect(run.exit == 0)
    }

    /// As somebody who owns nothing; only root can become that.
    private static let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
    private static let canBeNobody =
        (try? TestProgram("setpriv", in: "/").run(nobody + [BuiltPrograms.flow, "version"])
            .checked())
        != nil

    @Test(
        "what belongs to somebody else is read, and is not said to be sound",
        .enabled(if: canBeNobody, "only root can become somebody else"))
    func foreign() throws {
        let folder = try Self.folder()
        try Files.setMode(folder.path, 0o755)
        let flow = TestProgram(
            "setpriv", in: folder.path, prefix: Self.nobody + [BuiltPrograms.flow])
        #expect(try flow("logs", "last", "a").checked().text == "printed")
        let doctor = try flow("doctor")
        #expect(
            doctor.output.contains(
                "✗ state: cannot write to \(folder.at(".flow")): Permission denied; make it yours: "
                    + "sudo chown -R $(id -un) \(folder.at(".flow")), or set FLOW_STATE to a folder"
            ),
            "\(doctor)")
    }
}
