// The entries of a TensorFlow checkpoint in a table that is sound: the data, then a key and a
// message for each.

#include <algorithm>
#include <string>

#include "checkpoints/bundle_messages.hpp"
#include "fuzz.hpp"
#include "polytag/checkpoints/tf_checkpoint.hpp"
#include "scratch_directory.hpp"
#include "unit/checkpoints/tf_bundle.hpp"

namespace {

using namespace polytag;

/// The checksum of the bytes that an entry names, as a field that overrides one before it.
std::string right_checksum(std::string_view message, std::string_view content) {
  std::string field;
  fuzz::succeeds([&] {
    const BundleEntry entry = read_bundle_entry(std::as_bytes(std::span(message)), "", "");
    if (entry.offset > content.size()) return;
    const std::string_view bytes = content.substr(entry.offset, entry.size);
    field = tf_bundle::fixed32_field(6, tf_bundle::masked_crc_of(bytes));
  });
  return field;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchDirectory directory;
  fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const std::size_t entries_per_block = std::size_t{1} + choices.byte() % 4;
  const bool keep_order = choices.flag();
  auto [content, rest] = fuzz::split_files<2>(choices.rest());
  tf_bundle::Entries entries;
  while (!rest.empty()) {
    const auto [key, message, more] = fuzz::split_files<3>(rest);
    std::string value(message);
    if (!key.empty()) value += right_checksum(message, content);
    entries.emplace_back(key, std::move(value));
    rest = more;
  }
  if (!keep_order) std::ranges::sort(entries);
  directory.write("model.index", tf_bundle::table(entries, entries_per_block));
  directory.write("model.data-00000-of-00001", content);
  directory.write("model.data-00001-of-00002", content);
  fuzz::succeeds([&] { fuzz::read_all(open_tf_checkpoint(directory.path() / "model")); });
  return 0;
}
