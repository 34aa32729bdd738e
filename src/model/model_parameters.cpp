#include "polytag/model/model_parameters.hpp"

#include <algorithm>
#include <array>

#include "model/architectures.hpp"
#include "model/head_rows.hpp"
#include "polytag/encoders/encoder_parameters.hpp"
#include "polytag/heads/binary_relevance.hpp"
#include "polytag/heads/cls_dense.hpp"
#include "polytag/heads/mean_dense.hpp"
#include "polytag/heads/seq2seq.hpp"
#include "polytag/heads/text_cnn.hpp"

namespace polytag {

namespace {

/// Endings of names that Hugging Face models carry and classification may not read.
constexpr std::array<std::string_view, 5> kUnusedEndings{
    "embeddings.position_ids",  // a constant range that old versions saved
    "pooler.dense.weight", "pooler.dense.bias", "pooler.weight", "pooler.bias"};

/// Modules of encoders that are saved without a prefix.
constexpr std::array<std::string_view, 6> kBareModules{"embeddings", "emb_ln", "encoder",
                                                       "final_norm", "layers", "transformer"};

std::string_view module_of(std::string_view name) { return name.substr(0, name.find('.')); }

/// Whether a module belongs to an encoder or a head that polytag knows.
bool is_known_module(std::string_view module) {
  const auto has_module = [&](const HeadRow& row) {
    return std::ranges::count(row.modules, module) != 0;
  };
  return std::ranges::count(architectures(), module, &Architecture::prefix) != 0 ||
         std::ranges::count(kBareModules, module) != 0 ||
         std::ranges::any_of(head_rows(), has_module);
}

}  // namespace

bool is_unused_tensor(std::string_view name) {
  const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
  return std::ranges::any_of(kUnusedEndings, ends);
}

UnreadNames::UnreadNames(const ParameterList& parameters) : parameters_(parameters) {
  for (const ParameterSpec& parameter : parameters.specs()) {
    modules_.insert(module_of(parameter.name));
  }
}

bool UnreadNames::operator()(std::string_view name) const {
  if (parameters_.find(name)) return false;
  if (is_unused_tensor(name)) return true;
  const std::string_view module = module_of(name);
  return !modules_.contains(module) && !is_known_module(module);
}

ParameterList model_parameters(const ModelConfig& config, const std::string& encoder_prefix) {
  ParameterList parameters;
  const HeadScope scope{parameters.root(), parameters.root(encoder_prefix)};
  declare_encoder(scope.encoder, config.encoder);
  std::visit([&](const auto& head) { declare_head(scope, head); }, config.head);
  return parameters;
}

std::vector<std::string> unread_tensors(const WeightSource& weights,
                                        const ParameterList& parameters) {
  const UnreadNames is_unread(parameters);
  std::vector<std::string> names;
  for (const StoredTensor& tensor : weights.tensors()) {
    if (is_unread(tensor.name)) names.push_back(tensor.name);
  }
  return names;
}

void check_weights(const WeightSource& weights, const ParameterList& parameters) {
  weights.expect(parameters.specs(), UnreadNames(parameters));
}

}  // namespace polytag
