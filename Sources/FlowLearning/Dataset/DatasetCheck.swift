internal import FlowText

/// Finds what is wrong with a dataset, all of it.
package enum DatasetCheck {
    /// What is wrong, and on which line.
    package struct Problem: Error, Sendable, Hashable {
        /// From 1.
        package let line: Int
        package let message: String

        package init(line: Int, _ message: String) {
            self.line = line
            self.message = message
        }
    }

    /// Every problem, by line: lines that are no examples; two of one fingerprint and source, or of
    /// one id and source; a confidence beyond 0 to 1; a line without a text; texts with the same words
    /// under two labels.
    package static func problems(_ bytes: [UInt8]) -> [Problem] {
        var problems: [Problem] = []
        var examples: [NumberedExample] = []
        for line in LineFile.lines(of: bytes, TrainingExample.read) {
            switch line.value {
            case .failure(let mistake):
                problems.append(Problem(line: line.number, mistake.message))
            case .success(let example?):
                examples.append(NumberedExample(line: line.number, example: example))
            case .success(nil): continue
            }
        }
        problems += repeated(examples, "the fingerprint and source", \.fingerprint)
        problems += repeated(examples, "the id and source", \.id)
        for numbered in examples {
            problems += mistakes(numbered.example).map { Problem(line: numbered.line, $0) }
        }
        problems += mixed(DatasetTexts(examples))
        return problems.sorted { ($0.line, $0.message) < ($1.line, $1.message) }
    }

    private static func repeated(
        _ examples: [NumberedExample], _ what: String, _ key: (TrainingExample) -> String
    ) -> [Problem] {
        var first: [[String]: Int] = [:]
        return examples.compactMap { numbered in
            let name = [key(numbered.example), numbered.example.source]
            guard let line = first[name] else {
                first[name] = numbered.line
                return nil
            }
            return Problem(line: numbered.line, "it has \(what) of line \(line); keep one of them")
        }
    }

    /// What is wrong with an example by itself.
    static func mistakes(_ example: TrainingExample) -> [String] {
        var mistakes: [String] = []
        if let confidence = example.metrics.confidence, !(0...1).contains(confidence) {
            mistakes.append(
                "'metrics.confidence' should be from 0 to 1, not \(confidence): 85 % is 0.85")
        }
        if example.texts.isEmpty {
            mistakes.append("it has no text: neither 'input.error_pattern' nor 'examples'")
        }
        return mistakes
    }

    /// Told at the later line, with the first line that it does not go with.
    private static func mixed(_ texts: DatasetTexts) -> [Problem] {
        texts.conflicts.compactMap { places in
            let first = places[0]
            return places.first { $0.label != first.label }.map { other in
                Problem(
                    line: other.line,
                    "\(VisibleText.quoted(other.text)) stands under '\(other.label)' here and under "
                        + "'\(first.label)' in line \(first.line)")
            }
        }
    }
}
