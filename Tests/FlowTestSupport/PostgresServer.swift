internal import FlowSystem
internal import Glibc
internal import Synchronization

/// A PostgreSQL server of the tests' own: its data in a temporary folder, reached through a socket in
/// that folder and a free port of this machine. It ends with the value, at the latest with the process.
package final class PostgresServer: Sendable {
    private let folder: TemporaryFolder
    private let programs: String
    private let user: String?
    /// The folder of its socket: a host, as libpq sees it.
    package let socket: String
    package let port: Int
    /// The password of `flow` when it comes over the port; over the socket nobody is asked.
    package static let password = "hush-7391-hush"

    /// The folder of the server's programs, the newest; nil where none is installed.
    package static let programs: String? = {
        let versions = (try? Files.list("/usr/lib/postgresql")) ?? []
        let newest = versions.compactMap { Int($0) }.sorted().last.map(String.init)
        return newest.map { "/usr/lib/postgresql/\($0)/bin" }.flatMap {
            Files.isExecutable(Path.join($0, "initdb")) ? $0 : nil
        }
    }()

    /// One server for all tests of a process.
    package static let shared = Result { try PostgresServer() }

    package init() throws {
        guard let programs = Self.programs else {
            throw TestResult.Unexpected(
                description: "no PostgreSQL server is installed; Scripts/setup test installs one")
        }
        self.programs = programs
        folder = try TemporaryFolder()
        socket = folder.path
        // The server refuses to run as root.
        user = getuid() == 0 ? "postgres" : nil
        port = try Self.freePort()
        if let user { try TestProgram("chown", in: "/")(user, folder.path).checked() }
        try Files.write(Self.password + "\n", to: folder.at("password"), mode: 0o644)
        try run(
            "initdb", "-D", data, "-U", "flow", "--pwfile", folder.at("password"),
            "--auth-local=trust", "--auth-host=scram-sha-256", "-E", "UTF8", "--no-locale", "-N")
        try start()
        atexit { _ = PostgresServer.running.withLock { $0 }.map { kill($0, SIGQUIT) } }
    }

    deinit { try? stop() }

    private var data: String { folder.at("data") }

    /// The servers that end with the process.
    private static let running = Mutex<[pid_t]>([])

    package func start() throws {
        let options = "-p \(port) -k \(socket) -h 127.0.0.1 -c fsync=off -c shared_buffers=16MB"
        try run("pg_ctl", "-D", data, "-w", "-l", folder.at("log"), "-o", options, "start")
        let number = try Files.text(folder.at("data/postmaster.pid")).prefix { $0 != "\n" }
        Self.running.withLock { $0 = [pid_t(number) ?? 0] }
    }

    /// Ends the server and all its sessions at once.
    package func stop() throws {
        Self.running.withLock { $0 = [] }
        try run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    }

    /// Runs SQL and gives what it prints, one line a row.
    @discardableResult
    package func sql(_ text: String) throws -> [String] {
        try TestProgram(Path.join(programs, "psql"), in: folder.path)
            .run(
                ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", socket, "-p", "\(port)"]
                    + ["-U", "flow", "-d", "postgres"], input: text
            ).checked().lines
    }

    /// The address of a database over the socket, for parameters to follow.
    package var address: String {
        let host = socket.replacing("/", with: "%2F")
        return "postgres://flow@\(host):\(port)/postgres"
    }

    private func run(_ program: String, _ words: String...) throws {
        let path = Path.join(programs, program)
        let all =
            user.map { ["setpriv", "--reuid", $0, "--regid", $0, "--clear-groups", path] }
            ?? [path]
        try TestProgram(all[0], in: "/").run(all.dropFirst() + words).checked()
    }

    /// A port that nobody listens on: one the system has just given.
    private static func freePort() throws -> Int {
        let file = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(file) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port: UInt16? = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                guard bind(file, place, length) == 0, getsockname(file, place, &length) == 0 else {
                    return nil
                }
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
        guard let port else { throw SystemError(errno: errno, doing: "find a free port") }
        return Int(port)
    }
}
