import FlowSystem
import FlowTestSupport
import Testing

/// The long counts are all run by some part of `make soak`.
@Suite struct SoakTests {
    @Test("every suite that reads FLOW_SOAK stands in one list of the Makefile, and no other does")
    func lists() throws {
        let lines = try Files.text(Path.join(BuiltPrograms.checkout, "Makefile"))
            .replacing("\\\n", with: " ").split(separator: "\n")
        let lists = lines.filter { $0.hasPrefix("SOAK_") && !$0.hasPrefix("SOAK_ALL") }
            .compactMap { $0.split(separator: "=").last }
        let listed = lists.flatMap { $0.split(separator: " ") }.map(String.init)
        #expect(try listed.sorted() == readers().sorted())
        for line in lines where line.hasPrefix("SOAK_") && !line.hasPrefix("SOAK_ALL") {
            let name = line.prefix { $0 != " " }
            let uses = lines.filter { $0.contains("$(\(name))") }
            #expect(uses.count == 2, "\(name) is run by itself and left out of the rest")
        }
    }

    /// `CommandTests.CrashTests`: a file holds the suite that it is named for.
    private func readers() throws -> [String] {
        let folder = Path.join(BuiltPrograms.checkout, "Tests")
        // Written so that this file is none of them.
        let sign = "Environment[\"" + "FLOW_SOAK\"]"
        var readers: [String] = []
        for module in try Files.list(folder) where module.hasSuffix("Tests") {
            for file in try Files.list(Path.join(folder, module)) where file.hasSuffix(".swift") {
                let text = try Files.text(Path.join(folder, module + "/" + file))
                guard text.contains(sign) else { continue }
                let suite = String(file.dropLast(".swift".count))
                #expect(text.contains("struct \(suite) {"), "\(file)")
                readers.append("\(module).\(suite)")
            }
        }
        return readers
    }
}
