#include "data/label_reading.hpp"

#include <algorithm>
#include <utility>

namespace polytag {

namespace {

using Kind = FieldValue::Kind;
using Problem = std::optional<LabelProblem>;

template <class Value>
void sort_as_set(std::vector<Value>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Reads one cell under one reading.
class CellReader {
 public:
  CellReader(const LabelCell& cell, const LabelReading& reading, const LabelVocabulary& labels,
             ReadLabels& out)
      : cell_(cell), reading_(reading), labels_(labels), out_(out) {}

  Problem read() {
    out_ = {};
    Problem problem;
    switch (cell_.kind) {
      case LabelCell::Kind::kNone:
        return std::nullopt;
      case LabelCell::Kind::kWrong:
        return complain("a list, a string or a number");
      case LabelCell::Kind::kItems:
        problem = read_items(cell_.items);
        break;
      case LabelCell::Kind::kText:
        problem = read_text();
        break;
    }
    sort_as_set(out_.labels);
    sort_as_set(out_.unknown);
    return problem;
  }

 private:
  Problem read_text() {
    const bool names = reading_.format == LabelFormat::kNames;
    const std::optional<std::size_t> whole = names ? labels_.index_of(cell_.text) : std::nullopt;
    if (!reading_.delimiter) {
      if (!whole && names && holds_several()) {
        return complain("one label, or to know what stands between labels (labels_delimiter)");
      }
      return read_items({FieldValue::of_text(cell_.text)});
    }
    const std::vector<FieldValue> parts = split_labels(cell_.text, *reading_.delimiter);
    if (!whole || parts.size() == 1) return read_items(parts);
    // A label whose name has the delimiter in it, unless all parts are labels as well.
    if (are_names(parts)) return complain("either one label or several, not what can be both");
    out_.labels.push_back(*whole);
    return std::nullopt;
  }

  bool are_names(const std::vector<FieldValue>& parts) const {
    return std::ranges::all_of(
        parts, [&](const FieldValue& part) { return labels_.index_of(part.text).has_value(); });
  }

  /// Whether an unknown name has known ones in it.
  bool holds_several() const {
    return std::ranges::any_of(kLabelDelimiters, [&](char delimiter) {
      return std::ranges::any_of(split_labels(cell_.text, delimiter), [&](const FieldValue& part) {
        return labels_.index_of(part.text).has_value();
      });
    });
  }

  Problem read_items(const std::vector<FieldValue>& items) {
    switch (reading_.format) {
      case LabelFormat::kNames:
        return read_names(items);
      case LabelFormat::kIndices:
        return read_indices(items);
      case LabelFormat::kVector:
        return read_vector(items);
    }
    return std::nullopt;
  }

  Problem read_names(const std::vector<FieldValue>& items) {
    for (const FieldValue& item : items) {
      const bool number = item.kind == Kind::kNumber;
      const std::optional<std::size_t> index = labels_.index_of(item.text);
      if (item.kind != Kind::kText && !(number && index)) return complain("names of labels");
      if (index) {
        out_.labels.push_back(*index);
      } else {
        out_.unknown.push_back(item.text);
      }
    }
    return std::nullopt;
  }

  Problem read_indices(const std::vector<FieldValue>& items) {
    for (const FieldValue& item : items) {
      const bool is_text = item.kind == Kind::kText;
      // In a list, 1.0 belongs to a 0/1 vector; alone, it is how pandas writes an index.
      const bool is_float = item.text.find('.') != std::string::npos;
      const bool may_be =
          (is_text || item.kind == Kind::kNumber) && (!is_float || items.size() == 1);
      const std::optional<std::size_t> index = may_be ? whole_number(item.text) : std::nullopt;
      if (!index || *index >= labels_.size()) {
        return complain("indices of labels below " + std::to_string(labels_.size()));
      }
      if (std::ranges::count(out_.labels, *index) > 0) {
        return complain("indices of labels, each once");
      }
      out_.labels.push_back(*index);
    }
    return std::nullopt;
  }

  Problem read_vector(const std::vector<FieldValue>& items) {
    const std::string expected = std::to_string(labels_.size()) + " values of 0 or 1";
    if (items.empty()) return std::nullopt;
    if (items.size() != labels_.size()) return complain(expected);
    for (std::size_t index = 0; index < items.size(); ++index) {
      const bool quoted = items[index].kind == Kind::kText && cell_.kind != LabelCell::Kind::kText;
      const std::optional<Flag> flag = quoted ? std::nullopt : flag_of(items[index]);
      if (!flag) return complain(expected);
      if (*flag == Flag::kYes) out_.labels.push_back(index);
      if (*flag == Flag::kMissing) out_.missing.push_back(index);
    }
    return std::nullopt;
  }

  LabelProblem complain(std::string expected) const {
    return {std::move(expected), quoted_cell(cell_, labels_)};
  }

  const LabelCell& cell_;
  const LabelReading& reading_;
  const LabelVocabulary& labels_;
  ReadLabels& out_;
};

}  // namespace

std::optional<LabelProblem> read_labels(const LabelCell& cell, const LabelReading& reading,
                                        const LabelVocabulary& labels, ReadLabels& out) {
  return CellReader(cell, reading, labels, out).read();
}

std::string quoted_name(const std::string& name, const LabelVocabulary& labels) {
  const auto nearest = labels.index_of(name) ? std::nullopt : labels.nearest(name);
  return '"' + name + '"' + (nearest ? " (is \"" + labels.name(*nearest) + "\" meant?)" : "");
}

std::string quoted_cell(const LabelCell& cell, const LabelVocabulary& labels) {
  if (cell.kind == LabelCell::Kind::kWrong) return "an object";
  if (cell.kind == LabelCell::Kind::kText) return quoted_name(cell.text, labels);
  std::string list = "[";
  for (const FieldValue& item : cell.items) {
    if (list.size() > 100) {
      list += ", …";
      break;
    }
    if (list.size() > 1) list += ", ";
    list += item.kind == Kind::kText ? quoted_name(item.text, labels)
            : item.text.empty()      ? std::string(name_of(item.kind))
                                     : item.text;
  }
  return list + ']';
}

}  // namespace polytag
