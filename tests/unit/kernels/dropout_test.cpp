#include "polytag/kernels/dropout.hpp"

#include <numeric>
#include <vector>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace polytag;

TEST_CASE("philox: gives the known answers", "[training][dropout]") {
  const auto golden = test::find_golden("training/units/dropout.json");
  if (!golden) return;
  const Json json = test::read_golden_json(*golden);
  for (const Json& answer : json.at("known_answers")) {
    std::array<std::uint32_t, 4> words = answer.at("counter");
    const std::array<std::uint32_t, 2> key = answer.at("key");
    philox(words, key[0] | std::uint64_t{key[1]} << 32);
    CHECK(words == answer.at("out").get<std::array<std::uint32_t, 4>>());
  }
}

TEST_CASE("dropout: keeps what the rule says, scaled", "[training][dropout]") {
  const auto golden = test::find_golden("training/units/dropout.json");
  if (!golden) return;
  const Json json = test::read_golden_json(*golden);
  for (const Json& mask : json.at("masks")) {
    const Dropout dropout(mask.at("seed"), mask.at("step"), mask.at("site"),
                          mask.at("p").get<double>());
    const double threshold = std::floor(mask.at("p").get<double>() * 65536);
    const auto scale = static_cast<float>(65536 / (65536 - threshold));
    std::uint32_t row = 0;
    for (const std::vector<int> kept : mask.at("kept")) {
      std::vector<float> values(kept.size(), 3.0F);
      dropout.apply(mask.at("text"), row, 0, values);
      for (std::size_t i = 0; i < kept.size(); ++i) {
        CHECK(values[i] == (kept[i] == 0 ? 0.0F : 3.0F * scale));
      }
      // A part of the row gets the same part of the mask.
      std::vector<float> part(kept.size() - 3, 3.0F);
      dropout.apply(mask.at("text"), row, 3, part);
      CHECK(std::equal(part.begin(), part.end(), values.begin() + 3));
      ++row;
    }
  }
}

TEST_CASE("dropout: keeps its share, and the mean", "[training][dropout]") {
  const Dropout dropout(7, 3, 70, 0.1);
  std::vector<float> values(200000, 1.0F);
  dropout.apply(0, 0, 0, values);
  const auto dropped = std::count(values.begin(), values.end(), 0.0F);
  CHECK(static_cast<double>(dropped) == Approx(20000).margin(700));  // five standard deviations
  CHECK(std::accumulate(values.begin(), values.end(), 0.0) == Approx(200000).epsilon(0.005));
}

TEST_CASE("dropout: a rate of zero keeps all bits, and no rate reaches one",
          "[training][dropout]") {
  CHECK_FALSE(Dropout().is_active());
  CHECK_FALSE(Dropout(1, 2, 3, 0).is_active());
  CHECK_THROWS_AS(Dropout(1, 2, 3, 1), ArgumentError);
  CHECK_THROWS_AS(Dropout(1, 2, 3, -0.1), ArgumentError);
  CHECK_THROWS_AS(Dropout(1, 2, 3, std::nan("")), ArgumentError);
}
