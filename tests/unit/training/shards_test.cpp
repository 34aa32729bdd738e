#include "polytag/training/shards.hpp"

#include <algorithm>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;
using namespace polytag::training;

namespace {

/// Texts of given ids, of which nothing else is there.
struct Texts {
  explicit Texts(std::vector<std::vector<std::int32_t>> all) : ids(std::move(all)) {
    for (const auto& own : ids) texts.push_back({own, {}, own.size(), {}});
  }
  std::vector<std::vector<std::int32_t>> ids;
  std::vector<TrainingText> texts;
};

std::vector<std::vector<std::int32_t>> of_lengths(const std::vector<std::size_t>& lengths) {
  std::vector<std::vector<std::int32_t>> ids;
  for (const std::size_t length : lengths) ids.emplace_back(length, 0);
  return ids;
}

ParameterLayout small_layout() {
  ParameterList list;
  list.root().add("first", {3});
  list.root().add("words", {40, 2});
  list.root().add("last", {20});
  return ParameterLayout(list);
}

}  // namespace

TEST_CASE("shards: the longest text goes where the fewest tokens are", "[training][shards]") {
  const Texts texts(of_lengths({3, 9, 9, 2, 5, 1}));
  std::vector<std::vector<std::size_t>> shards(2);
  assign_shards(texts.texts, shards);
  // 9 to the first, 9 to the second, 5 to the first, 3 and 2 to the second, 1 to the first.
  CHECK(shards[0] == std::vector<std::size_t>{1, 4, 5});
  CHECK(shards[1] == std::vector<std::size_t>{0, 2, 3});
  std::vector<std::vector<std::size_t>> many(8);
  assign_shards(texts.texts, many);
  CHECK(std::ranges::count_if(many, [](const auto& shard) { return shard.empty(); }) == 2);
}

TEST_CASE("gradient tree: adds pairs whatever order they come in, and leaves a table out",
          "[training][shards]") {
  const ParameterLayout layout = small_layout();
  const ParameterPlace& words = *layout.find("words");
  // Sums of these round differently in any other order.
  const std::vector<float> values{1e8F, 3, -1e8F, 7, 0.5F, 1e7F, 11, -1e7F};
  const float expected = ((values[0] + values[1]) + (values[2] + values[3])) +
                         ((values[4] + values[5]) + (values[6] + values[7]));
  GradientTree tree(layout, words, 8);
  std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6, 7};
  for (int turn = 0; turn < 20; ++turn) {
    std::vector<float> sum(layout.size(), 77);
    tree.begin(sum);
    for (const std::size_t shard : order) {
      const std::span<float> own = tree.take();
      CHECK(std::all_of(own.begin(), own.begin() + 16, [](float x) { return x == 0; }));
      std::fill(own.begin(), own.begin() + 16, values[shard]);
      std::fill(own.begin() + static_cast<std::ptrdiff_t>(layout.find("last")->offset), own.end(),
                values[shard]);
      tree.add(shard, own);
    }
    CHECK(sum.front() == expected);
    CHECK(sum.back() == expected);
    CHECK(sum[words.offset] == 77);
    CHECK(sum[words.offset + words.count - 1] == 77);
    std::next_permutation(order.begin(), order.end());
    std::rotate(order.begin(), order.begin() + 3, order.end());
  }
}

TEST_CASE("gradient tree: shards without texts are no part of the sum", "[training][shards]") {
  const ParameterLayout layout = small_layout();
  GradientTree tree(layout, *layout.find("words"), 4);
  for (std::size_t only = 0; only < 4; ++only) {
    std::vector<float> sum(layout.size(), 77);
    tree.begin(sum);
    for (std::size_t shard = 0; shard < 4; ++shard) {
      if (shard != only) {
        tree.add(shard, std::nullopt);
        continue;
      }
      const std::span<float> own = tree.take();
      own[0] = -0.0F;
      tree.add(shard, own);
    }
    CHECK(sum.front() == 0);
    CHECK(std::signbit(sum.front()));
  }
  CHECK_THROWS_AS(GradientTree(layout, *layout.find("words"), 3), ArgumentError);
  CHECK_THROWS_AS(GradientTree(layout, *layout.find("words"), 0), ArgumentError);
}

TEST_CASE("row gradients: rows of an id are summed up, by shard and then in pairs",
          "[training][shards]") {
  const Texts texts({{4, 2, 4}, {2, 9}, {4}});
  const std::vector<std::vector<std::size_t>> shards{{0}, {}, {1}, {2}};
  RowGradients rows(2);
  rows.begin(shards, texts.texts);
  CHECK(rows.of_shard(0).rows == 3);
  CHECK(rows.of_shard(1).rows == 0);
  CHECK(rows.of_shard(2).rows == 2);
  const std::vector<float> values{1e8F, 1, 3, -1e8F, 5, 7};  // of the six tokens in order
  std::size_t token = 0;
  for (std::size_t shard = 0; shard < 4; ++shard) {
    const auto own = rows.of_shard(shard);
    for (std::size_t row = 0; row < own.rows; ++row, ++token) {
      own.row(row)[0] = values[token];
      own.row(row)[1] = 1;
    }
  }
  std::vector<float> memory(20, 0);
  const MatrixView<float> table(memory.data(), 10, 2);
  ThreadPool pool(2);
  CHECK(rows.write(table, pool) == Approx(2e16));
  CHECK(table.row(4)[0] == (1e8F + 3) + 7);
  CHECK(table.row(4)[1] == 3);
  CHECK(table.row(2)[0] == 1 + -1e8F);
  CHECK(table.row(9)[0] == 5);

  // The next batch has other ids.
  const Texts others(std::vector<std::vector<std::int32_t>>{{3}});
  rows.begin(std::vector<std::vector<std::size_t>>{{0}, {}, {}, {}}, others.texts);
  rows.of_shard(0).row(0)[0] = 2;
  rows.of_shard(0).row(0)[1] = 3;
  CHECK(rows.write(table, pool) == 13);
  CHECK(std::ranges::count(memory, 0.0F) == 18);
  CHECK(table.row(3)[1] == 3);
}
