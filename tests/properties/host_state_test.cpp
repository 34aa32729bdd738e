// What belongs to the program that polytag is linked into stays as it is: settings of OpenMP and
// oneDNN, the locale, how floating point rounds, signal handlers, threads.

#include <dlfcn.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cfenv>
#include <clocale>
#include <csignal>
#include <filesystem>
#include <locale>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "polytag/classifier.hpp"
#include "support/backends.hpp"
#include "support/catch.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace polytag;

namespace {

const std::string kText = "Wheat exports rose as the dollar fell";

/// Calls a function of a library that this program may or may not be linked with.
template <class... Arguments>
int ask(const char* function, Arguments... arguments) {
  using Function = int (*)(Arguments...);
  const auto found = reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, function));
  return found == nullptr ? -1 : found(arguments...);
}

/// What every thread has of its own.
std::map<std::string, long> thread_state() {
  std::map<std::string, long> state;
  state["rounding"] = std::fegetround();
#if defined(__x86_64__)
  // All but the flags of what has happened: flush to zero, denormals, rounding, masked exceptions.
  state["mxcsr"] = static_cast<long>(_mm_getcsr() & ~0x3FU);
#endif
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  for (int signal = 1; signal < 32; ++signal) {
    state["mask " + std::to_string(signal)] = sigismember(&mask, signal);
  }
  state["omp_get_max_threads"] = ask("omp_get_max_threads");
  state["omp_get_dynamic"] = ask("omp_get_dynamic");
  state["omp_get_nested"] = ask("omp_get_nested");
  return state;
}

/// What the process has.
std::map<std::string, std::string> process_state() {
  std::map<std::string, std::string> state;
  state["locale"] = std::setlocale(LC_ALL, nullptr);
  state["C++ locale"] = std::locale().name();
  state["decimal point"] = std::localeconv()->decimal_point;
  for (int signal = 1; signal < 32; ++signal) {
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    state["signal " + std::to_string(signal)] =
        std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler)) + ' ' +
        std::to_string(action.sa_flags);
  }
  const ::mode_t mask = ::umask(0);
  ::umask(mask);
  state["umask"] = std::to_string(mask);
  state["directory"] = std::filesystem::current_path().string();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    state[std::string("environment ") + *variable] = "";
  }
  int capacity = -1;
  ask("dnnl_get_primitive_cache_capacity", &capacity);
  state["oneDNN's cache"] = std::to_string(capacity);
  state["oneDNN's instructions"] = std::to_string(ask("dnnl_get_effective_cpu_isa"));
  state["oneDNN's hints"] = std::to_string(ask("dnnl_get_cpu_isa_hints"));
  return state;
}

std::size_t threads_of_process() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator("/proc/self/task")) {
    ++count;
  }
  return count;
}

std::unique_ptr<MultiLabelClassifier> load(const Backend& backend, std::size_t threads) {
  LoadOptions options;
  options.backend = backend;
  options.threads = threads;
  return load_classifier(POLYTAG_EXAMPLE_MODEL, options);
}

void ignore(int) {}

}  // namespace

TEST_CASE("host state: loading and classifying on several threads change nothing",
          "[properties][host]") {
  // Unlike what everybody has, so that setting it back to the usual would be seen, too.
  const auto previous = std::signal(SIGUSR1, ignore);
  ask("omp_set_num_threads", 3);
  for (const Backend& backend : test::backend_values()) {
    INFO(backend.name);
    const auto process_before = process_state();
    const auto thread_before = thread_state();
    const auto classifier = load(backend, 2);
    std::array<bool, 3> same{};
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < same.size(); ++t) {
      threads.emplace_back([&, t] {
        std::fesetround(t == 1 ? FE_UPWARD : FE_TONEAREST);
#if defined(__x86_64__)
        if (t == 2) _mm_setcsr(_mm_getcsr() | 0x8040);  // flush to zero, denormals are zero
#endif
        const auto before = thread_state();
        classifier->scores(kText);
        const std::vector<TextInput> many(20, kText);
        classifier->classify(many);
        same[t] = thread_state() == before;
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(same == std::array{true, true, true});
    classifier->scores(kText);
    CHECK(thread_state() == thread_before);
    CHECK(process_state() == process_before);
  }
  std::signal(SIGUSR1, previous);
}

TEST_CASE("host state: no thread is started unasked, and none stays", "[properties][host]") {
  for (const Backend& backend : test::backend_values()) {
    INFO(backend.name);
    const std::size_t before = threads_of_process();
    const std::vector<TextInput> many(20, kText);
    {
      const auto classifier = load(backend, 1);
      classifier->scores(many);
      CHECK(threads_of_process() == before);
    }
    {
      const auto classifier = load(backend, 3);
      classifier->scores(many);
      CHECK(threads_of_process() == before + 2);
    }
    CHECK(threads_of_process() == before);
  }
}
