#include <optional>

#include "parity.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/gradient_backend.hpp"

namespace polytag {
namespace {

// Sums of products in float32 against double; see row_parity_test.cpp for functions of a row.
constexpr double kSumTolerance = 2e-5;
constexpr double kRowTolerance = 5e-6;

constexpr std::array<std::size_t, 7> kWidths{1, 3, 12, 31, 72, 100, 384};

}  // namespace

TEST_CASE("weight gradient: equals the reference, is added to, and keeps its bits on any threads",
          "[training][kernels]") {
  Machine machine;
  const auto [rows, in, out] =
      GENERATE(table<std::size_t, std::size_t, std::size_t>({{1, 1, 1},
                                                             {2, 17, 3},
                                                             {7, 16, 6},
                                                             {40, 31, 29},
                                                             {257, 20, 100},
                                                             {600, 50, 197},
                                                             {13, 384, 300}}));
  CAPTURE(rows, in, out);
  const Matrix input = Matrix::random(rows, in, 1, 3);
  const Matrix gradient = Matrix::random(rows, out, 2, 5);
  Matrix expected = Matrix::random(out, in, 3);
  Matrix expected_bias = Matrix::random(1, out, 4);
  ReferenceBackend::add_weight_gradient(
      {input.view(), gradient.view(), expected.view(), expected_bias.view().row(0)},
      machine.one_thread());
  for (const InstructionSet set : supported_instruction_sets()) {
    CAPTURE(to_string(set));
    std::optional<Matrix> first;
    for (Executor* executor :
         {static_cast<Executor*>(&machine.serial), static_cast<Executor*>(&machine.two),
          static_cast<Executor*>(&machine.three)}) {
      Matrix actual = Matrix::random(out, in, 3, 2);
      Matrix bias = Matrix::random(1, out, 4);
      NativeBackend::add_weight_gradient(
          {input.view(), gradient.view(), actual.view(), bias.view().row(0)},
          {machine.workspace, *executor, set});
      CHECK(difference(actual.view(), expected.view()) < kSumTolerance);
      CHECK(difference(bias.view(), expected_bias.view()) < kSumTolerance);
      CHECK(actual.gaps_are_untouched());
      bool same = true;
      for (std::size_t row = 0; first && row < out; ++row) {
        same = same && same_bits(actual.view().row(row), first->view().row(row));
      }
      CHECK(same);
      if (!first) first.emplace(std::move(actual));
    }
  }
}

TEST_CASE("weight gradient: rows of the input may overlap, as those of a convolution do",
          "[training][kernels]") {
  Machine machine;
  const Matrix states = Matrix::random(9, 4, 1);
  const MatrixView<const float> windows(states.view().data, 7, 12, 4);
  const Matrix gradient = Matrix::random(7, 5, 2);
  for (const InstructionSet set : supported_instruction_sets()) {
    Matrix expected = Matrix::random(5, 12, 3);
    Matrix actual = Matrix::random(5, 12, 3);
    ReferenceBackend::add_weight_gradient({windows, gradient.view(), expected.view(), {}},
                                          machine.one_thread(set));
    NativeBackend::add_weight_gradient({windows, gradient.view(), actual.view(), {}},
                                       machine.one_thread(set));
    CHECK(difference(actual.view(), expected.view()) < kSumTolerance);
  }
  Matrix wrong(5, 11);
  CHECK_THROWS_AS(NativeBackend::add_weight_gradient({windows, gradient.view(), wrong.view(), {}},
                                                     machine.one_thread()),
                  ShapeError);
}

TEST_CASE("transposed weights: have the bits of a layer of the transposed matrix",
          "[training][kernels]") {
  Machine machine;
  const auto [in, out] = GENERATE(table<std::size_t, std::size_t>({{1, 1}, {17, 5}, {48, 33}}));
  const Matrix weight = Matrix::random(out, in, 1, 3);
  Matrix transposed(in, out);
  for (std::size_t row = 0; row < out; ++row) {
    for (std::size_t column = 0; column < in; ++column) {
      transposed.view().row(column)[row] = weight.view().row(row)[column];
    }
  }
  const Matrix gradient = Matrix::random(7, out, 2);
  const auto product = [&, columns = in](const auto& linear) {
    Matrix result(7, columns);
    linear.apply(gradient.view(), result.view(), {}, machine.one_thread());
    return result;
  };
  const Matrix native = product(NativeBackend::pack_transposed(weight.view()));
  const Matrix plain = product(
      NativeBackend::PackedLinear(std::as_const(transposed).view(), {}, Precision::kFloat32));
  const Matrix reference = product(ReferenceBackend::pack_transposed(weight.view()));
  for (std::size_t row = 0; row < 7; ++row) {
    CHECK(same_bits(native.view().row(row), plain.view().row(row)));
  }
  CHECK(difference(native.view(), reference.view()) < kSumTolerance);
}

TEST_CASE("layer norm gradient: equals the reference, without a beta too", "[training][kernels]") {
  Machine machine;
  const std::size_t columns = GENERATE(from_range(kWidths));
  const bool has_beta = GENERATE(true, false);
  CAPTURE(columns, has_beta);
  const std::size_t rows = 5;
  Matrix input = Matrix::random(rows, columns, 1, 2);
  for (float& x : input.view().row(3)) x = 0.5F;  // no variance
  const Matrix gamma = Matrix::random(1, columns, 2);
  for (const InstructionSet set : supported_instruction_sets()) {
    CAPTURE(to_string(set));
    Matrix actual = Matrix::random(rows, columns, 3, 1);
    Matrix expected = Matrix::random(rows, columns, 3);
    Matrix sums = Matrix::random(2, columns, 4, 1);
    Matrix expected_sums = Matrix::random(2, columns, 4);
    const auto run = [&](auto backend, Matrix& gradient, Matrix& total) {
      const auto beta = has_beta ? total.view().row(1) : std::span<float>();
      decltype(backend)::layer_norm_gradient({std::as_const(input).view(), gamma.vector(), 1e-3F,
                                              gradient.view(), total.view().row(0), beta},
                                             machine.one_thread(set));
    };
    run(NativeBackend(), actual, sums);
    run(ReferenceBackend(), expected, expected_sums);
    CHECK(difference(actual.view(), expected.view()) < kSumTolerance);
    CHECK(difference(sums.view(), expected_sums.view()) < kRowTolerance);
    CHECK(actual.gaps_are_untouched());
    CHECK(sums.gaps_are_untouched());
  }
}

TEST_CASE("activation gradient: equals the reference from one tail to the other",
          "[training][kernels]") {
  Machine machine;
  const Activation activation = GENERATE(from_range(kActivations));
  CAPTURE(activation);
  constexpr std::size_t kPoints = 4001;
  Matrix input(3, kPoints);
  for (std::size_t i = 0; i < kPoints; ++i) {
    const float x = (static_cast<float>(i) - 2000) / 100;
    input.view().row(0)[i] = x;
    input.view().row(1)[i] = x / 100;
    input.view().row(2)[i] = x * 1e4F;
  }
  for (const InstructionSet set : supported_instruction_sets()) {
    CAPTURE(to_string(set));
    Matrix actual = Matrix::random(3, kPoints, 1, 5);
    Matrix expected = Matrix::random(3, kPoints, 1);
    const auto context = machine.one_thread(set);
    NativeBackend::activation_gradient(activation, input.view(), actual.view(), context);
    ReferenceBackend::activation_gradient(activation, input.view(), expected.view(), context);
    CHECK(difference(actual.view(), expected.view()) < kRowTolerance);
    CHECK(actual.gaps_are_untouched());
  }
}

TEST_CASE("attention gradient: equals the reference on ragged sequences, padding and dropout",
          "[training][kernels]") {
  Machine machine;
  const auto [size, heads] = GENERATE(
      table<std::size_t, std::size_t>({{1, 1}, {7, 3}, {8, 3}, {16, 2}, {32, 4}, {33, 1}}));
  const bool drops = GENERATE(false, true);
  CAPTURE(size, heads, drops);
  const std::vector<std::size_t> starts{0, 1, 8, 8, 13, 62, 110};
  const std::vector<std::size_t> lengths{1, 5, 0, 5, 49, 0};
  const std::vector<std::uint32_t> texts{3, 0, 9, 1, 2, 7};
  const AttentionDropout dropout{Dropout(5, 2, 1, 0.25), texts};
  const std::size_t hidden = size * heads;
  const Matrix projected = Matrix::random(110, 3 * hidden, 1, 2);
  const Matrix above = Matrix::random(110, hidden, 2, 1);
  const auto column = [&](auto view, std::size_t i) {
    return view.column_range(i * hidden, hidden);
  };
  const AttentionInput forward{.query = column(projected.view(), 0),
                               .key = column(projected.view(), 1),
                               .value = column(projected.view(), 2),
                               .query_starts = starts,
                               .key_starts = starts,
                               .attended_lengths = lengths,
                               .num_heads = heads,
                               .dropout = drops ? &dropout : nullptr};
  Matrix output(110, hidden);
  ReferenceBackend::self_attention(forward, output.view(), machine.one_thread());
  Matrix expected(110, 3 * hidden);
  ReferenceBackend::self_attention_gradient(
      {forward, std::as_const(output).view(), above.view(), column(expected.view(), 0),
       column(expected.view(), 1), column(expected.view(), 2)},
      machine.one_thread());
  for (const ExecutionContext& context : machine.contexts()) {
    CAPTURE(to_string(context.instruction_set));
    Matrix again(110, hidden);
    NativeBackend::self_attention(forward, again.view(), context);
    CHECK(difference(again.view(), output.view()) < kRowTolerance);
    Matrix actual(110, 3 * hidden, 4);
    NativeBackend::self_attention_gradient(
        {forward, std::as_const(again).view(), above.view(), column(actual.view(), 0),
         column(actual.view(), 1), column(actual.view(), 2)},
        context);
    CHECK(difference(actual.view(), expected.view()) < kSumTolerance);
    CHECK(actual.gaps_are_untouched());
  }
}

TEST_CASE("lstm cell and additive scores gradients: equal the reference", "[training][kernels]") {
  Machine machine;
  const std::size_t units = GENERATE(as<std::size_t>(), 1, 3, 12, 31, 100);
  CAPTURE(units);
  const std::size_t rows = 4;
  const Matrix gates = Matrix::random(rows, 4 * units, 1, 1, 2);
  const Matrix before = Matrix::random(rows, units, 2);
  const Matrix after = Matrix::random(rows, units, 3);
  const Matrix above = Matrix::random(rows, units, 4);
  const Matrix v = Matrix::random(1, units, 5);
  const Matrix scores = Matrix::random(1, rows, 6);
  for (const InstructionSet set : supported_instruction_sets()) {
    CAPTURE(to_string(set));
    const auto lstm = [&](auto backend) {
      std::pair result(Matrix::random(rows, units, 7), Matrix(rows, 4 * units));
      decltype(backend)::lstm_cell_gradient(
          {gates.view(), before.view(), after.view(), above.view(), result.first.view(),
           result.second.view(), 1},
          machine.one_thread(set));
      return result;
    };
    const auto actual = lstm(NativeBackend());
    const auto expected = lstm(ReferenceBackend());
    CHECK(difference(actual.first.view(), expected.first.view()) < kRowTolerance);
    CHECK(difference(actual.second.view(), expected.second.view()) < kRowTolerance);
    const auto additive = [&](auto backend) {
      std::pair result(Matrix::random(rows, units, 8), Matrix::random(2, units, 9));
      decltype(backend)::additive_scores_gradient(
          {before.view(), after.vector(), v.vector(), scores.vector(), result.first.view(),
           result.second.view().row(0), result.second.view().row(1)},
          machine.one_thread(set));
      return result;
    };
    const auto native = additive(NativeBackend());
    const auto reference = additive(ReferenceBackend());
    CHECK(difference(native.first.view(), reference.first.view()) < kRowTolerance);
    CHECK(difference(native.second.view(), reference.second.view()) < kRowTolerance);
  }
}

}  // namespace polytag
