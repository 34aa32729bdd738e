// Functions of one row: normalisation, softmax, activations, recurrent and additive cells.

#pragma once

#include "kernels/isa/math.inl"

POLYTAG_ALWAYS_INLINE Floats load_first(const float* from, std::size_t count) {
  return load_or(from, count, 0.0F);
}

/// load_first and store_first cost more than whole vectors; the count is a constant in most calls.
POLYTAG_ALWAYS_INLINE Floats load(const float* from, std::size_t count) {
  return count >= kLanes ? load(from) : load_first(from, count);
}

POLYTAG_ALWAYS_INLINE void store(float* to, Floats x, std::size_t count) {
  if (count >= kLanes) {
    store(to, x);
  } else {
    store_first(to, x, count);
  }
}

/// Calls visit(index, count) for each run of kLanes elements and for what remains.
template <class Visit>
POLYTAG_ALWAYS_INLINE void for_each_vector(std::size_t size, const Visit& visit) {
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) visit(i, kLanes);
  if (i < size) visit(i, size - i);
}

/// The sum of term(index, count) over vectors. Four sums take turns, so that none waits for itself.
template <class Term>
POLYTAG_ALWAYS_INLINE float sum_over(std::size_t size, const Term& term) {
  Floats a = broadcast(0.0F), b = a, c = a, d = a;
  std::size_t i = 0;
  for (; i + 4 * kLanes <= size; i += 4 * kLanes) {
    a += term(i, kLanes);
    b += term(i + kLanes, kLanes);
    c += term(i + 2 * kLanes, kLanes);
    d += term(i + 3 * kLanes, kLanes);
  }
  for (; i < size; i += kLanes) a += term(i, smallest(kLanes, size - i));
  return sum_of((a + b) + (c + d));
}

void layer_norm(const float* input, const float* gamma, const float* beta, float epsilon,
                float* output, std::size_t size) {
  const float scale = 1.0F / static_cast<float>(size);
  const auto value = [&](std::size_t i, std::size_t n) { return load(input + i, n); };
  const Floats mean = broadcast(sum_over(size, value) * scale);
  // Squares of differences: the mean of squares less the squared mean would cancel.
  const float squares = sum_over(size, [&](std::size_t i, std::size_t n) {
    const Floats difference = load(input + i, n) - mean;
    const Floats square = difference * difference;
    return n == kLanes ? square : keep_first(square, n);
  });
  const Floats deviation = broadcast(1.0F / __builtin_sqrtf(squares * scale + epsilon));
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Floats normal = (load(input + i, n) - mean) * deviation;
    store(output + i, multiply_add(normal, load(gamma + i, n), load(beta + i, n)), n);
  });
}

void softmax(float* scores, std::size_t size) {
  const float lowest = -__builtin_inff();
  Floats highest = broadcast(lowest);
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    highest = larger(highest, n == kLanes ? load(scores + i) : load_or(scores + i, n, lowest));
  });
  const Floats maximum = broadcast(largest_of(highest));
  Floats sum = broadcast(0.0F);
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    const Floats power = exponential(load(scores + i, n) - maximum);
    store(scores + i, power, n);
    sum += n == kLanes ? power : keep_first(power, n);
  });
  const Floats weight = broadcast(1.0F / sum_of(sum));
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(scores + i, load(scores + i, n) * weight, n);
  });
}

template <Floats (*kFunction)(Floats)>
void map(float* values, std::size_t size) {
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(values + i, kFunction(load(values + i, n)), n);
  });
}

void activate(Activation activation, float* values, std::size_t size) {
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return map<relu>(values, size);
    case Activation::kGeluErf:
      return map<gelu_erf>(values, size);
    case Activation::kGeluTanh:
      return map<gelu_tanh>(values, size);
    case Activation::kTanh:
      return map<hyperbolic_tangent>(values, size);
    case Activation::kSigmoid:
      return map<sigmoid>(values, size);
    case Activation::kSilu:
      return map<silu>(values, size);
  }
}

void gate(Activation activation, const float* values, const float* gates, float* output,
          std::size_t size) {
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(output + i, load(values + i, n), n);
  });
  activate(activation, output, size);
  for_each_vector(size, [&](std::size_t i, std::size_t n) {
    store(output + i, load(output + i, n) * load(gates + i, n), n);
  });
}

void rotate(const float* row, const float* cosines, const float* sines, float* output,
            std::size_t half) {
  for_each_vector(half, [&](std::size_t i, std::size_t n) {
    const Floats first = load(row + i, n);
    const Floats second = load(row + half + i, n);
    const Floats cosine = load(cosines + i, n);
    const Floats sine = load(sines + i, n);
    store(output + i, first * cosine - second * sine, n);
    store(output + half + i, second * cosine + first * sine, n);
  });
}

void lstm_cell(const float* gates, float* cell_state, float* hidden, float forget_bias,
               std::size_t units) {
  const Floats bias = broadcast(forget_bias);
  for_each_vector(units, [&](std::size_t i, std::size_t n) {
    const Floats input_gate = sigmoid(load(gates + i, n));
    const Floats candidate = hyperbolic_tangent(load(gates + units + i, n));
    const Floats forget_gate = sigmoid(load(gates + 2 * units + i, n) + bias);
    const Floats output_gate = sigmoid(load(gates + 3 * units + i, n));
    const Floats kept = load(cell_state + i, n) * forget_gate;
    const Floats cell = multiply_add(input_gate, candidate, kept);
    store(cell_state + i, cell, n);
    store(hidden + i, hyperbolic_tangent(cell) * output_gate, n);
  });
}

float additive_score(const float* key, const float* query, const float* v, std::size_t units) {
  Floats sum = broadcast(0.0F);
  for_each_vector(units, [&](std::size_t i, std::size_t n) {
    const Floats activated = hyperbolic_tangent(load(key + i, n) + load(query + i, n));
    sum = multiply_add(load(v + i, n), activated, sum);  // v is zero beyond the end
  });
  return sum_of(sum);
}
