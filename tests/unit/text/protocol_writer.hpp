#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace polytag::test {

/// Writes messages of protocol buffers.
inline void put_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
}
inline void put_number(std::string& bytes, std::uint64_t field, std::uint64_t value) {
  put_varint(bytes, field << 3);
  put_varint(bytes, value);
}
inline void put_bytes(std::string& bytes, std::uint64_t field, const std::string& value) {
  put_varint(bytes, field << 3 | 2);
  put_varint(bytes, value.size());
  bytes += value;
}
inline void put_float(std::string& bytes, std::uint64_t field, float value) {
  put_varint(bytes, field << 3 | 5);
  char raw[4];
  std::memcpy(raw, &value, sizeof(raw));
  bytes.append(raw, sizeof(raw));
}

struct TestPiece {
  std::string text;
  float score = 0;
  int type = 1;
};

/// A SentencePiece model without a table of replacements.
inline std::string sentencepiece_model(const std::vector<TestPiece>& pieces, int unk_id = 0,
                                       int kind = 1) {
  std::string model;
  for (const TestPiece& piece : pieces) {
    std::string bytes;
    put_bytes(bytes, 1, piece.text);
    put_float(bytes, 2, piece.score);
    if (piece.type != 1) put_number(bytes, 3, static_cast<std::uint64_t>(piece.type));
    put_bytes(model, 1, bytes);
  }
  std::string trainer;
  put_number(trainer, 3, static_cast<std::uint64_t>(kind));
  put_number(trainer, 40, static_cast<std::uint64_t>(unk_id));
  put_bytes(model, 2, trainer);
  std::string normalizer;
  put_bytes(normalizer, 1, "identity");
  put_number(normalizer, 3, 1);
  put_bytes(model, 3, normalizer);
  return model;
}

}  // namespace polytag::test
