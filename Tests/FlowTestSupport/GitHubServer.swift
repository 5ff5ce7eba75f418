package import FlowJSON
internal import FlowSystem
internal import Glibc
internal import Synchronization

/// The stand-in for GitHub, `Tests/Servers/github.py`: one process for all tests, each with a
/// repository of its own. It ends when the tests do, as it watches their process.
package final class GitHubServer: Sendable {
    private let folder: TemporaryFolder
    package let port: Int
    /// A second host, which must never get a token.
    package let other: Int
    package static let token = "ghp_0123456789abcdef"

    private static let python = Path.join(BuiltPrograms.checkout, ".build/models/bin/python")

    /// Whether the typed models that it parses everything with are installed.
    package static let isThere: Bool =
        (try? TestProgram(python, in: "/")("-c", "import githubkit_schemas").checked()) != nil

    /// What tests that need it say when it is not.
    package static let absence = "githubkit is not installed; Scripts/setup test installs it"

    package static let shared = Result { try GitHubServer() }

    private init() throws {
        let script = Path.join(BuiltPrograms.checkout, "Tests/Servers/github.py")
        folder = try TemporaryFolder()
        let start = """
            "$0" "$1" "$2" </dev/null >"$3" 2>"$3.errors" &
            while kill -0 $! && ! [ -s "$3" ]; do sleep 0.05; done
            cat "$3" "$3.errors"
            """
        let words = ["-c", start, Self.python, script, "\(getpid())", folder.at("ports")]
        let ports = try TestProgram("sh", in: "/").run(words).checked().text
        let numbers = ports.split { $0.isWhitespace }.compactMap { Int($0) }
        guard numbers.count == 2 else {
            throw TestResult.Unexpected(description: "the server said '\(ports)' instead of ports")
        }
        (port, other) = (numbers[0], numbers[1])
    }

    package var address: String { "http://127.0.0.1:\(port)" }

    /// A repository at the server.
    package struct Repository: Sendable {
        package let slug: String
        fileprivate let server: GitHubServer

        /// What became of it: `pulls`, `issues`, `log` (`METHOD /path` of each request), `found`
        /// (command lines with the token in them), `elsewhere` (what the other host got).
        package func state() throws -> JSON { try server.tell("GET", slug, nil) }

        package func pulls() throws -> [JSON] { try state()["pulls"]?.arrayValue ?? [] }
        package func issues() throws -> [JSON] { try state()["issues"]?.arrayValue ?? [] }
        package func log() throws -> [String] {
            (try state()["log"]?.arrayValue ?? []).compactMap(\.stringValue)
        }

        /// What somebody does to a pull request (`pulls`) or an issue (`issues`): a new one without
        /// `number`, else what changes; or a list of these.
        package func person(_ kind: String, _ change: JSON) throws {
            _ = try server.tell("POST", "\(slug)/\(kind)", change)
        }

        /// From now on these go wrong.
        package func faults(_ faults: JSON) throws {
            _ = try server.tell("POST", "\(slug)/faults", faults)
        }
    }

    private static let count = Mutex(0)

    /// A new repository.
    package func repository(_ setting: JSON = [:]) throws -> Repository {
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        let slug = "octo/r\(number)"
        _ = try tell("PUT", slug, setting)
        return Repository(slug: slug, server: self)
    }

    private func tell(_ method: String, _ path: String, _ body: JSON?) throws -> JSON {
        let script = """
            import sys, urllib.request as r
            q = r.Request(sys.argv[2], method=sys.argv[1], data=sys.stdin.buffer.read() or None)
            print(r.build_opener(r.ProxyHandler({})).open(q).read().decode())
            """
        return try TestProgram("python3", in: "/").run(
            ["-c", script, method, "\(address)/_/\(path)"], input: body?.text() ?? ""
        ).checked().json
    }
}
