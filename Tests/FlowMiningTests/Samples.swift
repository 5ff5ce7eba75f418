import FlowMining
import FlowSystem

/// The recorded sample errors of the project with their true causes.
enum Samples {
    /// One record as a program wrote it.
    struct Record {
        let cause: String
        let component: String
        let firstLine: Int
        let text: String
    }

    static let folder: String? = {
        let checkout = Path.folder(Path.folder(Path.folder(#filePath)))
        let path = Path.join(checkout, "datasets/samples")
        return Files.exists(Path.join(path, "causes")) ? path : nil
    }()

    static let sources: [String] = {
        guard let folder, let names = try? Files.list(folder) else { return [] }
        return names.filter { $0.hasSuffix(".log") }.map { String($0.dropLast(4)) }
    }()

    /// Programs that stamp their lines; of the others a record is what one failing run wrote.
    static let stamped: Set<String> = ["java", "nginx", "postgres", "python"]

    static func records(_ source: String) throws -> [Record] {
        guard let folder else { return [] }
        let newline = UInt8(ascii: "\n")
        let lines = try Files.read("\(folder)/\(source).log")
            .split(separator: newline, omittingEmptySubsequences: false)
        let rows = try Files.text("\(folder)/causes/\(source).tsv").split(separator: "\n")
        return rows.compactMap { row -> Record? in
            let fields = row.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 4, let first = Int(fields[0]), let count = Int(fields[1]) else {
                return nil
            }
            return Record(
                cause: String(fields[2]), component: String(fields[3]), firstLine: first,
                text: String(
                    decoding: Array(
                        lines[(first - 1)..<(first - 1 + count)].joined(separator: [newline])),
                    as: UTF8.self))
        }
    }

    /// What the readers make of a source, in the order of its records.
    static func read(_ source: String) throws -> (records: [ErrorRecord], report: ReadReport) {
        var settings = ReadSettings(reference: Timestamp(seconds: 1_800_000_000))
        settings.component = source
        var records: [ErrorRecord] = []
        if !stamped.contains(source) {
            records = try self.records(source).map {
                ErrorRecord(
                    text: $0.text, time: nil, component: source,
                    source: .init(file: source, offset: 0, line: $0.firstLine))
            }
            return (records, ReadReport())
        }
        var reader = LogReader(file: source, settings: settings)
        reader.read(try Files.read("\(folder ?? "")/\(source).log")) { records.append($0) }
        reader.finish { records.append($0) }
        return (records, reader.report)
    }
}
