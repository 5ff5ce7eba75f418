import FlowMining
import FlowSystem
import Testing

@Suite("Records in JSON")
struct JSONRecordTests {
    static func read(_ text: String) -> (records: [ErrorRecord], report: ReadReport) {
        let (records, reader) = LogReaderTests.read(text, .jsonl)
        return (records, reader.report)
    }

    @Test("a document of OpenTelemetry's collector gives each of its log records")
    func telemetry() throws {
        let (records, report) = Self.read(
            """
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}},{"key":"service.version","value":{"stringValue":"1.4"}},{"key":"host.name","value":{"stringValue":"web1"}}]},"scopeLogs":[{"scope":{"name":"app.orders"},"logRecords":[{"timeUnixNano":"1763604000123456789","severityNumber":17,"body":{"stringValue":"order failed"},"attributes":[{"key":"exception.type","value":{"stringValue":"KeyError"}},{"key":"exception.message","value":{"stringValue":"'partner'"}},{"key":"exception.stacktrace","value":{"stringValue":"Traceback (most recent call last):\\n  File \\"/srv/app/orders.py\\", line 3, in create\\nKeyError: 'partner'"}},{"key":"retries","value":{"intValue":"3"}}]},{"timeUnixNano":1763604000123456789,"severityText":"WARN","body":{"stringValue":"slow"}}]}]}]}
            {"resourceLogs":[]}
            """)
        #expect(records.map(\.headline) == ["KeyError: 'partner'", "slow"])
        #expect(records.map(\.component) == ["checkout", "checkout"])
        #expect(records.map(\.level) == [.error, .warning])
        #expect(records.map(\.release) == ["1.4", "1.4"])
        #expect(records.map(\.host) == ["web1", "web1"])
        #expect(records.allSatisfy { $0.time == Timestamp("2025-11-20T02:00:00.123457Z") })
        #expect(records.first?.stack.first == "order failed")
        #expect(records.first?.ownFrames().map(\.place) == ["app/orders.py:create"])
        #expect(report.skipped.map(\.reason) == ["the document holds no log record"])
    }

    @Test(
        "flattened records of OpenTelemetry are read, whatever their names look like",
        arguments: [
            #"{"body": "no stock", "severity_number": 17, "severity_text": "ERROR", "timestamp": "2025-11-20T02:00:00Z", "resource": {"attributes": {"service.name": "shop"}}}"#,
            #"{"Body": "no stock", "SeverityText": "ERROR", "Timestamp": "2025-11-20 02:00:00.000000000", "ResourceAttributes": {"service.name": "shop"}, "LogAttributes": {"a": "1"}}"#,
            #"{"Body": "no stock", "SeverityText": "ERROR", "Timestamp": "2025-11-20T02:00:00Z", "Resource": {"service.name": "shop"}, "Attributes": {"a": "1"}}"#,
            #"{"body": {"stringValue": "no stock"}, "severityNumber": 18, "timeUnixNano": 1763604000000000000, "attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}"#,
        ])
    func flattened(text: String) throws {
        let record = try #require(Self.read(text).records.first)
        #expect(record.message == "no stock")
        #expect(record.component == "shop")
        #expect(record.level == .error)
        #expect(record.time == Timestamp("2025-11-20T02:00:00Z"))
    }

    @Test("an event of Sentry is the exception that was raised last, with its own frames marked")
    func sentry() throws {
        let (records, report) = Self.read(
            #"""
            {"event_id": "a1", "platform": "python", "timestamp": 1763604000.5, "level": "error", "logger": "shop.cart", "release": "shop@2.1", "server_name": "web2", "exception": {"values": [{"type": "KeyError", "value": "'sku'"}, {"type": "CartError", "value": "no price for 12\nin cart", "stacktrace": {"frames": [{"filename": "django/core/handlers/base.py", "function": "get_response", "lineno": 181, "in_app": false}, {"filename": "shop/views.py", "function": "add", "lineno": 12, "in_app": true}, {"filename": "shop/cart.py", "function": "price", "lineno": 7, "in_app": true}, {"abs_path": "/usr/lib/python3/json.py", "function": "loads", "lineno": 3, "in_app": false}]}}]}}
            {"event_id": "a2", "timestamp": "2025-11-20T02:00:00Z", "logentry": {"message": "user %s is gone", "formatted": "user 7 is gone"}, "tags": [["server_name", "web3"]]}
            {"event_id": "a3", "type": "transaction", "platform": "python"}
            """#)
        #expect(records.map(\.headline) == ["CartError: no price for 12", "user 7 is gone"])
        #expect(records.map(\.component) == ["shop.cart", ""])
        #expect(records.map(\.host) == ["web2", "web3"])
        let first = try #require(records.first)
        #expect(first.release == "shop@2.1")
        #expect(first.time == Timestamp("2025-11-20T02:00:00.5Z"))
        #expect(first.frames.map(\.function) == ["loads", "price", "add", "get_response"])
        #expect(first.ownFrames(5).map(\.place) == ["shop/cart.py:price", "shop/views.py:add"])
        #expect(first.stack.contains("caused by KeyError: 'sku'"))
        #expect(first.stack.first == "in cart")
        #expect(report.skippedCount == 1)
    }

    struct Shape: Sendable, CustomTestStringConvertible {
        let library: String
        let text: String
        let headline: String
        let component: String
        var testDescription: String { library }
    }

    static let shapes: [Shape] = [
        Shape(
            library: "pino",
            text:
                #"{"level":50,"time":1763604000000,"pid":7,"hostname":"h","name":"api","err":{"type":"TypeError","message":"x is no function","stack":"TypeError: x is no function\n    at f (/srv/a.js:1:2)"},"msg":"request failed"}"#,
            headline: "TypeError: x is no function", component: "api"),
        Shape(
            library: "bunyan",
            text:
                #"{"name":"api","hostname":"h","pid":7,"level":60,"err":{"message":"gone","name":"RangeError","stack":"RangeError: gone\n    at f (/srv/a.js:1:2)","code":"E"},"msg":"gone","time":"2025-11-20T02:00:00.000Z","v":0}"#,
            headline: "RangeError: gone", component: "api"),
        Shape(
            library: "winston",
            text:
                #"{"level":"error","message":"cannot save","service":"api","stack":"Error: cannot save\n    at f (/srv/a.js:1:2)","timestamp":"2025-11-20 02:00:00"}"#,
            headline: "Error: cannot save", component: "api"),
        Shape(
            library: "zap",
            text:
                #"{"level":"error","ts":1763604000.0,"logger":"api","caller":"api/a.go:12","msg":"request failed","error":"dial tcp 10.0.0.1:5432: refused","stacktrace":"main.f\n\t/srv/a.go:12"}"#,
            headline: "request failed: dial tcp 10.0.0.1:5432: refused", component: "api"),
        Shape(
            library: "logrus",
            text:
                #"{"error":"no rows","level":"fatal","msg":"load","time":"2025-11-20T02:00:00Z","component":"api"}"#,
            headline: "load: no rows", component: "api"),
        Shape(
            library: "structlog",
            text:
                #"{"event":"load failed","logger":"api","level":"error","timestamp":"2025-11-20T02:00:00Z","exception":"Traceback (most recent call last):\n  File \"/srv/a.py\", line 1, in f\nValueError: bad"}"#,
            headline: "ValueError: bad", component: "api"),
        Shape(
            library: "python-json-logger",
            text:
                #"{"asctime":"2025-11-20 02:00:00,000","levelname":"ERROR","name":"api","message":"load failed","exc_info":"Traceback (most recent call last):\n  File \"/srv/a.py\", line 1, in f\nValueError: bad"}"#,
            headline: "ValueError: bad", component: "api"),
        Shape(
            library: "ECS, nested",
            text:
                #"{"@timestamp":"2025-11-20T02:00:00Z","message":"load failed","log":{"level":"ERROR","logger":"api"},"service":{"name":"shop"},"host":{"hostname":"h"},"error":{"type":"java.io.IOException","message":"closed","stack_trace":"java.io.IOException: closed\n\tat shop.A.f(A.java:1)"}}"#,
            headline: "java.io.IOException: closed", component: "api"),
        Shape(
            library: "ECS, flat",
            text:
                #"{"@timestamp":"2025-11-20T02:00:00Z","message":"load failed","log.level":"ERROR","log.logger":"api","error.type":"java.io.IOException","error.message":"closed","error.stack_trace":"java.io.IOException: closed\n\tat shop.A.f(A.java:1)"}"#,
            headline: "java.io.IOException: closed", component: "api"),
        Shape(
            library: "PostgreSQL's jsonlog",
            text:
                #"{"timestamp":"2025-11-20 02:00:00.000 UTC","user":"app","dbname":"shop","pid":7,"error_severity":"ERROR","state_code":"23505","message":"duplicate key","detail":"Key exists.","statement":"INSERT\nINTO a","backend_type":"client backend"}"#,
            headline: "duplicate key", component: "postgresql"),
    ]

    @Test("the records of common libraries are read", arguments: shapes)
    func shape(_ shape: Shape) throws {
        let (records, report) = Self.read(shape.text)
        #expect(report.skippedCount == 0)
        let record = try #require(records.first)
        #expect(record.headline == shape.headline)
        #expect(record.component == shape.component)
        #expect(record.time == Timestamp("2025-11-20T02:00:00Z"))
        #expect((record.level ?? .debug) >= .error)
    }

    @Test("what PostgreSQL says beside the message of a jsonlog row comes as its own log says it")
    func details() throws {
        let text = try #require(Self.shapes.last).text
        #expect(
            Self.read(text).records.first?.stack == [
                "DETAIL:  Key exists.", "STATEMENT:  INSERT", "INTO a",
            ])
    }

    @Test("a count beyond all reason is bounded, so that no sum overflows")
    func counts() {
        let line = #"{"message": "a", "level": "error", "time": 0, "count": 9223372036854775807}"#
        var miner = Miner()
        for record in Self.read(line + "\n" + line).records { miner.add(record) }
        #expect(miner.errors == 2_000_000_000)
    }

    @Test(
        "a document over several lines is one record, an array as many as it has elements",
        arguments: [
            ("{\n  \"message\": \"a\",\n  \"level\": \"error\"\n}\n{\"message\": \"b\"}", 2, 0),
            ("[\n  {\"message\": \"a\"},\n  {\"message\": \"b\"}\n]\n", 2, 0),
            ("[{\"message\": \"a\"}, {\"message\": \"b\"}, 3]", 2, 0),
            ("{\n  \"message\": \"a\",\n{\"message\": \"b\"}\n", 1, 2),
            ("{\n  \"message\": \"a\"\n", 0, 2),
        ])
    func documents(text: String, records: Int, skipped: Int) {
        let (found, report) = Self.read(text)
        #expect(found.count == records)
        #expect(report.skippedCount == skipped)
    }
}
