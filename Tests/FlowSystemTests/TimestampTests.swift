import FlowSystem
import Testing

@Suite struct TimestampTests {
    @Test(
        "a time that is written and read is the same moment",
        arguments: [
            "1970-01-01T00:00:00.000000Z", "2026-11-20T02:00:00.123456Z",
            "0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z",
            "2000-02-29T12:00:00.000001Z", "1969-12-31T23:59:59.999999Z",
        ])
    func roundTrip(_ text: String) {
        #expect(Timestamp(text)?.description == text)
    }

    @Test(
        "other ways to write a time are read",
        arguments: [
            ("2026-11-20", "2026-11-20T00:00:00.000000Z"),
            ("2026-11-20 02:00:00,5", "2026-11-20T02:00:00.500000Z"),
            ("2026-11-20T02:00:00+01:30", "2026-11-20T00:30:00.000000Z"),
            ("2026-11-20T02:00:00.1234567-0500", "2026-11-20T07:00:00.123456Z"),
            ("2026-11-20 02:00", "2026-11-20T02:00:00.000000Z"),
        ])
    func variants(_ text: String, _ expected: String) {
        #expect(Timestamp(text)?.description == expected)
    }

    @Test(
        "what is no time is refused",
        arguments: ["", "2026", "2026-13-01", "2026-02-29", "2026-11-20T25:00:00Z", "2026-11-20x"])
    func refused(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("days are counted towards the past")
    func days() {
        #expect(Timestamp(microseconds: -1).day == -1)
        #expect(Timestamp(seconds: 86_399).day == 0)
        #expect(Timestamp(day: 20_000).date == "2024-10-04")
    }
}
