import FlowMining
import FlowSystem
import Testing

@Suite("Errors over several lines")
struct TraceTests {
    /// What runtimes write, each text one error.
    struct Trace: Sendable, CustomTestStringConvertible {
        let runtime: String
        let text: String
        let headline: String
        /// The application's own frames, the innermost first.
        let own: [String]
        var testDescription: String { runtime }
    }

    static let traces: [Trace] = [
        Trace(
            runtime: "Python, one cause behind another",
            text: """
                Traceback (most recent call last):
                  File "/srv/app/shop/stock.py", line 8, in get
                    return self.items[sku]
                KeyError: 'sku-7'

                During handling of the above exception, another exception occurred:

                Traceback (most recent call last):
                  File "/srv/app/shop/cart.py", line 12, in add
                    price(sku)
                  File "/srv/app/venv/lib/python3.11/site-packages/lib/a.py", line 2, in call
                    f()
                  File "/srv/app/shop/cart.py", line 31, in price
                    raise CartError(sku) from None
                shop.errors.CartError: no price for sku-7
                """,
            headline: "shop.errors.CartError: no price for sku-7",
            own: ["shop/cart.py:price", "shop/cart.py:add"]),
        Trace(
            runtime: "Python, an exception group",
            text: """
                  + Exception Group Traceback (most recent call last):
                  |   File "/srv/app/main.py", line 4, in run
                  |     async with TaskGroup() as tasks:
                  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
                  +-+---------------- 1 ----------------
                    | Traceback (most recent call last):
                    |   File "/srv/app/load.py", line 9, in load
                    | ValueError: bad row
                    +---------------- 2 ----------------
                    | Traceback (most recent call last):
                    |   File "/srv/app/load.py", line 11, in save
                    | OSError: disk full
                    +------------------------------------
                """,
            headline: "ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)",
            own: ["app/load.py:save"]),
        Trace(
            runtime: "Java, with a cause and a suppressed one",
            text: """
                Exception in thread "main" java.lang.IllegalStateException: cannot close order 7
                \tat shop.Orders.close(Orders.java:41)
                \tat shop.Orders.lambda$all$2(Orders.java:17)
                \tat java.base/java.util.ArrayList.forEach(ArrayList.java:1511)
                \tat shop.Main.main(Main.java:9)
                \tSuppressed: java.io.IOException: closed
                \t\tat shop.Store.close(Store.java:7)
                \t\t... 2 more
                Caused by: java.lang.NullPointerException: no total
                \tat shop.Totals.sum(Totals.java:3)
                \t... 23 more
                """,
            headline: "java.lang.IllegalStateException: cannot close order 7",
            own: ["shop.Orders:close", "shop.Orders:lambda$all", "shop.Main:main"]),
        Trace(
            runtime: "Node, uncaught, with fields and a cause",
            text: """
                /srv/app/src/orders.js:12
                    throw new Error("cannot save", { cause: error });
                    ^

                Error: cannot save
                    at save (/srv/app/src/orders.js:12:11)
                    at Module._compile (node:internal/modules/cjs/loader:1256:14)
                    at async run (/srv/app/node_modules/koa/index.js:3:1)
                    at async main (file:///srv/app/src/main.mjs:4:3) {
                  code: 'E_SAVE',
                  [cause]: Error: connect ECONNREFUSED 10.0.0.1:5432
                      at connect (node:net:1555:16) {
                    errno: -111,
                    code: 'ECONNREFUSED'
                  }
                }

                Node.js v20.20.2
                """,
            headline: "Error: cannot save", own: ["src/orders.js:save", "src/main.mjs:main"]),
        Trace(
            runtime: "Node, printed, with fields",
            text: """
                TypeError [ERR_INVALID_ARG]: bad path
                    at Object.<anonymous> (/srv/app/a.js:1:7) {
                  code: 'ERR_INVALID_ARG'
                }
                """,
            headline: "TypeError [ERR_INVALID_ARG]: bad path",
            own: ["app/a.js:Object.<anonymous>"]),
        Trace(
            runtime: "Go, a panic with its goroutines",
            text: """
                panic: runtime error: index out of range [5] with length 3 [recovered]
                \tpanic: runtime error: index out of range [5] with length 3

                goroutine 18 [running]:
                main.guard.func1()
                \t/srv/app/guard.go:9 +0x65
                panic({0x45e0a0?, 0xc00001c0f0?})
                \t/usr/local/go/src/runtime/panic.go:884 +0x213
                main.(*Store).Get(0xc000012120, {0x0, 0x0})
                \t/srv/app/store.go:31 +0x1d
                github.com/x/y/v2.Do.func1()
                \t/root/go/pkg/mod/github.com/x/y/v2@v2.1.0/do.go:7 +0x20
                main.main()
                \t/srv/app/main.go:20 +0x1d
                created by main.start in goroutine 1
                \t/srv/app/main.go:11 +0x5f

                goroutine 1 [chan receive]:
                main.wait(...)
                \t/srv/app/main.go:44
                exit status 2
                """,
            headline:
                "panic: runtime error: index out of range [5] with length 3 [recovered]",
            own: [
                "app/store.go:main.(*Store).Get", "app/main.go:main.main",
                "app/main.go:main.start",
            ]
        ),
        Trace(
            runtime: ".NET",
            text: """
                Unhandled exception. System.InvalidOperationException: no such order
                   at Shop.Orders.Close(Int32 id) in /src/Orders.cs:line 12
                   at System.Threading.Tasks.Task.Run()
                   at Shop.Program.Main(String[] args) in /src/Program.cs:line 3
                """,
            headline: "System.InvalidOperationException: no such order",
            own: ["Shop.Orders:Close", "Shop.Program:Main"]),
    ]

    @Test("each is one record with its exception and its own frames, alone", arguments: traces)
    func alone(trace: Trace) throws {
        let text = "started\n" + trace.text + "\nstopped\n"
        let (records, reader) = LogReaderTests.read(text, .plain)
        #expect(records.map(\.headline) == ["started", trace.headline, "stopped"])
        let record = try #require(records.dropFirst().first)
        #expect(record.ownFrames().map(\.place) == trace.own)
        #expect(record.isError())
        #expect(reader.report.skippedCount == 0)
    }

    @Test("each stays with the stamped line above it", arguments: traces)
    func logged(trace: Trace) throws {
        let text = """
            2026-11-20 02:00:00,000 ERROR app: it failed
            \(trace.text)
            2026-11-20 02:00:01,000 INFO app: next
            """
        let records = LogReaderTests.read(text).records
        #expect(records.count == 2)
        let record = try #require(records.first)
        #expect(record.component == "app")
        #expect(record.ownFrames().map(\.place) == trace.own)
        if !trace.text.hasPrefix("panic: ") {
            #expect(record.headline == trace.headline)
        }
    }

    @Test("each comes whole through syslog, the journal and a container's log", arguments: traces)
    func carried(trace: Trace) throws {
        let lines = ["started"] + trace.text.split(separator: "\n").map(String.init) + ["stopped"]
        func quoted(_ text: String) -> String {
            text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\t", with: "\\t")
        }
        let carriers: [(LogFormat, (String) -> String)] = [
            (.log, { "Nov 20 02:00:00 web1 shop[7]: \($0)" }),
            (.log, { "2026-11-20T02:00:00.000000000Z stderr F \($0)" }),
            (.log, { "<30>1 2026-11-20T02:00:00Z web1 shop 7 - - \($0)" }),
            (
                .jsonl,
                {
                    #"{"__REALTIME_TIMESTAMP":"1795140000000000","PRIORITY":"6","_PID":"7","SYSLOG_IDENTIFIER":"shop","_HOSTNAME":"web1","MESSAGE":""#
                        + quoted($0) + #""}"#
                }
            ),
            (
                .jsonl,
                {
                    #"{"log":""# + quoted($0)
                        + #"\n","stream":"stderr","time":"2026-11-20T02:00:00Z"}"#
                }
            ),
        ]
        for (format, carry) in carriers {
            let (records, reader) = LogReaderTests.read(
                lines.map { carry($0) + "\n" }.joined(), format)
            #expect(records.map(\.headline) == ["started", trace.headline, "stopped"])
            #expect(reader.report.skippedCount == 0)
            let record = try #require(records.dropFirst().first)
            #expect(record.isError(), "a carrier's level hides no exception")
            #expect(record.time == Timestamp("2026-11-20T02:00:00Z"))
            #expect(record.ownFrames().map(\.place) == trace.own)
        }
    }

    @Test("a panic below a line that tells of no error is a record of its own")
    func panic() {
        let records = LogReaderTests.read(
            """
            2026/11/20 02:00:00 INFO listening
            panic: no config

            goroutine 1 [running]:
            main.main()
            \t/srv/app/main.go:20 +0x1d
            2026/11/20 02:00:05 INFO listening
            """
        ).records
        #expect(records.map(\.headline) == ["listening", "panic: no config", "listening"])
        #expect(records.map { $0.isError() } == [false, true, false])
        #expect(records[1].time == records[0].time)
    }

    @Test("an uncaught error of Node without its last line does not swallow what follows")
    func node() {
        let records = LogReaderTests.read(
            """
            /srv/app/a.js:1
            throw new Error("x")
            ^

            Error: x
                at f (/srv/app/a.js:1:7)
            next
            other
            """, .plain
        ).records
        #expect(records.map(\.headline) == ["Error: x", "next", "other"])
    }

    @Test(
        "frames of runtimes and of installed packages are not the application's",
        arguments: [
            ("/srv/app/a.py", "f", true), ("app/a.py", "f", true),
            ("/srv/venv/lib/python3.11/site-packages/x.py", "f", false),
            ("/usr/lib/python3/dist-packages/x.py", "f", false),
            ("/opt/py/lib/python3.11/json/decoder.py", "f", false),
            ("<frozen importlib._bootstrap>", "f", false), ("node:net", "f", false),
            ("/srv/app/node_modules/x/i.js", "f", false),
            ("node_modules/x/i.js", "f", false),
            ("java.util.ArrayList", "get", false), ("shop.Orders", "close", true),
            ("jdk.internal.reflect.X", "f", false),
            ("org.springframework.web.X", "f", false), ("javax.servlet.X", "f", false),
            ("/usr/local/go/src/net/http/server.go", "net/http.f", false),
            ("/srv/app/vendor/x/y.go", "y.f", false), ("main.go", "main.main", true),
        ])
    func origin(module: String, function: String, inApp: Bool) {
        #expect(StackFrame(module: module, function: function).inApp == inApp)
    }

    @Test(
        "the place of a frame holds no line, no folder of a release and no number of a closure",
        arguments: [
            ("/srv/releases/20261120/shop/cart.py", "add", "shop/cart.py:add"),
            ("shop.Orders", "lambda$all$2", "shop.Orders:lambda$all"),
            ("shop.Orders$$SpringCGLIB$$0", "close", "shop.Orders:close"),
            ("a/b.go", "main.run.func1.2", "a/b.go:main.run.func"),
            ("C:\\src\\shop\\Cart.cs", "Add", "shop/Cart.cs:Add"),
            ("", "", ""),
        ])
    func place(module: String, function: String, expected: String) {
        #expect(StackFrame(module: module, function: function, line: 7).place == expected)
    }
}
