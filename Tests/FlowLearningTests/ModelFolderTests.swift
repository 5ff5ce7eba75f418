import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import FlowLearning

@Suite("model folders")
struct ModelFolderTests {
    private static func trained(
        _ texts: [(text: String, label: String)], preset: TrainingPreset = .standard,
        threads: Int = 1
    ) throws -> TrainedModel {
        let outcome = try ModelTraining.run(
            TrainingSet(examples: texts), preset: preset, minSamples: 2, threads: threads)
        guard case .trained(let trained) = outcome else {
            throw LearningError(.unusableSamples, doing: "train", "too small")
        }
        return trained
    }

    @Test(
        "what is read back answers the same, to the bit",
        arguments: TrainingPreset.all, [(2, 8), (4, 8), (2, 30), (4, 30)])
    func roundTrip(_ preset: TrainingPreset, _ size: (labels: Int, perLabel: Int)) throws {
        let folder = try TemporaryFolder()
        let texts = Samples.generated(labels: size.labels, perLabel: size.perLabel, seed: 11)
        let trained = try Self.trained(texts, preset: preset)
        let hash = try ModelFolder.write(trained, below: folder.path)
        #expect(try Files.list(folder.path) == [hash])
        let read = try ModelFolder.read(hash, below: folder.path)
        for text in texts.map(\.text) + ["", "unknown words"] {
            #expect(read.predict(text) == trained.model.predict(text))
        }
        #expect(ModelFolder.hash(of: read) == hash)
        let files = try Files.list(folder.at(hash))
        #expect(
            files == [
                "confusion.svg", "metrics.json", "model.json", "model.sha256", "reliability.svg",
                "report.md", "terms.txt", "weights.bin",
            ])
        let report = try JSON.read(Files.read(folder.at("\(hash)/metrics.json")))
        #expect(report == trained.report)
        #expect(
            SHA256.hex(try Files.read(folder.at("\(hash)/model.json"))) == hash)
    }

    @Test(
        "the same samples give the same bytes, in whatever order they come, on any threads",
        arguments: TrainingPreset.all)
    func deterministic(_ preset: TrainingPreset) throws {
        let texts = Samples.generated(labels: 4, perLabel: 30, seed: 12)
        var generator = SeededGenerator(seed: 12)
        let one = try Self.trained(texts, preset: preset)
        let other = try Self.trained(
            texts.shuffled(using: &generator), preset: preset, threads: 2)
        #expect(ModelFolder.hash(of: one.model) == ModelFolder.hash(of: other.model))
        #expect(one.report == other.report)
        let less = try Self.trained(Array(texts.dropLast()), preset: preset)
        #expect(ModelFolder.hash(of: one.model) != ModelFolder.hash(of: less.model))
    }

    /// What another compiler, processor or C library must give too.
    @Test(
        "the bytes are these, on every machine",
        arguments: [
            (
                TrainingPreset.standard,
                "9a503de1c4d2ee059e79863133c14f48604ccc78ec9f05eada0e4e42a46c95ed"
            ),
            (.seed, "a84289d630fc67b0e5791c6a1ce80af5e3d7af61e057b10154de9190ca42a5bc"),
        ])
    func golden(_ preset: TrainingPreset, _ hash: String) throws {
        let texts = Samples.generated(labels: 6, perLabel: 24, seed: 18)
        let found = try ModelFolder.hash(of: Self.trained(texts, preset: preset).model)
        #expect(found == hash, "\(found)")
    }

    @Test("writing again leaves what is whole and mends what is damaged")
    func again() throws {
        let folder = try TemporaryFolder()
        let trained = try Self.trained(Samples.generated(labels: 3, perLabel: 8, seed: 13))
        let hash = try ModelFolder.write(trained, below: folder.path)
        try folder.write("\(hash)/note.txt", "mine")
        try ModelFolder.write(trained, below: folder.path)
        #expect(Files.exists(folder.at("\(hash)/note.txt")))
        try Files.remove(folder.at("\(hash)/weights.bin"))
        try ModelFolder.write(trained, below: folder.path)
        _ = try ModelFolder.read(hash, below: folder.path)
    }

    @Test(
        "a damaged folder is refused with what is wrong",
        arguments: [
            ("weights.bin", -1, "weights.bin is not what was written"),
            ("weights.bin", 40, "weights.bin is not what was written"),
            ("terms.txt", 3, "terms.txt is not what was written"),
            ("model.json", 100, "model.json is not what was written"),
            ("terms.txt", nil, "terms.txt: No such file or directory"),
            ("model.json", nil, "model.json: No such file or directory"),
        ] as [(String, Int?, String)])
    func damaged(_ name: String, _ place: Int?, _ message: String) throws {
        let folder = try TemporaryFolder()
        let trained = try Self.trained(Samples.generated(labels: 3, perLabel: 8, seed: 14))
        let hash = try ModelFolder.write(trained, below: folder.path)
        let path = folder.at("\(hash)/\(name)")
        if let place {
            var bytes = try Files.read(path)
            if place < 0 { bytes.removeLast() } else { bytes[place] ^= 1 }
            try Files.write(bytes, to: path)
        } else {
            try Files.remove(path)
        }
        let error = #expect(throws: LearningError.self) {
            try ModelFolder.read(hash, below: folder.path)
        }
        #expect(error?.code == .damagedModel)
        #expect(
            error?.description == "cannot read the model \(folder.at(hash)): \(message);"
                + " remove the folder and train again")
    }

    @Test("a folder whose hashes fit but whose numbers do not is refused too")
    func forged() throws {
        let folder = try TemporaryFolder()
        let trained = try Self.trained(Samples.generated(labels: 3, perLabel: 8, seed: 15))
        let model = try ModelFolder.write(trained, below: folder.path)
        let text = String(decoding: try Files.read(folder.at("\(model)/model.json")), as: UTF8.self)
        for (old, new, message) in [
            ("\"members\": 1", "\"members\": 2", "weights.bin holds too few numbers"),
            ("\"version\": 3", "\"version\": 9", "its format is of another version"),
            ("\"softmax\"", "\"magic\"", "its calibration is of an unknown kind"),
            (
                "\"members\": 1", "\"members\": 0",
                "its labels, members or parts are too few or too many"
            ),
            ("\"members\": 1", "\"members\": 1,,", "model.json: line "),
        ] {
            let forged = Array(text.replacing(old, with: new).utf8)
            let hash = SHA256.hex(forged)
            try Files.write(forged, to: folder.at("\(hash)/model.json"))
            for name in ["terms.txt", "weights.bin"] {
                try Files.write(
                    Files.read(folder.at("\(model)/\(name)")), to: folder.at("\(hash)/\(name)"))
            }
            let error = #expect(throws: LearningError.self) {
                try ModelFolder.read(hash, below: folder.path)
            }
            #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "none")")
        }
    }

    @Test(
        "a model that is not there is unknown, and so is what is no hash",
        arguments: [
            (String(repeating: "a", count: 64), "it is not there; train again or copy the folder"),
            ("../../etc", "'../../etc' is no model's hash (64 hexadecimal digits)"),
            ("", "'' is no model's hash (64 hexadecimal digits)"),
        ])
    func absent(_ hash: String, _ message: String) throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: LearningError.self) {
            try ModelFolder.read(hash, below: folder.path)
        }
        #expect(error?.code == .unknown)
        #expect(error?.message.hasPrefix(message) == true)
    }

    @Test("a model as a folder of any name is read back, and gives way to the next one")
    func named() throws {
        let folder = try TemporaryFolder()
        let one = try Self.trained(Samples.generated(labels: 3, perLabel: 8, seed: 17))
        let other = try Self.trained(Samples.generated(labels: 3, perLabel: 8, seed: 18))
        let hash = try ModelFolder.write(one, to: folder.at("mine"))
        #expect(try ModelFolder.read(folder.at("mine")).hash == hash)
        let next = try ModelFolder.write(other, to: folder.at("mine"))
        #expect(next != hash)
        // Every byte is covered, whatever the folder's name.
        let header = try Files.text(folder.at("mine/model.json"))
        try folder.write("mine/model.json", header.replacing("label0", with: "label9"))
        let forged = #expect(throws: LearningError.self) {
            try ModelFolder.read(folder.at("mine"))
        }
        #expect(forged?.message.hasPrefix("model.json is not what was written") == true)
        try folder.write("mine/model.json", header)
        #expect(try ModelFolder.read(folder.at("mine")).hash == next)
        #expect(try Files.list(folder.path) == ["mine"])
        #expect(throws: LearningError.self) { try ModelFolder.read(folder.at("none")) }
        try folder.write("other/note.txt", "mine")
        let error = #expect(throws: LearningError.self) {
            try ModelFolder.write(one, to: folder.at("other"))
        }
        #expect(error?.message == "something else stands there; name a new folder")
    }

    @Test("what cannot be written leaves nothing behind")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        try folder.write("models", "a file where a folder should be")
        let trained = try Self.trained(Samples.generated(labels: 3, perLabel: 8, seed: 16))
        let error = #expect(throws: LearningError.self) {
            try ModelFolder.write(trained, below: folder.at("models"))
        }
        #expect(error?.code == .system)
        #expect(try Files.list(folder.path) == ["models"])
    }
}
