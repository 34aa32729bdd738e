#include "polytag/kernels/reference_backend.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/linear_shapes.hpp"
#include "kernels/reference_dropout.hpp"

namespace polytag {

namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kGeluErf:
      return 0.5 * x * (1.0 + std::erf(x / std::numbers::sqrt2));
    case Activation::kGeluTanh: {
      constexpr double kSqrtTwoOverPi = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
      return 0.5 * x * (1.0 + std::tanh(kSqrtTwoOverPi * (x + 0.044715 * x * x * x)));
    }
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kSigmoid:
      return sigmoid(x);
  }
  return x;
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

void softmax(std::span<double> values) {
  if (values.empty()) return;
  const double highest = *std::ranges::max_element(values);
  double sum = 0;
  for (double& value : values) sum += value = std::exp(value - highest);
  for (double& value : values) value /= sum;
}

/// One head of one sequence; every view is [length, head_size].
/// @param drop  called with each query and its probabilities
template <class Drop>
void attend(MatrixView<const float> query, MatrixView<const float> key,
            MatrixView<const float> value, MatrixView<float> output, const Drop& drop) {
  const double scale = 1.0 / std::sqrt(static_cast<double>(query.columns));
  std::vector<double> weights(key.rows);
  for (std::size_t q = 0; q < query.rows; ++q) {
    for (std::size_t k = 0; k < key.rows; ++k) weights[k] = dot(query.row(q), key.row(k)) * scale;
    softmax(weights);
    drop(q, std::span(weights));
    for (std::size_t column = 0; column < output.columns; ++column) {
      double sum = 0;
      for (std::size_t k = 0; k < key.rows; ++k) sum += weights[k] * double{value.row(k)[column]};
      output.row(q)[column] = static_cast<float>(sum);
    }
  }
}

}  // namespace

ReferenceBackend::PackedLinear::PackedLinear(MatrixView<const float> weight,
                                             std::span<const float> bias, Precision)
    : in_features_(weight.columns), out_features_(weight.rows), bias_(bias.begin(), bias.end()) {
  kernels::check_bias(bias, out_features_);
  bias_.resize(out_features_);
  weight_.reserve(in_features_ * out_features_);
  for (std::size_t out = 0; out < out_features_; ++out) {
    const std::span<const float> row = weight.row(out);
    weight_.insert(weight_.end(), row.begin(), row.end());
  }
}

void ReferenceBackend::PackedLinear::apply(MatrixView<const float> input, MatrixView<float> output,
                                           const LinearEpilogue& epilogue,
                                           const ExecutionContext&) const {
  kernels::check_linear_shapes(in_features_, out_features_, input, output, epilogue);
  const MatrixView<const float> weight(weight_.data(), out_features_, in_features_);
  const bool has_residual = epilogue.residual.data != nullptr;
  for (std::size_t row = 0; row < input.rows; ++row) {
    for (std::size_t out = 0; out < output.columns; ++out) {
      const double sum = dot(input.row(row), weight.row(out)) + double{bias_[out]};
      const double residual = has_residual ? double{epilogue.residual.row(row)[out]} : 0.0;
      output.row(row)[out] = static_cast<float>(activated(epilogue.activation, sum) + residual);
    }
  }
}

void ReferenceBackend::layer_norm(MatrixView<const float> input, std::span<const float> gamma,
                                  std::span<const float> beta, float epsilon,
                                  MatrixView<float> output, const ExecutionContext&) {
  const auto count = static_cast<double>(input.columns);
  for (std::size_t r = 0; r < input.rows; ++r) {
    const std::span<const float> row = input.row(r);
    double mean = 0;
    for (const float x : row) mean += double{x} / count;
    double variance = 0;
    for (const float x : row) variance += (double{x} - mean) * (double{x} - mean) / count;
    const double scale = 1.0 / std::sqrt(variance + double{epsilon});
    for (std::size_t c = 0; c < row.size(); ++c) {
      output.row(r)[c] =
          static_cast<float>((double{row[c]} - mean) * scale * double{gamma[c]} + double{beta[c]});
    }
  }
}

void ReferenceBackend::self_attention(const AttentionInput& input, MatrixView<float> output,
                                      const ExecutionContext&) {
  const std::size_t head_size = output.columns / input.num_heads;
  for (std::size_t sequence = 0; sequence < input.attended_lengths.size(); ++sequence) {
    const std::size_t query_begin = input.query_starts[sequence];
    const std::size_t query_rows = input.query_starts[sequence + 1] - query_begin;
    const std::size_t key_begin = input.key_starts[sequence];
    const std::size_t key_rows = input.attended_lengths[sequence];
    for (std::size_t head = 0; head < input.num_heads; ++head) {
      const auto part = [&](auto matrix, std::size_t begin, std::size_t rows) {
        return matrix.row_range(begin, rows).column_range(head * head_size, head_size);
      };
      attend(part(input.query, query_begin, query_rows), part(input.key, key_begin, key_rows),
             part(input.value, key_begin, key_rows), part(output, query_begin, query_rows),
             [&](std::size_t query, std::span<double> probabilities) {
               if (input.dropout == nullptr) return;
               kernels::drop_probabilities(*input.dropout, sequence, head, query, probabilities);
             });
    }
  }
}

void ReferenceBackend::softmax_rows(MatrixView<float> rows, const ExecutionContext&) {
  std::vector<double> values(rows.columns);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    std::ranges::copy(rows.row(r), values.begin());
    softmax(values);
    std::ranges::transform(values, rows.row(r).begin(),
                           [](double value) { return static_cast<float>(value); });
  }
}

void ReferenceBackend::activate(Activation activation, MatrixView<float> rows,
                                const ExecutionContext&) {
  for (std::size_t r = 0; r < rows.rows; ++r) {
    for (float& x : rows.row(r)) x = static_cast<float>(activated(activation, double{x}));
  }
}

void ReferenceBackend::lstm_cell(const LstmCellInput& input, const ExecutionContext&) {
  const std::size_t units = input.cell_state.columns;
  for (std::size_t r = 0; r < input.gates.rows; ++r) {
    const std::span<const float> gates = input.gates.row(r);
    for (std::size_t u = 0; u < units; ++u) {
      const double in = sigmoid(double{gates[u]});
      const double candidate = std::tanh(double{gates[units + u]});
      const double forget = sigmoid(double{gates[2 * units + u]} + double{input.forget_bias});
      const double out = sigmoid(double{gates[3 * units + u]});
      float& cell = input.cell_state.row(r)[u];
      const double next = double{cell} * forget + in * candidate;
      cell = static_cast<float>(next);
      input.hidden.row(r)[u] = static_cast<float>(std::tanh(next) * out);
    }
  }
}

void ReferenceBackend::additive_scores(const AdditiveScoresInput& input, const ExecutionContext&) {
  for (std::size_t t = 0; t < input.keys.rows; ++t) {
    const std::span<const float> key = input.keys.row(t);
    double score = 0;
    for (std::size_t u = 0; u < input.query.size(); ++u) {
      score += double{input.v[u]} * std::tanh(double{key[u]} + double{input.query[u]});
    }
    input.scores[t] = static_cast<float>(score);
  }
}

}  // namespace polytag
