#include "reports/model_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <variant>
#include <vector>

#include "polytag/model/model_parameters.hpp"
#include "reports/checkpoint_report.hpp"
#include "reports/text_output.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A float as a number of JSON that people know again: 0.1 rather than 0.10000000149011612.
double readable(float number) {
  std::string digits;
  append_number(digits, number);
  double value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

Json encoder_json(const BertConfig& encoder) {
  return {{"num_hidden_layers", encoder.num_hidden_layers},
          {"hidden_size", encoder.hidden_size},
          {"embedding_size", encoder.embedding_size},
          {"num_attention_heads", encoder.num_attention_heads},
          {"intermediate_size", encoder.intermediate_size},
          {"vocab_size", encoder.vocab_size},
          {"max_position_embeddings", encoder.max_position_embeddings}};
}

Json encoder_json(const DebertaV2Config& encoder) {
  Json json = encoder_json(encoder.bert);
  json["position_buckets"] = encoder.position_buckets;
  json["max_relative_positions"] = encoder.max_relative_positions;
  return json;
}

/// What encoders with rotary positions have in common.
Json rotary_json(const auto& encoder) {
  return {{"num_hidden_layers", encoder.num_hidden_layers},
          {"hidden_size", encoder.hidden_size},
          {"num_attention_heads", encoder.num_attention_heads},
          {"intermediate_size", encoder.intermediate_size},
          {"vocab_size", encoder.vocab_size},
          {"max_position_embeddings", encoder.max_position_embeddings}};
}

Json encoder_json(const ModernBertConfig& encoder) {
  Json json = rotary_json(encoder);
  json["local_attention"] = encoder.local_attention;
  json["sliding_layers"] = std::ranges::count(encoder.layer_types, ModernBertAttention::kSliding);
  return json;
}

Json encoder_json(const NomicBertConfig& encoder) { return rotary_json(encoder); }

Json decision_json(const DecisionPolicy& decision, const LabelVocabulary& labels) {
  Json thresholds = Json::object();
  for (std::size_t i = 0; i < decision.label_thresholds.size(); ++i) {
    thresholds[labels.name(i)] = readable(decision.label_thresholds[i]);
  }
  return {{"threshold", readable(decision.threshold)},
          {"thresholds", std::move(thresholds)},
          {"top_k", decision.top_k ? Json(*decision.top_k) : Json(nullptr)},
          {"at_least_one", decision.at_least_one},
          {"best_sequence", decision.best_sequence}};
}

Json tokenizer_json(const Tokenizer& tokenizer) {
  bool lower_case = false, strip_accents = false, chinese_chars = false;
  for (const NormalizerStep& step : tokenizer.spec().normalizer) {
    lower_case |= std::holds_alternative<Lowercase>(step);
    strip_accents |= std::holds_alternative<StripAccents>(step);
    if (const auto* bert = std::get_if<BertNormalizerOptions>(&step)) {
      lower_case |= bert->lower_case;
      strip_accents |= bert->strip_accents;
      chinese_chars |= bert->tokenize_chinese_chars;
    }
  }
  return {{"tokens", tokenizer.vocabulary().size()},
          {"do_lower_case", lower_case},
          {"strip_accents", strip_accents},
          {"tokenize_chinese_chars", chinese_chars}};
}

Json weights_json(const ModelDirectory& model) {
  const WeightSource& weights = model.weights;
  std::set<std::string_view> types;
  std::size_t bytes = 0;
  for (const StoredTensor& tensor : weights.tensors()) {
    types.insert(to_string(tensor.type));
    bytes += tensor.bytes.size();
  }
  const auto parameters = model_parameters(model.config, model.encoder_prefix);
  return {{"tensors", weights.tensors().size()},
          {"bytes", bytes},
          {"types", types},
          {"unread", unread_tensors(weights, parameters)}};
}

Json files_json(const fs::path& directory) {
  std::vector<fs::directory_entry> entries(fs::directory_iterator(directory), {});
  std::sort(entries.begin(), entries.end());
  Json files = Json::array();
  for (const fs::directory_entry& entry : entries) {
    if (!entry.is_regular_file()) continue;
    files.push_back({{"name", entry.path().filename().string()}, {"bytes", entry.file_size()}});
  }
  return files;
}

std::string decision_text(const Json& decision) {
  const std::size_t own = decision["thresholds"].size();
  std::string text = decision["best_sequence"].get<bool>() ? "the labels of the best sequence"
                     : own == 0 ? fmt::format("scores of at least {}", decision["threshold"].dump())
                                : "scores of at least each label's own threshold";
  if (!decision["top_k"].is_null()) text += fmt::format(", the {} best", decision["top_k"].dump());
  if (decision["at_least_one"].get<bool>()) text += ", at least one";
  return text;
}

std::string label_list(const Json& labels) {
  constexpr std::size_t kMostCharacters = 200;
  std::string list;
  for (const Json& name : labels) {
    if (list.size() > kMostCharacters) return list + ", …";
    list.append(list.empty() ? "" : ", ").append(name.get_ref<const std::string&>());
  }
  return list;
}

}  // namespace

Json model_json(const ModelDirectory& model, const MultiLabelClassifier& classifier) {
  const ModelDescription& description = classifier.description();
  Json report{{"architecture", description.architecture},
              {"head", description.head},
              {"problem_type", description.problem_type},
              {"parameters", description.parameter_count},
              {"maximum_tokens", description.maximum_tokens},
              {"encoder", std::visit([](const auto& family) { return encoder_json(family); },
                                     model.config.encoder)},
              {"labels", classifier.labels().names()}};
  Json excluded = Json::array();
  for (const std::size_t label : model.config.excluded_labels) {
    excluded.push_back(classifier.labels().name(label));
  }
  report["excluded_labels"] = std::move(excluded);
  report["decision"] = decision_json(classifier.decision_policy(), classifier.labels());
  report["tokenizer"] = tokenizer_json(model.tokenizer);
  report["weights"] = weights_json(model);
  report["computed_with"] = {{"backend", description.backend},
                             {"precision", to_string(description.precision)},
                             {"instruction_set", to_string(description.instruction_set)}};
  report["files"] = files_json(model.path);
  return report;
}

std::string model_table(const Json& report) {
  std::string table;
  const auto line = [&](std::string_view name, const std::string& value) {
    append_cell(table, name, 16);
    table.append(value).append("\n");
  };
  const auto text = [](const Json& value) { return value.get<std::string>(); };
  const Json& encoder = report["encoder"];
  line("architecture",
       fmt::format("{}: {} layers of width {}, {} attention heads", text(report["architecture"]),
                   encoder["num_hidden_layers"].dump(), encoder["hidden_size"].dump(),
                   encoder["num_attention_heads"].dump()));
  line("head", text(report["head"]) + ", " + text(report["problem_type"]));
  line("parameters", report["parameters"].dump());
  line("maximum tokens", report["maximum_tokens"].dump());
  line("labels", fmt::format("{}: {}", report["labels"].size(), label_list(report["labels"])));
  if (!report["excluded_labels"].empty()) {
    line("never an answer", label_list(report["excluded_labels"]));
  }
  line("decision", decision_text(report["decision"]));
  const Json& tokenizer = report["tokenizer"];
  line("tokenizer",
       fmt::format("WordPiece, {} tokens{}{}", tokenizer["tokens"].dump(),
                   tokenizer["do_lower_case"].get<bool>() ? ", lower-cased" : ", cased",
                   tokenizer["strip_accents"].get<bool>() ? ", accents stripped" : ""));
  const Json& weights = report["weights"];
  line("weights",
       fmt::format("{} tensors, {}, {}", weights["tensors"].dump(), label_list(weights["types"]),
                   readable_size(weights["bytes"].get<std::size_t>())));
  if (!weights["unread"].empty()) line("not read", label_list(weights["unread"]));
  const Json& computed = report["computed_with"];
  line("computed with",
       fmt::format("{}, {}, {}", text(computed["backend"]), text(computed["precision"]),
                   text(computed["instruction_set"])));
  std::string_view name = "files";
  for (const Json& file : report["files"]) {
    line(name, text(file["name"]) + ", " + readable_size(file["bytes"].get<std::size_t>()));
    name = "";
  }
  return table;
}

Json linear_model_json(const LinearModel& model) {
  return {{"architecture", LinearModel::kModelType},
          {"head", LinearModel::kHead},
          {"problem_type", "multi_label_classification"},
          {"terms", model.term_count()},
          {"parameters", model.parameter_count()},
          {"labels", model.labels().names()},
          {"decision", decision_json(model.decision(), model.labels())}};
}

std::string linear_model_table(const Json& report) {
  std::string table;
  const auto line = [&](std::string_view name, const std::string& value) {
    append_cell(table, name, 16);
    table.append(value).append("\n");
  };
  line("architecture", "tf_idf: " + report["terms"].dump() + " terms, no encoder");
  line("parameters", report["parameters"].dump());
  line("labels", fmt::format("{}: {}", report["labels"].size(), label_list(report["labels"])));
  line("decision", decision_text(report["decision"]));
  return table;
}

}  // namespace polytag
