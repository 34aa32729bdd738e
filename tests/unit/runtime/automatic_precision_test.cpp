#include "kernels/speed.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

Precision automatic(bool has_int8_weights, InstructionSet level, bool (*supports)(Precision)) {
  ModelConfig config;
  config.has_int8_weights = has_int8_weights;
  LoadOptions options;
  options.precision = Precision::kAuto;
  options.instruction_set = level;
  return resolve(options, config, {"a backend", supports}).precision;
}

}  // namespace

TEST_CASE("precision: auto is the fastest one whose bounds are accepted", "[runtime]") {
  for (const InstructionSet level : supported_instruction_sets()) {
    INFO(to_string(level));
    const auto speed = [&](Precision precision) { return kernels::speed(precision, level); };
    const Precision of_floats = automatic(false, level, NativeBackend::supports);
    CHECK(of_floats != Precision::kInt8);
    CHECK(speed(of_floats) >= speed(Precision::kFloat32));
    CHECK(speed(of_floats) >= speed(Precision::kBfloat16));
    const Precision of_int8 = automatic(true, level, NativeBackend::supports);
    CHECK(speed(of_int8) >= speed(of_floats));
    CHECK(speed(of_int8) >= speed(Precision::kInt8));
  }
}

TEST_CASE("precision: auto is one that the backend computes in", "[runtime]") {
  const auto float32_alone = [](Precision precision) { return precision == Precision::kFloat32; };
  for (const InstructionSet level : supported_instruction_sets()) {
    CHECK(automatic(true, level, float32_alone) == Precision::kFloat32);
    CHECK(automatic(false, level, float32_alone) == Precision::kFloat32);
  }
}

TEST_CASE("precision: where nothing is faster, auto stays with float32", "[runtime]") {
  CHECK(automatic(false, InstructionSet::kBaseline, NativeBackend::supports) ==
        Precision::kFloat32);
}
