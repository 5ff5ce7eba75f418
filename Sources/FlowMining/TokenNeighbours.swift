/// Words that are variables because of what stands next to them: months beside numbers, units and
/// zones after them, hosts before ports, literals after `=`.
struct TokenNeighbours {
    let bytes: UnsafeBufferPointer<UInt8>
    let words: Words
    var tokens: [MessageLexer.Token]

    static func mask(
        _ tokens: inout [MessageLexer.Token], _ bytes: UnsafeBufferPointer<UInt8>, _ words: Words
    ) {
        var pass = TokenNeighbours(bytes: bytes, words: words, tokens: tokens)
        tokens = []
        pass.maskMonths()
        pass.maskDays()
        pass.maskHosts()
        for place in pass.tokens.indices { pass.maskWord(place) }
        pass.joinPathFields()
        pass.joinFileNames()
        tokens = pass.tokens
    }

    private func kind(_ place: Int) -> MessageKey.Kind? {
        tokens.indices.contains(place) ? tokens[place].kind : nil
    }

    private func isByte(_ place: Int, _ byte: UInt8) -> Bool {
        guard tokens.indices.contains(place) else { return false }
        let token = tokens[place]
        return token.kind != .sure && token.length == 1 && bytes[token.start] == byte
    }

    private func word(_ place: Int) -> PackedWord {
        PackedWord(bytes, tokens[place].start, tokens[place].end)
    }

    private func attached(_ place: Int) -> Bool {
        tokens.indices.contains(place) && !tokens[place].space
    }

    private mutating func maskMonths() {
        for place in tokens.indices
        where tokens[place].kind == .word
            && (kind(place + 1) == .sure || kind(place - 1) == .sure)
            && words.months.contains(word(place))
        {
            tokens[place].kind = .sure
        }
    }

    private mutating func maskDays() {
        for place in tokens.indices.dropLast().reversed()
        where tokens[place].kind == .word
            && (kind(place + 1) == .sure
                || isByte(place + 1, UInt8(ascii: ",")) && kind(place + 2) == .sure)
            && words.days.contains(word(place))
        {
            tokens[place].kind = .sure
        }
    }

    /// `host.zone:80`, `file.c:123`.
    private mutating func maskHosts() {
        for place in tokens.indices
        where tokens[place].kind == .weak && isByte(place + 1, UInt8(ascii: ":"))
            && kind(place + 2) == .sure && attached(place + 1) && attached(place + 2)
        {
            tokens[place].kind = .sure
        }
    }

    /// `program: path with blanks: reason`, as perror(3) writes: a field between colons that begins
    /// with a path is a path.
    private mutating func joinPathFields() {
        var place = 1
        while place < tokens.count {
            defer { place += 1 }
            guard tokens[place].space, holdsSlash(tokens[place]),
                isByte(place - 1, UInt8(ascii: ":"))
            else { continue }
            var end = place + 1
            while end < tokens.count, end < place + 4, tokens[end].space, isPartOfPath(end) {
                end += 1
            }
            guard end > place + 1, isByte(end, UInt8(ascii: ":")), attached(end),
                end + 1 < tokens.count, tokens[end + 1].space
            else { continue }
            tokens[place].kind = .sure
            tokens[place].end = tokens[end - 1].end
            tokens.removeSubrange((place + 1)..<end)
        }
    }

    /// `conf/main page.html`: a name with a slash and right after it the name of a file are one path
    /// with a blank in it.
    private mutating func joinFileNames() {
        var place = 0
        while place + 1 < tokens.count {
            defer { place += 1 }
            let next = tokens[place + 1]
            guard tokens[place].kind == .weak, holdsSlash(tokens[place]), next.kind == .sure,
                next.space, !holdsSlash(next),
                let dot = bytes[next.start..<next.end].lastIndex(of: UInt8(ascii: ".")),
                words.files.contains(PackedWord(lowercase: bytes, dot + 1, next.end))
            else { continue }
            tokens[place].kind = .sure
            tokens[place].end = next.end
            tokens.remove(at: place + 1)
        }
    }

    private func holdsSlash(_ token: MessageLexer.Token) -> Bool {
        (token.kind == .sure || token.kind == .weak)
            && bytes[token.start..<token.end].contains(UInt8(ascii: "/"))
    }

    private func isPartOfPath(_ place: Int) -> Bool {
        let token = tokens[place]
        switch token.kind {
        case .sure, .weak: return true
        case .word:
            let text = String(decoding: bytes[token.start..<token.end], as: UTF8.self)
            return !StateWords.contains(text)
        case .mark, .pair, .quoted, .many, .rest: return false
        }
    }

    /// `name==1.2`, `name>=3`: what is compared with a version is a name.
    private func isCompared(_ token: MessageLexer.Token) -> Bool {
        guard token.end + 1 < bytes.count, bytes[token.end + 1] == UInt8(ascii: "=") else {
            return false
        }
        return "=<>~!".utf8.contains(bytes[token.end])
    }

    /// `true` and `false` anywhere; other literals where a name stands before them.
    private func isLiteral(_ token: MessageLexer.Token, isNamed: Bool) -> Bool {
        guard isNamed || token.length == 4 || token.length == 5 else { return false }
        let small = PackedWord(lowercase: bytes, token.start, token.end)
        return words.booleans.contains(small) || isNamed && words.literals.contains(small)
    }

    private mutating func maskWord(_ place: Int) {
        let token = tokens[place]
        guard token.kind == .word || token.kind == .weak else { return }
        let afterColon = isByte(place - 1, UInt8(ascii: ":"))
        if token.kind == .word, isCompared(token) {
            tokens[place].kind = .weak
        } else if isLiteral(token, isNamed: afterColon || isByte(place - 1, UInt8(ascii: "="))) {
            tokens[place].kind = .sure
        } else if token.kind == .weak {
            return
        } else if kind(place - 1) == .sure,
            words.zones.contains(word(place)) || words.units.contains(word(place))
        {
            tokens[place].kind = .sure
        } else if afterColon, !token.space, attached(place - 1), place > 1,
            kind(place - 2) == .word || kind(place - 2) == .weak
        {
            tokens[place].kind = .pair
        } else if token.length == 1, bytes[token.start] &- 0x41 < 26,
            isByte(place + 1, UInt8(ascii: ":")), kind(place + 2) == .sure,
            attached(place + 1), attached(place + 2)
        {
            tokens[place].kind = .sure  // the letter of a drive
        }
    }
}
