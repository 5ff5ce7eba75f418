internal import FlowJSON
internal import FlowSystem
internal import Glibc
internal import FlowText

/// A model on disk: a folder of files that nothing executes, named by the model's hash in a registry.
///
/// - `model.json`: preset, labels, parts (the analysers), calibration, and size and SHA-256 of the next two. The
///   SHA-256 of this file is the model's hash, so the hash covers every byte that decides an answer.
/// - `terms.txt`: one term a line, UTF-8, part after part, in each sorted by code point.
/// - `weights.bin`: little-endian: the terms' inverse frequencies, doubles; then for each member its
///   coefficients, floats (by term, then by column), its intercepts and, with sigmoids, slope and
///   offset of each column, doubles. Columns are the labels, or 1 with two labels.
/// - `model.sha256`: the model's hash, for a folder that is not named by it.
/// - `metrics.json`: the training's report; it is not part of the hash.
package enum ModelFolder {
    /// Writes the model below `folder` and gives its hash. A reader sees all of it or nothing; one
    /// that is there already and whole is left alone.
    /// - Throws: `system`; what was begun is removed then.
    @discardableResult
    package static func write(_ trained: TrainedModel, below folder: String) throws(LearningError)
        -> String
    {
        let (hash, files) = contents(of: trained.model)
        if (try? read(hash, below: folder)) == nil {
            try write(files, trained.report, to: Path.join(folder, hash))
        }
        return hash
    }

    /// Writes the model as the folder `path`, in place of a model that is there, and gives its hash.
    /// - Throws: `unusableSamples` where something else is there, `system`.
    package static func write(_ trained: TrainedModel, to path: String) throws(LearningError)
        -> String
    {
        let isEmpty = (try? Files.list(path).isEmpty) ?? true
        guard isEmpty || Files.exists(Path.join(path, "model.json")) else {
            throw LearningError(
                .unusableSamples, doing: "write \(path)",
                "there is something that is no model; name a new folder")
        }
        let (hash, files) = contents(of: trained.model)
        try write(files, trained.report, to: path)
        return hash
    }

    private static func write(_ files: [(String, [UInt8])], _ report: JSON, to path: String)
        throws(LearningError)
    {
        let temporary = Path.join(Path.folder(path), ".\(Path.name(path)).\(getpid())")
        do throws(SystemError) {
            try Files.remove(temporary)
            do throws(SystemError) {
                for (name, bytes) in files {
                    try Files.write(bytes, to: Path.join(temporary, name))
                }
                let report = report.bytes(.pretty) + [UInt8(ascii: "\n")]
                try Files.write(report, to: Path.join(temporary, "metrics.json"))
                try Files.remove(path)
                guard rename(temporary, path) == 0 else {
                    throw SystemError(errno: errno, doing: "write \(path)")
                }
            } catch {
                try? Files.remove(temporary)
                throw error
            }
        } catch {
            throw LearningError(.system, doing: error.doing, error.message)
        }
    }

    /// The model `hash` below `folder`.
    /// - Throws: `unknown` where there is none or `hash` is no hash (it may come from a file of
    ///   others and name a path), `damagedModel` where a byte is not what was written,
    ///   `system`.
    package static func read(_ hash: String, below folder: String) throws(LearningError)
        -> TriageModel
    {
        guard hash.utf8.count == 64, hash.utf8.allSatisfy(hexadecimal.contains) else {
            throw LearningError(
                .unknown, doing: "read a model",
                "'\(VisibleText.safe(hash))' is no model's hash (64 hexadecimal digits)")
        }
        return try read(Path.join(folder, hash), hash: hash)
    }

    /// The model in the folder `path`, whatever its name, and its hash.
    /// - Throws: `unknown` where there is none, `damagedModel`, `system`.
    package static func read(_ path: String) throws(LearningError) -> (
        hash: String, model: TriageModel
    ) {
        let bytes = (try? Files.read(Path.join(path, "model.sha256"), limit: 1 << 10)) ?? []
        let hash = String(decoding: bytes.prefix(64), as: UTF8.self)
        return (hash, try read(path, hash: hash))
    }

    private static func read(_ path: String, hash: String) throws(LearningError) -> TriageModel {
        let doing = "read the model \(path)"
        guard Files.exists(path) else {
            throw LearningError(
                .unknown, doing: doing,
                "it is not there; train again or copy the folder from where it was trained")
        }
        do throws(LineMistake) {
            let header = try header(file("model.json", in: path), hash: hash)
            let terms = try file("terms.txt", in: path)
            let weights = try file("weights.bin", in: path)
            guard ModelHeader.File(terms) == header.terms else {
                throw LineMistake("terms.txt is not what was written")
            }
            guard ModelHeader.File(weights) == header.weights else {
                throw LineMistake("weights.bin is not what was written")
            }
            return try model(header, terms, weights)
        } catch {
            throw LearningError(
                .damagedModel, doing: doing,
                "\(error.message); remove the folder and train again")
        }
    }

    /// The hash a model has on disk.
    package static func hash(of model: TriageModel) -> String { contents(of: model).hash }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private static func file(_ name: String, in path: String) throws(LineMistake) -> [UInt8] {
        do throws(SystemError) {
            return try Files.read(Path.join(path, name), limit: 4 << 30)
        } catch {
            throw LineMistake("\(name): \(error.message)")
        }
    }

    private static func contents(of model: TriageModel) -> (
        hash: String, files: [(String, [UInt8])]
    ) {
        var terms: [UInt8] = []
        var numbers = ModelNumbers()
        for part in model.features.parts {
            for number in 0..<part.terms.count {
                terms += part.terms.bytes[part.terms.range(number)]
                terms.append(UInt8(ascii: "\n"))
            }
            numbers.append(part.inverseFrequency)
        }
        for (place, member) in model.members.enumerated() {
            numbers.append(member.coefficients)
            numbers.append(member.intercepts)
            if case .sigmoids(let sigmoids) = model.calibration {
                numbers.append(sigmoids[place].flatMap { [$0.slope, $0.offset] })
            }
        }
        let header = ModelHeader(
            preset: model.preset, labels: model.labels, samplesHash: model.samplesHash,
            parts: model.features.parts.map { .init($0) }, members: model.members.count,
            calibration: .init(model.calibration), terms: .init(terms),
            weights: .init(numbers.bytes))
        let text = header.json.bytes(.pretty) + [UInt8(ascii: "\n")]
        return (
            SHA256.hex(text),
            [
                ("model.json", text), ("terms.txt", terms), ("weights.bin", numbers.bytes),
                ("model.sha256", Array("\(SHA256.hex(text))  model.json\n".utf8)),
            ]
        )
    }

    private static func header(_ bytes: [UInt8], hash: String) throws(LineMistake) -> ModelHeader {
        guard SHA256.hex(bytes) == hash else {
            throw LineMistake("model.json is not what was written")
        }
        let json: JSON
        do throws(JSONError) {
            json = try JSON.read(bytes)
        } catch {
            throw LineMistake("model.json: \(error)")
        }
        return try ModelHeader(json)
    }

    private static func model(_ header: ModelHeader, _ terms: [UInt8], _ weights: [UInt8])
        throws(LineMistake) -> TriageModel
    {
        var numbers = ModelNumbers(reading: weights)
        let features = try features(header, terms, &numbers)
        let columns = header.labels.count == 2 ? 1 : header.labels.count
        var members: [LinearWeights] = []
        var sigmoids: [[Sigmoid]] = []
        for _ in 0..<header.members {
            members.append(
                LinearWeights(
                    classes: header.labels.count, features: features.count,
                    coefficients: try numbers.takeFloats(features.count * columns),
                    intercepts: try numbers.take(columns)))
            guard header.calibration == .sigmoid else { continue }
            let pairs = try numbers.take(2 * columns)
            sigmoids.append(
                (0..<columns).map { Sigmoid(slope: pairs[2 * $0], offset: pairs[2 * $0 + 1]) })
        }
        guard numbers.isAtEnd else { throw LineMistake("weights.bin holds too many numbers") }
        let calibration: Calibration =
            switch header.calibration {
            case .sigmoid: .sigmoids(sigmoids)
            case .softmax(let sharpness, let isFitted):
                .softmax(sharpness: sharpness, isFitted: isFitted)
            }
        return TriageModel(
            preset: header.preset, labels: header.labels, samplesHash: header.samplesHash,
            features: features, members: members, calibration: calibration)
    }

    private static func features(
        _ header: ModelHeader, _ terms: [UInt8], _ numbers: inout ModelNumbers
    ) throws(LineMistake) -> TextFeatures {
        var lines = terms.split(separator: UInt8(ascii: "\n"))[...]
        var parts: [TermWeights] = []
        for part in header.parts {
            var table = TermTable()
            for line in lines.prefix(part.terms) { _ = table.insert(Array(line).span) }
            guard table.count == part.terms else {
                throw LineMistake("terms.txt has too few terms or one twice")
            }
            lines = lines.dropFirst(part.terms)
            parts.append(
                TermWeights(
                    analyzer: part.analyzer, isSublinear: part.isSublinear, length: part.length,
                    terms: table,
                    inverseFrequency: try numbers.take(table.count)))
        }
        let features = TextFeatures(parts)
        guard lines.isEmpty, features.count > 0 else {
            throw LineMistake("terms.txt has no term or too many")
        }
        return features
    }
}
