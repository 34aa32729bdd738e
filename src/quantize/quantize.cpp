#include "polytag/quantize/quantize.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "files/json.hpp"
#include "files/new_directory.hpp"
#include "model/model_files.hpp"
#include "model/quantized_config.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/encoders/transformer_encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/reference_backend.hpp"
#include "polytag/model/model_directory.hpp"
#include "polytag/runtime/head_classifier.hpp"
#include "quantize/quantized_weights.hpp"
#include "runtime/make_classifier.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

std::vector<ParameterSpec> model_parameters(const ModelDirectory& model) {
  auto parameters =
      TransformerEncoder<ReferenceBackend>::parameters(model.config.encoder, model.weights);
  std::ranges::copy(head_parameters(model.config, model.weights), std::back_inserter(parameters));
  model.weights.expect(parameters, unused_tensors());
  return parameters;
}

void write_config(const ModelDirectory& model, std::span<const ParameterSpec> parameters,
                  Precision precision, const fs::path& to) {
  const std::string& file = model.config.file;
  const Json config = parse_json(read_text_file(file, kMostConfigBytes), file);
  write_file(to / "config.json", quantized_config(config, parameters, precision).dump(2) + "\n");
}

void copy_tokenizer(const fs::path& from, const fs::path& to) {
  std::vector<std::string_view> names(kTokenizerFiles.begin(), kTokenizerFiles.end());
  names.push_back("vocab.txt");
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
  const std::vector<ParameterSpec> parameters = model_parameters(model);
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
