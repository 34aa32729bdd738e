#include "reports/checkpoint_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "reports/text_output.hpp"

namespace polytag {

namespace {

std::size_t parameter_count(const WeightSource& weights) {
  std::size_t count = 0;
  for (const StoredTensor& tensor : weights.tensors()) count += element_count(tensor.shape);
  return count;
}

std::size_t byte_count(const WeightSource& weights) {
  std::size_t count = 0;
  for (const StoredTensor& tensor : weights.tensors()) count += tensor.bytes.size();
  return count;
}

}  // namespace

std::string checkpoint_table(const OpenedCheckpoint& checkpoint) {
  const WeightSource& weights = checkpoint.weights;
  std::size_t name_width = 0;
  std::size_t type_width = 0;
  for (const StoredTensor& tensor : weights.tensors()) {
    name_width = std::max(name_width, display_width(tensor.name));
    type_width = std::max(type_width, to_string(tensor.type).size());
  }
  std::string table;
  for (const StoredTensor& tensor : weights.tensors()) {
    append_cell(table, tensor.name, name_width);
    table += "  ";
    append_cell(table, to_string(tensor.type), type_width);
    table.append("  ").append(to_string(tensor.shape)).append("\n");
  }
  for (const UnreadValue& value : checkpoint.unread) {
    append_cell(table, value.name, name_width);
    table.append("  not read: ").append(value.reason).append("\n");
  }
  table += fmt::format("{}: {}, {} tensors, {} elements, {}\n", weights.location(),
                       checkpoint.format, weights.tensors().size(), parameter_count(weights),
                       readable_size(byte_count(weights)));
  return table;
}

nlohmann::ordered_json checkpoint_json(const OpenedCheckpoint& checkpoint) {
  const WeightSource& weights = checkpoint.weights;
  nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
  for (const StoredTensor& tensor : weights.tensors()) {
    tensors.push_back(
        {{"name", tensor.name}, {"type", to_string(tensor.type)}, {"shape", tensor.shape}});
  }
  nlohmann::ordered_json unread = nlohmann::ordered_json::array();
  for (const UnreadValue& value : checkpoint.unread) {
    unread.push_back({{"name", value.name}, {"reason", value.reason}});
  }
  return {{"format", checkpoint.format},          {"location", weights.location()},
          {"elements", parameter_count(weights)}, {"bytes", byte_count(weights)},
          {"tensors", std::move(tensors)},        {"unread", std::move(unread)}};
}

std::string readable_size(std::size_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (size >= 999.95 && unit + 1 < kUnits.size()) {
    size /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace polytag
