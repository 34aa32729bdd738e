#include "text/added_token_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <set>

#include "text/tokenizer_json.hpp"

namespace polytag::text {
namespace {

// In the order in which transformers adds them.
constexpr std::array<std::string_view, 7> kNames{"bos_token", "eos_token", "unk_token", "sep_token",
                                                 "pad_token", "cls_token", "mask_token"};

constexpr std::string_view kExtra = "extra_special_tokens";
constexpr std::string_view kAdditional = "additional_special_tokens";

bool is_standard(std::string_view key) {
  return std::find(kNames.begin(), kNames.end(), key) != kNames.end();
}

/// A special token: a string or an AddedToken object.
AddedToken read_special_token(const Json& value, const ConfigReader& file, std::string_view key) {
  if (value.is_string()) return {.content = value.get<std::string>()};
  if (!value.is_object()) throw file.mismatch(key, "a string or an object", value);
  const ConfigReader object(value, file.file(), file.name(key));
  AddedToken token = read_added_token(object);
  // special_tokens_map.json does not say "special", since all of its tokens are.
  if (object.find("special") == nullptr) {
    token.normalized = object.boolean("normalized").value_or(false);
  }
  return token;
}

std::vector<AddedToken> read_list(const Json& list, const ConfigReader& file,
                                  std::string_view key) {
  if (!list.is_array()) throw file.mismatch(key, "a list of tokens", list);
  std::vector<AddedToken> tokens;
  for (const Json& value : list) tokens.push_back(read_special_token(value, file, key));
  return tokens;
}

/// Collects named and extra tokens of two files, the later one going before.
class SpecialTokens {
 public:
  void read_config(const ConfigReader& config) {
    read_named(config, true);
    const Json* const extra = config.find(kExtra);
    const Json* const additional = config.find(kAdditional);
    const bool has_names = extra != nullptr && extra->is_object();
    if (has_names) read_own(*extra, config);
    if (extra != nullptr && !has_names) {
      extra_ = read_list(*extra, config, kExtra);
      has_extra_ = true;
    }
    if (additional != nullptr && extra_.empty()) {
      extra_ = read_list(*additional, config, kAdditional);
      has_extra_ = !has_names || extra->empty();
    }
  }

  void read_map(const ConfigReader& map) {
    read_named(map, false);
    const Json* const extra = map.find(kExtra);
    if (extra == nullptr) return;
    if (extra->is_object()) return read_own(*extra, map);
    // The first of equal tokens counts in the end.
    std::ranges::move(read_list(*extra, map, kExtra), std::back_inserter(extra_));
    has_extra_ = true;
  }

  /// A list under the old name counts where there is none under the new one.
  void read_additional(const ConfigReader& map) {
    const Json* const additional = map.find(kAdditional);
    if (additional == nullptr) return;
    std::vector<AddedToken> tokens = read_list(*additional, map, kAdditional);
    if (!has_extra_) extra_ = std::move(tokens);
  }

  /// The contents that added_tokens.json calls special: these are not normalized.
  std::set<std::string, std::less<>> special_contents() const {
    std::set<std::string, std::less<>> contents;
    for (const auto& [name, token] : named_) contents.insert(token.content);
    for (const AddedToken& token : extra_) contents.insert(token.content);
    return contents;
  }

  void move_to(AddedTokenRecords& records) {
    for (const std::string_view name : kNames) {
      const auto found = named_.find(name);
      if (found != named_.end()) records.named.emplace_back(*found);
    }
    for (auto& [name, token] : own_) records.own.push_back(std::move(token));
    records.extra = std::move(extra_);
  }

 private:
  void read_named(const ConfigReader& file, bool objects_have_types) {
    for (const auto& item : file.json().items()) {
      const Json& value = item.value();
      if (is_standard(item.key())) {
        if (!value.is_null()) named_[item.key()] = read_special_token(value, file, item.key());
      } else if (item.key().ends_with("_token")) {
        const bool is_token =
            value.is_object() && (!objects_have_types || value.contains("__type"));
        if (!is_token && !value.is_string()) continue;
        own_[item.key()] = read_special_token(value, file, item.key());
      }
    }
  }

  void read_own(const Json& tokens, const ConfigReader& file) {
    for (const auto& item : tokens.items()) {
      own_[item.key()] =
          read_special_token(item.value(), file, std::string(kExtra) + "." + item.key());
    }
  }

  std::map<std::string, AddedToken, std::less<>> named_;
  std::map<std::string, AddedToken, std::less<>> own_;
  std::vector<AddedToken> extra_;
  bool has_extra_ = false;
};

std::vector<AddedToken> read_decoder(const ConfigReader& decoder) {
  std::vector<AddedToken> tokens;
  for (const auto& item : decoder.json().items()) {
    const std::string& key = item.key();
    tokens.push_back(read_added_token({item.value(), decoder.file(), decoder.name(key)}));
    std::int32_t id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size() || id < 0) {
      throw decoder.refusal("", "ids as names", "\"" + key + "\"");
    }
    tokens.back().id = id;
  }
  return tokens;
}

}  // namespace

const AddedToken* AddedTokenRecords::find_named(std::string_view name) const {
  const auto found = std::ranges::find(
      named, name, [](const auto& entry) -> std::string_view { return entry.first; });
  return found == named.end() ? nullptr : &found->second;
}

AddedTokenRecords read_added_token_records(const AddedTokenFiles& files) {
  AddedTokenRecords records;
  SpecialTokens special;
  if (files.config != nullptr) {
    special.read_config(*files.config);
    if (files.config->find("added_tokens_decoder") != nullptr) {
      records.listed = read_decoder(files.config->object("added_tokens_decoder"));
      records.has_decoder = true;
    }
  }
  if (!records.has_decoder) {
    if (files.special_tokens_map != nullptr) special.read_map(*files.special_tokens_map);
    if (files.added_tokens != nullptr) {
      const auto special_contents = special.special_contents();
      for (const auto& item : files.added_tokens->json().items()) {
        records.listed.push_back({.content = item.key(),
                                  .normalized = !special_contents.contains(item.key()),
                                  .id = read_id(*files.added_tokens, item.key())});
      }
    }
  }
  std::ranges::stable_sort(records.listed, {}, [](const AddedToken& token) { return *token.id; });
  if (!records.has_decoder && files.special_tokens_map != nullptr) {
    special.read_additional(*files.special_tokens_map);
  }
  special.move_to(records);
  return records;
}

}  // namespace polytag::text
