#include "quantize/quantized_weights.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "kernels/native_packing.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

template <class Element>
StoredBytes bytes_of(std::vector<Element> elements) {
  const auto owner = std::make_shared<const std::vector<Element>>(std::move(elements));
  return {std::as_bytes(std::span(*owner)), owner};
}

class Quantizer {
 public:
  explicit Quantizer(const WeightSource& source) : source_(source) {}

  void add_bfloat16(const ParameterSpec& parameter) {
    const Tensor values = source_.read(parameter);
    std::vector<std::uint16_t> rounded;
    rounded.reserve(values.size());
    for (const float value : values.span()) rounded.push_back(kernels::to_bfloat16(value));
    append(parameter.name, ElementType::kBfloat16, parameter.shape, bytes_of(std::move(rounded)));
    ++result_.quantized;
  }

  void add_int8(const ParameterSpec& parameter) {
    const Tensor values = source_.read(parameter);
    std::vector<std::int8_t> numbers;
    std::vector<float> scales;
    numbers.reserve(values.size());
    for (std::size_t row = 0; row < parameter.shape[0]; ++row) {
      for (const std::size_t columns : parameter.traits.quantized_columns) {
        const auto block = values.span().subspan(numbers.size(), columns);
        scales.push_back(checked_scale(block, parameter.name, row));
        for (const float value : block) numbers.push_back(kernels::to_int8(value, scales.back()));
      }
    }
    append(parameter.name, ElementType::kInt8, parameter.shape, bytes_of(std::move(numbers)));
    append(std::string(parameter.name).append(kScaleSuffix), ElementType::kFloat32,
           {parameter.shape[0], parameter.traits.quantized_columns.size()},
           bytes_of(std::move(scales)));
    ++result_.quantized;
  }

  void keep(const StoredTensor& tensor) {
    result_.tensors.push_back({tensor.name, tensor.type, tensor.shape, tensor.bytes});
  }

  QuantizedWeights result() && { return std::move(result_); }

 private:
  float checked_scale(std::span<const float> values, const std::string& name,
                      std::size_t row) const {
    const float scale = kernels::int8_scale(values);
    if (std::isnan(scale)) {
      throw FormatError::mismatch(source_.find(name)->file, "tensor \"" + name + "\"",
                                  "finite numbers", "another in row " + std::to_string(row));
    }
    return scale;
  }

  void append(std::string name, ElementType type, Shape shape, StoredBytes bytes) {
    result_.tensors.push_back({std::move(name), type, std::move(shape), std::move(bytes)});
  }

  const WeightSource& source_;
  QuantizedWeights result_;
};

}  // namespace

QuantizedWeights quantize_weights(const WeightSource& source,
                                  std::span<const ParameterSpec> parameters, Precision precision,
                                  const std::stop_token& stop) {
  std::map<std::string_view, const ParameterSpec*> quantized;
  for (const ParameterSpec& parameter : parameters) {
    if (!parameter.traits.quantized_columns.empty()) quantized.emplace(parameter.name, &parameter);
  }
  const auto is_old_scale = [&](std::string_view name) {
    if (!name.ends_with(kScaleSuffix)) return false;
    name.remove_suffix(kScaleSuffix.size());
    return quantized.contains(name);
  };

  Quantizer quantizer(source);
  for (const StoredTensor& tensor : source.tensors()) {
    if (stop.stop_requested()) throw CancelledError::requested();
    const auto place = quantized.find(tensor.name);
    if (place == quantized.end()) {
      if (!is_old_scale(tensor.name)) quantizer.keep(tensor);
    } else if (precision == Precision::kInt8) {
      quantizer.add_int8(*place->second);
    } else {
      quantizer.add_bfloat16(*place->second);
    }
  }
  return std::move(quantizer).result();
}

}  // namespace polytag
