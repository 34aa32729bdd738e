#include "polytag/training/losses.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "polytag/error.hpp"

namespace polytag::training {

namespace {

void check_labels(std::span<const float> logits, const Target& target, std::size_t logits_a_label) {
  if (target.labels.size() * logits_a_label == logits.size()) return;
  throw ArgumentError::mismatch("target labels", std::to_string(logits.size() / logits_a_label),
                                std::to_string(target.labels.size()));
}

// Each is finite for every finite x.
double sigmoid(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// q^focus, where q^0 is 1 for q = 0, too.
double power(double q, double focus) { return focus == 0 ? 1 : std::pow(q, focus); }

struct Term {
  double loss, slope;
};

/// What a label costs whose logit in favour of the truth is z: (1 - p)^focus · -log p.
Term focal_term(double z, double focus) {
  const double q = sigmoid(-z);
  const double cross_entropy = softplus(-z);
  const double factor = power(q, focus);
  return {factor * cross_entropy, -factor * (focus * sigmoid(z) * cross_entropy + q)};
}

/// A false label's term whose probability is lowered by `clip` first.
Term clipped_term(double x, double focus, double clip) {
  const double p = sigmoid(x);
  const double lowered = p - clip;
  if (lowered <= 0) return {0, 0};
  const double cross_entropy = -std::log1p(-lowered);
  const double factor = power(lowered, focus);
  const double by_probability =
      focus * power(lowered, focus - 1) * cross_entropy + factor / (1 - lowered);
  return {factor * cross_entropy, by_probability * p * (1 - p)};
}

/// The loss of one softmax, whose gradient it writes.
template <class TargetOf>
double softmax_cross_entropy(std::span<const float> logits, std::span<float> gradient,
                             TargetOf target_of) {
  const double greatest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float x : logits) sum += std::exp(x - greatest);
  const double log_sum = greatest + std::log(sum);
  double loss = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double target = target_of(i);
    if (target != 0) loss += target * (log_sum - logits[i]);
    gradient[i] = static_cast<float>(std::exp(logits[i] - log_sum) - target);
  }
  return loss;
}

/// log(1 + sum of e^(sign · x)) over the labels of one kind, and its slopes.
double log_one_plus_sum(std::span<const float> logits, std::span<const float> labels, bool truth,
                        std::span<float> gradient) {
  const double sign = truth ? -1 : 1;
  double greatest = 0;
  const auto counts = [&](std::size_t i) { return (labels[i] >= 0.5F) == truth; };
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (counts(i)) greatest = std::max(greatest, sign * logits[i]);
  }
  double sum = std::exp(-greatest);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (counts(i)) sum += std::exp(sign * logits[i] - greatest);
  }
  const double log_sum = greatest + std::log(sum);
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (counts(i)) gradient[i] = static_cast<float>(sign * std::exp(sign * logits[i] - log_sum));
  }
  return log_sum;
}

}  // namespace

double BinaryCrossEntropy::operator()(std::span<const float> logits, const Target& target,
                                      std::span<float> gradient) const {
  check_labels(logits, target, 1);
  if (!positive_weights.empty() && positive_weights.size() != logits.size()) {
    throw ArgumentError::mismatch("positive weights", std::to_string(logits.size()),
                                  std::to_string(positive_weights.size()));
  }
  const double scale = mean ? 1.0 / static_cast<double>(logits.size()) : 1.0;
  const double smoothing = label_smoothing;
  double loss = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double x = logits[i];
    const double t = target.labels[i] * (1 - smoothing) + smoothing / 2;
    const double weight = positive_weights.empty() ? 1 : positive_weights[i];
    loss += (1 - t) * softplus(x) + weight * t * softplus(-x);
    gradient[i] = static_cast<float>(scale * ((1 - t) * sigmoid(x) - weight * t * sigmoid(-x)));
  }
  return scale * loss;
}

double FocalLoss::operator()(std::span<const float> logits, const Target& target,
                             std::span<float> gradient) const {
  check_labels(logits, target, 1);
  double loss = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double t = target.labels[i];
    const double on = t * alpha.value_or(1);
    const double off = (1 - t) * (alpha ? 1 - *alpha : 1);
    const Term positive = focal_term(logits[i], focus);
    const Term negative = focal_term(-logits[i], focus);
    loss += on * positive.loss + off * negative.loss;
    gradient[i] = static_cast<float>(on * positive.slope - off * negative.slope);
  }
  return loss;
}

double AsymmetricLoss::operator()(std::span<const float> logits, const Target& target,
                                  std::span<float> gradient) const {
  check_labels(logits, target, 1);
  constexpr double kLeastProbability = 1e-8;
  double loss = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double x = logits[i];
    const double t = target.labels[i];
    Term positive = focal_term(x, positive_focus);
    Term negative = focal_term(-x, negative_focus);
    negative.slope = -negative.slope;
    if (clip > 0) {
      negative = clipped_term(x, negative_focus, clip);
      if (sigmoid(x) < kLeastProbability) {
        positive = {-std::log(kLeastProbability) * power(sigmoid(-x), positive_focus), 0};
      }
    }
    loss += t * positive.loss + (1 - t) * negative.loss;
    gradient[i] = static_cast<float>(t * positive.slope + (1 - t) * negative.slope);
  }
  return loss;
}

double ZlprLoss::operator()(std::span<const float> logits, const Target& target,
                            std::span<float> gradient) const {
  check_labels(logits, target, 1);
  return log_one_plus_sum(logits, target.labels, false, gradient) +
         log_one_plus_sum(logits, target.labels, true, gradient);
}

double SoftmaxCrossEntropy::operator()(std::span<const float> logits, const Target& target,
                                       std::span<float> gradient) const {
  check_labels(logits, target, 1);
  return softmax_cross_entropy(logits, gradient, [&](std::size_t i) { return target.labels[i]; });
}

double SoftmaxPairsLoss::operator()(std::span<const float> logits, const Target& target,
                                    std::span<float> gradient) const {
  check_labels(logits, target, 2);
  const double scale = 1.0 / static_cast<double>(target.labels.size());
  double loss = 0;
  for (std::size_t i = 0; i < target.labels.size(); ++i) {
    const double x = static_cast<double>(logits[2 * i + 1]) - logits[2 * i];  // in favour of on
    const double t = target.labels[i];
    loss += (1 - t) * softplus(x) + t * softplus(-x);
    const auto slope = static_cast<float>(scale * ((1 - t) * sigmoid(x) - t * sigmoid(-x)));
    gradient[2 * i] = -slope;
    gradient[2 * i + 1] = slope;
  }
  return scale * loss;
}

double SequenceCrossEntropy::operator()(std::span<const float> logits, const Target& target,
                                        std::span<float> gradient) const {
  const std::size_t steps = target.sequence.size();
  if (steps == 0) return 0;
  if (logits.size() % steps != 0) {
    throw ArgumentError::mismatch("logits", "rows for " + std::to_string(steps) + " steps",
                                  std::to_string(logits.size()) + " numbers");
  }
  const std::size_t labels = logits.size() / steps;
  double loss = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t truth = target.sequence[step];
    const auto row = gradient.subspan(step * labels, labels);
    if (truth == ignored) {
      std::ranges::fill(row, 0.0F);
      continue;
    }
    if (truth >= labels) {
      throw ArgumentError::mismatch("label of a sequence", "below " + std::to_string(labels),
                                    std::to_string(truth));
    }
    loss += softmax_cross_entropy(logits.subspan(step * labels, labels), row,
                                  [&](std::size_t i) { return i == truth ? 1.0 : 0.0; });
  }
  return loss;
}

double SequenceCrossEntropy::units(const Target& target) const noexcept {
  const auto steps = static_cast<std::ptrdiff_t>(target.sequence.size());
  return static_cast<double>(steps - std::ranges::count(target.sequence, ignored));
}

AnyLoss make_loss(std::string_view name) {
  if (name == "bce") return BinaryCrossEntropy{};
  if (name == "bce_mean")
    return BinaryCrossEntropy{.mean = true, .label_smoothing = 0, .positive_weights = {}};
  if (name == "focal") return FocalLoss{};
  if (name == "asymmetric") return AsymmetricLoss{};
  if (name == "zlpr") return ZlprLoss{};
  throw ArgumentError::mismatch("loss", "bce, bce_mean, focal, asymmetric or zlpr",
                                "\"" + std::string(name) + "\"");
}

}  // namespace polytag::training
