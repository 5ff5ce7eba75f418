internal import FlowText
internal import FlowYAML

/// Collects the mistakes of one file while it is read, so that all are shown and not the first.
///
/// A class because the readers of all parts of a file add to one list.
final class Findings {
    let source: SourceFile
    private(set) var diagnostics: [Diagnostic] = []
    private(set) var warnings: [Diagnostic] = []
    private var seen: Set<Place> = []

    /// What aliases repeat is read as often; its mistake stands in one place. So does one of a file
    /// that several nodes use.
    private struct Place: Hashable {
        let file: String
        let line: Int
        let column: Int
        let message: String
    }

    init(source: SourceFile) { self.source = source }

    /// A mistake that is a whole value; of a collection, its first character is shown.
    func add(_ message: String, at node: YAMLNode, note: String? = nil) {
        add(
            message, line: node.start.line, column: node.start.column, length: length(of: node),
            note: note)
    }

    private func length(of node: YAMLNode) -> Int {
        guard node.scalar != nil, node.start.line == node.end.line else { return 1 }
        let bytes = source.bytes[node.start.offset..<max(node.start.offset, node.end.offset)]
        return String(decoding: bytes, as: UTF8.self).unicodeScalars.count
    }

    /// Something that works, and is hardly what was meant.
    func warn(_ message: String, at node: YAMLNode) {
        let (line, column) = (node.start.line, node.start.column)
        let place = Place(file: source.name, line: line, column: column, message: message)
        guard seen.insert(place).inserted else { return }
        warnings.append(
            source.diagnostic(
                line: line, column: column, length: length(of: node), message, severity: .warning))
    }

    /// A mistake inside a scalar, by Unicode scalars of its text.
    func add(
        _ message: String, at node: YAMLNode, offset: Int, length: Int = 1, note: String? = nil
    ) {
        let places = ScalarPlaces(of: node, in: source.bytes)
        let place = places.place(at: offset)
        let end = places.place(at: offset + length)
        add(
            message, line: place.line, column: place.column,
            length: end.line == place.line ? max(1, end.column - place.column) : 1, note: note)
    }

    func add(_ message: String, line: Int, column: Int, length: Int, note: String? = nil) {
        let place = Place(file: source.name, line: line, column: column, message: message)
        guard seen.insert(place).inserted else { return }
        diagnostics.append(
            source.diagnostic(line: line, column: column, length: length, message, note: note))
    }

    /// Expressions find names without case, so names must differ by more.
    func refuseLikeNames(_ keys: [YAMLNode], _ what: String) {
        var seen: [String: String] = [:]
        seen.reserveCapacity(keys.count)
        for key in keys {
            let name = key.scalar?.text ?? ""
            if let other = seen.updateValue(name, forKey: FoldedText.fold(name)) {
                add(
                    "\(what) \(VisibleText.quoted(name)) differs from '\(VisibleText.safe(other))' in "
                        + "case only, and expressions do not look at case", at: key)
            }
        }
    }

    func add(_ error: YAMLError) { diagnostics.append(source.diagnostic(error)) }

    /// Mistakes of another file that this one uses.
    func add(_ others: [Diagnostic]) {
        diagnostics += others.filter {
            seen.insert(
                Place(file: $0.file, line: $0.line, column: $0.column, message: $0.message)
            ).inserted
        }
    }

    /// - Throws: the mistakes, if there are any, and the warnings with them.
    func finish() throws(DiagnosticList) {
        if !diagnostics.isEmpty { throw DiagnosticList(diagnostics + warnings) }
    }
}
