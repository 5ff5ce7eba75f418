import FlowJSON
import FlowTestSupport
import Glibc
import Testing

@testable import FlowSkills

@Suite("Judging by what came after")
struct JudgingTests {
    /// Days with the given hits, exposure 1 unless it is said.
    static func series(
        _ id: String = "s", before: [Int], after: [Int], exposure: Double = 1,
        control: (before: [Int], after: [Int])? = nil
    ) -> JudgedSeries {
        func days(_ hits: [Int], from first: Int, _ exposure: Double) -> [DayRate] {
            hits.enumerated().map { DayRate(day: first + $0, hits: $1, exposure: exposure) }
        }
        return JudgedSeries(
            id: id, before: days(before, from: 0, 1),
            after: days(after, from: before.count, exposure),
            control: control.map {
                .init(
                    before: days($0.before, from: 0, 1),
                    after: days($0.after, from: before.count, 1))
            },
            firstDay: before.count, closedDays: after.count)
    }

    private func alone(_ series: JudgedSeries) throws -> Judgement {
        try #require(Judging.alone([series]).first)
    }

    static let steady = [
        3, 2, 4, 3, 3, 1, 5, 3, 2, 3, 4, 2, 3, 4, 3, 3, 2, 4, 1, 3, 5, 2, 3, 3, 4, 3, 2, 4,
    ]

    @Test("an error that ends is boosted, and says so in numbers and words")
    func ends() throws {
        let judged = try alone(
            Self.series(before: Self.steady, after: Array(repeating: 0, count: 14)))
        #expect(judged.finding == .boosted)
        #expect(judged.rateRatio == 0 && judged.interval?.low == 0)
        #expect(judged.confidence > 0.95 && judged.look == 14)
        #expect(judged.reason.hasPrefix("boosted: expected 42 in 14 days, saw 0; rate ratio 0 (0–"))
        #expect(judged.reason.contains("halved with probability"))
    }

    @Test("before the first look nothing is found, however few errors there are")
    func early() throws {
        let judged = try alone(
            Self.series(before: Self.steady, after: Array(repeating: 0, count: 6)))
        #expect(judged.finding == .notEnoughData && judged.look == nil)
    }

    @Test("less traffic is no success")
    func traffic() throws {
        let fewer = Self.series(
            before: Self.steady, after: Self.steady.map { $0 / 3 }, exposure: 0.33)
        #expect(try alone(fewer).finding != .boosted)
        let same = Self.series(before: Self.steady, after: Self.steady.map { $0 / 3 })
        #expect(try alone(same).finding == .boosted)
    }

    @Test("what happens to untouched errors alike is no success")
    func control() throws {
        let many = Self.steady.map { $0 * 20 }
        let both = Self.series(
            before: Self.steady, after: Self.steady.map { $0 / 3 },
            control: (many, many.map { $0 / 3 }))
        #expect(try alone(both).finding != .boosted)
        let untouched = Self.series(
            before: Self.steady, after: Self.steady.map { $0 / 3 }, control: (many, many))
        #expect(try alone(untouched).finding == .boosted)
    }

    @Test("a control counts on the days only on which the skill's errors were read too")
    func controlOnOtherDays() throws {
        let many = Array(repeating: 70, count: 28)
        var series = Self.series(
            before: Self.steady, after: Self.steady, control: (many, many))
        series.after.removeAll { $0.day % 2 == 0 }
        let sparse = try alone(series)
        #expect([.notEnoughData, .unchanged].contains(sparse.finding), "\(sparse)")
        #expect((0.8...1.3).contains(sparse.rateRatio ?? 0), "\(sparse)")
        var other = Self.series(before: Self.steady, after: Self.steady, control: (many, many))
        other.control?.before.removeLast(20)
        let judged = try alone(other)
        #expect(judged.finding != .boosted && judged.isControlled == true, "\(judged)")
    }

    @Test("a control with too few errors is not used, and that is said")
    func smallControl() throws {
        let judged = try alone(
            Self.series(
                before: Self.steady, after: Self.steady, control: (Self.steady, Self.steady)))
        #expect(judged.isControlled == false)
        #expect(judged.reason.contains("the errors to compare with are too few and not used"))
    }

    @Test("the error is not back where all that is untouched became more alike")
    func returnsWithControl() throws {
        func days(_ hits: Int, _ count: Int) -> [Int] { Array(repeating: hits, count: count) }
        let series = Self.series(
            before: days(3, 28), after: days(1, 28) + days(4, 60),
            control: (days(100, 28), days(100, 28) + days(400, 60)))
        #expect(try alone(series).finding == .boosted)
    }

    @Test("a p-value too small for a number is not certainty where the dispersion is a guess")
    func tails() throws {
        func days(_ hits: Int) -> [Int] { Array(repeating: hits, count: 7) }
        for hits in [28, 32, 200] {
            let judged = try alone(Self.series(before: days(10), after: days(hits)))
            #expect(judged.finding == .notEnoughData, "\(judged)")
        }
        for hits in [145, 160, 5000] {
            let judged = try alone(Self.series(before: days(hits), after: days(0)))
            #expect(judged.finding == .notEnoughData && judged.pBoost > 0, "\(judged)")
        }
    }

    @Test("skills before their first look change no other skill's finding or confidence")
    func young() throws {
        let old = (0..<40).map {
            Self.series(
                "old\($0)", before: Self.steady, after: Self.steady.map { $0 * ($0 % 2) / 2 })
        }
        let young = (0..<500).map {
            Self.series("young\($0)", before: Self.steady, after: [3, 3])
        }
        let alone = Judging.together(old)
        let beside = Judging.together(old + young).prefix(40)
        for (one, two) in zip(alone, beside) {
            #expect(one.finding == two.finding && one.priorSkills == two.priorSkills)
            #expect(
                abs(one.pBoost - two.pBoost) < 1e-9 && abs(one.confidence - two.confidence) < 0.02)
        }
    }

    @Test("of many skills that do nothing fewer are boosted together than each alone")
    func together() {
        var draw = SeededGenerator(seed: 12)
        let all = (0..<400).map { at in
            Self.series(
                "s\(at)", before: (0..<28).map { _ in Int.random(in: 0...3, using: &draw) },
                after: (0..<28).map { _ in Int.random(in: 0...3, using: &draw) })
        }
        func boosted(_ judged: [Judgement]) -> Int { judged.count { $0.finding == .boosted } }
        #expect(boosted(Judging.together(all)) == 0)
        #expect(boosted(Judging.alone(all)) > 0)
    }

    @Test("an error that comes more often is reduced; one that stays is unchanged")
    func otherFindings() throws {
        #expect(
            try alone(Self.series(before: Self.steady, after: Self.steady.map { $0 * 2 })).finding
                == .reduced)
        let stays = Self.steady.map { $0 * 5 }
        let judged = try alone(Self.series(before: stays, after: stays))
        #expect(judged.finding == .unchanged && judged.confidence < 0.05)
    }

    @Test(
        "a boost is taken back when the error returns, and given back when it is gone for as long")
    func returns() throws {
        let quiet = Array(repeating: 0, count: 28)
        let back = try alone(Self.series(before: Self.steady, after: quiet + Self.steady))
        #expect(back.finding == .reduced)
        #expect(back.confidence < 0.1)
        #expect(back.returned.map { $0 - 28 }.map { (28...32).contains($0) } == true)
        #expect(back.reason.hasPrefix("reduced (the error is back)"))
        let gone = try alone(Self.series(before: Self.steady, after: quiet + Self.steady + quiet))
        #expect(gone.finding == .boosted)
    }

    @Test("without errors on either side nothing is known")
    func nothing() throws {
        let judged = try alone(
            Self.series(before: [0, 0, 0, 0, 0, 0, 0], after: [0, 0, 0, 0, 0, 0, 0]))
        #expect(judged.finding == .notEnoughData && judged.rateRatio == nil)
        let unread = try alone(Self.series(before: [], after: [1, 1, 1, 1, 1, 1, 1]))
        #expect(unread.finding == .notEnoughData && unread.interval == nil)
        #expect(unread.reason.contains("no day before its deployment is known"))
    }

    @Test("the order of skills and days changes nothing", arguments: [UInt64(1), 2, 3])
    func order(_ seed: UInt64) {
        var draw = SeededGenerator(seed: seed)
        var all = (0..<60).map { at in
            let rate = Int.random(in: 0...9, using: &draw)
            return Self.series(
                "s\(at)", before: (0..<28).map { _ in Int.random(in: 0...rate, using: &draw) },
                after: (0..<28).map { _ in Int.random(in: 0...max(1, rate / 2), using: &draw) })
        }
        func table(_ judged: [Judgement]) -> [String: String] {
            Dictionary(uniqueKeysWithValues: judged.map { ($0.id, $0.json.text()) })
        }
        let first = table(Judging.together(all))
        all.shuffle(using: &draw)
        for at in all.indices {
            all[at].before.shuffle(using: &draw)
            all[at].after.shuffle(using: &draw)
        }
        #expect(table(Judging.together(all)) == first, "seed \(seed)")
    }

    @Test("a rare error that stays is not called halved because the others are frequent")
    func rareAmongFrequent() throws {
        let others = (0..<50).map {
            Self.series("o\($0)", before: Self.steady, after: Self.steady)
        }
        let rare = (0..<28).map { $0 % 4 == 0 ? 1 : 0 }
        let judged = Judging.together(
            [Self.series(before: rare, after: rare)], prior: JudgingPrior(others))
        #expect(try #require(judged.first).confidence < 0.2, "\(judged)")
    }

    @Test("a prior that rests on few is said to")
    func fewSkills() throws {
        let judged = Judging.together([Self.series(before: Self.steady, after: Self.steady)])
        #expect(
            try #require(judged.first).reason.hasSuffix("what is usual rests on 1 judged skill"))
    }
}

@Suite("Parts of the judging")
struct JudgingPartsTests {
    @Test(
        "hits that vary as independent ones do have a dispersion of 1; a weekly cycle adds nothing")
    func dispersion() {
        let days = (0..<28).map { DayRate(day: $0, hits: [9, 9, 9, 9, 9, 1, 1][$0 % 7]) }
        #expect(Dispersion(of: days).estimate == 0)
        // One weekday: hits 2, 4, 6, 8 are 5 expected each, X² = 20/5 = 4 with 3 degrees of freedom.
        let week = [2, 4, 6, 8].enumerated().map { DayRate(day: $0 * 7, hits: $1) }
        #expect(Dispersion(of: week).estimate == 4.0 / 3)
        #expect(Dispersion(of: week).degreesOfFreedom == 3)
        #expect(Dispersion(of: [DayRate(day: 0, hits: 5)]).estimate == nil)
    }

    @Test("the prior learns from the skills what skills do")
    func prior() {
        var draw = SeededGenerator(seed: 4)
        let series = (0..<300).map { at in
            JudgingTests.series(
                "s\(at)", before: (0..<28).map { _ in Int.random(in: 0...4, using: &draw) },
                after: (0..<28).map { _ in at % 2 == 0 ? 0 : Int.random(in: 0...4, using: &draw) })
        }
        let prior = JudgingPrior(series)
        #expect(prior.skills == 300)
        // Half of the skills end their errors, where 36 % of the start weights lie at a half or less.
        #expect(abs(RatioPrior.start.halved - 0.36) < 0.01 && abs(prior.halved - 0.5) < 0.05)
        // What was seen is likelier under what was learned than under the start weights.
        let observations = series.map {
            RateObservation(RateComparison($0, days: 28), credibility: prior.credibility)
        }
        func logLikelihood(_ ratios: RatioPrior) -> Double {
            observations.reduce(0) { sum, one in
                let likelihood = zip(ratios.weights, RatioPrior.ratios).reduce(0) {
                    $0 + $1.0 * exp(one.logLikelihood($1.1, prior.rates))
                }
                return sum + log(likelihood)
            }
        }
        #expect(logLikelihood(prior.ratios) > logLikelihood(.start))
    }

    @Test("the interval of a Poisson ratio is Jeffreys', with the t quantile of its dispersion")
    func interval() {
        // 40 and 10 hits in equal exposure, one hit a day apart: no dispersion beyond chance.
        let comparison = RateComparison(
            JudgingTests.series(
                before: Array(repeating: 2, count: 20),
                after: Array(repeating: 1, count: 10) + Array(repeating: 0, count: 10)),
            days: 28)
        let interval = RateInterval(
            comparison, credibility: Credibility([(comparison.dispersion, 50)]))
        // scipy.stats.beta.ppf([.975, .025], 40.5, 10.5) → B; 1/B − 1
        #expect(
            abs(interval.low - 0.1207) < 0.005 && abs(interval.high - 0.4833) < 0.01, "\(interval)")
    }

    @Test("weeks that vary more than their days are bursts; independent days are none")
    func bursts() {
        var draw = SeededGenerator(seed: 9)
        func baselines(_ weekly: Bool) -> [[DayRate]] {
            (0..<60).map { _ in
                var level = 4
                return (0..<28).map { day in
                    if day % 7 == 0, weekly { level = Bool.random(using: &draw) ? 1 : 9 }
                    return DayRate(day: day, hits: Int.random(in: 0...2 * level, using: &draw))
                }
            }
        }
        #expect(Bursts.factor(baselines(false)) < 1.3)
        #expect(Bursts.factor(baselines(true)) > 1.5)
        #expect(Bursts.factor(Array(baselines(true).prefix(29))) == 1)
    }

    @Test("the posterior is what numerical integration over the rate gives")
    func posterior() {
        let comparison = RateComparison(
            JudgingTests.series(before: [3, 1, 2, 4, 0, 2, 2], after: [1, 0, 0, 2, 0, 0, 1]),
            days: 28)
        let observation = RateObservation(
            comparison, credibility: Credibility([(comparison.dispersion, 18)]))
        func integrated(_ ratio: Double) -> Double {
            (1...40_000).reduce(0.0) { sum, step in
                let rate = Double(step) * 0.0005
                let before = pow(rate * observation.exposureBefore, observation.before)
                let after = pow(rate * ratio * observation.exposureAfter, observation.after)
                let mean = rate * (observation.exposureBefore + ratio * observation.exposureAfter)
                return sum + before * after * exp(-mean) / rate.squareRoot()
            }
        }
        let direct = integrated(0.25) / integrated(1)
        let logs = (0.25, 1.0)
        let closed = exp(
            observation.logLikelihood(logs.0, .unknown)
                - observation.logLikelihood(logs.1, .unknown))
        #expect(abs(direct / closed - 1) < 1e-3, "\(direct) \(closed)")
    }
}
