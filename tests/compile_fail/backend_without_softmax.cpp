// A backend that lacks one kernel.
#include "polytag/heads/text_cnn.hpp"
#include "polytag/kernels/reference_backend.hpp"

using namespace polytag;

struct Backend : private ReferenceBackend {
  static constexpr std::string_view kName = "mine";
  using ReferenceBackend::activate;
  using ReferenceBackend::additive_scores;
  using ReferenceBackend::gate;
  using ReferenceBackend::layer_norm;
  using ReferenceBackend::lstm_cell;
  using ReferenceBackend::PackedLinear;
  using ReferenceBackend::rotate;
  using ReferenceBackend::self_attention;
  using ReferenceBackend::supports;
#ifndef BROKEN
  using ReferenceBackend::softmax_rows;
#endif
};

using Head = TextCnnHead<Backend>;
