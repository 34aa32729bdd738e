#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "polytag/text/tokenizer.hpp"
#include "support/catch.hpp"

namespace polytag::test {

/// Begin of every code point of a valid text, and its end.
inline std::vector<std::size_t> code_point_starts(const std::string& text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  }
  starts.push_back(text.size());
  return starts;
}

/// Compares one line of a golden (text, ids, offsets in code points, without special tokens) with
/// what a tokenizer makes of its text, with offsets of either unit and without.
inline void check_golden_row(const Tokenizer& tokenizer, const nlohmann::json& golden,
                             Encoding& reused) {
  const auto text = golden.at("text").get<std::string>();
  const auto ids = golden.at("ids").get<std::vector<std::int32_t>>();
  std::vector<TokenOffset> code_points, bytes;
  const std::vector<std::size_t> starts = code_point_starts(text);
  for (const auto& offset : golden.at("offsets")) {
    code_points.push_back({offset.at(0), offset.at(1)});
    bytes.push_back({starts.at(offset.at(0)), starts.at(offset.at(1))});
  }
  EncodeOptions options{.add_special_tokens = false};
  tokenizer.encode(text, std::nullopt, options, reused);
  REQUIRE(reused.ids == ids);
  options.with_offsets = true;
  tokenizer.encode(text, std::nullopt, options, reused);
  REQUIRE(reused.ids == ids);
  REQUIRE(reused.offsets == bytes);
  options.offset_unit = OffsetUnit::kCodePoints;
  tokenizer.encode(text, std::nullopt, options, reused);
  REQUIRE(reused.offsets == code_points);
}

}  // namespace polytag::test
