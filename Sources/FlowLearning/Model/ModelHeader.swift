internal import FlowJSON
internal import FlowSystem

/// What `model.json` says: all of a model but its terms and numbers, and the hashes of those.
struct ModelHeader {
    static let format = "flow-triage-model"
    static let version = 3

    /// Size and SHA-256 of a file of the folder.
    struct File: Equatable {
        let bytes: Int
        let sha256: String

        init(_ content: [UInt8]) {
            bytes = content.count
            sha256 = SHA256.hex(content)
        }

        init(_ object: JSONObject) throws(LineMistake) {
            let members = MemberReader(object: object, path: "files.")
            bytes = try members.count("bytes") ?? 0
            sha256 = try members.name("sha256")
        }

        var json: JSON { ["bytes": .integer(bytes), "sha256": .string(sha256)] }
    }

    /// One part of the columns; its terms stand together in terms.txt.
    struct Part {
        let analyzer: TextAnalyzer
        let isSublinear: Bool
        let length: Double
        let terms: Int

        init(_ weights: TermWeights) {
            analyzer = weights.analyzer
            isSublinear = weights.isSublinear
            length = weights.length
            terms = weights.terms.count
        }

        init(_ object: JSONObject) throws(LineMistake) {
            let members = MemberReader(object: object, path: "parts.")
            analyzer = try TextAnalyzer(members.object("analyzer"))
            isSublinear = object["sublinear"]?.boolValue ?? false
            length = try members.number("length") ?? 1
            terms = try members.count("terms") ?? 0
            guard length > 0 else { throw LineMistake("a part has no length") }
        }

        var json: JSON {
            [
                "analyzer": analyzer.json, "sublinear": .bool(isSublinear),
                "length": .number(length), "terms": .integer(terms),
            ]
        }
    }

    var preset: String
    var labels: [String]
    var samplesHash: String
    var parts: [Part]
    var members: Int
    var calibration: CalibrationKind
    var terms: File
    var weights: File

    var json: JSON {
        [
            "format": .string(Self.format), "version": .integer(Self.version),
            "preset": .string(preset), "samples_sha256": .string(samplesHash),
            "parts": .array(parts.map(\.json)),
            "members": .integer(members), "calibration": calibration.json,
            "labels": .array(labels.map(JSON.string)),
            "files": ["terms.txt": terms.json, "weights.bin": weights.json],
        ]
    }
}

extension ModelHeader {
    init(_ json: JSON) throws(LineMistake) {
        guard let object = json.objectValue else { throw LineMistake("it is no object") }
        let header = MemberReader(object: object)
        guard try header.string("format") == Self.format else {
            throw LineMistake("it is no model of flow")
        }
        guard try header.count("version") == Self.version else {
            throw LineMistake("its format is of another version; this flow reads \(Self.version)")
        }
        preset = try header.name("preset")
        labels = try header.strings("labels")
        samplesHash = try header.name("samples_sha256")
        parts = try header.objects("parts").map { (part) throws(LineMistake) in try Part(part) }
        members = try header.count("members") ?? 0
        calibration = try CalibrationKind(header.object("calibration"))
        let files = MemberReader(object: try header.object("files"))
        terms = try File(files.object("terms.txt"))
        weights = try File(files.object("weights.bin"))
        guard labels.count > 1, (1...1000).contains(members), !parts.isEmpty else {
            throw LineMistake("its labels, members or parts are too few or too many")
        }
    }
}

/// A calibration without the sigmoids' numbers, which stand with the weights.
enum CalibrationKind: Equatable {
    case sigmoid
    case softmax(sharpness: Double, isFitted: Bool)

    init(_ calibration: Calibration) {
        self =
            switch calibration {
            case .sigmoids: .sigmoid
            case .softmax(let sharpness, let isFitted):
                .softmax(sharpness: sharpness, isFitted: isFitted)
            }
    }

    init(_ object: JSONObject) throws(LineMistake) {
        let members = MemberReader(object: object, path: "calibration.")
        switch try members.name("method") {
        case "sigmoid": self = .sigmoid
        case "softmax":
            self = .softmax(
                sharpness: try members.number("sharpness") ?? 1,
                isFitted: object["fitted"]?.boolValue ?? false)
        default: throw LineMistake("its calibration is of an unknown kind")
        }
    }

    var json: JSON {
        switch self {
        case .sigmoid: ["method": "sigmoid"]
        case .softmax(let sharpness, let isFitted):
            [
                "method": "softmax", "sharpness": .number(sharpness),
                "fitted": .bool(isFitted),
            ]
        }
    }
}

extension TextAnalyzer {
    fileprivate var json: JSON {
        switch self {
        case .words(let lengths): Self.json("words", lengths)
        case .charactersInWords(let lengths): Self.json("characters_in_words", lengths)
        }
    }

    private static func json(_ kind: String, _ lengths: ClosedRange<Int>) -> JSON {
        [
            "kind": .string(kind), "from": .integer(lengths.lowerBound),
            "to": .integer(lengths.upperBound),
        ]
    }

    fileprivate init(_ object: JSONObject) throws(LineMistake) {
        let members = MemberReader(object: object, path: "parts.analyzer.")
        let (from, to) = (try members.count("from") ?? 0, try members.count("to") ?? 0)
        guard from >= 1, to >= from, to <= 100 else {
            throw LineMistake("its analyzer has no lengths")
        }
        switch try members.name("kind") {
        case "words": self = .words(from...to)
        case "characters_in_words": self = .charactersInWords(from...to)
        default: throw LineMistake("its analyzer is of an unknown kind")
        }
    }
}
