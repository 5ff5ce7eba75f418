import Testing

@testable import FlowGitHub

/// How flow knows what it wrote itself.
@Suite struct WrittenTextTests {
    let old = WrittenText(title: "Old", body: "one\n\ntwo\n")
    let new = WrittenText(title: "New", body: "one\n\nthree\n")

    @Test("what flow wrote and nobody edited is replaced, and the same text is not written again")
    func ours() {
        let body = old.marked(.done)
        #expect(old.edit(over: "Old", body, .done) == .nothing)
        #expect(new.edit(over: "Old", body, .done) == .write(title: "New", body: new.marked(.done)))
        #expect(
            old.edit(over: "Old", old.marked(.opening), .done)
                == .write(title: nil, body: old.marked(.done)))
    }

    @Test("the ends of lines, and blanks around the text, are no edit")
    func lineEnds() {
        let body = old.marked(.done).replacing("\n", with: "\r\n") + "\r\n"
        #expect(old.edit(over: " Old ", body, .done) == .nothing)
    }

    @Test(
        "a body that somebody edited is left alone, wherever they edited it",
        arguments: [
            "person one\n\ntwo{mark}", "one\n\ntwo more{mark}", "{mark}",
            "one\n\ntwo{mark}\nperson",
            "one\n\ntwo", "",
        ])
    func edited(_ text: String) {
        let mark = "\n\n" + (old.marked(.done).split(separator: "\n").last ?? "")
        let edit = new.edit(over: "Old", text.replacing("{mark}", with: mark), .done)
        guard case .keep = edit else {
            Issue.record("\(edit)")
            return
        }
    }

    @Test(
        "of a title alone that somebody edited, the body still follows, and the title stays for ever"
    )
    func title() {
        guard case .write(nil, let body) = new.edit(over: "Person's", old.marked(.done), .done)
        else {
            Issue.record("not written")
            return
        }
        #expect(WrittenMark.split(body).body == new.body)
        guard case .keep = new.edit(over: "Person's", body, .done) else {
            Issue.record("not kept")
            return
        }
    }

    @Test("texts are cut to what GitHub takes")
    func long() {
        let text = WrittenText(
            title: String(repeating: "ä", count: 300), body: String(repeating: "x", count: 70_000))
        #expect(text.title.unicodeScalars.count == 256)
        #expect(text.marked(.opening).unicodeScalars.count < 65_536)
        #expect(text.edit(over: text.title, text.marked(.done), .done) == .nothing)
    }
}
