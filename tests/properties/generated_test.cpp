// Properties over generated inputs (RapidCheck, which shrinks what fails to its smallest form).

#include <rapidcheck/catch.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "../unit/decoding/random_model.hpp"
#include "../unit/kernels/parity.hpp"
#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/core/execution.hpp"
#include "polytag/decoding/beam_search.hpp"
#include "polytag/runtime/text_pipeline.hpp"
#include "support/same_bytes.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

std::size_t within(std::size_t least, std::size_t most) {
  return *rc::gen::inRange(least, most + 1);
}

/// The largest difference of a kernel from the reference, on every instruction set and number of
/// threads; infinite where it wrote beside its rows.
template <class Run>
double worst_difference(std::size_t rows, std::size_t columns, const Run& run) {
  static Machine machine;
  Matrix expected(rows, columns);
  run(ReferenceBackend(), expected.view(), machine.one_thread());
  double worst = 0;
  for (const ExecutionContext& context : machine.contexts()) {
    Matrix actual(rows, columns, within(0, 3));
    run(NativeBackend(), actual.view(), context);
    const double found = difference(actual.view(), std::as_const(expected).view());
    worst = std::max(worst, actual.gaps_are_untouched() ? found : HUGE_VAL);
  }
  return worst;
}

}  // namespace

// The tolerances and their reasons are those of the parity tests in tests/unit/kernels.

TEST_CASE("generated: linear layers of any shape, activation and residual equal the reference",
          "[properties][kernels]") {
  rc::prop("linear", [] {
    const std::size_t in = within(1, 300);
    const std::size_t out = within(1, 120);
    const std::size_t rows = within(1, 40);
    const auto seed = static_cast<unsigned>(within(0, 1 << 20));
    const Matrix weight = Matrix::random(out, in, seed, 0, 1 / std::sqrt(static_cast<float>(in)));
    const Matrix bias = Matrix::random(1, out, seed + 1);
    const Matrix input = Matrix::random(rows, in, seed + 2, within(0, 3));
    const Matrix residual = Matrix::random(rows, out, seed + 3, within(0, 3));
    LinearEpilogue epilogue{.activation = kActivations[within(0, kActivations.size() - 1)]};
    if (*rc::gen::arbitrary<bool>()) epilogue.residual = residual.view();
    RC_ASSERT(worst_difference(
                  rows, out,
                  [&](auto backend, MatrixView<float> output, const ExecutionContext& context) {
                    const typename decltype(backend)::PackedLinear linear(
                        weight.view(), bias.vector(), Precision::kFloat32);
                    linear.apply(input.view(), output, epilogue, context);
                  }) < 8e-6);
  });
}

TEST_CASE("generated: attention over sequences of any lengths equals the reference",
          "[properties][kernels]") {
  rc::prop("attention", [] {
    const std::size_t heads = within(1, 4);
    const std::size_t hidden = heads * within(1, 40);
    std::vector<std::size_t> query_starts{0};
    std::vector<std::size_t> key_starts{0};
    std::vector<std::size_t> attended;
    for (auto left = within(1, 5); left > 0; --left) {
      const std::size_t length = within(0, 70);
      attended.push_back(length == 0 ? 0 : within(1, length));
      key_starts.push_back(key_starts.back() + length);
      query_starts.push_back(query_starts.back() + (length == 0 ? 0 : within(0, length)));
    }
    const auto seed = static_cast<unsigned>(within(0, 1 << 20));
    const Matrix query = Matrix::random(query_starts.back(), hidden, seed);
    const Matrix key = Matrix::random(key_starts.back(), hidden, seed + 1);
    const Matrix value = Matrix::random(key_starts.back(), hidden, seed + 2);
    RC_ASSERT(worst_difference(
                  query_starts.back(), hidden,
                  [&](auto backend, MatrixView<float> output, const ExecutionContext& context) {
                    decltype(backend)::self_attention({query.view(), key.view(), value.view(),
                                                       query_starts, key_starts, attended, heads},
                                                      output, context);
                  }) < 1e-6);
  });
}

TEST_CASE("generated: layer norms of any shape equal the reference", "[properties][kernels]") {
  rc::prop("layer norm", [] {
    const std::size_t rows = within(1, 40);
    const std::size_t columns = within(1, 500);
    const auto seed = static_cast<unsigned>(within(0, 1 << 20));
    const Matrix input = Matrix::random(rows, columns, seed, within(0, 3), 3);
    const Matrix gamma = Matrix::random(1, columns, seed + 1);
    const Matrix beta = Matrix::random(1, columns, seed + 2);
    RC_ASSERT(worst_difference(
                  rows, columns,
                  [&](auto backend, MatrixView<float> output, const ExecutionContext& context) {
                    decltype(backend)::layer_norm(input.view(), gamma.vector(), beta.vector(),
                                                  1e-12F, output, context);
                  }) < 3e-6);
  });
}

TEST_CASE("generated: batches hold each sequence once, within their budget, long ones first",
          "[properties][batches]") {
  rc::prop("plan_batches", [](const std::vector<std::uint16_t>& small) {
    std::vector<std::size_t> lengths;
    for (const std::uint16_t length : small) lengths.push_back(1 + length % 600U);
    const std::size_t budget = within(1, 2000);
    const BatchPlan plan = plan_batches(lengths, budget, within(1, 9));
    std::vector<bool> seen(lengths.size(), false);
    std::size_t before = 600;
    for (const auto& batch : plan.batches) {
      RC_ASSERT_FALSE(batch.empty());
      std::size_t tokens = 0;
      for (const std::size_t index : batch) {
        RC_ASSERT_FALSE(seen.at(index));
        seen[index] = true;
        RC_ASSERT(lengths[index] <= before);
        before = lengths[index];
        tokens += before;
      }
      RC_ASSERT((tokens <= budget || batch.size() == 1));
    }
    RC_ASSERT(std::ranges::count(seen, false) == 0);
  });
}

TEST_CASE("generated: a beam that holds all sequences finds the best of them",
          "[properties][decoding]") {
  rc::prop("beam_search", [] {
    using Ids = std::vector<std::size_t>;
    BeamSearchOptions options;
    options.vocabulary_size = within(2, 4);
    options.maximum_length = within(1, 4);
    options.start_id = 1;
    options.end_id = 0;
    options.beam_width = 256;  // 4 to the 4th
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const RandomModel model({seed});
    std::map<Ids, float> all;
    const auto walk = [&](const auto& self, const Ids& ids, std::uint64_t state,
                          float log_p) -> void {
      if (ids.size() == options.maximum_length || (!ids.empty() && ids.back() == 0)) {
        all[ids] = log_p;
        return;
      }
      state = RandomModel::extended(state, ids.empty() ? 1 : ids.back());
      std::vector<float> row(options.vocabulary_size);
      for (std::size_t id = 0; id < row.size(); ++id) row[id] = model.logit(state, id);
      log_softmax(row, 0);
      for (std::size_t id = 0; id < row.size(); ++id) {
        Ids longer = ids;
        longer.push_back(id);
        self(self, longer, state, log_p + row[id]);
      }
    };
    walk(walk, {}, seed, 0);
    const auto result = beam_search(1, options, RandomModel(model)).front();
    RC_ASSERT(result.sequences.size() == all.size());
    float before = 0;
    for (const DecodedSequence& sequence : result.sequences) {
      RC_ASSERT(all.at(sequence.ids) == sequence.log_probability);
      RC_ASSERT(sequence.log_probability <= before);
      before = sequence.log_probability;
    }
  });
}

TEST_CASE("generated: weights of any names, types and shapes are read as they were written",
          "[properties][checkpoints]") {
  const TemporaryDirectory directory;
  rc::prop("safetensors", [&](const std::map<std::string, std::uint32_t>& named) {
    std::vector<TensorToWrite> tensors;
    std::map<std::string, std::string> metadata;
    for (const auto& [raw, seed] : named) {
      std::string name = raw;  // of any bytes: made ASCII, as names have to be UTF-8
      for (char& c : name) c = static_cast<char>(c & 0x7F);
      if (std::ranges::any_of(tensors, [&](const auto& t) { return t.name == name; })) continue;
      const auto type = static_cast<ElementType>(seed % 10);
      const Shape shape{within(0, 3), within(0, 5)};
      AlignedBuffer<std::byte> bytes(shape[0] * shape[1] * size_of(type));
      for (std::byte& byte : bytes.span()) byte = static_cast<std::byte>(within(0, 255));
      metadata[name] = name;
      tensors.push_back({name, type, shape, StoredBytes(std::move(bytes))});
    }
    const auto file = directory.path() / "m.safetensors";
    write_safetensors(file, tensors, metadata);
    const WeightSource source = open_safetensors(file);
    RC_ASSERT(source.tensors().size() == tensors.size());
    for (const TensorToWrite& tensor : tensors) {
      const StoredTensor* const stored = source.find(tensor.name);
      RC_ASSERT(stored != nullptr);
      RC_ASSERT(stored->type == tensor.type);
      RC_ASSERT(stored->shape == tensor.shape);
      RC_ASSERT(test::same_bytes(stored->bytes, tensor.bytes));
    }
  });
}
