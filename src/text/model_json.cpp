#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "text/merge_reader.hpp"
#include "text/tokenizer_json.hpp"

namespace polytag::text {
namespace {

/// Old files do not name the type: what they have tells it.
std::string model_type(const ConfigReader& model) {
  if (const auto type = model.string("type")) return *type;
  if (model.find("merges") != nullptr) return "BPE";
  const Json* const vocab = model.find("vocab");
  if (vocab != nullptr && vocab->is_array()) return "Unigram";
  return model.find("continuing_subword_prefix") != nullptr ? "WordPiece" : "WordLevel";
}

SubwordSpec read_wordpiece(const ConfigReader& model) {
  WordPieceOptions options;
  options.unk_token = model.string("unk_token").value_or(options.unk_token);
  options.continuing_subword_prefix =
      model.string("continuing_subword_prefix").value_or(options.continuing_subword_prefix);
  options.max_input_chars_per_word =
      model.size("max_input_chars_per_word").value_or(options.max_input_chars_per_word);
  return options;
}

/// "a b", or ["a", "b"] in newer files.
std::pair<std::string_view, std::string_view> read_merge(const ConfigReader& model,
                                                         const Json& merge) {
  if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
    return {merge[0].get_ref<const std::string&>(), merge[1].get_ref<const std::string&>()};
  }
  if (merge.is_string()) {
    const std::string_view text = merge.get_ref<const std::string&>();
    const std::size_t blank = text.find(' ');
    if (blank != std::string_view::npos && text.find(' ', blank + 1) == std::string_view::npos) {
      return {text.substr(0, blank), text.substr(blank + 1)};
    }
  }
  throw model.mismatch("merges", "pairs of tokens", merge);
}

SubwordSpec read_bpe(const ConfigReader& model, const Vocabulary& vocabulary) {
  if (model.number("dropout").value_or(0) != 0) {
    throw model.mismatch("dropout", "null or 0, the other is for training", *model.find("dropout"));
  }
  BpeOptions options{
      .unk_token = model.string("unk_token"),
      .continuing_subword_prefix = model.string("continuing_subword_prefix").value_or(""),
      .end_of_word_suffix = model.string("end_of_word_suffix").value_or(""),
      .fuse_unk = model.boolean("fuse_unk").value_or(false),
      .byte_fallback = model.boolean("byte_fallback").value_or(false),
      .ignore_merges = model.boolean("ignore_merges").value_or(false)};
  MergeReader merges(vocabulary, options.continuing_subword_prefix);
  const Json& all = model.array("merges");
  options.merges.reserve(all.size());
  for (const Json& merge : all) {
    const auto [left, right] = read_merge(model, merge);
    const auto ids = merges.find(left, right);
    if (!ids) throw model.mismatch("merges", "tokens of the vocabulary that make one", merge);
    options.merges.push_back(*ids);
  }
  return options;
}

/// A number as the package `tokenizers` reads it: the digits as a whole number, times or by a power
/// of ten, each rounded. Every fourth score is another than the nearest double by that, and sums of
/// equal scores in another order then tie or not. The digits are the shortest for the number, which
/// files hold.
double as_tokenizers_reads(double number) {
  std::array<char, 32> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), std::abs(number),
                                     std::chars_format::scientific);
  std::uint64_t digits = 0;
  int exponent = 0;
  const char* at = text.data();
  for (bool behind_point = false; at != written.ptr && *at != 'e'; ++at) {
    if (*at == '.') {
      behind_point = true;
      continue;
    }
    digits = 10 * digits + static_cast<std::uint64_t>(*at - '0');
    exponent -= behind_point ? 1 : 0;
  }
  if (at == written.ptr) return number;  // not finite, which is refused elsewhere
  int power = 0;
  at += at[1] == '+' ? 2 : 1;
  std::from_chars(at, written.ptr, power);
  exponent += power;
  const auto power_of_ten = [](int of) {
    double value = 0;
    const std::string expression = "1e" + std::to_string(of);
    std::from_chars(expression.data(), expression.data() + expression.size(), value);
    return value;
  };
  auto value = static_cast<double>(digits);
  constexpr int kMostPower = 308;
  if (exponent < -kMostPower) {
    value /= power_of_ten(kMostPower);
    exponent += kMostPower;
  }
  value = exponent < 0 ? value / power_of_ten(-exponent) : value * power_of_ten(exponent);
  return std::signbit(number) ? -value : value;
}

std::pair<std::string, double> read_piece(const ConfigReader& model, const Json& piece) {
  if (!piece.is_array() || piece.size() != 2 || !piece[0].is_string() || !piece[1].is_number()) {
    throw model.mismatch("vocab", "pairs of a piece and its score", piece);
  }
  return {piece[0].get<std::string>(), piece[1].get<double>()};
}

SubwordSpec read_unigram(const ConfigReader& model) {
  UnigramOptions options{.byte_fallback = model.boolean("byte_fallback").value_or(false)};
  if (model.find("unk_id") != nullptr) options.unk_id = read_id(model, "unk_id");
  for (const Json& piece : model.array("vocab")) {
    options.scores.push_back(as_tokenizers_reads(read_piece(model, piece).second));
  }
  return options;
}

std::vector<Vocabulary::Entry> read_pieces(const ConfigReader& model) {
  std::vector<Vocabulary::Entry> entries;
  for (const Json& piece : model.array("vocab")) {
    entries.push_back({read_piece(model, piece).first, static_cast<std::int32_t>(entries.size())});
  }
  return entries;
}

}  // namespace

std::vector<Vocabulary::Entry> read_ids(const ConfigReader& vocab) {
  std::vector<Vocabulary::Entry> entries;
  entries.reserve(vocab.json().size());
  for (const auto& item : vocab.json().items()) {
    entries.push_back({item.key(), read_id(vocab, item.key())});
  }
  std::ranges::stable_sort(entries, {}, &Vocabulary::Entry::id);
  const auto twice = std::ranges::adjacent_find(entries, {}, &Vocabulary::Entry::id);
  if (twice != entries.end()) {
    throw vocab.refusal((twice + 1)->token,
                        "an id of its own, not that of \"" + twice->token + "\"",
                        std::to_string(twice->id));
  }
  return entries;
}

std::vector<Vocabulary::Entry> read_model_vocabulary(const ConfigReader& root) {
  const ConfigReader model = root.object("model");
  return model_type(model) == "Unigram" ? read_pieces(model) : read_ids(model.object("vocab"));
}

SubwordSpec read_subwords(const ConfigReader& root, const Vocabulary& vocabulary) {
  const ConfigReader model = root.object("model");
  const std::string type = model_type(model);
  if (type == "WordPiece") return read_wordpiece(model);
  if (type == "BPE") return read_bpe(model, vocabulary);
  if (type == "Unigram") return read_unigram(model);
  if (type == "WordLevel") {
    return WordLevelOptions{model.require(model.string("unk_token"), "unk_token", "a string")};
  }
  throw model.mismatch("type", "\"WordPiece\", \"WordLevel\", \"BPE\" or \"Unigram\"", type);
}

}  // namespace polytag::text
