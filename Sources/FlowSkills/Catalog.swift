internal import FlowYAML

/// The error catalog `docs/error-codes.yaml`: what errors there are, how often they come, and which
/// skills cover them.
package enum Catalog {
    package static let path = "docs/error-codes.yaml"

    /// What a sync goes by.
    package struct Rules: Sendable, Hashable {
        /// From how many hits in 7 days a signature is listed.
        package var minHits7d = 1
        /// The share of the signatures that approved skills should cover.
        package var coverageTarget = 0.7
        /// By how much the errors should be fewer that judged skills cover.
        package var reductionTarget = 0.5

        package init() {}
    }

    /// What a sync did, and how things stand after it.
    package struct Summary: Sendable, Hashable {
        package var rules: Rules
        /// Entries that are new.
        package var added = 0
        /// Entries of which a value changed.
        package var updated = 0
        /// Entries that stayed as they were.
        package var unchanged = 0
        /// Signatures over the threshold, and those of them that an approved skill covers.
        package var signatures = 0
        package var covered = 0
        /// Entries whose error was read for and has stopped.
        package var quiet = 0
        /// What the skills that were judged expected and saw in 7 days, at their last judgement.
        package var effect: SkillEffect?

        package init(_ rules: Rules = Rules()) { self.rules = rules }

        /// Covered of all over the threshold, from 0 to 1; nil where there are none.
        package var coverage: Double? {
            signatures == 0 ? nil : (Double(covered) / Double(signatures)).rounded(places: 4)
        }

        /// The error reduction rate; nil as long as nothing was judged.
        package var reduction: Double? { effect?.reduction }

        package var isCovered: Bool { (coverage ?? 0) >= rules.coverageTarget }
        package var isReduced: Bool { (reduction ?? 0) >= rules.reductionTarget }

        /// `updated 20 entries, added 3 new; 12 of 30 covered (40 %, target 70 %)`, and where there is
        /// something to tell, `; errors reduced by 62 % (target 50 %); 3 quiet`.
        package var text: String {
            var parts = ["updated \(updated) entr\(updated == 1 ? "y" : "ies"), added \(added) new"]
            let share = coverage.map { "\(Self.percent($0)), " } ?? ""
            parts.append(
                "\(covered) of \(signatures) covered "
                    + "(\(share)target \(Self.percent(rules.coverageTarget)))")
            if let reduction {
                parts.append(
                    "errors reduced by \(Self.percent(reduction)) "
                        + "(target \(Self.percent(rules.reductionTarget)))")
            }
            if quiet > 0 { parts.append("\(quiet) quiet") }
            return parts.joined(separator: "; ")
        }

        private static func percent(_ share: Double) -> String {
            "\(Int((share * 100).rounded())) %"
        }
    }

    /// The new file and what was done to it.
    package struct Result: Sendable {
        package var bytes: [UInt8]
        /// Whether the bytes differ from the old ones.
        package var isChanged: Bool
        package var summary: Summary
        /// Values that could not be brought up to date, each at its place; the rest is.
        package var problems: [Mistake]
        /// The code of each fingerprint that has one.
        package var codes: [String: String]
        /// What the entries say now, in the order of the file.
        package var rows: [CatalogRow]
    }

    /// Brings the catalog up to date with what was seen; doing it twice changes nothing.
    ///
    /// Entries are found by fingerprint. Counts, severity, skills and a renamed fingerprint are
    /// written where they differ, all else in an entry stays as people left it: category, title,
    /// own fields, comments. An entry whose error was read for and has not come for some days is
    /// marked quiet until it comes again; one of which the mining knows nothing stays as it is, for
    /// what was not read is not quiet. New signatures over the threshold get the next numbers of their
    /// category, the most frequent first. Costs one reading and one writing of the file.
    /// - Parameters:
    ///   - old: The file; nil where there is none yet.
    ///   - skills: Only the approved ones count.
    /// - Throws: `SkillsError` for a file that is not YAML or not shaped like a catalog.
    package static func synced(
        _ old: [UInt8]?, signatures: [SignatureEvidence], skills: [Skill],
        aliases: Aliases = Aliases(), rules: Rules = Rules()
    ) throws(SkillsError) -> Result {
        let (base, root) = try read(old)
        var sync = CatalogSync(
            base, skills: skills.filter { $0.status == .approved }, aliases: aliases,
            rules: rules)
        return try sync.run(root, signatures: signatures, old: old)
    }

    /// The file's bytes and their root; a file without any value becomes a fresh catalog below its
    /// comments.
    static func read(_ old: [UInt8]?) throws(SkillsError) -> ([UInt8], YAMLNode) {
        var bytes = old ?? []
        var node = try root(bytes)
        if node == nil {
            if let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
            bytes += CatalogText.fresh.utf8
            node = try root(bytes)
        }
        guard let node, node.mapping != nil else {
            throw invalid(1, 1, "the catalog must be a mapping with errors in it")
        }
        guard bytes[node.start.offset] != UInt8(ascii: "{") else {
            throw invalid(
                node.start.line, node.start.column,
                "the catalog stands in brackets: write one key a line, so that entries can be added"
            )
        }
        return (bytes, node)
    }

    private static func root(_ bytes: [UInt8]) throws(SkillsError) -> YAMLNode? {
        do throws(YAMLError) {
            let limits = YAMLLimits(bytes: 256 << 20, depth: 32, nodes: 20_000_000)
            return try YAMLDocument.read(bytes, limits: limits).root
        } catch {
            throw invalid(error.mark.line, error.mark.column, error.message)
        }
    }

    private static func invalid(_ line: Int, _ column: Int, _ message: String) -> SkillsError {
        SkillsError(
            code: .invalid, doing: "read \(path)", message: message,
            mistakes: [Mistake(path: path, line: line, column: column, message: message)])
    }
}
