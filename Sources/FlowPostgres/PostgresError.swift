/// A server that cannot be reached, or that has refused what it was asked. Holds no password.
package struct PostgresError: Error, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// libpq is not on this machine.
        case library
        /// The address means nothing, or holds what must not stand in one.
        case address
        /// No connection, or one that broke.
        case connection
        /// The server's answer is an error.
        case refused
    }

    package let code: Code
    /// What was done, to what: `read postgres://db.example/shop`.
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
