/// All that is computed of one skill before it is compared with others.
struct JudgedEvidence: Sendable {
    /// The smallest p/share of the looks so far.
    struct Test: Sendable, Hashable {
        var boost = Double.infinity
        var reduce = Double.infinity
        /// The same without the last look, and what that one says alone.
        var reduceBefore = Double.infinity
        var reduceAtLast = Double.infinity
        /// Days until the first look that by itself speaks for a boost, else the last one.
        var days = 0
    }

    let series: JudgedSeries
    let prior: JudgingPrior
    let test: Test
    /// As of today, up to day 28.
    private let comparison: RateComparison

    init(_ series: JudgedSeries, prior: JudgingPrior) {
        self.series = series
        self.prior = prior
        let last = RateComparison(series, days: Looks.end)
        comparison = last
        var test = Test()
        for look in Looks.reached(series.closedDays) {
            let comparison =
                look.days == Looks.end ? last : RateComparison(series, days: look.days)
            guard comparison.isComparable else { continue }
            let found = RateTest(comparison, bursts: prior.bursts)
            if test.boost > Judging.boostLevel { test.days = look.days }
            test.boost = min(test.boost, found.pFewer / look.share)
            test.reduceBefore = test.reduce
            test.reduceAtLast = found.pMore
            test.reduce = min(test.reduce, found.pMore / look.share)
        }
        self.test = test
    }

    func judgement(isBoosted: Bool, isReduced: Bool, wasReduced: Bool) -> Judgement {
        var judgement = Judgement(
            id: series.id, finding: .notEnoughData, rateRatio: nil, interval: nil,
            confidence: prior.halved, pBoost: min(1, test.boost), pReduce: min(1, test.reduce),
            look: Looks.reached(series.closedDays).last?.days, expected: comparison.expected,
            seen: Int(comparison.after.hits), days: daysAfter, firstDay: series.firstDay,
            returned: nil,
            isControlled: series.control.map { _ in comparison.control != nil },
            priorSkills: prior.skills, reason: "")
        if comparison.isComparable {
            let interval = RateInterval(comparison, credibility: prior.credibility)
            judgement.rateRatio = comparison.rateRatio
            judgement.interval = interval
            judgement.confidence = confidence(comparison)
            judgement.finding =
                isBoosted
                ? .boosted
                : isReduced
                    ? .reduced
                    : judgement.look != nil && interval.isWithinHalfAndDouble
                        ? .unchanged : .notEnoughData
        }
        if judgement.finding == .boosted { watch(&judgement) }
        if judgement.finding == .reduced, judgement.returned == nil, wasReduced,
            test.reduceAtLast <= Judging.reduceLevel
        {
            judgement.confirmed = judgement.look.map { series.firstDay + $0 }
        }
        fade(&judgement)
        judgement.reason = FindingText(judgement, series: series).text
        return judgement
    }

    /// Takes the confidence towards what is usual where nothing was read for long.
    private func fade(_ judgement: inout Judgement) {
        guard let last = series.after.map(\.day).max() else { return }
        let unread = series.firstDay + series.closedDays - 1 - last
        guard unread > Fading.patience else { return }
        judgement.unread = unread
        judgement.confidence = Fading.faded(
            judgement.confidence, towards: prior.halved, unread: unread)
    }

    private var daysAfter: Int {
        comparison.control?.after.own.count
            ?? series.after.count { $0.day < series.firstDay + Looks.end }
    }

    private func confidence(_ comparison: RateComparison) -> Double {
        prior.ratios.halved(
            RateObservation(comparison, credibility: prior.credibility), rates: prior.rates)
    }

    /// Takes a boost back where the error returned: from then on only the days since count.
    private func watch(_ judgement: inout Judgement) {
        let look = RateComparison(series, days: test.days)
        let reached = look.rateRatio ?? 1
        let days = look.expecting(
            series.after.lazy.filter { $0.day >= series.firstDay + test.days })
        let alarm = ReturnWatch.alarm(
            days, reached: reached,
            dispersion: prior.credibility.blended(comparison.dispersion).dispersion)
        guard let alarm else { return }
        let returned = RateComparison(series.since(alarm.since), days: series.closedDays)
        guard let ratio = returned.rateRatio, ratio > max(0.5, reached) else { return }
        judgement.finding = .reduced
        judgement.returned = alarm.since
        let again = alarm.since + SkillFlag.furtherDays
        if again <= series.firstDay + series.closedDays { judgement.confirmed = again }
        judgement.rateRatio = ratio
        judgement.interval = RateInterval(returned, credibility: prior.credibility)
        judgement.confidence = confidence(returned)
        judgement.expected = returned.expected
        judgement.seen = Int(returned.after.hits)
        judgement.days = series.since(alarm.since).after.count
    }
}

extension JudgedSeries {
    /// With the days from one on instead of all after deployment.
    fileprivate func since(_ day: Int) -> JudgedSeries {
        var part = self
        part.after.removeAll { $0.day < day }
        part.control?.after.removeAll { $0.day < day }
        return part
    }
}
