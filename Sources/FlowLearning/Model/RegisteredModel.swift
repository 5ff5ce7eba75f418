package import FlowJSON
package import FlowSystem

/// One line of the registry: a model, how good it is, and when it was in service.
package struct RegisteredModel: Sendable, Hashable {
    /// A time in service; `to` is nil for the model in service now.
    package struct Deployment: Sendable, Hashable {
        package let from: Timestamp
        package var to: Timestamp?
    }

    /// Figures on the test rows of its own training.
    package struct Measured: Sendable, Hashable {
        package let rows: Int
        /// Which rows: `TrainingSet.heldHash`.
        package let rowsHash: String
        package let accuracy: Double
        package let precision: Double
        package let recall: Double
        package let f1: Double
        package let calibrationError: Double

        package init(
            rows: Int, rowsHash: String, accuracy: Double, precision: Double, recall: Double,
            f1: Double, calibrationError: Double
        ) {
            self.rows = rows
            self.rowsHash = rowsHash
            self.accuracy = accuracy
            self.precision = precision
            self.recall = recall
            self.f1 = f1
            self.calibrationError = calibrationError
        }

        package func alerts(_ levels: Evaluation.AlertLevels) -> [String] {
            levels.alerts(accuracy: accuracy, f1: f1)
        }
    }

    package let hash: String
    /// `TrainingSet.hash`.
    package let dataset: String
    package let preset: String
    package let createdAt: Timestamp
    /// The model that was in service when this one was trained.
    package let parent: String?
    /// Nil where there were no test rows.
    package let measured: Measured?
    /// Nil where there was no model in service that could be asked.
    package var compared: Compared?
    /// Texts that it was the first to learn although their hash says `test`: `TrainingSet.borrowed`.
    package let borrowed: [String]
    /// Why it was put in service or not, as a sentence.
    package var decision: String
    /// In the order of time; empty for a model that never was in service.
    package var deployed: [Deployment]

    /// With the model that was in service, on the same test rows.
    package struct Compared: Sendable, Hashable {
        /// That model's hash.
        package let with: String
        package let comparison: ModelComparison
    }

    /// A model before anything is decided of it.
    init(_ candidate: DeploymentCandidate, parent: String?, createdAt: Timestamp) {
        hash = candidate.hash
        dataset = candidate.dataset
        preset = candidate.preset
        self.createdAt = createdAt
        self.parent = parent
        measured = candidate.measured
        borrowed = candidate.borrowed
        decision = ""
        deployed = []
    }

    package var isDeployed: Bool { deployed.last.map { $0.to == nil } ?? false }
}

extension RegisteredModel {
    package var json: JSON {
        var object: JSONObject = [
            "hash": .string(hash), "dataset": .string(dataset), "preset": .string(preset),
            "created_at": .string(createdAt.rfc3339),
            "parent": parent.map(JSON.string) ?? .null, "metrics": measured?.json ?? .null,
        ]
        if let compared { object["compared"] = compared.json }
        if !borrowed.isEmpty { object["borrowed"] = .array(borrowed.map(JSON.string)) }
        object["decision"] = .string(decision)
        object["deployed"] = .array(
            deployed.map {
                [
                    "from": .string($0.from.rfc3339),
                    "to": $0.to.map { .string($0.rfc3339) } ?? .null,
                ]
            })
        return .object(object)
    }

    init(_ json: JSON) throws(LineMistake) {
        guard let object = json.objectValue else {
            throw LineMistake("an object is expected, not \(article(json))")
        }
        let members = MemberReader(object: object)
        hash = try members.name("hash")
        dataset = try members.name("dataset")
        preset = try members.name("preset")
        guard let createdAt = try members.timestamp("created_at") else {
            throw LineMistake("'created_at' is missing")
        }
        self.createdAt = createdAt
        let parent = try members.string("parent")
        self.parent = parent.isEmpty ? nil : parent
        let metrics = try members.object("metrics")
        measured = metrics.isEmpty ? nil : try Measured(metrics)
        let compared = try members.object("compared")
        self.compared = compared.isEmpty ? nil : try Compared(compared)
        borrowed = try members.strings("borrowed")
        decision = try members.string("decision")
        var deployed: [Deployment] = []
        for object in try members.objects("deployed") {
            let times = MemberReader(object: object, path: "deployed.")
            guard let from = try times.timestamp("from") else {
                throw LineMistake("'deployed.from' is missing")
            }
            deployed.append(Deployment(from: from, to: try times.timestamp("to")))
        }
        self.deployed = deployed
    }
}

extension RegisteredModel.Compared {
    fileprivate var json: JSON {
        [
            "with": .string(with), "rows": .integer(comparison.rows),
            "better": .integer(comparison.better), "worse": .integer(comparison.worse),
            "mcnemar_p": .number((comparison.p * 10_000).rounded() / 10_000),
        ]
    }

    fileprivate init(_ object: JSONObject) throws(LineMistake) {
        let members = MemberReader(object: object, path: "compared.")
        with = try members.name("with")
        comparison = ModelComparison(
            rows: try members.count("rows") ?? 0, better: try members.count("better") ?? 0,
            worse: try members.count("worse") ?? 0)
    }
}

extension RegisteredModel.Measured {
    /// - Parameter rowsHash: of the rows that were measured on.
    package init(_ evaluation: Evaluation, rowsHash: String) {
        self.init(
            rows: evaluation.rows, rowsHash: rowsHash, accuracy: evaluation.accuracy,
            precision: evaluation.precision, recall: evaluation.recall, f1: evaluation.f1,
            calibrationError: evaluation.calibrationError)
    }

    /// As the registry and `models/metrics.jsonl` have it.
    var json: JSON {
        [
            "evaluated_on": "test", "rows": .integer(rows), "rows_sha256": .string(rowsHash),
            "accuracy": .number(accuracy), "precision_macro": .number(precision),
            "recall_macro": .number(recall), "f1_macro": .number(f1),
            "expected_calibration_error": .number(calibrationError),
        ]
    }

    init(_ object: JSONObject, path: String = "metrics.") throws(LineMistake) {
        let members = MemberReader(object: object, path: path)
        func figure(_ key: String) throws(LineMistake) -> Double {
            guard let value = try members.number(key) else {
                throw LineMistake("'\(path)\(key)' is missing")
            }
            return value
        }
        rows = try members.count("rows") ?? 0
        rowsHash = try members.name("rows_sha256")
        accuracy = try figure("accuracy")
        precision = try figure("precision_macro")
        recall = try figure("recall_macro")
        f1 = try figure("f1_macro")
        calibrationError = try figure("expected_calibration_error")
    }
}
