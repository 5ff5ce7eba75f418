import FlowSystem
import FlowTestSupport
import Glibc
import Testing

@testable import FlowGit

/// Agents that do not answer, for which libssh2 would wait without an end.
@Suite struct SSHAgentTests {
    /// A socket with a name, at which nobody need ever answer: its backlog takes connections.
    private final class Listener: Sendable {
        let folder: TemporaryFolder
        let descriptor: Int32
        var path: String { folder.at("agent") }

        init() throws {
            folder = try TemporaryFolder()
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let bound = Self.with(folder.at("agent")) { [descriptor] in bind(descriptor, $0, $1) }
            try #require(bound == 0)
            listen(descriptor, 4)
        }

        deinit { close(descriptor) }

        /// A connection, as libssh2 makes it.
        func connected() throws -> Int32 {
            let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let result = Self.with(path) { connect(client, $0, $1) }
            try #require(result == 0)
            return client
        }

        /// Takes one connection and answers one request: an agent without keys.
        func answerOnce() {
            let taken = accept(descriptor, nil, nil)
            var request = [UInt8](repeating: 0, count: 5)
            recv(taken, &request, 5, Int32(MSG_WAITALL))
            let reply: [UInt8] =
                request == [0, 0, 0, 1, 11] ? [0, 0, 0, 5, 12, 0, 0, 0, 0] : [0, 0, 0, 1, 5]
            send(taken, reply, reply.count, 0)
            close(taken)
        }

        private static func with(
            _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
        ) -> Int32 {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    @Test("an agent that takes the connection and says nothing is passed over, and that is said")
    func silent() throws {
        let listener = try Listener()
        let access = SSHAccess(
            [], ["SSH_AUTH_SOCK": listener.path, "HOME": listener.folder.path],
            patience: .milliseconds(20))
        #expect(access.keys == [])
        #expect(
            access.skipped == [
                "the agent at SSH_AUTH_SOCK (\(listener.path)) says nothing for 20 ms; end it and "
                    + "start another"
            ])
        let refusal = access.refusal(of: RemoteAddress("ssh://host/a"), user: "me", tried: [])
        #expect(refusal.hasPrefix("flow has no key to show me@host; the agent at"), "\(refusal)")
    }

    @Test("an agent that answers is used; one that is not there is named")
    func others() throws {
        let listener = try Listener()
        let agent = try Thread { listener.answerOnce() }
        let environment = ["SSH_AUTH_SOCK": listener.path, "HOME": listener.folder.path]
        let access = SSHAccess([], environment)
        agent.join()
        #expect(access.keys == [.agent] && access.skipped == [])
        try Files.remove(listener.path)
        #expect(
            SSHAccess([], environment).skipped
                == ["no agent answers at SSH_AUTH_SOCK (\(listener.path))"])
    }

    @Test("who waits for an agent to sign is woken, whichever name its socket was reached by")
    func signing() throws {
        let listener = try Listener()
        let link = listener.folder.at("link")
        try #require(symlink(listener.path, link) == 0)
        let thread = try Thread { listener.answerOnce() }
        let look = SSHAgent.look(at: link, patience: .seconds(60))
        thread.join()
        guard case .answers(let agent) = look else {
            Issue.record("\(look)")
            return
        }
        #expect(!agent.shutConnections(), "nobody waits")
        let client = try listener.connected()
        defer { close(client) }
        #expect(agent.shutConnections())
        var byte: UInt8 = 0
        #expect(recv(client, &byte, 1, 0) == -1, "an end of file alone would not end libssh2")
    }
}
