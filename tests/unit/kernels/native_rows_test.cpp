#include <limits>
#include <vector>

#include "unit/kernels/native_support.hpp"

using namespace polytag;

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
