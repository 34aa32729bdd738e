#include <numeric>

#include "parity.hpp"

namespace polytag {
namespace {

constexpr std::array<std::size_t, 9> kWidths{1, 3, 12, 31, 48, 72, 100, 384, 1536};

// Kernels evaluate in float32: a few units in the last place of numbers near 1. Observed: layer
// norm 1.4e-6 (a row far from zero, where the mean cancels), the others at most 3e-7.
constexpr double kRowTolerance = 3e-6;

TEMPLATE_TEST_CASE("layer_norm: equals the reference, in place too", "", POLYTAG_BACKENDS) {
  Machine machine;
  const std::size_t columns = GENERATE(from_range(kWidths));
  const std::size_t rows = GENERATE(as<std::size_t>(), 1, 2, 7, 40);
  CAPTURE(columns, rows);
  const Matrix gamma = Matrix::random(1, columns, 1);
  const Matrix beta = Matrix::random(1, columns, 2);
  for (const ExecutionContext& context : machine.contexts()) {
    CAPTURE(to_string(context.instruction_set));
    Matrix values = Matrix::random(rows, columns, 3, 2, 3);
    for (float& x : values.view().row(0)) x += 4;
    Matrix actual(rows, columns, 1);
    Matrix expected(rows, columns);
    ReferenceBackend::layer_norm(values.view(), gamma.vector(), beta.vector(), 1e-12F,
                                 expected.view(), context);
    TestType::layer_norm(values.view(), gamma.vector(), beta.vector(), 1e-12F, actual.view(),
                         context);
    TestType::layer_norm(values.view(), gamma.vector(), beta.vector(), 1e-12F, values.view(),
                         context);
    CHECK(difference(actual.view(), expected.view()) < kRowTolerance);
    for (std::size_t r = 0; r < rows; ++r) {
      CHECK(same_bits(values.view().row(r), actual.view().row(r)));
    }
    CHECK(actual.gaps_are_untouched());
    CHECK(values.gaps_are_untouched());
  }
}

TEMPLATE_TEST_CASE("softmax_rows: equals the reference and sums to one", "", POLYTAG_BACKENDS) {
  Machine machine;
  const std::size_t columns = GENERATE(from_range(kWidths));
  const float scale = GENERATE(0.1F, 3.0F, 100.0F);
  CAPTURE(columns, scale);
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix actual = Matrix::random(7, columns, 3, 1, scale);
    Matrix expected = Matrix::random(7, columns, 3, 1, scale);
    TestType::softmax_rows(actual.view(), context);
    ReferenceBackend::softmax_rows(expected.view(), context);
    CHECK(difference(actual.view(), expected.view()) < kRowTolerance);
    const std::span<const float> row = actual.view().row(6);
    CHECK(std::accumulate(row.begin(), row.end(), 0.0) == Approx(1).epsilon(kRowTolerance));
    CHECK(actual.gaps_are_untouched());
  }
}

TEMPLATE_TEST_CASE("activate: equals the reference from one tail to the other", "",
                   POLYTAG_BACKENDS) {
  Machine machine;
  const Activation activation = GENERATE(from_range(kActivations));
  CAPTURE(activation);
  constexpr std::size_t kPoints = 4001;
  for (const ExecutionContext& context : machine.contexts()) {
    CAPTURE(to_string(context.instruction_set));
    Matrix actual(3, kPoints, 5);
    Matrix expected(3, kPoints);
    for (std::size_t i = 0; i < kPoints; ++i) {
      const float x = (static_cast<float>(i) - 2000) / 100;
      for (Matrix* matrix : {&actual, &expected}) {
        matrix->view().row(0)[i] = x;
        matrix->view().row(1)[i] = x / 100;
        matrix->view().row(2)[i] = x * 1e4F;
      }
    }
    TestType::activate(activation, actual.view(), context);
    ReferenceBackend::activate(activation, expected.view(), context);
    CHECK(difference(actual.view(), expected.view()) < kRowTolerance);
    CHECK(actual.gaps_are_untouched());
  }
}

TEMPLATE_TEST_CASE("lstm_cell: equals the reference over several steps", "", POLYTAG_BACKENDS) {
  Machine machine;
  const std::size_t units = GENERATE(as<std::size_t>(), 1, 3, 12, 31, 100, 256);
  const std::size_t rows = GENERATE(as<std::size_t>(), 1, 2, 5, 40);
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix cell = Matrix::random(rows, units, 2, 1);
    Matrix expected_cell = Matrix::random(rows, units, 2, 1);
    Matrix hidden(rows, units, 3);
    Matrix expected_hidden(rows, units);
    for (unsigned step = 0; step < 3; ++step) {
      const Matrix gates = Matrix::random(rows, 4 * units, 10 + step, 2, 3);
      TestType::lstm_cell({gates.view(), cell.view(), hidden.view(), 1}, context);
      ReferenceBackend::lstm_cell({gates.view(), expected_cell.view(), expected_hidden.view(), 1},
                                  context);
    }
    CHECK(difference(cell.view(), expected_cell.view()) < kRowTolerance);
    CHECK(difference(hidden.view(), expected_hidden.view()) < kRowTolerance);
    CHECK(cell.gaps_are_untouched());
    CHECK(hidden.gaps_are_untouched());
  }
}

TEMPLATE_TEST_CASE("additive_scores: equals the reference", "", POLYTAG_BACKENDS) {
  Machine machine;
  const std::size_t units = GENERATE(as<std::size_t>(), 1, 3, 12, 31, 100, 384);
  const std::size_t length = GENERATE(as<std::size_t>(), 0, 1, 2, 17, 60);
  const Matrix keys = Matrix::random(length, units, 1, 2);
  const Matrix query = Matrix::random(1, units, 2);
  const Matrix v = Matrix::random(1, units, 3, 0, 1 / std::sqrt(static_cast<float>(units)));
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix actual(1, length);
    Matrix expected(1, length);
    TestType::additive_scores({keys.view(), query.vector(), v.vector(), actual.view().row(0)},
                              context);
    ReferenceBackend::additive_scores(
        {keys.view(), query.vector(), v.vector(), expected.view().row(0)}, context);
    CHECK(difference(actual.view(), expected.view()) < kRowTolerance);
  }
}

TEMPLATE_TEST_CASE("gate: equals the reference", "", POLYTAG_BACKENDS) {
  Machine machine;
  const std::size_t columns = GENERATE(from_range(kWidths));
  const Activation activation = GENERATE(from_range(kActivations));
  const Matrix values = Matrix::random(9, 2 * columns, 3, 2, 3);
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix actual(9, columns, 1);
    Matrix expected(9, columns);
    ReferenceBackend::gate(activation, values.view(), expected.view(), context);
    TestType::gate(activation, values.view(), actual.view(), context);
    CHECK(difference(actual.view(), expected.view()) < kRowTolerance);
    CHECK(actual.gaps_are_untouched());
  }
}

TEMPLATE_TEST_CASE("rotate: equals the reference in each sequence, in place too", "",
                   POLYTAG_BACKENDS) {
  Machine machine;
  const std::size_t half = GENERATE(as<std::size_t>(), 1, 3, 8, 16, 21);
  const std::size_t heads = GENERATE(as<std::size_t>(), 1, 4);
  const std::vector<std::size_t> starts{0, 1, 1, 8, 40};
  const Matrix cosines = Matrix::random(32, half, 1, 1);
  const Matrix sines = Matrix::random(32, half, 2, 2);
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix rows = Matrix::random(40, heads * 2 * half, 3, 1);
    Matrix actual(40, heads * 2 * half, 2);
    Matrix expected(40, heads * 2 * half);
    const RotationInput rotation{rows.view(), starts, cosines.view(), sines.view()};
    ReferenceBackend::rotate(rotation, expected.view(), context);
    TestType::rotate(rotation, actual.view(), context);
    CHECK(difference(actual.view(), expected.view()) < kRowTolerance);
    CHECK(actual.gaps_are_untouched());
    TestType::rotate(rotation, rows.view(), context);
    for (std::size_t r = 0; r < 40; ++r) {
      CHECK(same_bits(rows.view().row(r), actual.view().row(r)));
    }
  }
}

}  // namespace
}  // namespace polytag
