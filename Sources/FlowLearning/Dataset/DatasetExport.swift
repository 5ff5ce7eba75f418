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
    /// `chat` has the lines a model may learn from and no others, one conversation for each of their
    /// messages, or for the template where there is none:
    /// `{"messages": [{"role": "user", …}, {"role": "assistant", …}]}`.
    package static func bytes(
        _ dataset: DatasetFile, _ format: Format, _ filter: DatasetFilter = DatasetFilter()
    ) -> (bytes: [UInt8], lines: Int) {
        let kept = dataset.examples.filter(filter.keeps)
        switch format {
        case .jsonl:
            return (JSONLines.write(kept.map(\.json), .spaced), kept.count)
        case .csv:
            let rows = [FlatExample.head] + kept.map(FlatExample.row)
            return (rows.flatMap { Array(CSVText.row($0).utf8) }, kept.count)
        case .chat:
            let learned = kept.filter(\.state.isTrainable)
            return (JSONLines.write(learned.flatMap(\.conversations), .spaced), learned.count)
        case .samples:
            // The side is a text's own, not its line's.
            var all = filter
            all.split = nil
            let samples = TrainingSet(dataset, all).samples.filter {
                (filter.split ?? $0.split) == $0.split
            }
            return (SampleFile.write(samples), samples.count)
        }
    }
}

extension TrainingExample {
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
