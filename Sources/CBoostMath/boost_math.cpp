#include "CBoostMath.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace {

namespace policies = boost::math::policies;

// NaN instead of exceptions, and double instead of long double, whose width is the processor's.
using Policy = policies::policy<
    policies::domain_error<policies::ignore_error>, policies::pole_error<policies::ignore_error>,
    policies::overflow_error<policies::ignore_error>,
    policies::evaluation_error<policies::ignore_error>, policies::promote_double<false>>;

using Beta = boost::math::beta_distribution<double, Policy>;
using StudentT = boost::math::students_t_distribution<double, Policy>;
using Normal = boost::math::normal_distribution<double, Policy>;

}  // namespace

double flow_beta_cdf(double a, double b, double x) { return cdf(Beta(a, b), x); }

double flow_beta_quantile(double a, double b, double p) { return quantile(Beta(a, b), p); }

double flow_student_t_cdf(double degrees_of_freedom, double x) {
    return cdf(StudentT(degrees_of_freedom), x);
}

double flow_student_t_quantile(double degrees_of_freedom, double p) {
    return quantile(StudentT(degrees_of_freedom), p);
}

double flow_normal_cdf(double x) { return cdf(Normal(), x); }

double flow_normal_quantile(double p) { return quantile(Normal(), p); }

double flow_log_gamma(double x) { return boost::math::lgamma(x, Policy()); }
