internal import FlowSystem

/// The side of a dataset on which something stands, fixed for ever by a hash.
package enum DatasetSplit: String, Sendable, Hashable, CaseIterable {
    case train, val, test

    /// The side of a key: 70 % train, 15 % val, 15 % test.
    ///
    /// It is the remainder by 100 of the first eight bytes of the key's SHA-256 (most significant
    /// first), so no other line, no order and no seed has a say in it.
    package init(of key: String) {
        let number = SHA256.digest(key.utf8).prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        switch number % 100 {
        case ..<70: self = .train
        case ..<85: self = .val
        default: self = .test
        }
    }

    /// A key's short name where texts themselves should not stand: 16 hexadecimal digits of its
    /// SHA-256.
    static func id(of key: String) -> String { String(SHA256.hex(key.utf8).prefix(16)) }
}
