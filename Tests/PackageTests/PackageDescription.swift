import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

/// The package description, as SwiftPM reads it, and the `import` lines of the sources.
struct PackageDescription {
    struct Target {
        let name: String
        /// `regular`, `executable`, `system` or `test`.
        let kind: String
        let dependencies: Set<String>
        let folder: String
    }

    let targets: [Target]

    static let read = Result { try PackageDescription() }

    /// Has the manifest read with a build folder of its own, since the tests' is in use.
    private init() throws {
        let path = Environment["PATH"] ?? ""
        let swift = try #require(Command.find("swift", path: path), "no swift in PATH")
        let scratch = try TemporaryFolder()
        let program = TestProgram(
            swift, in: BuiltPrograms.checkout,
            environment: ["PATH": path, "HOME": scratch.path])
        let json = try program(
            "package", "--disable-sandbox", "--scratch-path", scratch.at("build"), "dump-package"
        ).checked().json
        targets = (json["targets"]?.arrayValue ?? []).map { target in
            let name = target["name"]?.stringValue ?? ""
            let dependencies = (target["dependencies"]?.arrayValue ?? []).compactMap { dependency in
                dependency.objectValue?.values.first?.arrayValue?.first?.stringValue
            }
            let kind = target["type"]?.stringValue ?? ""
            let folder = target["path"]?.stringValue
            return Target(
                name: name, kind: kind, dependencies: Set(dependencies),
                folder: folder ?? (kind == "test" ? "Tests/" : "Sources/") + name)
        }
    }

    /// What the product is made of: neither tests nor what only tests use.
    var product: [Target] {
        targets.filter { $0.kind != "test" && $0.folder.hasPrefix("Sources/") }
    }

    /// The modules that the Swift files of a target import, with the first file of each.
    static func imports(of target: Target) throws -> [String: String] {
        var found: [String: String] = [:]
        let folder = Path.join(BuiltPrograms.checkout, target.folder)
        for path in Glob.files("**/*.swift", below: folder) {
            for line in try Files.text(Path.join(folder, path)).split(separator: "\n") {
                if let name = importedModule(line), found[name] == nil {
                    found[name] = Path.join(target.folder, path)
                }
            }
        }
        return found
    }

    /// `FlowJSON` of `package import struct FlowJSON.JSON`; nil for a line that imports nothing.
    static func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let place = words.firstIndex(of: "import") else { return nil }
        let access = ["package", "internal", "public", "private", "fileprivate"]
        guard words[..<place].allSatisfy({ $0.hasPrefix("@") || access.contains($0) }) else {
            return nil
        }
        let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
        return words[(place + 1)...].first { !kinds.contains($0) }
            .flatMap { $0.split(separator: ".").first.map(String.init) }
    }
}
