#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "polytag/nn/layer_norm.hpp"
#include "polytag/nn/linear.hpp"
#include "polytag/nn/row_blocks.hpp"

namespace polytag {

/// Names of the tensors of one feed-forward block.
struct FeedForwardNames {
  std::string intermediate, output, layer_norm;
};

/// Two linear layers with an activation between them, residual and layer norm: the second half of
/// a post-norm transformer layer (Vaswani et al. 2017, section 3.3).
template <KernelBackend Backend>
class FeedForward {
 public:
  static std::vector<ParameterSpec> parameters(const FeedForwardNames& names,
                                               std::size_t hidden_size,
                                               std::size_t intermediate_size) {
    auto all = LayerNorm<Backend>::parameters(names.layer_norm, hidden_size);
    std::ranges::copy(linear_parameters(names.intermediate, hidden_size, intermediate_size),
                      std::back_inserter(all));
    std::ranges::copy(linear_parameters(names.output, intermediate_size, hidden_size),
                      std::back_inserter(all));
    return all;
  }

  FeedForward(const WeightSource& weights, const FeedForwardNames& names, std::size_t hidden_size,
              std::size_t intermediate_size, Activation activation, float epsilon,
              Precision precision)
      : intermediate_(load_linear<Backend>(weights, names.intermediate, hidden_size,
                                           intermediate_size, precision)),
        output_(
            load_linear<Backend>(weights, names.output, intermediate_size, hidden_size, precision)),
        layer_norm_(weights, names.layer_norm, hidden_size, epsilon),
        activation_(activation) {}

  /// @param hidden_states, output  [rows, hidden]; not the same
  void forward(MatrixView<const float> hidden_states, MatrixView<float> output,
               const ExecutionContext& context) const {
    // Blocks of rows, so that what the first layer writes is still in cache where the second reads
    // it.
    const std::size_t block = rows_in_cache(context);
    const Workspace::Scope scope(context.workspace);
    const auto all =
        context.workspace.matrix(std::min(block, hidden_states.rows), intermediate_.out_features());
    for (std::size_t row = 0; row < hidden_states.rows; row += block) {
      const std::size_t rows = std::min(block, hidden_states.rows - row);
      const auto input = hidden_states.row_range(row, rows);
      const auto intermediate = all.row_range(0, rows);
      intermediate_.apply(input, intermediate, {.activation = activation_, .residual = {}},
                          context);
      output_.apply(intermediate, output.row_range(row, rows),
                    {.activation = Activation::kNone, .residual = input}, context);
    }
    layer_norm_.forward(output, output, context);
  }

 private:
  typename Backend::PackedLinear intermediate_;
  typename Backend::PackedLinear output_;
  LayerNorm<Backend> layer_norm_;
  Activation activation_;
};

}  // namespace polytag
