#include <utility>

#include "parity.hpp"

namespace polytag {
namespace {

// Weighted means of numbers near 1 whose weights carry the error of a float32 exponential.
// Observed: 4.6e-7.
constexpr double kAttentionTolerance = 1e-6;

// Queries, keys, values and weights are rounded by up to 2^-9 each. Observed: 0.005.
constexpr double kReducedTolerance = 0.01;

struct Sequence {
  std::size_t length;    // of keys
  std::size_t attended;  // of them
  std::size_t queries;
};

struct RaggedAttention {
  RaggedAttention(std::span<const Sequence> sequences, std::size_t heads, std::size_t hidden)
      : num_heads(heads), hidden_size(hidden) {
    for (const Sequence& sequence : sequences) {
      key_starts.push_back(key_starts.back() + sequence.length);
      query_starts.push_back(query_starts.back() + sequence.queries);
      attended_lengths.push_back(sequence.attended);
    }
  }

  std::size_t tokens() const { return key_starts.back(); }
  std::size_t query_rows() const { return query_starts.back(); }
  AttentionInput input(MatrixView<const float> query, MatrixView<const float> key,
                       MatrixView<const float> value,
                       Precision precision = Precision::kFloat32) const {
    return {query, key, value, query_starts, key_starts, attended_lengths, num_heads, precision};
  }

  std::vector<std::size_t> query_starts{0}, key_starts{0}, attended_lengths;
  std::size_t num_heads, hidden_size;
};

TEMPLATE_TEST_CASE("self_attention: equals the reference on ragged and padded sequences", "",
                   POLYTAG_BACKENDS) {
  Machine machine;
  const auto [heads, head_size] = GENERATE(
      std::pair<std::size_t, std::size_t>{1, 1}, std::pair<std::size_t, std::size_t>{2, 3},
      std::pair<std::size_t, std::size_t>{3, 24}, std::pair<std::size_t, std::size_t>{12, 32},
      std::pair<std::size_t, std::size_t>{4, 64});
  const std::size_t hidden = heads * head_size;
  CAPTURE(heads, head_size);
  constexpr std::array<Sequence, 8> kSequences{{{5, 5, 5},
                                                {1, 1, 1},
                                                {33, 17, 33},  // padded: all rows, some keys
                                                {0, 0, 0},     // empty
                                                {64, 64, 1},   // the first row alone
                                                {19, 19, 0},   // nobody asks
                                                {130, 129, 3},
                                                {16, 16, 16}}};
  const RaggedAttention attention(kSequences, heads, hidden);
  const Matrix query = Matrix::random(attention.query_rows(), hidden, 1, 3);
  const Matrix keys_and_values = Matrix::random(attention.tokens(), 2 * hidden, 2, 1);
  const MatrixView<const float> key = keys_and_values.view().column_range(0, hidden);
  const MatrixView<const float> value = keys_and_values.view().column_range(hidden, hidden);
  for (const ExecutionContext& context : machine.contexts()) {
    CAPTURE(to_string(context.instruction_set));
    Matrix actual(attention.query_rows(), hidden, 2);
    Matrix expected(attention.query_rows(), hidden);
    ReferenceBackend::self_attention(attention.input(query.view(), key, value), expected.view(),
                                     context);
    for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
      TestType::self_attention(attention.input(query.view(), key, value, precision), actual.view(),
                               context);
      CHECK(difference(actual.view(), expected.view()) <
            (precision == Precision::kFloat32 ? kAttentionTolerance : kReducedTolerance));
      CHECK(actual.gaps_are_untouched());
    }
  }
}

TEMPLATE_TEST_CASE("self_attention: neighbours, other queries, padding and threads change no bit",
                   "", POLYTAG_BACKENDS) {
  Machine machine;
  constexpr std::size_t kHeads = 3;
  constexpr std::size_t kHidden = 3 * 20;
  const std::size_t length = GENERATE(as<std::size_t>(), 1, 2, 7, 16, 33, 100);
  const Precision precision = GENERATE(Precision::kFloat32, Precision::kBfloat16);
  CAPTURE(length, to_string(precision));
  const Matrix rows = Matrix::random(length, 3 * kHidden, 1);
  const auto part = [&](MatrixView<const float> matrix, std::size_t which) {
    return matrix.column_range(which * kHidden, kHidden);
  };
  for (const InstructionSet set : supported_instruction_sets()) {
    const ExecutionContext one = machine.one_thread(set);
    const std::array<Sequence, 1> alone{{{length, length, length}}};
    const RaggedAttention single(alone, kHeads, kHidden);
    Matrix expected(length, kHidden);
    TestType::self_attention(
        single.input(part(rows.view(), 0), part(rows.view(), 1), part(rows.view(), 2), precision),
        expected.view(), one);

    // The same sequence between two others, with padding that does not count, on three threads.
    Matrix company = Matrix::random(13 + length + 9 + 40, 3 * kHidden, 3);
    for (std::size_t r = 0; r < length; ++r) {
      std::ranges::copy(rows.view().row(r), company.view().row(13 + r).begin());
    }
    const std::array<Sequence, 3> crowd{
        {{13, 13, 13}, {length + 9, length, length + 9}, {40, 40, 40}}};
    const RaggedAttention batch(crowd, kHeads, kHidden);
    Matrix actual(batch.query_rows(), kHidden);
    TestType::self_attention(batch.input(part(company.view(), 0), part(company.view(), 1),
                                         part(company.view(), 2), precision),
                             actual.view(), {machine.workspace, machine.three, set});
    for (std::size_t r = 0; r < length; ++r) {
      REQUIRE(same_bits(actual.view().row(13 + r), expected.view().row(r)));
    }

    // Its last row as the only query.
    const std::array<Sequence, 1> last{{{length, length, 1}}};
    const RaggedAttention subset(last, kHeads, kHidden);
    Matrix only(1, kHidden);
    TestType::self_attention(subset.input(part(rows.view().row_range(length - 1, 1), 0),
                                          part(rows.view(), 1), part(rows.view(), 2), precision),
                             only.view(), one);
    REQUIRE(same_bits(only.view().row(0), expected.view().row(length - 1)));
  }
}

}  // namespace
}  // namespace polytag
