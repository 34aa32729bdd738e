#include "text/tokenizer_settings.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace polytag::text {
namespace {

constexpr std::size_t kTensorFlowMaxInputCharsPerWord = 200;

TokenizerClass read_class(const ConfigReader* config) {
  constexpr std::array kBert{"BertTokenizer",     "DistilBertTokenizer", "ElectraTokenizer",
                             "ConvBertTokenizer", "MobileBertTokenizer", "SqueezeBertTokenizer",
                             "LayoutLMTokenizer", "RetriBertTokenizer"};
  constexpr std::array kBackend{"PreTrainedTokenizer", "TokenizersBackend"};
  const auto name = config == nullptr ? std::nullopt : config->string("tokenizer_class");
  if (!name) return TokenizerClass::kUnnamed;
  std::string_view base = *name;
  if (base.ends_with("Fast")) base.remove_suffix(4);
  if (std::ranges::find(kBert, base) != kBert.end()) return TokenizerClass::kBert;
  if (std::ranges::find(kBackend, base) != kBackend.end()) return TokenizerClass::kBackend;
  throw config->mismatch("tokenizer_class",
                         "a WordPiece tokenizer such as \"BertTokenizer\", or "
                         "\"PreTrainedTokenizerFast\"",
                         *name);
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

TokenizerSettings read_tokenizer_settings(const ConfigReader* config) {
  TokenizerSettings settings;
  settings.tokenizer_class = read_class(config);
  if (config == nullptr) return settings;
  settings.basic_tokenizer = read_basic_tokenizer(*config);
  settings.model_max_length = read_model_max_length(*config);
  settings.truncation_side = read_truncation_side(*config);
  settings.do_lower_case = config->boolean("do_lower_case");
  settings.strip_accents = config->boolean("strip_accents");
  settings.has_strip_accents = config->json().contains("strip_accents");
  settings.tokenize_chinese_chars = config->boolean("tokenize_chinese_chars");
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
