internal import FlowJSON
internal import FlowSystem

/// A line of a container's log as Docker's `json-file` driver keeps it: `{"log": "…\n", "stream":
/// "stderr", "time": "…"}`.
enum ContainerLine {
    static func carried(_ object: JSONObject) -> CarriedText? {
        guard object.count <= 4, let text = object["log"]?.stringValue,
            let stream = object["stream"]?.stringValue, stream == "stdout" || stream == "stderr",
            let time = object["time"]?.stringValue.flatMap({ Timestamp($0) })
        else { return nil }
        var head = LogHead()
        head.process = stream
        return CarriedText(
            head: head, time: time, level: stream == "stdout" ? .info : nil,
            text: Array(text.utf8)[...])
    }
}
