internal import FlowArguments
internal import FlowText

/// An action of a repository at one commit: `OWNER/REPO@SHA`, as `uses:` of GitHub Actions takes it.
struct ActionReference {
    let text: String

    /// - Throws: `UsageError` for what is no such name, and for a branch or tag: these can be moved to
    ///   other code.
    init(_ text: String) throws(UsageError) {
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        let parts = sides[0].split(separator: "/", omittingEmptySubsequences: false)
        guard sides.count == 2, parts.count >= 2, parts.allSatisfy(Self.isName) else {
            throw UsageError(
                "--action takes OWNER/REPO@SHA, not \(VisibleText.quoted(text))",
                command: "flow init")
        }
        guard sides[1].utf8.count == 40,
            sides[1].utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else {
            throw UsageError(
                "--action takes the full id of a commit (40 hexadecimal digits), not "
                    + "\(VisibleText.quoted(String(sides[1]))): a branch or a tag can be moved to other code; "
                    + "git rev-parse and git ls-remote give it", command: "flow init")
        }
        self.text = text
    }

    private static func isName(_ part: Substring) -> Bool {
        part != "." && part != ".." && !part.isEmpty
            && part.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "._-".utf8.contains(byte)
                }
            }
    }
}
