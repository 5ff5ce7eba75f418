internal import FlowSVG

/// How things look in the SVG of a graph: rules, patterns, marks.
enum SVGStyle {
    static let rules = """
        .edge{fill:none;stroke:#57606a;stroke-width:1.2}.tip{fill:#57606a}\
        .edge.off{stroke:#8c959f;stroke-dasharray:4 3}\
        .box{fill:#fff;stroke:#1f2328;stroke-width:1.2}\
        .n-success{fill:#eaf6ec;stroke:#1a7f37;stroke-width:1.5}\
        .n-cached{fill:#e8f1fb;stroke:#0a5fb4;stroke-width:1.5}\
        .n-failure{fill:#fbe9e7;stroke:#a3160f;stroke-width:3.5}\
        .n-tolerated{fill:#fff5dc;stroke:#8a5a00;stroke-width:3;stroke-dasharray:9 3}\
        .n-cancelled{fill:#f4effa;stroke:#5b3a8c;stroke-width:1.5;stroke-dasharray:1.5 2.5}\
        .n-skipped{fill:#fff;stroke:#57606a;stroke-dasharray:5 3}\
        .n-running{fill:#fff;stroke:#0a5fb4;stroke-width:3}\
        .n-waiting{fill:#fff;stroke:#1f2328;stroke-width:2;stroke-dasharray:10 3 2 3}\
        .n-lost{fill:#fff;stroke:#a3160f;stroke-width:1.5;stroke-dasharray:3 3}\
        .n-pending{fill:#fff;stroke:#8c959f}\
        .mark{fill:none;stroke:#1f2328;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}\
        .mark.full{fill:#1f2328}\
        .bar{stroke:#1f2328;stroke-width:.8}.b-success{fill:#7cc48d}\
        .b-cached{fill:url(#flow-cached)}.b-failure{fill:url(#flow-failure);stroke-width:1.6}\
        .b-tolerated{fill:url(#flow-tolerated)}.b-cancelled{fill:url(#flow-cancelled)}\
        .b-running{fill:url(#flow-running)}.b-lost{fill:#fff;stroke-dasharray:3 2}\
        .b-skipped,.b-waiting,.b-pending{fill:#fff;stroke:#8c959f;stroke-dasharray:2 2}\
        .wait{fill:none;stroke:#57606a;stroke-width:1.4}.wait.again{stroke-dasharray:1.5 3}\
        .wait.gate{stroke-width:3;stroke-dasharray:10 3 2 3}\
        .group{fill:none;stroke:#1f2328;stroke-width:1.6}.load{fill:#b9c4cf;stroke:#57606a;stroke-width:.8}\
        .stripe{fill:#f6f8fa}.cut{fill:#fff;stroke:#8c959f;stroke-dasharray:3 3}
        """

    static let patterns = """
        <pattern id="flow-failure" width="5" height="5" patternUnits="userSpaceOnUse" \
        patternTransform="rotate(45)"><rect width="5" height="5" fill="#fff"/>\
        <rect width="3" height="5" fill="#a3160f"/></pattern>\
        <pattern id="flow-tolerated" width="6" height="6" patternUnits="userSpaceOnUse" \
        patternTransform="rotate(-45)"><rect width="6" height="6" fill="#fff"/>\
        <rect width="2" height="6" fill="#8a5a00"/></pattern>\
        <pattern id="flow-cancelled" width="5" height="5" patternUnits="userSpaceOnUse">\
        <rect width="5" height="5" fill="#fff"/><circle cx="2.5" cy="2.5" r="1.2" fill="#5b3a8c"/>\
        </pattern>\
        <pattern id="flow-cached" width="4" height="4" patternUnits="userSpaceOnUse">\
        <rect width="4" height="4" fill="#fff"/><rect width="1.5" height="4" fill="#0a5fb4"/>\
        </pattern>\
        <pattern id="flow-running" width="4" height="4" patternUnits="userSpaceOnUse">\
        <rect width="4" height="4" fill="#fff"/><rect width="4" height="1.3" fill="#0a5fb4"/>\
        </pattern>
        """

    /// A look's mark in a square.
    static func draw(_ look: Look, in svg: inout SVGText, x: Double, y: Double, size: Double) {
        func at(_ dx: Double, _ dy: Double) -> String {
            SVGText.number(x + dx * size / 10) + " " + SVGText.number(y + dy * size / 10)
        }
        let path: String
        switch look {
        case .success: path = "M\(at(1, 5.5))L\(at(4, 8.5))L\(at(9, 2))"
        case .cached: path = "M\(at(1, 3.5))L\(at(9, 3.5))M\(at(1, 7))L\(at(9, 7))"
        case .failure: path = "M\(at(1.5, 1.5))L\(at(8.5, 8.5))M\(at(8.5, 1.5))L\(at(1.5, 8.5))"
        case .tolerated: path = "M\(at(5, 1))L\(at(5, 5.8))M\(at(5, 9))L\(at(5, 9.1))"
        case .cancelled: path = "M\(at(2, 2))L\(at(8, 2))L\(at(8, 8))L\(at(2, 8))Z"
        case .skipped: path = "M\(at(1.5, 5))L\(at(8.5, 5))"
        case .running: path = "M\(at(2.5, 1.5))L\(at(8.5, 5))L\(at(2.5, 8.5))Z"
        case .waiting: path = "M\(at(3, 1.5))L\(at(3, 8.5))M\(at(7, 1.5))L\(at(7, 8.5))"
        case .lost: path = "M\(at(2, 2))L\(at(8, 2))L\(at(8, 8))L\(at(2, 8))Z"
        case .pending: path = "M\(at(4.5, 5))L\(at(5.5, 5))"
        }
        let isFull = look == .cancelled || look == .running
        svg.add(path: path, style: isFull ? "mark full" : "mark")
    }
}

extension LegTrack.Wait.Cause {
    /// Of the line that shows the wait.
    var style: String {
        switch self {
        case .place: "wait"
        case .retry: "wait again"
        case .decision: "wait gate"
        }
    }

    /// As the legend says it.
    var words: String {
        switch self {
        case .place: "waits for a place"
        case .retry: "waits to try again"
        case .decision: "waits for a decision"
        }
    }
}
