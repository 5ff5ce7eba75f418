import FlowTestSupport
import Testing

@testable import FlowGitHub

/// Where the token may go.
@Suite struct GitHubAddressTests {
    @Test(
        "an address is https with a host, a port and a path; http is for this machine alone",
        arguments: [
            ("https://api.github.com", "https://api.github.com/x"),
            ("https://api.github.com/", "https://api.github.com/x"),
            ("HTTPS://API.GitHub.com:443", "https://api.github.com/x"),
            ("https://ghe.example:8443/api/v3/", "https://ghe.example:8443/api/v3/x"),
            ("http://127.0.0.1:80", "http://127.0.0.1:80/x"),
            ("http://localhost:8080", "http://localhost:8080/x"),
            ("http://[::1]:8080/a", "http://[::1]:8080/a/x"),
        ])
    func good(_ text: String, _ url: String) throws {
        #expect(try GitHubAddress(text).url("/x") == url)
    }

    @Test(
        "whatever could lead the token elsewhere is refused by name",
        arguments: [
            "http://api.github.com", "ftp://api.github.com", "api.github.com", "", "https://",
            "https://user@api.github.com", "https://user:x@host", "https://host?x=1",
            "https://host#x", "https://host/a b", "https://host\\@evil.example",
            "https://hö.example",
            "https://host:x", "https://host/%2e%2e", "http://127.0.0.1.evil.example",
            "http://localhost.evil.example", "https://host\r\nX: y",
            "http://127.0.0.1@evil.example",
        ])
    func bad(_ text: String) {
        let error = #expect(throws: GitHubError.self) { try GitHubAddress(text) }
        #expect(error?.code == .setting)
        #expect(error?.description.hasPrefix("cannot use GITHUB_API_URL '") == true)
    }

    @Test(
        "a location leads on only to the same scheme, host and port",
        arguments: [
            ("/repositories/1/pulls", "https://api.github.com/repositories/1/pulls"),
            ("https://api.github.com/a?page=2", "https://api.github.com/a?page=2"),
            ("HTTPS://API.github.com/a", "https://api.github.com/a"),
            ("http://api.github.com/a", nil), ("https://api.github.com.evil.example/a", nil),
            ("https://api.github.com@evil.example/", nil), ("https://api.github.com:444/a", nil),
            ("//evil.example/a", nil), ("/\\evil.example", nil), ("a", nil), ("", nil),
            ("https://api.github.com", nil), ("/a\r\nX: y", nil),
        ] as [(String, String?)])
    func locations(_ location: String, _ url: String?) throws {
        #expect(try GitHubAddress(GitHubAddress.standard).resolved(location) == url)
    }

    @Test("the interface of one host serves the repositories of that host")
    func hosts() throws {
        let standard = try GitHubAddress(GitHubAddress.standard)
        #expect(standard.serves("github.com") && standard.serves("GitHub.com"))
        #expect(!standard.serves("ghe.example") && !standard.serves("evil-github.com"))
        #expect(try GitHubAddress("https://ghe.example/api/v3").serves("ghe.example"))
        #expect(try GitHubAddress("https://api.octo.ghe.com").serves("octo.ghe.com"))
    }

    @Test("without libcurl the error says what to install")
    func library() {
        let error = #expect(throws: GitHubError.self) {
            try CurlLibrary(["libcurl-of-nobody.so.4", "libcurl-of-none.so.4"])
        }
        #expect(error?.code == .library)
        #expect(error?.description.contains("libcurl-of-nobody.so.4") == true)
        #expect(error?.description.hasSuffix("install the package libcurl4") == true)
    }
}
