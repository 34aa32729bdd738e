#include <fmt/core.h>

#include <cstring>
#include <string_view>

#include "files/crc32.hpp"
#include "reports/training_report.hpp"

namespace polytag {

namespace {

using training::DevelopmentReport;
using training::StepReport;
using training::TrainingSummary;

/// Visits steps and evaluations in the order in which they happened.
template <class Step, class Evaluation>
void in_order(const TrainingSummary& summary, Step step, Evaluation evaluation) {
  auto next = summary.evaluations.begin();
  const auto end = summary.evaluations.end();
  for (const StepReport& report : summary.steps_taken) {
    for (; next != end && next->step < report.step; ++next) evaluation(*next);
    step(report);
  }
  for (; next != end; ++next) evaluation(*next);
}

/// Fields of protocol buffers, as far as events need them.
class Message {
 public:
  void varint(int field, std::uint64_t value) {
    key(field, 0);
    number(value);
  }
  void fixed64(int field, double value) {
    key(field, 1);
    raw(value);
  }
  void fixed32(int field, float value) {
    key(field, 5);
    raw(value);
  }
  void bytes(int field, std::string_view value) {
    key(field, 2);
    number(value.size());
    out_.append(value);
  }
  const std::string& text() const { return out_; }

 private:
  void key(int field, int type) { number(static_cast<std::uint64_t>(field * 8 + type)); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  template <class Value>
  void raw(Value value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
  }

  std::string out_;
};

/// TFRecords: a length, its checksum, the bytes, their checksum.
class EventFile {
 public:
  explicit EventFile(double wall_time) : wall_time_(wall_time) {
    Message event;
    event.fixed64(1, wall_time_);
    event.bytes(3, "brain.Event:2");
    record(event.text());
  }

  void scalar(std::size_t step, std::string_view tag, double value) {
    Message entry;
    entry.bytes(1, tag);
    entry.fixed32(2, static_cast<float>(value));
    Message entries;
    entries.bytes(1, entry.text());
    Message event;
    event.fixed64(1, wall_time_);
    event.varint(2, step);
    event.bytes(5, entries.text());
    record(event.text());
  }

  std::string take() { return std::move(out_); }

 private:
  void record(std::string_view data) {
    const std::uint64_t size = data.size();
    append(&size, sizeof size);
    checksum({reinterpret_cast<const char*>(&size), sizeof size});
    out_.append(data);
    checksum(data);
  }
  void checksum(std::string_view data) {
    const std::uint32_t crc = masked_crc(crc32c(std::as_bytes(std::span(data))));
    append(&crc, sizeof crc);
  }
  void append(const void* data, std::size_t size) {
    out_.append(static_cast<const char*>(data), size);
  }

  double wall_time_;
  std::string out_;
};

}  // namespace

std::string training_csv(const TrainingSummary& summary) {
  std::string out =
      "step,epoch,loss,grad_norm,learning_rate,eval_loss,eval_f1_micro,eval_f1_macro,"
      "eval_f1_samples,eval_subset_accuracy\n";
  in_order(
      summary,
      [&](const StepReport& step) {
        out += fmt::format("{},{},{},{},{},,,,,\n", step.step, step.epoch, step.loss,
                           step.gradient_norm, step.learning_rate);
      },
      [&](const DevelopmentReport& report) {
        out += fmt::format("{},{},,,,{},{},{},{},{}\n", report.step, report.epoch, report.loss,
                           report.f1_micro, report.f1_macro, report.f1_samples,
                           report.subset_accuracy);
      });
  return out;
}

std::string training_events(const TrainingSummary& summary, double wall_time) {
  EventFile file(wall_time);
  in_order(
      summary,
      [&](const StepReport& step) {
        file.scalar(step.step, "train/loss", step.loss);
        file.scalar(step.step, "train/grad_norm", step.gradient_norm);
        file.scalar(step.step, "train/learning_rate", step.learning_rate);
        file.scalar(step.step, "train/epoch", step.epoch);
      },
      [&](const DevelopmentReport& report) {
        file.scalar(report.step, "eval/loss", report.loss);
        file.scalar(report.step, "eval/f1_micro", report.f1_micro);
        file.scalar(report.step, "eval/f1_macro", report.f1_macro);
        file.scalar(report.step, "eval/f1_samples", report.f1_samples);
        file.scalar(report.step, "eval/subset_accuracy", report.subset_accuracy);
      });
  return file.take();
}

}  // namespace polytag
