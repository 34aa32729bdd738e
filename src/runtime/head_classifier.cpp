#include "polytag/runtime/head_classifier.hpp"

#include <algorithm>

#include "kernels/speed.hpp"
#include "model/problem_type.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// The fastest precision of those whose bounds are accepted: bfloat16 and float32, and int8 where
/// the weights are int8 already.
Precision automatic_precision(const ModelConfig& config, const BackendFacts& backend,
                              InstructionSet level) {
  Precision fastest = Precision::kFloat32;
  for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
    if (precision == Precision::kInt8 && !config.has_int8_weights) continue;
    if (!backend.supports(precision)) continue;
    if (kernels::speed(precision, level) > kernels::speed(fastest, level)) fastest = precision;
  }
  return fastest;
}

}  // namespace

ResolvedOptions resolve(const LoadOptions& options, const ModelConfig& config,
                        const BackendFacts& backend) {
  const InstructionSet level = options.instruction_set.value_or(default_instruction_set());
  require_supported(level, "instruction set");
  const Precision precision = options.precision == Precision::kAuto
                                  ? automatic_precision(config, backend, level)
                                  : options.precision;
  if (!backend.supports(precision)) {
    throw ArgumentError::mismatch(
        "precision", "one that the backend \"" + std::string(backend.name) + "\" computes in",
        to_string(precision));
  }
  check_given_problem_type(options.problem_type, config.labels);
  return {
      .precision = precision,
      .instruction_set = level,
      .threads = options.threads,
      .problem_type = options.problem_type.empty() ? config.problem_type : options.problem_type};
}

DecisionPolicy default_decision(const ModelConfig& config, const ResolvedOptions& options,
                                bool decodes_sequences) {
  if (decodes_sequences) {
    DecisionPolicy policy = config.decision;
    policy.best_sequence = !config.has_thresholds;
    return policy;
  }
  if (config.has_decision || options.problem_type != kSingleLabel) {
    return config.decision;
  }
  DecisionPolicy best;
  best.threshold = 0.0F;
  best.top_k = 1;
  return best;
}

void check_scores(std::span<const TextScores> texts) {
  for (const TextScores& answer : texts) {
    for (std::size_t label = 0; label < answer.scores.size(); ++label) {
      const float score = answer.scores[label];
      if (score >= 0.0F && score <= 1.0F) continue;
      throw EncodingError::mismatch("", "score of label " + std::to_string(label),
                                    "a number from 0 to 1",
                                    std::to_string(score) + " (are all weights finite?)");
    }
  }
}

std::size_t maximum_tokens(const EncoderFacts& encoder, const ModelConfig& config,
                           const Tokenizer& tokenizer) {
  std::size_t most = std::min(encoder.maximum_tokens, tokenizer.spec().model_max_length);
  if (config.maximum_tokens) most = std::min(most, *config.maximum_tokens);
  if (config.padded_length) most = std::min(most, *config.padded_length);
  const std::size_t special = tokenizer.sequence_template().added(false);
  if (most <= special) {
    throw ConfigError::mismatch(
        config.file, "max_position_embeddings",
        "room for a token beside " + std::to_string(special) + " special tokens",
        std::to_string(most));
  }
  return most;
}

}  // namespace polytag
