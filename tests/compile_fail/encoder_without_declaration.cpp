// An encoder that does not declare its parameters.
#include "polytag/heads/cls_dense.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/runtime/head_classifier.hpp"

using namespace polytag;

struct Encoder {
  using Backend = ReferenceBackend;
  struct Config {};
  struct Parameters {};
  static EncoderFacts facts(const Config&) { return {}; }
#ifndef BROKEN
  static Parameters declare(const ParameterList::Scope&, const Config&) { return {}; }
#endif
  Encoder(const Config&, const Parameters&, const Weights&, Precision) {}
  EncoderOutput forward(const EncodedBatch&, HiddenRows, const ExecutionContext&) const {
    return {};
  }
};

using Classifier = HeadClassifier<Encoder, ClsDenseHead<ReferenceBackend>>;

std::unique_ptr<MultiLabelClassifier> load(ModelDirectory model) {
  return std::make_unique<Classifier>(std::move(model), Encoder::Config(), ClsDenseConfig(),
                                      LoadOptions());
}
