internal import FlowJSON
internal import FlowSystem

/// A line that a program in a container wrote, with what the container's runtime has around it.
enum ContainerLine {
    /// Docker's `json-file`: `{"log": "…\n", "stream": "stderr", "time": "…"}`; nil for any other
    /// object.
    static func carried(_ object: JSONObject) -> CarriedText? {
        guard object.count <= 4, let text = object["log"]?.stringValue,
            let stream = object["stream"]?.stringValue, stream == "stdout" || stream == "stderr",
            let time = object["time"]?.stringValue.flatMap({ Timestamp($0) })
        else { return nil }
        return carried(stream, time, Array(text.utf8)[...])
    }

    /// What Kubernetes has behind the stamp (CRI): `stderr F text`, or `P` for a part of a long line.
    static func afterStamp(_ line: ArraySlice<UInt8>, _ time: Timestamp) -> CarriedText? {
        for stream in ["stdout", "stderr"] where line.starts(with: stream.utf8) {
            let rest = line.dropFirst(stream.utf8.count)
            guard rest.starts(with: " F ".utf8) || rest.starts(with: " P ".utf8) else { return nil }
            return carried(stream, time, rest.dropFirst(3))
        }
        return nil
    }

    private static func carried(_ stream: String, _ time: Timestamp, _ text: ArraySlice<UInt8>)
        -> CarriedText
    {
        var head = LogHead()
        // what ties the lines of one stream together
        head.process = stream
        return CarriedText(
            head: head, time: time, level: stream == "stdout" ? .info : nil, text: text)
    }
}
