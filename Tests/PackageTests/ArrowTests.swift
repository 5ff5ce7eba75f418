import FlowSystem
import FlowTestSupport
import Testing

/// The architecture that `docs/architecture.md` draws is the one that is built.
@Suite struct ArrowTests {
    let architecture: Architecture
    let package: PackageDescription

    /// Modules of the language and the C library, which are no arrows.
    static let system: Set<String> = ["Swift", "Glibc", "Synchronization"]

    init() throws {
        architecture = try Architecture()
        package = try PackageDescription.read.get()
    }

    @Test("the table, the picture and the package name the same modules")
    func modules() {
        let listed = architecture.modules.map(\.name).sorted()
        #expect(listed == package.product.map(\.name).sorted())
        #expect(listed == architecture.picture.flatMap(\.modules).sorted())
        for module in architecture.modules {
            let row = architecture.picture.first { $0.modules.contains(module.name) }?.row
            #expect(row == module.row, "\(module.name)")
        }
    }

    @Test("no target depends on what the table does not allow it")
    func dependencies() throws {
        for target in package.product {
            let allowed = try #require(architecture.module(target.name)).mayImport
            for arrow in target.dependencies.sorted() where !allowed.contains(arrow) {
                Issue.record("Package.swift: \(target.name) → \(arrow) is not in the table")
            }
        }
    }

    @Test("no source file imports what the table does not allow its module")
    func imports() throws {
        for target in package.product {
            let allowed = try #require(architecture.module(target.name)).mayImport
            for (name, file) in try PackageDescription.imports(of: target)
            where !allowed.contains(name) && !Self.system.contains(name) {
                Issue.record("\(file): \(target.name) → \(name) is not in the table")
            }
        }
    }

    @Test("arrows point down, in the ground row also aside, and never in a circle")
    func down() throws {
        for module in architecture.modules {
            let from = try #require(architecture.height(module.row), "\(module.row)")
            for name in module.mayImport {
                let other = try #require(architecture.module(name), "\(module.name) → \(name)")
                let to = try #require(architecture.height(other.row))
                #expect(
                    to > from || module.row == "ground" && other.row == "ground",
                    "\(module.name) → \(name)")
            }
        }
        var open = architecture.modules
        while let free = open.firstIndex(where: { module in
            open.allSatisfy { !module.mayImport.contains($0.name) }
        }) { open.remove(at: free) }
        #expect(open.map(\.name) == [])
    }

    @Test("the domains know neither the engine nor each other")
    func domains() {
        let domains = architecture.modules.filter { $0.row == "domains" }
        let above = Set(domains.map(\.name) + ["FlowSpec", "FlowEngine", "FlowStore"])
        #expect(domains.count >= 4)
        for module in domains {
            #expect(module.mayImport.isDisjoint(with: above), "\(module.name)")
        }
    }

    @Test("each C module is imported by exactly one Swift module, which may")
    func cModules() throws {
        let names = architecture.modules.filter { $0.row == "C" }.map(\.name)
        #expect(names.count >= 5)
        var importers: [String: [String]] = [:]
        for target in package.targets {
            let folder = Path.join(BuiltPrograms.checkout, target.folder)
            guard Files.exists(folder) else { continue }
            for name in try PackageDescription.imports(of: target).keys where names.contains(name) {
                importers[name, default: []].append(target.name)
            }
        }
        for name in names {
            #expect(importers[name]?.count == 1, "\(name): \(importers[name] ?? [])")
            let allowed = architecture.modules.filter { $0.mayImport.contains(name) }.map(\.name)
            #expect(allowed == importers[name], "\(name)")
        }
    }

    @Test("nothing imports Foundation")
    func foundation() throws {
        for target in package.product {
            let names = try PackageDescription.imports(of: target)
            for (name, file) in names where name.hasPrefix("Foundation") {
                Issue.record("\(file) imports \(name)")
            }
        }
    }

    @Test("every module of the product has tests that mirror it, or is run by CommandTests")
    func mirrored() {
        let tests = Set(package.targets.filter { $0.kind == "test" }.map(\.name))
        for module in package.product
        where module.kind == "regular" && module.name.hasPrefix("Flow") {
            #expect(tests.contains(module.name + "Tests"), "\(module.name)")
        }
    }

    @Test(
        "an import line is read however it is written",
        arguments: [
            ("internal import FlowJSON", "FlowJSON"), ("import struct FlowJSON.JSON", "FlowJSON"),
            ("@_exported public import FlowSpec", "FlowSpec"), ("  import Glibc", "Glibc"),
            ("@testable import FlowGit", "FlowGit"), ("/// import nothing", nil),
            ("let text = \"import X\"", nil),
        ])
    func lines(_ line: String, _ module: String?) {
        #expect(PackageDescription.importedModule(line[...]) == module)
    }
}
