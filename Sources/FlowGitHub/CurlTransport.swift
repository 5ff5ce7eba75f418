internal import CCurl

/// Requests over libcurl: https with the system's certificates, proxies as the environment names them
/// (`https_proxy`, `no_proxy` and their kin), connections kept for the next request, no redirect
/// followed, nothing read from or written to a file.
///
/// Calls block; used by one thread at a time.
final class CurlTransport: HTTPTransport {
    /// How long to wait, in seconds.
    struct Patience: Sendable {
        var connection = 15
        /// With less than a byte a second.
        var silence = 30
        var whole = 120
    }

    /// The largest body that is taken.
    private static let largest = 64 << 20

    private let library: CurlLibrary
    private let handle: UnsafeMutableRawPointer
    private let patience: Patience

    init(_ patience: Patience = Patience()) throws(GitHubError) {
        library = try CurlLibrary.shared.get()
        self.patience = patience
        guard let opened = library.open() else {
            throw GitHubError(.library, doing: "use libcurl", "it does not start")
        }
        handle = opened
    }

    deinit { library.close(handle) }

    func send(_ request: HTTPRequest) throws(HTTPFailure) -> HTTPReply {
        library.reset(handle)
        let arriving = ArrivingReply(limit: Self.largest)
        let body = request.body ?? []
        var headers: CurlLibrary.List?
        defer { library.free(headers) }
        // Without an empty Expect, large bodies wait for a word that some servers never say.
        for line in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            headers = library.append(headers, line)
        }
        try set(CURLOPT_HTTPHEADER, headers)
        try prepare(request, arriving)
        let result = try body.withUnsafeBufferPointer { bytes throws(HTTPFailure) in
            if request.body != nil {
                try set(CURLOPT_POST, 1)
                try set(CURLOPT_POSTFIELDSIZE, bytes.count)
                try set(CURLOPT_POSTFIELDS, bytes.baseAddress)
            }
            // Last: the options above choose a method too.
            try set(CURLOPT_CUSTOMREQUEST, request.method)
            return withExtendedLifetime(arriving) { library.perform(handle) }
        }
        guard result == CURLE_OK else { throw failure(result, arriving) }
        var status = 0
        _ = flow_curl_get_number(library.get, handle, CURLINFO_RESPONSE_CODE, &status)
        return HTTPReply(status: status, headers: arriving.headers, body: arriving.body)
    }

    private func prepare(_ request: HTTPRequest, _ arriving: ArrivingReply) throws(HTTPFailure) {
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_USERAGENT, "flow")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        // Without encryption it is this machine's own, and no proxy's business.
        if request.url.hasPrefix("http://") { try set(CURLOPT_NOPROXY, "*") }
        try set(CURLOPT_CONNECTTIMEOUT, patience.connection)
        try set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try set(CURLOPT_LOW_SPEED_TIME, patience.silence)
        try set(CURLOPT_TIMEOUT, patience.whole)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        let place = UnsafeRawPointer(Unmanaged.passUnretained(arriving).toOpaque())
        try set(CURLOPT_HEADERDATA, place)
        try set(CURLOPT_WRITEDATA, place)
        try set(CURLOPT_HEADERFUNCTION) { bytes, size, count, place in
            ArrivingReply.at(place)?.takeHeader(bytes, size * count) ?? 0
        }
        try set(CURLOPT_WRITEFUNCTION) { bytes, size, count, place in
            ArrivingReply.at(place)?.takeBody(bytes, size * count) ?? 0
        }
    }

    // MARK: Options

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
        try check(flow_curl_set_number(library.set, handle, option, value))
    }

    /// libcurl copies texts.
    private func set(_ option: CURLoption, _ value: String) throws(HTTPFailure) {
        try check(value.withCString { flow_curl_set_pointer(library.set, handle, option, $0) })
    }

    private func set(_ option: CURLoption, _ value: UnsafeRawPointer?) throws(HTTPFailure) {
        try check(flow_curl_set_pointer(library.set, handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: CurlLibrary.List?) throws(HTTPFailure) {
        try check(flow_curl_set_pointer(library.set, handle, option, value))
    }

    private func set(
        _ option: CURLoption, _ value: @escaping flow_curl_receiver
    ) throws(HTTPFailure) {
        try check(flow_curl_set_receiver(library.set, handle, option, value))
    }

    private func check(_ result: CURLcode) throws(HTTPFailure) {
        guard result != CURLE_OK else { return }
        throw HTTPFailure(isUnsent: true, message: "libcurl is too old: \(text(result))")
    }

    private func failure(_ result: CURLcode, _ arriving: ArrivingReply) -> HTTPFailure {
        if arriving.isTooLarge {
            return HTTPFailure(
                isUnsent: false, message: "the answer is larger than \(Self.largest >> 20) MiB")
        }
        let unsent = [
            CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT,
            CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION,
        ]
        return HTTPFailure(isUnsent: unsent.contains(result), message: text(result))
    }

    private func text(_ result: CURLcode) -> String {
        library.text(result).map { String(cString: $0) } ?? "error \(result.rawValue)"
    }
}

/// What has come of an answer. A class: libcurl is given its address.
private final class ArrivingReply {
    private(set) var headers: [String: String] = [:]
    private(set) var body: [UInt8] = []
    private(set) var isTooLarge = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    static func at(_ place: UnsafeMutableRawPointer?) -> ArrivingReply? {
        place.map { Unmanaged<ArrivingReply>.fromOpaque($0).takeUnretainedValue() }
    }

    func takeBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return 0 }
        isTooLarge = body.count + count > limit
        // Fewer than were given makes libcurl stop.
        if isTooLarge { return 0 }
        body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    /// One line; the first of an answer (`HTTP/2 200`) begins anew after one that was provisional.
    func takeHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return 0 }
        let line = String(
            decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        if line.hasPrefix("HTTP/") { headers = [:] }
        guard let colon = line.firstIndex(of: ":") else { return count }
        let name = line[..<colon].lowercased()
        let value =
            String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
            .split { $0 == "\r" || $0 == "\n" || $0 == "\r\n" }.first.map(String.init) ?? ""
        headers[name] = headers[name].map { "\($0), \(value)" } ?? value
        return count
    }
}
