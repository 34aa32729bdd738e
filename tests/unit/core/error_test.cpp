#include "polytag/error.hpp"

#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("error: a message names file, object, expected and found", "[core][error]") {
  const auto error = ShapeError::mismatch("model.safetensors", "tensor \"w\"", "[2, 3]", "[3, 2]");
  CHECK(std::string(error.what()) ==
        "model.safetensors: tensor \"w\": expected [2, 3], found [3, 2]");
  CHECK(error.code() == ErrorCode::kShape);
}

TEST_CASE("error: parts that do not apply leave no trace", "[core][error]") {
  CHECK(std::string(ArgumentError::mismatch("threads", "at least 1", "0").what()) ==
        "threads: expected at least 1, found 0");
  CHECK(std::string(FormatError::mismatch("a.json", "", "", "a stray byte").what()) ==
        "a.json: found a stray byte");
}

TEST_CASE("error: a code keeps its number for ever", "[core][error]") {
  const std::vector<std::pair<ErrorCode, int>> numbers{
      {ErrorCode::kIo, 1},       {ErrorCode::kFormat, 2},   {ErrorCode::kConfig, 3},
      {ErrorCode::kShape, 4},    {ErrorCode::kEncoding, 5}, {ErrorCode::kArgument, 6},
      {ErrorCode::kCancelled, 7}};
  for (const auto& [code, number] : numbers) {
    INFO(to_string(code));
    CHECK(static_cast<int>(code) == number);
  }
}

TEST_CASE("error: every kind is caught as Error", "[core][error]") {
  CHECK_THROWS_AS(throw IoError::cannot("open", "x", "gone"), Error);
  CHECK_THROWS_AS(throw CancelledError::requested(), Error);
}

TEST_CASE("error: names from files are shortened and stripped of control characters",
          "[core][error]") {
  const std::string message =
      FormatError::mismatch("a.json", std::string(399, 'k') + "é" + std::string(5000, 'k'),
                            "\x1b[2J", "a\nb")
          .what();
  CHECK(message == "a.json: " + std::string(399, 'k') + "… (5401 bytes): expected ?[2J, found a?b");
}
