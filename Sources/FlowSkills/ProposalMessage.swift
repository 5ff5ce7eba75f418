internal import FlowSystem

/// What a proposal's commit or pull request says to its reviewer.
package struct ProposalMessage: Sendable, Hashable {
    /// One line without others' markup: `Propose guardrail GR-9F3C2A1B: KeyError in sale`.
    package let subject: String
    /// Paragraphs, the last of which is flow's own, so that trailers can follow.
    package let body: String

    /// The message of a proposed skill, from its document. Its notes, which say the same in longer
    /// words or are a person's, stay in the document.
    /// - Parameters:
    ///   - trend: As it was mined, nil where it was not.
    ///   - cases: Solved cases that resemble its error, the best first.
    ///   - guess: What the triage model makes of it, where there is one.
    ///   - news: What changed since it was proposed, where it was.
    package init(
        _ skill: Skill, trend: Trend?, cases: [SolvedCase] = [], guess: TriageGuess? = nil,
        news: [String] = []
    ) {
        let verb = news.isEmpty ? "Propose" : "Update"
        subject = "\(verb) \(skill.kind.rawValue) \(skill.id): \(SkillName.title(skill.name))"
        if let procedure = skill.procedure {
            body = Self.body(procedure, news: news)
            return
        }
        let data = skill.metadata
        let words = ProposalWords(
            kind: skill.kind, hits7d: data.hits7d, hits30d: data.hits30d,
            trend: trend, firstSeen: data.firstSeen,
            lastSeen: data.lastSeen, examples: skill.examples.count, before: data.generatedAt)
        var parts = news.isEmpty ? [] : [news.joined(separator: "\n")]
        parts += [
            words.evidence.joined(separator: "\n"),
            "Where (component), and what its messages have in common (template):",
            ForeignText.indented(skill.match.component),
            ForeignText.indented(skill.match.template),
        ]
        if !skill.examples.isEmpty {
            parts.append("As the programs wrote it, with secrets masked:")
            parts += skill.examples.map(ForeignText.indented)
        }
        if !cases.isEmpty {
            parts.append("Solved cases that share words with it, the nearest first:")
            parts += cases.map { ForeignText.indented($0.lines) }
        }
        if let guess { parts.append(guess.sentence) }
        parts.append(words.approval.joined(separator: "\n"))
        body = parts.joined(separator: "\n\n") + "\n"
    }

    /// One message of the proposals of a run.
    package init(_ skills: [ProposalMessage]) {
        subject = "Propose \(skills.count) skills"
        body = skills.map(\.text).joined(separator: "\n")
    }

    /// Subject, blank line, body.
    package var text: String { subject + "\n\n" + body }
}

extension ProposalMessage {
    /// The message of a proposal to make an accepted procedure another version.
    /// - Parameters:
    ///   - skill: As it would be.
    ///   - news: What changes.
    package init(versionOf skill: Skill, _ procedure: Procedure, news: [String]) {
        subject =
            "Propose version \(procedure.version) of procedure \(skill.id): "
            + SkillName.title(skill.name)
        body = Self.body(procedure, news: news, isVersion: true)
    }

    private static func body(
        _ procedure: Procedure, news: [String], isVersion: Bool = false
    ) -> String {
        let words = ProcedureWords(procedure)
        var parts = news.isEmpty ? [] : [news.joined(separator: "\n")]
        parts.append(words.sentences.joined(separator: "\n"))
        parts += words.parts
        parts.append(words.approval(isUpdate: isVersion))
        return parts.joined(separator: "\n\n") + "\n"
    }
}

extension ProposalMessage {
    /// The message of a proposal to deprecate an accepted skill.
    /// - Parameter reason: In flow's words.
    package init(deprecating skill: Skill, reason: String) {
        subject = "Deprecate \(skill.kind.rawValue) \(skill.id): \(SkillName.title(skill.name))"
        let parts = [
            "Two looks say that it does not do what it is for:",
            ForeignText.indented(reason),
            "Merging sets its status to deprecated: it is not judged any more, and the next run takes its "
                + "line out of the dataset. flow proposals reject \(Deprecation.id(of: skill.id)) keeps "
                + "it; it is then asked again only when a later look says so.",
        ]
        body = parts.joined(separator: "\n\n") + "\n"
    }
}
