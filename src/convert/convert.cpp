#include "polytag/convert/convert.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "convert/conversion_source.hpp"
#include "convert/converted_model.hpp"
#include "convert/names/renames.hpp"
#include "convert/origins/origin.hpp"
#include "files/json.hpp"
#include "files/new_directory.hpp"
#include "model/config_writer.hpp"
#include "model/model_files.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

Json read_config(const ConversionSource& source) {
  if (source.config.empty()) {
    throw IoError::missing((source.checkpoint / "config.json").string(),
                           "the sizes of the model (nor is there an albert_config.json or a "
                           "bert_config.json; ConvertOptions::config names it)");
  }
  const std::string file = source.config.string();
  JsonDocument document = parse_json(read_text_file(file, kMostConfigBytes), file);
  if (!document->is_object()) {
    throw ConfigError::mismatch(file, "", "an object", document->type_name());
  }
  const auto fields = document->find("polytag");
  if (fields != document->end() && !fields->is_object()) {
    throw ConfigError::mismatch(file, "polytag", "an object", fields->type_name());
  }
  return std::move(*document);
}

void check_stop(const std::stop_token& stop) {
  if (stop.stop_requested()) throw CancelledError::requested();
}

void write_model(const ConvertedModel& model, const ConvertOptions& options) {
  NewDirectory directory(options.output);
  const fs::path& to = directory.temporary();
  write_model_config(to, model.config);
  if (!model.tokenizer.config.is_null()) {
    write_file(to / "tokenizer_config.json", model.tokenizer.config.dump(2) + "\n");
  }
  for (const fs::path& file : model.tokenizer.copied) {
    check_stop(options.stop);
    copy_whole(file, to / file.filename());
  }
  if (!model.tokenizer.vocabulary.empty()) copy_whole(model.tokenizer.vocabulary, to / "vocab.txt");
  write_safetensors(to / "model.safetensors", model.tensors, {{"format", "pt"}}, options.stop);
  check_stop(options.stop);
  directory.commit();
}

/// Gives the tensors of a report the names that they have in the checkpoint.
void undo_renames(ConversionReport& report, const WeightSource& renamed,
                  const WeightSource& original) {
  std::map<std::string_view, std::string_view> names;
  for (std::size_t i = 0; i < renamed.tensors().size(); ++i) {
    names.emplace(renamed.tensors()[i].name, original.tensors()[i].name);
  }
  const auto undo = [&](std::string& name) {
    if (const auto place = names.find(name); place != names.end()) name = place->second;
  };
  for (ConvertedTensor& tensor : report.converted) undo(tensor.source);
  for (LeftOutTensor& tensor : report.left_out) undo(tensor.name);
}

}  // namespace

ConversionReport convert_checkpoint(const ConvertOptions& options) {
  const ConversionSource source = find_conversion_source(options);
  const OpenedCheckpoint checkpoint = open_checkpoint(source.checkpoint);
  const WeightSource weights = rename_tensors(checkpoint.weights, options.renames);
  Origin origin = read_origin({source, weights, options, read_config(source)});
  ConvertedModel model = make_model(std::move(origin), weights, checkpoint.unread, source, options);
  write_model(model, options);
  undo_renames(model.report, weights, checkpoint.weights);
  return std::move(model.report);
}

}  // namespace polytag
