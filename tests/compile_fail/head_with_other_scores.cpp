// A head whose scores are of another type.
#include "polytag/heads/head.hpp"

using namespace polytag;

#ifdef BROKEN
using Scores = std::vector<float>;
#else
using Scores = LabelScores;
#endif

struct Head {
  struct Config {};
  static constexpr std::string_view kName = "mine";
  static constexpr HiddenRows kRows = HiddenRows::kFirstToken;
  static std::vector<ParameterSpec> parameters(const Config&) { return {}; }
  Head(const Config&, const WeightSource&, Precision) {}
  Scores scores(const EncoderOutput&, const ExecutionContext&) const { return {}; }
};

template <ClassificationHead H>
struct Classifier {};

Classifier<Head> classifier;
