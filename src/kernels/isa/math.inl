// Transcendental functions of a vector. Polynomials are minimax fits of our own. Errors are the
// largest over the floats from -104 to 104, as tests/unit/kernels/vector_math_test.cpp measures
// them.

#pragma once

/// exp(r) - 1 for |r| <= ln(2) / 2. Terms are summed in pairs, at the same time.
POLYTAG_ALWAYS_INLINE Floats exponential_minus_one_near_zero(Floats r) {
  const Floats square = r * r;
  const Floats first = multiply_add(broadcast(0.166665206F), r, broadcast(0.499999934F));
  Floats tail = multiply_add(broadcast(0.00836871695F), r, broadcast(0.0416683881F));
  tail = multiply_add(square, broadcast(0.00138145978F), tail);
  tail = multiply_add(tail, square, first);
  return multiply_add(tail, square, r);
}

/// Whole numbers n of periods, and 2^n. What is added to round a number of periods leaves n in the
/// low bits of the sum, plus what a float's exponent is biased by, so that one shift makes 2^n:
/// zero for n = -127, infinite for n = 128.
struct Periods {
  static constexpr float kShift = 12582912.0F + 127.0F;  // 1.5 * 2^23: leaves whole numbers
  Floats shifted;

  POLYTAG_ALWAYS_INLINE Floats count() const { return shifted - broadcast(kShift); }
  POLYTAG_ALWAYS_INLINE Floats power_of_two() const { return floats_of(bits_of(shifted) << 23); }
};

/// factor * x rounded, which must lie in [-127, 128].
POLYTAG_ALWAYS_INLINE Periods periods_of(Floats x, float factor) {
  return {multiply_add(x, broadcast(factor), broadcast(Periods::kShift))};
}

/// x less `periods` times ln(2), which is cut in two so that the products with small whole numbers
/// lose nothing (Cody & Waite 1980).
POLYTAG_ALWAYS_INLINE Floats less_periods(Floats x, Floats periods) {
  const Floats reduced = multiply_add(periods, broadcast(-0.693359375F), x);
  return multiply_add(periods, broadcast(2.12194440e-4F), reduced);
}

constexpr float kLog2OfE = 1.44269504F;

/// exp(x); zero below the smallest normal number, infinite above 88.4.
POLYTAG_ALWAYS_INLINE Floats exponential(Floats x) {
  const Floats clamped = smaller(broadcast(88.7F), larger(broadcast(-88.0F), x));
  const Periods periods = periods_of(clamped, kLog2OfE);
  const Floats power = exponential_minus_one_near_zero(less_periods(clamped, periods.count()));
  return (power + broadcast(1.0F)) * periods.power_of_two();  // fused, infinity less infinity
}

/// 2 to the power of x for x <= 0, within 8e-5 of it, a 25th of what bfloat16 rounds off at most;
/// zero below -126.5.
POLYTAG_ALWAYS_INLINE Floats power_of_two_for_bfloat16(Floats x) {
  const Floats clamped = larger(broadcast(-127.0F), x);
  const Periods periods = periods_of(clamped, 1.0F);
  const Floats fraction = clamped - periods.count();
  Floats power = broadcast(0.0551716685F);
  power = multiply_add(power, fraction, broadcast(0.242611125F));
  power = multiply_add(power, fraction, broadcast(0.693260968F));
  power = multiply_add(power, fraction, broadcast(0.999928057F));
  return power * periods.power_of_two();
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
  const Periods periods = periods_of(doubled, kLog2OfE);
  const Floats power = exponential_minus_one_near_zero(less_periods(doubled, periods.count()));
  const Floats scale = periods.power_of_two();
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
/// polynomial, whose even and odd terms are summed apart, at the same time.
POLYTAG_ALWAYS_INLINE Floats normal_tail(Floats a) {
  const Floats square = a * a;
  Floats even = broadcast(-1.90206379e-06F);
  Floats odd = broadcast(2.80569162e-05F);
  even = multiply_add(even, square, broadcast(-0.000131473093F));
  odd = multiply_add(odd, square, broadcast(-0.000272076091F));
  even = multiply_add(even, square, broadcast(0.00724542177F));
  odd = multiply_add(odd, square, broadcast(-0.0526276113F));
  even = multiply_add(even, square, broadcast(-0.459162143F));
  odd = multiply_add(odd, square, broadcast(-1.15111105F));
  even = multiply_add(even, square, broadcast(-1.0F));
  const Floats exponent = larger(broadcast(-127.0F), multiply_add(odd, a, even));
  const Periods periods = periods_of(exponent, 1.0F);
  const Floats fraction = (exponent - periods.count()) * broadcast(0.693147181F);
  const Floats scale = periods.power_of_two();
  return multiply_add(exponential_minus_one_near_zero(fraction), scale, scale);
}

/// x Phi(x) = max(x, 0) - |x| Phi(-|x|). Within 1e-7 max(1, |x|).
POLYTAG_ALWAYS_INLINE Floats gelu_erf(Floats x) {
  // Beyond 13 Phi(-a) is below the smallest normal number; the bound keeps an infinite x from
  // meeting it.
  const Floats distance = smaller(broadcast(30.0F), absolute(x));
  return multiply_add(-distance, normal_tail(distance), relu(x));
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
