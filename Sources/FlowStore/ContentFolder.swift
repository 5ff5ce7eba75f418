package import FlowEngine
internal import FlowSystem

/// Values kept by their content in the state folder.
package struct ContentFolder: ContentStore {
    let folder: String

    package init(_ state: StateFolder) { folder = state.objects }

    package func put(_ bytes: [UInt8]) throws(EngineError) -> String {
        let hash = SHA256.hex(bytes)
        let path = path(hash)
        // Touched first, so that it is too young to be swept while its event is not yet in the log.
        // What is there is looked at: a value that has been damaged is mended by keeping it again.
        if Files.touch(path), let kept = try? Files.read(path, limit: bytes.count), kept == bytes {
            return hash
        }
        do throws(SystemError) {
            try Files.write(bytes, to: path)
        } catch {
            throw EngineError(code: .content, doing: error.doing, message: error.message)
        }
        return hash
    }

    package func get(_ hash: String) throws(EngineError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(path(hash))
        } catch {
            throw EngineError(code: .content, doing: error.doing, message: error.message)
        }
        guard SHA256.hex(bytes) == hash else {
            throw EngineError(
                code: .damaged, doing: "read \(path(hash))",
                message: "its content is not what its name says; the file is damaged")
        }
        return bytes
    }

    func path(_ hash: String) -> String {
        Path.join(folder, "\(hash.prefix(2))/\(hash.dropFirst(2))")
    }
}
