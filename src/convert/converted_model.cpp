#include "convert/converted_model.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "convert/rename_suggestions.hpp"
#include "convert/training_leftovers.hpp"
#include "model/model_config_json.hpp"
#include "polytag/encoders/encoder_parameters.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_config.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/model/model_parameters.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string, std::less<>>;

void check_head(const RecognisedHead& head, const std::optional<std::string>& wanted,
                const std::string& location) {
  if (!wanted || *wanted == head.name) return;
  throw ConfigError::mismatch(
      location, "head", *wanted,
      head.name.empty() ? "the tensors of none" : "the tensors of " + head.name);
}

ParameterList parameters_of(const ModelConfig& config, bool has_head, const WeightSource& weights) {
  const std::string prefix = find_encoder_prefix(config, weights);
  if (has_head) return model_parameters(config, prefix);
  ParameterList parameters;
  declare_encoder(parameters.root(prefix), config.encoder);
  return parameters;
}

/// The shape that the original of one of our tensors would have in the checkpoint.
Shape original_shape(const MappedName& mapped, Shape shape) {
  if (mapped.part) shape.erase(shape.begin());
  if (mapped.transposed) {
    if (shape.size() == 3) shape.push_back(1);  // the channel of a convolution
    std::rotate(shape.begin(), shape.begin() + 1, shape.end());
  }
  return shape;
}

/// One conversion's tensors beside the parameters that the model has.
class TensorCheck {
 public:
  TensorCheck(Origin& origin, const WeightSource& source, const ModelConfig& config)
      : origin_(origin),
        source_(source),
        config_(config),
        parameters_(parameters_of(config, !origin.head.name.empty(), origin.weights.weights)) {
    for (const ParameterSpec& parameter : parameters_.specs()) names_.insert(parameter.name);
  }

  /// Takes out of the origin what training left. @param encoder_was_chosen  see TrainingLeftovers
  void leave_out_leftovers(bool encoder_was_chosen);
  /// @throws ShapeError if a parameter is missing, naming it as the checkpoint would have it
  void check_present(const std::vector<UnreadValue>& unread) const;
  /// @throws ShapeError if a tensor has no place in the model
  void check_rest() const;
  /// Takes out what the model allows but does not read, and returns the tensors to write.
  std::vector<TensorToWrite> take_tensors();

 private:
  bool is_parameter(std::string_view target) const {
    if (names_.contains(target)) return true;
    if (!target.ends_with(kScaleSuffix)) return false;
    target.remove_suffix(kScaleSuffix.size());
    const StoredTensor* const scaled = origin_.weights.weights.find(target);
    return scaled != nullptr && scaled->type == ElementType::kInt8 && names_.contains(target);
  }
  bool has_place(std::string_view target) const {
    return is_parameter(target) || is_unused_tensor(target);
  }

  Origin& origin_;
  const WeightSource& source_;
  const ModelConfig& config_;
  ParameterList parameters_;
  Names names_;
};

void TensorCheck::leave_out_leftovers(bool encoder_was_chosen) {
  const TrainingLeftovers leftovers(source_, parameters_.specs(), encoder_was_chosen);
  ConvertedWeights& weights = origin_.weights;
  Names gone;
  std::erase_if(weights.converted, [&](const ConvertedTensor& tensor) {
    if (has_place(tensor.target)) return false;
    const StoredTensor* const stored = source_.find(tensor.source);
    const std::string_view reason = leftovers.reason(*stored);
    if (reason.empty()) return false;
    weights.left_out.push_back({tensor.source, std::string(reason)});
    gone.insert(tensor.target);
    return true;
  });
  std::vector<StoredTensor> kept;
  for (const StoredTensor& tensor : weights.weights.tensors()) {
    if (!gone.contains(tensor.name)) kept.push_back(tensor);
  }
  weights.weights = WeightSource(weights.weights.location(), std::move(kept));
}

void TensorCheck::check_present(const std::vector<UnreadValue>& unread) const {
  const std::span<const ParameterSpec> parameters = parameters_.specs();
  const auto missing = std::ranges::find_if(parameters, [&](const ParameterSpec& parameter) {
    return origin_.weights.weights.find(parameter.name) == nullptr;
  });
  if (missing == parameters.end()) return;
  const std::string name = origin_.names->original_name(missing->name);
  const auto value = std::ranges::find(unread, name, &UnreadValue::name);
  if (value != unread.end()) {
    throw ShapeError::mismatch(source_.location(), "tensor \"" + name + "\"",
                               to_string(missing->shape), "a value that " + value->reason);
  }
  // The message uses the checkpoint's own names. Tensors that became other parameters are listed as
  // known, so that they are not suggested.
  std::vector<ParameterSpec> known{
      {name, original_shape(origin_.names->map(name), missing->shape)}};
  for (const ConvertedTensor& tensor : origin_.weights.converted) {
    if (names_.contains(tensor.target)) known.push_back({tensor.source, tensor.source_shape});
  }
  for (const LeftOutTensor& tensor : origin_.weights.left_out) {
    known.push_back({tensor.name, source_.find(tensor.name)->shape});
  }
  source_.expect(known, is_unused_tensor);
}

void TensorCheck::check_rest() const {
  std::vector<StoredTensor> strangers;
  for (const ConvertedTensor& tensor : origin_.weights.converted) {
    if (!has_place(tensor.target)) strangers.push_back(*source_.find(tensor.source));
  }
  if (!strangers.empty()) {
    std::string found = to_string(strangers.front().shape);
    if (origin_.head.name.empty()) {
      const std::string suggestion = suggest_renames(
          strangers, {facts_of(config_.encoder).hidden_size, config_.labels.size()});
      found.append(suggestion.empty() ? "" : "; ").append(suggestion);
    }
    throw ShapeError::mismatch(strangers.front().file, "tensor \"" + strangers.front().name + "\"",
                               "no tensor of this name in the model that config.json describes",
                               found);
  }
  origin_.weights.weights.expect(parameters_.specs(), is_unused_tensor);
}

std::vector<TensorToWrite> TensorCheck::take_tensors() {
  // Training a head on an encoder alone may use all that it has.
  const bool is_encoder = origin_.head.name.empty();
  const auto is_kept = [&](std::string_view target) { return is_encoder || is_parameter(target); };
  std::erase_if(origin_.weights.converted, [&](const ConvertedTensor& tensor) {
    if (is_kept(tensor.target)) return false;
    origin_.weights.left_out.push_back(
        {tensor.source, "the " + origin_.head.name + " head does not read it"});
    return true;
  });
  std::vector<TensorToWrite> tensors;
  for (const StoredTensor& tensor : origin_.weights.weights.tensors()) {
    if (!is_kept(tensor.name)) continue;
    tensors.push_back({tensor.name, tensor.type, tensor.shape, tensor.bytes});
  }
  return tensors;
}

void check_vocabulary(const TokenizerFiles& tokenizer, std::size_t embeddings) {
  if (tokenizer.tokens <= embeddings) return;
  throw ConfigError::mismatch(
      tokenizer.vocabulary.string(), "vocabulary",
      "at most the " + std::to_string(embeddings) + " tokens that the embeddings have",
      std::to_string(tokenizer.tokens));
}

}  // namespace

ConvertedModel make_model(Origin origin, const WeightSource& weights,
                          const std::vector<UnreadValue>& unread, const ConversionSource& files,
                          const ConvertOptions& options) {
  check_head(origin.head, options.head, weights.location());
  const ModelConfig config = parse_model_config(origin.config, files.config.string());
  if (!origin.head.name.empty()) {
    check_label_count(origin.label_file.empty() ? files.config : origin.label_file, origin.head,
                      config.labels.size());
  }
  TensorCheck check(origin, weights, config);
  check.leave_out_leftovers(options.encoder_prefix.has_value());
  check.check_present(unread);
  check.check_rest();
  std::vector<TensorToWrite> tensors = check.take_tensors();
  check_vocabulary(origin.tokenizer, facts_of(config.encoder).vocabulary_size);
  Json& tokenizer = origin.tokenizer.config;
  if (!tokenizer.is_null() && !tokenizer.contains("model_max_length")) {
    tokenizer["model_max_length"] = facts_of(config.encoder).maximum_tokens;
  }
  for (const auto& [name, reason] : unread) origin.weights.left_out.push_back({name, reason});
  ConversionReport report{.checkpoint = weights.location(),
                          .config = files.config,
                          .vocabulary = files.vocabulary,
                          .labels = origin.label_file,
                          .naming = origin.names->description(),
                          .model_type = config.model_type,
                          .head = origin.head.name,
                          .converted = std::move(origin.weights.converted),
                          .left_out = std::move(origin.weights.left_out),
                          .notes = std::move(origin.notes)};
  return {.config = std::move(origin.config),
          .tokenizer = std::move(origin.tokenizer),
          .tensors = std::move(tensors),
          .report = std::move(report)};
}

}  // namespace polytag
