import FlowJSON
import FlowSpec
import FlowSystem
import FlowTestSupport
import Testing

@Suite struct ActionTests {
    private struct Disk: RepositoryFiles {
        func realPath(_ path: String) -> String? { try? Files.real(path) }
        func read(_ path: String) -> [UInt8]? { try? Files.read(path) }
    }

    private static let notify = """
        name: notify
        description: Tells somebody.
        inputs:
          to: {type: string, pattern: "a"}
          times: {type: integer, default: 1, minimum: 1}
          wait: {type: duration, default: 10s}
          quiet: {type: boolean, required: false}
        outputs:
          sent: {type: integer, description: How many.}
        run: [./notify.sh, --fast]
        """

    private func manifest(_ text: String, folder: String? = "actions/notify") throws(DiagnosticList)
        -> ActionManifest
    {
        try ActionManifest.read(
            Array(text.utf8), reference: "./actions/notify", file: "action.yaml", folder: folder)
    }

    @Test("a manifest says what an action takes and gives")
    func reading() throws {
        let action = try manifest(Self.notify)
        #expect(action.inputs.map(\.name) == ["to", "times", "wait", "quiet"])
        #expect(action.inputs.map(\.isRequired) == [true, false, false, false])
        let output = try #require(action.outputs.first)
        #expect(
            output.name == "sent" && output.kind == .integer && output.description == "How many.")
        guard case .command(["./notify.sh", "--fast"]) = action.entry else {
            Issue.record("\(action.entry)")
            return
        }
        #expect(action.source == Array(Self.notify.utf8))
    }

    @Test("the manifests of all stages that come with flow are read without a mistake")
    func builtin() throws {
        let manifests = try BuiltinActions.all()
        #expect(manifests.map(\.reference) == BuiltinActions.references)
        for manifest in manifests {
            #expect(manifest.description != nil, "\(manifest.reference)")
            // What this one has to say it says by failing.
            let isSilent = manifest.reference == "skills/problems"
            #expect(manifest.outputs.isEmpty == isSilent, "\(manifest.reference)")
        }
    }

    @Test(
        "a manifest's mistakes have places",
        arguments: [
            ("inputs: {a: {type: strin}}\nrun: [x]", "1:20"), ("input: {}\nrun: [x]", "1:1"),
            ("name: x", "1:1"), ("run: x.sh", "1:6"), ("run: []", "1:6"),
            ("run: ['${{ x }}']", "1:8"),
            ("outputs: 3\nrun: [x]", "1:10"), ("inputs: {a b: {}}\nrun: [x]", "1:10"),
            ("inputs: {a: {required: no}}\nrun: [x]", "1:24"), ("", "1:1"), ("[", "1:2"),
        ])
    func mistakesOfManifests(_ text: String, _ place: String) {
        #expect { try manifest(text) } throws: { error in
            let found = (error as? DiagnosticList)?.diagnostics ?? []
            return found.count == 1
                && found[0].description.hasPrefix("action.yaml:\(place): error: ")
        }
    }

    @Test("values from expressions are checked, and what is missing is filled in")
    func inputs() throws {
        let action = try manifest(Self.notify)
        let (values, none) = action.checked(inputs: ["to": "ada", "times": "2", "quiet": nil])
        #expect(values.text() == #"{"to":"ada","times":2,"wait":10}"# && none == [])
        let (_, mistakes) = action.checked(
            inputs: ["to": nil, "times": 0, "wait": "long", "quiet": "maybe", "tmies": 1])
        #expect(
            mistakes == [
                "./actions/notify has no input 'tmies'; did you mean 'times'?",
                "'to' is required and has no value", "'times' must be at least 1, not 0",
                "'wait' takes a length of time such as 90s, 10m or 7d, not the text 'long'",
                "'quiet' takes true or false, not the text 'maybe'",
            ])
    }

    private func library(_ folder: TemporaryFolder) throws -> ActionLibrary {
        try folder.write("repo/actions/notify/action.yaml", Self.notify)
        try folder.write("repo/actions/notify/notify.sh", "#!/bin/sh\n")
        try folder.write("outside/action.yaml", "run: [x]\n")
        let stage = try ActionManifest.read(
            Array("inputs: {}".utf8), reference: "skills/mine", file: "skills-mine.yaml")
        return ActionLibrary(stages: [stage], root: folder.at("repo"), files: Disk())
    }

    @Test("an action of the repository is found by its folder")
    func local() throws {
        let folder = try TemporaryFolder()
        let library = try library(folder)
        #expect(try library.manifest(for: "skills/mine").folder == nil)
        #expect(
            try library.manifest(for: "./actions/../actions/notify/").folder == "actions/notify")
    }

    @Test("nothing outside the repository is an action, however it is reached")
    func outside() throws {
        let folder = try TemporaryFolder()
        let library = try library(folder)
        try Links.make(folder.at("repo/link"), to: folder.at("outside"))
        try folder.write("repo/half/action.yaml", "run: [../link/x]\n")
        try Files.makeFolder(folder.at("repo/inner"))
        try Links.make(folder.at("repo/inner/action.yaml"), to: folder.at("outside/action.yaml"))
        for reference in ["../outside", "./../outside", "./link", "/tmp", "./inner"] {
            #expect {
                try library.manifest(for: reference)
            } throws: {
                "\($0)" == "'\(reference)' leads outside the repository"
            }
        }
        #expect { try library.manifest(for: "./half") } throws: { error in
            (error as? ActionError)?.diagnostics.first?.message == "there is no program '../link/x'"
        }
        try folder.write("outside/x", "")
        #expect { try library.manifest(for: "./half") } throws: { error in
            (error as? ActionError)?.diagnostics.first?.description.hasPrefix(
                "half/action.yaml:1:7: error: leads outside the repository: '../link/x'") == true
        }
    }

    @Test(
        "an action that is not there has a sentence",
        arguments: [
            ("skills/mien", "there is no action 'skills/mien'; did you mean 'skills/mine'?"),
            ("./actions/none", "there is no folder './actions/none' in the repository"),
            ("./actions", "'./actions' has no action.yaml"),
            (
                "actions/checkout@v4",
                "there is no action 'actions/checkout@v4': flow runs its own stages and folders of "
                    + "this repository, such as ./actions/notify, not actions of GitHub"
            ),
        ])
    func missing(_ reference: String, _ message: String) throws {
        let folder = try TemporaryFolder()
        let library = try library(folder)
        #expect { try library.manifest(for: reference) } throws: { "\($0)" == message }
    }

    @Test("mistakes of a manifest are shown with those of the workflow that uses it")
    func together() throws {
        let folder = try TemporaryFolder()
        let library = try library(folder)
        try folder.write("repo/actions/bad/action.yaml", "run: 3\n")
        let text = "flow: 1\nnodes: {a: {uses: ./actions/bad, if: x}}\n"
        #expect {
            try Workflow.read(Array(text.utf8), file: "w.yaml", actions: library)
        } throws: { error in
            (error as? DiagnosticList)?.diagnostics.map { "\($0.file):\($0.line):\($0.column)" }
                == ["actions/bad/action.yaml:1:6", "w.yaml:2:19", "w.yaml:2:38"]
        }
    }
}
