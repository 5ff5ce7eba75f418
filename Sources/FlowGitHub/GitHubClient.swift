internal import FlowJSON
package import FlowSystem
internal import FlowText

/// Requests to GitHub's REST interface, with the token, repeated where that is safe, within its limits.
///
/// Calls block; used by one thread at a time. A class: it counts what was asked in one session.
package final class GitHubClient {
    /// The version of the interface that the requests are written for.
    static let version = "2022-11-28"
    /// How often a request is made in all.
    private static let tries = 3
    private static let redirects = 3
    /// Writes that are made without a pause: GitHub takes 80 a minute, and asks for a second between.
    private static let quickWrites = 20

    private let address: GitHubAddress
    private let token: String
    private let mask: SecretMask
    private let transport: any HTTPTransport
    private let seams: Seams
    /// Seconds that may still be spent waiting for limits to open.
    private var patience = 90
    private var writes = 0

    /// What the client takes from outside.
    package struct Seams {
        package var now: () -> Timestamp = { SystemClock().now() }
        package var pause: (_ seconds: Int) -> Void = {
            Thread.pause(milliseconds: UInt32(clamping: $0 * 1000))
        }
        /// Told what is waited for.
        package var say: (String) -> Void = { _ in }
        package init() {}
    }

    /// - Throws: `setting` for a token that no header can hold or no log can hide; `library`.
    package convenience init(_ address: GitHubAddress, token: String, _ seams: Seams)
        throws(GitHubError)
    {
        try self.init(address, token: token, seams, over: CurlTransport())
    }

    init(
        _ address: GitHubAddress, token: String, _ seams: Seams, over transport: any HTTPTransport
    ) throws(GitHubError) {
        let doing = "use GITHUB_TOKEN"
        // Secrets often come with the newline of the file that they were in.
        let token = token[...].trimmed
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw GitHubError(
                .setting, doing: doing, "it holds blanks or characters that no token has")
        }
        do {
            mask = try SecretMask([("GITHUB_TOKEN", token)])
        } catch {
            throw GitHubError(.setting, doing: doing, error.description)
        }
        self.address = address
        self.token = token
        self.transport = transport
        self.seams = seams
    }

    // MARK: Asking

    /// What one call is about.
    struct Call {
        var method: String
        var path: String
        var body: JSON?
        /// For errors: `read the issue #4`.
        var doing: String
        /// Whether doing it twice is as doing it once.
        var isRepeatable = true
    }

    /// - Returns: the answer's JSON; null for one without content.
    func call(_ call: Call) throws(GitHubError) -> JSON {
        try json(answer(call, address.url(call.path)), call.doing)
    }

    /// All elements of a list, page by page, as the `Link` headers lead.
    /// - Parameter path: with its query.
    func list(_ path: String, doing: String) throws(GitHubError) -> [JSON] {
        let call = Call(method: "GET", path: path, doing: doing)
        var url: String? = address.url(path)
        var seen: Set<String> = []
        var elements: [JSON] = []
        while let page = url {
            guard seen.insert(page).inserted else {
                throw GitHubError(.answer, doing: doing, "its pages lead in a circle")
            }
            let reply = try answer(call, page)
            guard case .array(let part) = try json(reply, doing) else {
                throw GitHubError(.answer, doing: doing, "the answer is no list")
            }
            elements += part
            url = try next(reply, doing)
        }
        return elements
    }

    /// The page after this one (RFC 8288: `<https://…>; rel="next"`).
    private func next(_ reply: HTTPReply, _ doing: String) throws(GitHubError) -> String? {
        for link in (reply.headers["link"] ?? "").split(separator: ",") {
            let parts = link.split(separator: ";").map { $0.trimmed }
            guard
                parts.dropFirst().contains("rel=\"next\"")
                    || parts.dropFirst().contains("rel=next"),
                let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">")
            else { continue }
            return try resolved(String(target.dropFirst().dropLast()), doing)
        }
        return nil
    }

    private func resolved(_ location: String, _ doing: String) throws(GitHubError) -> String {
        guard let url = address.resolved(location) else {
            throw GitHubError(
                .answer, doing: doing,
                "the answer leads to \(shown(location)), and the token goes to \(address.origin) only; "
                    + "if the repository has moved, correct GITHUB_REPOSITORY, the remote's address or "
                    + "GITHUB_API_URL")
        }
        return url
    }

    private func json(_ reply: HTTPReply, _ doing: String) throws(GitHubError) -> JSON {
        guard !reply.body.isEmpty else { return .null }
        do throws(JSONError) {
            return try JSON.read(reply.body, depth: 64)
        } catch {
            throw GitHubError(
                .answer, doing: doing,
                "the answer of \(address.origin) is no JSON (\(error.message)); is GITHUB_API_URL right?"
            )
        }
    }

    // MARK: Sending

    private func answer(_ call: Call, _ start: String) throws(GitHubError) -> HTTPReply {
        var request = HTTPRequest(
            method: call.method, url: start, headers: headers(call),
            body: call.body?.bytes(.compact))
        if call.method != "GET" { slowDown() }
        var failures = 0
        var followed = 0
        while true {
            let reply: HTTPReply
            do throws(HTTPFailure) {
                reply = try transport.send(request)
            } catch {
                failures += 1
                guard call.isRepeatable || error.isUnsent, failures < Self.tries else {
                    throw lost(call, error)
                }
                rest(failures, because: error.message)
                continue
            }
            if let opening = RateLimit.opening(reply, now: seams.now()) {
                try wait(until: opening, call.doing)
            } else if (301...308).contains(reply.status), let location = reply.headers["location"] {
                followed += 1
                request.url = try resolved(location, call.doing)
                guard followed <= Self.redirects, reply.status >= 307 || call.method == "GET" else {
                    throw refusal(reply, call)
                }
            } else if reply.status >= 500 {
                failures += 1
                guard call.isRepeatable, failures < Self.tries else { throw refusal(reply, call) }
                rest(failures, because: "GitHub answered \(reply.status)")
            } else if (200...299).contains(reply.status) {
                return reply
            } else {
                throw refusal(reply, call)
            }
        }
    }

    private func headers(_ call: Call) -> [(name: String, value: String)] {
        var headers = [
            ("Authorization", "Bearer " + token), ("Accept", "application/vnd.github+json"),
            ("X-GitHub-Api-Version", Self.version),
        ]
        if call.body != nil { headers.append(("Content-Type", "application/json")) }
        return headers.map { (name: $0.0, value: $0.1) }
    }

    private func slowDown() {
        if writes >= Self.quickWrites { seams.pause(1) }
        writes += 1
    }

    private func rest(_ failures: Int, because reason: String) {
        let seconds = 1 << (failures - 1)
        seams.say("\(shown(reason)); trying again in \(seconds) s")
        seams.pause(seconds)
    }

    private func wait(until opening: Timestamp, _ doing: String) throws(GitHubError) {
        let microseconds = opening.microseconds - seams.now().microseconds
        let seconds = Int((max(0, microseconds) + 999_999) / 1_000_000)
        // Even a limit that ends at once is one that was met: waiting for ever is not an option.
        patience -= max(1, seconds)
        guard patience >= 0 else {
            throw GitHubError(
                .limit, doing: doing,
                "GitHub's limit of requests is used up until \(opening.rfc3339); what was done stays, "
                    + "and the next run does the rest")
        }
        seams.say("GitHub's limit of requests is used up; waiting \(seconds) s")
        seams.pause(seconds)
    }

    // MARK: Errors

    private func lost(_ call: Call, _ failure: HTTPFailure) -> GitHubError {
        GitHubError(
            failure.isUnsent ? .connection : .uncertain, doing: call.doing,
            "\(address.origin): \(shown(failure.message))"
                + (failure.isUnsent ? "" : "; whether it was done is not known"))
    }

    private func refusal(_ reply: HTTPReply, _ call: Call) -> GitHubError {
        let refusal = Refusal(reply)
        return GitHubError(
            refusal.code, doing: call.doing, "GitHub says: \(shown(refusal.words))\(refusal.advice)"
        )
    }

    /// Others' text for one line: safe for a terminal, without the token, cut.
    private func shown(_ text: String) -> String {
        let masked = mask.mask(text)
        let scalars = masked.unicodeScalars
        let short =
            scalars.count > 500
            ? String(String.UnicodeScalarView(scalars.prefix(500))) + "…" : masked
        return VisibleText.safe(short)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
