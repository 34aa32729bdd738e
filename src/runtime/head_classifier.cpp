#include "polytag/runtime/head_classifier.hpp"

#include <array>

#include "polytag/kernels/native_backend.hpp"

namespace polytag {

ResolvedOptions resolve(const LoadOptions& options, const ModelConfig& config) {
  const InstructionSet best = supported_instruction_sets().back();
  const InstructionSet level = options.instruction_set.value_or(default_instruction_set());
  if (level > best) {
    throw ArgumentError::mismatch("instruction set",
                                  "at most " + std::string(to_string(best)) + " on this CPU",
                                  to_string(level));
  }
  std::string problem_type =
      options.problem_type.empty() ? config.problem_type : options.problem_type;
  if (problem_type.empty() && (std::holds_alternative<BinaryRelevanceConfig>(config.head) ||
                               std::holds_alternative<Seq2SeqConfig>(config.head))) {
    problem_type = "multi_label_classification";  // these heads know no other
  }
  Precision precision = options.precision;
  if (precision == Precision::kAuto) {
    // bfloat16 where the CPU multiplies it: int8 is faster still, but not within the same bounds,
    // unless the weights are int8 already: their bounds are known and accepted.
    const bool native = options.backend == NativeBackend::kName;
    const bool has_bfloat16 = native && level >= InstructionSet::kAvx512Bf16;
    precision = native && config.has_int8_weights ? Precision::kInt8
                : has_bfloat16                    ? Precision::kBfloat16
                                                  : Precision::kFloat32;
  }
  return {.precision = precision,
          .instruction_set = level,
          .threads = options.threads,
          .problem_type = std::move(problem_type)};
}

DecisionPolicy default_decision(const ModelConfig& config, const ResolvedOptions& options) {
  if (std::holds_alternative<Seq2SeqConfig>(config.head)) {
    DecisionPolicy policy = config.decision;
    policy.best_sequence = !config.has_thresholds;
    return policy;
  }
  if (config.has_decision || options.problem_type != "single_label_classification") {
    return config.decision;
  }
  DecisionPolicy best;
  best.threshold = 0.0F;
  best.top_k = 1;
  return best;
}

std::span<const std::string_view> unused_tensors() {
  static constexpr std::array kSuffixes{
      std::string_view("embeddings.position_ids"),  // a constant range that old versions saved
      std::string_view("pooler.dense.weight"), std::string_view("pooler.dense.bias"),
      std::string_view("pooler.weight"), std::string_view("pooler.bias")};
  return kSuffixes;
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

std::size_t maximum_tokens(const ModelConfig& config, const Tokenizer& tokenizer) {
  std::size_t most =
      std::min(config.encoder.max_position_embeddings, tokenizer.config().model_max_length);
  if (config.padded_length) most = std::min(most, *config.padded_length);
  if (most < 3) {
    throw ConfigError::mismatch(config.file, "max_position_embeddings",
                                "room for a token between [CLS] and [SEP]", std::to_string(most));
  }
  return most;
}

}  // namespace polytag
