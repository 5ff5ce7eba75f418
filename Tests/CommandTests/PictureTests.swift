import FlowJSON
import FlowSystem
import FlowTestSupport
import Testing

@testable import flow

@Suite struct PictureTests {
    @Test("x") func x() { #expect(SVGText.number(1.25) == "1.3") }
}
