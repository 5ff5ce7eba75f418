import FlowEngine
import FlowSystem
import FlowTestSupport
import Glibc
import Synchronization
import Testing

@testable import FlowStore

/// Places in pools, with runs that stand side by side in one process.
@Suite struct PlacesTests {
    /// A run that lives as long as the value.
    private final class Owner {
        let places: StorePlaces
        let lock: RunLock
        /// The dead whose processes it was asked to end.
        private(set) var ended: [String] = []

        init(_ name: String, _ state: StateFolder, end: @escaping (String) -> Bool = { _ in true })
            throws
        {
            lock = try #require(try RunLock(state, run: name))
            var told: (String) -> Void = { _ in }
            places = try StorePlaces(state, run: name) { dead in
                told(dead)
                return end(dead)
            }
            told = { [weak self] in self?.ended.append($0) }
        }

        /// Asks, and says whether it has got a place at once.
        func gets(_ pool: String, of size: Int) throws -> Bool {
            try places.ask(for: pool, size: size)
            return try places.granted() == [pool]
        }
    }

    @Test("places go to those who asked first, as many as there are")
    func order() throws {
        let state = try Sandbox().state
        let owners = try ["a", "b", "c", "d"].map { try Owner($0, state) }
        #expect(try owners.map { try $0.gets("p", of: 2) } == [true, true, false, false])
        #expect(try owners[0].places.holders(of: "p") == ["a", "b"])
        #expect(try owners[0].places.waiting(for: "p") == ["c", "d"])
        #expect(try owners[3].places.granted() == [], "c is before it")
        try owners[1].places.release("p")
        #expect(try owners[3].places.granted() == [])
        #expect(try owners[2].places.granted() == ["p"])
        #expect(try owners[2].places.granted() == [], "told once")
        #expect(try owners[1].gets("p", of: 2) == false, "back to the end of the queue")
        try owners[0].places.release("p")
        #expect(try owners[1].places.granted() == [])
        #expect(try owners[3].places.granted() == ["p"])
    }

    @Test("a living run that gives a pool another size is told of, once")
    func disagreement() throws {
        let state = try Sandbox().state
        let one = try Owner("a", state)
        #expect(try one.gets("p", of: 3) && one.gets("q", of: 1))
        let two = try Owner("b", state)
        #expect(try two.gets("p", of: 2) && !two.gets("q", of: 1))
        try two.places.release("p")
        #expect(try two.gets("p", of: 2))
        #expect(one.places.disagreements == [])
        #expect(two.places.disagreements.map(\.pool) == ["p"])
        #expect(two.places.disagreements.map(\.size) == [2])
        #expect(two.places.disagreements.map(\.otherSize) == [3])
        #expect(two.places.disagreements.map(\.otherRun) == ["a"])
    }

    @Test("a run queues once for a pool, and can hold several of its places")
    func several() throws {
        let state = try Sandbox().state
        let one = try Owner("a", state)
        let two = try Owner("b", state)
        #expect(try one.gets("p", of: 3))
        #expect(try one.gets("p", of: 3))
        try two.places.ask(for: "p", size: 3)
        try one.places.ask(for: "p", size: 3)
        try one.places.ask(for: "p", size: 3)
        #expect(try two.places.granted() == ["p"])
        #expect(try one.places.granted() == [])
        try two.places.release("p")
        try two.places.release("p")
        #expect(try one.places.granted() == ["p"])
        #expect(try one.places.granted() == [])
        #expect(try !two.gets("p", of: 3))
        try one.places.releaseAll()
        #expect(try two.places.granted() == ["p"])
        #expect(try one.places.holders(of: "p") == ["b"])
    }

    @Test("a place that came unseen is not given back in place of one in use")
    func unseen() throws {
        let state = try Sandbox().state
        let one = try Owner("a", state)
        let two = try Owner("b", state)
        #expect(try one.gets("p", of: 2))
        #expect(try two.gets("p", of: 2))
        try one.places.ask(for: "p", size: 2)
        try two.places.release("p")
        try one.places.release("p")
        #expect(try one.places.granted() == ["p"])
        try one.places.release("p")
        try one.places.release("p")
        #expect(try one.places.holders(of: "p") == [])
    }

    /// A child that another test of this process is just starting has copies of all descriptors, and so
    /// of the locks of the dead, until it becomes its program.
    private static func soon(_ holds: () throws -> Bool) throws -> Bool {
        for _ in 0..<100_000 {
            if try holds() { return true }
            sched_yield()
        }
        return false
    }

    @Test("the dead lose their places and their turns as soon as anybody looks")
    func dead() throws {
        let state = try Sandbox().state
        var holder: Owner? = try Owner("a", state)
        var waiter: Owner? = try Owner("b", state)
        let last = try Owner("c", state)
        #expect(try holder?.gets("p", of: 1) == true)
        #expect(try waiter?.gets("p", of: 1) == false)
        #expect(try last.gets("p", of: 1) == false)
        waiter = nil
        #expect(try Self.soon { try last.places.waiting(for: "p") == ["c"] })
        #expect(try last.places.granted() == [])
        holder = nil
        #expect(try Self.soon { try last.places.holders(of: "p") == [] })
        #expect(try last.places.granted() == ["p"])
        #expect(last.ended == ["a"], "only one that held a place may have left something")
        #expect(holder == nil && waiter == nil)
    }

    @Test("the place of a dead run stays taken while its processes do not end")
    func stubborn() throws {
        let state = try Sandbox().state
        let mayEnd = Atomic(false)
        do { #expect(try Owner("a", state).gets("p", of: 1)) }
        let next = try Owner("b", state) { _ in mayEnd.load(ordering: .relaxed) }
        #expect(try next.gets("p", of: 1) == false)
        #expect(try next.places.granted() == [])
        mayEnd.store(true, ordering: .relaxed)
        #expect(try next.places.granted() == ["p"])
    }

    @Test("a run that is taken up again begins without tickets, and its place is free at once")
    func resumed() throws {
        let state = try Sandbox().state
        let other = try Owner("b", state)
        do {
            let first = try Owner("a", state)
            #expect(try first.gets("p", of: 1))
            try first.places.ask(for: "q", size: 1)
        }
        let lock = try RunLock(state, run: "a")
        try other.places.ask(for: "p", size: 1)
        #expect(try other.places.granted() == [], "somebody has taken it up")
        let again = try StorePlaces(state, run: "a") { _ in true }
        #expect(try other.places.granted() == ["p"])
        #expect(try again.holders(of: "q") == [])
        withExtendedLifetime(lock) {}
    }

    @Test("of two sizes the smaller counts, as long as its run lives")
    func sizes() throws {
        let state = try Sandbox().state
        let large = try Owner("a", state)
        #expect(try large.gets("p", of: 3))
        #expect(try large.gets("p", of: 3))
        var small: Owner? = try Owner("b", state)
        #expect(try small?.gets("p", of: 1) == false)
        try large.places.release("p")
        #expect(try small?.places.granted() == [])
        #expect(try large.places.size(of: "p") == 1)
        #expect(try large.gets("p", of: 3) == false)
        small = nil
        #expect(try large.places.granted() == ["p"])
        #expect(try large.places.size(of: "p") == 3)
        #expect(small == nil)
    }

    @Test("whoever gets a place by another's release is woken")
    func wake() throws {
        let state = try Sandbox().state
        let one = try Owner("a", state)
        let two = try Owner("b", state)
        let woken = Mailbox<Int>()
        let pipe = try ControlPipe(state, run: "b") { woken.send(1) }
        #expect(try one.gets("group:g", of: 1))
        #expect(try two.gets("group:g", of: 1) == false)
        try one.places.releaseAll()
        #expect(woken.next() == 1)
        #expect(try two.places.granted() == ["group:g"])
        withExtendedLifetime(pipe) {}
    }

    @Test("when the file is lost, who waits queues again")
    func lost() throws {
        let state = try Sandbox().state
        let owner = try Owner("a", state)
        let other = try Owner("b", state)
        #expect(try other.gets("p", of: 1))
        try owner.places.ask(for: "p", size: 1)
        try Database(path: state.placesDatabase).execute("DELETE FROM tickets")
        #expect(try owner.places.granted() == [])
        #expect(try owner.places.granted() == ["p"])
    }
}
