#include "text/sentencepiece_model.hpp"

#include <cmath>
#include <limits>

#include "text/protocol_buffer.hpp"

namespace polytag::text {
namespace {

using Model = SentencePieceModel;

// Fields of ModelProto, of its pieces, of TrainerSpec and of NormalizerSpec.
constexpr std::uint64_t kPieces = 1, kTrainerSpec = 2, kNormalizerSpec = 3;
constexpr std::uint64_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr std::uint64_t kModelType = 3, kWhitespaceAsSuffix = 24, kUnkId = 40;
constexpr std::uint64_t kCharsmap = 2;

// Ids have 27 bits elsewhere (see vocabulary.cpp).
constexpr std::size_t kMostPieces = std::size_t{1} << 27;

template <class Enum>
Enum read_enum(const ProtocolBuffer& field, std::uint64_t most) {
  const std::uint64_t value = field.integer();
  if (value < 1 || value > most) {
    throw field.refuse("1 to " + std::to_string(most), std::to_string(value));
  }
  return static_cast<Enum>(value);
}

Model::Piece read_piece(std::string_view bytes, std::string_view file, std::size_t index) {
  Model::Piece piece;
  ProtocolBuffer fields(bytes, file, "piece " + std::to_string(index));
  while (fields.next()) {
    switch (fields.number()) {
      case kPieceText:
        piece.text = fields.bytes();
        break;
      case kPieceScore:
        piece.score = fields.number32();
        if (!std::isfinite(piece.score)) throw fields.refuse("a finite score", "another");
        break;
      case kPieceType:
        piece.type = read_enum<Model::PieceType>(fields, 6);
        break;
      default:
        break;
    }
  }
  return piece;
}

void read_trainer_spec(std::string_view bytes, std::string_view file, Model& model) {
  ProtocolBuffer fields(bytes, file, "trainer_spec");
  while (fields.next()) {
    switch (fields.number()) {
      case kModelType:
        model.kind = read_enum<Model::Kind>(fields, 4);
        break;
      case kWhitespaceAsSuffix:
        model.whitespace_as_suffix = fields.integer() != 0;
        break;
      case kUnkId:
        if (fields.integer() > std::numeric_limits<std::int32_t>::max()) {
          throw fields.refuse("an id", std::to_string(fields.integer()));
        }
        model.unk_id = static_cast<std::int32_t>(fields.integer());
        break;
      default:
        break;
    }
  }
}

}  // namespace

SentencePieceModel parse_sentencepiece(std::string_view bytes, std::string_view file) {
  Model model;
  ProtocolBuffer fields(bytes, file, "SentencePiece model");
  while (fields.next()) {
    switch (fields.number()) {
      case kPieces:
        if (model.pieces.size() == kMostPieces) {
          throw fields.refuse("at most " + std::to_string(kMostPieces) + " pieces", "more");
        }
        model.pieces.push_back(read_piece(fields.bytes(), file, model.pieces.size()));
        break;
      case kTrainerSpec:
        read_trainer_spec(fields.bytes(), file, model);
        break;
      case kNormalizerSpec: {
        ProtocolBuffer normalizer(fields.bytes(), file, "normalizer_spec");
        while (normalizer.next()) {
          if (normalizer.number() == kCharsmap) model.charsmap = normalizer.bytes();
        }
        break;
      }
      default:
        break;
    }
  }
  if (model.pieces.empty()) throw fields.refuse("pieces", "none");
  return model;
}

}  // namespace polytag::text
