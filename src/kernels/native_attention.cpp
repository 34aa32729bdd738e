#include <algorithm>
#include <atomic>
#include <cmath>

#include "kernels/kernel_table.hpp"
#include "polytag/kernels/native_backend.hpp"

namespace polytag {

namespace {

/// Some query rows of a sequence in one head: the work that a thread takes at a time.
struct Piece {
  std::size_t sequence;
  std::size_t head;
  WorkRange queries;
};

/// The pieces of a batch, numbered. A sequence's queries are cut only where sequences and heads are
/// too few for the threads, since every piece reads all keys and values.
class Pieces {
 public:
  Pieces(const AttentionInput& attention, std::size_t threads)
      : attention_(attention), batch_(attention.attended_lengths.size()), cuts_(1) {
    constexpr std::size_t kLeastQueries = 64;
    const std::size_t whole = std::max<std::size_t>(1, batch_ * attention.num_heads);
    const std::size_t longest = attention.query.rows / std::max<std::size_t>(1, batch_);
    if (whole < 2 * threads) {
      cuts_ =
          std::clamp<std::size_t>(longest / kLeastQueries, 1, (2 * threads + whole - 1) / whole);
    }
  }

  std::size_t count() const { return batch_ * attention_.num_heads * cuts_; }

  Piece operator[](std::size_t index) const {
    const std::size_t cut = index % cuts_;
    const std::size_t head = index / cuts_ % attention_.num_heads;
    const std::size_t sequence = index / cuts_ / attention_.num_heads;
    const std::size_t start = attention_.query_starts[sequence];
    const WorkRange range =
        work_range(attention_.query_starts[sequence + 1] - start, cuts_, cut, kernels::kPanelWidth);
    return {sequence, head, {start + range.begin, start + range.end}};
  }

 private:
  const AttentionInput& attention_;
  std::size_t batch_;
  std::size_t cuts_;
};

/// How many threads are worth waking: each gets some 4 microseconds of work, which grows with the
/// queries times the keys that they see and, for short sequences, with the queries alone.
std::size_t worthwhile_threads(const AttentionInput& attention) {
  constexpr std::size_t kLeastWork = std::size_t{1} << 18;
  constexpr std::size_t kKeysWorthOfPacking = 16;
  std::size_t work = 0;
  for (std::size_t i = 0; i < attention.attended_lengths.size(); ++i) {
    const std::size_t queries = attention.query_starts[i + 1] - attention.query_starts[i];
    const std::size_t seen = std::min(attention.attended_lengths[i], attention.window);
    work += queries * (seen + kKeysWorthOfPacking);
  }
  return std::max<std::size_t>(1, work * attention.query.columns / kLeastWork);
}

/// Writes the output of attention to no key at all.
void zero_head(MatrixView<float> output, std::size_t head, WorkRange rows, std::size_t head_size) {
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    std::ranges::fill(output.row(row).subspan(head * head_size, head_size), 0.0F);
  }
}

/// Cuts from a piece's queries those that see a key. @return the others, which are behind them
WorkRange take_blind_queries(const AttentionInput& attention, Piece& piece) {
  const std::size_t keys = attention.attended_lengths[piece.sequence];
  const std::size_t start = attention.query_starts[piece.sequence];
  const std::size_t end = piece.queries.end;
  if (keys == 0) {
    piece.queries.end = piece.queries.begin;
  } else if (attention.window < end - start) {
    piece.queries.end = std::clamp(start + keys + attention.window, piece.queries.begin, end);
  }
  return {piece.queries.end, end};
}

/// The terms of one sequence in one head, from a query row on.
kernels::ScoreTerms score_terms(const AttentionInput& attention, const Piece& piece) {
  const RelativeTerms& terms = attention.relative;
  if (terms.columns.empty()) return {};
  const auto part = [&](MatrixView<const float> matrix, std::size_t row) -> const float* {
    if (matrix.data == nullptr) return nullptr;
    return matrix.row(row).data() + piece.head * (matrix.columns / attention.num_heads);
  };
  return {.columns = terms.columns.data() + terms.columns.size() / 2,
          .query = part(terms.query, piece.queries.begin),
          .key = part(terms.key, attention.key_starts[piece.sequence]),
          .bias = terms.bias.data == nullptr ? nullptr : terms.bias.row(piece.head).data(),
          .query_stride = terms.query.stride,
          .key_stride = terms.key.stride};
}

}  // namespace

void NativeBackend::self_attention(const AttentionInput& attention, MatrixView<float> output,
                                   const ExecutionContext& context) {
  if (attention.query.rows == 0 || attention.attended_lengths.empty()) return;
  // Fewer keys do not repay the rounding and packing that bfloat16 products need.
  constexpr std::size_t kKeysWorthOfRounding = 32;
  const kernels::KernelTable& table = kernels::kernel_table(context.instruction_set);
  const bool is_reduced = attention.precision != Precision::kFloat32;
  const std::size_t head_size = attention.query.columns / attention.num_heads;
  const float scale = attention.scale.value_or(1.0F / std::sqrt(static_cast<float>(head_size)));
  const std::size_t threads =
      std::min(context.executor.concurrency(), worthwhile_threads(attention));
  const Pieces pieces(attention, threads);
  const std::size_t workers = std::min(threads, pieces.count());

  const std::size_t longest = std::ranges::max(attention.attended_lengths);
  const std::size_t scratch_size = kernels::attention_scratch(longest, head_size);
  const Workspace::Scope scope(context.workspace);
  float* const scratch = context.workspace.allocate<float>(workers * scratch_size).data();

  // Threads take the next piece whenever they are free, because sequences differ in length and the
  // cost grows with its square. A piece's result does not depend on the thread.
  const Dropout none;
  std::atomic<std::size_t> next{0};
  parallel_for(context, workers, [&](std::size_t worker) {
    for (std::size_t i = next.fetch_add(1); i < pieces.count(); i = next.fetch_add(1)) {
      Piece piece = pieces[i];
      const WorkRange blind = take_blind_queries(attention, piece);
      zero_head(output, piece.head, blind, head_size);
      const std::size_t keys = attention.attended_lengths[piece.sequence];
      const std::size_t column = piece.head * head_size;
      if (piece.queries.begin == piece.queries.end) continue;
      const std::size_t first_key = attention.key_starts[piece.sequence];
      const std::size_t place = piece.queries.begin - attention.query_starts[piece.sequence];
      const std::size_t rows =
          attention.query_starts[piece.sequence + 1] - attention.query_starts[piece.sequence];
      const bool sees_all = attention.window >= std::max(keys, rows);
      const bool rounds = is_reduced && keys >= kKeysWorthOfRounding;
      const bool drops = attention.dropout != nullptr;
      const kernels::HeadDropout dropout{drops ? attention.dropout->dropout : none,
                                         drops ? attention.dropout->texts[piece.sequence] : 0,
                                         static_cast<std::uint32_t>(piece.head),
                                         static_cast<std::uint32_t>(place)};
      (rounds ? table.attention_bfloat16 : table.attention)({
          .query = attention.query.row(piece.queries.begin).data() + column,
          .key = attention.key.row(first_key).data() + column,
          .value = attention.value.row(first_key).data() + column,
          .output = output.row(piece.queries.begin).data() + column,
          .query_stride = attention.query.stride,
          .key_stride = attention.key.stride,
          .value_stride = attention.value.stride,
          .output_stride = output.stride,
          .query_rows = piece.queries.end - piece.queries.begin,
          .keys = keys,
          .head_size = head_size,
          .scale = scale,
          .scratch = scratch + worker * scratch_size,
          .place = place,
          .window = sees_all ? kNoWindow : attention.window,
          .terms = score_terms(attention, piece),
          .dropout = drops ? &dropout : nullptr,
      });
    }
  });
}

}  // namespace polytag
