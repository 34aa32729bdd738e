#pragma once

#include <cmath>
#include <cstddef>
#include <memory>

#include "polytag/core/tensor.hpp"
#include "polytag/kernels/backend.hpp"

namespace polytag {

/// The angles of rotary positions (Su et al. 2021), place base^(-2 c / head size), as cosines and
/// sines.
struct RotaryTable {
  Tensor cosines;  ///< [places, head_size / 2]
  Tensor sines;    ///< [places, head_size / 2]

  /// Angles are rounded to float32, as the models were trained with them.
  RotaryTable(std::size_t places, std::size_t head_size, float base)
      : cosines({places, head_size / 2}), sines({places, head_size / 2}) {
    for (std::size_t c = 0; c < head_size / 2; ++c) {
      const float exponent = static_cast<float>(2 * c) / static_cast<float>(head_size);
      const float frequency = 1.0F / std::pow(base, exponent);
      for (std::size_t place = 0; place < places; ++place) {
        const float angle = static_cast<float>(place) * frequency;
        cosines.matrix().row(place)[c] = std::cos(angle);
        sines.matrix().row(place)[c] = std::sin(angle);
      }
    }
  }
};

/// Dot-product attention of queries and keys that are turned by their places, within a window.
template <KernelBackend Backend>
struct RotaryAttention {
  std::shared_ptr<const RotaryTable> table;  ///< at least as many places as any sequence has rows
  std::size_t window = kNoWindow;            ///< the farthest key that a query sees

  void operator()(AttentionInput input, MatrixView<float> output,
                  const ExecutionContext& context) const {
    const Workspace::Scope scope(context.workspace);
    const auto turned = [&](MatrixView<const float> rows, std::span<const std::size_t> starts) {
      const auto result = context.workspace.matrix(rows.rows, rows.columns);
      Backend::rotate({rows, starts, table->cosines.matrix(), table->sines.matrix()}, result,
                      context);
      return result;
    };
    input.query = turned(input.query, input.query_starts);
    input.key = turned(input.key, input.key_starts);
    input.window = window;
    Backend::self_attention(input, output, context);
  }
};

}  // namespace polytag
