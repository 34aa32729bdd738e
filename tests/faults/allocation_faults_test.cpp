// Every allocation of an operation fails in turn, alone or with all behind it. An exception that
// says so comes out, nothing leaks, nothing is left behind half done, and what was there before
// works as before.

#include <cstring>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/model/model_config.hpp"
#include "polytag/text/tokenizer.hpp"
#include "runtime/make_classifier.hpp"
#include "support/allocation_meter.hpp"
#include "support/catch.hpp"
#include "support/small_models.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNoFault = std::size_t{1} << 40;

/// Runs what it is given while an allocation fails.
class Faulty {
 public:
  Faulty(std::size_t successes, AllocationFault::Kind kind) : successes_(successes), kind_(kind) {}

  void operator()(const std::function<void()>& work) {
    const AllocationFault fault(successes_, kind_);
    try {
      work();
    } catch (const std::bad_alloc&) {
    } catch (const Error&) {  // of a library of ours or the system's that reports it so
    }
    happened_ = fault.happened();
  }
  bool happened() const { return happened_; }

 private:
  std::size_t successes_;
  AllocationFault::Kind kind_;
  bool happened_ = false;
};

/// Runs an operation that calls its argument with what is to fail, once for every `step`-th
/// allocation in that. @return how many allocations there are
std::size_t with_every_fault(const std::function<void(Faulty&)>& operation, std::size_t step = 1) {
  std::size_t successes = 0;
  for (const auto kind : {AllocationFault::Kind::kOnce, AllocationFault::Kind::kFromThenOn}) {
    const auto run = [&](std::size_t count) {
      Faulty faulty(count, kind);
      operation(faulty);
      return faulty.happened();
    };
    run(kNoFault);  // makes what lives on: tables of the libraries
    bool happened = true;
    for (successes = 0; happened; successes += step) {
      const std::size_t before = live_allocations();
      happened = run(successes);
      const std::size_t after = live_allocations();
      if (after != before) {
        FAIL((after - before) << " allocations more are left after a failure behind " << successes);
      }
    }
  }
  return successes;
}

void expect(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);  // without an allocation that a macro would keep
}

/// The bits of what a model says of some texts.
struct Answers {
  explicit Answers(const MultiLabelClassifier& model, const ClassifyOptions& options = {}) {
    for (const auto& [scores, beams, truncated] : model.scores(inputs(), options)) {
      bits.append(reinterpret_cast<const char*>(scores.data()), scores.size() * sizeof(float));
    }
    for (const Prediction& prediction : model.classify(inputs(), options)) {
      for (const PredictedLabel& label : prediction.labels) bits += label.name + ",";
      for (const LabelSequence& beam : prediction.beams) {
        for (const std::string& name : beam.names) bits += name + ">";
        bits += std::to_string(beam.log_probability);
      }
    }
  }
  static std::span<const TextInput> inputs() {
    static const std::string long_text = [] {
      std::string text;
      for (int i = 0; i < 300; ++i) text += "word words unknown ";
      return text;
    }();
    static const std::vector<TextInput> all{"", "word", "words word \xff naïve", long_text,
                                            TextInput("word", "words")};
    return all;
  }
  bool operator==(const Answers&) const = default;

  std::string bits;
};

const test::SmallModels& models() {
  static const test::SmallModels small;
  return small;
}

LoadOptions with(Precision precision, std::size_t threads) {
  LoadOptions options;
  options.precision = precision;
  options.threads = threads;
  return options;
}

}  // namespace

TEST_CASE("allocation faults: loading a model", "[faults]") {
  // The tables of a tokenizer are some 200,000 allocations, of which a sample has to do.
  const fs::path path = models().paths().front();
  const std::size_t faults = with_every_fault(
      [&](Faulty& faulty) { faulty([&] { load_classifier(path, with(Precision::kFloat32, 2)); }); },
      5003);
  CHECK(faults > 100000);
}

TEST_CASE("allocation faults: reading the configuration, the vocabulary and the names of weights",
          "[faults]") {
  for (const fs::path& path : models().paths()) {
    const std::size_t faults = with_every_fault([&](Faulty& faulty) {
      faulty([&] {
        read_model_config(path / "config.json");
        read_vocabulary((path / "vocab.txt").string());
        open_safetensors(path);
      });
    });
    CHECK(faults > 500);
  }
}

TEST_CASE("allocation faults: building an encoder and a head", "[faults]") {
  for (const fs::path& path : models().paths()) {
    const ModelConfig config = read_model_config(path / "config.json");
    const WeightSource weights = open_safetensors(path);
    for (const Precision precision :
         {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
      const std::size_t faults = with_every_fault([&](Faulty& faulty) {
        faulty([&] {
          const std::string prefix = find_encoder_prefix(config, weights);
          ParameterList list;
          const HeadScope scope{list.root(), list.root(prefix)};
          const auto encoder_parameters = declare_encoder(scope.encoder, config.encoder);
          const AnyEncoder<NativeBackend> encoder(config.encoder, encoder_parameters,
                                                  Weights(list, weights), precision);
          std::visit(
              [&](const auto& of) {
                using Head = decltype(HeadOf<NativeBackend>::of(of));
                const auto parameters = declare_head(scope, of);
                const Head head(of, parameters, Weights(list, weights), precision);
              },
              config.head);
        });
      });
      CHECK(faults > 100);
    }
  }
}

TEST_CASE("allocation faults: the first call of a model, which then works as ever", "[faults]") {
  const fs::path path = models().paths().front();
  const Answers expected(*load_classifier(path));
  const std::size_t faults = with_every_fault([&](Faulty& faulty) {
    const auto model = load_classifier(path);
    faulty([&] { model->classify("word words"); });
    expect(Answers(*model) == expected, "other answers after a failure");
  });
  CHECK(faults > 20);
}

TEST_CASE("allocation faults: classifying, on one thread and on two", "[faults]") {
  for (const fs::path& path : models().paths()) {
    for (const auto& options : {with(Precision::kFloat32, 1), with(Precision::kInt8, 2)}) {
      const auto model = load_classifier(path, options);
      const Answers expected(*model);
      const std::size_t faults = with_every_fault([&](Faulty& faulty) {
        faulty([&] { model->classify(Answers::inputs()); });
        expect(Answers(*model) == expected, "other answers after a failure");
      });
      INFO(path.filename().string());
      CHECK(faults > 50);
    }
  }
}

TEST_CASE("allocation faults: classifying again and again with one model", "[faults]") {
  ClassifyOptions options;
  options.windows = WindowOptions{.overlap = 1, .pooling = WindowPooling::kMean};
  options.batch_tokens = 20;
  const std::vector<TextInput> inputs{"word", std::string_view("word words word words word words")};
  for (const fs::path& path : models().paths()) {
    if (path.filename() == "seq2seq") continue;  // sequences are not pooled
    const auto model = load_classifier(path, with(Precision::kFloat32, 2));
    const auto expected = model->scores(inputs, options);
    with_every_fault([&](Faulty& faulty) {
      faulty([&] { model->scores(inputs, options); });
      expect(model->scores(inputs, options) == expected, "other answers after a failure");
    });
    CHECK(Answers(*model) == Answers(*load_classifier(path)));
  }
}

TEST_CASE("allocation faults: tokenizing", "[faults]") {
  const Tokenizer tokenizer = load_tokenizer(models().paths().front());
  EncodeOptions options;
  options.max_length = 6;
  Encoding expected;
  tokenizer.encode("word \xe4\xb8\xad words", "naïve", options, expected);
  with_every_fault([&](Faulty& faulty) {
    Encoding encoding;
    faulty([&] { tokenizer.encode("word \xe4\xb8\xad words", "naïve", options, encoding); });
    tokenizer.encode("word \xe4\xb8\xad words", "naïve", options, encoding);
    expect(encoding.ids == expected.ids, "other tokens after a failure");
  });
}

TEST_CASE("allocation faults: opening and reading a checkpoint of every format", "[faults]") {
  const fs::path data = fs::path(POLYTAG_TEST_DATA) / "checkpoints";
  for (const fs::path& path :
       {models().paths().front() / "model.safetensors", data / "torch_views.pt"}) {
    with_every_fault([&](Faulty& faulty) {
      faulty([&] {
        const WeightSource weights = open_checkpoint(path).weights;
        for (const StoredTensor& tensor : weights.tensors()) (void)tensor.bytes.read();
      });
    });
  }
}

TEST_CASE("allocation faults: writing weights leaves the old file or the new one", "[faults]") {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "m.safetensors";
  const std::vector<std::byte> bytes(1000, std::byte{7});
  const std::vector<TensorToWrite> tensors{
      {"w", ElementType::kUint8, {1000}, std::span<const std::byte>(bytes)}};
  with_every_fault([&](Faulty& faulty) {
    directory.write("m.safetensors", "old");
    faulty([&] { write_safetensors(file, tensors, {{"format", "pt"}}); });
    expect(file_bytes(file) == "old" || open_safetensors(file).tensors().size() == 1,
           "neither the old file nor the new one");
    expect(std::distance(fs::directory_iterator(directory.path()), {}) == 1,
           "a temporary file is left");
  });
}
