// What happens to the files of a model, before it is loaded, while it is and afterwards.

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/model/model_directory.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

constexpr const char* kText = "Wheat exports rose as the dollar fell against the yen.";

/// A copy of the shipped model that a test may damage.
struct ModelCopy {
  ModelCopy() {
    fs::create_directory(path);
    for (const char* name :
         {"config.json", "model.safetensors", "tokenizer_config.json", "vocab.txt"}) {
      fs::copy_file(fs::path(POLYTAG_EXAMPLE_MODEL) / name, path / name);
    }
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(path)) all.push_back(entry.path());
    return all;
  }

  TemporaryDirectory directory;
  fs::path path = directory.path() / "model";
};

std::string load_error(const fs::path& path) {
  try {
    load_classifier(path);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

/// Where files of this process are open, but for what is no file.
std::multiset<std::string> open_files() {
  std::multiset<std::string> files;
  std::error_code closed;  // the listing's own descriptor is
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    files.insert(fs::read_symlink(entry.path(), closed).string());
  }
  return files;
}

}  // namespace

TEST_CASE("model files: a loaded model needs none of them", "[properties][robustness]") {
  const ModelCopy model;
  const auto before = open_files();
  const auto classifier = load_classifier(model.path);
  CHECK(open_files() == before);
  const auto scores = classifier->scores(kText);
  for (const fs::path& file : model.files()) fs::resize_file(file, 0);
  CHECK(classifier->scores(kText) == scores);
  for (const fs::path& file : model.files()) {
    std::ofstream(file, std::ios::binary) << std::string(std::size_t{1} << 21, '\xff');
  }
  CHECK(classifier->scores(kText) == scores);
  fs::remove_all(model.path);
  CHECK(classifier->scores(kText) == scores);
}

TEST_CASE("model files: one that loses bytes while the model is built is an IoError",
          "[properties][robustness]") {
  const ModelCopy model;
  const fs::path weights = model.path / "model.safetensors";
  const auto whole = file_bytes(weights);
  std::size_t end = whole.size();
  const WeightSource source = open_safetensors(weights);
  for (const StoredTensor& tensor : source.tensors()) end -= tensor.bytes.size();
  std::vector<std::size_t> ends;  // of tensors
  for (const StoredTensor& tensor : source.tensors()) ends.push_back(end += tensor.bytes.size());
  REQUIRE(end == whole.size());
  for (const std::size_t tensor_end : ends) {
    for (const std::size_t size : {tensor_end - 1, tensor_end, tensor_end + 1}) {
      if (size >= whole.size()) continue;
      INFO("cut to " << size);
      std::ofstream(weights, std::ios::binary) << whole;
      ModelDirectory opened = open_model_directory(model.path);
      fs::resize_file(weights, size);
      bool lost = false;
      for (const StoredTensor& tensor : opened.weights.tensors()) {
        try {
          (void)opened.weights.read(tensor.name, tensor.shape);
        } catch (const IoError&) {
          lost = true;
        }
      }
      CHECK(lost);
      CHECK_THAT(load_error(model.path), ContainsSubstring("model.safetensors: "));
    }
  }
}

TEST_CASE("model files: what is no file in a file's place is an error that names it",
          "[properties][robustness]") {
  for (const fs::path& file : ModelCopy().files()) {
    const std::string name = file.filename().string();
    const auto refused = [&](const ModelCopy& model) {
      const std::string error = load_error(model.path);
      INFO(name << ": " << error);
      CHECK_THAT(error, ContainsSubstring(name));
    };
    {
      const ModelCopy model;
      fs::remove(model.path / name);
      fs::create_directory(model.path / name);
      refused(model);
    }
    {
      const ModelCopy model;
      fs::remove(model.path / name);
      REQUIRE(::mkfifo((model.path / name).c_str(), 0600) == 0);
      refused(model);
    }
    {
      const ModelCopy model;
      fs::remove(model.path / name);
      fs::create_symlink("/dev/zero", model.path / name);
      refused(model);
    }
    {
      const ModelCopy model;
      fs::resize_file(model.path / name, 0);
      if (name != "tokenizer_config.json") refused(model);
    }
  }
}

TEST_CASE("model files: a path that cannot be examined is an IoError, not the system's own",
          "[properties][robustness]") {
  for (const std::string& path : {std::string(5000, 'x'), std::string("/dev/null/model"),
                                  std::string("absent"), std::string()}) {
    CHECK_THROWS_AS(load_classifier(path), IoError);
  }
}
