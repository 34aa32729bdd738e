#include "reports/conversion_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

#include "reports/text_output.hpp"

namespace polytag {

namespace {

/// Names longer than this would leave no room for what they become; the line then runs on.
constexpr std::size_t kWidestName = 120;

template <class Tensors, class Name>
std::size_t widest(const Tensors& tensors, Name name) {
  std::size_t width = 0;
  for (const auto& tensor : tensors) width = std::max(width, display_width(name(tensor)));
  return std::min(width, kWidestName);
}

void append_file(std::string& table, std::string_view label, const std::filesystem::path& file) {
  if (!file.empty()) table += fmt::format("{:<11} {}\n", label, file.string());
}

void append_converted(std::string& table, const ConversionReport& report) {
  const std::size_t source = widest(report.converted, [](const auto& t) { return t.source; });
  const std::size_t target = widest(report.converted, [](const auto& t) { return t.target; });
  for (const ConvertedTensor& tensor : report.converted) {
    table += "  ";
    append_cell(table, tensor.source, source);
    table += "  ->  ";
    append_cell(table, tensor.target, target);
    table.append("  ").append(to_string(tensor.target_shape));
    if (!tensor.change.empty()) table.append(", ").append(tensor.change);
    table += '\n';
  }
}

void append_left_out(std::string& table, const ConversionReport& report) {
  if (report.left_out.empty()) return;
  table += "\nLeft out:\n";
  const std::size_t name = widest(report.left_out, [](const auto& t) { return t.name; });
  for (const LeftOutTensor& tensor : report.left_out) {
    table += "  ";
    append_cell(table, tensor.name, name);
    table.append("  ").append(tensor.reason).append("\n");
  }
}

}  // namespace

std::string conversion_table(const ConversionReport& report, const std::filesystem::path& output) {
  std::string table;
  append_file(table, "checkpoint", report.checkpoint);
  append_file(table, "config", report.config);
  append_file(table, "vocabulary", report.vocabulary);
  append_file(table, "labels", report.labels);
  table += fmt::format("{:<11} {}\n", "names", report.naming);
  table += fmt::format("{:<11} {}\n", "encoder", report.model_type);
  table += fmt::format("{:<11} {}\n\n", "head", report.head.empty() ? "none" : report.head);
  append_converted(table, report);
  append_left_out(table, report);
  if (!report.notes.empty()) table += "\nNotes:\n";
  for (const std::string& note : report.notes) table.append("  ").append(note).append("\n");
  table += fmt::format("\n{}: {} tensors converted, {} left out\n", output.string(),
                       report.converted.size(), report.left_out.size());
  return table;
}

}  // namespace polytag
