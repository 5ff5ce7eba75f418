internal import CGit2
internal import FlowSystem
internal import Glibc
internal import Synchronization

/// The one connection of a transfer, and what became of it.
///
/// libgit2 1.5 has neither time-outs nor a rule that keeps a token from another port of the same host
/// after a redirect, so flow makes libgit2's sockets: each transfer may reach one host and port and no
/// other, and a connection on which nothing moves for long is shut.
final class Connection: Sendable {
    private struct State {
        /// Where sockets may go; nil until the first has gone somewhere.
        var place: (host: String, port: String)?
        var descriptor: Int32 = -1
        var lastSign = ContinuousClock.now
        var isSilent = false
        var isBroken = false
        var refused: String?
        /// The agent that is asked to sign.
        var agent: SSHAgent?
        var isAgentSilent = false
    }

    private let state: Mutex<State>
    /// How long nothing may move.
    let patience: Duration

    /// - Parameter place: the one for which the secrets of the transfer are, so that libgit2 cannot take
    ///   them elsewhere where it reads an address in another way; nil: the first that is reached.
    init(to place: (host: String, port: String)?, patience: Duration) {
        state = Mutex(State(place: place))
        self.patience = patience
    }

    /// Whether the connection was shut since nothing moved on it.
    var isSilent: Bool { state.withLock { $0.isSilent } }

    /// Whether the connection was shut while an agent was to sign.
    var isAgentSilent: Bool { state.withLock { $0.isAgentSilent } }

    /// Notes that libssh2 asks an agent next, for which it would wait without an end.
    func asks(_ agent: SSHAgent?) { state.withLock { $0.agent = agent } }

    /// Whether the other end went away, or the way to it.
    var isBroken: Bool { state.withLock { $0.isBroken } }

    /// `host:port` of the place that a redirect led to; nil where none did.
    var refused: String? { state.withLock { $0.refused } }

    /// Notes that the transfer is at work, if not on the network.
    func sign() { state.withLock { $0.lastSign = .now } }

    /// Whether a socket may go there.
    fileprivate func admits(_ host: String, _ port: String) -> Bool {
        let host = host.lowercased()
        return state.withLock { state in
            guard let place = state.place else {
                state.place = (host, port)
                return true
            }
            if place == (host, port) { return true }
            state.refused = "\(host):\(port)"
            return false
        }
    }

    fileprivate func took(_ descriptor: Int32) {
        state.withLock {
            $0.descriptor = descriptor
            $0.lastSign = .now
        }
    }

    fileprivate func broke() { state.withLock { $0.isBroken = true } }

    /// Closes the socket while the watch cannot look at it.
    fileprivate func close(_ descriptor: Int32) {
        state.withLock {
            if $0.descriptor == descriptor { $0.descriptor = -1 }
            _ = Glibc.close(descriptor)
        }
    }

    // MARK: Silence

    /// Does `body`, with libgit2's sockets on this thread belonging to this connection, while another
    /// thread shuts the socket should nothing move on it for longer than `patience`.
    func watched<Result>(_ body: () -> Result) throws(SystemError) -> Result {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw SystemError(errno: errno, doing: "watch a connection")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let waiting = ends[0]
        let watch = try Thread { [self] in
            var end = pollfd(fd: waiting, events: Int16(POLLIN), revents: 0)
            let pause = Int32(clamping: max(patience / 20, .milliseconds(10)).milliseconds)
            // The other end is closed when the transfer is over.
            while true {
                let ready = poll(&end, 1, pause)
                if ready > 0 || (ready < 0 && errno != EINTR) { return }
                shutIfSilent()
            }
        }
        let thread = pthread_self()
        Self.running.withLock { $0[thread] = self }
        let result = body()
        Self.running.withLock { $0[thread] = nil }
        Glibc.close(ends[1])
        watch.join()
        Glibc.close(waiting)
        return result
    }

    private func shutIfSilent() {
        state.withLock { state in
            guard state.descriptor >= 0, ContinuousClock.now - state.lastSign > patience,
                let silence = Self.silence(of: state.descriptor), silence > patience
            else { return }
            state.isSilent = true
            // Whoever reads or writes wakes up and sees the connection's end.
            shutdown(state.descriptor, Int32(SHUT_RDWR))
            state.isAgentSilent = state.agent?.shutConnections() ?? false
        }
    }

    /// How long neither data came nor went; nil where the system does not say.
    private static func silence(of descriptor: Int32) -> Duration? {
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0 else {
            return nil
        }
        return .milliseconds(Int(min(info.tcpi_last_data_recv, info.tcpi_last_data_sent)))
    }

    /// The connections of the transfers that are under way, by their threads.
    private static let running = Mutex<[pthread_t: Connection]>([:])

    /// Hands over the threads of the transfers that are under way; none begins or ends meanwhile.
    static func freezing(_ body: ([UInt]) -> Void) {
        running.withLock { body(Array($0.keys)) }
    }

    fileprivate static var current: Connection? {
        let thread = pthread_self()
        return running.withLock { $0[thread] }
    }
}

extension Duration {
    /// `10 seconds`, or `250 ms` of one that is not whole.
    var shown: String {
        milliseconds % 1000 == 0 ? "\(components.seconds) seconds" : "\(milliseconds) ms"
    }
}

/// The sockets that flow makes for libgit2 (`git2/sys/stream.h`); TLS and ssh go on top of them.
enum Sockets {
    /// Touched before any transfer.
    static let registered: Bool = {
        var registration = git_stream_registration()
        registration.version = GIT_STREAM_VERSION
        registration.`init` = { Sockets.make($0, $1, $2) }
        return git_stream_register(GIT_STREAM_STANDARD, &registration) == 0
    }()

    /// How long one address of a host may take to answer.
    private static let patience: Int32 = 30_000

    private static func make(
        _ made: UnsafeMutablePointer<UnsafeMutablePointer<git_stream>?>?,
        _ host: UnsafePointer<CChar>?, _ port: UnsafePointer<CChar>?
    ) -> Int32 {
        guard let made, let host, let port else { return -1 }
        let (name, number) = (String(cString: host), String(cString: port))
        guard Connection.current?.admits(name, number) != false else {
            return fail("the remote redirects to \(name):\(number)")
        }
        let socket = UnsafeMutablePointer<flow_git2_socket>.allocate(capacity: 1)
        socket.initialize(to: flow_git2_socket())
        socket.pointee.host = strdup(host)
        socket.pointee.port = strdup(port)
        socket.pointee.descriptor = -1
        socket.pointee.parent.version = GIT_STREAM_VERSION
        socket.pointee.parent.connect = { Sockets.connect(Sockets.own($0)) }
        socket.pointee.parent.read = { Sockets.read(Sockets.own($0), $1, $2) }
        socket.pointee.parent.write = { stream, data, count, _ in
            Sockets.write(Sockets.own(stream), data, count)
        }
        socket.pointee.parent.close = { Sockets.close(Sockets.own($0)) }
        socket.pointee.parent.free = { Sockets.free(Sockets.own($0)) }
        made.pointee = UnsafeMutableRawPointer(socket).assumingMemoryBound(to: git_stream.self)
        return 0
    }

    /// `make` put a whole socket where libgit2 sees its first member.
    private static func own(_ stream: UnsafeMutablePointer<git_stream>?)
        -> UnsafeMutablePointer<flow_git2_socket>?
    {
        stream.map {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: flow_git2_socket.self)
        }
    }

    private static func fail(_ message: String) -> Int32 {
        git_error_set_str(Int32(GIT_ERROR_NET.rawValue), message)
        return -1
    }

    private static func connect(_ socket: UnsafeMutablePointer<flow_git2_socket>?) -> Int32 {
        guard let socket, let host = socket.pointee.host, let port = socket.pointee.port else {
            return -1
        }
        let name = "\(String(cString: host)):\(String(cString: port))"
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, port, &hints, &list)
        guard result == 0 else {
            return fail("no address of \(name) is known: \(String(cString: gai_strerror(result)))")
        }
        defer { freeaddrinfo(list) }
        var number = EADDRNOTAVAIL
        var next = list
        while let address = next?.pointee {
            let descriptor = open(address, &number)
            if descriptor >= 0 {
                socket.pointee.descriptor = descriptor
                Connection.current?.took(descriptor)
                return 0
            }
            next = address.ai_next
        }
        return fail("no connection to \(name): \(String(cString: strerror(number)))")
    }

    /// A connected socket; -1 and the error's number where there is none.
    private static func open(_ address: addrinfo, _ number: inout Int32) -> Int32 {
        let kind =
            address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else {
            number = errno
            return -1
        }
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
            number = errno
            if number == EINPROGRESS { number = outcome(of: descriptor) }
            guard number == 0 else {
                Glibc.close(descriptor)
                return -1
            }
        }
        _ = fcntl(descriptor, F_SETFL, 0)
        // A host that is gone without a word is found out in some two minutes.
        for (level, name, value) in [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60),
            (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15), (Int32(IPPROTO_TCP), TCP_KEEPCNT, 4),
        ] as [(Int32, Int32, Int32)] {
            var value = value
            setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        return descriptor
    }

    /// How a connect that went on in the background ended: an error's number, or 0.
    private static func outcome(of descriptor: Int32) -> Int32 {
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var ready = poll(&wait, 1, patience)
        while ready < 0, errno == EINTR { ready = poll(&wait, 1, patience) }
        guard ready > 0 else { return ETIMEDOUT }
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        return number
    }

    private static func read(
        _ socket: UnsafeMutablePointer<flow_git2_socket>?, _ data: UnsafeMutableRawPointer?,
        _ count: Int
    ) -> Int {
        guard let descriptor = socket?.pointee.descriptor else { return -1 }
        while true {
            let result = recv(descriptor, data, count, 0)
            if result > 0 { return result }
            if result == 0 || errno != EINTR { return end(result) }
        }
    }

    private static func write(
        _ socket: UnsafeMutablePointer<flow_git2_socket>?, _ data: UnsafePointer<CChar>?,
        _ count: Int
    ) -> Int {
        guard let descriptor = socket?.pointee.descriptor else { return -1 }
        while true {
            // Without the flag a remote that is gone would end this program.
            let result = send(descriptor, data, count, Int32(MSG_NOSIGNAL))
            if result >= 0 { return result }
            if errno != EINTR { return end(result) }
        }
    }

    /// The connection's end, which a server may also mean.
    private static func end(_ result: Int) -> Int {
        let reason = String(cString: strerror(errno))
        Connection.current?.broke()
        return result == 0 ? 0 : Int(fail("the connection broke off: \(reason)"))
    }

    private static func close(_ socket: UnsafeMutablePointer<flow_git2_socket>?) -> Int32 {
        guard let socket, socket.pointee.descriptor >= 0 else { return 0 }
        if let connection = Connection.current {
            connection.close(socket.pointee.descriptor)
        } else {
            Glibc.close(socket.pointee.descriptor)
        }
        socket.pointee.descriptor = -1
        return 0
    }

    private static func free(_ socket: UnsafeMutablePointer<flow_git2_socket>?) {
        guard let socket else { return }
        Glibc.free(socket.pointee.host)
        Glibc.free(socket.pointee.port)
        socket.deallocate()
    }
}
