#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "polytag/error.hpp"
#include "unit/kernels/native_support.hpp"

using namespace polytag;

TEST_CASE("native linear: every instruction set agrees with the reference on odd sizes",
          "[kernels][native]") {
  // Sums of up to 1536 products of unit normal inputs and weights of 1 / sqrt(in) have rounding
  // errors of some 1e-6; observed 1.3e-6.
  constexpr double kTolerance = 3e-6;
  Runtime reference(InstructionSet::kBaseline);
  for (const auto& [rows, in, out] : linear_cases()) {
    const Tensor input = random_tensor(rows, in, 1);
    const Tensor weight = random_tensor(out, in, 2, 1.0F / std::sqrt(static_cast<float>(in)));
    const Tensor bias = random_tensor(1, out, 3);
    const Tensor residual = random_tensor(rows, out, 4);
    const Activation activation = kActivations[(rows + in + out) % kActivations.size()];
    const LinearEpilogue epilogue{activation,
                                  rows % 2 == 0 ? MatrixView<const float>() : residual.matrix()};
    Tensor expected(Shape{rows, out});
    ReferenceBackend::PackedLinear(weight.matrix(), bias.span(), Precision::kFloat32)
        .apply(input.matrix(), expected.matrix(), epilogue, reference.context);
    const NativeBackend::PackedLinear linear(weight.matrix(), bias.span(), Precision::kFloat32);
    for (const InstructionSet instruction_set : supported_instruction_sets()) {
      Runtime runtime(instruction_set);
      Tensor output(Shape{rows, out});
      linear.apply(input.matrix(), output.matrix(), epilogue, runtime.context);
      INFO(to_string(instruction_set) << ": " << rows << " x " << in << " -> " << out);
      CHECK(difference(output.matrix(), expected.matrix()) <= kTolerance);
    }
  }
}

TEST_CASE(
    "native linear: a row's result is the same bits alone, in a batch and on any thread count",
    "[kernels][native]") {
  constexpr LinearCase kShapes[] = {{300, 201, 300}, {21, 384, 384}, {2, 1000, 1536}};
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    for (std::size_t i = 0; i < 9; ++i) {
      const Precision precision = kPrecisions[i % 3];
      const auto [rows, in, out] = kShapes[i / 3];
      const Tensor input = random_tensor(rows, in, 1);
      const Tensor weight = random_tensor(out, in, 2);
      const Tensor bias = random_tensor(1, out, 3);
      const LinearEpilogue epilogue{Activation::kGeluErf, {}};
      const NativeBackend::PackedLinear linear(weight.matrix(), bias.span(), precision);
      Tensor batch(Shape{rows, out});
      Runtime serial(instruction_set);
      linear.apply(input.matrix(), batch.matrix(), epilogue, serial.context);
      for (const std::size_t threads : {2U, 3U}) {
        Runtime parallel(instruction_set, threads);
        Tensor again(Shape{rows, out});
        linear.apply(input.matrix(), again.matrix(), epilogue, parallel.context);
        INFO(to_string(instruction_set)
             << ", " << to_string(precision) << ", " << threads << " threads");
        CHECK(same_bits(again.span(), batch.span()));
      }
      for (std::size_t row = 0; row < rows; ++row) {
        Tensor alone(Shape{1, out});
        linear.apply(input.matrix().row_range(row, 1), alone.matrix(), epilogue, serial.context);
        INFO(to_string(instruction_set) << ", " << to_string(precision) << ", row " << row);
        CHECK(same_bits(alone.span(), batch.matrix().row(row)));
      }
    }
  }
}

TEST_CASE("native linear: strided views and overlapping windows read and write only their own",
          "[kernels][native]") {
  constexpr std::size_t kRows = 11, kIn = 30, kOut = 20, kStep = 10;
  const Tensor sequence = random_tensor(1, kStep * (kRows - 1) + kIn, 1);
  const Tensor weight = random_tensor(kOut, kIn, 2);
  Tensor windows(Shape{kRows, kIn});
  const MatrixView<const float> overlapping(sequence.span().data(), kRows, kIn, kStep);
  for (std::size_t row = 0; row < kRows; ++row) {
    std::ranges::copy(overlapping.row(row), windows.matrix().row(row).begin());
  }
  const NativeBackend::PackedLinear linear(weight.matrix(), {}, Precision::kFloat32);
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    Runtime runtime(instruction_set, 2);
    Tensor expected(Shape{kRows, kOut});
    linear.apply(windows.matrix(), expected.matrix(), {}, runtime.context);
    constexpr std::size_t kWide = kOut + 9;
    Tensor wide(Shape{kRows, kWide});
    std::ranges::fill(wide.span(), -7.0F);
    linear.apply(overlapping, wide.matrix().column_range(3, kOut), {}, runtime.context);
    for (std::size_t row = 0; row < kRows; ++row) {
      const std::span<const float> written = wide.matrix().row(row);
      CHECK(same_bits(written.subspan(3, kOut), expected.matrix().row(row)));
      CHECK(std::ranges::count(written.first(3), -7.0F) == 3);
      CHECK(std::ranges::count(written.subspan(3 + kOut), -7.0F) == 6);
    }
  }
}

TEST_CASE("native linear: what is not a number stays in its row", "[kernels][native]") {
  for (const InstructionSet instruction_set : supported_instruction_sets()) {
    Runtime runtime(instruction_set);
    Tensor input = random_tensor(9, 33, 1);
    const Tensor weight = random_tensor(17, 33, 2);
    Tensor clean(Shape{9, 17});
    Tensor spoiled(Shape{9, 17});
    for (std::size_t i = 0; i < kPrecisions.size() * kActivations.size(); ++i) {
      const Precision precision = kPrecisions[i % kPrecisions.size()];
      const Activation activation = kActivations[i / kPrecisions.size()];
      const NativeBackend::PackedLinear linear(weight.matrix(), {}, precision);
      linear.apply(input.matrix(), clean.matrix(), {activation, {}}, runtime.context);
      Tensor broken = input.clone();
      broken.matrix().row(2)[5] = std::numeric_limits<float>::quiet_NaN();
      broken.matrix().row(6)[0] = std::numeric_limits<float>::infinity();
      linear.apply(broken.matrix(), spoiled.matrix(), {activation, {}}, runtime.context);
      INFO(to_string(instruction_set)
           << ", " << to_string(precision) << ", activation " << static_cast<int>(activation));
      CHECK(std::isnan(spoiled.matrix().row(2)[0]));
      for (const std::size_t row : {0U, 1U, 3U, 4U, 5U, 7U, 8U}) {
        CHECK(same_bits(spoiled.matrix().row(row), clean.matrix().row(row)));
      }
    }
  }
}

TEST_CASE("native linear: no rows, no outputs and no inputs are fine", "[kernels][native]") {
  Runtime runtime(default_instruction_set(), 2);
  const Tensor weight = random_tensor(5, 4, 1);
  const std::vector<float> bias{1, 2, 3, 4, 5};
  const NativeBackend::PackedLinear linear(weight.matrix(), bias, Precision::kFloat32);
  linear.apply({nullptr, 0, 4}, {nullptr, 0, 5}, {}, runtime.context);

  const NativeBackend::PackedLinear from_nothing({nullptr, 5, 0}, bias, Precision::kFloat32);
  Tensor output(Shape{2, 5});
  from_nothing.apply({nullptr, 2, 0}, output.matrix(), {}, runtime.context);
  CHECK(same_bits(output.matrix().row(1), bias));
}
