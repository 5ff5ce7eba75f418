import Testing

@testable import FlowMining

/// How text becomes terms, and what sources hold.
@Suite struct KnowledgeTermTests {
    private func terms(_ text: String) -> [String] {
        let bytes = TermText.prepared(text)
        var reader = TermReader()
        reader.read(bytes, 0..<bytes.count)
        return reader.terms.map { String(decoding: reader.bytes[$0.range], as: UTF8.self) }
    }

    static let table: [(text: String, terms: [String])] = [
        ("", []), ("  \n\t.,;", []), ("a b I", []),
        ("Cannot open file", ["cannot", "open", "fil"]),
        ("FSImage", ["fs", "imag", "fsimag"]),
        ("getHTTPServer2", ["get", "http", "server", "gethttpserver2"]),
        ("max_retries", ["max", "retry", "max_retry"]), ("__init__", ["init", "__init__"]),
        ("_", []), ("SHOUTING_NAME", ["shout", "nam", "shouting_nam"]),
        ("org.apache.FSImage", ["org", "apach", "fs", "imag", "fsimag", "org.apache.fsimag"]),
        ("Outer$Inner", ["outer", "inner", "outer$inner"]),
        ("end. Next", ["end", "next"]), ("...", []), (".hidden.", ["hidden"]),
        ("errno 111 at 10.0.0.1", ["errno", "111", "at", "10", "10.0.0.1"]),
        ("HDFS-1234", ["hdf", "1234"]),
        ("Zeitüberschreitung für Über", ["zeitüberschreitung", "für", "über"]),
        ("“quoted” — dash", ["quot", "dash"]),
        ("caches cached caching cache", ["cach", "cach", "cach", "cach"]),
        ("classes class status bus analysis", ["class", "class", "status", "bus", "analysis"]),
        ("mapping mapped maps map", ["map", "map", "map", "map"]),
        ("calling called miss missing", ["call", "call", "miss", "miss"]),
        ("string red need", ["string", "red", "need"]),
    ]

    @Test("a name is found by itself and by its parts, words by their stems", arguments: table)
    func cut(_ text: String, _ expected: [String]) {
        #expect(terms(text) == expected)
    }

    @Test("a value of more than 64 bytes is no term")
    func long() {
        #expect(terms(String(repeating: "a", count: 64)).count == 1)
        #expect(terms(String(repeating: "a", count: 65)).isEmpty)
    }

    @Test("what a term was cut from is told by its place in the text")
    func sources() {
        let bytes = TermText.prepared("the NameNode fails")
        var reader = TermReader()
        reader.read(bytes, 4..<bytes.count)
        let words = reader.terms.map { String(decoding: bytes[$0.source], as: UTF8.self) }
        #expect(words == ["Name", "Node", "NameNode", "fails"])
    }
}
