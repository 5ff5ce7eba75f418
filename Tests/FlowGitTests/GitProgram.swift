import FlowGit
import FlowSystem
import FlowTestSupport
import Glibc

/// The real `git`, against which flow's own is checked.
struct GitProgram {
    let folder: String

    struct Failure: Error, CustomStringConvertible { let description: String }

    /// Runs git in the folder and gives what it printed, without the last newline.
    @discardableResult
    func callAsFunction(_ arguments: String...) throws -> String {
        let (status, output) = try run(arguments)
        guard status == 0 else {
            throw Failure(description: "git \(arguments.joined(separator: " ")): \(output)")
        }
        return output
    }

    func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        var template = Array("/tmp/flow-git-XXXXXX".utf8CString)
        let output = mkstemp(&template)
        defer { close(output) }
        unlink(template)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        let words = (["git", "-C", folder, "-c", "protocol.file.allow=always"] + arguments)
            .map { strdup($0) }
        let settings = [
            "PATH=/usr/bin:/bin", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
            "GIT_EDITOR=true", "GIT_AUTHOR_DATE=1700000000 +0000",
            "GIT_COMMITTER_DATE=1700000000 +0000",
        ]
        let environment = settings.map { strdup($0) }
        defer { for text in words + environment { free(text) } }
        var child: pid_t = 0
        let result = posix_spawnp(&child, "git", &actions, nil, words + [nil], environment + [nil])
        guard result == 0 else { throw SystemError(errno: result, doing: "start git") }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let size = lseek(output, 0, SEEK_END)
        lseek(output, 0, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = max(0, read(output, &bytes, bytes.count))
        var text = String(decoding: bytes.prefix(count), as: UTF8.self)
        while text.hasSuffix("\n") { text.removeLast() }
        return (status >> 8 & 0xFF | status & 0x7F, text)
    }
}

/// A repository that the git program made, on branch `main`, with one commit unless told otherwise.
struct Sandbox {
    let folder: TemporaryFolder
    let path: String
    let git: GitProgram

    init(commit: Bool = true) throws {
        folder = try TemporaryFolder()
        path = folder.at("work")
        try Files.makeFolder(path)
        git = GitProgram(folder: path)
        try git("init", "-q", "-b", "main")
        try Self.configure(git)
        if commit {
            try write("README", "readme\n")
            try write("skills/one.yaml", "one: 1\n")
            try write("skills/deep/two.yaml", "two: 2\n")
            try write("bin/tool", "#!/bin/sh\n")
            guard chmod(at("bin/tool"), 0o755) == 0 else {
                throw SystemError(errno: errno, doing: "chmod")
            }
            try git("add", ".")
            try git("commit", "-qm", "start")
        }
    }

    static func configure(_ git: GitProgram) throws {
        for (key, value) in [
            ("user.name", "Ada"), ("user.email", "ada@example.org"), ("commit.gpgsign", "false"),
            ("core.autocrlf", "false"), ("init.defaultBranch", "main"), ("gc.auto", "0"),
        ] { try git("config", key, value) }
    }

    func at(_ name: String) -> String { Path.join(path, name) }

    func write(_ name: String, _ text: String) throws { try Files.write(text, to: at(name)) }

    func text(_ name: String) throws -> String { try Files.text(at(name)) }

    func open() throws -> Repository { try Repository.open(at: path) }

    func status() throws -> String { try git("status", "--porcelain") }

    func commit(_ name: String, _ text: String, _ message: String = "change") throws {
        try write(name, text)
        try git("add", name)
        try git("commit", "-qm", message)
    }

    /// What flow has left in the git folder.
    func intents() throws -> [String] {
        let folder = at(".git/flow")
        return Files.exists(folder) ? try Files.list(folder) : []
    }

    func isWhole() throws -> Bool {
        let (status, output) = try git.run(["fsck", "--strict", "--no-dangling"])
        return status == 0 && !output.contains("error")
    }
}

let noon = Timestamp(seconds: 1_800_000_000)
let flow = Signature(name: "flow", email: "flow@example.org")

extension Repository {
    /// A change of `path` from what `commit` has to `text`; nil deletes.
    func change(_ path: String, _ text: String?, at commit: ObjectID) throws -> Change {
        try Change(
            path: path, blob: text.map { try writeBlob(Array($0.utf8)) },
            base: entry(path, at: commit)?.id)
    }

    func mainTip() throws -> ObjectID { try requiredTip(of: "main") }

    func publication(_ files: [(String, String?)], key: String? = nil) throws -> Publication {
        let tip = try mainTip()
        return Publication(
            changes: try files.map { try change($0.0, $0.1, at: tip) }, branch: "main",
            message: CommitMessage("publish", trailers: [Trailer("Flow-Run", "r1")]),
            signature: flow, time: noon, key: key)
    }
}
