#include "model/architectures.hpp"

#include <algorithm>
#include <array>

#include "model/bert_fields.hpp"

namespace polytag {

namespace {

ClsTransform of_encoder(std::string name) { return {std::move(name), true, Activation::kTanh}; }

/// RoBERTa and its kin, which share their names of tensors, too.
Architecture roberta(std::string_view model_type) {
  return {.model_type = model_type,
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
                   .prefix = "albert",
                   .read = read_albert,
                   .classifier_transform = of_encoder("pooler"),
                   .classifier = "classifier",
                   .pooler = of_encoder("pooler")},
      Architecture{.model_type = "bert",
                   .prefix = "bert",
                   .read = read_bert,
                   .classifier_transform = of_encoder("pooler.dense"),
                   .classifier = "classifier",
                   .pooler = of_encoder("pooler.dense")},
      roberta("camembert"),
      Architecture{.model_type = "distilbert",
                   .prefix = "distilbert",
                   .read = read_distilbert,
                   .classifier_transform = {"pre_classifier", false, Activation::kRelu},
                   .classifier = "classifier",
                   .pooler = {}},
      Architecture{.model_type = "electra",
                   .prefix = "electra",
                   .read = read_electra,
                   .classifier_transform = {"classifier.dense", false, Activation::kGeluErf},
                   .classifier = "classifier.out_proj",
                   .pooler = {}},
      roberta("roberta"),
      roberta("xlm-roberta"),
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
