#include <limits>
#include <vector>

#include "unit/kernels/native_support.hpp"

using namespace polytag;

namespace {

constexpr std::size_t kWidths[] = {1, 3, 12, 16, 24, 31, 72, 100, 384, 768};
constexpr std::size_t kRows = 5;

}  // namespace

TEST_CASE("native layer_norm: agrees with the reference, also in place and strided",
          "[kernels][native]") {
  // A few roundings of values around 4; observed 6e-7.
  constexpr double kTolerance = 2e-6;
  Runtime reference(InstructionSet::kBaseline);
  for (const std::size_t width : kWidths) {
    Tensor input = random_tensor(kRows, width + 3, 1, 2.0F);
    for (float& value : input.span()) value += 3.0F;
    const Tensor gamma = random_tensor(1, width, 2);
    const Tensor beta = random_tensor(1, width, 3);
    Tensor expected(Shape{kRows, width});
    const MatrixView<float> strided = input.matrix().column_range(1, width);
    ReferenceBackend::layer_norm(strided, gamma.span(), beta.span(), 1e-12F, expected.matrix(),
                                 reference.context);
    for (const InstructionSet instruction_set : supported_instruction_sets()) {
      INFO(to_string(instruction_set) << ", width " << width);
      Runtime runtime(instruction_set, 2);
      Tensor output(Shape{kRows, width});
      NativeBackend::layer_norm(strided, gamma.span(), beta.span(), 1e-12F, output.matrix(),
                                runtime.context);
      if (width > 1) CHECK(worst_error(output.matrix(), expected.matrix()) <= kTolerance);
      Tensor again = input.clone();
      const MatrixView<float> in_place = again.matrix().column_range(1, width);
      NativeBackend::layer_norm(in_place, gamma.span(), beta.span(), 1e-12F, in_place,
                                runtime.context);
      for (std::size_t row = 0; row < kRows; ++row) {
        CHECK(same_bits(in_place.row(row), output.matrix().row(row)));
        CHECK(again.matrix().row(row)[0] == input.matrix().row(row)[0]);
        CHECK(again.matrix().row(row)[width + 1] == input.matrix().row(row)[width + 1]);
      }
    }
  }
}

TEST_CASE("native layer_norm: a constant row yields beta", "[kernels][native]") {
  const std::vector<float> gamma(48, 3.0F);
  const std::vector<float> beta(48, 0.5F);
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    Runtime runtime(instruction_set);
    Tensor row(Shape{1, 48});
    std::ranges::fill(row.span(), 8.0F);
    NativeBackend::layer_norm(row.matrix(), gamma, beta, 1e-5F, row.matrix(), runtime.context);
    CHECK(same_bits(row.span(), beta));
  }
}

TEST_CASE("native softmax_rows: agrees with the reference and keeps large scores finite",
          "[kernels][native]") {
  Runtime reference(InstructionSet::kBaseline);
  for (const std::size_t width : kWidths) {
    for (const float shift : {0.0F, 1000.0F, -1000.0F}) {
      Tensor expected = random_tensor(kRows, width, 1, 5.0F);
      for (float& value : expected.span()) value += shift;
      const Tensor input = expected.clone();
      ReferenceBackend::softmax_rows(expected.matrix(), reference.context);
      for (const InstructionSet instruction_set : supported_instruction_sets()) {
        INFO(to_string(instruction_set) << ", width " << width << ", shift " << shift);
        Runtime runtime(instruction_set, 2);
        Tensor output = input.clone();
        NativeBackend::softmax_rows(output.matrix(), runtime.context);
        // Probabilities carry the rounding of exp and of the sum; observed 1.6e-7.
        CHECK(worst_error(output.matrix(), expected.matrix()) <= 5e-7);
      }
    }
  }
}

TEST_CASE("native softmax_rows: a score of minus infinity has no share", "[kernels][native]") {
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    Runtime runtime(instruction_set);
    Tensor scores(Shape{1, 19});
    std::ranges::fill(scores.span(), -std::numeric_limits<float>::infinity());
    scores.span()[18] = 2.0F;
    NativeBackend::softmax_rows(scores.matrix(), runtime.context);
    CHECK(scores.span()[0] == 0.0F);
    CHECK(scores.span()[18] == 1.0F);
  }
}

TEST_CASE("native lstm_cell: agrees with the reference", "[kernels][native]") {
  Runtime reference(InstructionSet::kBaseline);
  for (const std::size_t units : kWidths) {
    const Tensor gates = random_tensor(kRows, 4 * units, 1, 2.0F);
    const Tensor cell = random_tensor(kRows, units, 2);
    Tensor expected_cell = cell.clone();
    Tensor expected_hidden(Shape{kRows, units});
    ReferenceBackend::lstm_cell(
        {gates.matrix(), expected_cell.matrix(), expected_hidden.matrix(), 1.0F},
        reference.context);
    for (const InstructionSet instruction_set : supported_instruction_sets()) {
      INFO(to_string(instruction_set) << ", units " << units);
      Runtime runtime(instruction_set, 2);
      Tensor our_cell = cell.clone();
      Tensor our_hidden(Shape{kRows, units});
      NativeBackend::lstm_cell({gates.matrix(), our_cell.matrix(), our_hidden.matrix(), 1.0F},
                               runtime.context);
      // Five functions of a few ulp each; observed 1.7e-7.
      CHECK(worst_error(our_cell.matrix(), expected_cell.matrix()) <= 5e-7);
      CHECK(worst_error(our_hidden.matrix(), expected_hidden.matrix()) <= 5e-7);
    }
  }
}

TEST_CASE("native additive_scores: agrees with the reference", "[kernels][native]") {
  Runtime reference(InstructionSet::kBaseline);
  for (const std::size_t units : kWidths) {
    const Tensor keys = random_tensor(kRows, units, 1);
    const Tensor query = random_tensor(1, units, 2);
    const Tensor v = random_tensor(1, units, 3, 1.0F / std::sqrt(static_cast<float>(units)));
    Tensor expected(Shape{1, kRows});
    ReferenceBackend::additive_scores({keys.matrix(), query.span(), v.span(), expected.span()},
                                      reference.context);
    for (const InstructionSet instruction_set : supported_instruction_sets()) {
      INFO(to_string(instruction_set) << ", units " << units);
      Runtime runtime(instruction_set);
      Tensor scores(Shape{1, kRows});
      NativeBackend::additive_scores({keys.matrix(), query.span(), v.span(), scores.span()},
                                     runtime.context);
      // A sum of up to 768 terms of size 1 / sqrt(units); observed 5e-7.
      CHECK(worst_error(scores.matrix(), expected.matrix()) <= 1.5e-6);
    }
  }
}
