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

/// Terms of relative position for sequences of up to so many rows, where distances beyond a few
/// share their columns.
struct Terms {
  Terms(const RaggedAttention& attention, std::size_t longest)
      : query(Matrix::random(attention.query_rows(), attention.num_heads * kWidth, 11, 3)),
        key(Matrix::random(attention.tokens(), attention.num_heads * kWidth, 12, 1)),
        bias(Matrix::random(attention.num_heads, kWidth, 13, 2)) {
    const auto reach = static_cast<std::ptrdiff_t>(longest - 1);
    for (std::ptrdiff_t d = -reach; d <= reach; ++d) {
      columns.push_back(static_cast<std::uint32_t>(std::clamp<std::ptrdiff_t>(d, -4, 5) + 4));
    }
  }
  RelativeTerms all() const { return {columns, query.view(), key.view(), bias.view()}; }

  static constexpr std::size_t kWidth = 10;
  std::vector<std::uint32_t> columns;
  Matrix query, key, bias;
};

TEMPLATE_TEST_CASE("self_attention: windows and terms of relative position equal the reference", "",
                   POLYTAG_BACKENDS) {
  Machine machine;
  constexpr std::size_t kHeads = 3;
  const std::size_t head_size = GENERATE(as<std::size_t>(), 5, 16);
  const std::size_t window = GENERATE(as<std::size_t>(), 0, 1, 6, 40, 129, kNoWindow);
  const std::size_t hidden = kHeads * head_size;
  CAPTURE(head_size, window);
  constexpr std::array<Sequence, 7> kSequences{{{5, 5, 5},
                                                {1, 1, 1},
                                                {33, 17, 33},  // padded, some queries see no key
                                                {0, 0, 0},
                                                {64, 64, 1},
                                                {130, 129, 130},
                                                {16, 16, 16}}};
  const RaggedAttention attention(kSequences, kHeads, hidden);
  const Terms terms(attention, 130);
  const Matrix query = Matrix::random(attention.query_rows(), hidden, 1, 3);
  const Matrix key = Matrix::random(attention.tokens(), hidden, 2, 1);
  const Matrix value = Matrix::random(attention.tokens(), hidden, 3, 2);
  const RelativeTerms all = terms.all();
  for (const RelativeTerms& relative :
       {RelativeTerms{}, all, RelativeTerms{all.columns, all.query, {}, {}},
        RelativeTerms{all.columns, {}, all.key, {}},
        RelativeTerms{all.columns, {}, {}, all.bias}}) {
    for (const ExecutionContext& context : machine.contexts()) {
      CAPTURE(to_string(context.instruction_set));
      AttentionInput input = attention.input(query.view(), key.view(), value.view());
      input.window = window;
      input.relative = relative;
      input.scale = 0.3F;
      Matrix actual(attention.query_rows(), hidden, 2);
      Matrix expected(attention.query_rows(), hidden);
      ReferenceBackend::self_attention(input, expected.view(), context);
      TestType::self_attention(input, actual.view(), context);
      CHECK(difference(actual.view(), expected.view()) < kAttentionTolerance);
      CHECK(actual.gaps_are_untouched());
    }
  }
}

TEMPLATE_TEST_CASE("self_attention: with a window and terms, neighbours and threads change no bit",
                   "", POLYTAG_BACKENDS) {
  Machine machine;
  constexpr std::size_t kHeads = 2;
  constexpr std::size_t kHidden = 2 * 12;
  const std::size_t length = GENERATE(as<std::size_t>(), 1, 7, 33, 100);
  const std::size_t window = GENERATE(as<std::size_t>(), 3, 20, kNoWindow);
  CAPTURE(length, window);
  const std::array<Sequence, 3> crowd{
      {{13, 13, 13}, {length + 9, length, length + 9}, {240, 240, 240}}};
  const RaggedAttention batch(crowd, kHeads, kHidden);
  const Terms terms(batch, 240);
  const Matrix rows = Matrix::random(batch.tokens(), 3 * kHidden, 1);
  const auto input_of = [&](const RaggedAttention& attention, std::size_t first,
                            std::size_t queries, std::size_t keys) {
    const auto part = [&](std::size_t which, std::size_t count) {
      return rows.view().row_range(first, count).column_range(which * kHidden, kHidden);
    };
    AttentionInput input = attention.input(part(0, queries), part(1, keys), part(2, keys));
    input.window = window;
    input.relative = {terms.columns, terms.query.view().row_range(first, queries),
                      terms.key.view().row_range(first, keys), terms.bias.view()};
    return input;
  };
  for (const InstructionSet set : supported_instruction_sets()) {
    Matrix together(batch.query_rows(), kHidden);
    TestType::self_attention(input_of(batch, 0, batch.query_rows(), batch.tokens()),
                             together.view(), {machine.workspace, machine.three, set});
    for (const std::size_t queries : {length, std::size_t{1}}) {
      const std::array<Sequence, 1> alone{{{length, length, queries}}};
      const RaggedAttention single(alone, kHeads, kHidden);
      Matrix expected(queries, kHidden);
      TestType::self_attention(input_of(single, 13, queries, length), expected.view(),
                               machine.one_thread(set));
      for (std::size_t r = 0; r < queries; ++r) {
        REQUIRE(same_bits(together.view().row(13 + r), expected.view().row(r)));
      }
    }
  }
}

}  // namespace
}  // namespace polytag
