#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/kernel_table.hpp"
#include "kernels/native_packing.hpp"
#include "unit/kernels/emulated_amx.hpp"
#include "unit/kernels/native_support.hpp"

using namespace polytag;
using kernels::KernelTable;
using kernels::LinearTask;

namespace {

const KernelTable& amx() { return kernels::emulated_amx::kTable; }
const KernelTable& vectors() { return kernels::kernel_table(InstructionSet::kBaseline); }

/// Rows converted for a product, in exactly the memory that a kernel may read, so that the address
/// sanitizer sees a tile that reads more. What nothing was written to is rubbish.
template <class Element>
struct ConvertedRows {
  ConvertedRows(MatrixView<const float> input, const KernelTable& table)
      : stride(kernels::padded_input_features(input.columns, sizeof(Element))),
        elements(kernels::padded_input_rows(input.rows) * stride, Element(0xfffe)),
        scales(input.rows),
        zeros(input.rows) {
    for (std::size_t row = 0; row < input.rows; ++row) {
      Element* const to = elements.data() + row * stride;
      if constexpr (sizeof(Element) == 2) {
        table.round_row(input.row(row).data(), input.columns, to);
      } else {
        const auto [scale, zero] = table.quantize_row(input.row(row).data(), input.columns, to);
        scales[row] = scale;
        zeros[row] = zero;
      }
    }
  }
  std::size_t stride;
  std::vector<Element> elements;
  std::vector<float> scales;
  std::vector<std::int32_t> zeros;
};

/// A layer packed as NativeBackend packs it.
struct Layer {
  Layer(std::size_t in, std::size_t out)
      : weight(random_tensor(out, in, 2, 1.0F / std::sqrt(static_cast<float>(in)))),
        bias(kernels::pack_vector(random_tensor(1, out, 3).span(), out)),
        bfloat16(kernels::pack_bfloat16(weight.matrix())),
        int8(kernels::pack_int8(weight.matrix())) {}
  Tensor weight;
  AlignedBuffer<float> bias;
  AlignedBuffer<std::byte> bfloat16;
  kernels::Int8Panels int8;
};

Tensor multiplied(const KernelTable& table, const Layer& layer, MatrixView<const float> input,
                  Precision precision, Activation activation) {
  const std::size_t out = layer.weight.shape()[0];
  Tensor output(Shape{input.rows, out});
  LinearTask task{};
  task.bias = layer.bias.data();
  task.output = output.matrix().data;
  task.output_stride = out;
  task.rows = input.rows;
  task.in_features = input.columns;
  task.out_features = out;
  task.last_panel = kernels::panel_count(out);
  task.activation = activation;
  if (precision == Precision::kBfloat16) {
    const ConvertedRows<std::uint16_t> rows(input, table);
    task.input = rows.elements.data();
    task.input_stride = rows.stride;
    task.weights = layer.bfloat16.data();
    table.linear_bfloat16(task);
  } else {
    const ConvertedRows<std::uint8_t> rows(input, table);
    task.input = rows.elements.data();
    task.input_stride = rows.stride;
    task.input_scales = rows.scales.data();
    task.input_zeros = rows.zeros.data();
    task.weights = layer.int8.weights.data();
    task.weight_scales = layer.int8.scales.data();
    task.weight_sums = layer.int8.sums.data();
    table.linear_int8(task);
  }
  return output;
}

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
    const Layer layer(in, out);
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
    const Layer layer(in, out);
    const auto with = [&](const KernelTable& table) {
      return multiplied(table, layer, input.matrix(), Precision::kBfloat16, Activation::kGeluErf);
    };
    INFO(rows << " x " << in << " -> " << out);
    REQUIRE(difference(with(amx()).matrix(), with(vectors()).matrix()) <= kTolerance);
  }
}

TEST_CASE("AMX: a row's product is the same bits alone and in a batch", "[kernels][amx]") {
  const Tensor input = random_tensor(85, 200, 1);
  const Layer layer(200, 100);
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
