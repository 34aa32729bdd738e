#include <algorithm>

#include "unit/kernels/emulated_avx_vnni.hpp"
#include "unit/kernels/table_products.hpp"

using namespace polytag;
using kernels::KernelTable;

namespace {

const KernelTable& emulated() { return kernels::emulated_avx_vnni::kTable; }

bool is_supported(InstructionSet level) {
  return std::ranges::count(supported_instruction_sets(), level) != 0;
}

}  // namespace

TEST_CASE("AVX-VNNI: int8 products are those of the baseline bit for bit", "[kernels][isa]") {
  if (!is_supported(InstructionSet::kAvx2)) return;
  CHECK(emulated().int8_input_size == 1);
  const KernelTable& baseline = kernels::kernel_table(InstructionSet::kBaseline);
  for (const auto& [rows, in, out] : linear_cases()) {
    const Tensor input = random_tensor(rows, in, 1);
    const PackedLayer layer(in, out);
    const auto with = [&, matrix = input.matrix()](const KernelTable& table) {
      return multiplied(table, layer, matrix, Precision::kInt8, Activation::kRelu);
    };
    INFO(rows << " x " << in << " -> " << out);
    const Tensor expected = with(baseline);
    REQUIRE(same_bits(with(emulated()).span(), expected.span()));
    if (is_supported(InstructionSet::kAvxVnni)) {
      const KernelTable& native = kernels::kernel_table(InstructionSet::kAvxVnni);
      REQUIRE(same_bits(with(native).span(), expected.span()));
    }
  }
}

TEST_CASE("AVX-VNNI: what is not int8 is that of AVX2 bit for bit", "[kernels][isa]") {
  if (!is_supported(InstructionSet::kAvx2)) return;
  const KernelTable& avx2 = kernels::kernel_table(InstructionSet::kAvx2);
  const Tensor input = random_tensor(21, 200, 1);
  const PackedLayer layer(200, 100);
  const auto with = [&](const KernelTable& table) {
    return multiplied(table, layer, input.matrix(), Precision::kBfloat16, Activation::kGeluErf);
  };
  CHECK(same_bits(with(emulated()).span(), with(avx2).span()));
}

TEST_CASE("AVX-VNNI: a row's product is the same bits alone and in a batch", "[kernels][isa]") {
  if (!is_supported(InstructionSet::kAvx2)) return;
  const Tensor input = random_tensor(40, 200, 1);
  const PackedLayer layer(200, 100);
  const auto rows = [&](std::size_t first, std::size_t count) {
    return multiplied(emulated(), layer, input.matrix().row_range(first, count), Precision::kInt8,
                      Activation::kGeluErf);
  };
  const Tensor batch = rows(0, 40);
  for (std::size_t row = 0; row < 40; ++row) {
    REQUIRE(same_bits(rows(row, 1).span(), batch.matrix().row(row)));
  }
}
