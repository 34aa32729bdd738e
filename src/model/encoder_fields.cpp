#include "model/encoder_fields.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace polytag {

std::size_t required_size(const ConfigReader& reader, std::string_view key) {
  return reader.require(reader.size(key), key, "a whole number");
}

std::optional<std::size_t> positive_size(const ConfigReader& reader, std::string_view key) {
  const std::optional<double> number = reader.number(key);
  if (!number || *number < 1) return std::nullopt;
  return reader.size(key);
}

Activation read_activation(const ConfigReader& reader, std::string_view key,
                           std::string_view otherwise) {
  constexpr std::array kNames{
      std::pair{std::string_view("gelu"), Activation::kGeluErf},
      std::pair{std::string_view("gelu_python"), Activation::kGeluErf},
      std::pair{std::string_view("gelu_new"), Activation::kGeluTanh},
      std::pair{std::string_view("gelu_fast"), Activation::kGeluTanh},
      std::pair{std::string_view("gelu_pytorch_tanh"), Activation::kGeluTanh},
      std::pair{std::string_view("relu"), Activation::kRelu},
      std::pair{std::string_view("silu"), Activation::kSilu},
      std::pair{std::string_view("swish"), Activation::kSilu},
      std::pair{std::string_view("sigmoid"), Activation::kSigmoid},
      std::pair{std::string_view("tanh"), Activation::kTanh},
      std::pair{std::string_view("linear"), Activation::kNone},
  };
  const std::string found = reader.string(key).value_or(std::string(otherwise));
  std::string known;
  for (const auto& [name, activation] : kNames) {
    if (name == found) return activation;
    known.append(known.empty() ? "one of " : ", ").append(name);
  }
  throw reader.refusal(key, known, "\"" + found + "\"");
}

std::optional<double> read_rope_theta(const ConfigReader& rope) {
  const std::string type = rope.string("rope_type").value_or("default");
  if (type != "default") throw rope.refusal("rope_type", "\"default\"", "\"" + type + "\"");
  return rope.number("rope_theta");
}

}  // namespace polytag
