internal import FlowSystem
internal import Glibc

/// An ssh agent that answers. libssh2 waits for one without an end, so flow asks first.
struct SSHAgent: Sendable, Equatable {
    /// What is found at the socket that `SSH_AUTH_SOCK` names.
    enum Look: Equatable {
        case answers(SSHAgent)
        case absent
        /// It took the connection, or has no room for one, and says nothing.
        case silent
    }

    /// The address as the agent bound it, where the socket that was named may be a link to it.
    private let bound: [UInt8]

    /// The least request of the agent's protocol (draft-ietf-sshm-ssh-agent, 3.5): length, and
    /// SSH_AGENTC_REQUEST_IDENTITIES.
    private static let request: [UInt8] = [0, 0, 0, 1, 11]

    /// Asks for the agent's keys, and waits for the beginning of an answer.
    static func look(at path: String, patience: Duration) -> Look {
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(kind), 0)
        guard descriptor >= 0 else { return .absent }
        defer { close(descriptor) }
        guard connect(descriptor, to: path) else { return errno == EAGAIN ? .silent : .absent }
        guard let bound = peer(of: descriptor) else { return .absent }
        // So few bytes always fit.
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return .absent
        }
        let end = ContinuousClock.now + patience
        while true {
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = max(.zero, end - .now)
            let ready = poll(&wait, 1, Int32(clamping: left.milliseconds))
            if ready == 0 { return .silent }
            if ready < 0, errno == EINTR { continue }
            var byte: UInt8 = 0
            return recv(descriptor, &byte, 1, 0) == 1 ? .answers(SSHAgent(bound: bound)) : .absent
        }
    }

    private static func connect(_ descriptor: Int32, to path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// The bytes of a connected socket's other end; nil where that is no named socket of this machine.
    private static func peer(of descriptor: Int32) -> [UInt8]? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getpeername(descriptor, $0, &length)
            }
        }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        guard result == 0, address.sun_family == sa_family_t(AF_UNIX), length > start else {
            return nil
        }
        return withUnsafeBytes(of: &address) { Array($0[start..<min(Int(length), $0.count)]) }
    }

    /// Wakes whoever of this process waits for the agent, with an error; false where nobody does.
    /// libssh2 shows nobody its socket, so it is found by its other end.
    func shutConnections() -> Bool {
        var found = false
        // At an end of file libssh2 1.10 reads on for ever: what it reads next must be no socket.
        let other = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(other) }
        for descriptor in 0..<Int32(clamping: min(sysconf(Int32(_SC_OPEN_MAX)), 4_096))
        where Self.peer(of: descriptor) == bound {
            shutdown(descriptor, Int32(SHUT_RDWR))
            dup2(other, descriptor)
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            found = true
        }
        return found
    }
}
