// Models of SentencePiece as bytes: what is read of them, and what is refused.

#include <limits>
#include <string>

#include "polytag/error.hpp"
#include "protocol_writer.hpp"
#include "support/catch.hpp"
#include "text/sentencepiece_model.hpp"

using namespace polytag;
using namespace polytag::test;
using text::parse_sentencepiece;
using text::SentencePieceModel;

namespace {

void check_refused(const std::string& bytes, const std::string& message) {
  CHECK_THROWS_AS(parse_sentencepiece(bytes, "spm.model"), FormatError);
  CHECK_THROWS_WITH(parse_sentencepiece(bytes, "spm.model"), ContainsSubstring(message));
}

std::string one_piece(const std::string& fields) {
  std::string bytes;
  put_bytes(bytes, 1, fields);
  return bytes;
}

}  // namespace

TEST_CASE("sentencepiece: pieces, scores, types and specifications are read",
          "[text][sentencepiece]") {
  std::string bytes = sentencepiece_model(
      {{"<unk>", 0, 2}, {"<s>", 0, 3}, {"\u2581the", -2.0253303F}, {"<0x41>", 0, 6}}, 7);
  std::string normalizer;
  put_bytes(normalizer, 2, std::string("map\0", 4));
  put_bytes(bytes, 3, normalizer);
  std::string unknown;
  put_number(unknown, 200, 5);
  put_bytes(bytes, 4, "self test data");
  bytes += unknown;
  const SentencePieceModel model = parse_sentencepiece(bytes, "spm.model");
  REQUIRE(model.pieces.size() == 4);
  CHECK(model.pieces[0].type == SentencePieceModel::PieceType::kUnknown);
  CHECK(model.pieces[1].type == SentencePieceModel::PieceType::kControl);
  CHECK(model.pieces[2].text == "\u2581the");
  CHECK(double{model.pieces[2].score} == -2.0253303050994873);
  CHECK(model.pieces[2].type == SentencePieceModel::PieceType::kNormal);
  CHECK(model.pieces[3].type == SentencePieceModel::PieceType::kByte);
  CHECK(model.kind == SentencePieceModel::Kind::kUnigram);
  CHECK(model.unk_id == 7);
  CHECK(model.charsmap == std::string("map\0", 4));
}

TEST_CASE("sentencepiece: bytes that are no model are refused",
          "[text][sentencepiece][robustness]") {
  check_refused("", "pieces");
  check_refused("hello", "SentencePiece model");
  std::string bytes;
  put_varint(bytes, 1 << 3 | 2);
  put_varint(bytes, std::numeric_limits<std::uint64_t>::max());
  check_refused(bytes, "18446744073709551615 bytes");
  check_refused(std::string(11, '\xFF'), "varint");
  check_refused(std::string("\x0B", 1), "wire type 3");
  check_refused(std::string("\x02\x00", 2), "a field of a number from 1");
  std::string fields;
  put_bytes(fields, 1, "a");
  put_float(fields, 2, std::numeric_limits<float>::quiet_NaN());
  check_refused(one_piece(fields), "piece 0, field 2: expected a finite score");
  fields.clear();
  put_number(fields, 3, 7);
  check_refused(one_piece(fields), "piece 0, field 3: expected 1 to 6, found 7");
  fields.clear();
  put_number(fields, 1, 7);
  check_refused(one_piece(fields), "expected bytes, found wire type 0");
}

TEST_CASE("sentencepiece: whatever byte is cut or changed, nothing but an Error comes",
          "[text][sentencepiece][robustness]") {
  const std::string whole = sentencepiece_model({{"<unk>", 0, 2}, {"a", -1}, {"b", -2}});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int bits : {0, 1, 0x80, 0xFF}) {
      std::string changed = bits == 0 ? whole.substr(0, at) : whole;
      if (bits != 0) changed[at] = static_cast<char>(changed[at] ^ bits);
      try {
        parse_sentencepiece(changed, "spm.model");
      } catch (const FormatError&) {
      }
    }
  }
}
