#include "polytag/model/model_directory.hpp"

#include <string>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("model directory: a path that the system refuses is an error of ours", "[model]") {
  CHECK_THROWS_AS(open_model_directory(std::string(10000, 'x')), IoError);
}
