internal import Glibc

/// A standard stream.
package struct TerminalDevice: Sendable {
    private let file: Int32

    package static let output = TerminalDevice(file: 1)
    package static let error = TerminalDevice(file: 2)

    package var isTerminal: Bool { isatty(file) == 1 }

    /// Whether it goes into a file, which nobody reads while it is written.
    package var isFile: Bool {
        var status = stat()
        return fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Columns and rows; nil where it is no terminal.
    package var size: (columns: Int, rows: Int)? {
        var size = winsize()
        guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Writes all of the text at once. Text that nobody reads any more (a closed pipe) is dropped.
    package func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes all of the bytes.
    package func write(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let wrote = bytes.withUnsafeBytes { buffer in
                Glibc.write(file, buffer.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if wrote > 0 {
                done += wrote
            } else if errno == EAGAIN {
                var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }

    /// All bytes of standard input.
    package static func readInput() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = read(0, &buffer, buffer.count)
            if got > 0 {
                bytes += buffer[..<got]
            } else if got == 0 || errno != EINTR {
                return bytes
            }
        }
    }
}

/// Ends the program, whatever its threads are doing.
package func exit(_ code: Int32) -> Never { Glibc.exit(code) }
