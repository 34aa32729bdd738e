#include "polytag/nn/relative_positions.hpp"

#include <cmath>
#include <vector>

#include "polytag/encoders/bert/relative_positions.hpp"
#include "polytag/encoders/deberta_v2/positions.hpp"
#include "polytag/nn/self_attention.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/on_threads.hpp"
#include "support/plain_layers.hpp"

using namespace polytag;

namespace {

constexpr std::size_t kHeads = 2, kHeadSize = 3, kHidden = kHeads * kHeadSize, kReach = 4;

Tensor numbers(std::size_t rows, std::size_t columns, std::uint32_t seed) {
  std::mt19937 generator(seed);
  Tensor tensor({rows, columns});
  for (float& value : tensor.span()) value = static_cast<float>(generator()) * 0x1p-31F - 1.0F;
  return tensor;
}

std::size_t row_of(std::ptrdiff_t distance) {
  return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(distance, -4, 4) + 4);
}

/// The formula, one score at a time.
test::Rows plain(const Tensor& states, std::size_t keys, const Tensor& key_table,
                 const Tensor& query_table, const Tensor& bias, double scale) {
  const auto rows = test::to_rows(states.matrix());
  test::Rows output(rows.size(), test::Vector(kHidden));
  for (std::size_t head = 0; head < kHeads; ++head) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      test::Vector scores;
      for (std::size_t j = 0; j < keys; ++j) {
        const std::size_t row =
            row_of(static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(j));
        double score = 0;
        for (std::size_t c = head * kHeadSize; c < (head + 1) * kHeadSize; ++c) {
          const double query = rows[i][c], key = rows[j][kHidden + c];
          score += query * key + query * double{key_table.matrix().row(row)[c]} +
                   key * double{query_table.matrix().row(row)[c]};
        }
        scores.push_back(score * scale + double{bias.matrix().row(row)[head]});
      }
      const auto shares = test::plain_softmax(scores);
      for (std::size_t j = 0; j < keys; ++j) {
        for (std::size_t c = head * kHeadSize; c < (head + 1) * kHeadSize; ++c) {
          output[i][c] += shares[j] * rows[j][2 * kHidden + c];
        }
      }
    }
  }
  return output;
}

}  // namespace

TEST_CASE("distance columns: the nearest distances have the first ones", "[nn][relative]") {
  const DistanceColumns columns(kReach, row_of);
  CHECK(columns.rows().size() == 9);
  CHECK(columns.rows()[0] == row_of(0));
  CHECK(columns.width(1) == 1);
  CHECK(columns.width(2) == 3);
  CHECK(columns.width(5) == 9);
  CHECK(columns.width(1000) == 9);
  Workspace workspace;
  for (const std::size_t length : {1U, 3U, 5U, 12U}) {
    const auto within = columns.within(length, workspace);
    REQUIRE(within.size() == 2 * length - 1);
    for (std::size_t i = 0; i < within.size(); ++i) {
      const auto distance =
          static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(length - 1);
      CHECK(columns.rows()[within[i]] == row_of(distance));
      CHECK(within[i] < columns.width(length));
    }
  }
}

TEST_CASE("distance columns: distances that share a row share its column", "[nn][relative]") {
  const DistanceColumns columns(
      6, [](std::ptrdiff_t d) { return static_cast<std::size_t>(std::abs(d) / 2); });
  CHECK(columns.rows().size() == 4);
  Workspace workspace;
  CHECK(test::Vector(columns.within(3, workspace).begin(), columns.within(3, workspace).end()) ==
        test::Vector{1, 0, 0, 0, 1});
}

TEMPLATE_TEST_CASE("relative positions: scores have the terms of the formula", "[nn][relative]",
                   ReferenceBackend, POLYTAG_BACKENDS) {
  const Tensor key_table = numbers(9, kHidden, 1), query_table = numbers(9, kHidden, 2);
  const Tensor bias = numbers(9, kHeads, 3);
  RelativePositions<TestType> positions(std::make_shared<const DistanceColumns>(kReach, row_of),
                                        0.7F);
  positions.add_keys(key_table.matrix(), kHeadSize, Precision::kFloat32);
  positions.add_queries(query_table.matrix(), kHeadSize, Precision::kFloat32);
  positions.add_bias(bias.matrix());
  // Three sequences: one beyond the reach, one with padding, one of a single row.
  const std::vector<std::size_t> starts{0, 11, 17, 18}, lengths{11, 4, 1};
  const Tensor states = numbers(18, 3 * kHidden, 4);
  const auto part = [&](std::size_t which) {
    return states.matrix().column_range(which * kHidden, kHidden);
  };
  for (const std::size_t threads : {1U, 3U}) {
    ThreadPool pool(threads);
    Workspace workspace;
    Tensor output({18, kHidden});
    positions.attend({.query = part(0),
                      .key = part(1),
                      .value = part(2),
                      .query_starts = starts,
                      .key_starts = starts,
                      .attended_lengths = lengths,
                      .num_heads = kHeads},
                     output.matrix(), {workspace, pool, default_instruction_set()});
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const std::size_t rows = starts[i + 1] - starts[i];
      Tensor own({rows, 3 * kHidden});
      for (std::size_t r = 0; r < rows; ++r) {
        std::ranges::copy(states.matrix().row(starts[i] + r), own.matrix().row(r).begin());
      }
      const auto expected = plain(own, lengths[i], key_table, query_table, bias, 0.7);
      const auto found = std::as_const(output).matrix().row_range(starts[i], rows);
      // float32 against double; observed 3e-7
      CHECK(test::greatest_difference(test::to_rows(found), expected) < 2e-6);
    }
  }
}

TEST_CASE("relative positions: buckets of MPNet and DeBERTa are those of transformers",
          "[nn][relative][golden]") {
  const auto golden = test::find_golden("positions/buckets.json");
  if (!golden) return;
  const Json buckets = test::read_golden_json(*golden);
  const std::vector<std::size_t> mpnet = buckets.at("mpnet");
  const auto distance = [](std::size_t i, std::size_t count) {
    return static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(count / 2);
  };
  for (std::size_t i = 0; i < mpnet.size(); ++i) {
    CHECK(mpnet_bucket(distance(i, mpnet.size())) == mpnet[i]);
  }
  for (const auto& [sizes, of_distances] : buckets.at("deberta").items()) {
    const std::size_t comma = sizes.find(',');
    const std::size_t count = std::stoul(sizes.substr(0, comma));
    const std::size_t most = std::stoul(sizes.substr(comma + 1));
    const std::vector<std::ptrdiff_t> expected = of_distances;
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      wrong += deberta_bucket(distance(i, expected.size()), count, most) != expected[i];
    }
    INFO(sizes);
    CHECK(wrong == 0);
  }
}
