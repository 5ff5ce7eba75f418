/// What was found of one skill, and how sure that is.
package struct Judgement: Sendable, Hashable {
    package var id: String
    package var finding: Finding
    /// The rate after as a multiple of that before, exposure considered; nil where neither side has
    /// errors, infinite where only the days after have.
    package var rateRatio: Double?
    /// Of the rate ratio, 95 %; nil where one side was not read at all.
    package var interval: RateInterval?
    /// The probability that the skill at least halves its error, 0...1.
    package var confidence: Double
    /// The smallest p-values that the looks so far leave, corrected for looking several times: that
    /// errors became fewer, and that they became more.
    package var pBoost: Double
    package var pReduce: Double
    /// The last look that was reached: 7, 14 or 28 days; nil before the first.
    package var look: Int?
    /// Errors that would have come in the days after without the skill, and that came.
    package var expected: Double
    package var seen: Int
    /// Known days after deployment that were compared.
    package var days: Int
    /// The first whole day on which the skill acted.
    package var firstDay: Int
    /// The day since which the error is back.
    package var returned: Int?
    /// The day on which a second look said of a reduced skill that it is: the next of the three, or the
    /// fourteenth on which its error is back.
    package var confirmed: Int?
    /// Days on which nothing was read lately, for which the confidence has faded; 0 where it has not.
    package var unread = 0
    /// Whether the control was used; false where it has too few errors, nil where there is none.
    package var isControlled: Bool?
    /// How many skills the prior was fitted on.
    package var priorSkills: Int
    /// Method, numbers and conclusion in a sentence.
    package var reason: String
}
