internal import FlowMining
internal import FlowSkills

extension EventLogReader {
    /// Reads a file of events, whatever form it has and however it is packed; `-` is standard input.
    /// - Throws: `MiningError` for one that cannot be opened.
    mutating func read(file path: String) throws {
        var file = try SourceFile.open(path)
        begin(path)
        while true {
            let bytes = try file.next()
            if bytes.isEmpty { break }
            add(bytes)
        }
        end(damage: file.damage)
    }
}
