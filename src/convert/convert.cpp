#include "polytag/convert/convert.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "convert/conversion_source.hpp"
#include "convert/converted_config.hpp"
#include "convert/converted_weights.hpp"
#include "convert/hyperparameters.hpp"
#include "convert/label_names.hpp"
#include "convert/name_map.hpp"
#include "convert/recognised_head.hpp"
#include "files/json.hpp"
#include "files/new_directory.hpp"
#include "model/model_config_json.hpp"
#include "model/model_files.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/encoders/transformer_encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/model/model_config.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "polytag/text/tokenizer.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

/// One conversion, step by step.
class Conversion {
 public:
  explicit Conversion(const ConvertOptions& options)
      : options_(options),
        source_(find_conversion_source(options)),
        hyperparameters_(read_hyperparameters(source_)),
        original_(open_checkpoint(source_.checkpoint).weights),
        names_(original_),
        weights_(convert_weights(original_, names_)) {}

  ConversionReport run() {
    read_config();
    head_ = recognise_head(weights_.weights, hyperparameters_);
    check_head();
    read_labels();
    add_head(config_, head_, labels_, context(), notes_);
    check_tensors(parse_model_config(config_, source_.config.string()));
    read_tokenizer();
    write();
    return report();
  }

 private:
  static Hyperparameters read_hyperparameters(const ConversionSource& source) {
    return source.hyperparameters.empty() ? Hyperparameters()
                                          : Hyperparameters(source.hyperparameters);
  }
  ConfigContext context() const {
    return {.names = names_,
            .hyperparameters = hyperparameters_,
            .is_classifier_multi_label = names_.is_classifier_multi_label()};
  }

  void read_config();
  void check_head() const;
  void read_labels();
  void check_present(std::span<const ParameterSpec> parameters) const;
  void check_tensors(const ModelConfig& config);
  void read_tokenizer();
  void write() const;
  ConversionReport report();

  const ConvertOptions& options_;
  ConversionSource source_;
  Hyperparameters hyperparameters_;
  WeightSource original_;
  NameMap names_;
  ConvertedWeights weights_;

  Json config_;
  EncoderConfig encoder_;
  RecognisedHead head_;
  std::vector<std::string> labels_;          // empty where config.json has them
  std::set<std::string, std::less<>> kept_;  // names of the tensors to write
  std::vector<fs::path> tokenizer_files_;    // to copy, beside the vocabulary
  Json tokenizer_config_;                    // to write, if none is copied
  std::vector<std::string> notes_;
};

void Conversion::read_config() {
  if (source_.config.empty()) {
    throw IoError::missing((source_.checkpoint / "config.json").string(),
                           "the sizes of the model (nor is there an albert_config.json or a "
                           "bert_config.json; --config names it)");
  }
  const std::string file = source_.config.string();
  config_ = parse_json(read_text_file(file, kMostConfigBytes), file);
  if (!config_.is_object()) {
    throw ConfigError::mismatch(file, "", "an object", config_.type_name());
  }
  config_ = encoder_config(std::move(config_), context(), notes_);
  encoder_ = parse_model_config(config_, file).encoder;
}

void Conversion::check_head() const {
  if (!options_.head || *options_.head == head_.name) return;
  throw ConfigError::mismatch(
      weights_.weights.location(), "head", *options_.head,
      head_.name.empty() ? "the tensors of none" : "the tensors of " + head_.name);
}

void Conversion::read_labels() {
  if (head_.name.empty()) return;
  const std::string expected =
      std::to_string(head_.num_labels) + " labels, as the tensors of " + head_.name + " have";
  const bool has_names = !names_.is_tensorflow() && !options_.labels;
  if (has_names) source_.labels.clear();
  const fs::path& file = has_names ? source_.config : source_.labels;
  if (file.empty()) {
    throw IoError::missing((source_.checkpoint / "vocabulary_label.txt").string(),
                           "the names of the " + expected + " (--labels names it)");
  }
  std::size_t found = 0;
  if (has_names) {
    found = parse_model_config(config_, file.string()).labels.size();
  } else {
    labels_ = read_label_names(file);
    found = labels_.size();
  }
  // The original names its start, end and none by their places.
  const std::size_t least =
      head_.name == "seq2seq" && names_.is_classifier_multi_label() ? kControlLabels : 1;
  if (found != head_.num_labels || found < least) {
    throw ConfigError::mismatch(file.string(), "labels",
                                expected + ", and at least " + std::to_string(least),
                                std::to_string(found));
  }
}

/// The shape of the tensor that one of ours would have been made of.
Shape original_shape(const MappedName& mapped, Shape shape) {
  if (mapped.part) shape.erase(shape.begin());
  if (mapped.transposed) {
    if (shape.size() == 3) shape.push_back(1);  // the channel of a convolution
    std::rotate(shape.begin(), shape.begin() + 1, shape.end());
  }
  return shape;
}

void Conversion::check_present(std::span<const ParameterSpec> parameters) const {
  const auto missing = std::ranges::find_if(parameters, [&](const ParameterSpec& parameter) {
    return weights_.weights.find(parameter.name) == nullptr;
  });
  if (missing == parameters.end()) return;
  // In the checkpoint's own words. What became something else is not what was meant.
  const std::string name = names_.original_name(missing->name);
  std::vector<ParameterSpec> known{{name, original_shape(names_.map(name), missing->shape)}};
  std::set<std::string_view> targets;
  for (const ParameterSpec& parameter : parameters) targets.insert(parameter.name);
  for (const ConvertedTensor& tensor : weights_.converted) {
    if (targets.contains(tensor.target)) known.push_back({tensor.source, tensor.source_shape});
  }
  for (const LeftOutTensor& tensor : weights_.left_out) {
    known.push_back({tensor.name, original_.find(tensor.name)->shape});
  }
  original_.expect(known, unused_tensors());
}

void Conversion::check_tensors(const ModelConfig& config) {
  const WeightSource& weights = weights_.weights;
  std::vector<ParameterSpec> parameters =
      TransformerEncoder<ReferenceBackend>::parameters(encoder_, weights);
  if (!head_.name.empty()) {
    std::ranges::copy(head_parameters(config, weights), std::back_inserter(parameters));
  }
  check_present(parameters);
  weights.expect(parameters, unused_tensors());
  for (const ParameterSpec& parameter : parameters) {
    kept_.insert(parameter.name);
    if (weights.find(parameter.name)->type == ElementType::kInt8) {
      kept_.insert(std::string(parameter.name).append(kScaleSuffix));
    }
  }
  // Those that training a head on the encoder may use.
  const bool is_encoder = head_.name.empty();
  std::erase_if(weights_.converted, [&](const ConvertedTensor& tensor) {
    if (is_encoder) kept_.insert(tensor.target);
    if (kept_.contains(tensor.target)) return false;
    weights_.left_out.push_back({tensor.source, "the " + head_.name + " head does not read it"});
    return true;
  });
}

void Conversion::read_tokenizer() {
  // A vocabulary that is given may lie anywhere; one that was found lies with the rest.
  const bool is_beside_config = options_.vocabulary || source_.vocabulary.empty();
  const fs::path folder = (is_beside_config ? source_.config : source_.vocabulary).parent_path();
  if (!names_.is_tensorflow()) {
    for (const std::string_view name : kTokenizerFiles) {
      // A tokenizer.json has a vocabulary of its own, which would go before the one that is given.
      if (options_.vocabulary && name == "tokenizer.json") continue;
      if (is_file(folder / name)) tokenizer_files_.push_back(folder / name);
    }
  }
  const bool has_own =
      !tokenizer_files_.empty() && tokenizer_files_.front().filename() == "tokenizer.json";
  if (source_.vocabulary.empty() && !has_own) {
    throw IoError::missing((source_.checkpoint / "vocab.txt").string(),
                           "the tokenizer (--vocab names it)");
  }
  std::size_t size = 0;
  if (names_.is_tensorflow()) {
    const Vocabulary vocabulary =
        read_vocabulary(source_.vocabulary.string(), BasicTokenizer::kTensorFlow);
    size = vocabulary.size();
    tokenizer_config_ =
        tokenizer_config(vocabulary, context(), encoder_.max_position_embeddings, notes_);
  } else if (options_.vocabulary) {
    size = read_vocabulary(source_.vocabulary.string()).size();
  } else {
    size = load_tokenizer(folder).vocabulary().size();
  }
  if (size > encoder_.vocab_size) {
    throw ConfigError::mismatch(
        source_.vocabulary.string(), "vocabulary",
        "at most the " + std::to_string(encoder_.vocab_size) + " tokens that the embeddings have",
        std::to_string(size));
  }
}

void Conversion::write() const {
  NewDirectory directory(options_.output);
  const fs::path& to = directory.temporary();
  write_file(to / "config.json", config_.dump(2) + "\n");
  if (!tokenizer_config_.is_null()) {
    write_file(to / "tokenizer_config.json", tokenizer_config_.dump(2) + "\n");
  }
  for (const fs::path& file : tokenizer_files_) copy_whole(file, to / file.filename());
  if (!source_.vocabulary.empty()) copy_whole(source_.vocabulary, to / "vocab.txt");
  std::vector<TensorToWrite> tensors;
  for (const StoredTensor& tensor : weights_.weights.tensors()) {
    if (!kept_.contains(tensor.name)) continue;
    tensors.push_back({tensor.name, tensor.type, tensor.shape, tensor.bytes});
  }
  write_safetensors(to / "model.safetensors", tensors, {{"format", "pt"}});
  directory.commit();
}

ConversionReport Conversion::report() {
  return {.checkpoint = original_.location(),
          .config = source_.config,
          .vocabulary = source_.vocabulary,
          .labels = labels_.empty() ? fs::path() : source_.labels,
          .naming = names_.description(),
          .model_type = encoder_.model_type,
          .head = head_.name,
          .converted = std::move(weights_.converted),
          .left_out = std::move(weights_.left_out),
          .notes = std::move(notes_)};
}

}  // namespace

ConversionReport convert_checkpoint(const ConvertOptions& options) {
  return Conversion(options).run();
}

}  // namespace polytag
