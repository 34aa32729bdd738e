#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "polytag/core/executor.hpp"
#include "polytag/data/labelled_rows.hpp"
#include "polytag/export.hpp"
#include "polytag/text/tokenizer.hpp"

namespace polytag::training {

/// A text, or a pair of them, with its true labels.
struct LabelledText {
  std::string text;
  std::optional<std::string> text_pair;
  std::vector<std::size_t> labels;  ///< indices, ascending, each once
};

/// Labelled texts in memory.
struct LabelledTexts {
  std::vector<LabelledText> texts;
  std::size_t left_out = 0;  ///< rows that do not say of every label whether it is true
};

/// Reads a whole file.
/// @throws FormatError at the first row that cannot be read; as LabelledRows does
POLYTAG_EXPORT LabelledTexts read_labelled_texts(const InputFile& file, const LabelOptions& options,
                                                 const LabelVocabulary& labels,
                                                 std::stop_token stop = {});

/// How many texts have each label. @return [labels]
POLYTAG_EXPORT std::vector<std::size_t> label_counts(std::span<const LabelledText> texts,
                                                     std::size_t labels);

/// Chooses texts for a development set so that every label's share of them is as near to `share` as
/// can be: iterative stratification (Sechidis et al. 2011). The same seed chooses the same texts.
/// @param share  of the texts, in (0, 1)
/// @return places of the chosen texts, ascending; at least one and not all
/// @throws ArgumentError for fewer than two texts, or another share
POLYTAG_EXPORT std::vector<std::size_t> stratified_sample(std::span<const LabelledText> texts,
                                                          std::size_t labels, double share,
                                                          std::uint64_t seed);

/// Texts as token ids, one after the other.
class POLYTAG_EXPORT TokenizedTexts {
 public:
  /// @param maximum_tokens  longer texts are cut
  TokenizedTexts(std::span<const LabelledText> texts, const Tokenizer& tokenizer,
                 std::size_t maximum_tokens, Executor& executor);

  std::size_t size() const noexcept { return starts_.size() - 1; }
  std::size_t length(std::size_t text) const { return starts_[text + 1] - starts_[text]; }
  std::span<const std::int32_t> ids(std::size_t text) const {
    return std::span(ids_).subspan(starts_[text], length(text));
  }
  std::span<const std::int32_t> types(std::size_t text) const {
    return std::span(types_).subspan(starts_[text], length(text));
  }
  std::size_t tokens() const noexcept { return ids_.size(); }
  std::size_t truncated_texts() const noexcept { return truncated_texts_; }

 private:
  std::vector<std::int32_t> ids_, types_;
  std::vector<std::size_t> starts_{0};
  std::size_t truncated_texts_ = 0;
};

/// In which order an epoch goes through its texts.
struct BatchOptions {
  std::size_t batch_size = 32;
  bool group_by_length = true;  ///< batches of similar lengths, in random order
  bool drop_last = false;       ///< as the replaced system does: even where the last batch is full
  std::uint64_t seed = 42;
};

/// The batches of an epoch: a function of the seed, the epoch and the lengths alone.
/// @return [batches], each places of texts
POLYTAG_EXPORT std::vector<std::vector<std::size_t>> epoch_batches(
    std::span<const std::size_t> lengths, const BatchOptions& options, std::size_t epoch);

}  // namespace polytag::training
