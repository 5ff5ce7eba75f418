/// The marks that may be of a file, found without a look at each of them.
///
/// A rotated log is known by its place, or by a name that is the other's or goes on after `-` or `_`
/// where the other ends.
struct MarkIndex: Sendable {
    private var places: [FileIdentity.Place: [Int]] = [:]
    private var stems: [String: [Int]] = [:]
    /// By each beginning of a stem that ends before `-` or `_`.
    private var beginnings: [String: [Int]] = [:]
    private var paths: [String: Int] = [:]

    init(_ marks: [FileMark]) {
        for mark in marks.enumerated() { add(mark.element.file, at: mark.offset) }
    }

    /// Adds the file of the mark with a number, which is higher than those before.
    mutating func add(_ file: FileIdentity, at number: Int) {
        places[file.place, default: []].append(number)
        stems[file.stem, default: []].append(number)
        for beginning in Self.beginnings(of: file.stem) {
            beginnings[beginning, default: []].append(number)
        }
        if paths[file.path] == nil { paths[file.path] = number }
    }

    /// The marks in whose place a file is, or whose name may be one of the same log, in order.
    func candidates(for file: FileIdentity) -> [Int] {
        var found = Set(places[file.place] ?? [])
        found.formUnion(stems[file.stem] ?? [])
        found.formUnion(beginnings[file.stem] ?? [])
        for beginning in Self.beginnings(of: file.stem) { found.formUnion(stems[beginning] ?? []) }
        return found.sorted()
    }

    /// The first mark in a file's place or, where there is none, under its path.
    func first(at file: FileIdentity) -> Int? { places[file.place]?.first ?? paths[file.path] }

    private static func beginnings(of stem: String) -> [String] {
        stem.utf8.indices.filter { "-_".utf8.contains(stem.utf8[$0]) }.map { String(stem[..<$0]) }
    }
}
