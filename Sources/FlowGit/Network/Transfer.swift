internal import CGit2
internal import FlowSystem
internal import FlowText

/// One fetch, clone or push: what libgit2 asks in its course, and what became of it.
///
/// It belongs to one thread, as its repository does.
final class Transfer {
    private let address: RemoteAddress
    private let doing: String
    private let connection: Connection
    private let web: WebAccess
    /// Looked at by whoever needs it first, since it asks an agent.
    private lazy var ssh = SSHAccess(
        entries, environment, patience: min(connection.patience, SSHAccess.agentPatience))
    private let entries: [(name: String, value: String)]
    private let environment: [String: String]
    private let mask: SecretMask
    private let progress: ((TransferProgress) -> Void)?
    /// Headers of every request.
    var headers: [String] { web.headers }

    /// Why a callback gave the transfer up.
    private var objection: GitError?
    private var hasShownToken = false
    private var triedKeys: [SSHAccess.Key] = []
    /// What the remote told people, at most so much of it.
    private var said = ""
    private static let mostSaid = 2_000
    /// What the remote answered for each branch that was pushed, nil where it took it.
    private(set) var answers: [String: String?] = [:]

    /// - Parameters:
    ///   - remote: an address as git's configuration leaves it, `url.BASE.insteadOf` applied.
    ///   - entries: git's configuration.
    init(
        _ remote: Remote, doing: String, patience: Duration,
        entries: [(name: String, value: String)], progress: ((TransferProgress) -> Void)?
    ) throws(GitError) {
        address = RemoteAddress(remote.url)
        self.doing = doing
        self.progress = progress
        connection = Connection(
            to: address.kind == .https ? (address.host, String(address.port)) : nil,
            patience: patience)
        self.entries = entries
        environment = Environment.all
        web = WebAccess(address, entries, environment)
        // What is too short to be masked is too short to be a token.
        let secrets = web.secrets.filter(SecretMask.canHide)
        mask = (try? SecretMask(secrets.map { ("token", $0) })) ?? .none
        guard Sockets.registered else {
            throw GitError(.other, doing: doing, "libgit2 takes no connections from flow")
        }
        if address.kind == .https {
            let files = WebSettings(entries).values("sslcainfo", for: address)
            try TrustedAuthorities.choose(files.last)
        }
    }

    /// Does one call or more of libgit2, with `callbacks` that ask this transfer.
    /// - Throws: what went wrong, in words that say what to do, and never with a token in them.
    func run(_ body: (git_remote_callbacks) -> Int32) throws(GitError) {
        var callbacks = git_remote_callbacks()
        try check(
            git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION)), doing)
        fill(&callbacks)
        let result: Result<Void, GitError>
        do throws(SystemError) {
            result = try connection.watched {
                let code = withExtendedLifetime(self) { body(callbacks) }
                // The message belongs to this thread's last call.
                return code < 0 ? .failure(failure(code)) : .success(())
            }
        } catch {
            throw GitError(error)
        }
        try result.get()
    }

    private func fill(_ callbacks: inout git_remote_callbacks) {
        // The transfer outlives the call, which is the only one that uses the pointer.
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.transfer_progress = { statistics, payload in
            guard let statistics = statistics?.pointee else { return 0 }
            Transfer.own(payload)?.report(
                Int(statistics.received_objects), Int(statistics.total_objects),
                statistics.received_bytes)
            return 0
        }
        callbacks.pack_progress = { _, _, _, payload in
            Transfer.own(payload)?.connection.sign()
            return 0
        }
        callbacks.push_transfer_progress = { done, total, bytes, payload in
            Transfer.own(payload)?.report(Int(done), Int(total), bytes)
            return 0
        }
        callbacks.push_update_reference = { name, status, payload in
            guard let name else { return 0 }
            Transfer.own(payload)?.answers[String(cString: name)] =
                .some(status.map { String(cString: $0) })
            return 0
        }
        callbacks.sideband_progress = { text, count, payload in
            guard let text else { return 0 }
            text.withMemoryRebound(to: UInt8.self, capacity: Int(count)) {
                Transfer.own(payload)?.hear(UnsafeBufferPointer(start: $0, count: Int(count)))
            }
            return 0
        }
        callbacks.certificate_check = { certificate, isValid, _, payload in
            Transfer.own(payload)?.judge(certificate, isValid == 1) ?? GIT_PASSTHROUGH.rawValue
        }
        callbacks.credentials = { made, _, user, kinds, payload in
            guard let transfer = Transfer.own(payload), let made else {
                return GIT_PASSTHROUGH.rawValue
            }
            return transfer.show(made, user.map { String(cString: $0) }, kinds)
        }
    }

    private static func own(_ payload: UnsafeMutableRawPointer?) -> Transfer? {
        payload.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: What the remote says

    private func report(_ done: Int, _ total: Int, _ bytes: Int) {
        connection.sign()
        progress?(TransferProgress(done: done, total: total, bytes: bytes))
    }

    private func hear(_ bytes: UnsafeBufferPointer<UInt8>) {
        connection.sign()
        said += String(decoding: bytes, as: UTF8.self)
        // Its last words say why.
        if said.utf8.count > 2 * Self.mostSaid { said = String(said.suffix(Self.mostSaid)) }
    }

    /// What the remote said to people, in one safe line, without how far it had come; empty where
    /// that is all that it said.
    var words: String {
        let progress = [
            "Enumerating ", "Counting ", "Compressing ", "Receiving ", "Resolving ", "Unpacking ",
            "Writing ", "Total ",
        ]
        let lines = said.split { $0.isNewline }.map { $0.trimmed }.filter { line in
            !line.isEmpty && !progress.contains { line.hasPrefix($0) }
        }
        return safe(lines.joined(separator: " / "))
    }

    /// Others' text for a message: cut, without secrets and control characters.
    func safe(_ text: String) -> String {
        let masked = mask.mask(text)
        let short = masked.count > 600 ? "…" + masked.suffix(600) : masked
        return VisibleText.safe(short)
    }

    // MARK: Whom to trust

    private func judge(_ certificate: UnsafeMutablePointer<git_cert>?, _ isValid: Bool) -> Int32 {
        guard let certificate, certificate.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2 else {
            // libgit2 has looked at it, and says what is wrong with it.
            return GIT_PASSTHROUGH.rawValue
        }
        let key = UnsafeMutableRawPointer(certificate)
            .assumingMemoryBound(to: git_cert_hostkey.self).pointee
        guard key.type.rawValue & GIT_CERT_SSH_RAW.rawValue != 0, let start = key.hostkey else {
            return GIT_ECERTIFICATE.rawValue
        }
        let bytes = start.withMemoryRebound(to: UInt8.self, capacity: key.hostkey_len) {
            Array(UnsafeBufferPointer(start: $0, count: key.hostkey_len))
        }
        guard let reason = ssh.objection(to: bytes, of: address) else { return 0 }
        return refuse(.untrusted, reason)
    }

    /// Ends the transfer.
    private func refuse(_ code: GitError.Code, _ message: String) -> Int32 {
        objection = GitError(code, doing: doing, message)
        return GIT_EUSER.rawValue
    }

    // MARK: Who we are

    private func show(
        _ made: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>, _ user: String?,
        _ kinds: UInt32
    ) -> Int32 {
        if address.kind == .ssh { return showKey(made, user, kinds) }
        let isPassword = kinds & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0
        if let token = web.token, !hasShownToken, isPassword {
            hasShownToken = true
            let name = address.user.flatMap { $0.isEmpty ? nil : $0 } ?? "x-access-token"
            return git_credential_userpass_plaintext_new(made, name, token.value)
        }
        return refuse(.denied, webRefusal)
    }

    private var webRefusal: String {
        let host = address.shownHost
        if web.hasHeader {
            return "\(host) refuses the token of http.….extraheader in git's configuration: it may "
                + "have ended, or not be for this repository"
        }
        if let token = web.token {
            return "\(host) refuses the token in \(token.source): it may have ended, or not be for "
                + "this repository"
        }
        guard address.kind == .https else {
            return "\(host) wants to know who you are, and over http:// flow shows no token; use "
                + "https://"
        }
        return "\(host) wants to know who you are; give a token in \(WebAccess.variable) "
            + "(the node needs env-pass: [\(WebAccess.variable)])"
    }

    private func showKey(
        _ made: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>, _ user: String?,
        _ kinds: UInt32
    ) -> Int32 {
        let name = user ?? Environment["USER"] ?? "git"
        if kinds & GIT_CREDENTIAL_USERNAME.rawValue != 0 {
            return git_credential_username_new(made, name)
        }
        guard kinds & GIT_CREDENTIAL_SSH_KEY.rawValue != 0, triedKeys.count < ssh.keys.count else {
            return refuse(
                .denied, ssh.refusal(of: address, user: name, tried: triedKeys))
        }
        let key = ssh.keys[triedKeys.count]
        triedKeys.append(key)
        switch key {
        case .agent:
            connection.asks(ssh.agent)
            return git_credential_ssh_key_from_agent(made, name)
        case .file(let path, _): return git_credential_ssh_key_new(made, name, nil, path, nil)
        }
    }

    // MARK: What went wrong

    private func failure(_ code: Int32) -> GitError {
        if let place = connection.refused {
            return GitError(
                .untrusted, doing: doing,
                "it redirects to \(VisibleText.safe(place)), and flow shows its token to no other "
                    + "place; if the repository has moved there, run 'git remote set-url'")
        }
        if connection.isAgentSilent {
            return GitError(
                .unreachable, doing: doing,
                "the agent at SSH_AUTH_SOCK has signed nothing for \(connection.patience.shown); "
                    + "nothing has changed here, run again when it answers")
        }
        if connection.isSilent {
            return GitError(
                .unreachable, doing: doing,
                "nothing came for \(connection.patience.shown); "
                    + "nothing has changed here, run again later")
        }
        if let objection { return objection }
        let error = GitError(libgit2: code, doing: doing)
        let advice = advice(code, error.message)
        let heard = words.isEmpty ? "" : " (it says: \(words))"
        return GitError(
            advice.code ?? error.code, doing: doing, safe(error.message) + heard + advice.text)
    }

    private func advice(_ code: Int32, _ message: String) -> (code: GitError.Code?, text: String) {
        if code == GIT_ECERTIFICATE.rawValue {
            return (
                .untrusted,
                "; a certificate authority of your own is named by 'git config http.sslCAInfo FILE'"
            )
        }
        if message.contains("status code: 403") {
            return (.denied, ": the token may not do this there")
        }
        if message.contains("status code: 404") {
            return (.notFound, ": there is no such repository, or none that this token may see")
        }
        if message.contains("cannot redirect from") {
            return (.untrusted, "; if the repository has moved there, run 'git remote set-url'")
        }
        if message.contains("exchange encryption keys") {
            return (
                .untrusted,
                "; libssh2 asks for the kind of key that ~/.ssh/known_hosts has first, and servers no "
                    + "longer show ssh-rsa: put the ed25519 key there first (ssh-keyscan -t ed25519 "
                    + "-p \(address.port) \(VisibleText.safe(address.host)))"
            )
        }
        if message.contains("not owned by current user") {
            return (
                .owner,
                "; if you trust it, run 'git config --global --add safe.directory FOLDER' with the "
                    + "folder that this names: libgit2 takes no * for a remote"
            )
        }
        if message.contains("known_hosts") {
            return (
                .untrusted,
                "; libssh2 reads ~/.ssh/known_hosts as a whole or not at all, and a line in it is no "
                    + "entry: 'ssh-keygen -l -f ~/.ssh/known_hosts' names it"
            )
        }
        if message.contains("no address of"), address.kind == .ssh,
            let warning = ssh.warning(of: address)
        {
            return (.unreachable, "; \(warning)")
        }
        let signs = [
            "no connection to", "no address of", "early EOF", "SSH could not", "hung up",
            "ocket", "start SSH session",
        ]
        return connection.isBroken || signs.contains { message.contains($0) }
            ? (.unreachable, "; nothing has changed here, run again later") : (nil, "")
    }
}
