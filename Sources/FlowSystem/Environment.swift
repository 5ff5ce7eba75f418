internal import Glibc

/// The environment that flow itself was started with.
package enum Environment {
    /// All variables; one that is there twice keeps its first value, as `getenv` does.
    package static let all: [String: String] = {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let sign = pair.utf8.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(pair[..<sign])
                if variables[name] == nil {
                    variables[name] = String(pair[pair.utf8.index(after: sign)...])
                }
            }
            entry += 1
        }
        return variables
    }()

    /// Whether a job of GitHub Actions, or of a runner that speaks its language, started flow.
    package static var isGitHubActions: Bool { all["GITHUB_ACTIONS"] == "true" }

    package static subscript(name: String) -> String? { all[name] }
}
