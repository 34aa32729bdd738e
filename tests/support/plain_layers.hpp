#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "polytag/weights/weight_source.hpp"

/// Layers as their formulas say them, one vector at a time in double, written apart from the
/// library: no packing, no fusing, no ragged layouts.
namespace polytag::test {

using Vector = std::vector<double>;
using Rows = std::vector<Vector>;

inline Rows to_rows(MatrixView<const float> matrix) {
  Rows rows;
  for (std::size_t r = 0; r < matrix.rows; ++r) {
    rows.emplace_back(matrix.row(r).begin(), matrix.row(r).end());
  }
  return rows;
}

inline const StoredTensor& stored(const WeightSource& weights, const std::string& name) {
  return *weights.find(name);
}
inline Rows read_rows(const WeightSource& weights, const std::string& name) {
  const Tensor tensor = weights.read(name, stored(weights, name).shape);
  return to_rows(tensor.matrix());
}
inline Vector read_vector(const WeightSource& weights, const std::string& name) {
  const Tensor tensor = weights.read(name, stored(weights, name).shape);
  return {tensor.span().begin(), tensor.span().end()};
}

inline double plain_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

inline Vector concatenated(Vector a, const Vector& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Vector plain_linear(const Rows& weight, const Vector& bias, const Vector& x) {
  Vector y(bias);
  y.resize(weight.size());
  for (std::size_t o = 0; o < y.size(); ++o) {
    for (std::size_t i = 0; i < x.size(); ++i) y[o] += weight[o][i] * x[i];
  }
  return y;
}

inline Vector plain_softmax(Vector x) {
  const double highest = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (double& value : x) sum += value = std::exp(value - highest);
  for (double& value : x) value /= sum;
  return x;
}

struct PlainLstmState {
  Vector cell, hidden;
};

inline PlainLstmState plain_lstm_step(const Rows& weight, const Vector& bias, double forget_bias,
                                      const Vector& input, const PlainLstmState& before) {
  const std::size_t units = before.cell.size();
  const Vector gates = plain_linear(weight, bias, concatenated(input, before.hidden));
  PlainLstmState after{Vector(units), Vector(units)};
  for (std::size_t u = 0; u < units; ++u) {
    const double in = plain_sigmoid(gates[u]);
    const double candidate = std::tanh(gates[units + u]);
    const double forget = plain_sigmoid(gates[2 * units + u] + forget_bias);
    after.cell[u] = before.cell[u] * forget + in * candidate;
    after.hidden[u] = std::tanh(after.cell[u]) * plain_sigmoid(gates[3 * units + u]);
  }
  return after;
}

/// The greatest difference of two matrices of the same shape; infinite if one has a NaN.
inline double greatest_difference(const Rows& a, const Rows& b) {
  double greatest = a.size() == b.size() ? 0.0 : HUGE_VAL;
  for (std::size_t r = 0; r < std::min(a.size(), b.size()); ++r) {
    if (a[r].size() != b[r].size()) return HUGE_VAL;
    for (std::size_t c = 0; c < a[r].size(); ++c) {
      const double difference = std::abs(a[r][c] - b[r][c]);
      greatest = difference <= greatest ? greatest : std::isnan(difference) ? HUGE_VAL : difference;
    }
  }
  return greatest;
}

}  // namespace polytag::test
