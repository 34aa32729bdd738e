#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/encoders/encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/runtime/text_pipeline.hpp"

namespace polytag {

/// What a load resolves before the first layer is built.
struct ResolvedOptions {
  Precision precision;  ///< never kAuto
  InstructionSet instruction_set;
  std::size_t threads;
  std::string problem_type;
};
/// @throws ArgumentError for an instruction set that this CPU lacks
ResolvedOptions resolve(const LoadOptions& options, const ModelConfig& config);

/// The policy of a call that brings none: what config.json says; for a single-label model whose
/// config.json says nothing, the best label.
DecisionPolicy default_decision(const ModelConfig& config, const ResolvedOptions& options);

/// Names of tensors that Hugging Face models carry and classification never reads, and those of
/// layers that only pre-training or other heads use. Matched at the end of a name.
std::span<const std::string_view> unused_tensors();

/// @throws EncodingError for a score that is not in [0, 1]: weights that are not finite, or make
/// sums
///         that are not, leave no probability to decide by
void check_scores(std::span<const TextScores> texts);

/// How many tokens a text may have: the least of what the positions, the tokenizer and the padded
/// length allow. @throws ConfigError if that leaves no room for a token
std::size_t maximum_tokens(const ModelConfig& config, const Tokenizer& tokenizer);

/// The one implementation of MultiLabelClassifier: any encoder under any head. Compose your own:
///
///     HeadClassifier<TransformerEncoder<NativeBackend>, MyHead>(open_model_directory(path),
///                                                               my_head_config, {})
template <TextEncoder Encoder, ClassificationHead Head>
class HeadClassifier final : public MultiLabelClassifier {
 public:
  /// @throws ShapeError if the weights are not those that the encoder and the head declare
  HeadClassifier(ModelDirectory model, const typename Head::Config& head_config,
                 const LoadOptions& options)
      : HeadClassifier(std::move(model), head_config, options, resolve(options, model.config)) {}

 private:
  HeadClassifier(ModelDirectory&& model, const typename Head::Config& head_config,
                 const LoadOptions& options, const ResolvedOptions& resolved)
      : MultiLabelClassifier(model.config.labels, default_decision(model.config, resolved),
                             model.config.excluded_labels,
                             describe(model, head_config, options, resolved)),
        encoder_(model.config.encoder, model.weights, resolved.precision),
        head_(head_config, model.weights, resolved.precision),
        pipeline_(std::move(model.tokenizer), {.maximum_tokens = description().maximum_tokens,
                                               .padded_length = model.config.padded_length,
                                               .threads = resolved.threads,
                                               .instruction_set = resolved.instruction_set,
                                               .num_labels = labels().size(),
                                               .search_bytes = search_bytes()}) {}

  /// Checks the weights against what the parts declare, before anything is built from them.
  static ModelDescription describe(const ModelDirectory& model,
                                   const typename Head::Config& head_config,
                                   const LoadOptions& options, const ResolvedOptions& resolved) {
    auto parameters = Encoder::parameters(model.config.encoder, model.weights);
    std::ranges::copy(Head::parameters(head_config), std::back_inserter(parameters));
    model.weights.expect(parameters, unused_tensors());
    std::size_t count = 0;
    for (const ParameterSpec& parameter : parameters) count += element_count(parameter.shape);
    return {.architecture = model.config.encoder.model_type,
            .head = std::string(Head::kName),
            .decodes_sequences = SequenceHead<Head>,
            .problem_type = resolved.problem_type,
            .backend = options.backend,
            .precision = resolved.precision,
            .instruction_set = resolved.instruction_set,
            .maximum_tokens = polytag::maximum_tokens(model.config, model.tokenizer),
            .parameter_count = count};
  }

  std::vector<EncodedText> encode_texts(std::span<const TextInput> inputs,
                                        const ClassifyOptions& options) const override {
    return pipeline_.encode(inputs, options);
  }

  std::vector<TextScores> score_texts(std::span<const EncodedText> texts,
                                      const ClassifyOptions& options) const override {
    return pipeline_.forward(
        texts, options, [&](const EncodedBatch& batch, const ExecutionContext& context) {
          auto scores = scores_of(encoder_.forward(batch, Head::kRows, context), options, context);
          check_scores(scores);
          return scores;
        });
  }

  std::size_t texts_of_round(std::span<const TextInput> inputs,
                             const ClassifyOptions& options) const override {
    return pipeline_.texts_of_round(inputs, options);
  }

  std::size_t search_bytes() const {
    if constexpr (requires { head_.bytes_per_text(); }) {
      return head_.bytes_per_text();
    } else {
      return 0;
    }
  }

  std::vector<TextScores> scores_of(const EncoderOutput& encoded, const ClassifyOptions& options,
                                    const ExecutionContext& context) const {
    if constexpr (SequenceHead<Head>) {
      return head_.decode(encoded, options.beams, context);
    } else {
      const LabelScores scores = head_.scores(encoded, context);
      std::vector<TextScores> texts(encoded.size());
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto row = scores.of(i);
        texts[i].scores.assign(row.begin(), row.end());
      }
      return texts;
    }
  }

  Encoder encoder_;
  Head head_;
  TextPipeline pipeline_;
};

}  // namespace polytag
