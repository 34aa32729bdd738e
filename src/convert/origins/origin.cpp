#include "convert/origins/origin.hpp"

#include <algorithm>
#include <utility>

#include "convert/names/tensorflow_names.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// The scope of the encoder if the checkpoint is of a graph; empty if it is not. Of several scopes
/// the one that Google's programs use is meant.
std::string graph_scope(const WeightSource& weights, const std::optional<std::string>& given) {
  std::vector<std::string> scopes = TensorFlowNames::scopes(weights);
  if (given && !scopes.empty()) {
    std::string scope = *given;
    if (!scope.ends_with('/')) scope += '/';
    if (std::ranges::find(scopes, scope) != scopes.end()) return scope;
    throw ArgumentError::mismatch("ConvertOptions::encoder_prefix",
                                  "the scope of an encoder, as in \"" + scopes.front() + "\"",
                                  "\"" + *given + "\"");
  }
  if (scopes.size() > 1) {
    std::erase_if(scopes,
                  [](const std::string& scope) { return scope != "bert/" && scope != "albert/"; });
  }
  if (scopes.empty()) return {};
  if (scopes.size() == 1) return scopes.front();
  throw FormatError::mismatch(weights.location(), "names of tensors",
                              "one encoder, or which of them (ConvertOptions::encoder_prefix)",
                              "several");
}

}  // namespace

Origin read_origin(OriginFiles files) {
  const std::string scope = graph_scope(files.weights, files.options.encoder_prefix);
  if (scope.empty()) return hugging_face_origin(std::move(files));
  if (is_classifier_multi_label(files.weights)) {
    return classifier_multi_label_origin(std::move(files), scope);
  }
  return google_origin(std::move(files), scope);
}

void check_label_count(const std::filesystem::path& file, const RecognisedHead& head,
                       std::size_t found, std::size_t least) {
  if (found == head.num_labels && found >= least) return;
  throw ConfigError::mismatch(file.string(), "labels",
                              std::to_string(head.num_labels) + " labels, as the tensors of " +
                                  head.name + " have, and at least " + std::to_string(least),
                              std::to_string(found));
}

}  // namespace polytag
