import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// A run whose state is on a disk that fills up, for real: a small file system in memory.
@Suite struct FullDiskTests {
    /// In a name space of its own, in which any user may mount, and which takes the mount with it.
    private static let unshare = ["-rm", "sh", "-eu", "-c"]
    private static let canMount =
        (try? TestProgram("unshare", in: "/").run(
            unshare + ["mount -t tmpfs -o size=1m tmpfs /tmp"]
        ).checked()) != nil

    /// Thirty nodes that each hand a value over that is stored by content, one with a cache and a pool.
    private static let workflow: String = {
        let nodes = (1...30).map { number in
            let needs = number > 2 ? "needs: n\(number - 2), " : ""
            let extra = number % 5 == 0 ? "pool: p, cache: {outputs: [made/\(number)]}, " : ""
            let script =
                ". ./mark; mkdir -p made; echo \(number) > made/\(number); "
                + "{ printf x=; head -c \(16_500 + number) /dev/zero | tr \"\\\\0\" x; echo; } "
                + ">> \"$FLOW_OUTPUT\"; end"
            return "  n\(number): {\(needs)\(extra)run: '\(script)'}"
        }
        let outputs = "outputs: {all: \"${{ needs.n29.outputs.x }}${{ needs.n30.outputs.x }}\"}\n"
        return "flow: 1\nname: w\npools: {p: 1}\nnodes:\n" + nodes.joined(separator: "\n") + "\n"
            + outputs
    }()

    @Test(
        "on a full disk history can be read, and doctor says that it is full",
        .enabled(if: canMount, "file systems in memory may not be mounted here"))
    func reading() throws {
        let folder = try TemporaryFolder()
        try folder.write("w.yaml", "flow: 1\nnodes: {a: {run: echo printed}}\n")
        try Files.makeFolder(folder.at(".flow"))
        let script = """
            mount -t tmpfs -o size=400k tmpfs .flow
            "$0" run w.yaml
            cat /dev/zero > .flow/fill 2>&1 || true
            "$0" logs last a; "$0" runs; "$0" why last a
            "$0" doctor || true
            "$0" run w.yaml || true
            rm .flow/fill
            "$0" run w.yaml
            """
        let result = try TestProgram("unshare", in: folder.path)
            .run(Self.unshare + [script, BuiltPrograms.flow])
        #expect(result.exit == 0, "\(result)")
        #expect(result.lines.contains("printed"), "\(result)")
        #expect(
            result.output.contains("✗ state: the disk of \(folder.at(".flow")) has "),
            "\(result)")
        #expect(result.errors.contains("make room"), "\(result)")
    }

    @Test(
        "on a full disk the run stops and says so; with room it goes on and ends as it should",
        .enabled(if: canMount && Python.isThere, "file systems in memory may not be mounted here"),
        arguments: Environment["FLOW_SOAK"] == nil
            ? [160, 300, 520, 700] : Array(stride(from: 120, through: 1000, by: 20)))
    func full(_ kilobytes: Int) throws {
        let trial = try CrashTrial()
        try trial.folder.write("w.yaml", Self.workflow)
        try Files.makeFolder(trial.folder.at(".flow"))
        let script = """
            mount -t tmpfs -o size=\(kilobytes)k tmpfs .flow
            "$0" run w.yaml > first 2>&1 && echo 0 > ended || echo $? > ended
            df --output=avail .flow | tail -n 1 > room
            mount -o remount,size=64m .flow
            [ -n "$("$0" runs --json)" ] || "$0" run w.yaml > second 2>&1
            # A node that had seen the full disk and failed is tried again by the next.
            for again in 1 2; do
              case $("$0" runs --json) in
                *success*) ;;
                *) "$0" resume last >> second 2>&1 || true;;
              esac
            done
            mkdir kept; cp -a .flow/. kept
            """
        let result = try TestProgram(
            "unshare", in: trial.folder.path, environment: ["USER": "ada"]
        ).run(Self.unshare + [script, BuiltPrograms.flow])
        let first = try trial.text("first")
        let second = try trial.text("second")
        print("full disk: \(kilobytes) KiB: \(first.split(separator: "\n").last ?? "")")
        #expect(result.exit == 0, "\(result) \(first) \(second)")
        if try trial.text("ended") != "0\n" {
            // Where flow finds room for its log, it is the node that fails.
            let words = ["make room", "No space left on device", "failure in"]
            #expect(words.contains(where: first.contains), "\(first)")
        } else {
            #expect(kilobytes > 400, "the disk was never full: \(first)")
        }
        try TestProgram("sh", in: trial.folder.path)("-c", "rmdir .flow; mv kept .flow").checked()
        let look = try trial.look()
        #expect(look.problems + look.repeated == [])
        #expect(look.events.last?["data"]?["status"] == "success", "\(second)")
        let all = look.events.last?["data"]?["outputs"]?["all"]?.stringValue
        #expect(all == String(repeating: "x", count: 2 * 16_500 + 29 + 30))
        #expect(try trial.text("violations") == "")
    }
}
