#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/checkpoints/tf_checkpoint.hpp"
#include "polytag/encoders/encoder.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

namespace polytag::test {

/// One of the four programs that polytag replaces: its checkpoint and its outputs.
class OriginalModel {
 public:
  /// Where its outputs are, layer by layer; none if they are not on this machine.
  static std::optional<std::filesystem::path> find(const std::string& variant) {
    const auto outputs = find_golden("tf/" + variant + "/golden.safetensors");
    return outputs ? std::optional(outputs->parent_path()) : std::nullopt;
  }

  explicit OriginalModel(const std::filesystem::path& directory)
      : weights_(open_tf_checkpoint(directory / "checkpoint")),
        outputs_(open_safetensors(directory / "golden.safetensors")),
        states_(output("sequence_output")) {
    const std::size_t length = states_.shape()[1];
    for (std::size_t i = 0; i < size(); ++i) row_starts_.push_back(row_starts_.back() + length);
    attended_lengths_.assign(size(), length);
  }

  std::size_t size() const { return states_.shape()[0]; }
  std::size_t hidden_size() const { return states_.shape()[2]; }
  Tensor weight(const std::string& name) const {
    return weights_.read(name, weights_.find(name)->shape);
  }
  bool has_weight(const std::string& name) const { return weights_.find(name) != nullptr; }
  Tensor output(const std::string& name) const {
    return outputs_.read(name, outputs_.find(name)->shape);
  }
  std::vector<std::int32_t> integer_output(const std::string& name) const {
    const StoredBytes& bytes = outputs_.find(name)->bytes;
    std::vector<std::int32_t> values(bytes.size() / sizeof(std::int32_t));
    bytes.read(0, std::as_writable_bytes(std::span(values)));
    return values;
  }
  /// The hidden states that its encoder handed to its head, padding included.
  EncoderOutput encoded() const {
    return {
        {states_.span().data(), row_starts_.back(), hidden_size()}, row_starts_, attended_lengths_};
  }

 private:
  WeightSource weights_;
  WeightSource outputs_;
  Tensor states_;  // [texts, length, hidden]
  std::vector<std::size_t> row_starts_{0};
  std::vector<std::size_t> attended_lengths_;
};

/// Tensors under the names that polytag's heads know, made from those of a checkpoint.
class RenamedWeights {
 public:
  void add(const std::string& name, Shape shape, const Tensor& tensor) {
    REQUIRE(element_count(shape) == tensor.size());
    auto& stored = (*values_)[name];
    stored.assign(tensor.span().begin(), tensor.span().end());
    tensors_.push_back({name,
                        ElementType::kFloat32,
                        std::move(shape),
                        {std::as_bytes(std::span(stored)), values_},
                        "renamed"});
  }
  /// A matrix [in, out] as [out, in].
  void add_transposed(const std::string& name, const Tensor& tensor) {
    const auto matrix = tensor.matrix();
    Tensor transposed({matrix.columns, matrix.rows});
    for (std::size_t r = 0; r < matrix.rows; ++r) {
      for (std::size_t c = 0; c < matrix.columns; ++c) {
        transposed.matrix().row(c)[r] = matrix.row(r)[c];
      }
    }
    add(name, transposed.shape(), transposed);
  }
  WeightSource source() && { return {"renamed", std::move(tensors_)}; }

 private:
  using Values = std::map<std::string, std::vector<float>>;
  std::shared_ptr<Values> values_ = std::make_shared<Values>();
  std::vector<StoredTensor> tensors_;
};

/// The greatest |ours - expected| / (2e-5 + 1e-4 |expected|): within tolerance up to 1.
inline double worst_of_tolerance(std::span<const float> ours, std::span<const float> expected) {
  REQUIRE(ours.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double error = std::abs(double{ours[i]} - double{expected[i]}) /
                         (2e-5 + 1e-4 * std::abs(double{expected[i]}));
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

}  // namespace polytag::test
