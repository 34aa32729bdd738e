#include "polytag/convert/convert.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/checkpoints/tf_checkpoint.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/same_bytes.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

ConversionReport convert(const fs::path& source, const fs::path& output) {
  ConvertOptions options;
  options.source = source;
  options.output = output;
  return convert_checkpoint(options);
}

/// The elements of a tensor, as numbers.
std::vector<std::uint32_t> bits_of(const StoredTensor& tensor) {
  std::vector<std::uint32_t> bits(tensor.bytes.size() / sizeof(std::uint32_t));
  tensor.bytes.read(0, std::as_writable_bytes(std::span(bits)));
  return bits;
}

/// Whether every element of a variable is where it belongs in the converted tensor, bit for bit.
bool same_bits(const StoredTensor& from, const StoredTensor& to, const ConvertedTensor& how) {
  const std::size_t count = element_count(from.shape);
  const std::vector<std::uint32_t> original = bits_of(from);
  const std::vector<std::uint32_t> converted = bits_of(to);
  if (how.change.starts_with("part ")) {
    const std::size_t part = std::stoul(how.change.substr(5)) - 1;
    for (std::size_t i = 0; i < count; ++i) {
      if (original[i] != converted[part * count + i]) return false;
    }
    return true;
  }
  const std::size_t last = how.change == "transposed" ? from.shape.back() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = i % last * (count / last) + i / last;
    if (original[i] != converted[place]) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("convert: the checkpoints that the original programs wrote, bit for bit",
          "[model][convert][shared-golden]") {
  struct Variant {
    const char* name;
    const char* head;
    std::size_t variables;
  };
  for (const Variant& variant : {Variant{"base", "cls_dense", 82},
                                 {"textcnn", "text_cnn", 114},
                                 {"denses", "binary_relevance", 166},
                                 {"seq2seq", "seq2seq", 135}}) {
    const auto variables = test::find_golden(std::string("tf/") + variant.name + "/variables.json");
    if (!variables) return;
    const fs::path source = variables->parent_path();
    INFO(variant.name);
    const TemporaryDirectory directory;
    const ConversionReport report = convert(source, directory.path() / "model");
    CHECK(report.head == variant.head);
    CHECK(report.checkpoint.parent_path() == source / "checkpoint");
    CHECK(report.converted.size() + report.left_out.size() == variant.variables);

    const WeightSource original = open_tf_checkpoint(source / "checkpoint");
    const WeightSource converted = open_safetensors(directory.path() / "model");
    for (const ConvertedTensor& tensor : report.converted) {
      INFO(tensor.source << " -> " << tensor.target);
      const StoredTensor* const to = converted.find(tensor.target);
      REQUIRE(to != nullptr);
      CHECK(to->shape == tensor.target_shape);
      CHECK(same_bits(*original.find(tensor.source), *to, tensor));
    }
    for (const LeftOutTensor& tensor : report.left_out) {
      INFO(tensor.name << ": " << tensor.reason);
      const bool is_pooler = tensor.name.find("/pooler/dense/") != std::string::npos &&
                             tensor.reason.ends_with("head does not read it");
      CHECK((tensor.reason == "optimizer state" || tensor.reason == "counter of training steps" ||
             is_pooler));
    }
  }
}

TEST_CASE("convert: Hugging Face's directories keep every tensor's bits",
          "[model][convert][golden]") {
  const auto goldens = test::find_golden("hf");
  if (!goldens) return;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(*goldens)) {
    INFO(entry.path().filename().string());
    const TemporaryDirectory directory;
    const fs::path output = directory.path() / "model";
    const ConversionReport report = convert(entry.path(), output);
    CHECK(report.head == "cls_dense");
    const WeightSource original = open_safetensors(entry.path());
    const WeightSource converted = open_safetensors(output);
    CHECK(converted.tensors().size() + report.left_out.size() == original.tensors().size());
    for (const StoredTensor& tensor : converted.tensors()) {
      const StoredTensor* const from = original.find(tensor.name);
      REQUIRE(from != nullptr);
      CHECK(tensor.type == from->type);
      CHECK(tensor.shape == from->shape);
      CHECK(test::same_bytes(tensor.bytes, from->bytes));
    }
    CHECK(file_bytes(output / "vocab.txt") == file_bytes(entry.path() / "vocab.txt"));
    ++count;
  }
  CHECK(count == 8);
}

TEST_CASE("convert: a PyTorch file and the safetensors beside it become the same model",
          "[model][convert][shared-golden]") {
  for (const std::string name : {"bert_small", "albert_small_zh"}) {
    const auto file = test::find_golden("hf/" + name + "/pytorch_model.bin");
    if (!file) return;
    const fs::path source = file->parent_path();
    INFO(name);
    const TemporaryDirectory directory;
    convert(source / "pytorch_model.bin", directory.path() / "torch");
    convert(source / "model.safetensors", directory.path() / "safetensors");
    const WeightSource torch = open_safetensors(directory.path() / "torch");
    const WeightSource safetensors = open_safetensors(directory.path() / "safetensors");
    REQUIRE(torch.tensors().size() == safetensors.tensors().size());
    for (const StoredTensor& tensor : torch.tensors()) {
      const StoredTensor* const other = safetensors.find(tensor.name);
      REQUIRE(other != nullptr);
      CHECK(tensor.shape == other->shape);
      CHECK(test::same_bytes(tensor.bytes, other->bytes));
    }
  }
}
