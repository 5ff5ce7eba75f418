internal import FlowJSON
internal import FlowText

/// A dataset for other tools.
package enum DatasetExport {
    package enum Format: String, Sendable, CaseIterable {
        /// The lines as they are in the dataset.
        case jsonl
        /// A table (RFC 4180) with a head; `DatasetImport` reads it back without loss.
        case csv
        /// A conversation a line, as fine-tuning takes them.
        case chat
        /// The texts that a training learns from and measures on, as `SampleFile` reads them.
        case samples
    }

    /// The bytes of the lines that a filter keeps, in the order of the dataset, and how many lines
    /// those are.
    ///
    /// `chat` has the lines that teach and no others, one conversation for each of their messages, or
    /// for the template where there is none:
    /// `{"messages": [{"role": "user", …}, {"role": "assistant", …}]}`.
    /// - Parameters:
    ///   - side: nil for all; else a line has only those of its texts that are on this side of a
    ///     training, and one that has none is left out.
    ///   - learned: `ModelRegistry.borrowed`.
    package static func bytes(
        _ dataset: DatasetFile, _ format: Format, _ filter: DatasetFilter = DatasetFilter(),
        side: DatasetSplit? = nil, learned: Set<String> = []
    ) -> (bytes: [UInt8], lines: Int) {
        func onSide(_ lines: [TrainingExample]) -> [TrainingExample] {
            guard let side else { return lines }
            let set = TrainingSet(dataset, filter, learned: learned)
            return lines.compactMap { $0.part(on: side, of: set) }
        }
        let kept = dataset.examples.filter(filter.keeps)
        switch format {
        case .jsonl:
            let lines = onSide(kept)
            return (JSONLines.write(lines.map(\.json), .spaced), lines.count)
        case .csv:
            let lines = onSide(kept)
            let rows = [FlatExample.head] + lines.map(FlatExample.row)
            return (rows.flatMap { Array(CSVText.row($0).utf8) }, lines.count)
        case .chat:
            let lines = onSide(TrainingSet.teaching(dataset, filter))
            return (JSONLines.write(lines.flatMap(\.conversations), .spaced), lines.count)
        case .samples:
            let set = TrainingSet(dataset, filter, learned: learned)
            let samples = set.samples.filter { (side ?? $0.split) == $0.split }
            return (SampleFile.write(samples), samples.count)
        }
    }
}

extension TrainingExample {
    /// The line with its texts on one side alone; nil where it has none there.
    fileprivate func part(on side: DatasetSplit, of set: TrainingSet) -> TrainingExample? {
        var part = self
        part.examples = examples.filter { set.side(of: $0) == side }
        if set.side(of: input.errorPattern) != side { part.input.errorPattern = "" }
        part.split = side
        return part.texts.isEmpty ? nil : part
    }

    /// What a person would ask with each message, and the answer that the line teaches: its output as
    /// JSON, where it has one, else its label.
    fileprivate var conversations: [JSON] {
        let messages = examples.isEmpty ? texts : examples
        let answer = output.isEmpty ? label : JSON.object(output).text(.spaced)
        let place = [("component", input.component), ("context", input.context)]
            .filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)\n" }.joined()
        return messages.map { message in
            [
                "messages": [
                    ["role": "user", "content": .string("\(place)error: \(message)")],
                    ["role": "assistant", "content": .string(answer)],
                ]
            ]
        }
    }
}
