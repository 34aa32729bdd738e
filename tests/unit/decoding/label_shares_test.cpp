#include "polytag/decoding/label_shares.hpp"

#include <cmath>

#include "support/catch.hpp"

using namespace polytag;

namespace {

DecodedSequence sequence(std::vector<std::size_t> ids, double probability) {
  return {std::move(ids), static_cast<float>(std::log(probability)), true};
}

}  // namespace

TEST_CASE("label_shares: the share of probability whose sequence holds the label",
          "[decoding][label_shares]") {
  const std::vector<DecodedSequence> beams{sequence({3, 2, 3, 0}, 0.3), sequence({2, 0}, 0.1),
                                           sequence({2, 4, 0}, 0.2)};
  const std::vector<float> shares = label_shares(beams, 6);
  REQUIRE(shares.size() == 6);
  CHECK(shares[0] == 1.0F);  // held by all: exactly 1
  CHECK(shares[1] == 0.0F);
  CHECK(shares[2] == 1.0F);
  CHECK(shares[3] == Approx(0.5).epsilon(1e-6));  // twice in one beam counts once
  CHECK(shares[4] == Approx(1.0 / 3).epsilon(1e-6));
  CHECK(shares[5] == 0.0F);
}

TEST_CASE("label_shares: improbable sequences neither underflow nor overflow",
          "[decoding][label_shares]") {
  const std::vector<DecodedSequence> beams{{{1}, -9000.0F, false}, {{1, 2}, -1000.0F, false}};
  const std::vector<float> shares = label_shares(beams, 3);
  CHECK(shares[1] == 1.0F);
  CHECK(shares[2] == 1.0F);
  CHECK(label_shares({}, 2) == std::vector<float>{0, 0});
}
