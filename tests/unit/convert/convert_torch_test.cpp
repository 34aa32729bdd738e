#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "files/byte_reader.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/convert/convert.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_directory.hpp"
#include "support/catch.hpp"
#include "support/small_program.hpp"
#include "support/temporary_directory.hpp"
#include "unit/checkpoints/torch_bytes.hpp"

// Models that PyTorch programs saved, under the names that their classes gave them.
using namespace polytag;

namespace fs = std::filesystem;

namespace {

using Rename = std::function<std::string(const std::string&)>;

/// A model directory with Hugging Face's names, and others made of it.
struct Models {
  Models() {
    SmallProgram program;
    program.with_dense();
    ConvertOptions options;
    options.source = program.write();
    options.output = original();
    convert_checkpoint(options);
    fs::create_directory(source());
    for (const char* file : {"config.json", "vocab.txt", "tokenizer_config.json"}) {
      fs::copy_file(original() / file, source() / file);
    }
  }
  fs::path original() const { return directory.path() / "original"; }
  fs::path source() const { return directory.path() / "source"; }
  fs::path output() const { return directory.path() / "output"; }

  /// Writes the tensors under other names, and more of them.
  void save(const Rename& rename, const std::vector<ParameterSpec>& more = {},
            ElementType type = ElementType::kFloat32) const {
    std::vector<TensorToWrite> tensors;
    const WeightSource weights = open_safetensors(original());
    for (const StoredTensor& tensor : weights.tensors()) {
      tensors.push_back({rename(tensor.name), tensor.type, tensor.shape, tensor.bytes});
    }
    for (const ParameterSpec& extra : more) {
      AlignedBuffer<std::byte> bytes(element_count(extra.shape) * size_of(type));
      std::ranges::fill(bytes.span(), std::byte{0});
      tensors.push_back({extra.name, type, extra.shape, StoredBytes(std::move(bytes))});
    }
    write_safetensors(source() / "model.safetensors", tensors, {});
  }

  ConversionReport convert(ConvertOptions options = {}) const {
    fs::remove_all(output());
    options.source = source();
    options.output = output();
    return convert_checkpoint(options);
  }

  /// Whether the model that came out is the one that went in, to the bit.
  bool same() const {
    return file_bytes(output() / "model.safetensors") ==
           file_bytes(original() / "model.safetensors");
  }

  /// Whether its tensors are, in any order.
  bool same_tensors() const {
    const WeightSource in = open_safetensors(original()), out = open_safetensors(output());
    return in.tensors().size() == out.tensors().size() &&
           std::ranges::all_of(in.tensors(), [&](const StoredTensor& tensor) {
             const StoredTensor* const same = out.find(tensor.name);
             return same != nullptr && same->type == tensor.type && same->shape == tensor.shape &&
                    std::ranges::equal(same->bytes.read().span(), tensor.bytes.read().span());
           });
  }

  TemporaryDirectory directory;
};

Rename behind(const std::string& prefix) {
  return [prefix](const std::string& name) { return prefix + name; };
}

/// The encoder in an attribute of its own, the head in another.
Rename in_attributes(const std::string& encoder, const std::string& head) {
  return [encoder, head](const std::string& name) {
    constexpr std::string_view kEncoder = "albert", kHead = "classifier";
    return name.starts_with(kEncoder) ? encoder + name.substr(kEncoder.size())
                                      : head + name.substr(kHead.size());
  };
}

std::string reason(const ConversionReport& report, const std::string& name) {
  const auto place = std::ranges::find(report.left_out, name, &LeftOutTensor::name);
  return place == report.left_out.end() ? "not left out" : place->reason;
}

}  // namespace

TEST_CASE("convert: the prefixes of PyTorch's wrappers and of modules around the model",
          "[convert]") {
  const Models models;
  for (const char* prefix : {"", "module.", "model.", "_orig_mod.", "model._orig_mod.",
                             "module.model.", "self.net.", "_fsdp_wrapped_module."}) {
    INFO(prefix);
    models.save(behind(prefix));
    CHECK(models.convert().left_out.empty());
    CHECK(models.same());
  }
  for (const char* encoder : {"l1", "bert", "encoder", "model", "net.backbone"}) {
    INFO(encoder);
    models.save(in_attributes(encoder, "classifier"));
    models.convert();
    CHECK(models.same());
  }
}

TEST_CASE("convert: a head of a name of its own is suggested by its shape, and renamed",
          "[convert]") {
  const Models models;
  models.save(in_attributes("model.l1", "model.l3"));
  CHECK_THROWS_WITH(
      models.convert(),
      ContainsSubstring("tensors \"model.l3.weight\" [3, 4] and \"model.l3.bias\" [3] "
                        "look like a classifier of 3 labels: "
                        "ConvertOptions::renames model.l3=classifier"));
  ConvertOptions options;
  options.renames = {{"model.l3", "classifier"}};
  const ConversionReport report = models.convert(options);
  CHECK(models.same());
  CHECK(std::ranges::count(report.converted, "model.l3.bias", &ConvertedTensor::source) == 1);
  options.renames = {{"model.l4", "classifier"}};
  CHECK_THROWS_AS(models.convert(options), ArgumentError);
  CHECK_FALSE(fs::exists(models.output()));
}

TEST_CASE("convert: what training left in a state dict is left out and reported", "[convert]") {
  const Models models;
  models.save(behind("model."), {{"loss_fct.pos_weight", {3}},
                                 {"ema.albert.embeddings.word_embeddings.weight", {6, 2}},
                                 {"ema.classifier.bias", {3}}});
  const ConversionReport report = models.convert();
  CHECK(models.same());
  CHECK(reason(report, "loss_fct.pos_weight") == "weights of the loss");
  CHECK(reason(report, "ema.classifier.bias") == "moving average of the weights");

  models.save(behind("module."), {{"n_averaged", {}}}, ElementType::kInt64);
  CHECK(reason(models.convert(), "n_averaged") == "whole numbers, which no layer has");
  CHECK(models.same());

  models.save(behind("model."), {{"model.temperature", {}}});
  CHECK_THROWS_WITH(models.convert(),
                    ContainsSubstring("tensor \"model.temperature\": expected no tensor of this"));
}

TEST_CASE("convert: of two encoders the chosen one is converted", "[convert]") {
  const Models models;
  std::vector<ParameterSpec> teacher;
  const WeightSource weights = open_safetensors(models.original());
  for (const StoredTensor& tensor : weights.tensors()) {
    teacher.push_back({"teacher." + tensor.name, tensor.shape});
  }
  models.save(behind("student."), teacher);
  CHECK_THROWS_WITH(models.convert(), ContainsSubstring("ConvertOptions::encoder_prefix"));
  ConvertOptions options;
  options.encoder_prefix = "student.albert";
  const ConversionReport report = models.convert(options);
  CHECK(models.same());
  CHECK(report.left_out.size() == teacher.size());
}

TEST_CASE("convert: a training program's checkpoint with everything else in it", "[convert]") {
  using namespace torch_bytes;
  const Models models;
  const WeightSource weights = open_safetensors(models.original());
  torch_bytes::Tensors tensors;
  for (const StoredTensor& tensor : weights.tensors()) {
    tensors.add("model." + tensor.name, tensor.shape, as_text(tensor.bytes.read().span()));
  }
  const std::string state = tensors.items() + text("model.phases") +
                            global("torch._utils", "_rebuild_sparse_tensor") + ")R";
  const std::string beside = text("epoch") + integer(3) + text("best_f1") +
                             global("numpy._core.multiarray", "scalar") + tuple(text("dtype")) +
                             "R" + text("hyper_parameters") + global("argparse", "Namespace") +
                             ")\x81}b";
  const auto file = models.source() / "epoch=3.ckpt";
  models.directory.write(
      "source/epoch=3.ckpt",
      tensors.archive(dict_pickle(beside + text("state_dict") + "}(" + state + "u")));
  ConvertOptions options;
  options.source = file;
  options.output = models.output();
  const ConversionReport report = convert_checkpoint(options);
  CHECK(models.same());
  CHECK(reason(report, "best_f1") == "stands beside the state dict");
  CHECK(reason(report, "hyper_parameters") == "stands beside the state dict");
  CHECK(reason(report, "model.phases") == "is of torch._utils._rebuild_sparse_tensor");
}

TEST_CASE("convert: a PyTorch model in shards, by its directory and by its index", "[convert]") {
  const Models models;
  const WeightSource weights = open_safetensors(models.original());
  std::array<torch_bytes::Tensors, 2> shards;
  std::string weight_map;
  for (const StoredTensor& tensor : weights.tensors()) {
    const std::size_t shard = tensor.name.size() % 2;
    shards[shard].add(tensor.name, tensor.shape, as_text(tensor.bytes.read().span()));
    weight_map += (weight_map.empty() ? "\"" : ", \"") + tensor.name + "\": \"pytorch_model-" +
                  std::to_string(shard) + ".bin\"";
  }
  for (const std::size_t shard : {0U, 1U}) {
    models.directory.write("source/pytorch_model-" + std::to_string(shard) + ".bin",
                           shards[shard].archive());
  }
  const auto index = models.directory.write("source/pytorch_model.bin.index.json",
                                            "{\"weight_map\": {" + weight_map + "}}");
  models.convert();
  CHECK(models.same_tensors());
  fs::remove_all(models.output());
  ConvertOptions options;
  options.source = index;
  options.output = models.output();
  convert_checkpoint(options);
  CHECK(models.same_tensors());
}

TEST_CASE("convert: a stop leaves nothing", "[convert]") {
  const Models models;
  models.save(behind(""));
  std::stop_source stop;
  stop.request_stop();
  ConvertOptions options;
  options.stop = stop.get_token();
  CHECK_THROWS_AS(models.convert(options), CancelledError);
  CHECK(std::distance(fs::directory_iterator(models.directory.path()), {}) == 2);
}
