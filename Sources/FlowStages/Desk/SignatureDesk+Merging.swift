internal import FlowMining
internal import FlowSkills
internal import FlowStore
internal import FlowSystem
internal import FlowText

/// Changes of `skills/aliases.yaml` in the work tree, for people to review and commit.
extension SignatureDesk {
    /// What became of a group.
    package struct Regrouped {
        package let old: String
        package let new: String
        /// Whether the first had been taken out of the second.
        package let wasPart: Bool
    }

    /// Lets one group be another from now on; what was taken out of that other goes back into it.
    package func merge(_ one: String, into other: String) throws -> Regrouped {
        let written = try writtenAliases()
        // a split that no run has followed yet
        let parts = written.splits.map(\.part).filter { $0.hasPrefix(one) }
        let new = try signature(other).fingerprint.text
        let old: String
        if parts.count == 1 {
            old = parts[0]
        } else {
            let known = try signature(one).fingerprint.text
            // A merge that was taken back is still one group to the last run that mined.
            old = known == new && SkillName.isFingerprint(one) ? one : known
        }
        guard old != new else {
            throw StageError(
                "the last run has both as one group; if they were split since, write the fingerprint "
                    + "of the one to merge in full")
        }
        let target = written.newest(old)
        guard target == old || target == new else {
            throw StageError(
                "\(old) was merged into \(target) before; flow errors split \(old) takes that back")
        }
        let wasPart = written.splits.contains {
            $0.part == old && written.newest($0.of) == written.newest(new)
        }
        try editAliases { bytes in
            let bytes = wasPart ? try Aliases.removing(splitOf: old, from: bytes) : bytes
            guard written.newest(new) != old else {
                throw StageError(
                    "\(new) was merged into \(old) before; flow errors split \(new) takes that back"
                )
            }
            return try Aliases.adding([AliasPair(old: old, new: new)], to: bytes)
        }
        return Regrouped(old: old, new: new, wasPart: wasPart)
    }

    /// Takes back that a group was merged into another.
    /// - Parameter prefix: of the fingerprint that was merged, as the file has it.
    /// - Returns: it, in full.
    package func split(_ prefix: String) throws -> String {
        let written = try writtenAliases()
        let found = written.renamed.filter { $0.hasPrefix(prefix) }
        guard found.count == 1, let old = found.first else {
            throw StageError(notMerged(prefix, found.count, written))
        }
        let now = written.newest(old)
        let groups = try MinedErrors(workspace, written).groups
        if groups.contains(now), !groups.contains(old) {
            throw StageError(
                "nobody merged \(old): the grouping has its messages in \(now) now; flow errors split "
                    + "\(now) --matching PATTERN takes messages out of it")
        }
        try editAliases { try Aliases.removing(old, from: $0) }
        return old
    }

    private func notMerged(_ prefix: String, _ count: Int, _ written: Aliases) -> String {
        let name = VisibleText.safe(prefix)
        if count > 1 { return "\(name) means \(count) groups; write more of it" }
        if let part = written.splits.first(where: { $0.part.hasPrefix(prefix) }) {
            return "\(part.part) was taken out of \(part.of); flow errors merge \(part.part) "
                + "\(part.of) puts it back"
        }
        return "\(name) was not merged; \(Aliases.path) has the groups that were. With --matching "
            + "messages are taken out of a group"
    }

    private var aliasesPath: String { Path.join(workspace.root, Aliases.path) }

    /// The aliases of the work tree: what is not committed yet counts too.
    func writtenAliases() throws -> Aliases { try Aliases.read(try aliasesBytes()) }

    private func aliasesBytes() throws -> [UInt8] {
        Files.exists(aliasesPath) ? try Files.read(aliasesPath, limit: 16 << 20) : []
    }

    func editAliases(_ change: ([UInt8]) throws -> [UInt8]) throws {
        try Files.write(try change(try aliasesBytes()), to: aliasesPath)
    }
}
