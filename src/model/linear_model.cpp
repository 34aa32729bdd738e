#include "polytag/model/linear_model.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "files/json_fields.hpp"
#include "model/config_writer.hpp"
#include "model/label_fields.hpp"
#include "model/model_files.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"
#include "polytag/text/terms.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostTermBytes = std::size_t{1} << 30;
constexpr std::string_view kWeights = "terms.weight";
constexpr std::string_view kIdf = "terms.idf";
constexpr std::string_view kBias = "terms.bias";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::vector<float> vector_of(const WeightSource& source, std::string_view name, std::size_t size) {
  const Tensor tensor = source.read(name, {size});
  return {tensor.span().begin(), tensor.span().end()};
}

TensorToWrite to_write(std::string_view name, Shape shape, std::span<const float> values) {
  return {std::string(name), ElementType::kFloat32, std::move(shape),
          StoredBytes(std::as_bytes(values))};
}

}  // namespace

LinearModel::LinearModel(std::vector<std::string> terms, std::vector<float> idf, Tensor weights,
                         std::vector<float> bias, LabelVocabulary labels, DecisionPolicy decision)
    : terms_(std::move(terms)),
      idf_(std::move(idf)),
      weights_(std::move(weights)),
      bias_(std::move(bias)),
      labels_(std::move(labels)),
      decision_(std::move(decision)) {
  const Shape expected{terms_.size(), labels_.size()};
  if (weights_.shape() != expected || idf_.size() != terms_.size() ||
      bias_.size() != labels_.size()) {
    throw ShapeError::mismatch("", std::string(kWeights), to_string(expected),
                               to_string(weights_.shape()));
  }
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (!indices_.emplace(terms_[i], static_cast<std::int32_t>(i)).second) {
      throw ConfigError::mismatch("terms.txt", "term \"" + terms_[i] + "\"", "one line of it",
                                  "two");
    }
  }
  decision_.validate(labels_.size());
}

std::vector<std::int32_t> LinearModel::terms_of(std::string_view text,
                                                std::optional<std::string_view> pair) const {
  std::vector<std::int32_t> found;
  const auto take = [&](std::string_view term) {
    const auto place = indices_.find(term);
    if (place != indices_.end()) found.push_back(place->second);
  };
  for_each_term(text, take);
  if (pair) for_each_term(*pair, take);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<TermWeight> LinearModel::features(std::span<const std::int32_t> terms) const {
  std::vector<TermWeight> features;
  double squares = 0;
  for (std::size_t begin = 0; begin < terms.size();) {
    std::size_t end = begin + 1;
    while (end < terms.size() && terms[end] == terms[begin]) ++end;
    const auto term = static_cast<std::size_t>(terms[begin]);
    if (terms[begin] < 0 || term >= terms_.size()) {
      throw EncodingError::mismatch("", "term", "below " + std::to_string(terms_.size()),
                                    std::to_string(terms[begin]));
    }
    const double weight = (1 + std::log(static_cast<double>(end - begin))) * idf_[term];
    features.push_back({term, static_cast<float>(weight)});
    squares += weight * weight;
    begin = end;
  }
  const double length = squares > 0 ? std::sqrt(squares) : 1;
  for (TermWeight& feature : features) {
    feature.weight = static_cast<float>(feature.weight / length);
  }
  return features;
}

std::vector<float> LinearModel::logits(std::span<const TermWeight> features) const {
  std::vector<float> sums = bias_;
  const auto weights = weights_.matrix();
  for (const auto& [term, weight] : features) {
    const auto row = weights.row(term);
    for (std::size_t label = 0; label < sums.size(); ++label) sums[label] += weight * row[label];
  }
  return sums;
}

std::vector<float> LinearModel::scores(std::span<const std::int32_t> terms) const {
  std::vector<float> scores = logits(features(terms));
  for (float& score : scores) score = 1.0F / (1.0F + std::exp(-score));
  return scores;
}

void LinearModel::write(const fs::path& directory) const {
  std::string lines;
  for (const std::string& term : terms_) lines.append(term).append("\n");
  write_file(directory / "terms.txt", lines);
  const std::vector<TensorToWrite> tensors{to_write(kWeights, weights_.shape(), weights_.span()),
                                           to_write(kIdf, {idf_.size()}, idf_),
                                           to_write(kBias, {bias_.size()}, bias_)};
  write_safetensors(directory / "model.safetensors", tensors, {{"format", "pt"}});
  Json config = with_labels({{"model_type", kModelType},
                             {"problem_type", "multi_label_classification"},
                             {"polytag", {{"head", kHead}}}},
                            labels_.names());
  store_decision(config, decision_, labels_);
  write_model_config(directory, config);
}

bool is_linear_model(const fs::path& directory) {
  const fs::path file = directory / "config.json";
  if (!is_file(file)) return false;
  const JsonDocument json =
      parse_json(read_text_file(file.string(), kMostConfigBytes), file.string());
  if (!json->is_object()) return false;
  const auto type = json->find("model_type");
  return type != json->end() && type->is_string() && *type == LinearModel::kModelType;
}

LinearModel read_linear_model(const fs::path& directory) {
  const std::string file = (directory / "config.json").string();
  const JsonDocument json = parse_json(read_text_file(file, kMostConfigBytes), file);
  const ConfigReader reader(*json, file);
  LabelVocabulary labels = read_labels(reader);
  DecisionPolicy decision;
  if (reader.find("polytag") != nullptr) {
    decision = read_decision_policy(reader.object("polytag"), labels);
  }
  std::vector<std::string> terms =
      lines_of(read_text_file((directory / "terms.txt").string(), kMostTermBytes));
  const WeightSource source = open_safetensors(directory);
  std::vector<float> idf = vector_of(source, kIdf, terms.size());
  std::vector<float> bias = vector_of(source, kBias, labels.size());
  Tensor weights = source.read(kWeights, {terms.size(), labels.size()});
  return {std::move(terms), std::move(idf),    std::move(weights),
          std::move(bias),  std::move(labels), std::move(decision)};
}

}  // namespace polytag
