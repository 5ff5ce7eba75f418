package import FlowJSON
internal import FlowSystem
internal import FlowText
internal import FlowYAML

/// A skill as one JSON object that holds the whole document: `{flow_skill, path, text, skill}`. `text`
/// is the document byte for byte, `skill` the same for programs.
package enum SkillPackage {
    /// Of the form.
    private static let version = 1

    /// - Throws: `SkillsError` for a document that is no UTF-8 or no YAML.
    package static func json(of file: SkillFile) throws(SkillsError) -> JSON {
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            throw error(file.path, "it is not UTF-8")
        }
        return [
            "flow_skill": .integer(version), "path": .string(file.path), "text": .string(text),
            "skill": try value(file.bytes, file.path),
        ]
    }

    /// The document of an object that `json` made, or that has only one of `text` and `skill`.
    /// - Parameter place: What mistakes call it.
    /// - Throws: `SkillsError` where it is none, where its path leads anywhere but to `skills/`, and where
    ///   `text` and `skill` say different things.
    package static func file(_ json: JSON, place: String) throws(SkillsError) -> SkillFile {
        guard json["flow_skill"] == .integer(version) else {
            throw error(place, "it is no skill: a JSON object with \"flow_skill\": \(version)")
        }
        let path = json["path"]?.stringValue ?? ""
        let name = Path.name(path)
        guard path == name || path == Path.join(SkillName.folder, name),
            SkillSet.isSkill(
                Path.join(SkillName.folder, name))
        else {
            throw error(
                place, "path is \(VisibleText.quoted(path)); it must be skills/<ID>_<slug>.yaml")
        }
        let text = json["text"]?.stringValue.map { Array($0.utf8) }
        let skill = json["skill"]
        switch (text, skill) {
        case (let text?, let skill?):
            guard try value(text, place + "/" + name) == skill else {
                throw error(
                    place, "text and skill say different things; change both, or leave one out")
            }
            return SkillFile(path: Path.join(SkillName.folder, name), bytes: text)
        case (let text?, nil):
            return SkillFile(path: Path.join(SkillName.folder, name), bytes: text)
        case (nil, let skill?):
            return SkillFile(
                path: Path.join(SkillName.folder, name), bytes: Array(YAMLText.write(skill).utf8))
        case (nil, nil): throw error(place, "it has neither text nor skill")
        }
    }

    private static func value(_ bytes: [UInt8], _ path: String) throws(SkillsError) -> JSON {
        do throws(YAMLError) {
            return try YAMLDocument.read(bytes).json
        } catch {
            let mistake = Mistake(
                path: path, line: error.mark.line, column: error.mark.column,
                message: error.message)
            throw SkillsError(
                code: .invalid, doing: "read \(VisibleText.safe(path))", message: error.message,
                mistakes: [mistake])
        }
    }

    private static func error(_ path: String, _ message: String) -> SkillsError {
        SkillsError(
            code: .invalid, doing: "read \(VisibleText.safe(path))", message: message,
            mistakes: [Mistake(path: path, message: message)])
    }
}
