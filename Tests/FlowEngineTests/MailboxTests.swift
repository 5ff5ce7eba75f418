import FlowEngine
import FlowSystem
import Testing

/// Values from thread to thread.
@Suite struct MailboxTests {
    @Test("values come in order, and none is lost or doubled among several readers")
    func order() throws {
        let box = Mailbox<Int>()
        let got = Mailbox<Int>()
        let readers = try (0..<4).map { _ in
            try Thread { while let value = box.next() { got.send(value) } }
        }
        for value in 0..<10_000 { box.send(value) }
        box.close()
        readers.forEach { $0.join() }
        #expect(got.takeAll().sorted() == Array(0..<10_000))
        for value in 0..<5 { got.send(value) }
        got.wait(until: .max)
        #expect(got.takeAll() == [0, 1, 2, 3, 4])
    }

    @Test("a closed mailbox gives what is in it and then nothing; a past deadline does not wait")
    func close() {
        let box = Mailbox<Int>()
        box.wait(until: 0)
        #expect(box.takeAll() == [])
        box.send(1)
        box.close()
        #expect(box.next() == 1)
        #expect(box.next() == nil)
        box.wait(until: .max)
        #expect(box.takeAll() == [])
    }

    @Test("a wait that is to end ends once, though nothing has come")
    func wake() {
        let box = Mailbox<Int>()
        box.wake()
        box.wait(until: .max)
        #expect(box.takeAll() == [])
    }

    @Test("what is sent without waking anybody is taken by the next one who looks")
    func silent() {
        let box = Mailbox<Int>()
        box.send([1], waking: false)
        #expect(box.next() == 1)
    }
}
