#include "model/architectures.hpp"

#include <algorithm>
#include <array>

#include "model/bert_fields.hpp"
#include "model/encoder_fields.hpp"
#include "model/rotary_fields.hpp"

namespace polytag {

namespace {

ClsTransform of_encoder(std::string name) { return {std::move(name), true, Activation::kTanh}; }

/// ContextPooler of DeBERTa, beside the encoder.
const ClsTransform kDebertaPooler{"pooler.dense", false, Activation::kGeluErf};

void read_deberta_pooler(const ConfigReader& config, ClsTransform& transform) {
  transform.activation = read_activation(config, "pooler_hidden_act");
  const std::size_t hidden = required_size(config, "hidden_size");
  if (const auto size = config.size("pooler_hidden_size"); size && *size != hidden) {
    throw config.refusal("pooler_hidden_size", "hidden_size, " + std::to_string(hidden),
                         std::to_string(*size));
  }
}

/// ModernBertPredictionHead, beside the encoder.
const ClsTransform kModernBertHead{.name = "head.dense",
                                   .in_encoder = false,
                                   .activation = Activation::kGeluErf,
                                   .has_bias = false,
                                   .norm = "head.norm",
                                   .norm_has_bias = false};

void read_modernbert_head(const ConfigReader& config, ClsTransform& transform) {
  transform.activation = read_activation(config, "classifier_activation");
  transform.has_bias = config.boolean("classifier_bias").value_or(false);
  transform.norm_has_bias = config.boolean("norm_bias").value_or(false);
  transform.norm_eps = static_cast<float>(config.number("norm_eps").value_or(1e-5));
}

bool modernbert_pools_mean(const ConfigReader& config) {
  const std::string pooling = config.string("classifier_pooling").value_or("cls");
  if (pooling == "cls" || pooling == "mean") return pooling == "mean";
  throw config.refusal("classifier_pooling", "\"cls\" or \"mean\"", "\"" + pooling + "\"");
}

/// RoBERTa and its kin, which share their names of tensors, too.
Architecture roberta(std::string_view model_type, std::string_view class_name) {
  return {.model_type = model_type,
          .class_name = class_name,
          .prefix = "roberta",
          .read = read_roberta,
          .classifier_transform = {"classifier.dense", false, Activation::kTanh},
          .classifier = "classifier.out_proj",
          .pooler = of_encoder("pooler.dense")};
}

}  // namespace

std::span<const Architecture> architectures() {
  static const std::array kArchitectures{
      Architecture{.model_type = "albert",
                   .class_name = "Albert",
                   .prefix = "albert",
                   .read = read_albert,
                   .classifier_transform = of_encoder("pooler"),
                   .classifier = "classifier",
                   .pooler = of_encoder("pooler")},
      Architecture{.model_type = "bert",
                   .class_name = "Bert",
                   .prefix = "bert",
                   .read = read_bert,
                   .classifier_transform = of_encoder("pooler.dense"),
                   .classifier = "classifier",
                   .pooler = of_encoder("pooler.dense")},
      roberta("camembert", "Camembert"),
      Architecture{.model_type = "deberta-v2",
                   .class_name = "DebertaV2",
                   .prefix = "deberta",
                   .read = read_deberta_v2,
                   .classifier_transform = kDebertaPooler,
                   .classifier = "classifier",
                   .pooler = kDebertaPooler,
                   .read_transform = read_deberta_pooler},
      Architecture{.model_type = "distilbert",
                   .class_name = "DistilBert",
                   .prefix = "distilbert",
                   .read = read_distilbert,
                   .classifier_transform = {"pre_classifier", false, Activation::kRelu},
                   .classifier = "classifier",
                   .pooler = {}},
      Architecture{.model_type = "electra",
                   .class_name = "Electra",
                   .prefix = "electra",
                   .read = read_electra,
                   .classifier_transform = {"classifier.dense", false, Activation::kGeluErf},
                   .classifier = "classifier.out_proj",
                   .pooler = {}},
      Architecture{.model_type = "modernbert",
                   .class_name = "ModernBert",
                   .prefix = "model",
                   .read = read_modernbert,
                   .classifier_transform = kModernBertHead,
                   .classifier = "classifier",
                   .pooler = kModernBertHead,
                   .read_transform = read_modernbert_head,
                   .pools_mean = modernbert_pools_mean},
      Architecture{.model_type = "mpnet",
                   .class_name = "MPNet",
                   .prefix = "mpnet",
                   .read = read_mpnet,
                   .classifier_transform = {"classifier.dense", false, Activation::kTanh},
                   .classifier = "classifier.out_proj",
                   .pooler = of_encoder("pooler.dense")},
      Architecture{.model_type = "nomic_bert",
                   .class_name = "NomicBert",
                   .prefix = "nomic_bert",
                   .read = read_nomic_bert,
                   .classifier_transform = of_encoder("pooler.dense"),
                   .classifier = "classifier",
                   .pooler = of_encoder("pooler.dense")},
      roberta("roberta", "Roberta"),
      roberta("xlm-roberta", "XLMRoberta"),
  };
  return kArchitectures;
}

const Architecture* find_architecture(std::string_view model_type) {
  const auto all = architectures();
  const auto found = std::ranges::find(all, model_type, &Architecture::model_type);
  return found == all.end() ? nullptr : &*found;
}

const Architecture& read_architecture(const ConfigReader& config) {
  std::string known;
  for (const Architecture& architecture : architectures()) {
    known.append(known.empty() ? "one of " : ", ").append(architecture.model_type);
  }
  const std::string type = config.require(config.string("model_type"), "model_type", known);
  if (const Architecture* const found = find_architecture(type)) return *found;
  throw config.refusal("model_type", known, "\"" + type + "\"");
}

const Architecture& architecture_of(std::string_view model_type) {
  return *find_architecture(model_type);
}

}  // namespace polytag
