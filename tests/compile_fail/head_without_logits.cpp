// A head that forgets its logits.
#include "polytag/encoders/bert/encoder.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/runtime/head_classifier.hpp"

using namespace polytag;

struct Head {
  struct Config {};
  static constexpr std::string_view kName = "mine";
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;
  struct Parameters {};
  static Parameters declare(const HeadScope&, const Config&) { return {}; }
  Head(const Config&, const Parameters&, const Weights&, Precision) {}
#ifndef BROKEN
  MatrixView<float> logits(const EncoderOutput&, const ExecutionContext&) const { return {}; }
#endif
  LabelActivation activation() const { return LabelActivation::kSigmoid; }
};

using Classifier = HeadClassifier<BertEncoder<ReferenceBackend>, Head>;

std::unique_ptr<MultiLabelClassifier> load() {
  return std::make_unique<Classifier>(open_model_directory("model"), Head::Config(), LoadOptions());
}
