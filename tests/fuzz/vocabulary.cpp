// vocab.txt. Every token must be found under its id, and be cut into pieces that make it up.

#include "polytag/text/vocabulary.hpp"

#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "polytag/text/wordpiece.hpp"
#include "scratch_directory.hpp"

namespace {

using namespace polytag;
using fuzz::require;

void check_pieces(const Vocabulary& vocabulary, const WordPieceModel& model,
                  std::string_view word) {
  const std::string& prefix = model.options().continuing_subword_prefix;
  const auto pieces = model.tokenize(word);
  require(word.empty() == pieces.empty(), "a word has pieces");
  std::size_t begin = 0;
  for (const WordPiece& piece : pieces) {
    require(piece.end > begin && piece.end <= word.size(), "pieces follow each other in the word");
    if (piece.id != model.unk_token_id()) {
      std::string text = begin == 0 ? "" : prefix;
      text += word.substr(begin, piece.end - begin);
      require(vocabulary.token(piece.id) == text, "a piece is its part of the word");
    }
    begin = piece.end;
  }
  require(begin == word.size(), "pieces make up the word");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchDirectory directory;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const auto rules = choices.flag() ? BasicTokenizer::kTensorFlow : BasicTokenizer::kHuggingFace;
  const auto file = directory.write("vocab.txt", choices.rest());
  fuzz::succeeds([&] {
    const Vocabulary vocabulary = read_vocabulary(file, rules);
    const WordPieceModel model(vocabulary, {.unk_token = std::string(vocabulary.token(0))});
    std::string before;
    for (const auto& [token, id] : vocabulary.entries()) {
      require(vocabulary.find(token) == id, "a token is found under its id");
      require(vocabulary.token(id) == token, "an id has its token");
      check_pieces(vocabulary, model, token);
      check_pieces(vocabulary, model, before + token);
      before = token;
    }
  });
  return 0;
}
