#include "convert/conversion_source.hpp"

#include <string>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

/// A folder with empty files under these names.
struct Program {
  explicit Program(const std::vector<std::string>& files) {
    for (const std::string& file : files) {
      fs::create_directories((path() / file).parent_path());
      directory.write(file, "");
    }
  }
  const fs::path& path() const { return directory.path(); }
  ConversionSource find() const {
    ConvertOptions options;
    options.source = path();
    return find_conversion_source(options);
  }

  TemporaryDirectory directory;
};

}  // namespace

TEST_CASE("conversion_source: a program's folder as its authors lay it out", "[convert]") {
  const Program program({"albert_small_zh_google/albert_config.json",
                         "albert_small_zh_google/vocab_chinese.txt",
                         "albert_small_zh_google/checkpoint", "data/vocabulary_label.txt",
                         "data/train.csv", "hyperparameters.py", "model/model_load/checkpoint",
                         "model/model_save/checkpoint", "logdir/events"});
  const ConversionSource found = program.find();
  CHECK(found.checkpoint == program.path() / "model/model_load");
  CHECK(found.config == program.path() / "albert_small_zh_google/albert_config.json");
  CHECK(found.vocabulary == program.path() / "albert_small_zh_google/vocab_chinese.txt");
  CHECK(found.labels == program.path() / "data/vocabulary_label.txt");
  CHECK(found.hyperparameters == program.path() / "hyperparameters.py");
}

TEST_CASE("conversion_source: without a checkpoint to load, the one that training saved",
          "[convert]") {
  CHECK(Program({"model/model_load/README.md", "model/model_save/checkpoint"})
            .find()
            .checkpoint.filename() == "model_save");
  CHECK(Program({"model/model/model_load/checkpoint", "model/model_save/checkpoint"})
            .find()
            .checkpoint.parent_path()
            .filename() == "model");
}

TEST_CASE("conversion_source: a folder with everything in it", "[convert]") {
  const Program program({"checkpoint", "vocab.txt", "bert_config.json", "labels.txt"});
  const ConversionSource found = program.find();
  CHECK(found.checkpoint == program.path());
  CHECK(found.vocabulary == program.path() / "vocab.txt");
  CHECK(found.config == program.path() / "bert_config.json");
  CHECK(found.labels == program.path() / "labels.txt");
  CHECK(found.hyperparameters.empty());
}

TEST_CASE("conversion_source: beside a file lie the others; folders below are not searched",
          "[convert]") {
  const Program program({"model.ckpt.index", "vocab.txt", "data/labels.txt"});
  ConvertOptions options;
  options.source = program.path() / "model.ckpt";
  const ConversionSource found = find_conversion_source(options);
  CHECK(found.checkpoint == options.source);
  CHECK(found.vocabulary == program.path() / "vocab.txt");
  CHECK(found.labels.empty());
  CHECK(found.config.empty());
}

TEST_CASE("conversion_source: several files that could be meant are not guessed between",
          "[convert]") {
  const Program program({"model/model_load/checkpoint", "a/vocab.txt", "b/vocab_chinese.txt"});
  CHECK_THROWS_WITH(program.find(), ContainsSubstring("expected one file of this kind, or an "
                                                      "option that names it, found another in "));
}

TEST_CASE("conversion_source: what is given goes before what is found, and has to be there",
          "[convert]") {
  const Program program({"checkpoint", "vocab.txt", "other.txt", "config.json"});
  ConvertOptions options;
  options.source = program.path();
  options.vocabulary = program.path() / "other.txt";
  CHECK(find_conversion_source(options).vocabulary == program.path() / "other.txt");
  options.labels = program.path() / "absent.txt";
  CHECK_THROWS_WITH(find_conversion_source(options),
                    ContainsSubstring("absent.txt: no such file; needed for the names of the "
                                      "labels"));
}
