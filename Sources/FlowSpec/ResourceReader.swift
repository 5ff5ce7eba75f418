internal import FlowText
internal import FlowYAML

/// Reads `resources` and `executor`: what a leg takes, and where it runs.
struct ResourceReader {
    let findings: Findings

    func resources(_ node: YAMLNode) -> Resources {
        guard let members = node.mapping else {
            findings.add(
                "'resources' takes a mapping such as {cpus: 2, memory: 4G}, not \(node.described)",
                at: node)
            return Resources()
        }
        let fields = Fields(members, .init(known: ["cpus", "memory", "gpus"]), findings)
        let cpus = fields["cpus"].flatMap { findings.whole($0, "'cpus'", in: 1...(.max)) }
        let gpus = fields["gpus"].flatMap { findings.whole($0, "'gpus'", in: 0...(.max)) }
        return Resources(cpus: cpus, memory: fields["memory"].flatMap(memory), gpus: gpus ?? 0)
    }

    private func memory(_ node: YAMLNode) -> Int? {
        if let text = node.scalar?.text, let bytes = ByteCount.bytes(text), bytes > 0 {
            return bytes
        }
        if findings.hasExpression(node, "'memory'") { return nil }
        // 4GB, 4GiB
        let short = node.scalar.map { $0.text.filter { !"Bb ".contains($0) } } ?? ""
        let hint = ByteCount.bytes(short).map { $0 > 0 ? "; write \(short)" : "" } ?? ""
        findings.add(
            "'memory' takes a number of bytes such as 512M, 4G or 1Gi, not \(node.described)\(hint)",
            at: node)
        return nil
    }

    /// Only this machine starts commands in this version.
    func executor(_ node: YAMLNode) {
        guard let name = findings.literalText(node, "'executor'"), name != "local" else { return }
        findings.add(
            "there is no executor \(VisibleText.quoted(name)) in this version of flow; it has "
                + "'local', which starts commands on this machine"
                + Nearest.hint(name, among: ["local"]), at: node)
    }
}

/// Numbers of bytes as people write them: `4G`, `512Mi`, `1073741824`.
enum ByteCount {
    private static let units: [(name: String, factor: Int)] = [
        ("", 1), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
        ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40),
    ]

    /// `K M G T` are powers of 1,000 and `Ki Mi Gi Ti` of 1,024, as in Kubernetes; nil for other text.
    static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits),
            let unit = units.first(where: { $0.name == text.dropFirst(digits.count) })
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.factor)
        return overflow ? nil : bytes
    }
}
