internal import Glibc

/// What was known of a skill counts less the longer nothing of it was read.
enum Fading {
    /// Days without a reading that change nothing: holidays, a log that came late.
    static let patience = 14
    /// Further days after which half of what was known counts.
    static let halfLife = 90.0

    /// - Parameter unread: Days since the last one that was read.
    static func faded(_ confidence: Double, towards usual: Double, unread: Int) -> Double {
        let days = Double(max(0, unread - patience))
        return usual + (confidence - usual) * exp2(-days / halfLife)
    }
}
