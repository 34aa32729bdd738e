#include "text/tokenizer_settings.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace polytag::text {
namespace {

constexpr std::size_t kTensorFlowMaxInputCharsPerWord = 200;

using Class = TokenizerClass;

constexpr std::pair<std::string_view, Class> kClasses[] = {
    {"BertTokenizer", Class::kBert},           {"DistilBertTokenizer", Class::kBert},
    {"ElectraTokenizer", Class::kBert},        {"ConvBertTokenizer", Class::kBert},
    {"MobileBertTokenizer", Class::kBert},     {"SqueezeBertTokenizer", Class::kBert},
    {"LayoutLMTokenizer", Class::kBert},       {"RetriBertTokenizer", Class::kBert},
    {"PreTrainedTokenizer", Class::kBackend},  {"TokenizersBackend", Class::kBackend},
    {"DebertaTokenizer", Class::kBackend},     {"GPT2Tokenizer", Class::kBackend},
    {"GPTNeoXTokenizer", Class::kBackend},     {"HerbertTokenizer", Class::kBackend},
    {"Qwen2Tokenizer", Class::kBackend},       {"MPNetTokenizer", Class::kMpnet},
    {"RobertaTokenizer", Class::kRoberta},     {"LongformerTokenizer", Class::kRoberta},
    {"BartTokenizer", Class::kRoberta},        {"XLMRobertaTokenizer", Class::kXlmRoberta},
    {"CamembertTokenizer", Class::kCamembert}, {"DebertaV2Tokenizer", Class::kDebertaV2},
    {"AlbertTokenizer", Class::kAlbert},       {"XLNetTokenizer", Class::kXlnet},
    {"LlamaTokenizer", Class::kBackend},
};

/// The classes of models whose directories often name none.
constexpr std::pair<std::string_view, Class> kModelTypes[] = {
    {"mpnet", Class::kMpnet},         {"roberta", Class::kRoberta},
    {"longformer", Class::kRoberta},  {"xlm-roberta", Class::kXlmRoberta},
    {"camembert", Class::kCamembert}, {"deberta-v2", Class::kDebertaV2},
    {"xlnet", Class::kXlnet},
};

template <std::size_t kSize>
std::optional<Class> find_class(const std::pair<std::string_view, Class> (&classes)[kSize],
                                std::string_view name) {
  for (const auto& [known, meaning] : classes) {
    if (known == name) return meaning;
  }
  return std::nullopt;
}

/// None if the file names no class.
std::optional<Class> read_class(const ConfigReader* config) {
  const auto name = config == nullptr ? std::nullopt : config->string("tokenizer_class");
  if (!name) return std::nullopt;
  std::string_view base = *name;
  if (base.ends_with("Fast")) base.remove_suffix(4);
  if (const auto known = find_class(kClasses, base)) return known;
  std::string known;
  for (const auto& [class_name, meaning] : kClasses) {
    known += "\"" + std::string(class_name) + "\", ";
  }
  throw config->mismatch("tokenizer_class", known + "with or without \"Fast\"", *name);
}

Class read_class(const ConfigReader* config, const ConfigReader* model_config) {
  if (const auto named = read_class(config)) return *named;
  if (model_config == nullptr) return Class::kUnnamed;
  if (const auto named = read_class(model_config)) return *named;
  const auto type = model_config->string("model_type");
  return (type ? find_class(kModelTypes, *type) : std::nullopt).value_or(Class::kUnnamed);
}

BasicTokenizer read_basic_tokenizer(const ConfigReader& config) {
  const std::string name = config.string("basic_tokenizer").value_or("hugging_face");
  if (name == "hugging_face") return BasicTokenizer::kHuggingFace;
  if (name == "tensorflow") return BasicTokenizer::kTensorFlow;
  throw config.mismatch("basic_tokenizer", "\"hugging_face\" or \"tensorflow\"", name);
}

/// Hugging Face writes "no limit" as the float 1e30, and before version 3 called the field max_len.
std::size_t read_model_max_length(const ConfigReader& config) {
  const std::string_view key =
      config.find("model_max_length") != nullptr ? "model_max_length" : "max_len";
  constexpr double kHuge = 1e15;
  const Json* const value = config.find(key);
  if (value == nullptr || (value->is_number() && value->get<double>() >= kHuge)) {
    return kUnlimitedTokens;
  }
  return *config.size(key);
}

std::optional<TruncationSide> read_truncation_side(const ConfigReader& config) {
  const auto side = config.string("truncation_side");
  if (!side) return std::nullopt;
  if (*side == "right") return TruncationSide::kRight;
  if (*side == "left") return TruncationSide::kLeft;
  throw config.mismatch("truncation_side", "\"right\" or \"left\"", *side);
}

}  // namespace

TokenizerSettings read_tokenizer_settings(const ConfigReader* config,
                                          const ConfigReader* model_config) {
  TokenizerSettings settings;
  settings.tokenizer_class = read_class(config, model_config);
  if (config == nullptr) return settings;
  settings.basic_tokenizer = read_basic_tokenizer(*config);
  settings.model_max_length = read_model_max_length(*config);
  settings.truncation_side = read_truncation_side(*config);
  settings.do_lower_case = config->boolean("do_lower_case");
  settings.strip_accents = config->boolean("strip_accents");
  settings.has_strip_accents = config->json().contains("strip_accents");
  settings.tokenize_chinese_chars = config->boolean("tokenize_chinese_chars");
  settings.add_prefix_space = config->boolean("add_prefix_space");
  settings.trim_offsets = config->boolean("trim_offsets");
  settings.keep_accents = config->boolean("keep_accents");
  settings.split_by_punct = config->boolean("split_by_punct");
  settings.max_input_chars_per_word = config->size("max_input_chars_per_word");
  if (!settings.max_input_chars_per_word &&
      settings.basic_tokenizer == BasicTokenizer::kTensorFlow) {
    settings.max_input_chars_per_word = kTensorFlowMaxInputCharsPerWord;
  }
  if (config->boolean("split_special_tokens").value_or(false)) {
    throw config->mismatch("split_special_tokens", "false, the other is not supported", true);
  }
  return settings;
}

}  // namespace polytag::text
