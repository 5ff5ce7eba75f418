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
    /// Why it was put in service or not, as a sentence.
    package var decision: String
    /// In the order of time; empty for a model that never was in service.
    package var deployed: [Deployment]

    /// A trained model before anything is decided of it.
    package init(
        _ trained: TrainedModel, hash: String, parent: String?, createdAt: Timestamp
    ) {
        self.hash = hash
        dataset = trained.set.hash
        preset = trained.model.preset
        self.createdAt = createdAt
        self.parent = parent
        measured = trained.evaluation.map {
            Measured(
                rows: $0.rows, rowsHash: trained.set.heldHash, accuracy: $0.accuracy,
                precision: $0.precision, recall: $0.recall, f1: $0.f1,
                calibrationError: $0.calibrationError)
        }
        decision = ""
        deployed = []
    }

    package var isDeployed: Bool { deployed.last.map { $0.to == nil } ?? false }
}

extension RegisteredModel {
    package var json: JSON {
        [
            "hash": .string(hash), "dataset": .string(dataset), "preset": .string(preset),
            "created_at": .string(createdAt.rfc3339),
            "parent": parent.map(JSON.string) ?? .null, "metrics": measured?.json ?? .null,
            "decision": .string(decision),
            "deployed": .array(
                deployed.map {
                    [
                        "from": .string($0.from.rfc3339),
                        "to": $0.to.map { .string($0.rfc3339) } ?? .null,
                    ]
                }),
        ]
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

extension RegisteredModel.Measured {
    fileprivate var json: JSON {
        [
            "evaluated_on": "test", "rows": .integer(rows), "rows_sha256": .string(rowsHash),
            "accuracy": .number(accuracy), "precision_macro": .number(precision),
            "recall_macro": .number(recall), "f1_macro": .number(f1),
            "expected_calibration_error": .number(calibrationError),
        ]
    }

    fileprivate init(_ object: JSONObject) throws(LineMistake) {
        let members = MemberReader(object: object, path: "metrics.")
        func figure(_ key: String) throws(LineMistake) -> Double {
            guard let value = try members.number(key) else {
                throw LineMistake("'metrics.\(key)' is missing")
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
