/// GitHub cannot be reached, or has refused what it was asked. Holds no token.
package struct GitHubError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// libcurl is not on this machine.
        case library
        /// The address of the interface, the token or the repository's name cannot be used.
        case setting
        /// Nothing was done: the server was not reached.
        case connection
        /// The answer did not come, so whether it was done is not known.
        case uncertain
        /// An answer that leads to another host, or that cannot be read.
        case answer
        /// 401.
        case token
        /// 403, 404 and 410.
        case access
        /// 422, and others of the kind.
        case refused
        /// The limit of requests is used up for longer than is worth waiting.
        case limit
    }

    package let code: Code
    /// What was done, to what: `open a pull request for proposal/GR-1`.
    package let doing: String
    /// What is wrong and what to do about it.
    package let message: String

    package init(_ code: Code, doing: String, _ message: String) {
        self.code = code
        self.doing = doing
        self.message = message
    }

    package var description: String { "cannot \(doing): \(message)" }
}
