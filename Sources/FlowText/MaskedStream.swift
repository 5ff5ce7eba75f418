/// Hides secrets in bytes that come in pieces, also those that come in two: what may be the
/// beginning of a secret is held back until it is clear, at most as many bytes as the longest form of
/// a secret has.
package struct MaskedStream {
    private let forms: SecretForms
    private let isWhole: Bool
    private var matcher: SecretMatcher
    /// The last bytes, which may belong to a secret.
    private var held: [UInt8] = []
    /// What of `held` is known to be secret: ascending, apart from each other.
    private var secret: [Range<Int>] = []
    /// Whether the last byte handed on was a secret's, so that the next one's needs no sign.
    private var isHidden = false

    /// - Parameter isWhole: whether the whole text comes at once.
    init(_ forms: SecretForms, isWhole: Bool) {
        self.forms = forms
        self.isWhole = isWhole
        matcher = SecretMatcher(isWhole: isWhole)
    }

    /// Whether there is nothing to hide, so that bytes need not be handed in.
    package var isEmpty: Bool { forms.isEmpty }

    /// Hands on, in pieces, what is clear now.
    package mutating func write(
        _ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) -> Void
    ) {
        if isEmpty { return bytes.isEmpty ? () : sink(bytes) }
        var place = 0
        while place < bytes.count {
            if matcher.isIdle {
                let clear = bytes[place...].prefix { !forms.begins[Int($0)] }
                pass(UnsafeRawBufferPointer(rebasing: clear), sink)
                place = clear.endIndex
                if place == bytes.count { break }
            }
            take(bytes[place])
            place += 1
            let clear = held.count - open
            if clear >= open + Self.piece { release(clear, sink) }
        }
        release(held.count - open, sink)
    }

    /// How many bytes may still belong to a secret.
    private var open: Int { matcher.count - matcher.open(in: forms) }

    /// Bytes are handed on in pieces of about this size: small ones are cheaper copied than handed on.
    private static let piece = 1024

    /// Takes bytes with which no secret begins, where none is open.
    private mutating func pass(
        _ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) -> Void
    ) {
        matcher.skip(bytes)
        guard bytes.count >= Self.piece else { return held += bytes }
        release(held.count, sink)
        isHidden = false
        sink(bytes)
    }

    /// Hands on the rest. The stream can be used anew then.
    package mutating func finish(_ sink: (UnsafeRawBufferPointer) -> Void) {
        release(held.count, sink)
        matcher = SecretMatcher(isWhole: isWhole)
        isHidden = false
    }

    private mutating func take(_ byte: UInt8) {
        held.append(byte)
        guard let place = matcher.next(byte, in: forms) else { return }
        var start = place - (matcher.count - held.count)
        // What was released belongs to no pattern that was still open, so `start` is not before it.
        while let last = secret.last, last.upperBound >= start {
            start = min(start, last.lowerBound)
            secret.removeLast()
        }
        secret.append(start..<held.count)
    }

    private mutating func release(_ count: Int, _ sink: (UnsafeRawBufferPointer) -> Void) {
        guard count > 0 else { return }
        var clear: [UInt8] = []
        var place = 0
        for range in secret where range.lowerBound < count {
            if range.lowerBound > place {
                clear += held[place..<range.lowerBound]
                isHidden = false
            }
            if !isHidden { clear += SecretMask.replacement.utf8 }
            isHidden = true
            place = min(range.upperBound, count)
        }
        if place < count {
            clear += held[place..<count]
            isHidden = false
        }
        held.removeFirst(count)
        secret = secret.compactMap { range in
            range.upperBound <= count
                ? nil : max(0, range.lowerBound - count)..<(range.upperBound - count)
        }
        clear.withUnsafeBytes { if !$0.isEmpty { sink($0) } }
    }
}
