package import FlowSystem

/// The days before and after a skill began to act, as its effect is judged by them.
package struct SkillPeriods: Sendable, Hashable {
    /// How days are chosen.
    package enum Rule {
        /// Length of the baseline, of which `leastDays` must be known.
        package static let baselineDays = 28
        package static let leastDays = 21
        /// Days before deployment that a baseline may reach back.
        package static let reach = 70
        /// Days for which an error is chosen; they are no baseline, since it was chosen for them.
        static let selectionDays = 7
    }

    /// Why there is nothing to judge yet.
    package enum Gap: Error, Sendable, Hashable {
        case notDeployed
        /// A procedure is judged by its tries.
        case answersNoError
        /// The ledger knows no day of it.
        case neverCounted
        /// The component names releases and none of them is new enough to contain the skill.
        case notReleased
        /// Days of the baseline that are known, too few.
        case shortBaseline(Int)
    }

    /// Known days of the baseline, the earliest first.
    package let before: [SkillSeries.Day]
    /// Known days since; only of releases that contain the skill, where releases are known.
    package let after: [SkillSeries.Day]
    /// The first day after deployment, of which the whole counts.
    package let firstDay: Int
    /// Days since, up to the run's own day, known or not.
    package let closedDays: Int

    /// Whether exposure is known on every day; else each day counts the same.
    package var hasExposure: Bool { (before + after).allSatisfy { $0.exposure > 0 } }

    /// - Throws: what is missing where the skill cannot be judged.
    package init(of skill: Skill, _ ledger: LedgerState, now: Timestamp) throws(Gap) {
        guard skill.procedure == nil else { throw .answersNoError }
        guard let deployed = skill.metadata.deployedAt?.day else { throw .notDeployed }
        guard ledger.evidence[skill.id] != nil else { throw .neverCounted }
        let releases = Self.releases(containing: skill, deployed, ledger)
        if let releases, releases.isEmpty { throw .notReleased }
        before = Self.baseline(of: skill, deployed, ledger)
        guard before.count >= Rule.leastDays else { throw .shortBaseline(before.count) }
        firstDay = max(deployed, releases?.values.min() ?? deployed) + 1
        closedDays = max(0, now.day - firstDay)
        after =
            SkillSeries(
                of: skill, ledger, in: firstDay..<firstDay + closedDays,
                releases: releases.map { Set($0.keys) }
            ).days
    }

    /// The latest known days before deployment without those for which the error was chosen.
    private static func baseline(
        of skill: Skill, _ deployed: Int, _ ledger: LedgerState
    ) -> [SkillSeries.Day] {
        let chosen =
            ledger.proposals[skill.id]?.map(\.time).min()?.day ?? skill.metadata.generatedAt?.day
            ?? deployed - 1
        let selection = chosen - Rule.selectionDays + 1...chosen
        let known = SkillSeries(of: skill, ledger, in: deployed - Rule.reach..<deployed).days
        return known.filter { !selection.contains($0.day) }.suffix(Rule.baselineDays)
    }

    /// The releases that contain a skill, with the first day of each: the one that its document names
    /// and those first seen later, else those first seen since its deployment.
    /// - Returns: nil where its components name no releases.
    private static func releases(
        containing skill: Skill, _ deployed: Int, _ ledger: LedgerState
    ) -> [String: Int]? {
        var first: [String: Int] = [:]
        let further = ledger.evidence[skill.id]?.components ?? []
        for component in further.union([skill.match.component]) {
            guard let series = ledger.components[component] else { continue }
            first.merge(zip(series.releases, series.firstDays), uniquingKeysWith: min)
        }
        guard let named = skill.metadata.release else {
            return first.isEmpty ? nil : first.filter { $0.value >= deployed }
        }
        guard let start = first[named] else { return first.isEmpty ? nil : [:] }
        return first.filter { $0.key == named || $0.value > start }
    }
}
