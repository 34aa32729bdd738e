#include "reports/bench_report.hpp"

#include <fmt/core.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "reports/checkpoint_report.hpp"

namespace polytag {

namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr double kMilliseconds = 1e3;

double texts_per_second(const BenchReport& report, const SpeedReport& speed) {
  return static_cast<double>(report.texts) / speed.seconds_per_batch;
}

double tokens_per_second(const BenchReport& report, const SpeedReport& speed) {
  return static_cast<double>(report.tokens) / speed.seconds_per_batch;
}

std::string title(const BenchReport& report) {
  const ModelDescription& description = report.precisions.front().description;
  std::string out = fmt::format("{}: {} on {}, {}\n", report.model, description.backend,
                                to_string(description.instruction_set), description.head);
  out += fmt::format("{} texts", report.texts);
  if (report.texts < report.all_texts) {
    out += fmt::format(" (drawn from {}; a longer measurement takes more)", report.all_texts);
  }
  return out + fmt::format(", {:.1f} tokens a text, {} rounds\n\n",
                           static_cast<double>(report.tokens) / static_cast<double>(report.texts),
                           report.rounds);
}

std::string speeds_as_text(const BenchReport& report) {
  std::string out =
      fmt::format("{:<10}{:>8}{:>10}{:>10}{:>10}{:>10}{:>10}{:>11}{:>12}\n", "precision", "threads",
                  "p50", "p95", "p99", "minimum", "mean", "texts/s", "tokens/s");
  for (const SpeedReport& speed : report.speeds) {
    const LatencySummary& latency = speed.latency;
    fmt::format_to(std::back_inserter(out), "{:<10}{:>8}",
                   to_string(report.precisions[speed.precision].description.precision),
                   speed.threads);
    for (const double seconds :
         {latency.p50, latency.p95, latency.p99, latency.minimum, latency.mean}) {
      fmt::format_to(std::back_inserter(out), "{:>10.3f}", seconds * kMilliseconds);
    }
    fmt::format_to(std::back_inserter(out), "{:>11.1f}{:>12.0f}\n", texts_per_second(report, speed),
                   tokens_per_second(report, speed));
  }
  const std::size_t calls = report.speeds.front().latency.calls;
  out += fmt::format("Latency in ms, of {} calls with one text each", calls);
  // The nearest rank of p99 is the largest of fewer values.
  if (calls < 100) out += " (so few that p99 is the slowest; a longer measurement makes more)";
  return out + ". Throughput with all texts in one call, the median.\n";
}

std::string precisions_as_text(const BenchReport& report) {
  std::string out = fmt::format("{:<10}{:>10}{:>12}{:>12}{:>18}{:>13}\n", "precision", "load ms",
                                "resident", "peak", "score difference", "same labels");
  for (const PrecisionReport& precision : report.precisions) {
    const auto& memory = precision.memory;
    fmt::format_to(std::back_inserter(out), "{:<10}{:>10.1f}{:>12}{:>12}{:>18.2g}{:>11.2f} %\n",
                   to_string(precision.description.precision),
                   precision.load_seconds * kMilliseconds,
                   memory ? readable_size(memory->bytes) : "-",
                   memory ? readable_size(memory->peak_bytes) : "-",
                   precision.agreement.score_difference, precision.agreement.same_labels * 100);
  }
  return out +
         "Memory of a process that has loaded the model and nothing else. Score difference: the\n"
         "largest from float32's; same labels: texts with the labels that float32 gives them.\n";
}

OrderedJson as_json(const LatencySummary& latency) {
  return {{"calls", latency.calls},
          {"p50", latency.p50 * kMilliseconds},
          {"p95", latency.p95 * kMilliseconds},
          {"p99", latency.p99 * kMilliseconds},
          {"minimum", latency.minimum * kMilliseconds},
          {"mean", latency.mean * kMilliseconds}};
}

OrderedJson as_json(const BenchReport& report, const SpeedReport& speed) {
  const PrecisionReport& precision = report.precisions[speed.precision];
  const auto& memory = precision.memory;
  return {{"model", report.model},
          {"backend", precision.description.backend},
          {"instruction_set", to_string(precision.description.instruction_set)},
          {"precision", to_string(precision.description.precision)},
          {"threads", speed.threads},
          {"texts", report.texts},
          {"tokens", report.tokens},
          {"rounds", report.rounds},
          {"latency_ms", as_json(speed.latency)},
          {"texts_per_second", texts_per_second(report, speed)},
          {"tokens_per_second", tokens_per_second(report, speed)},
          {"load_ms", precision.load_seconds * kMilliseconds},
          {"resident_bytes", memory ? OrderedJson(memory->bytes) : OrderedJson(nullptr)},
          {"peak_resident_bytes", memory ? OrderedJson(memory->peak_bytes) : OrderedJson(nullptr)},
          {"score_difference", precision.agreement.score_difference},
          {"same_labels", precision.agreement.same_labels}};
}

}  // namespace

std::string report_as_text(const BenchReport& report) {
  return title(report) + speeds_as_text(report) + '\n' + precisions_as_text(report);
}

std::string report_as_jsonl(const BenchReport& report) {
  std::string out;
  for (const SpeedReport& speed : report.speeds) {
    // Bytes of a path that are not UTF-8 become U+FFFD.
    out += as_json(report, speed).dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
    out += '\n';
  }
  return out;
}

}  // namespace polytag
