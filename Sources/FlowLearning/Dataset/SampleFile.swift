internal import FlowJSON
internal import FlowText

/// Texts with their labels in a file, one a line: JSONL `{text, label, weight?, split?, corrected?,
/// confidence?}`, or CSV with a head of these names. Other members and columns are passed over.
///
/// `weight` is a number above 0; without it `corrected: true` counts twice and a `confidence` (0 to 1)
/// of 0.8 or more a fifth more. `split` is `train`, `val` or `test`, without it `train`.
package enum SampleFile {
    /// The rows of a file; JSONL where its first byte that is no blank is `{`.
    /// - Throws: `unreadableLine` with the number of the first line that is no sample.
    package static func read(_ bytes: [UInt8], name: String) throws(LearningError)
        -> [TrainingSample]
    {
        let doing = "read the samples of \(VisibleText.safe(name))"
        let first = bytes.first { !" \t\r\n".utf8.contains($0) && $0 < 0x80 }
        let samples =
            first == UInt8(ascii: "{") ? try lines(bytes, doing) : try rows(bytes, doing)
        guard !samples.isEmpty else {
            throw LearningError(.unusableSamples, doing: doing, "there is no sample in it")
        }
        return samples
    }

    private static func lines(_ bytes: [UInt8], _ doing: String) throws(LearningError)
        -> [TrainingSample]
    {
        var samples: [TrainingSample] = []
        for line in LineFile.lines(of: bytes, sample) {
            switch line.value {
            case .success(let sample?): samples.append(sample)
            case .success(nil): continue
            case .failure(let mistake):
                throw LearningError(
                    .unreadableLine, doing: doing, mistake.message, line: line.number)
            }
        }
        return samples
    }

    private static func rows(_ bytes: [UInt8], _ doing: String) throws(LearningError)
        -> [TrainingSample]
    {
        var rows = CSVRows(bytes)
        var samples: [TrainingSample] = []
        do throws(CSVMistake) {
            guard let head = try rows.next() else { return [] }
            guard head.contains("text"), head.contains("label") else {
                throw CSVMistake(
                    line: 1,
                    "it is neither JSONL nor a table whose first row names 'text' and 'label'")
            }
            while let row = try rows.next() {
                do throws(LineMistake) {
                    samples.append(try sample(.object(object(head, row))))
                } catch {
                    throw CSVMistake(line: rows.line, error.message)
                }
            }
        } catch {
            throw LearningError(.unreadableLine, doing: doing, error.message, line: error.line)
        }
        return samples
    }

    /// Cells of numbers and flags are read as JSON has them; empty ones say nothing.
    private static func object(_ head: [String], _ row: [String]) throws(LineMistake) -> JSONObject
    {
        var object = JSONObject()
        for (name, cell) in try TableRow.cells(row, under: head) {
            let isTyped = ["weight", "confidence", "corrected"].contains(name)
            object[name] =
                isTyped ? (try? JSON.read(Array(cell.utf8))) ?? .string(cell) : .string(cell)
        }
        return object
    }

    private static func sample(_ json: JSON) throws(LineMistake) -> TrainingSample {
        guard let object = json.objectValue else {
            throw LineMistake("an object is expected, not \(article(json))")
        }
        let members = MemberReader(object: object)
        let text = try members.string("text")
        guard !TrainingSet.isBlank(text) else {
            throw LineMistake("'text' is missing or empty")
        }
        let label = try members.label()
        guard !label.isEmpty else { throw LineMistake("'label' is missing or empty") }
        let confidence = try members.number("confidence")
        guard (0...1).contains(confidence ?? 0) else {
            throw LineMistake("'confidence' should be from 0 to 1: 85 % is 0.85")
        }
        let usual = TrainingSample.weight(
            isCorrected: try members.flag("corrected"), confidence: confidence)
        return TrainingSample(
            text: text, label: label, weight: try members.weight("weight") ?? usual,
            split: try members.word("split", default: .train))
    }

    /// The rows as `read` takes them: `{text, label, weight, split}`.
    package static func write(_ samples: [TrainingSample]) -> [UInt8] {
        JSONLines.write(
            samples.map {
                [
                    "text": .string($0.text), "label": .string($0.label),
                    "weight": .number($0.weight), "split": .string($0.split.rawValue),
                ]
            }, .spaced)
    }
}
