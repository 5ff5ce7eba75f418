/// A file of the library as the repository holds it: a skill, a ledger's month, the catalog.
package struct SkillFile: Sendable, Hashable {
    /// From the repository's root: `skills/GR-9F3C2A1B_keyerror.yaml`.
    package var path: String
    package var bytes: [UInt8]

    package init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}
