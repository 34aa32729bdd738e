#include "runtime/make_classifier.hpp"

#include "polytag/kernels/reference_backend.hpp"

namespace polytag {

namespace {

LabelActivation label_activation(const ModelConfig& config, const std::string& problem_type) {
  if (problem_type == "multi_label_classification") return LabelActivation::kSigmoid;
  if (problem_type == "single_label_classification") return LabelActivation::kSoftmax;
  throw ConfigError::mismatch(
      config.file, "problem_type",
      "\"multi_label_classification\" (a sigmoid for each label) or "
      "\"single_label_classification\" (one softmax over all labels), here or in "
      "LoadOptions::problem_type or --problem-type, since the weights do not tell which",
      problem_type.empty() ? "nothing" : "\"" + problem_type + "\"");
}

/// The dense layer on [CLS] that belongs to the encoder.
ClsTransform pooler(const ModelConfig& config, const WeightSource& weights) {
  const std::string& model_type = config.encoder.model_type;
  const std::string name = EncoderNames(model_type, weights).pooler();
  if (name.empty()) {
    throw ConfigError::mismatch(config.file, "polytag.head",
                                "\"cls_dense\", since " + model_type + " has no pooler",
                                "a head that needs one");
  }
  return {name, Activation::kTanh};
}

/// What each architecture's ForSequenceClassification puts between [CLS] and the labels.
void complete(ClsDenseConfig& head, const ModelConfig& config, const WeightSource& weights,
              const std::string& problem_type) {
  head.activation = label_activation(config, problem_type);
  if (config.encoder.model_type == "distilbert") {
    head.transform = {"pre_classifier", Activation::kRelu};
  } else if (config.encoder.model_type == "electra") {
    head.transform = {"classifier.dense", Activation::kGeluErf};
    head.classifier = "classifier.out_proj";
  } else {
    head.transform = pooler(config, weights);
  }
}

void complete(TextCnnConfig& head, const ModelConfig& config, const WeightSource&,
              const std::string& problem_type) {
  head.activation = label_activation(config, problem_type);
}

void complete(BinaryRelevanceConfig& head, const ModelConfig& config, const WeightSource& weights,
              const std::string&) {
  head.transform = pooler(config, weights);
}

void complete(Seq2SeqConfig&, const ModelConfig&, const WeightSource&, const std::string&) {}

}  // namespace

HeadConfig complete_head(const ModelConfig& config, const WeightSource& weights,
                         const std::string& problem_type) {
  HeadConfig completed = config.head;
  std::visit([&](auto& head) { complete(head, config, weights, problem_type); }, completed);
  return completed;
}

std::vector<ParameterSpec> head_parameters(const ModelConfig& config, const WeightSource& weights) {
  // Both answers to what config.json may leave open have the same tensors.
  const std::string problem_type =
      config.problem_type.empty() ? "multi_label_classification" : config.problem_type;
  return std::visit(
      [](const auto& head) {
        return decltype(HeadOf<ReferenceBackend>::of(head))::parameters(head);
      },
      complete_head(config, weights, problem_type));
}

}  // namespace polytag
