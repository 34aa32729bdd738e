#include "parity.hpp"
#include "polytag/error.hpp"

namespace polytag {
namespace {

// A float32 sum of n products whose squares add up to 1 errs by about sqrt(n) roundings of 6e-8 of
// partial sums near 1, which is 3.3e-6 for n = 3072. Observed: 3.2e-6, for that n.
constexpr double kLinearTolerance = 8e-6;

struct LinearShape {
  std::size_t in_features, out_features;
};
constexpr std::array<LinearShape, 14> kShapes{{{1, 1},
                                               {1, 72},
                                               {3, 1},
                                               {3, 100},
                                               {12, 600},
                                               {48, 3},
                                               {72, 100},
                                               {100, 72},
                                               {384, 90},
                                               {384, 384},
                                               {100, 336},
                                               {1536, 12},
                                               {384, 200},
                                               {3072, 3}}};

constexpr std::array<std::size_t, 12> kRowCounts{1, 2, 3, 5, 7, 8, 13, 17, 31, 40, 65, 130};

TEMPLATE_TEST_CASE("linear: equals the reference on odd sizes, with every epilogue", "",
                   POLYTAG_BACKENDS) {
  Machine machine;
  const auto [in, out] = GENERATE(from_range(kShapes));
  CAPTURE(in, out);
  const float scale = 1 / std::sqrt(static_cast<float>(in));
  const Matrix weight = Matrix::random(out, in, 1, 0, scale);
  const Matrix bias = Matrix::random(1, out, 2);
  const bool has_bias = in % 2 == 0;
  const auto bias_span = has_bias ? bias.vector() : std::span<const float>();
  const typename TestType::PackedLinear linear(weight.view(), bias_span, Precision::kFloat32);
  const ReferenceBackend::PackedLinear reference(weight.view(), bias_span, Precision::kFloat32);
  REQUIRE(linear.in_features() == in);
  REQUIRE(linear.out_features() == out);

  std::size_t variant = in + out;  // so that shapes differ in what goes with how many rows
  for (const std::size_t rows : kRowCounts) {
    CAPTURE(rows);
    const Matrix input = Matrix::random(rows, in, 3, rows % 3);
    const Matrix residual = Matrix::random(rows, out, 4, rows % 2);
    const Activation activation = kActivations[variant % kActivations.size()];
    LinearEpilogue epilogue{.activation = activation};
    if (variant++ / kActivations.size() % 2 == 0) epilogue.residual = residual.view();
    CAPTURE(activation, epilogue.residual.data);
    Matrix expected(rows, out);
    reference.apply(input.view(), expected.view(), epilogue, machine.one_thread());
    for (const ExecutionContext& context : machine.contexts()) {
      CAPTURE(to_string(context.instruction_set));
      Matrix actual(rows, out, 1);
      linear.apply(input.view(), actual.view(), epilogue, context);
      CHECK(difference(actual.view(), expected.view()) < kLinearTolerance);
      CHECK(actual.gaps_are_untouched());
    }
  }
}

TEMPLATE_TEST_CASE("linear: a row's bits do not depend on the other rows or on threads", "",
                   POLYTAG_BACKENDS) {
  Machine machine;
  const auto [in, out] = GENERATE(from_range(kShapes));
  CAPTURE(in, out);
  const Matrix weight = Matrix::random(out, in, 1);
  const typename TestType::PackedLinear linear(weight.view(), {}, Precision::kFloat32);
  constexpr std::size_t kRows = 40;
  const Matrix input = Matrix::random(kRows, in, 3);
  for (const InstructionSet set : supported_instruction_sets()) {
    Matrix all(kRows, out);
    linear.apply(input.view(), all.view(), {.activation = Activation::kGeluErf},
                 machine.one_thread(set));
    for (std::size_t rows = 1; rows <= kRows; ++rows) {
      const std::size_t begin = (kRows - rows) / 2;
      for (Executor* executor :
           {static_cast<Executor*>(&machine.serial), static_cast<Executor*>(&machine.three)}) {
        const ExecutionContext context{machine.workspace, *executor, set};
        Matrix some(rows, out);
        linear.apply(input.view().row_range(begin, rows), some.view(),
                     {.activation = Activation::kGeluErf}, context);
        for (std::size_t r = 0; r < rows; ++r) {
          CAPTURE(rows, r, to_string(set));
          REQUIRE(same_bits(some.view().row(r), all.view().row(begin + r)));
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("linear: leading features have the bits that they have among all", "",
                   POLYTAG_BACKENDS, ReferenceBackend) {
  Machine machine;
  constexpr std::size_t kRows = 37;
  constexpr std::size_t kIn = 72;
  constexpr std::size_t kOut = 600;
  const Precision precision = GENERATE(Precision::kFloat32, Precision::kBfloat16, Precision::kInt8);
  const typename TestType::PackedLinear linear(Matrix::random(kOut, kIn, 1).view(),
                                               Matrix::random(1, kOut, 2).vector(), precision);
  const Matrix input = Matrix::random(kRows, kIn, 3);
  const Matrix residual = Matrix::random(kRows, kOut, 4);
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix all(kRows, kOut);
    linear.apply(input.view(), all.view(), {Activation::kGeluErf, residual.view()}, context);
    for (const std::size_t columns : {1U, 16U, 24U, 200U, 384U, 599U, 600U}) {
      CAPTURE(to_string(context.instruction_set), columns);
      Matrix leading(kRows, columns, 5);
      linear.apply(input.view(), leading.view(),
                   {.activation = Activation::kGeluErf,
                    .residual = residual.view().column_range(0, columns),
                    .leading_features = true},
                   context);
      CHECK(leading.gaps_are_untouched());
      for (std::size_t row = 0; row < kRows; ++row) {
        REQUIRE(same_bits(leading.view().row(row), all.view().row(row).first(columns)));
      }
    }
    CHECK_THROWS_AS(linear.apply(input.view(), Matrix(kRows, kOut - 1).view(), {}, context),
                    ShapeError);
    CHECK_THROWS_AS(linear.apply(input.view(), Matrix(kRows, kOut + 1).view(),
                                 {.leading_features = true}, context),
                    ShapeError);
  }
}

TEMPLATE_TEST_CASE("linear: the residual may be the output, and windows may overlap", "",
                   POLYTAG_BACKENDS) {
  Machine machine;
  constexpr std::size_t kWindow = 3 * 24;
  const Matrix weight = Matrix::random(50, kWindow, 1, 0, 0.1F);
  const typename TestType::PackedLinear linear(weight.view(), {}, Precision::kFloat32);
  const ReferenceBackend::PackedLinear reference(weight.view(), {}, Precision::kFloat32);
  const Matrix series = Matrix::random(69, 24, 2);
  const MatrixView<const float> windows(series.view().data, 67, kWindow, 24);
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix actual = Matrix::random(67, 50, 3);
    Matrix expected = Matrix::random(67, 50, 3);
    linear.apply(windows, actual.view(), {.residual = actual.view()}, context);
    reference.apply(windows, expected.view(), {.residual = expected.view()}, context);
    CHECK(difference(actual.view(), expected.view()) < kLinearTolerance);
  }
}

TEMPLATE_TEST_CASE("linear: shapes that do not fit are refused", "", POLYTAG_BACKENDS,
                   ReferenceBackend) {
  Machine machine;
  const ExecutionContext context = machine.one_thread();
  const Matrix weight = Matrix::random(4, 3, 1);
  const std::vector<float> bias(3);
  using Linear = typename TestType::PackedLinear;
  REQUIRE_THROWS_AS(Linear(weight.view(), bias, Precision::kFloat32), ShapeError);
  const Linear linear(weight.view(), {}, Precision::kFloat32);
  Matrix wide(2, 4);
  Matrix narrow(2, 3);
  Matrix tall(3, 4);
  CHECK_THROWS_AS(linear.apply(wide.view(), wide.view(), {}, context), ShapeError);
  CHECK_THROWS_AS(linear.apply(narrow.view(), narrow.view(), {}, context), ShapeError);
  CHECK_THROWS_AS(linear.apply(narrow.view(), tall.view(), {}, context), ShapeError);
  CHECK_THROWS_AS(linear.apply(narrow.view(), wide.view(), {.residual = tall.view()}, context),
                  ShapeError);
  linear.apply({narrow.view().data, 0, 3}, {wide.view().data, 0, 4}, {}, context);
}

}  // namespace
}  // namespace polytag
