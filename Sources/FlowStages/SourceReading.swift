internal import FlowMining
internal import FlowSystem
internal import FlowText

extension SourceReader {
    /// A reader with the settings that people write.
    /// - Throws: for a format or a zone that means nothing.
    init(format: String, timezone: String, now: Timestamp) throws(MiningError) {
        var settings = ReadSettings(reference: now)
        settings.zone = try LogZone(timezone)
        self.init(
            format: format == "auto" ? nil : try LogFormat(named: format), settings: settings)
    }
}

extension MinedSource.TableReport {
    /// The address without what asks for the table.
    var place: String { String(address.prefix { $0 != "?" }) }
}

extension ReadReport {
    /// What people are told of lines that could not be read, or not whole: the first of them, and how
    /// many there are.
    func notes(of place: String) -> [String] {
        let place = VisibleText.safe(place)
        let count = skippedCount + cutCount
        return (skipped + cut).prefix(3).map {
            "\(place):\($0.line): \(VisibleText.safe($0.reason))"
        } + (count > 3 ? ["\(place): \(count) lines skipped or cut in all"] : [])
    }
}
