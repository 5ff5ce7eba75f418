/// The version of a procedure's document: three numbers, of which the first goes up where a caller
/// must do something else, the second where there is more to have, the third where neither is so
/// (<https://semver.org>).
package struct SkillVersion: Sendable, Hashable, Comparable {
    package let major: Int
    package let minor: Int
    package let patch: Int

    package static let first = SkillVersion(major: 1, minor: 0, patch: 0)

    package init(major: Int, minor: Int, patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// nil for anything but three whole numbers with dots between: `1.0.0`.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let numbers = parts.compactMap { digits -> Int? in
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
                digits.count == 1 || digits.first != UInt8(ascii: "0")
            else { return nil }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        guard parts.count == 3, numbers.count == 3 else { return nil }
        self.init(major: numbers[0], minor: numbers[1], patch: numbers[2])
    }

    package var text: String { "\(major).\(minor).\(patch)" }

    package static func < (one: SkillVersion, other: SkillVersion) -> Bool {
        (one.major, one.minor, one.patch) < (other.major, other.minor, other.patch)
    }
}
