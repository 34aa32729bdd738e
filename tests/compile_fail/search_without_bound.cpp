// A head that decodes sequences and does not say how much memory its search takes.
#include "polytag/heads/head.hpp"

using namespace polytag;

struct Head {
  struct Config {};
  struct Parameters {};
  static constexpr std::string_view kName = "mine";
  static constexpr HiddenRows kRows = HiddenRows::kAll;
  static Parameters declare(const HeadScope&, const Config&) { return {}; }
  Head(const Config&, const Parameters&, const Weights&, Precision) {}
  std::vector<TextScores> decode(const EncoderOutput&, std::size_t, const ExecutionContext&) const {
    return {};
  }
#ifndef BROKEN
  std::size_t bytes_per_text() const { return 0; }
#endif
};

template <SequenceHead H>
struct Classifier {};

Classifier<Head> classifier;
