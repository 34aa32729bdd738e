#include "polytag/checkpoints/torch_archive.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/same_bytes.hpp"
#include "support/temporary_directory.hpp"
#include "torch_bytes.hpp"
#include "torch_fixtures.hpp"

using namespace polytag;
using namespace torch_bytes;
using namespace torch_fixtures;

TEST_CASE("torch_archive: all element types", "[checkpoints][torch]") {
  const WeightSource source = open_torch_archive(data("torch_types.pt"));
  REQUIRE(source.tensors().size() == 10);
  for (const StoredTensor& tensor : source.tensors()) {
    INFO(tensor.name);
    CHECK(to_string(tensor.type) == tensor.name);
    CHECK(tensor.shape == Shape{2, 3});
    REQUIRE(tensor.bytes.size() == 6 * size_of(tensor.type));
    const auto bytes = tensor.bytes.read();
    for (std::size_t i = 0; i < 6; ++i) {
      // Of small integers, the first byte of an element tells the value.
      const auto first = std::to_integer<std::size_t>(bytes.data()[i * size_of(tensor.type)]);
      if (tensor.type == ElementType::kBool) {
        CHECK(first == (i == 0 ? 0 : 1));
      } else if (tensor.name.find("int") != std::string::npos) {
        CHECK(first == i);
      }
    }
  }
  for (const char* name : {"float64", "float32", "float16", "bfloat16"}) {
    CHECK(values(source, name, {2, 3}) == counting(0, 6));
  }
}

TEST_CASE("torch_archive: views of a shared storage come out contiguous", "[checkpoints][torch]") {
  const WeightSource source = open_torch_archive(data("torch_views.pt"));
  REQUIRE(source.tensors().size() == 11);
  CHECK(values(source, "whole", {24}) == counting(0, 24));
  CHECK(values(source, "offset", {4}) == counting(20, 4));
  CHECK(values(source, "rows", {2, 6}) == counting(6, 12));
  CHECK(values(source, "every_third", {8}) == counting(0, 8, 3));
  CHECK(values(source, "columns", {4, 2}) == std::vector<float>{2, 3, 8, 9, 14, 15, 20, 21});
  CHECK(values(source, "repeated", {3}) == std::vector<float>{5, 5, 5});
  CHECK(values(source, "scalar", {}) == std::vector<float>{7});
  CHECK(values(source, "empty", {0, 6}).empty());
  CHECK(values(source, "row_of_one", {1, 1}) == std::vector<float>{3});

  const Tensor transposed = source.read("transposed", {6, 4});
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      CHECK(transposed.span()[i * 4 + j] == static_cast<float>(j * 6 + i));
    }
  }
  const Tensor permuted = source.read("permuted", {4, 2, 3});
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t k = 0; k < 3; ++k) {
        CHECK(permuted.span()[(i * 2 + j) * 3 + k] == static_cast<float>((j * 3 + k) * 4 + i));
      }
    }
  }
}

TEST_CASE("torch_archive: state dicts as programs save them", "[checkpoints][torch]") {
  for (const char* name :
       {"torch_module_state.pt", "torch_parameters.pt", "torch_protocol_4.pt",
        "torch_no_checksums.pt", "torch_under_state_dict.pt", "torch_under_model.pt"}) {
    INFO(name);
    check_linear(open_torch_archive(data(name)));
  }
}

TEST_CASE("torch_archive: files that cannot be read say what to do", "[checkpoints][torch]") {
  for (const char* module : {"torch_whole_module.pt", "torch_whole_module_legacy.bin"}) {
    CHECK_THROWS_WITH(
        open_torch_archive(data(module)),
        ContainsSubstring("found \"torch.nn.modules.linear.Linear\"; save the state dict alone"));
  }
  CHECK_THROWS_WITH(open_torch_archive(data("torch_deflated.pt")),
                    ContainsSubstring("zip again without compression), found deflated ones"));
  CHECK_THROWS_WITH(open_torch_archive(data("make_torch_archives.py")),
                    ContainsSubstring("since PyTorch 1.6, or the pickles that it wrote "
                                      "before, found another format"));
  CHECK_THROWS_AS(open_torch_archive(data("torch_gone.pt")), IoError);
  CHECK_THROWS_AS(open_torch_archive(data("")), IoError);
}

TEST_CASE("torch_archive: the bytes stay when the source moves and the file is gone",
          "[checkpoints][torch]") {
  const TemporaryDirectory directory;
  const auto file = directory.write("m.pt", file_bytes(data("torch_views.pt")));
  WeightSource source = open_torch_archive(file);
  std::filesystem::remove(file);
  const WeightSource moved = std::move(source);
  CHECK(moved.tensors()[0].file == file.string());
  CHECK(values(moved, "whole", {24}) == counting(0, 24));
  CHECK(values(moved, "every_third", {8}) == counting(0, 8, 3));
}

TEST_CASE("torch_archive: sizes and places in 64 bits", "[checkpoints][torch]") {
  const std::string numbers = fixed(0x3F800000U) + fixed(0x40000000U);
  const std::string pickle =
      dict_pickle(text("w") + tensor(storage("FloatStorage", "0", 2), 0, integer(2), integer(1)));
  const Claims zip64{.zip64 = true};
  const Zip zip = Zip().add("m/data.pkl", pickle, zip64).add("m/data/0", numbers, zip64);
  const TemporaryDirectory directory;
  for (const std::string& bytes : {zip.finish(), zip.finish("a comment"), zip.finish_zip64()}) {
    const auto file = directory.write("m.pt", bytes);
    CHECK(values(open_torch_archive(file), "w", {2}) == std::vector<float>{1, 2});
  }
}

TEST_CASE("torch_archive: Hugging Face models equal their safetensors to the bit",
          "[checkpoints][torch][shared-golden]") {
  for (const std::string model : {"bert_small", "albert_small_zh"}) {
    const auto file = test::find_golden("hf/" + model + "/pytorch_model.bin");
    if (!file) return;
    const WeightSource torch = open_torch_archive(*file);
    const WeightSource safetensors = open_safetensors(file->parent_path() / "model.safetensors");
    CHECK(torch.tensors().size() == safetensors.tensors().size());
    for (const StoredTensor& expected : safetensors.tensors()) {
      INFO(model << ": " << expected.name);
      const StoredTensor* const found = torch.find(expected.name);
      REQUIRE(found != nullptr);
      CHECK(found->type == expected.type);
      CHECK(found->shape == expected.shape);
      CHECK(test::same_bytes(found->bytes, expected.bytes));
    }
  }
}
