/// polytag in a process of its own, driven over stdin and stdout, so that beside_peers/run.py can
/// take turns between it and its peers. The protocol is that of beside_peers/engine.py.
///
/// usage: peer_driver BACKEND PRECISION MODEL_DIRECTORY THREADS all|first|classifier
///   all         the encoder; computes every row of the last layer, as the peers do
///   first       the encoder; computes the [CLS] rows of the last layer alone, as a classifier does
///   classifier  the classifier that the directory holds, head and all

#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "peer_workloads.hpp"
#include "polytag/error.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/runtime/head_classifier.hpp"
#ifdef POLYTAG_WITH_ONEDNN
#include "polytag/backends/onednn.hpp"
#endif
#ifdef POLYTAG_WITH_EIGEN
#include "polytag/backends/eigen.hpp"
#endif

namespace polytag {
namespace {

struct Arguments {
  std::string backend;
  Precision precision;
  std::filesystem::path model;
  std::size_t threads;
  std::string kind;
};

/// Makes the workload of a "load" command.
using MakeWorkload = std::function<std::unique_ptr<Workload>(const Json& order)>;

/// The milliseconds of every call, in turns through all calls.
Json run(Workload& workload, std::size_t times) {
  std::vector<double> milliseconds;
  for (std::size_t time = 0; time < times; ++time) {
    for (std::size_t call = 0; call < workload.calls(); ++call) {
      const auto start = std::chrono::steady_clock::now();
      workload.run(call);
      const std::chrono::duration<double, std::milli> took =
          std::chrono::steady_clock::now() - start;
      milliseconds.push_back(took.count());
    }
  }
  return {{"milliseconds", milliseconds}};
}

void serve(const MakeWorkload& make_workload) {
  std::unique_ptr<Workload> workload;
  std::cout << Json{{"ready", true}} << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const Json order = Json::parse(line);
    const auto command = order.at("command").get<std::string>();
    if (command == "load") {
      workload = make_workload(order);
      std::cout << Json{{"calls", workload->calls()}} << std::endl;
    } else if (command == "states") {
      const States states = workload->states();
      std::cout << Json{{"first", states.first}, {"pooled", states.pooled}} << std::endl;
    } else {
      std::cout << run(*workload, order.at("times").get<std::size_t>()) << std::endl;
    }
  }
}

template <KernelBackend Backend>
void serve_encoder(const Arguments& arguments) {
  const ModelDirectory model = open_model_directory(arguments.model);
  ParameterList parameters;
  const auto& config = encoder_config<BertConfig>(model.config);
  const auto encoder_parameters = declare_bert(parameters.root(model.encoder_prefix), config);
  const BertEncoder<Backend> encoder(config, encoder_parameters, Weights(parameters, model.weights),
                                     arguments.precision);
  const HiddenRows rows = arguments.kind == "first" ? HiddenRows::kFirstToken : HiddenRows::kAll;
  ThreadPool pool(arguments.threads);
  serve([&](const Json& order) -> std::unique_ptr<Workload> {
    if (order.contains("batches")) {
      return std::make_unique<IdsWorkload<Backend>>(encoder, rows, pool, order);
    }
    return std::make_unique<TextsWorkload<Backend>>(encoder, rows, load_tokenizer(arguments.model),
                                                    pool, order);
  });
}

void serve_classifier(const Arguments& arguments, const Backend& backend) {
  LoadOptions options;
  options.threads = arguments.threads;
  options.precision = arguments.precision;
  options.backend = backend;
  const auto classifier = load_classifier(arguments.model, options);
  serve(
      [&](const Json& order) { return std::make_unique<ClassifierWorkload>(*classifier, order); });
}

template <KernelBackend Kernels>
bool serves(const Arguments& arguments, const Backend& backend) {
  if (arguments.backend != Kernels::kName) return false;
  if (arguments.kind == "classifier") {
    serve_classifier(arguments, backend);
  } else {
    serve_encoder<Kernels>(arguments);
  }
  return true;
}

void serve_kind(const Arguments& arguments) {
  if (serves<NativeBackend>(arguments, native_backend())) return;
#ifdef POLYTAG_WITH_EIGEN
  if (serves<EigenBackend>(arguments, eigen_backend())) return;
#endif
#ifdef POLYTAG_WITH_ONEDNN
  if (serves<OneDnnBackend>(arguments, onednn_backend())) return;
#endif
  throw ArgumentError::mismatch("backend", "native or, if built in, eigen or onednn",
                                arguments.backend);
}

}  // namespace
}  // namespace polytag

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: peer_driver BACKEND PRECISION MODEL_DIRECTORY THREADS "
                 "all|first|classifier\n";
    return 2;
  }
  try {
    polytag::serve_kind({.backend = argv[1],
                         .precision = polytag::parse_precision(argv[2]),
                         .model = argv[3],
                         .threads = std::stoul(argv[4]),
                         .kind = argv[5]});
  } catch (const std::exception& error) {
    std::cerr << "peer_driver: " << error.what() << '\n';
    return 1;
  }
}
