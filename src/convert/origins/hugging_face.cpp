#include <string>
#include <string_view>
#include <utility>

#include "convert/names/hugging_face_names.hpp"
#include "convert/origins/head_config.hpp"
#include "convert/origins/label_names.hpp"
#include "convert/origins/origin.hpp"
#include "model/model_files.hpp"
#include "polytag/text/tokenizer.hpp"
#include "polytag/text/vocabulary.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

/// The tokenizer as it lies beside the vocabulary, or beside config.json. A vocabulary that is
/// given may lie anywhere, and goes before the one in a tokenizer.json.
TokenizerFiles read_tokenizer(const ConversionSource& files, bool vocabulary_given) {
  TokenizerFiles tokenizer;
  const bool is_beside_config = vocabulary_given || files.vocabulary.empty();
  const fs::path folder = (is_beside_config ? files.config : files.vocabulary).parent_path();
  for (const std::string_view name : kTokenizerVocabularies) {
    if (!vocabulary_given && is_file(folder / name)) tokenizer.copied.push_back(folder / name);
  }
  const bool has_own = !tokenizer.copied.empty();
  for (const std::string_view name : kTokenizerSettings) {
    if (is_file(folder / name)) tokenizer.copied.push_back(folder / name);
  }
  if (files.vocabulary.empty() && !has_own) throw missing_tokenizer(files);
  tokenizer.vocabulary = files.vocabulary;
  tokenizer.tokens = vocabulary_given ? read_vocabulary(files.vocabulary.string()).size()
                                      : load_tokenizer(folder).vocabulary().size();
  return tokenizer;
}

std::string model_type_of(const Json& config) {
  const auto field = config.find("model_type");
  return field != config.end() && field->is_string() ? field->get<std::string>() : std::string();
}

}  // namespace

Origin hugging_face_origin(OriginFiles files) {
  auto names = std::make_unique<HuggingFaceNames>(files.weights, model_type_of(files.config),
                                                  files.options.encoder_prefix);
  ConvertedWeights weights = convert_weights(files.weights, *names, files.options.stop);
  RecognisedHead head = recognise_head(weights.weights);
  std::vector<std::string> labels;
  const bool has_label_file = files.options.labels && !head.name.empty();
  if (has_label_file) {
    labels = read_label_names(files.files.labels);
    check_label_count(files.files.labels, head, labels.size());
  }
  std::vector<std::string> notes;
  add_head(files.config, head, labels, notes);
  return {.names = std::move(names),
          .weights = std::move(weights),
          .head = std::move(head),
          .config = std::move(files.config),
          .label_file = has_label_file ? files.files.labels : fs::path(),
          .tokenizer = read_tokenizer(files.files, files.options.vocabulary.has_value()),
          .notes = std::move(notes)};
}

}  // namespace polytag
