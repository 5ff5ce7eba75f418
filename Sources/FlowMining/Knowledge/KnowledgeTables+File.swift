internal import FlowSystem

/// The index as one file of data: nothing in it is executed, and every byte is checked.
///
/// `flow-knowledge`, a newline, the version; the number of cases, and of each its id and its title;
/// the number of terms, and each; two bags a case, each as the number of its terms and, for each,
/// the step from the term before and the count; the SHA-256 of all that. Numbers are LEB128
/// (<https://dwarfstd.org>, 7.6), texts have their length before them. Weights follow from the rest.
extension KnowledgeTables {
    /// The file's name in the folder of an index.
    package static let fileName = "knowledge.index"
    private static let mark = Array("flow-knowledge\n".utf8)
    private static let version = 1
    private static let hashSize = 32

    /// Writes the index into a folder, which is made where it is missing: first to a temporary file.
    /// - Returns: the path and the number of bytes.
    @discardableResult
    package func write(to folder: String) throws(MiningError) -> (path: String, size: Int) {
        let path = Path.join(folder, Self.fileName)
        var writer = ByteWriter()
        writer.bytes = Self.mark
        writer.number(Self.version)
        writer.number(count)
        for number in 0..<count {
            writer.text(Array(ids[number].utf8))
            writer.text(Array(titles[number].utf8))
        }
        writer.number(terms.count)
        for term in 0..<terms.count {
            writer.text(terms.bytes[terms.range(term)])
        }
        for bag in 0..<bags.count {
            writer.number(bags.size(of: bag))
            var last = -1
            bags.forEach(in: bag) { term, count in
                writer.number(term - last)
                writer.number(count)
                last = term
            }
        }
        writer.bytes += SHA256.digest(writer.bytes)
        do throws(SystemError) {
            try Files.write(writer.bytes, to: path)
        } catch {
            throw MiningError(.unreadable, doing: error.doing, error.message)
        }
        return (path, writer.bytes.count)
    }

    /// Reads the file of a folder.
    /// - Throws: `noFile` where there is none, `damagedIndex` where a byte is not what was written or
    ///   another version wrote it.
    package static func read(_ folder: String) throws(MiningError) -> KnowledgeTables {
        let path = Path.join(folder, fileName)
        let doing = "read the index \(path)"
        guard Files.exists(path) else {
            throw MiningError(
                .noFile, doing: doing,
                "it is not there; make it with flow knowledge index PATH --out \(folder)")
        }
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(path, limit: 4 << 30)
        } catch {
            throw MiningError(.unreadable, doing: doing, error.message)
        }
        do throws(IndexDamage) {
            return try tables(bytes)
        } catch {
            throw MiningError(
                .damagedIndex, doing: doing,
                "\(error.what); index anew with flow knowledge index PATH --out \(folder)")
        }
    }

    private static func tables(_ bytes: [UInt8]) throws(IndexDamage) -> KnowledgeTables {
        guard bytes.starts(with: mark) else { throw IndexDamage("it is no index of solved cases") }
        let end = max(mark.count, bytes.count - hashSize)
        var reader = ByteReader(bytes, mark.count..<end)
        let version = try reader.number(to: .max)
        guard version == Self.version else {
            throw IndexDamage("version \(version) wrote it and this is version \(Self.version)")
        }
        guard SHA256.digest(bytes[..<end]) == Array(bytes[end...]) else {
            throw IndexDamage("it is damaged")
        }
        // A hash keeps no one from writing an index of their own: what follows is checked too.
        var ids: [String] = []
        var titles: [String] = []
        for _ in 0..<(try reader.number(to: bytes.count)) {
            ids.append(try reader.text())
            titles.append(try reader.text())
        }
        guard zip(ids, ids.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw IndexDamage("its cases are out of order")
        }
        var terms = TermTable()
        for number in 0..<(try reader.number(to: bytes.count)) {
            let range = try reader.range()
            guard terms.insert(bytes, range) == number else {
                throw IndexDamage("a term comes twice")
            }
        }
        let bags = try reader.bags(2 * ids.count, terms: terms.count)
        guard reader.isAtEnd else { throw IndexDamage("it is longer than it should be") }
        return KnowledgeTables(ids: ids, titles: titles, terms: terms, bags: bags)
    }
}

/// Why bytes are no index.
private struct IndexDamage: Error {
    let what: String
    init(_ what: String) { self.what = what }
}

private struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func number(_ value: Int) {
        var rest = UInt64(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func text(_ text: some Collection<UInt8>) {
        number(text.count)
        bytes.append(contentsOf: text)
    }
}

/// Reads what `ByteWriter` wrote, and nothing beyond its end.
private struct ByteReader {
    private let bytes: [UInt8]
    private var at: Int
    private let end: Int

    init(_ bytes: [UInt8], _ part: Range<Int>) {
        self.bytes = bytes
        at = part.lowerBound
        end = part.upperBound
    }

    var isAtEnd: Bool { at == end }

    /// A number from 0 up to `limit`.
    mutating func number(to limit: Int) throws(IndexDamage) -> Int {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard at < end else { throw IndexDamage("it ends too early") }
            let byte = bytes[at]
            at += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                guard value <= UInt64(limit) else {
                    throw IndexDamage("a number in it is too large")
                }
                return Int(value)
            }
        }
        throw IndexDamage("a number in it is too long")
    }

    /// Where a text stands.
    mutating func range() throws(IndexDamage) -> Range<Int> {
        let count = try number(to: end - at)
        guard count <= end - at else { throw IndexDamage("it ends too early") }
        defer { at += count }
        return at..<(at + count)
    }

    mutating func text() throws(IndexDamage) -> String {
        guard let text = String(validating: bytes[try range()], as: UTF8.self) else {
            throw IndexDamage("a text in it is not UTF-8")
        }
        return text
    }

    mutating func bags(_ count: Int, terms: Int) throws(IndexDamage) -> TermBags {
        var bags = TermBags()
        for _ in 0..<count {
            var last = -1
            for _ in 0..<(try number(to: terms)) {
                let step = try number(to: terms - 1 - last)
                let count = try number(to: Int(UInt32.max))
                guard step > 0, count > 0 else { throw IndexDamage("a term in it is out of order") }
                last += step
                bags.add(last, count)
            }
            bags.close()
        }
        return bags
    }
}
