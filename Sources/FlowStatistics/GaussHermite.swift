/// The mean of a function of a normal variable by Gauss–Hermite quadrature with 9 nodes, exact for
/// polynomials up to degree 17.
///
/// Nodes and weights: Abramowitz and Stegun, table 25.10, scaled to the normal density.
package enum GaussHermite {
    /// Distances from the mean in standard deviations, and weights that add up to 1.
    private static let nodes: [(distance: Double, weight: Double)] = [
        (-4.512745863399783, 2.234584400774664e-05),
        (-3.205429002856470, 2.789141321231769e-03),
        (-2.076847978677830, 4.991640676521788e-02),
        (-1.023255663789133, 2.440975028949394e-01),
        (0, 4.063492063492064e-01),
        (1.023255663789133, 2.440975028949394e-01),
        (2.076847978677830, 4.991640676521788e-02),
        (3.205429002856470, 2.789141321231769e-03),
        (4.512745863399783, 2.234584400774664e-05),
    ]

    /// E f(X) for X normal with this mean and standard deviation; nine calls of `f`.
    package static func mean(
        around center: Double, deviation: Double, of f: (Double) -> Double
    ) -> Double {
        nodes.reduce(0) { sum, node in sum + node.weight * f(center + deviation * node.distance) }
    }
}
