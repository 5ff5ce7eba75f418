package import FlowJSON
internal import FlowLearning
internal import FlowSystem
internal import FlowText

extension ModelDesk {
    /// What was measured of a model.
    package struct Measured: Sendable {
        /// Flat: `accuracy macro_precision macro_recall macro_f1 ece labels …`, null each where there
        /// was nothing to measure on, and what it is about.
        package let json: JSON
        /// What a person should know.
        package let warnings: [String]
    }

    /// The names that a preset can have, the usual one first.
    package static let presets = TrainingPreset.all.map(\.name)

    /// How far a training is: what is being done, how much of it is done, and of how much.
    package typealias Progress = @Sendable (_ step: String, _ done: Int, _ all: Int) -> Void

    /// Trains on the rows of a file and writes the model as a folder, by temporary folder and rename.
    /// - Parameters:
    ///   - test: a file of rows to measure on; nil: the rows of `data` whose `split` is `test`.
    ///   - holdOut: measure on the rows of `data` on whose side the hash of their words is `test`, and
    ///     do not learn them.
    ///   - preset: one of `presets`.
    ///   - threads: how many fit labels; the model is the same for any number.
    ///   - progress: called from any of them, one at a time.
    /// - Throws: `LearningError` where rows cannot be read or learned from, `StageError` where there
    ///   is no such preset; nothing is written then.
    package static func train(
        data: String, test: String?, holdOut: Bool, out: String, preset: String, threads: Int,
        progress: @escaping Progress
    ) throws -> Measured {
        guard let preset = TrainingPreset.named(preset) else {
            throw StageError("there is no preset '\(VisibleText.safe(preset))'")
        }
        var rows = try samples(data)
        if holdOut {
            for place in rows.indices {
                rows[place].split = TrainingSet.side(of: rows[place].text)
            }
        }
        if let test {
            for place in rows.indices { rows[place].split = .train }
            rows += try samples(test).map { sample in
                var row = sample
                row.split = .test
                return row
            }
        }
        let set = TrainingSet(unordered: rows)
        let outcome = try ModelTraining.run(set, preset: preset, minSamples: 2, threads: threads) {
            progress($0.step.rawValue, $0.done, $0.all)
        }
        switch outcome {
        case .tooSmall(let reason): throw StageError("cannot train a model: \(reason)")
        case .trained(let trained):
            let path = Path.normal(Path.join(Files.workingFolder, out))
            let hash = try ModelFolder.write(trained, to: path)
            var object: JSONObject = ["model": .string(hash), "out": .string(out)]
            let figures = trained.evaluation?.json.objectValue ?? Evaluation.unmeasured
            let report = (trained.report.objectValue ?? [:]).members.filter {
                !["metrics", "labels", "rows", "evaluated_on"].contains($0.0)
            }
            for (key, value) in figures.members { object[key] = value }
            object["trained_on"] = .integer(set.fitted.count)
            for (key, value) in report { object[key] = value }
            return Measured(json: .object(object), warnings: trained.warnings)
        }
    }

    /// Measures a model on the rows of a file: on those whose `split` is `test` where there are any,
    /// else on all.
    /// - Parameters:
    ///   - model: a folder; nil for the model in service.
    ///   - report: a folder to write the report into.
    package static func evaluate(
        _ workspace: () throws -> String, model folder: String?, data: String, report: String?,
        levels: (accuracy: Double, f1: Double)
    ) throws -> Measured {
        let (hash, model) = try Self.model(workspace, folder)
        let rows = try samples(data)
        let tests = rows.filter { $0.split == .test }
        guard let evaluation = model.evaluate(on: tests.isEmpty ? rows : tests) else {
            throw StageError("there is no row to measure on")
        }
        let alerts = evaluation.alerts(.init(accuracy: levels.accuracy, f1: levels.f1))
        let unknown = Set(evaluation.labels.filter { $0.support > 0 }.map(\.label))
            .subtracting(model.labels).count
        let warnings =
            unknown == 0 ? [] : ["\(unknown) labels of the rows are none that the model knows"]
        var object: JSONObject = ["model": .string(hash), "data": .string(data)]
        for (key, value) in (evaluation.json.objectValue ?? [:]).members { object[key] = value }
        object["alerts"] = .array(alerts.map(JSON.string))
        if let report {
            let page = EvaluationReport(
                evaluation, facts: [("model", hash), ("rows of", data)],
                warnings: alerts + warnings, metrics: .object(object))
            for (name, bytes) in page.files {
                try Files.write(bytes, to: Path.join(report, name))
            }
        }
        return Measured(json: .object(object), warnings: alerts + warnings)
    }

    private static func samples(_ path: String) throws -> [TrainingSample] {
        try SampleFile.read(
            try Files.read(path == "-" ? "/dev/stdin" : path, limit: 4 << 30), name: path)
    }
}
