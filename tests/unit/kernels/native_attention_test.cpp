#include <vector>

#include "unit/kernels/native_support.hpp"

using namespace polytag;

namespace {

/// Sequences of the given lengths with fused query, key and value rows, as the encoders lay them.
struct AttentionCase {
  AttentionCase(std::vector<std::size_t> lengths, std::vector<std::size_t> attended,
                std::size_t num_heads, std::size_t head_size)
      : hidden(num_heads * head_size), attended_lengths(std::move(attended)), heads(num_heads) {
    for (const std::size_t length : lengths) starts.push_back(starts.back() + length);
    fused = random_tensor(starts.back(), 3 * hidden, 7);
  }

  AttentionInput input() const {
    const MatrixView<const float> rows = fused.matrix();
    return {rows.column_range(0, hidden),
            rows.column_range(hidden, hidden),
            rows.column_range(2 * hidden, hidden),
            starts,
            starts,
            attended_lengths,
            heads};
  }

  std::size_t hidden;
  std::vector<std::size_t> starts{0};
  std::vector<std::size_t> attended_lengths;
  std::size_t heads;
  Tensor fused;
};

Tensor attend(const AttentionInput& input, const ExecutionContext& context) {
  Tensor output(Shape{input.query.rows, input.query.columns});
  NativeBackend::self_attention(input, output.matrix(), context);
  return output;
}

}  // namespace

TEST_CASE("native attention: a sequence's rows are the same bits alone and on any thread count",
          "[kernels][native]") {
  const AttentionCase sequences({3, 150, 1, 31}, {3, 149, 1, 20}, 2, 24);
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    Runtime serial(instruction_set);
    const Tensor batch = attend(sequences.input(), serial.context);
    for (const std::size_t threads : {2U, 3U, 7U}) {
      Runtime parallel(instruction_set, threads);
      CHECK(same_bits(attend(sequences.input(), parallel.context).span(), batch.span()));
    }
    for (std::size_t i = 0; i < sequences.attended_lengths.size(); ++i) {
      const std::size_t begin = sequences.starts[i], count = sequences.starts[i + 1] - begin;
      const std::vector<std::size_t> starts{0, count};
      AttentionInput alone = sequences.input();
      alone.query = alone.query.row_range(begin, count);
      alone.key = alone.key.row_range(begin, count);
      alone.value = alone.value.row_range(begin, count);
      alone.query_starts = alone.key_starts = starts;
      alone.attended_lengths = alone.attended_lengths.subspan(i, 1);
      Runtime parallel(instruction_set, 5);
      const Tensor output = attend(alone, parallel.context);
      CHECK(same_bits(output.span(),
                      batch.span().subspan(begin * sequences.hidden, count * sequences.hidden)));
    }
  }
}

TEST_CASE("native attention: keys beyond the attended length change no bit", "[kernels][native]") {
  AttentionCase sequences({24, 30}, {10, 17}, 2, 12);
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    Runtime runtime(instruction_set);
    const Tensor before = attend(sequences.input(), runtime.context);
    Tensor changed = sequences.fused.clone();
    std::swap(changed, sequences.fused);
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t row = sequences.starts[i] + sequences.attended_lengths[i];
           row < sequences.starts[i + 1]; ++row) {
        const std::span<float> values = sequences.fused.matrix().row(row);
        std::ranges::fill(values.subspan(sequences.hidden), std::nanf(""));
      }
    }
    CHECK(same_bits(attend(sequences.input(), runtime.context).span(), before.span()));
    std::swap(changed, sequences.fused);
  }
}
