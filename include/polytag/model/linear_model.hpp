#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"
#include "polytag/labels/decision_policy.hpp"
#include "polytag/labels/label_vocabulary.hpp"

namespace polytag {

/// A term of a text and how much it says.
struct TermWeight {
  std::size_t term;
  float weight;
};

/// A model without an encoder: a text is the TF-IDF of its terms, and a label's logit is linear in
/// it. Immutable once it is made; safe for concurrent use.
///
/// A term that occurs n times has the weight (1 + ln n) · idf; a text's weights have length 1.
class POLYTAG_EXPORT LinearModel {
 public:
  static constexpr std::string_view kModelType = "tf_idf";
  static constexpr std::string_view kHead = "linear";

  /// @param terms    as for_each_term() gives them, each once
  /// @param idf      [terms]
  /// @param weights  [terms, labels]
  /// @param bias     [labels]
  /// @throws ShapeError for sizes that do not agree
  LinearModel(std::vector<std::string> terms, std::vector<float> idf, Tensor weights,
              std::vector<float> bias, LabelVocabulary labels, DecisionPolicy decision);

  const LabelVocabulary& labels() const noexcept { return labels_; }
  const DecisionPolicy& decision() const noexcept { return decision_; }
  void set_decision(DecisionPolicy decision) { decision_ = std::move(decision); }
  std::size_t term_count() const noexcept { return terms_.size(); }
  std::size_t parameter_count() const noexcept { return weights_.size() + bias_.size(); }

  /// The known terms of a text, or of both texts of a pair, ascending, one as often as it occurs.
  std::vector<std::int32_t> terms_of(std::string_view text,
                                     std::optional<std::string_view> pair = std::nullopt) const;
  /// @param terms  ascending
  std::vector<TermWeight> features(std::span<const std::int32_t> terms) const;
  /// @return [labels]
  std::vector<float> logits(std::span<const TermWeight> features) const;
  /// Sigmoids of the logits of a text's terms, so that 0.5 is where a logit is 0. @return [labels]
  std::vector<float> scores(std::span<const std::int32_t> terms) const;

  /// Writes config.json, terms.txt and model.safetensors. @param directory  is there already
  void write(const std::filesystem::path& directory) const;

 private:
  std::vector<std::string> terms_;
  std::unordered_map<std::string_view, std::int32_t> indices_;  // views into terms_
  std::vector<float> idf_;
  Tensor weights_;
  std::vector<float> bias_;
  LabelVocabulary labels_;
  DecisionPolicy decision_;
};

/// Whether a directory's config.json says that it has a linear model. false if it cannot be read
POLYTAG_EXPORT bool is_linear_model(const std::filesystem::path& directory);

/// Reads what LinearModel::write() wrote. @throws IoError, FormatError, ConfigError, ShapeError
POLYTAG_EXPORT LinearModel read_linear_model(const std::filesystem::path& directory);

}  // namespace polytag
