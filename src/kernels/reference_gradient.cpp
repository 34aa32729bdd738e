#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/linear_shapes.hpp"
#include "kernels/reference_dropout.hpp"
#include "polytag/kernels/reference_backend.hpp"

namespace polytag {

namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

void add(float& sum, double x) { sum = static_cast<float>(double{sum} + x); }

double slope(Activation activation, double x) {
  switch (activation) {
    case Activation::kNone:
      return 1;
    case Activation::kRelu:
      return x > 0 ? 1 : 0;
    case Activation::kGeluErf: {
      const double density =
          std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
      return 0.5 * (1.0 + std::erf(x / std::numbers::sqrt2)) + x * density;
    }
    case Activation::kGeluTanh: {
      constexpr double kSqrtTwoOverPi = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
      const double y = std::tanh(kSqrtTwoOverPi * (x + 0.044715 * x * x * x));
      const double inner = kSqrtTwoOverPi * (1.0 + 3 * 0.044715 * x * x);
      const double rest = 1 - y * y;
      return 0.5 * (1.0 + y) + (rest == 0 ? 0 : 0.5 * x * rest * inner);
    }
    case Activation::kTanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case Activation::kSigmoid:
      return sigmoid(x) * (1 - sigmoid(x));
    case Activation::kSilu:
      return sigmoid(x) * (1 + x * (1 - sigmoid(x)));
  }
  return 1;
}

/// Matrices of doubles, [rows, columns].
struct Doubles {
  Doubles(std::size_t rows, std::size_t columns_) : columns(columns_), values(rows * columns_) {}
  std::span<double> row(std::size_t index) {
    return std::span(values).subspan(index * columns, columns);
  }
  std::size_t columns;
  std::vector<double> values;
};

/// One head of one sequence.
struct HeadGradient {
  MatrixView<const float> query, key, value, output_gradient;
  MatrixView<float> query_gradient, key_gradient, value_gradient;

  /// @param drop  called with a query and what is multiplied by its mask
  template <class Drop>
  void run(std::size_t keys, const Drop& drop) const {
    const std::size_t size = query.columns;
    const double scale = 1.0 / std::sqrt(static_cast<double>(size));
    Doubles by_query(query.rows, size), by_key(key.rows, size), by_value(key.rows, size);
    std::vector<double> normal(keys), dropped(keys), gradient(keys);
    for (std::size_t q = 0; keys > 0 && q < query.rows; ++q) {
      double highest = -HUGE_VAL;
      for (std::size_t k = 0; k < keys; ++k) {
        double score = 0;
        gradient[k] = 0;
        for (std::size_t i = 0; i < size; ++i) {
          score += double{query.row(q)[i]} * double{key.row(k)[i]};
          gradient[k] += double{output_gradient.row(q)[i]} * double{value.row(k)[i]};
        }
        highest = std::max(highest, normal[k] = score * scale);
      }
      double sum = 0;
      for (double& x : normal) sum += x = std::exp(x - highest);
      for (double& x : normal) x /= sum;
      dropped = normal;
      drop(q, std::span(dropped));
      drop(q, std::span(gradient));
      double mean = 0;
      for (std::size_t k = 0; k < keys; ++k) mean += normal[k] * gradient[k];
      for (std::size_t k = 0; k < keys; ++k) {
        const double by_score = normal[k] * (gradient[k] - mean) * scale;
        for (std::size_t i = 0; i < size; ++i) {
          by_value.row(k)[i] += dropped[k] * double{output_gradient.row(q)[i]};
          by_key.row(k)[i] += by_score * double{query.row(q)[i]};
          by_query.row(q)[i] += by_score * double{key.row(k)[i]};
        }
      }
    }
    const auto copy = [](Doubles& from, MatrixView<float> to) {
      for (std::size_t row = 0; row < to.rows; ++row) {
        std::ranges::transform(from.row(row), to.row(row).begin(),
                               [](double x) { return static_cast<float>(x); });
      }
    };
    copy(by_query, query_gradient);
    copy(by_key, key_gradient);
    copy(by_value, value_gradient);
  }
};

}  // namespace

ReferenceBackend::PackedLinear ReferenceBackend::pack_transposed(MatrixView<const float> weight) {
  Tensor transposed({weight.columns, weight.rows});
  for (std::size_t row = 0; row < weight.rows; ++row) {
    for (std::size_t column = 0; column < weight.columns; ++column) {
      transposed.matrix().row(column)[row] = weight.row(row)[column];
    }
  }
  return {transposed.matrix(), {}, Precision::kFloat32};
}

void ReferenceBackend::add_weight_gradient(const WeightGradientInput& input,
                                           const ExecutionContext&) {
  kernels::check_weight_gradient_shapes(input);
  for (std::size_t out = 0; out < input.weight.rows; ++out) {
    for (std::size_t in = 0; in < input.weight.columns; ++in) {
      double sum = 0;
      for (std::size_t row = 0; row < input.input.rows; ++row) {
        sum += double{input.output_gradient.row(row)[out]} * double{input.input.row(row)[in]};
      }
      add(input.weight.row(out)[in], sum);
    }
    if (input.bias.empty()) continue;
    double sum = 0;
    for (std::size_t row = 0; row < input.input.rows; ++row) {
      sum += double{input.output_gradient.row(row)[out]};
    }
    add(input.bias[out], sum);
  }
}

void ReferenceBackend::layer_norm_gradient(const LayerNormGradientInput& input,
                                           const ExecutionContext&) {
  const std::size_t size = input.input.columns;
  const auto count = static_cast<double>(size);
  std::vector<double> gamma(size), beta(size), normal(size);
  for (std::size_t r = 0; r < input.input.rows; ++r) {
    const std::span<const float> row = input.input.row(r);
    const std::span<float> gradient = input.gradient.row(r);
    double mean = 0, variance = 0;
    for (const float x : row) mean += double{x} / count;
    for (const float x : row) variance += (double{x} - mean) * (double{x} - mean) / count;
    const double scale = 1.0 / std::sqrt(variance + double{input.epsilon});
    double mean_gradient = 0, mean_product = 0;
    for (std::size_t i = 0; i < size; ++i) {
      normal[i] = (double{row[i]} - mean) * scale;
      gamma[i] += double{gradient[i]} * normal[i];
      beta[i] += double{gradient[i]};
      const double scaled = double{gradient[i]} * double{input.gamma[i]};
      mean_gradient += scaled / count;
      mean_product += scaled * normal[i] / count;
    }
    for (std::size_t i = 0; i < size; ++i) {
      const double scaled = double{gradient[i]} * double{input.gamma[i]};
      gradient[i] = static_cast<float>((scaled - mean_gradient - normal[i] * mean_product) * scale);
    }
  }
  for (std::size_t i = 0; i < size; ++i) add(input.gamma_gradient[i], gamma[i]);
  for (std::size_t i = 0; i < input.beta_gradient.size(); ++i) add(input.beta_gradient[i], beta[i]);
}

void ReferenceBackend::self_attention_gradient(const AttentionGradientInput& input,
                                               const ExecutionContext&) {
  const AttentionInput& forward = input.forward;
  const std::size_t size = forward.query.columns / forward.num_heads;
  for (std::size_t sequence = 0; sequence < forward.attended_lengths.size(); ++sequence) {
    const std::size_t first = forward.query_starts[sequence];
    const std::size_t rows = forward.query_starts[sequence + 1] - first;
    for (std::size_t head = 0; head < forward.num_heads; ++head) {
      const auto part = [&](auto matrix) {
        return matrix.row_range(first, rows).column_range(head * size, size);
      };
      HeadGradient{part(forward.query),        part(forward.key),
                   part(forward.value),        part(input.output_gradient),
                   part(input.query_gradient), part(input.key_gradient),
                   part(input.value_gradient)}
          .run(forward.attended_lengths[sequence], [&](std::size_t query,
                                                       std::span<double> probabilities) {
            if (forward.dropout == nullptr) return;
            kernels::drop_probabilities(*forward.dropout, sequence, head, query, probabilities);
          });
    }
  }
}

void ReferenceBackend::activation_gradient(Activation activation, MatrixView<const float> input,
                                           MatrixView<float> gradient, const ExecutionContext&) {
  for (std::size_t r = 0; r < gradient.rows; ++r) {
    for (std::size_t i = 0; i < gradient.columns; ++i) {
      float& x = gradient.row(r)[i];
      x = static_cast<float>(double{x} * slope(activation, double{input.row(r)[i]}));
    }
  }
}

void ReferenceBackend::lstm_cell_gradient(const LstmCellGradientInput& input,
                                          const ExecutionContext&) {
  const std::size_t units = input.cell.columns;
  for (std::size_t r = 0; r < input.cell.rows; ++r) {
    const std::span<const float> gates = input.gates.row(r);
    const std::span<float> gradient = input.gates_gradient.row(r);
    for (std::size_t u = 0; u < units; ++u) {
      const double in = sigmoid(double{gates[u]});
      const double candidate = std::tanh(double{gates[units + u]});
      const double forget = sigmoid(double{gates[2 * units + u]} + double{input.forget_bias});
      const double out = sigmoid(double{gates[3 * units + u]});
      const double squashed = std::tanh(double{input.cell.row(r)[u]});
      const double of_hidden = double{input.hidden_gradient.row(r)[u]};
      float& cell = input.cell_gradient.row(r)[u];
      const double of_cell = double{cell} + of_hidden * out * (1 - squashed * squashed);
      gradient[u] = static_cast<float>(of_cell * candidate * in * (1 - in));
      gradient[units + u] = static_cast<float>(of_cell * in * (1 - candidate * candidate));
      gradient[2 * units + u] = static_cast<float>(of_cell * double{input.previous_cell.row(r)[u]} *
                                                   forget * (1 - forget));
      gradient[3 * units + u] = static_cast<float>(of_hidden * squashed * out * (1 - out));
      cell = static_cast<float>(of_cell * forget);
    }
  }
}

void ReferenceBackend::additive_scores_gradient(const AdditiveScoresGradientInput& input,
                                                const ExecutionContext&) {
  for (std::size_t t = 0; t < input.keys.rows; ++t) {
    const double above = double{input.scores_gradient[t]};
    for (std::size_t u = 0; u < input.query.size(); ++u) {
      const double activated = std::tanh(double{input.keys.row(t)[u]} + double{input.query[u]});
      const double inner = above * double{input.v[u]} * (1 - activated * activated);
      add(input.v_gradient[u], above * activated);
      add(input.keys_gradient.row(t)[u], inner);
      add(input.query_gradient[u], inner);
    }
  }
}

}  // namespace polytag
