internal import FlowJSON
internal import FlowSkills
internal import FlowSystem
internal import FlowText

/// Skills of others on the disk, read with care: only plain files that stand in the folder itself, of a
/// size that a skill has.
struct ImportSource {
    /// A document as it is to be imported.
    struct Item {
        let file: SkillFile
        /// What mistakes call it.
        let place: String
    }

    private(set) var items: [Item] = []
    /// What was found wrong, `file:line:column: message` each where there is a place.
    private(set) var mistakes: [String] = []
    /// Files that stay where they are.
    private(set) var left: [String] = []
    private let now: Timestamp

    private static let mostBytes = 4 << 20
    private static let mostPackageBytes = 64 << 20
    private static let mostEntries = 1_000

    /// Reads a JSON file of skills, an Agent Skills folder, or a folder of either.
    init(_ path: String, now: Timestamp) {
        self.now = now
        read(path, Files.kind(path, following: true))
        if items.isEmpty, mistakes.isEmpty {
            mistakes.append(
                "\(path): there is no skill: neither a JSON file nor a folder with "
                    + AgentSkill.page)
        }
    }

    private mutating func read(_ path: String, _ kind: Files.Kind?) {
        do {
            switch kind {
            case .file: try readPackages(path)
            case .folder: try readFolder(path)
            default: throw StageError(Self.words(kind))
            }
        } catch let error as SkillsError where !error.mistakes.isEmpty {
            mistakes += error.mistakes.map(\.description)
        } catch {
            mistakes.append("\(path): \(error)")
        }
    }

    private static func words(_ kind: Files.Kind?) -> String {
        switch kind {
        case .file: "it is a file"
        case .folder: "it is a folder"
        case .link: "it is a symbolic link; a skill is what its own folder holds"
        case .other: "it is neither a file nor a folder"
        case nil: "there is nothing"
        }
    }

    // MARK: JSON

    private mutating func readPackages(_ path: String) throws {
        let bytes = try Files.read(path, limit: Self.mostPackageBytes)
        for (place, json) in try Self.values(bytes, path) {
            let file = try SkillPackage.file(json, place: place)
            guard file.bytes.count <= Self.mostBytes else {
                throw StageError("the document of \(file.path) is larger than 4 MiB")
            }
            items.append(Item(file: file, place: Path.join(place, Path.name(file.path))))
        }
    }

    /// One value, the elements of a list, or one value a line.
    private static func values(_ bytes: [UInt8], _ path: String) throws -> [(String, JSON)] {
        if let whole = try? JSON.read(bytes) {
            guard let list = whole.arrayValue else { return [(path, whole)] }
            return list.enumerated().map { ("\(path)[\($0)]", $1) }
        }
        return try JSONLines.lines(of: bytes).map { number, line in
            do throws(JSONError) {
                return ("\(path):\(number)", try JSON.read(Array(line)))
            } catch {
                let mistake = Mistake(
                    path: path, line: number, column: error.column, message: error.message)
                throw SkillsError(
                    code: .invalid, doing: "read \(path)", message: error.message,
                    mistakes: [mistake])
            }
        }
    }

    // MARK: Folders

    private mutating func readFolder(_ path: String) throws {
        let names = try Self.names(in: path)
        if names.contains(AgentSkill.page) { return try readAgentSkill(path, names) }
        for name in names {
            let own = Path.join(path, name)
            switch Files.kind(own) {
            case .folder where try Self.names(in: own).contains(AgentSkill.page):
                read(own, .folder)
            case .link where Files.kind(own, following: true) == .folder || name.hasSuffix(".json"):
                read(own, .link)
            case .file where name.hasSuffix(".json"): read(own, .file)
            default: left.append(own)
            }
        }
    }

    private static func names(in path: String) throws -> [String] {
        let names = try Files.list(path)
        guard names.count <= mostEntries else {
            throw StageError("\(path) has more than \(mostEntries) entries")
        }
        return names
    }

    private mutating func readAgentSkill(_ path: String, _ names: [String]) throws {
        let page = Path.join(path, AgentSkill.page)
        let folder = Path.name(Path.normal(Path.join(Files.workingFolder, path)))
        let bytes = try Self.bytes(page)
        let assets = Path.join(path, AgentSkill.assets)
        var own: [String] = []
        if names.contains(AgentSkill.assets) {
            guard Files.kind(assets) == .folder else {
                throw StageError("\(assets): \(Self.words(Files.kind(assets)))")
            }
            for name in try Self.names(in: assets) {
                let isDocument = SkillSet.isSkill(Path.join(SkillName.folder, name))
                if isDocument { own.append(name) } else { left.append(Path.join(assets, name)) }
            }
        }
        left += names.filter { $0 != AgentSkill.page && $0 != AgentSkill.assets }
            .map { Path.join(path, $0) }
        guard own.count < 2 else {
            throw StageError("\(assets) has more than one document: \(own.joined(separator: ", "))")
        }
        guard let name = own.first else {
            let file = try AgentSkill.document(of: bytes, path: page, folder: folder, now: now)
            return items.append(Item(file: file, place: page + "/" + Path.name(file.path)))
        }
        try AgentSkill.check(page: bytes, path: page, folder: folder)
        let document = Path.join(assets, name)
        items.append(
            Item(
                file: SkillFile(
                    path: Path.join(SkillName.folder, name), bytes: try Self.bytes(document)),
                place: document))
    }

    /// A plain file of a size that a skill has.
    private static func bytes(_ path: String) throws -> [UInt8] {
        let kind = Files.kind(path)
        guard kind == .file else { throw StageError("\(path): \(words(kind))") }
        return try Files.read(path, limit: mostBytes)
    }
}
