internal import FlowEngine
internal import FlowJSON

/// What is kept of one successful command.
struct CacheEntry: Sendable {
    struct File: Sendable, Hashable {
        /// Relative to the repository.
        let path: String
        let content: FileContent
    }

    let run: String
    let outputs: [(name: String, value: JSON)]
    let files: [File]

    var result: CachedResult { CachedResult(outputs: outputs, run: run) }

    /// What its files take, each once.
    var size: Int { files.reduce(0) { $0 + Int($1.content.size) } }

    /// What its bytes begin with, so that another form of them is none.
    private static let form: UInt32 = 1

    /// With a sum at the end.
    var bytes: [UInt8] {
        var packed = PackedBytes()
        packed.add(Self.form)
        packed.add(run)
        packed.add(UInt32(outputs.count))
        for (name, value) in outputs {
            packed.add(name)
            packed.add(value.bytes())
        }
        for file in files {
            packed.add(file.path)
            packed.add(file.content.mode)
            packed.add(file.content.size)
            packed.add(file.content.hash)
            packed.add(UInt8(file.content.link == nil ? 0 : 1))
            if let link = file.content.link { packed.add(link) }
        }
        packed.add(PackedBytes.sum(packed.bytes))
        return packed.bytes
    }

    init(run: String, outputs: [(name: String, value: JSON)], files: [File]) {
        self.run = run
        self.outputs = outputs
        self.files = files
    }

    /// Reads what `bytes` gave; nil where it is damaged.
    init?(bytes: [UInt8]) {
        guard bytes.count > 8 else { return nil }
        let content = Array(bytes.dropLast(8))
        var end = PackedBytes.Reader(Array(bytes.suffix(8)))
        guard end.number(Int64.self) == PackedBytes.sum(content) else { return nil }
        var reader = PackedBytes.Reader(content)
        guard reader.number(UInt32.self) == Self.form, let run = reader.text(),
            let count = reader.number(UInt32.self)
        else { return nil }
        var outputs: [(name: String, value: JSON)] = []
        for _ in 0..<count {
            guard let name = reader.text(), let value = reader.content(),
                let value = try? JSON.read(Array(value))
            else { return nil }
            outputs.append((name, value))
        }
        var files: [File] = []
        while !reader.isAtEnd {
            guard let file = Self.file(&reader) else { return nil }
            files.append(file)
        }
        self.init(run: run, outputs: outputs, files: files)
    }

    private static func file(_ reader: inout PackedBytes.Reader) -> File? {
        guard let path = reader.text(), let mode = reader.number(UInt32.self),
            let size = reader.number(Int64.self), let hash = reader.content(),
            let isLink = reader.number(UInt8.self)
        else { return nil }
        var link: String?
        if isLink == 1 {
            guard let text = reader.text() else { return nil }
            link = text
        }
        return File(
            path: path,
            content: FileContent(mode: mode, size: size, hash: Array(hash), link: link))
    }
}
