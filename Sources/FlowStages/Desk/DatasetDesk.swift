package import FlowJSON
internal import FlowLearning
internal import FlowMining
package import FlowSystem

/// The training dataset for people, as it stands in the work tree: what is in it, what is wrong with
/// it, and ways in and out.
package struct DatasetDesk {
    /// As the user named it, or from the repository's root.
    package let name: String
    private let path: String
    private let workspace: String

    /// - Parameter file: nil for the repository's own dataset.
    package init(_ workspace: String, file: String?) {
        self.workspace = workspace
        name = file ?? DatasetFile.path
        path = file ?? Path.join(workspace, DatasetFile.path)
    }

    /// A dataset may have so many bytes.
    private static let limit = 4 << 30

    private func bytes() throws -> [UInt8] {
        guard Files.exists(path) else {
            throw StageError(
                "there is no dataset \(name); flow run integrate.yaml makes one of approved skills, "
                    + "flow dataset import one of your own examples")
        }
        return try Files.read(path, limit: Self.limit)
    }

    /// What models have learned beside the hash of the texts, as the work tree's registry says.
    private func learned() throws -> Set<String> {
        let path = Path.join(workspace, ModelPlace.registry)
        guard Files.exists(path) else { return [] }
        return try ModelRegistry(reading: try Files.read(path, limit: Self.limit)).borrowed
    }

    /// What there is, as `DatasetStats` counts it.
    /// - Throws: `LearningError` with the number of the first line that cannot be read.
    package func stats() throws -> JSON {
        DatasetStats(try DatasetFile(reading: try bytes()), learned: try learned()).json
    }

    /// What is wrong, and where.
    package struct Problem: Sendable, Hashable {
        package let file: String
        /// From 1.
        package let line: Int
        package let message: String

        package var json: JSON {
            ["file": .string(file), "line": .integer(line), "message": .string(message)]
        }
    }

    /// Every problem, by line.
    package func problems() throws -> [Problem] {
        DatasetCheck.problems(try bytes()).map {
            Problem(file: name, line: $0.line, message: $0.message)
        }
    }

    /// The words that `export` and `importing` take.
    package static var formats: [String] { DatasetExport.Format.allCases.map(\.rawValue) }
    package static var splits: [String] { DatasetSplit.allCases.map(\.rawValue) }
    package static var states: [String] { ExampleState.allCases.map(\.rawValue) }
    package static var sources: [String] { DatasetImport.sources }

    /// The lines that are wanted, in another form, and how many they are; with `split` their texts on
    /// that side of a training alone.
    /// - Parameters:
    ///   - format: one of `formats`; `split`: one of `splits`.
    ///   - minConfidence: from 0 to 1; above 0 lines of unknown confidence are left out.
    package func export(
        _ format: String, minConfidence: Double, onlyReviewed: Bool, source: String?, split: String?
    ) throws -> (bytes: [UInt8], lines: Int) {
        let filter = DatasetFilter(
            minConfidence: minConfidence, onlyReviewed: onlyReviewed, source: source)
        return DatasetExport.bytes(
            try DatasetFile(reading: try bytes()), DatasetExport.Format(rawValue: format) ?? .jsonl,
            filter, side: split.flatMap { DatasetSplit(rawValue: $0) }, learned: try learned())
    }

    /// What an import did, or would do.
    package struct Imported {
        package let records: Int
        package let added: Int
        package let updated: Int
        package let unchanged: Int
        /// Records that were left out, since the dataset teaches each of their texts already.
        package let repeated: Int
        /// Lines of the dataset afterwards.
        package let total: Int
        package let problems: [Problem]
        package let isDryRun: Bool

        package var json: JSON {
            [
                "records": .integer(records), "added": .integer(added),
                "updated": .integer(updated), "unchanged": .integer(unchanged),
                "repeated": .integer(repeated), "total": .integer(total),
                "dry_run": .bool(isDryRun), "problems": .array(problems.map(\.json)),
            ]
        }
    }

    /// Brings the records of some files in, by temporary file and rename; nothing is written where
    /// anything is wrong, where nothing is new, or with `isDryRun`. What is private is masked first,
    /// by the masks of `flow.yaml` too.
    /// - Parameters:
    ///   - files: read as CSV where the name ends so, else as JSONL.
    ///   - source: one of `sources`; `state`: one of `states`.
    package func importing(
        _ files: [String], source: String?, state: String?, now: Timestamp, isDryRun: Bool
    ) throws -> Imported {
        let old =
            Files.exists(path)
            ? try DatasetFile(reading: try Files.read(path, limit: Self.limit)) : DatasetFile()
        let masks = try MessageMasks(of: workspace)
        var work = DatasetImport(
            into: old, source: source, state: state.flatMap { ExampleState(rawValue: $0) },
            now: now,
            mask: { PrivacyMask.masked($0, masks) },
            fingerprint: { Fingerprint(type: "", component: $0, template: $1).text })
        for file in files {
            work.read(
                try Files.read(file, limit: Self.limit), of: file,
                as: file.lowercased().hasSuffix(".csv") ? .csv : .jsonl)
        }
        let (new, change) = work.result
        if !isDryRun, work.problems.isEmpty, new.bytes != old.bytes {
            try Files.write(new.bytes, to: path)
        }
        return Imported(
            records: work.records, added: change.added.count,
            updated: change.replaced.count + change.recounted.count,
            unchanged: change.unchanged.count, repeated: work.repeated,
            total: new.examples.count,
            problems: work.problems.map {
                Problem(file: $0.file, line: $0.line, message: $0.message)
            }, isDryRun: isDryRun)
    }
}
