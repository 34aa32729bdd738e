#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "polytag/checkpoints/open_checkpoint.hpp"
#include "polytag/checkpoints/torch_archive.hpp"
#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "torch_bytes.hpp"

// Where the state dict lies in what training programs save, and what else lies there.
using namespace polytag;
using namespace torch_bytes;

namespace {

OpenedCheckpoint open_data(const std::string& name) {
  return open_checkpoint(std::filesystem::path(POLYTAG_TEST_DATA) / "checkpoints" / name);
}

void check_linear(const WeightSource& source, const std::string& weight = "weight",
                  const std::string& bias = "bias") {
  REQUIRE(source.tensors().size() == 2);
  const Tensor w = source.read(weight, {2, 3});
  for (std::size_t i = 0; i < 6; ++i) CHECK(w.span()[i] == static_cast<float>(i));
  CHECK(source.read(bias, {2}).span()[0] == -1.0F);
  CHECK(source.read(bias, {2}).span()[1] == 1.0F);
}

std::string reason_of(const OpenedCheckpoint& checkpoint, const std::string& name) {
  const auto place = std::ranges::find(checkpoint.unread, name, &UnreadValue::name);
  return place == checkpoint.unread.end() ? "read" : place->reason;
}

/// One element of the storage "0".
std::string scalar_tensor() { return tensor(storage("FloatStorage", "0", 1), 0, "", ""); }
std::string vector_tensor() {
  return tensor(storage("FloatStorage", "0", 1), 0, integer(1), integer(1));
}

std::string dict(const std::string& items) { return "}(" + items + "u"; }

/// The names that are read of a pickle whose tensors all look into one storage of one number.
std::string names_in(const std::string& root) {
  const TemporaryDirectory directory;
  const auto file = directory.write("m.pt", Zip()
                                                .add("m/data.pkl", "\x80\x02" + root + ".")
                                                .add("m/data/0", fixed(0x3F800000U))
                                                .finish());
  try {
    std::string names;
    const WeightSource source = open_torch_archive(file);
    for (const StoredTensor& one : source.tensors()) names += one.name + " ";
    return names;
  } catch (const FormatError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("state_dict: values that only Python could make may stand beside it",
          "[checkpoints][torch]") {
  for (const char* name :
       {"torch_beside.pt", "torch_beside_3.pt", "torch_beside_5.pt", "torch_legacy_beside.bin"}) {
    INFO(name);
    const OpenedCheckpoint checkpoint = open_data(name);
    check_linear(checkpoint.weights);
    for (const char* key : {"args", "best_f1", "optimizer_state_dict", "generator", "loss"}) {
      CHECK(reason_of(checkpoint, key) == "stands beside the state dict");
    }
  }
}

TEST_CASE("state_dict: parts of a model that were saved apart are joined by their keys",
          "[checkpoints][torch]") {
  const OpenedCheckpoint checkpoint = open_data("torch_parts.pt");
  check_linear(checkpoint.weights, "encoder.weight", "head.bias");
  for (const char* key : {"head_ema", "optimizer", "epoch"}) {
    CHECK(reason_of(checkpoint, key) == "stands beside the state dict");
  }
}

TEST_CASE("state_dict: tensors that are not read are named, and with what they need",
          "[checkpoints][torch]") {
  const OpenedCheckpoint checkpoint = open_data("torch_unread.pt");
  check_linear(checkpoint.weights);  // its parameters have attributes
  CHECK(reason_of(checkpoint, "phases") == "is of torch.ComplexFloatStorage");
  CHECK(reason_of(checkpoint, "conjugated") == "is of torch.ComplexFloatStorage");
  CHECK(reason_of(checkpoint, "sparse") == "is of torch._utils._rebuild_sparse_tensor");
  CHECK(reason_of(checkpoint, "quantized") == "is of torch._utils._rebuild_qtensor");
  CHECK(reason_of(checkpoint, "eighths") == "is of torch._utils._rebuild_tensor_v3");
  CHECK_THAT(reason_of(checkpoint, "array"), ContainsSubstring("multiarray._reconstruct"));
  CHECK(reason_of(checkpoint, "steps") == "is no tensor");
}

TEST_CASE("state_dict: is found under the keys of training programs, however they are nested",
          "[checkpoints][torch]") {
  const std::string state = dict(text("w") + vector_tensor());
  for (const char* key : {"state_dict", "model_state_dict", "model", "module", "net", "weights"}) {
    INFO(key);
    CHECK(names_in(dict(text(key) + state)) == "w ");
    CHECK(names_in(dict(text("model") + dict(text(key) + state))) == "w ");
  }
  CHECK(names_in(state) == "w ");
  CHECK(names_in(dict(text("anything") + state)) == "anything.w ");
  CHECK(names_in(dict(text("a") + dict(text("b") + state))) == "a.b.w ");
  // The state dict goes before tensors beside it, and those of the optimizer.
  CHECK(names_in(dict(text("rng") + vector_tensor() + text("net") + state)) == "w ");
  CHECK(names_in(dict(text("loss") + scalar_tensor() + text("bert") + state)) == "bert.w ");
  CHECK(names_in(dict(text("optimizer") + state + text("bert") + state)) == "bert.w ");
  CHECK(names_in(dict(text("model_ema") + state + text("model") + state)) == "w ");
  CHECK(names_in(dict(text("w") + scalar_tensor())) == "w ");
  // Deeper than any program nests it.
  CHECK_THAT(
      names_in(dict(text("a") + dict(text("b") + dict(text("c") + dict(text("d") + state))))),
      ContainsSubstring("a dict of tensors"));
  CHECK_THAT(names_in(dict(text("optimizer") + state)), ContainsSubstring("a dict of tensors"));
  CHECK_THAT(names_in("](" + state + "e"), ContainsSubstring("a dict of tensors"));
}

TEST_CASE("state_dict: of a key that occurs twice the last counts, of a tensor none",
          "[checkpoints][torch]") {
  const std::string one = dict(text("one") + vector_tensor());
  const std::string two = dict(text("two") + vector_tensor());
  CHECK(names_in(dict(text("model") + one + text("model") + two)) == "two ");
  CHECK_THAT(names_in(dict(text("w") + vector_tensor() + text("w") + vector_tensor())),
             ContainsSubstring("tensor \"w\": expected one definition, found several"));
}
