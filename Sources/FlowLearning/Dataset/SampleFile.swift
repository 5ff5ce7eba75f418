internal import FlowJSON
internal import FlowText

/// Samples as a file outside the loop has them: `{"text": …, "label": …}` a line, or CSV with those
/// two columns; `weight`, or `corrected` and `confidence` (0 to 1), and `split` may stand beside them.
package enum SampleFile {
    /// Reads the bytes of a file, `name` of which the messages speak; a sample without a split is for
    /// training.
    /// - Throws: `unreadableLine` with the number of the first line that is no sample.
    package static func read(_ bytes: [UInt8], name: String, isCSV: Bool) throws(LearningError)
        -> [TrainingSample]
    {
        var line = 0
        do throws(LineMistake) {
            if isCSV { return try rows(bytes, &line) }
            var samples: [TrainingSample] = []
            for (number, bytes) in JSONLines.lines(of: bytes) {
                line = number
                let json: JSON
                do throws(JSONError) {
                    json = try JSON.read(Array(bytes))
                } catch {
                    throw LineMistake(error.message)
                }
                guard let object = json.objectValue else {
                    throw LineMistake("an object is expected, not \(article(json))")
                }
                samples.append(try sample(object))
            }
            return samples
        } catch {
            throw LearningError(
                .unreadableLine, doing: "read \(name)", error.message, line: line)
        }
    }

    private static func rows(_ bytes: [UInt8], _ line: inout Int) throws(LineMistake)
        -> [TrainingSample]
    {
        var rows = CSVRows(bytes)
        var samples: [TrainingSample] = []
        do throws(CSVMistake) {
            let head = try rows.next() ?? []
            while let row = try rows.next() {
                line = rows.line
                guard row.count == head.count else {
                    throw CSVMistake(
                        line: line, "\(row.count) fields where the head has \(head.count)")
                }
                var object = JSONObject()
                for (key, field) in zip(head, row) where !field.isEmpty {
                    object[key] = value(field, of: key)
                }
                do throws(LineMistake) {
                    samples.append(try sample(object))
                } catch {
                    throw CSVMistake(line: line, error.message)
                }
            }
        } catch {
            line = error.line
            throw LineMistake(error.message)
        }
        return samples
    }

    private static func value(_ field: String, of key: String) -> JSON {
        switch key {
        case "weight", "confidence":
            if let number = Double(field), number.isFinite {
                .number(number)
            } else {
                .string(field)
            }
        case "corrected": field == "true" ? true : field == "false" ? false : .string(field)
        default: .string(field)
        }
    }

    private static func sample(_ object: JSONObject) throws(LineMistake) -> TrainingSample {
        let members = MemberReader(object: object)
        let confidence = try members.number("confidence")
        if let corrected = object["corrected"], corrected.boolValue == nil {
            throw LineMistake("'corrected' is true or false, not \(article(corrected))")
        }
        let given = try members.number("weight")
        if let given, !(given > 0) { throw LineMistake("'weight' must be above zero") }
        return TrainingSample(
            text: try members.string("text"), label: try members.name("label"),
            weight: given
                ?? TrainingSample.weight(
                    isCorrected: object["corrected"]?.boolValue ?? false, confidence: confidence),
            split: try members.word("split", default: DatasetSplit.train))
    }
}
