#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "polytag/classifier.hpp"
#include "polytag/encoders/encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/export.hpp"
#include "polytag/heads/head.hpp"
#include "polytag/heads/label_scores.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/model/model_parameters.hpp"
#include "polytag/runtime/text_pipeline.hpp"

namespace polytag {

/// Properties of a backend, apart from its type.
struct BackendFacts {
  std::string_view name;
  bool (*supports)(Precision);
};

/// The options of a load after defaults are resolved.
struct ResolvedOptions {
  Precision precision;  ///< never kAuto; one that the backend supports
  InstructionSet instruction_set;
  std::size_t threads;
  std::string problem_type;
};
/// @throws ArgumentError for an instruction set that this CPU lacks, and for a precision that the
///         backend does not compute in
POLYTAG_EXPORT ResolvedOptions resolve(const LoadOptions& options, const ModelConfig& config,
                                       const BackendFacts& backend);

/// The policy of a call that brings none: what config.json says; where it says nothing, the best
/// label of a single-label model, and the labels of a sequence head's best sequence.
POLYTAG_EXPORT DecisionPolicy default_decision(const ModelConfig& config,
                                               const ResolvedOptions& options,
                                               bool decodes_sequences);

/// @throws EncodingError for a score that is not in [0, 1], which weights that are not finite make
POLYTAG_EXPORT void check_scores(std::span<const TextScores> texts);

/// How many tokens a text may have: the least of what the positions, the tokenizer and the padded
/// length allow. @throws ConfigError if that leaves no room for a token
POLYTAG_EXPORT std::size_t maximum_tokens(const EncoderFacts& encoder, const ModelConfig& config,
                                          const Tokenizer& tokenizer);

/// A model's encoder configuration as that of a family.
/// @throws ConfigError if the model has an encoder of another family
template <class Config>
const Config& encoder_config(const ModelConfig& model) {
  if constexpr (std::same_as<Config, EncoderConfig>) {
    return model.encoder;
  } else {
    if (const auto* const config = std::get_if<Config>(&model.encoder)) return *config;
    throw ConfigError::mismatch(model.file, "model_type", "one of the encoder's family",
                                "\"" + model.model_type + "\"");
  }
}

/// The one implementation of MultiLabelClassifier: any encoder under any head. Compose your own:
///
///     HeadClassifier<BertEncoder<NativeBackend>, MyHead>(open_model_directory(path),
///                                                        my_head_config, {})
template <TextEncoder Encoder, ClassificationHead Head>
class HeadClassifier final : public MultiLabelClassifier {
 public:
  /// An encoder of a family that polytag knows, as config.json describes it.
  /// @throws ShapeError if the weights are not those that the encoder and the head declare;
  ///         ConfigError if the model has an encoder of another family
  HeadClassifier(ModelDirectory model, const typename Head::Config& head_config,
                 const LoadOptions& options) requires
      std::constructible_from<EncoderConfig, const typename Encoder::Config&>
      : HeadClassifier(std::move(model), head_config,
                       Plan(model, encoder_config<typename Encoder::Config>(model.config),
                            head_config, options)) {}

  /// The same with an encoder configuration of your own, whatever model.config.encoder says.
  HeadClassifier(ModelDirectory model, const typename Encoder::Config& encoder_config,
                 const typename Head::Config& head_config, const LoadOptions& options)
      : HeadClassifier(std::move(model), head_config,
                       Plan(model, encoder_config, head_config, options)) {}

 private:
  /// Everything that is resolved and checked before the first layer is built.
  struct Plan {
    Plan(const ModelDirectory& model, const typename Encoder::Config& encoder_config,
         const typename Head::Config& head_config, const LoadOptions& load_options)
        : config(encoder_config),
          options(resolve(load_options, model.config,
                          {Encoder::Backend::kName, Encoder::Backend::supports})),
          encoder(Encoder::declare(parameters.root(model.encoder_prefix), config)),
          head(Head::declare({parameters.root(), parameters.root(model.encoder_prefix)},
                             head_config)) {
      check_weights(model.weights, parameters);
    }

    typename Encoder::Config config;
    ResolvedOptions options;
    ParameterList parameters;
    typename Encoder::Parameters encoder;
    typename Head::Parameters head;
  };

  HeadClassifier(ModelDirectory&& model, const typename Head::Config& head_config, Plan&& plan)
      : HeadClassifier(std::move(model), head_config, plan,
                       Weights(plan.parameters, model.weights)) {}

  HeadClassifier(ModelDirectory&& model, const typename Head::Config& head_config, const Plan& plan,
                 const Weights& weights)
      : MultiLabelClassifier(model.config.labels,
                             default_decision(model.config, plan.options, SequenceHead<Head>),
                             model.config.excluded_labels, describe(model, plan)),
        encoder_(plan.config, plan.encoder, weights, plan.options.precision),
        head_(head_config, plan.head, weights, plan.options.precision),
        pipeline_(std::move(model.tokenizer), {.maximum_tokens = description().maximum_tokens,
                                               .padded_length = model.config.padded_length,
                                               .threads = plan.options.threads,
                                               .instruction_set = plan.options.instruction_set,
                                               .num_labels = labels().size(),
                                               .search_bytes = search_bytes()}) {}

  static ModelDescription describe(const ModelDirectory& model, const Plan& plan) {
    std::size_t count = 0;
    for (const ParameterSpec& parameter : plan.parameters.specs()) {
      count += element_count(parameter.shape);
    }
    return {.architecture = model.config.model_type,
            .head = std::string(Head::kName),
            .decodes_sequences = SequenceHead<Head>,
            .problem_type = plan.options.problem_type,
            .backend = std::string(Encoder::Backend::kName),
            .precision = plan.options.precision,
            .instruction_set = plan.options.instruction_set,
            .maximum_tokens =
                maximum_tokens(Encoder::facts(plan.config), model.config, model.tokenizer),
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
    if constexpr (SequenceHead<Head>) {
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
      return scores_of_labels(head_, encoded, context);
    }
  }

  static std::vector<TextScores> scores_of_labels(const LabelHead auto& head,
                                                  const EncoderOutput& encoded,
                                                  const ExecutionContext& context) {
    const Workspace::Scope scope(context.workspace);
    const auto scores = label_scores<typename Encoder::Backend>(
        head.activation(), head.logits(encoded, context), context);
    std::vector<TextScores> texts(encoded.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto row = scores.row(i);
      texts[i].scores.assign(row.begin(), row.end());
    }
    return texts;
  }

  Encoder encoder_;
  Head head_;
  TextPipeline pipeline_;
};

}  // namespace polytag
