/// An encoder in a process of its own, driven over stdin and stdout, so that beside_peers/run.py
/// can take turns between polytag and its peers. The protocol is that of beside_peers/engine.py.
///
/// usage: peer_driver BACKEND PRECISION MODEL_DIRECTORY THREADS all|first
///   all    computes every row of the last layer, as the peers do
///   first  computes the [CLS] rows of the last layer alone, as a classifier does

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "polytag/checkpoints/safetensors.hpp"
#include "polytag/classifier.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/encoders/transformer_encoder.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/eigen_backend.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/model/model_config.hpp"
#include "polytag/model/text_pipeline.hpp"
#ifdef POLYTAG_WITH_ONEDNN
#include "polytag/kernels/onednn_backend.hpp"
#endif

namespace polytag {
namespace {

using Json = nlohmann::json;
using Sequence = std::vector<std::int32_t>;

struct Arguments {
  std::string backend;
  Precision precision;
  std::filesystem::path model;
  std::size_t threads;
  HiddenRows rows;
};

EncodedBatch encode(const std::vector<const Sequence*>& sequences) {
  EncodedBatch batch;
  for (const Sequence* ids : sequences) {
    batch.append(*ids, std::vector<std::int32_t>(ids->size()), ids->size());
  }
  return batch;
}

/// Batches that threads share as classify() would have it.
struct Turn {
  BatchPlan plan;
  std::vector<EncodedBatch> batches;
};

Turn plan(const std::vector<Sequence>& sequences, std::size_t threads) {
  std::vector<std::size_t> lengths;
  for (const Sequence& ids : sequences) lengths.push_back(ids.size());
  Turn turn{plan_batches(lengths, ClassifyOptions().batch_tokens, threads), {}};
  for (const auto& indices : turn.plan.batches) {
    std::vector<const Sequence*> together;
    for (const std::size_t i : indices) together.push_back(&sequences[i]);
    turn.batches.push_back(encode(together));
  }
  return turn;
}

/// The batches as they come, one after the other, or all their sequences at once where the order is
/// free; in either case classify() decides what goes through the encoder together.
std::vector<Turn> read_workload(const Json& order, std::size_t threads) {
  const auto given = order.at("batches").get<std::vector<std::vector<Sequence>>>();
  std::vector<Turn> turns;
  if (order.value("any_order", false)) {
    std::vector<Sequence> all;
    for (const auto& sequences : given) all.insert(all.end(), sequences.begin(), sequences.end());
    turns.push_back(plan(all, threads));
  } else {
    for (const auto& sequences : given) turns.push_back(plan(sequences, threads));
  }
  return turns;
}

template <KernelBackend Backend>
class Driver {
 public:
  explicit Driver(const Arguments& arguments)
      : arguments_(arguments),
        encoder_(read_model_config(arguments.model / "config.json").encoder,
                 open_safetensors(arguments.model), arguments.precision),
        pool_(arguments.threads),
        workspaces_(arguments.threads) {}

  Json answer(const Json& order) {
    const auto command = order.at("command").get<std::string>();
    if (command == "load") {
      workload_ = read_workload(order, arguments_.threads);
      return Json::object();
    }
    if (command == "first") return {{"first", first_rows()}};
    std::vector<double> milliseconds(order.at("times").get<std::size_t>());
    for (double& one : milliseconds) {
      const auto start = std::chrono::steady_clock::now();
      run();
      one = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                .count();
    }
    return {{"milliseconds", milliseconds}};
  }

 private:
  EncoderOutput forward(const EncodedBatch& batch, Workspace& workspace, Executor& executor) {
    return encoder_.forward(batch, arguments_.rows,
                            {workspace, executor, default_instruction_set()});
  }

  void run() {
    for (const Turn& turn : workload_) run(turn);
  }

  void run(const Turn& turn) {
    const std::vector<EncodedBatch>& batches = turn.batches;
    if (!turn.plan.side_by_side) {
      for (const EncodedBatch& batch : batches) {
        const Workspace::Scope scope(workspaces_[0]);
        forward(batch, workspaces_[0], pool_);
      }
      return;
    }
    std::atomic<std::size_t> next{0};
    pool_.run(arguments_.threads, [&](std::size_t thread) {
      SerialExecutor serial;
      for (std::size_t i = next.fetch_add(1); i < batches.size(); i = next.fetch_add(1)) {
        const Workspace::Scope scope(workspaces_[thread]);
        forward(batches[i], workspaces_[thread], serial);
      }
    });
  }

  std::vector<std::vector<float>> first_rows() {
    std::vector<std::vector<float>> rows;
    for (const Turn& turn : workload_) {
      const std::size_t before = rows.size();
      for (const auto& indices : turn.plan.batches) rows.resize(rows.size() + indices.size());
      for (std::size_t number = 0; number < turn.batches.size(); ++number) {
        const Workspace::Scope scope(workspaces_[0]);
        const EncoderOutput output = forward(turn.batches[number], workspaces_[0], pool_);
        for (std::size_t i = 0; i < output.size(); ++i) {
          const auto row = output.first_token(i);
          rows[before + turn.plan.batches[number][i]].assign(row.begin(), row.end());
        }
      }
    }
    return rows;
  }

  Arguments arguments_;
  TransformerEncoder<Backend> encoder_;
  ThreadPool pool_;
  std::vector<Workspace> workspaces_;  // of each thread
  std::vector<Turn> workload_;
};

template <KernelBackend Backend>
void serve(const Arguments& arguments) {
  Driver<Backend> driver(arguments);
  std::cout << Json{{"ready", true}} << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << driver.answer(Json::parse(line)) << std::endl;
  }
}

void serve_backend(const Arguments& arguments) {
  if (arguments.backend == NativeBackend::kName) return serve<NativeBackend>(arguments);
  if (arguments.backend == EigenBackend::kName) return serve<EigenBackend>(arguments);
#ifdef POLYTAG_WITH_ONEDNN
  if (arguments.backend == OneDnnBackend::kName) return serve<OneDnnBackend>(arguments);
#endif
  throw ArgumentError::mismatch("backend", "native, eigen or, if built in, onednn",
                                arguments.backend);
}

}  // namespace
}  // namespace polytag

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: peer_driver BACKEND PRECISION MODEL_DIRECTORY THREADS all|first\n";
    return 2;
  }
  try {
    polytag::serve_backend({.backend = argv[1],
                            .precision = polytag::parse_precision(argv[2]),
                            .model = argv[3],
                            .threads = std::stoul(argv[4]),
                            .rows = std::string_view(argv[5]) == "first"
                                        ? polytag::HiddenRows::kFirstToken
                                        : polytag::HiddenRows::kAll});
  } catch (const std::exception& error) {
    std::cerr << "peer_driver: " << error.what() << '\n';
    return 1;
  }
}
