#include "polytag/training/linear_training.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "polytag/error.hpp"
#include "polytag/text/terms.hpp"
#include "training/random.hpp"

namespace polytag::training {

namespace {

/// Terms that occur in enough texts, sorted, with how many they are.
struct Terms {
  std::vector<std::string> names;
  std::vector<float> idf;
};

Terms find_terms(std::span<const LabelledText> texts, std::size_t minimum) {
  struct Seen {
    std::size_t texts = 0;
    std::size_t last = static_cast<std::size_t>(-1);
  };
  std::unordered_map<std::string, Seen> seen;
  std::string key;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto take = [&](std::string_view term) {
      key.assign(term);
      Seen& entry = seen[key];
      if (std::exchange(entry.last, i) != i) ++entry.texts;
    };
    for_each_term(texts[i].text, take);
    if (texts[i].text_pair) for_each_term(*texts[i].text_pair, take);
  }
  Terms terms;
  for (const auto& [name, entry] : seen) {
    if (entry.texts >= minimum) terms.names.push_back(name);
  }
  std::sort(terms.names.begin(), terms.names.end());
  for (const std::string& name : terms.names) {
    const double share =
        (1 + static_cast<double>(texts.size())) / (1 + static_cast<double>(seen.at(name).texts));
    terms.idf.push_back(static_cast<float>(std::log(share) + 1));
  }
  return terms;
}

/// The features of all texts, row after row.
struct Features {
  std::vector<std::size_t> starts{0};
  std::vector<TermWeight> entries;
  std::vector<double> squares;  // [texts], of a row and the bias's 1

  std::span<const TermWeight> row(std::size_t text) const {
    return std::span(entries).subspan(starts[text], starts[text + 1] - starts[text]);
  }
  std::size_t size() const { return squares.size(); }
};

Features features_of(std::span<const LabelledText> texts, const LinearModel& model,
                     Executor& executor) {
  std::vector<std::vector<TermWeight>> rows(texts.size());
  executor.run(texts.size(), [&](std::size_t i) {
    rows[i] = model.features(model.terms_of(texts[i].text, texts[i].text_pair));
  });
  Features features;
  for (const auto& row : rows) {
    double squares = 1;
    for (const TermWeight& entry : row) squares += static_cast<double>(entry.weight) * entry.weight;
    features.entries.insert(features.entries.end(), row.begin(), row.end());
    features.starts.push_back(features.entries.size());
    features.squares.push_back(squares);
  }
  return features;
}

/// One label's hyperplane, [terms + 1], the last of which is the bias.
class Hyperplane {
 public:
  Hyperplane(const Features& features, std::vector<bool> truth, std::size_t terms,
             const LinearOptions& options, std::uint32_t label)
      : features_(features),
        truth_(std::move(truth)),
        options_(options),
        label_(label),
        diagonal_(1 / (2 * options.c)),
        weights_(terms + 1, 0.0),
        duals_(features.size(), 0.0) {}

  const std::vector<double>& find() {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    std::vector<std::size_t> active(features_.size());
    std::iota(active.begin(), active.end(), std::size_t{0});
    double shrink_above = kInfinity;
    for (std::size_t pass = 0; pass < options_.most_passes; ++pass) {
      shuffle(active, pass);
      double greatest = -kInfinity;
      double least = kInfinity;
      for (std::size_t i = 0; i < active.size();) {
        const auto gradient = step(active[i], shrink_above);
        if (!gradient) {
          active[i] = active.back();
          active.pop_back();
          continue;
        }
        greatest = std::max(greatest, *gradient);
        least = std::min(least, *gradient);
        ++i;
      }
      if (active.empty() || greatest - least <= options_.tolerance) {
        if (active.size() == features_.size()) break;
        // All texts have a last say before this is the optimum.
        active.resize(features_.size());
        std::iota(active.begin(), active.end(), std::size_t{0});
        shrink_above = kInfinity;
        continue;
      }
      shrink_above = greatest > 0 ? greatest : kInfinity;
    }
    return weights_;
  }

 private:
  void shuffle(std::vector<std::size_t>& order, std::size_t pass) const {
    const std::uint64_t index = std::uint64_t{label_} << 32;
    for (std::size_t i = order.size(); i > 1; --i) {
      const std::uint64_t bits = random_number(options_.seed, RandomStream::kLinear,
                                               static_cast<std::uint32_t>(pass), index + i);
      std::swap(order[i - 1], order[bits % i]);
    }
  }

  /// Moves one text's dual to its optimum.
  /// @return the projected gradient before; none for a text that needs no more attention
  std::optional<double> step(std::size_t text, double shrink_above) {
    const double sign = truth_[text] ? 1 : -1;
    const auto row = features_.row(text);
    double value = weights_.back();
    for (const auto& [term, weight] : row) value += weights_[term] * weight;
    double& dual = duals_[text];
    const double gradient = sign * value - 1 + diagonal_ * dual;
    if (dual == 0 && gradient > shrink_above) return std::nullopt;
    const double projected = dual == 0 ? std::min(gradient, 0.0) : gradient;
    if (std::abs(projected) < 1e-12) return projected;
    const double before = dual;
    dual = std::max(dual - gradient / (features_.squares[text] + diagonal_), 0.0);
    const double change = (dual - before) * sign;
    for (const auto& [term, weight] : row) weights_[term] += change * weight;
    weights_.back() += change;
    return projected;
  }

  const Features& features_;
  std::vector<bool> truth_;
  const LinearOptions& options_;
  std::uint32_t label_;
  double diagonal_;
  std::vector<double> weights_;
  std::vector<double> duals_;
};

}  // namespace

LinearModel train_linear(std::span<const LabelledText> texts, const LabelVocabulary& labels,
                         const LinearOptions& options, Executor& executor) {
  Terms terms = find_terms(texts, options.minimum_texts);
  const std::size_t count = terms.names.size();
  if (count == 0) {
    throw ConfigError::mismatch(
        "", "training texts",
        "a word that " + std::to_string(options.minimum_texts) + " of them have", "none");
  }
  Tensor weights({count, labels.size()});
  std::vector<float> bias(labels.size());
  {
    Tensor zeros({count, labels.size()});
    std::ranges::fill(zeros.span(), 0.0F);
    const LinearModel untrained(terms.names, terms.idf, std::move(zeros), bias, labels, {});
    const Features features = features_of(texts, untrained, executor);
    executor.run(labels.size(), [&](std::size_t label) {
      std::vector<bool> truth(texts.size());
      for (std::size_t i = 0; i < texts.size(); ++i) {
        truth[i] = std::ranges::binary_search(texts[i].labels, label);
      }
      Hyperplane plane(features, std::move(truth), count, options,
                       static_cast<std::uint32_t>(label));
      const std::vector<double>& found = plane.find();
      for (std::size_t term = 0; term < count; ++term) {
        weights.matrix().row(term)[label] = static_cast<float>(found[term]);
      }
      bias[label] = static_cast<float>(found.back());
    });
  }
  return {std::move(terms.names),
          std::move(terms.idf),
          std::move(weights),
          std::move(bias),
          labels,
          {}};
}

}  // namespace polytag::training
