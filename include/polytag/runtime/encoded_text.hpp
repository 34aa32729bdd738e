#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace polytag {

/// How scores of the windows of a long text become scores of the text.
enum class WindowPooling { kMax, kMean };

/// Reading a text that is longer than the model in overlapping windows instead of cutting it.
struct WindowOptions {
  std::size_t overlap = 0;  ///< tokens that neighbouring windows share; less than a window holds
  WindowPooling pooling = WindowPooling::kMax;
};

/// How the tokens of a text are divided into windows, each of which gets special tokens of its own.
struct TextWindows {
  std::size_t count = 1;
  std::size_t tokens = 0;  ///< of a window, at most; the last one may have fewer
  std::size_t step = 0;    ///< from the begin of a window to the next one's
  WindowPooling pooling = WindowPooling::kMax;
};

/// A text as token ids, ready for the model that encoded it. Independent of the text.
struct EncodedText {
  std::vector<std::int32_t> ids;             ///< [tokens], without special tokens if windows follow
  std::vector<std::int32_t> token_type_ids;  ///< [tokens]
  std::optional<TextWindows> windows;        ///< none: it goes through the model as it is
  std::size_t truncated_tokens = 0;          ///< how many tokens were cut off
  /// Tokens that go through the model: special tokens, overlaps and padding included.
  std::size_t computed_tokens = 0;
};

}  // namespace polytag
