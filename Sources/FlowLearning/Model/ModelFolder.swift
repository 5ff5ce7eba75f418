internal import FlowJSON
internal import FlowSystem
internal import Glibc
internal import FlowText

/// A model on disk: a folder of files that nothing executes, named by the model's hash in a registry.
///
/// - `model.json`: preset, labels, parts (the analysers), calibration, and size and SHA-256 of the next two. The
///   SHA-256 of this file is the model's hash, so the hash covers every byte that decides an answer.
/// - `terms.txt`: one term a line, UTF-8, part after part, in each sorted by code point.
/// - `weights.bin`: little-endian: the terms' inverse frequencies, doubles; the coefficients, floats
///   (by term, then by member, then by column); the intercepts and, with sigmoids, slope and offset
///   of each, doubles (by member, then by column). Columns are the labels, or 1 with two labels.
/// - `model.sha256`: the model's hash, for a folder that is not named by it; `sha256sum -c` takes it.
/// - `metrics.json`, `report.md`, `reliability.svg`, `confusion.svg`: how good it is on the test rows
///   of its training; no part of the hash. Without test rows there is only the first.
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
            try put(files + trained.reportFiles, at: Path.join(folder, hash))
        }
        return hash
    }

    /// Writes the model as the folder `path` and gives its hash. A model that is there gives way when
    /// the new one is whole.
    /// - Throws: `system`, with what was there as it was; also where something else than a model
    ///   stands there.
    package static func write(_ trained: TrainedModel, to path: String) throws(LearningError)
        -> String
    {
        let isFree = Files.kind(path, following: true).map { _ in isEmptyFolder(path) } ?? true
        guard isFree || Files.exists(Path.join(path, "model.json")) else {
            throw LearningError(
                .system, doing: "write the model \(path)",
                "something else stands there; name a new folder")
        }
        let (hash, files) = contents(of: trained.model)
        try put(files + trained.reportFiles, at: path)
        return hash
    }

    private static func isEmptyFolder(_ path: String) -> Bool {
        (try? Files.list(path).isEmpty) ?? false
    }

    /// Fills a folder beside `path` and gives it that name.
    private static func put(_ files: [(name: String, bytes: [UInt8])], at path: String)
        throws(LearningError)
    {
        let temporary = Path.join(Path.folder(path), ".\(Path.name(path)).\(getpid())")
        do throws(SystemError) {
            try Files.remove(temporary)
            do throws(SystemError) {
                for (name, bytes) in files {
                    try Files.write(bytes, to: Path.join(temporary, name))
                }
                try swap(temporary, path)
            } catch {
                try? Files.remove(temporary)
                throw error
            }
        } catch {
            throw LearningError(.system, doing: error.doing, error.message)
        }
    }

    /// Gives a folder the name of another, which goes when that has worked.
    private static func swap(_ new: String, _ path: String) throws(SystemError) {
        let old = new + ".old"
        let isThere = Files.kind(path) != nil
        if isThere, rename(path, old) != 0 {
            throw SystemError(errno: errno, doing: "write \(path)")
        }
        guard rename(new, path) == 0 else {
            let error = SystemError(errno: errno, doing: "write \(path)")
            if isThere { _ = rename(old, path) }
            throw error
        }
        try Files.remove(old)
    }

    /// The model `hash` below `folder`.
    /// - Throws: `unknown` where there is none or `hash` is no hash (it may come from a file of
    ///   others and name a path), `damagedModel` where a byte is not what was written,
    ///   `system`.
    package static func read(_ hash: String, below folder: String) throws(LearningError)
        -> TriageModel
    {
        guard isHash(hash) else {
            throw LearningError(
                .unknown, doing: "read a model",
                "'\(VisibleText.safe(hash))' is no model's hash (64 hexadecimal digits)")
        }
        return try read(Path.join(folder, hash), hash)
    }

    /// The model in a folder of any name, and its hash; a folder that is named by a hash must have
    /// it.
    /// - Throws: `unknown` where there is none, `damagedModel` where a byte is not what was written,
    ///   `foreignModel` where it is of another format.
    package static func read(_ path: String) throws(LearningError) -> (
        hash: String, model: TriageModel
    ) {
        let name = Path.name(path)
        if isHash(name) { return (name, try read(path, name)) }
        let note = (try? Files.read(Path.join(path, "model.sha256"), limit: 1 << 10)) ?? []
        let hash = String(decoding: note.prefix(64), as: UTF8.self)
        return (hash, try read(path, hash))
    }

    /// 64 hexadecimal digits.
    package static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(hexadecimal.contains)
    }

    private static func read(_ path: String, _ hash: String) throws(LearningError) -> TriageModel {
        let doing = "read the model \(path)"
        guard Files.exists(path) else {
            throw LearningError(
                .unknown, doing: doing,
                "it is not there; train again or copy the folder from where it was trained")
        }
        let own = ["model.json", "terms.txt", "weights.bin"]
        if !own.contains(where: { Files.exists(Path.join(path, $0)) }) {
            throw LearningError(
                .foreignModel, doing: doing,
                "it is not of flow's format; ask the command that trained it")
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
        numbers.append(model.weights.coefficients)
        numbers.append(model.weights.intercepts)
        if case .sigmoids(let sigmoids) = model.calibration {
            numbers.append(sigmoids.joined().flatMap { [$0.slope, $0.offset] })
        }
        let header = ModelHeader(
            preset: model.preset, labels: model.labels, samplesHash: model.samplesHash,
            parts: model.features.parts.map { .init($0) }, members: model.weights.members,
            calibration: .init(model.calibration), terms: .init(terms),
            weights: .init(numbers.bytes))
        let text = header.json.bytes(.pretty) + [UInt8(ascii: "\n")]
        let hash = SHA256.hex(text)
        return (
            hash,
            [
                ("model.json", text), ("terms.txt", terms), ("weights.bin", numbers.bytes),
                ("model.sha256", Array("\(hash)  model.json\n".utf8)),
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
        let width = header.members * (header.labels.count == 2 ? 1 : header.labels.count)
        let weights = LinearWeights(
            classes: header.labels.count, features: features.count, members: header.members,
            coefficients: try numbers.takeFloats(features.count * width),
            intercepts: try numbers.take(width))
        let calibration: Calibration =
            switch header.calibration {
            case .sigmoid: .sigmoids(try sigmoids(of: weights, &numbers))
            case .softmax(let sharpness, let isFitted):
                .softmax(sharpness: sharpness, isFitted: isFitted)
            }
        guard numbers.isAtEnd else { throw LineMistake("weights.bin holds too many numbers") }
        return TriageModel(
            preset: header.preset, labels: header.labels, samplesHash: header.samplesHash,
            features: features, weights: weights, calibration: calibration)
    }

    private static func sigmoids(of weights: LinearWeights, _ numbers: inout ModelNumbers)
        throws(LineMistake) -> [[Sigmoid]]
    {
        let pairs = try numbers.take(2 * weights.intercepts.count)
        return (0..<weights.members).map { member in
            (0..<weights.columns).map { column in
                let place = 2 * (member * weights.columns + column)
                return Sigmoid(slope: pairs[place], offset: pairs[place + 1])
            }
        }
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
