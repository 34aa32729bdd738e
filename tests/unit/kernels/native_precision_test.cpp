#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "polytag/error.hpp"
#include "unit/kernels/native_support.hpp"

using namespace polytag;

namespace {

float round_to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7fffU + ((bits >> 16) & 1U)) & 0xffff0000U);
}

/// A row of weights in int8: multiples of a 127th of the largest magnitude.
void round_weights_to_int8(std::span<float> row) {
  float top = 0;
  for (const float value : row) top = std::max(top, std::abs(value));
  for (float& value : row) value = std::nearbyint(value / (top / 127.0F)) * (top / 127.0F);
}

/// A row of inputs in int8: multiples of a 254th of their range, which zero is part of.
void round_inputs_to_int8(std::span<float> row) {
  float above = 0, below = 0;
  for (const float value : row) {
    above = std::max(above, value);
    below = std::max(below, -value);
  }
  const float half_range = 0.5F * above + 0.5F * below;
  const float factor = 127.0F / half_range;
  const double zero = std::nearbyint(below * factor);
  for (float& value : row) {
    // The number that is stored is the one that is rounded, to even: halves of the differences from
    // zero go where the zero sends them.
    const double number = std::nearbyint(static_cast<double>(value * factor) + zero);
    value = static_cast<float>(number - zero) * (half_range / 127.0F);
  }
}

/// The operand that a product of that precision really multiplies.
Tensor as_multiplied(const Tensor& operand, Precision precision, bool is_input) {
  Tensor result = operand.clone();
  for (std::size_t r = 0; r < operand.shape()[0]; ++r) {
    const std::span<float> row = result.matrix().row(r);
    if (precision == Precision::kBfloat16) {
      for (float& value : row) value = round_to_bfloat16(value);
    } else if (is_input) {
      round_inputs_to_int8(row);
    } else {
      round_weights_to_int8(row);
    }
  }
  return result;
}

/// |rounded - exact| / |exact| over a product with normal weights.
double relative_error(Precision precision, const Tensor& input) {
  const Tensor weight = random_tensor(384, 384, 2);
  Runtime runtime(default_instruction_set());
  Tensor exact(Shape{32, 384});
  Tensor rounded(Shape{32, 384});
  NativeBackend::PackedLinear(weight.matrix(), {}, Precision::kFloat32)
      .apply(input.matrix(), exact.matrix(), {}, runtime.context);
  NativeBackend::PackedLinear(weight.matrix(), {}, precision)
      .apply(input.matrix(), rounded.matrix(), {}, runtime.context);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    error += std::pow(rounded.span()[i] - exact.span()[i], 2.0);
    size += std::pow(exact.span()[i], 2.0);
  }
  return std::sqrt(error / size);
}

}  // namespace

TEST_CASE("native linear: bfloat16 and int8 agree with the reference on the rounded operands",
          "[kernels][native]") {
  // As for float32: sums of up to 1536 products have rounding errors of some 1e-6; observed 1.3e-6.
  constexpr double kTolerance = 3e-6;
  Runtime reference(InstructionSet::kBaseline);
  for (const auto& [rows, in, out] : linear_cases()) {
    const Tensor input = random_tensor(rows, in, 1);
    const Tensor weight = random_tensor(out, in, 2, 1.0F / std::sqrt(static_cast<float>(in)));
    const Tensor bias = random_tensor(1, out, 3);
    const Tensor residual = random_tensor(rows, out, 4);
    const LinearEpilogue epilogue{Activation::kTanh, residual.matrix()};
    for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
      Tensor expected(Shape{rows, out});
      ReferenceBackend::PackedLinear(as_multiplied(weight, precision, false).matrix(), bias.span(),
                                     Precision::kFloat32)
          .apply(as_multiplied(input, precision, true).matrix(), expected.matrix(), epilogue,
                 reference.context);
      const NativeBackend::PackedLinear linear(weight.matrix(), bias.span(), precision);
      for (const InstructionSet instruction_set : supported_instruction_sets()) {
        Runtime runtime(instruction_set);
        Tensor output(Shape{rows, out});
        linear.apply(input.matrix(), output.matrix(), epilogue, runtime.context);
        INFO(to_string(instruction_set)
             << ", " << to_string(precision) << ": " << rows << " x " << in << " -> " << out);
        CHECK(difference(output.matrix(), expected.matrix()) <= kTolerance);
      }
    }
  }
}

TEST_CASE("native linear: bfloat16 and int8 products are the same bits on every instruction set",
          "[kernels][native]") {
  // AMX sums the even and the odd products of bfloat16 apart: another order, another rounding, as
  // amx_test.cpp bounds it.
  constexpr double kOtherOrder = 3e-6;
  for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
    for (const auto& [rows, in, out] : linear_cases()) {
      const Tensor input = random_tensor(rows, in, 1);
      const Tensor weight = random_tensor(out, in, 2);
      const NativeBackend::PackedLinear linear(weight.matrix(), {}, precision);
      Runtime baseline(InstructionSet::kBaseline);
      Tensor expected(Shape{rows, out});
      linear.apply(input.matrix(), expected.matrix(), {}, baseline.context);
      for (const InstructionSet instruction_set : supported_instruction_sets()) {
        Runtime runtime(instruction_set);
        Tensor output(Shape{rows, out});
        linear.apply(input.matrix(), output.matrix(), {}, runtime.context);
        INFO(to_string(instruction_set)
             << ", " << to_string(precision) << ": " << rows << " x " << in << " -> " << out);
        if (instruction_set == InstructionSet::kAmx && precision == Precision::kBfloat16) {
          // Weights here are unit normal: sums grow with the root of the features.
          CHECK(difference(output.matrix(), expected.matrix()) <= kOtherOrder * std::sqrt(in));
        } else {
          CHECK(same_bits(output.span(), expected.span()));
        }
      }
    }
  }
}

TEST_CASE("native linear: bfloat16 and int8 stay near float32", "[kernels][native]") {
  // Both operands are rounded: to 8 binary digits, or to a 127th of their row's largest.
  const Tensor input = random_tensor(32, 384, 1);
  CHECK(relative_error(Precision::kBfloat16, input) < 0.003);  // observed 0.0023
  CHECK(relative_error(Precision::kInt8, input) < 0.012);      // observed 0.0099
}

TEST_CASE("native linear: int8 spends all its steps on inputs of one sign", "[kernels][native]") {
  Tensor gelu = random_tensor(32, 384, 1);
  for (float& value : gelu.span()) value = 0.5F * value * (1 + std::erf(value / std::sqrt(2.0F)));
  // Steps from the negative of the largest on would be nearly twice as far apart: 0.013.
  CHECK(relative_error(Precision::kInt8, gelu) < 0.0105);  // observed 0.0089
}

TEST_CASE("native linear: int8 leaves zero zero, whatever is beside it", "[kernels][native]") {
  // Near the largest of all, whose product with the weights' 1 / 127 * 127 may be infinite.
  constexpr float kLargest = 0.99F * std::numeric_limits<float>::max();
  for (const auto& [low, high] : {std::pair{0.0F, 0.3F},
                                  {-0.7F, 0.0F},
                                  {-0.1F, 3.0F},
                                  {-1e-3F, 1e3F},
                                  {-5.0F, -2.0F},
                                  {2.0F, 5.0F},
                                  {-kLargest, kLargest}}) {
    Tensor input(Shape{1, 8});
    std::ranges::fill(input.span(), 0.0F);
    input.span()[2] = low;
    input.span()[5] = high;
    Tensor weight(Shape{8, 8});  // the identity: outputs are what the inputs were rounded to
    std::ranges::fill(weight.span(), 0.0F);
    for (std::size_t i = 0; i < 8; ++i) weight.matrix().row(i)[i] = 1.0F;
    const NativeBackend::PackedLinear linear(weight.matrix(), {}, Precision::kInt8);
    const float step = (0.5F * std::max(high, 0.0F) - 0.5F * std::min(low, 0.0F)) / 127.0F;
    for (const InstructionSet instruction_set : supported_instruction_sets()) {
      Runtime runtime(instruction_set);
      Tensor output(Shape{1, 8});
      linear.apply(input.matrix(), output.matrix(), {}, runtime.context);
      INFO(to_string(instruction_set) << ": " << low << " to " << high);
      for (std::size_t i = 0; i < 8; ++i) {
        const float difference = std::abs(output.span()[i] - input.span()[i]);
        // Half a step, and the rounding of weights' 1 / 127 * 127.
        CHECK(difference <= 0.5001F * step + 1e-6F * std::abs(input.span()[i]));
        if (input.span()[i] == 0) CHECK(output.span()[i] == 0);
      }
    }
  }
}

TEST_CASE("native linear: bfloat16 and int8 keep extreme rows apart", "[kernels][native]") {
  for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
    Tensor input = random_tensor(3, 40, 1);
    for (float& value : input.matrix().row(0)) value *= 1e-38F;  // subnormal in part
    for (float& value : input.matrix().row(1)) value *= 1e37F;
    const Tensor weight = random_tensor(5, 40, 2, 0.01F);
    const NativeBackend::PackedLinear linear(weight.matrix(), {}, precision);
    for (const InstructionSet instruction_set : supported_instruction_sets()) {
      Runtime runtime(instruction_set);
      Tensor output(Shape{3, 5});
      linear.apply(input.matrix(), output.matrix(), {}, runtime.context);
      for (std::size_t c = 0; c < 5; ++c) {
        INFO(to_string(instruction_set) << ", " << to_string(precision) << ", column " << c);
        CHECK(std::abs(output.matrix().row(0)[c]) < 1e-35F);
        CHECK(std::isfinite(output.matrix().row(1)[c]));
        CHECK(std::abs(output.matrix().row(2)[c]) < 1.0F);
      }
    }
  }
}

TEST_CASE("native linear: an int8 weight that is no number spoils its own output feature alone",
          "[kernels][native]") {
  Tensor weight = random_tensor(3, 20, 1);
  weight.matrix().row(1)[4] = std::numeric_limits<float>::infinity();
  std::ranges::fill(weight.matrix().row(2), 0.0F);
  const Tensor input = random_tensor(1, 20, 2);
  const NativeBackend::PackedLinear linear(weight.matrix(), {}, Precision::kInt8);
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    Runtime runtime(instruction_set);
    Tensor output(Shape{1, 3});
    linear.apply(input.matrix(), output.matrix(), {}, runtime.context);
    CHECK(std::isfinite(output.span()[0]));
    CHECK(std::isnan(output.span()[1]));
    CHECK(output.span()[2] == 0.0F);
  }
}

TEST_CASE("native linear: more int8 features than a 32-bit sum holds are refused",
          "[kernels][native]") {
  const Tensor weight = random_tensor(1, 70000, 1);
  CHECK_THROWS_AS(NativeBackend::PackedLinear(weight.matrix(), {}, Precision::kInt8), ShapeError);
}
