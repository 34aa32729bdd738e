// Backward of the functions of one row in rows.inl.

#pragma once

#include "kernels/isa/rows.inl"

void layer_norm_gradient(const float* input, const float* gamma, float epsilon, float* gradient,
                         float* gamma_gradient, float* beta_gradient, std::size_t size) {
  const float scale = 1.0F / static_cast<float>(size);
  Floats sum = broadcast(0.0F);
  for_each_vector(size, [&](std::size_t i, std::size_t n) { sum += load(input + i, n); });
  const Floats mean = broadcast(sum_of(sum) * scale);
  Floats squares = broadcast(0.0F);
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Floats difference = keep_first(load(input + i, n) - mean, n);
    squares = multiply_add(difference, difference, squares);
  });
  const Floats deviation = broadcast(1.0F / __builtin_sqrtf(sum_of(squares) * scale + epsilon));

  // dx = (g - mean(g) - x mean(g x)) / deviation with g = dy gamma and the normalised input x.
  Floats gradients = broadcast(0.0F);
  Floats products = broadcast(0.0F);
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Floats normal = (load(input + i, n) - mean) * deviation;
    const Floats above = load(gradient + i, n);
    store(gamma_gradient + i, multiply_add(above, normal, load(gamma_gradient + i, n)), n);
    if (beta_gradient != nullptr) {
      store(beta_gradient + i, load(beta_gradient + i, n) + above, n);
    }
    const Floats scaled = above * load(gamma + i, n);
    gradients += scaled;
    products = multiply_add(scaled, keep_first(normal, n), products);
  });
  const Floats mean_gradient = broadcast(sum_of(gradients) * scale);
  const Floats mean_product = broadcast(sum_of(products) * scale);
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Floats normal = (load(input + i, n) - mean) * deviation;
    const Floats scaled = load(gradient + i, n) * load(gamma + i, n);
    store(gradient + i, (scaled - mean_gradient - normal * mean_product) * deviation, n);
  });
}

POLYTAG_ALWAYS_INLINE Floats one_where(Ints mask) {
  return floats_of(mask & bits_of(broadcast(1.0F)));
}

POLYTAG_ALWAYS_INLINE Floats relu_slope(Floats x) { return one_where(x > broadcast(0.0F)); }

POLYTAG_ALWAYS_INLINE Floats sigmoid_slope(Floats x) {
  const Floats y = sigmoid(x);
  return y * (broadcast(1.0F) - y);
}

/// s + x s (1 - s) with s = sigmoid(x).
POLYTAG_ALWAYS_INLINE Floats silu_slope(Floats x) {
  const Floats bounded = smaller(broadcast(104.0F), larger(broadcast(-104.0F), x));
  const Floats y = sigmoid(bounded);
  return multiply_add(bounded * y, broadcast(1.0F) - y, y);
}

POLYTAG_ALWAYS_INLINE Floats tanh_slope(Floats x) {
  const Floats y = hyperbolic_tangent(x);
  return broadcast(1.0F) - y * y;
}

/// s + x s (1 - s) u' with s = sigmoid(u), u = x (a + b x^2), u' = a + 3 b x^2.
POLYTAG_ALWAYS_INLINE Floats gelu_tanh_slope(Floats x) {
  const Floats one = broadcast(1.0F);
  const Floats bounded = smaller(broadcast(30.0F), larger(broadcast(-30.0F), x));
  const Floats square = bounded * bounded;
  const Floats a = broadcast(1.59576912F);
  const Floats y = sigmoid(bounded * multiply_add(square, broadcast(0.0713548162F), a));
  const Floats slope = multiply_add(square, broadcast(3 * 0.0713548162F), a);
  return multiply_add(bounded * y * (one - y), slope, y);
}

/// Phi(x) + x phi(x), with Phi from gelu_erf: x Phi(x) = max(x, 0) - |x| Phi(-|x|).
POLYTAG_ALWAYS_INLINE Floats gelu_erf_slope(Floats x) {
  const Floats distance = smaller(broadcast(30.0F), absolute(x));
  const Floats below = normal_tail(distance);
  const Floats negative = one_where(x < broadcast(0.0F));
  const Floats above = broadcast(1.0F) - below;
  const Floats phi = multiply_add(negative, below - above, above);
  const Floats density =
      broadcast(0.398942280F) * exponential(distance * distance * broadcast(-0.5F));
  return multiply_add(with_sign_of(distance, x), density, phi);
}

template <Floats (*kSlope)(Floats)>
void multiply_by_slope(const float* input, float* gradient, std::size_t size) {
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(gradient + i, load(gradient + i, n) * kSlope(load(input + i, n)), n);
  });
}

void activation_gradient(Activation activation, const float* input, float* gradient,
                         std::size_t size) {
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return multiply_by_slope<relu_slope>(input, gradient, size);
    case Activation::kGeluErf:
      return multiply_by_slope<gelu_erf_slope>(input, gradient, size);
    case Activation::kGeluTanh:
      return multiply_by_slope<gelu_tanh_slope>(input, gradient, size);
    case Activation::kTanh:
      return multiply_by_slope<tanh_slope>(input, gradient, size);
    case Activation::kSigmoid:
      return multiply_by_slope<sigmoid_slope>(input, gradient, size);
    case Activation::kSilu:
      return multiply_by_slope<silu_slope>(input, gradient, size);
  }
}

void lstm_cell_gradient(const float* gates, const float* previous_cell, const float* cell,
                        const float* hidden_gradient, float* cell_gradient, float* gates_gradient,
                        float forget_bias, std::size_t units) {
  const Floats one = broadcast(1.0F);
  for_each_vector(units, [&](std::size_t i, std::size_t n) {
    const Floats input_gate = sigmoid(load(gates + i, n));
    const Floats candidate = hyperbolic_tangent(load(gates + units + i, n));
    const Floats forget_gate = sigmoid(load(gates + 2 * units + i, n) + broadcast(forget_bias));
    const Floats output_gate = sigmoid(load(gates + 3 * units + i, n));
    const Floats squashed = hyperbolic_tangent(load(cell + i, n));
    const Floats of_hidden = load(hidden_gradient + i, n);
    const Floats of_cell =
        load(cell_gradient + i, n) + of_hidden * output_gate * (one - squashed * squashed);
    store(gates_gradient + i, of_cell * candidate * input_gate * (one - input_gate), n);
    store(gates_gradient + units + i, of_cell * input_gate * (one - candidate * candidate), n);
    store(gates_gradient + 2 * units + i,
          of_cell * load(previous_cell + i, n) * forget_gate * (one - forget_gate), n);
    store(gates_gradient + 3 * units + i, of_hidden * squashed * output_gate * (one - output_gate),
          n);
    store(cell_gradient + i, of_cell * forget_gate, n);
  });
}

void additive_score_gradient(const float* key, const float* query, const float* v,
                             float score_gradient, float* key_gradient, float* query_gradient,
                             float* v_gradient, std::size_t units) {
  const Floats above = broadcast(score_gradient);
  for_each_vector(units, [&](std::size_t i, std::size_t n) {
    const Floats activated = hyperbolic_tangent(load(key + i, n) + load(query + i, n));
    store(v_gradient + i, multiply_add(above, activated, load(v_gradient + i, n)), n);
    const Floats inner = above * load(v + i, n) * (broadcast(1.0F) - activated * activated);
    store(key_gradient + i, load(key_gradient + i, n) + inner, n);
    store(query_gradient + i, load(query_gradient + i, n) + inner, n);
  });
}
