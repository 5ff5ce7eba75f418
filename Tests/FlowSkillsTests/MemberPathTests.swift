import Testing

@testable import FlowSkills

@Suite("Places in nested objects")
struct MemberPathTests {
    @Test(
        "names come back as they were, whatever signs they have",
        arguments: [
            ["a"], ["a", "b"], ["a.b"], ["a.b", "c"], ["a\\", "b"], ["\\.", "."],
            ["a\\.b", "\\\\"], ["a b", "ü", "'\""], ["a", ""],
        ])
    func roundTrip(_ names: [String]) {
        let path = names.reduce("") { MemberPath.joined($0, $1) }
        #expect(MemberPath.names(path) == names)
    }

    @Test(
        "a path is names with dots between them",
        arguments: [
            ("a.b", ["a", "b"]), ("file\\.name", ["file.name"]), ("a\\b.c", ["a\\b", "c"]),
            ("", [""]),
        ])
    func written(_ path: String, _ names: [String]) {
        #expect(MemberPath.names(path) == names)
    }
}
