// Transcendental functions of a vector. Polynomials are minimax fits of our own. Errors are the
// largest over the floats from -104 to 104, as tests/unit/kernels/vector_math_test.cpp measures
// them.

#pragma once

/// The nearest whole number, ties to even, for |x| < 2^22: floats from 2^23 on have no fraction.
POLYTAG_ALWAYS_INLINE Floats round_to_nearest(Floats x) {
  const Floats shift = broadcast(12582912.0F);  // 1.5 * 2^23
  return (x + shift) - shift;
}

/// exp(r) - 1 for |r| <= ln(2) / 2.
POLYTAG_ALWAYS_INLINE Floats exponential_minus_one_near_zero(Floats r) {
  Floats tail = broadcast(0.00138145978F);
  tail = multiply_add(tail, r, broadcast(0.00836871695F));
  tail = multiply_add(tail, r, broadcast(0.0416683881F));
  tail = multiply_add(tail, r, broadcast(0.166665206F));
  tail = multiply_add(tail, r, broadcast(0.499999934F));
  return multiply_add(tail, r * r, r);
}

/// x less `periods` times ln(2), which is cut in two so that the products with small whole numbers
/// lose nothing (Cody & Waite 1980).
POLYTAG_ALWAYS_INLINE Floats less_periods(Floats x, Floats periods) {
  const Floats reduced = multiply_add(periods, broadcast(-0.693359375F), x);
  return multiply_add(periods, broadcast(2.12194440e-4F), reduced);
}

constexpr float kLog2OfE = 1.44269504F;

/// exp(x); zero below -104, infinite above 89.
POLYTAG_ALWAYS_INLINE Floats exponential(Floats x) {
  const Floats clamped = smaller(broadcast(89.0F), larger(broadcast(-104.0F), x));
  const Floats periods = round_to_nearest(clamped * broadcast(kLog2OfE));
  const Floats power = exponential_minus_one_near_zero(less_periods(clamped, periods));
  return scale_by_power_of_two(power + broadcast(1.0F), periods);
}

/// 2 to the power of x for x <= 0, within 8e-5 of it, a 25th of what bfloat16 rounds off at most;
/// zero below -150.
POLYTAG_ALWAYS_INLINE Floats power_of_two_for_bfloat16(Floats x) {
  const Floats clamped = larger(broadcast(-150.0F), x);
  const Floats periods = round_to_nearest(clamped);
  const Floats fraction = clamped - periods;
  Floats power = broadcast(0.0551716685F);
  power = multiply_add(power, fraction, broadcast(0.242611125F));
  power = multiply_add(power, fraction, broadcast(0.693260968F));
  power = multiply_add(power, fraction, broadcast(0.999928057F));
  return scale_by_power_of_two(power, periods);
}

/// 1 / (1 + exp(-x)), within 3 ulp; a result below the smallest normal number may be zero.
POLYTAG_ALWAYS_INLINE Floats sigmoid(Floats x) {
  const Floats one = broadcast(1.0F);
  return one / (one + exponential(-x));
}

/// tanh(x) = m / (m + 2) with m = exp(2|x|) - 1, which keeps the digits near zero; within 3 ulp.
POLYTAG_ALWAYS_INLINE Floats hyperbolic_tangent(Floats x) {
  const Floats one = broadcast(1.0F);
  // tanh(9.02) rounds to 1.
  const Floats doubled = smaller(broadcast(18.04F), absolute(x + x));
  const Floats periods = round_to_nearest(doubled * broadcast(kLog2OfE));
  const Floats power = exponential_minus_one_near_zero(less_periods(doubled, periods));
  const Floats scale = scale_by_power_of_two(one, periods);
  const Floats minus_one = multiply_add(power, scale, scale - one);
  return with_sign_of(minus_one / (minus_one + broadcast(2.0F)), x);
}

POLYTAG_ALWAYS_INLINE Floats unchanged(Floats x) { return x; }

POLYTAG_ALWAYS_INLINE Floats relu(Floats x) { return larger(broadcast(0.0F), x); }

/// x sigmoid(2u), u = sqrt(2 / pi) (x + 0.044715 x^3), which equals 0.5 x (1 + tanh(u)).
/// Within 1.3e-7 max(1, |x|).
POLYTAG_ALWAYS_INLINE Floats gelu_tanh(Floats x) {
  const Floats one = broadcast(1.0F);
  const Floats cubic = multiply_add(x * x, broadcast(0.0713548162F), broadcast(1.59576912F));
  return x / (one + exponential(-(x * cubic)));
}

/// Phi(-a), the normal distribution's tail beyond a, for a from 0 to 30: 2 to the power of a
/// polynomial.
POLYTAG_ALWAYS_INLINE Floats normal_tail(Floats a) {
  Floats exponent = broadcast(-1.90206379e-06F);
  exponent = multiply_add(exponent, a, broadcast(2.80569162e-05F));
  exponent = multiply_add(exponent, a, broadcast(-0.000131473093F));
  exponent = multiply_add(exponent, a, broadcast(-0.000272076091F));
  exponent = multiply_add(exponent, a, broadcast(0.00724542177F));
  exponent = multiply_add(exponent, a, broadcast(-0.0526276113F));
  exponent = multiply_add(exponent, a, broadcast(-0.459162143F));
  exponent = multiply_add(exponent, a, broadcast(-1.15111105F));
  exponent = multiply_add(exponent, a, broadcast(-1.0F));
  exponent = larger(broadcast(-150.0F), exponent);
  const Floats periods = round_to_nearest(exponent);
  const Floats fraction = (exponent - periods) * broadcast(0.693147181F);
  const Floats power = exponential_minus_one_near_zero(fraction) + broadcast(1.0F);
  return scale_by_power_of_two(power, periods);
}

/// x Phi(x) = max(x, 0) - |x| Phi(-|x|). Within 1e-7 max(1, |x|).
POLYTAG_ALWAYS_INLINE Floats gelu_erf(Floats x) {
  // Phi(-30) is zero; the bound keeps an infinite x from meeting it.
  const Floats distance = smaller(broadcast(30.0F), absolute(x));
  return relu(x) - distance * normal_tail(distance);
}

/// x sigmoid(x), within 3 ulp.
POLYTAG_ALWAYS_INLINE Floats silu(Floats x) {
  return x / (broadcast(1.0F) + exponential(-x));
}

/// max(x, 0) - |x| P(|x|), where P is a polynomial around 2 up to `end` and as good as zero there.
POLYTAG_ALWAYS_INLINE Floats gelu_of_polynomial(Floats x, float end, const float (&terms)[10]) {
  const Floats distance = smaller(broadcast(end), absolute(x));
  const Floats around_two = distance - broadcast(2.0F);  // powers of it stay small
  Floats below = broadcast(terms[0]);
#pragma GCC unroll 16
  for (int i = 1; i < 10; ++i) below = multiply_add(below, around_two, broadcast(terms[i]));
  return relu(x) - distance * below;
}

/// gelu_erf for what becomes an operand of bfloat16 or int8: half the work, and within 2e-5, a
/// 25th of what bfloat16 rounds off at most the deepest value there is, -0.17.
POLYTAG_ALWAYS_INLINE Floats gelu_erf_for_bfloat16(Floats x) {
  constexpr float kTerms[] = {-1.39466219e-5F, 7.86332239e-5F, 4.92632207e-5F, -0.00121588144F,
                              0.00234185276F,  0.00429823482F, -0.0270376746F, 0.0540946051F,
                              -0.053989388F,   0.0227420703F};
  return gelu_of_polynomial(x, 4.4875F, kTerms);
}

/// The same of gelu_tanh.
POLYTAG_ALWAYS_INLINE Floats gelu_tanh_for_bfloat16(Floats x) {
  constexpr float kTerms[] = {-1.37155585e-5F, 7.28043378e-5F, 6.1907318e-5F, -0.00117024686F,
                              0.00222598645F,  0.00417022873F, -0.026681412F, 0.0542374812F,
                              -0.0543893687F,  0.0226958524F};
  return gelu_of_polynomial(x, 4.3625F, kTerms);
}
