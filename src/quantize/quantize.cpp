#include "polytag/quantize/quantize.hpp"

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "files/json.hpp"
#include "files/new_directory.hpp"
#include "model/config_writer.hpp"
#include "model/model_files.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/model/model_parameters.hpp"
#include "quantize/quantized_weights.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

void write_config(const ModelDirectory& model, std::span<const ParameterSpec> parameters,
                  Precision precision, const fs::path& to) {
  const std::string& file = model.config.file;
  const Json config = parse_json(read_text_file(file, kMostConfigBytes), file);
  write_model_config(to, with_quantization(config, parameters, precision));
}

void copy_tokenizer(const fs::path& from, const fs::path& to) {
  std::vector<std::string_view> names{"vocab.txt"};
  names.insert(names.end(), kTokenizerVocabularies.begin(), kTokenizerVocabularies.end());
  names.insert(names.end(), kTokenizerSettings.begin(), kTokenizerSettings.end());
  for (const std::string_view name : names) {
    if (is_file(from / name)) copy_whole(from / name, to / name);
  }
}

}  // namespace

QuantizationReport quantize_model(const QuantizeOptions& options, const AcceptModel& accept) {
  if (options.precision != Precision::kInt8 && options.precision != Precision::kBfloat16) {
    throw ArgumentError::mismatch("precision", "int8 or bfloat16", to_string(options.precision));
  }
  const ModelDirectory model = open_model_directory(options.source);
  const ParameterList list = model_parameters(model.config, model.encoder_prefix);
  check_weights(model.weights, list);
  const std::span<const ParameterSpec> parameters = list.specs();
  NewDirectory directory(options.output);
  const fs::path& to = directory.temporary();

  const QuantizedWeights weights =
      quantize_weights(model.weights, parameters, options.precision, options.stop);
  write_safetensors(to / "model.safetensors", weights.tensors, {{"format", "pt"}}, options.stop);
  write_config(model, parameters, options.precision, to);
  copy_tokenizer(model.path, to);

  QuantizationReport report;
  report.quantized_tensors = weights.quantized;
  for (const StoredTensor& tensor : model.weights.tensors()) {
    report.bytes_before += tensor.bytes.size();
  }
  for (const TensorToWrite& tensor : weights.tensors) report.bytes_after += tensor.bytes.size();
  const std::size_t scales = options.precision == Precision::kInt8 ? weights.quantized : 0;
  report.kept_tensors = weights.tensors.size() - weights.quantized - scales;
  if (accept && !accept(to)) return report;
  if (options.stop.stop_requested()) throw CancelledError::requested();
  directory.commit();
  report.written = true;
  return report;
}

}  // namespace polytag
