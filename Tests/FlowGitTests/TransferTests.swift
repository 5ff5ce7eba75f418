import FlowGit
import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@Suite struct TransferTests {
    @Test(
        "a remote that takes the connection and says nothing is given up",
        arguments: ["ssh://me@127.0.0.1", "https://127.0.0.1", "http://127.0.0.1"])
    func silence(place: String) throws {
        // Its backlog takes connections; nobody ever looks at them.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length)
                listen(listener, 5)
                getsockname(listener, $0, &length)
            }
        }
        let sandbox = try Sandbox()
        let port = UInt16(bigEndian: address.sin_port)
        try sandbox.git("remote", "add", "origin", "\(place):\(port)/a.git")
        let repository = try sandbox.open()
        repository.patience = .milliseconds(100)
        for work in [
            { try repository.fetch() },
            { _ = try repository.push(["refs/heads/main"], to: "origin") },
        ] as [() throws -> Void] {
            let error = #expect(throws: GitError.self) { try work() }
            #expect(error?.code == .unreachable)
            #expect(error?.description.contains("nothing came for") == true, "\(error!)")
        }
        #expect(try sandbox.isWhole())
    }

    @Test(
        "nobody at the other end is an error that names the place",
        arguments: ["ssh://me@127.0.0.1:1/a", "https://127.0.0.1:1/a", "http://127.0.0.1:1/a"])
    func refused(url: String) throws {
        let sandbox = try Sandbox()
        try sandbox.git("remote", "add", "origin", url)
        let error = #expect(throws: GitError.self) { try sandbox.open().fetch() }
        #expect(error?.code == .unreachable)
        #expect(
            error?.description.contains("no connection to 127.0.0.1:1: Connection refused") == true)
    }

    @Test("unfinished packs of killed fetches go away after a day, and no others")
    func leftovers() throws {
        let sandbox = try Sandbox()
        try sandbox.git("remote", "add", "origin", sandbox.path)
        let folder = ".git/objects/pack/"
        try Files.makeFolder(sandbox.at(folder))
        for name in ["pack_git2_old", "pack_git2_new", "tmp_old"] {
            try sandbox.write(folder + name, "x")
            if name.hasSuffix("old") {
                try TestProgram("touch", in: "/")("-d", "2 days ago", sandbox.at(folder + name))
                    .checked()
            }
        }
        try sandbox.open().fetch()
        #expect(try Files.list(sandbox.at(folder)).sorted() == ["pack_git2_new", "tmp_old"])
    }
}

@Suite struct RebuildTests {
    /// Two ways from one commit: `here` with flow's own commits, `there` with others'.
    private struct Ways {
        let sandbox: Sandbox
        let repository: Repository
        let git: GitProgram

        init() throws {
            sandbox = try Sandbox()
            git = sandbox.git
            try sandbox.commit("log.jsonl", "{\"n\":0}\n")
            try git("branch", "there")
            repository = try sandbox.open()
        }

        func commit(_ name: String, _ text: String, _ message: String) throws {
            try sandbox.commit(name, text, message)
        }

        func rebuilt() throws -> ObjectID {
            try repository.rebuilt(
                repository.requiredTip(of: "main"), onto: repository.requiredTip(of: "there")
            ) { $0.trailers.contains { $0.name == "Flow-Key" } }
        }
    }

    @Test("commits go on top of others' with message, author, time and changes")
    func onTop() throws {
        let ways = try Ways()
        try ways.commit("README", "mine\n", "one\n\nFlow-Key: 1")
        try ways.commit("new", "new\n", "two\n\nFlow-Key: 2")
        try ways.git("checkout", "-q", "there")
        try ways.commit("skills/one.yaml", "one: 3\n", "theirs")
        let tip = try ways.rebuilt()
        #expect(
            try ways.git("log", "--format=%an %at %s", "there..\(tip)")
                == "Ada 1700000000 two\nAda 1700000000 one")
        #expect(try ways.git("diff", "--name-only", "there", tip.hex) == "README\nnew")
        #expect(try ways.git("show", "\(tip):README") == "mine")
        #expect(try ways.git("fsck", "--strict", "--no-dangling") == "")
    }

    @Test("lines that both sides added to a .jsonl file stay, each once")
    func appended() throws {
        let ways = try Ways()
        try ways.commit("log.jsonl", "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n", "one\n\nFlow-Key: 1")
        try ways.git("checkout", "-q", "there")
        try ways.commit("log.jsonl", "{\"n\":0}\n{\"n\":2}\n{\"n\":3}\n", "theirs")
        let tip = try ways.rebuilt()
        #expect(
            try ways.git("show", "\(tip):log.jsonl")
                == "{\"n\":0}\n{\"n\":2}\n{\"n\":3}\n{\"n\":1}")
    }

    @Test("a commit whose key and content are there already is not made again")
    func once() throws {
        let ways = try Ways()
        try ways.commit("new", "new\n", "one\n\nFlow-Key: 1")
        try ways.git("checkout", "-q", "there")
        try ways.commit("README", "theirs\n", "theirs")
        try ways.git("cherry-pick", "main")
        #expect(try ways.rebuilt() == ways.repository.requiredTip(of: "there"))
        // Also where others have gone on from there.
        try ways.commit("new", "newer\n", "theirs")
        #expect(try ways.rebuilt() == ways.repository.requiredTip(of: "there"))
    }

    @Test("two changes of one file, and a commit that is not flow's own, are left to people")
    func refused() throws {
        let ways = try Ways()
        try ways.commit("README", "mine\n", "one\n\nFlow-Key: 1")
        try ways.git("checkout", "-q", "there")
        try ways.commit("README", "theirs\n", "theirs")
        let conflict = #expect(throws: GitError.self) { try ways.rebuilt() }
        #expect(conflict?.code == .conflict)
        #expect(conflict?.paths == ["README"])
        try ways.git("checkout", "-q", "main")
        try ways.commit("more", "more\n", "by hand")
        let other = #expect(throws: GitError.self) { try ways.rebuilt() }
        #expect(other?.code == .rejected)
        #expect(other?.description.contains("'by hand'") == true)
    }
}
