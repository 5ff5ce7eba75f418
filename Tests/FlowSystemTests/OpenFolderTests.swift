import FlowSystem
import FlowTestSupport
import Testing

/// Whether a folder is empty is answered from what is known of it, as long as that holds.
@Suite struct OpenFolderTests {
    let parent = try? TemporaryFolder()

    private func open() throws -> OpenFolder {
        try OpenFolder(making: try #require(parent).at("scratch"))
    }

    @Test("what is put in and taken away is seen at once, however lately somebody looked")
    func entries() throws {
        let folder = try open()
        // Often enough that some changes fall into one step of the kernel's clock, and some do not.
        for round in 0..<2_000 {
            for _ in 0..<round % 3 { #expect(folder.isEmpty) }
            try Files.write([1], to: folder.path + "/file", sync: false)
            #expect(!folder.isEmpty)
            try Files.remove(folder.path + "/file")
        }
        #expect(folder.isEmpty)
    }

    @Test("a folder that is gone is not empty, though it is still open")
    func removed() throws {
        let folder = try open()
        for _ in 0..<2_000 { #expect(folder.isEmpty) }
        try Files.remove(folder.path)
        #expect(!folder.isEmpty)
    }
}
