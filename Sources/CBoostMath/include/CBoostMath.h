#ifndef C_BOOST_MATH_H
#define C_BOOST_MATH_H

// What FlowStatistics uses of Boost.Math, which is C++ and header-only, as C functions. Where an
// argument is outside a function's domain the answer is NaN; nothing is thrown.

#ifdef __cplusplus
extern "C" {
#endif

double flow_beta_cdf(double a, double b, double x);
double flow_beta_quantile(double a, double b, double p);
double flow_student_t_cdf(double degrees_of_freedom, double x);
double flow_student_t_quantile(double degrees_of_freedom, double p);
double flow_normal_cdf(double x);
double flow_normal_quantile(double p);
double flow_log_gamma(double x);

#ifdef __cplusplus
}
#endif

#endif
