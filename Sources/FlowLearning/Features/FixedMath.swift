/// Logarithm and exponential that give the same bits on every processor.
///
/// The C library's pick an implementation by the processor's features and differ in the last bit.
/// These are the algorithms of FDLIBM 5.3 (Sun Microsystems, 1993: e_log.c, e_exp.c), in which every
/// step is one IEEE operation; error below 1 unit in the last place.
enum FixedMath {
    private static let ln2High = 6.93147180369123816490e-01
    /// 1.5 × 2⁵²
    private static let roundingSum = 6_755_399_441_055_744.0
    private static let ln2Low = 1.90821492927058770002e-10

    /// The natural logarithm of a normal number above zero.
    static func log(_ x: Double) -> Double {
        var exponent = Double(x.exponent)
        var significand = x.significand
        if significand > 1.414_213_562_373_095_1 {
            significand /= 2
            exponent += 1
        }
        let f = significand - 1
        let s = f / (2 + f)
        let z = s * s
        let w = z * z
        let even =
            w
            * (3.999999999940941908e-01
                + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
        let odd =
            z
            * (6.666666666666735130e-01
                + w
                * (2.857142874366239149e-01
                    + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
        let half = 0.5 * f * f
        return exponent * ln2High
            - ((half - (s * (half + (odd + even)) + exponent * ln2Low)) - f)
    }

    /// e to the power of `x`; 0 and infinity beyond what a double holds.
    static func exp(_ x: Double) -> Double {
        if x > 709.782712893384 { return .infinity }
        if x < -745.1332191019411 { return 0 }
        // The nearest whole number, of which the sum has the digits behind the point no more.
        let k = x * 1.44269504088896338700 + roundingSum - roundingSum
        let high = x - k * ln2High
        let low = k * ln2Low
        let r = high - low
        let t = r * r
        let c =
            r
            - t
            * (1.66666666666666019037e-01
                + t
                * (-2.77777777770155933842e-03
                    + t
                    * (6.61375632143793436117e-05
                        + t
                        * (-1.65339022054652515390e-06
                            + t * 4.13813679705723846039e-08))))
        let y = 1 - ((low - (r * c) / (2 - c)) - high)
        // Two factors, for a power of 2 below the smallest normal number is none.
        let half = Int(k) / 2
        return y * power(half) * power(Int(k) - half)
    }

    /// 2 to the power of `exponent`, one of a normal number.
    private static func power(_ exponent: Int) -> Double {
        Double(bitPattern: UInt64(exponent + 1023) << 52)
    }
}
