/// A zone that log times without one are read in: UTC or a fixed distance from it.
package struct ZoneOffset: Sendable, Hashable {
    /// East of UTC.
    package let seconds: Int

    package static let utc = ZoneOffset(seconds: 0)

    package init(seconds: Int) { self.seconds = seconds }

    /// Reads `UTC`, `Z`, `GMT`, `+02:00`, `-0530`, `+2`.
    /// - Throws: `badTimezone` for anything else, names such as `Europe/Berlin` too: the offset of
    ///   such a zone changes over the year, and the log does not say which one held.
    package init(_ text: String) throws(MiningError) {
        if ["UTC", "Z", "GMT"].contains(text.uppercased()) {
            seconds = 0
            return
        }
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes[...])
        guard let offset = cursor.zoneOffset(), cursor.isAtEnd else {
            throw MiningError(
                .badTimezone, doing: "use the timezone '\(text)'",
                "only UTC and fixed offsets are known; write UTC or an offset such as +02:00")
        }
        seconds = offset
    }
}
