internal import FlowSystem

/// Test data that stands beside the checkout and is never part of it.
package enum SharedData {
    /// The path of `name` in the shared data; nil where it is absent (the test skips and says so).
    package static func path(_ name: String) -> String? {
        let checkout = Path.folder(Path.folder(Path.folder(#filePath)))
        let path = Path.normal(Path.join(checkout, "../shared/data/" + name))
        return Files.exists(path) ? path : nil
    }
}

/// A seeded generator (SplitMix64, Steele et al. 2014) for randomised tests, which print the seed.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
