internal import CCurl
internal import Glibc

/// The functions of libcurl, looked up when the first request is made: hardly any start of a program
/// makes one.
///
/// Unchecked: it holds pointers to code, which nobody changes.
struct CurlLibrary: @unchecked Sendable {
    typealias List = UnsafeMutablePointer<curl_slist>

    let open: @convention(c) () -> UnsafeMutableRawPointer?
    let set: flow_curl_setter
    let get: flow_curl_getter
    let perform: @convention(c) (UnsafeMutableRawPointer?) -> CURLcode
    let reset: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let close: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let append: @convention(c) (List?, UnsafePointer<CChar>) -> List?
    let free: @convention(c) (List?) -> Void
    let text: @convention(c) (CURLcode) -> UnsafePointer<CChar>?

    /// Debian's two builds of one library with one interface: that of OpenSSL, and that of GnuTLS,
    /// which comes with git.
    static let names = ["libcurl.so.4", "libcurl-gnutls.so.4"]

    /// libcurl of this process.
    static let shared = Result { () throws(GitHubError) in try CurlLibrary(names) }

    /// Loads the first that is there, for as long as the process lives.
    init(_ names: [String]) throws(GitHubError) {
        let doing = "load \(names.first ?? ""), the library for https"
        let advice = "install the package libcurl4"
        var reason: String?
        var found: UnsafeMutableRawPointer?
        for name in names where found == nil {
            found = dlopen(name, RTLD_NOW | RTLD_LOCAL)
            if found == nil { reason = reason ?? dlerror().map { String(cString: $0) } }
        }
        guard let handle = found else {
            throw GitHubError(.library, doing: doing, "\(reason ?? "not found"); \(advice)")
        }
        func find<Function>(_ symbol: String) throws(GitHubError) -> Function {
            guard let address = dlsym(handle, symbol) else {
                throw GitHubError(.library, doing: doing, "it has no \(symbol); \(advice)")
            }
            // The types stand in curl.h and are part of the library's name, libcurl.so.4.
            return unsafeBitCast(address, to: Function.self)
        }
        open = try find("curl_easy_init")
        set = try find("curl_easy_setopt")
        get = try find("curl_easy_getinfo")
        perform = try find("curl_easy_perform")
        reset = try find("curl_easy_reset")
        close = try find("curl_easy_cleanup")
        append = try find("curl_slist_append")
        free = try find("curl_slist_free_all")
        text = try find("curl_easy_strerror")
        let start: @convention(c) (Int) -> CURLcode = try find("curl_global_init")
        guard start(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32)) == CURLE_OK else {
            throw GitHubError(.library, doing: doing, "it does not start; \(advice)")
        }
    }
}

/// What a machine needs for the stages of GitHub.
package enum GitHubNeeds {
    /// Why libcurl cannot be used and what to do; nil where it can.
    package static var problem: String? {
        do {
            _ = try CurlLibrary.shared.get()
            return nil
        } catch {
            return error.description
        }
    }
}
