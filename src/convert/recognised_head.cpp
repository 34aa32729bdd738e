#include "convert/recognised_head.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include "polytag/error.hpp"

namespace polytag {

namespace {

/// A dimension of a tensor that its head must have, since other tensors of the head are there.
std::size_t dimension(const WeightSource& weights, const std::string& name, std::size_t index) {
  const StoredTensor* const tensor = weights.find(name);
  if (tensor == nullptr || tensor->shape.size() <= index) {
    throw ShapeError::mismatch(tensor == nullptr ? weights.location() : tensor->file,
                               "tensor \"" + name + "\"",
                               "at least " + std::to_string(index + 1) + " dimensions",
                               tensor == nullptr ? "nothing" : to_string(tensor->shape));
  }
  return tensor->shape[index];
}

std::string convolution(std::size_t size) {
  return "text_cnn.convolutions." + std::to_string(size) + ".weight";
}

/// The sizes of the filters in ascending order. Names do not tell in which order a program
/// concatenates their features.
std::vector<std::size_t> filter_sizes(const WeightSource& weights) {
  constexpr std::string_view kPrefix = "text_cnn.convolutions.";
  std::vector<std::size_t> found;
  for (const StoredTensor& tensor : weights.tensors()) {
    const std::string_view name = tensor.name;
    if (!name.starts_with(kPrefix)) continue;
    std::size_t size = 0;
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), size);
    if (name == convolution(size)) found.push_back(size);
  }
  std::ranges::sort(found);
  return found;
}

RecognisedHead text_cnn(const WeightSource& weights) {
  const std::vector<std::size_t> sizes = filter_sizes(weights);
  const std::size_t any_size = sizes.empty() ? 1 : sizes.front();
  return {.name = "text_cnn",
          .num_labels = dimension(weights, "classifier.weight", 0),
          .fields = {{"filter_sizes", sizes},
                     {"num_filters", dimension(weights, convolution(any_size), 0)}}};
}

RecognisedHead seq2seq(const WeightSource& weights) {
  const auto layer = [](std::size_t number) {
    return "seq2seq.encoder.forward." + std::to_string(number) + ".weight";
  };
  std::size_t layers = 0;
  while (weights.find(layer(layers)) != nullptr) ++layers;
  constexpr std::size_t kGates = 4;
  return {.name = "seq2seq",
          .num_labels = dimension(weights, "seq2seq.output.weight", 0),
          .fields = {
              {"encoder_units", dimension(weights, layer(0), 0) / kGates},
              {"encoder_layers", layers},
              {"label_embedding_size", dimension(weights, "seq2seq.label_embedding.weight", 1)}}};
}

}  // namespace

RecognisedHead recognise_head(const WeightSource& weights) {
  const auto has = [&](std::string_view prefix) {
    return std::ranges::any_of(weights.tensors(), [&](const StoredTensor& tensor) {
      return tensor.name.starts_with(prefix);
    });
  };
  if (has("text_cnn.")) return text_cnn(weights);
  if (has("seq2seq.")) return seq2seq(weights);
  if (has("classifiers.")) {
    return {.name = "binary_relevance",
            .num_labels = dimension(weights, "classifiers.weight", 0),
            .fields = Json::object()};
  }
  if (!has("classifier.")) return {};
  // ELECTRA's classifier has two layers.
  const bool two = has("classifier.out_proj.");
  return {
      .name = "cls_dense",
      .num_labels = dimension(weights, two ? "classifier.out_proj.weight" : "classifier.weight", 0),
      .fields = Json::object()};
}

}  // namespace polytag
