// A head that forgets its scores.
#include "polytag/heads/head.hpp"

using namespace polytag;

struct Head {
  struct Config {};
  static constexpr std::string_view kName = "mine";
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;
  static std::vector<ParameterSpec> parameters(const Config&) { return {}; }
  Head(const Config&, const WeightSource&, Precision) {}
#ifndef BROKEN
  LabelScores scores(const EncoderOutput&, const ExecutionContext&) const { return {}; }
#endif
};

template <ClassificationHead H>
struct Classifier {};

Classifier<Head> classifier;
