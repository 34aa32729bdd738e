#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// Which elements dropout keeps (Srivastava et al. 2014). Whether one is kept is a function of the
/// seed, the step, the site and the element's place in its text, so masks are drawn again where
/// they are needed again, in any order, on any thread, and none is stored. The generator is
/// Philox4x32-10 (Salmon et al. 2011); one of its outputs decides on 8 elements side by side.
class POLYTAG_EXPORT Dropout {
 public:
  /// Keeps everything.
  Dropout() = default;
  /// @param rate  of elements that are dropped, from 0 to below 1, in steps of 1 / 65536
  /// @param step  of the training  @param site  where in the model
  /// @throws ArgumentError for another rate
  Dropout(std::uint64_t seed, std::uint64_t step, std::uint32_t site, double rate);

  /// Whether anything can be dropped.
  bool is_active() const noexcept { return threshold_ != 0; }
  /// The same at another site, for instance another head.
  Dropout at_site(std::uint32_t site) const noexcept;

  /// Zeroes what is dropped of part of a row and scales the rest, so that its mean stays.
  /// @param text   the text's place in the batch  @param row  the row's place in the text
  /// @param first  the column of the first value
  void apply(std::uint32_t text, std::uint32_t row, std::size_t first,
             std::span<float> values) const noexcept;
  /// The same for a run of rows of one text, all columns of each.
  void apply(std::uint32_t text, MatrixView<float> rows) const noexcept;

 private:
  std::uint64_t seed_ = 0;
  std::uint64_t step_ = 0;
  std::uint32_t site_ = 0;
  std::uint32_t threshold_ = 0;  // a 16-bit number below is dropped
  float scale_ = 1;
};

/// Dropout of attention's probabilities. A probability's column is its key, its row the query with
/// the head above bit 20.
struct AttentionDropout {
  Dropout dropout;
  std::span<const std::uint32_t> texts;  ///< [sequences], each one's place in the batch
};

/// Philox4x32-10: four random words for a counter under a key.
/// @param words  in: the counter; out: the result
POLYTAG_EXPORT void philox(std::span<std::uint32_t, 4> words, std::uint64_t key) noexcept;

}  // namespace polytag
