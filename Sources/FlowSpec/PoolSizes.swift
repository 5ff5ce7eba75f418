internal import FlowJSON
internal import FlowText
internal import FlowYAML

/// Pools to which files give different sizes; the smallest counts.
package enum PoolSizes {
    /// One size that a file gives.
    private struct Entry {
        let name: String
        let size: Int
        let source: SourceFile
        let node: YAMLNode

        var place: String { "\(source.name):\(node.start.line)" }
    }

    /// A warning at each size that does not count.
    ///
    /// - Parameters:
    ///   - files: of which the pools are looked at; the path of each as it is to be shown. Those that
    ///     cannot be read are left out.
    ///   - others: files that may give the same pools other sizes.
    package static func warnings(_ files: [WorkflowFile], among others: [WorkflowFile] = [])
        -> [Diagnostic]
    {
        let own = files.flatMap(entries)
        guard !own.isEmpty else { return [] }
        let names = Set(own.map(\.name))
        let all = own + others.flatMap(entries).filter { names.contains($0.name) }
        var smallest: [String: Entry] = [:]
        for entry in all where entry.size < smallest[entry.name]?.size ?? .max {
            smallest[entry.name] = entry
        }
        return all.compactMap { entry in
            guard let least = smallest[entry.name], least.size < entry.size else { return nil }
            return entry.source.diagnostic(
                line: entry.node.start.line, column: entry.node.start.column,
                length: String(entry.size).count,
                "the pool '\(entry.name)' has \(entry.size) places here and \(least.size) in "
                    + "\(VisibleText.safe(least.place)), and the smaller size counts; give it one "
                    + "size everywhere", severity: .warning)
        }
    }

    private static func entries(_ file: WorkflowFile) -> [Entry] {
        guard let document = try? PlainConditions.read(file.bytes),
            let pools = document.root?["pools"]?.mapping
        else { return [] }
        let source = SourceFile(name: file.path, bytes: file.bytes)
        return pools.compactMap { key, value in
            guard let name = key.scalar?.text, let size = (try? value.json)?.intValue, size >= 1
            else { return nil }
            return Entry(name: name, size: size, source: source, node: value)
        }
    }
}
