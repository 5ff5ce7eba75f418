internal import Glibc

/// This process itself.
package enum ProcessImage {
    /// Becomes another program, with the same environment; returns only by throwing.
    package static func replace(with program: String, _ arguments: [String]) throws(SystemError)
        -> Never
    {
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        execv(program, words)
        let failure = errno
        for word in words { free(word) }
        throw SystemError(errno: failure, doing: "start \(program)")
    }

    /// How many processors this process may use.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
