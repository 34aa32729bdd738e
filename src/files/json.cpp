#include "files/json.hpp"

#include <charconv>
#include <cstdint>
#include <span>
#include <vector>

#include "files/regular_file.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

/// Builds a document from the parser's events. The builder of the library destroys what it has
/// built by Json's destructor, which allocates: after a failed allocation that would end the
/// program.
class JsonBuilder final : public Json::json_sax_t {
 public:
  JsonBuilder(Json& root, std::string_view file) : root_(root), file_(file) {}

  bool null() override { return add(nullptr), true; }
  bool boolean(bool value) override { return add(value), true; }
  bool number_integer(Json::number_integer_t value) override { return add(value), true; }
  bool number_unsigned(Json::number_unsigned_t value) override { return add(value), true; }
  bool number_float(Json::number_float_t value, const std::string&) override {
    return add(value), true;
  }
  bool string(std::string& value) override { return add(std::move(value)), true; }
  bool binary(Json::binary_t&) override { return false; }  // there is none in text

  bool start_object(std::size_t) override { return open(Json::value_t::object), true; }
  bool end_object() override { return open_.pop_back(), true; }
  bool start_array(std::size_t) override { return open(Json::value_t::array), true; }
  bool end_array() override { return open_.pop_back(), true; }

  bool key(std::string& name) override {
    const auto [place, fresh] =
        open_.back()->get_ref<Json::object_t&>().emplace(std::move(name), nullptr);
    if (!fresh) {
      throw FormatError::mismatch(file_, "JSON key \"" + place->first + "\"", "one value",
                                  "a second one");
    }
    member_ = &place->second;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    throw FormatError::mismatch(file_, "JSON", "a valid document", error.what());
  }

 private:
  Json& add(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    if (open_.back()->is_object()) return *member_ = std::move(value);
    open_.back()->push_back(std::move(value));
    return open_.back()->back();
  }

  void open(Json::value_t kind) {
    if (open_.size() == kJsonDepth) {
      throw FormatError::mismatch(file_, "JSON",
                                  "at most " + std::to_string(kJsonDepth) + " levels", "more");
    }
    open_.push_back(&add(kind));
  }

  Json& root_;
  std::string_view file_;
  std::vector<Json*> open_;  // objects and arrays, each within the one before
  Json* member_ = nullptr;   // of the innermost object, whose value comes next
};

/// Empties a document without recursion, so that Json's destructor has nothing to walk through.
void empty(Json& value) noexcept {
  if (!value.is_structured()) return;
  for (Json& child : value) empty(child);
  value.clear();
}

}  // namespace

JsonDocument::~JsonDocument() { empty(root_); }

JsonDocument parse_json(std::string_view bytes, std::string_view file) {
  if (bytes.find('\0') != std::string_view::npos) {  // where the parser would silently stop
    throw FormatError::mismatch(file, "JSON", "a valid document", "a NUL byte");
  }
  JsonDocument document;
  JsonBuilder builder(*document, file);
  Json::sax_parse(bytes.begin(), bytes.end(), &builder);
  return document;
}

std::string read_text_file(const std::string& path, std::size_t most) {
  const RegularFile file(path);
  if (file.size() > most) {
    throw FormatError::mismatch(path, "file size", "at most " + std::to_string(most) + " bytes",
                                std::to_string(file.size()));
  }
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  file.read(0, std::as_writable_bytes(std::span(text)));
  return text;
}

double with_shortest_digits(float number) {
  char digits[32];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  double value = 0;
  std::from_chars(digits, end, value);
  return value;
}

}  // namespace polytag
