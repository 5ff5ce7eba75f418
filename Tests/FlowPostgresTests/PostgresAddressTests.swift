import FlowTestSupport
import Testing

@testable import FlowPostgres

/// What a person writes to name a server.
@Suite struct PostgresAddressTests {
    private func read(_ text: String) throws -> PostgresAddress {
        try PostgresAddress(text, taking: ["table", "query"])
    }

    @Test("our own parameters are taken out and decoded, libpq's stay")
    func parameters() throws {
        let address = try read(
            "postgres://ada@db.example:5433/shop?sslmode=require&query=SELECT%20'a+b%26c'&port=1")
        #expect(address.parameters == ["query": "SELECT 'a+b&c'"])
        #expect(address.connection == "postgres://ada@db.example:5433/shop?sslmode=require&port=1")
        #expect(address.place == "postgres://ada@db.example:5433/shop")
        #expect(try read("postgresql://?table=t").connection == "postgresql://")
    }

    @Test(
        "a password in an address is refused, and not repeated",
        arguments: [
            "postgres://ada:hush@db/shop?table=t", "postgresql://ada:hu/sh@db/shop?table=t",
            "postgres://ada:hush@a@db/shop", "postgres://:hush@/shop?table=t",
            "postgres://db/shop?password=hush&table=t", "postgres://db/shop?sslpassword=hush",
            "postgres://db/shop?PASSWORD=hush",
        ])
    func password(_ text: String) {
        let error = #expect(throws: PostgresError.self) { try read(text) }
        #expect(error?.description.contains("PGPASSWORD") == true)
        #expect(error?.description.contains("hush") == false)
    }

    @Test(
        "what means nothing is refused",
        arguments: [
            "postgres://db?table=", "postgres://db?table", "postgres://db?table=%4",
            "postgres://db?table=%00", "postgres://db?table=%FF", "postgres://db?table=a&table=b",
        ])
    func refused(_ text: String) {
        #expect(throws: PostgresError.self) { try read(text) }
    }

    @Test("without libpq the error names the package")
    func library() {
        let error = #expect(throws: PostgresError.self) { try PostgresLibrary("libpq-no.so.5") }
        #expect(error?.code == .library)
        #expect(error?.description.hasSuffix("install the package libpq5") == true)
        #expect(throws: PostgresError.self) { try PostgresLibrary("libc.so.6") }
    }

    @Test(
        "a row of COPY is its fields",
        arguments: [
            ("1\ta b\t\\N\t\n", ["1", "a b", nil, ""]),
            ("\\\\N\t\\t\\n\\r\\b\\f\\v\t\\\\\n", ["\\N", "\t\n\r\u{8}\u{C}\u{B}", "\\"]),
            ("é\u{2028}\n", ["é\u{2028}"]),
        ])
    func row(_ text: String, _ fields: [String?]) {
        Array(text.utf8).withUnsafeBufferPointer { #expect(CopyRow.fields($0) == fields) }
    }
}
