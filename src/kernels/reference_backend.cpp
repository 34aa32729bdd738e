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
    case Activation::kSilu:
      return x * sigmoid(x);
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

/// One head of one sequence; queries, keys, values and the output are [length, head_size].
struct Head {
  MatrixView<const float> query, key, value;
  MatrixView<float> output;
  double scale;
  std::size_t window;
  RelativeTerms relative;  // of this sequence and head
  const AttentionDropout* dropout;
  std::size_t sequence, head;

  double score(std::size_t q, std::size_t k) const {
    double sum = dot(query.row(q), key.row(k));
    if (relative.columns.empty()) return sum * scale;
    const std::size_t column = relative.columns[relative.columns.size() / 2 + q - k];
    if (relative.query.data != nullptr) sum += double{relative.query.row(q)[column]};
    if (relative.key.data != nullptr) sum += double{relative.key.row(k)[column]};
    return sum * scale + (relative.bias.data != nullptr ? double{relative.bias.row(0)[column]} : 0);
  }

  void attend(std::size_t q) const {
    const std::size_t begin = q - std::min(q, window);
    const std::size_t end = window < key.rows ? std::min(key.rows, q + window + 1) : key.rows;
    std::vector<double> weights;
    for (std::size_t k = begin; k < end; ++k) weights.push_back(score(q, k));
    softmax(weights);
    if (dropout != nullptr) {
      kernels::drop_probabilities(*dropout, sequence, head, q, std::span(weights));
    }
    for (std::size_t column = 0; column < output.columns; ++column) {
      double sum = 0;
      for (std::size_t k = begin; k < end; ++k) {
        sum += weights[k - begin] * double{value.row(k)[column]};
      }
      output.row(q)[column] = static_cast<float>(sum);
    }
  }
};

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
  const double scale =
      input.scale ? double{*input.scale} : 1.0 / std::sqrt(static_cast<double>(head_size));
  for (std::size_t sequence = 0; sequence < input.attended_lengths.size(); ++sequence) {
    const std::size_t query_begin = input.query_starts[sequence];
    const std::size_t query_rows = input.query_starts[sequence + 1] - query_begin;
    const std::size_t key_begin = input.key_starts[sequence];
    const std::size_t key_rows = input.attended_lengths[sequence];
    for (std::size_t head = 0; head < input.num_heads; ++head) {
      const auto part = [&](auto matrix, std::size_t begin, std::size_t rows) {
        const std::size_t width = matrix.columns / input.num_heads;
        if (matrix.data == nullptr) return matrix;
        return matrix.row_range(begin, rows).column_range(head * width, width);
      };
      RelativeTerms terms = input.relative;
      terms.query = part(terms.query, query_begin, query_rows);
      terms.key = part(terms.key, key_begin, key_rows);
      if (terms.bias.data != nullptr) terms.bias = terms.bias.row_range(head, 1);
      const Head one{.query = part(input.query, query_begin, query_rows),
                     .key = part(input.key, key_begin, key_rows),
                     .value = part(input.value, key_begin, key_rows),
                     .output = part(output, query_begin, query_rows),
                     .scale = scale,
                     .window = input.window,
                     .relative = terms,
                     .dropout = input.dropout,
                     .sequence = sequence,
                     .head = head};
      for (std::size_t q = 0; q < query_rows; ++q) one.attend(q);
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

void ReferenceBackend::gate(Activation activation, MatrixView<const float> input,
                            MatrixView<float> output, const ExecutionContext&) {
  for (std::size_t r = 0; r < output.rows; ++r) {
    for (std::size_t c = 0; c < output.columns; ++c) {
      const double gated = activated(activation, double{input.row(r)[c]});
      output.row(r)[c] = static_cast<float>(gated * double{input.row(r)[output.columns + c]});
    }
  }
}

void ReferenceBackend::rotate(const RotationInput& rotation, MatrixView<float> output,
                              const ExecutionContext&) {
  const std::size_t half = rotation.cosines.columns;
  for (std::size_t i = 0; i + 1 < rotation.sequence_starts.size(); ++i) {
    const std::size_t start = rotation.sequence_starts[i];
    for (std::size_t r = start; r < rotation.sequence_starts[i + 1]; ++r) {
      for (std::size_t head = 0; head < output.columns; head += 2 * half) {
        for (std::size_t c = 0; c < half; ++c) {
          const double cosine = double{rotation.cosines.row(r - start)[c]};
          const double sine = double{rotation.sines.row(r - start)[c]};
          const double first = double{rotation.rows.row(r)[head + c]};
          const double second = double{rotation.rows.row(r)[head + half + c]};
          output.row(r)[head + c] = static_cast<float>(first * cosine - second * sine);
          output.row(r)[head + half + c] = static_cast<float>(second * cosine + first * sine);
        }
      }
    }
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
