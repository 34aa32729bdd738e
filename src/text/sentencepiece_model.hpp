#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace polytag::text {

/// What a SentencePiece model (a ModelProto in the format of protocol buffers) says of its pieces.
struct SentencePieceModel {
  enum class Kind { kUnigram = 1, kBpe = 2, kWord = 3, kChar = 4 };
  enum class PieceType {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6,
  };
  struct Piece {
    std::string text = {};
    float score = 0;
    PieceType type = PieceType::kNormal;
  };

  std::vector<Piece> pieces = {};
  Kind kind = Kind::kUnigram;
  std::int32_t unk_id = 0;
  bool whitespace_as_suffix = false;
  std::string charsmap = {};  ///< empty if there is none
};

/// @param file  for messages
/// @throws FormatError for bytes that are none, and for a piece that is not UTF-8
SentencePieceModel parse_sentencepiece(std::string_view bytes, std::string_view file);

}  // namespace polytag::text
