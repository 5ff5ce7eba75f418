/// One request.
struct HTTPRequest: Sendable {
    var method: String
    /// Of a `GitHubAddress`, or one that it resolved.
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]?
}

/// What a server answered.
struct HTTPReply: Sendable {
    var status: Int
    /// By name in lower case; of one that is there twice, both values with a comma between them.
    var headers: [String: String] = [:]
    var body: [UInt8] = []
}

/// A request without an answer.
struct HTTPFailure: Error, Hashable {
    /// Whether the server certainly has not seen the request.
    let isUnsent: Bool
    let message: String
}

/// What carries requests.
protocol HTTPTransport {
    func send(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPReply
}
