#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/kernel_table.hpp"
#include "unit/kernels/emulated_amx.hpp"
#include "unit/kernels/table_products.hpp"

using namespace polytag;
using kernels::KernelTable;

namespace {

const KernelTable& amx() { return kernels::emulated_amx::kTable; }
const KernelTable& vectors() { return kernels::kernel_table(InstructionSet::kBaseline); }

/// Attention of one head whose rows lie `head_size` apart.
/// What attention does beside dot products.
struct Beside {
  std::size_t place = 0;
  std::size_t window = kNoWindow;
  kernels::ScoreTerms terms = {};
};

Tensor attended(const KernelTable& table, const Tensor& query, const Tensor& key,
                const Tensor& value, const Beside& beside = {}) {
  const std::size_t keys = key.shape()[0], head_size = key.shape()[1];
  Tensor output(Shape{query.shape()[0], head_size});
  AlignedBuffer<float> scratch(kernels::attention_scratch(keys, head_size));
  std::memset(scratch.data(), 0xff, scratch.span().size_bytes());  // not a number, until written
  table.attention_bfloat16({.query = query.matrix().data,
                            .key = key.matrix().data,
                            .value = value.matrix().data,
                            .output = output.matrix().data,
                            .query_stride = head_size,
                            .key_stride = head_size,
                            .value_stride = head_size,
                            .output_stride = head_size,
                            .query_rows = query.shape()[0],
                            .keys = keys,
                            .head_size = head_size,
                            .scale = 1 / std::sqrt(static_cast<float>(head_size)),
                            .scratch = scratch.data(),
                            .place = beside.place,
                            .window = beside.window,
                            .terms = beside.terms});
  return output;
}

}  // namespace

TEST_CASE("AMX: int8 products are those of vectors bit for bit", "[kernels][amx]") {
  for (const auto& [rows, in, out] : linear_cases()) {
    const Tensor input = random_tensor(rows, in, 1);
    const PackedLayer layer(in, out);
    const auto with = [&](const KernelTable& table) {
      return multiplied(table, layer, input.matrix(), Precision::kInt8, Activation::kRelu);
    };
    INFO(rows << " x " << in << " -> " << out);
    REQUIRE(same_bits(with(amx()).span(), with(vectors()).span()));
  }
}

TEST_CASE("AMX: bfloat16 products differ from those of vectors by the order of summation",
          "[kernels][amx]") {
  // Sums of up to 1536 products in two orders; observed 7e-7.
  constexpr double kTolerance = 3e-6;
  for (const auto& [rows, in, out] : linear_cases()) {
    const Tensor input = random_tensor(rows, in, 1);
    const PackedLayer layer(in, out);
    const auto with = [&](const KernelTable& table) {
      return multiplied(table, layer, input.matrix(), Precision::kBfloat16, Activation::kGeluErf);
    };
    INFO(rows << " x " << in << " -> " << out);
    REQUIRE(difference(with(amx()).matrix(), with(vectors()).matrix()) <= kTolerance);
  }
}

TEST_CASE("AMX: a row's product is the same bits alone and in a batch", "[kernels][amx]") {
  const Tensor input = random_tensor(85, 200, 1);
  const PackedLayer layer(200, 100);
  for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
    const auto rows = [&](std::size_t first, std::size_t count) {
      return multiplied(amx(), layer, input.matrix().row_range(first, count), precision,
                        Activation::kNone);
    };
    const Tensor batch = rows(0, 85);
    for (std::size_t row = 0; row < 85; ++row) {
      REQUIRE(same_bits(rows(row, 1).span(), batch.matrix().row(row)));
    }
    REQUIRE(same_bits(rows(3, 37).span(), batch.span().subspan(3 * 100, 37 * 100)));
  }
}

TEST_CASE("AMX: attention is that of exact arithmetic within the rounding of bfloat16",
          "[kernels][amx]") {
  // Queries, keys, values and probabilities are rounded by up to 2^-9 each; observed 0.006.
  constexpr double kTolerance = 0.01;
  for (const std::size_t head_size : {1U, 3U, 24U, 32U, 40U, 64U, 80U}) {
    for (const std::size_t length : {1U, 2U, 11U, 16U, 17U, 33U, 64U, 130U}) {
      const Tensor query = random_tensor(length, head_size, 1);
      const Tensor key = random_tensor(length, head_size, 2);
      const Tensor value = random_tensor(length, head_size, 3);
      Tensor expected(Shape{length, head_size});
      const std::vector<std::size_t> starts{0, length};
      const std::vector<std::size_t> lengths{length};
      Runtime runtime(InstructionSet::kBaseline);
      ReferenceBackend::self_attention(
          {query.matrix(), key.matrix(), value.matrix(), starts, starts, lengths, 1},
          expected.matrix(), runtime.context);
      const Tensor all = attended(amx(), query, key, value);
      INFO(length << " of " << head_size);
      REQUIRE(difference(all.matrix(), expected.matrix()) <= kTolerance);
      // Any query alone.
      Tensor one(Shape{1, head_size});
      std::ranges::copy(query.matrix().row(length / 2), one.span().begin());
      REQUIRE(same_bits(attended(amx(), one, key, value).span(), all.matrix().row(length / 2)));
    }
  }
}

TEST_CASE("AMX: attention has windows and terms of distance, and any cut of the queries its bits",
          "[kernels][amx]") {
  // As above, with terms that add to the scores; observed 0.006.
  constexpr double kTolerance = 0.015;
  constexpr std::size_t kHeadSize = 24, kWidth = 9;
  for (const std::size_t length : {33U, 64U, 130U}) {
    const Tensor query = random_tensor(length, kHeadSize, 1);
    const Tensor key = random_tensor(length, kHeadSize, 2);
    const Tensor value = random_tensor(length, kHeadSize, 3);
    const Tensor query_terms = random_tensor(length, kWidth, 4);
    const Tensor key_terms = random_tensor(length, kWidth, 5);
    const Tensor bias = random_tensor(1, kWidth, 6);
    std::vector<std::uint32_t> columns;
    for (std::size_t d = 0; d < 2 * length - 1; ++d) {
      const auto distance =
          static_cast<std::ptrdiff_t>(d) - static_cast<std::ptrdiff_t>(length - 1);
      columns.push_back(
          static_cast<std::uint32_t>(std::clamp<std::ptrdiff_t>(distance, -4, 4) + 4));
    }
    for (const std::size_t window : {std::size_t{0}, std::size_t{5}, std::size_t{40}, kNoWindow}) {
      for (const bool has_terms : {false, true}) {
        INFO(length << " in " << window << ", terms " << has_terms);
        const std::vector<std::size_t> starts{0, length}, lengths{length};
        AttentionInput input{
            query.matrix(), key.matrix(), value.matrix(), starts, starts, lengths, 1};
        input.window = window;
        Beside beside{.place = 0, .window = window < length ? window : kNoWindow, .terms = {}};
        if (has_terms) {
          input.relative = {columns, query_terms.matrix(), key_terms.matrix(), bias.matrix()};
          beside.terms = {.columns = columns.data() + (length - 1),
                          .query = query_terms.matrix().data,
                          .key = key_terms.matrix().data,
                          .bias = bias.matrix().data,
                          .query_stride = kWidth,
                          .key_stride = kWidth};
        }
        Tensor expected(Shape{length, kHeadSize});
        Runtime runtime(InstructionSet::kBaseline);
        ReferenceBackend::self_attention(input, expected.matrix(), runtime.context);
        const Tensor all = attended(amx(), query, key, value, beside);
        REQUIRE(difference(all.matrix(), expected.matrix()) <= kTolerance);
        // The queries from some place on.
        const std::size_t place = length / 3 / 16 * 16;
        Tensor rest(Shape{length - place, kHeadSize});
        std::copy_n(query.matrix().row(place).data(), rest.size(), rest.span().data());
        beside.place = place;
        if (has_terms) beside.terms.query += place * kWidth;
        REQUIRE(same_bits(attended(amx(), rest, key, value, beside).span(),
                          all.span().subspan(place * kHeadSize)));
      }
    }
  }
}
