// A head whose logits are of another type.
#include "polytag/heads/head.hpp"

using namespace polytag;

#ifdef BROKEN
using Logits = std::vector<float>;
#else
using Logits = MatrixView<float>;
#endif

struct Head {
  struct Config {};
  static constexpr std::string_view kName = "mine";
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;
  struct Parameters {};
  static Parameters declare(const HeadScope&, const Config&) { return {}; }
  Head(const Config&, const Parameters&, const Weights&, Precision) {}
  Logits logits(const EncoderOutput&, const ExecutionContext&) const { return {}; }
  LabelActivation activation() const { return LabelActivation::kSigmoid; }
};

template <LabelHead H>
struct Classifier {};

Classifier<Head> classifier;
