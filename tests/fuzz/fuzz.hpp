#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string_view>
#include <vector>

#include "polytag/error.hpp"
#include "polytag/weights/weight_source.hpp"

/// A target reads one input. Defined once by each program, called by libFuzzer or by replay.cpp.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace polytag::fuzz {

/// Ends the program if something does not hold, which is a finding.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Whether an attempt succeeds. Anything thrown but what the library may throw is a finding.
template <class Attempt>
bool succeeds(Attempt&& attempt) {
  try {
    attempt();
    return true;
  } catch (const Error&) {
    return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

/// Cuts an input that stands for several files at its separator lines; those that are not there are
/// empty, and the last one takes the rest.
template <std::size_t Count>
std::array<std::string_view, Count> split_files(std::string_view input) {
  constexpr std::string_view kSeparator = "\n=====\n";
  std::array<std::string_view, Count> files;
  for (std::size_t i = 0; i + 1 < Count; ++i) {
    const std::size_t end = input.find(kSeparator);
    files[i] = input.substr(0, end);
    input = end == std::string_view::npos ? "" : input.substr(end + kSeparator.size());
  }
  files.back() = input;
  return files;
}

/// Decisions taken from the front of an input; all are 0 when nothing is left.
class Choices {
 public:
  explicit Choices(std::string_view input) : rest_(input) {}

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  bool flag() { return (byte() & 1) != 0; }
  /// What no decision has used.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// Reads every tensor, which must be as large as it says, and compares them with a list of what is
/// expected, once with the right one.
inline void read_all(const WeightSource& weights) {
  std::vector<ParameterSpec> parameters;
  for (const StoredTensor& tensor : weights.tensors()) {
    require(weights.find(tensor.name) == &tensor, "a tensor is found by its name");
    succeeds([&] { tensor.bytes.read(); });
    succeeds([&] {
      const Tensor read = weights.read(tensor.name, tensor.shape);
      require(read.span().size() == element_count(tensor.shape), "a tensor is read whole");
    });
    parameters.push_back({tensor.name, tensor.shape});
  }
  require(succeeds([&] { weights.expect(parameters, {}); }), "what is there is as expected");
  if (parameters.empty()) return;
  parameters.back().name += "x";
  require(!succeeds([&] { weights.expect(parameters, {}); }), "a tensor is missed");
}

}  // namespace polytag::fuzz
