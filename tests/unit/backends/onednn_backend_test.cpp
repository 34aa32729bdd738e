#include <dlfcn.h>

#include <cmath>
#include <thread>

#include "polytag/backends/onednn.hpp"
#include "support/skip.hpp"
#include "unit/kernels/parity.hpp"

namespace polytag {
namespace {

int (*const max_threads)() = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT,
                                                               "omp_get_max_threads"));
void (*const set_threads)(int) = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT,
                                                                       "omp_set_num_threads"));

TEST_CASE("onednn: OpenMP's thread count stays what the program made it") {
  if (max_threads == nullptr || set_threads == nullptr) {
    test::skip("this oneDNN brings no OpenMP runtime");
    return;
  }
  set_threads(3);
  int elsewhere_before = 0;
  std::thread([&] { elsewhere_before = max_threads(); }).join();
  Machine machine;
  const Matrix weight = Matrix::random(40, 30, 1);
  const OneDnnBackend::PackedLinear linear(weight.view(), {}, Precision::kFloat32);
  CHECK(max_threads() == 3);
  const Matrix input = Matrix::random(100, 30, 2);
  Matrix output(100, 40);
  for (const ExecutionContext& context : machine.contexts()) {
    linear.apply(input.view(), output.view(), {}, context);
    CHECK(max_threads() == 3);
  }
  int elsewhere_after = 0;
  std::thread([&] { elsewhere_after = max_threads(); }).join();
  CHECK(elsewhere_after == elsewhere_before);
}

TEST_CASE("onednn: a warm layer takes no more workspace") {
  Machine machine;
  const Matrix weight = Matrix::random(384, 384, 1);
  const OneDnnBackend::PackedLinear linear(weight.view(), {}, Precision::kFloat32);
  const Matrix input = Matrix::random(300, 384, 2);
  Matrix output(300, 384);
  linear.apply(input.view(), output.view(), {}, machine.one_thread());
  const std::size_t capacity = machine.workspace.capacity();
  for (std::size_t rows = 1; rows <= 300; rows += 7) {
    linear.apply(input.view().row_range(0, rows), output.view().row_range(0, rows), {},
                 machine.one_thread());
  }
  CHECK(machine.workspace.capacity() == capacity);
}

TEST_CASE("onednn: bfloat16 rounds operands and nothing else, and rows stay independent") {
  // An operand carries a relative error of at most 2^-9, a sum of 384 products of independent
  // signs about that of one, and the largest of 8000 such errors a few times it. Observed: 0.0070.
  constexpr double kBfloat16Tolerance = 0.02;
  const Precision precision = GENERATE(Precision::kBfloat16, Precision::kInt8);
  constexpr std::size_t kRows = 40;
  Machine machine;
  const Matrix weight = Matrix::random(200, 384, 1, 0, 1 / std::sqrt(384.0F));
  const OneDnnBackend::PackedLinear linear(weight.view(), {}, precision);
  const ReferenceBackend::PackedLinear reference(weight.view(), {}, precision);
  const Matrix input = Matrix::random(kRows, 384, 2);
  Matrix all(kRows, 200);
  Matrix expected(kRows, 200);
  linear.apply(input.view(), all.view(), {}, machine.one_thread());
  reference.apply(input.view(), expected.view(), {}, machine.one_thread());
  CHECK(difference(all.view(), expected.view()) < kBfloat16Tolerance);
  for (std::size_t rows = 1; rows < kRows; ++rows) {
    Matrix some(rows, 200);
    linear.apply(input.view().row_range(1, rows), some.view(), {}, machine.one_thread());
    for (std::size_t r = 0; r < rows; ++r) {
      REQUIRE(same_bits(some.view().row(r), all.view().row(r + 1)));
    }
  }
}

}  // namespace
}  // namespace polytag
