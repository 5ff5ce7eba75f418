/// How the bytes of a source stand for its text, told by its first bytes.
enum Packing: Sendable, Hashable {
    /// RFC 1952.
    case gzip
    /// RFC 8878.
    case zstd
    /// Two bytes a unit behind a byte order mark.
    case utf16(bigEndian: Bool)

    /// Bytes that finding it may need.
    static let sample = 4

    /// nil for bytes that are read as they are.
    init?(_ start: some Collection<UInt8>) {
        if start.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if start.starts(with: [0xFF, 0xFE]) {
            self = .utf16(bigEndian: false)
        } else if start.starts(with: [0xFE, 0xFF]) {
            self = .utf16(bigEndian: true)
        } else {
            return nil
        }
    }

    fileprivate func unpacker() -> any Unpacker {
        switch self {
        case .gzip: GzipUnpacker()
        case .zstd: ZstdUnpacker()
        case .utf16(let bigEndian): UTF16Unpacker(bigEndian: bigEndian)
        }
    }
}

/// Turns packed bytes into those that were packed, piece by piece.
protocol Unpacker: AnyObject {
    /// Unpacks from the front of `packed` what fits into `room` bytes.
    /// - Returns: the bytes, and how many of `packed` they took. Neither any: more are needed.
    /// - Throws: where the packed bytes are damaged.
    func unpack(_ packed: ArraySlice<UInt8>, room: Int) throws(Damage) -> (
        bytes: [UInt8], used: Int
    )
    /// Whether nothing is missing when no packed byte follows.
    var isWhole: Bool { get }
}

/// Why packed bytes cannot be read on.
struct Damage: Error {
    let reason: String
}

/// The text of a packed source. Memory is bounded whatever the bytes claim to unpack to: one piece
/// of `room` bytes, one of packed bytes, and the window of the format (at most 128 MiB for zstd,
/// which refuses more).
struct UnpackedBytes {
    enum Step {
        case bytes([UInt8])
        /// The packed bytes given so far are used up.
        case needsMore
        /// Nothing follows; `damage` says whether something should.
        case end
    }

    static let room = 1 << 18

    private let unpacker: any Unpacker
    private var packed: ArraySlice<UInt8> = []
    private var given = 0
    private var isOver = false
    /// Why the text ends before the source does, or before it should.
    private(set) var damage: String?

    init(_ packing: Packing) { unpacker = packing.unpacker() }

    /// Adds packed bytes; none says that no more will come.
    mutating func add(_ more: [UInt8]) {
        given += more.count
        if more.isEmpty { isOver = true }
        packed = packed.isEmpty ? more[...] : packed + more
    }

    mutating func next() -> Step {
        if damage != nil { return .end }
        do throws(Damage) {
            while true {
                let (bytes, used) = try unpacker.unpack(packed, room: Self.room)
                packed = packed.dropFirst(used)
                if !bytes.isEmpty { return .bytes(bytes) }
                if used > 0, !packed.isEmpty { continue }
                if !isOver { return .needsMore }
                guard !unpacker.isWhole || !packed.isEmpty else { return .end }
                damage = "it ends in the middle, after \(given) packed bytes"
                return .end
            }
        } catch {
            damage = "\(error.reason), within the first \(given) packed bytes"
            return .end
        }
    }
}
