// A checkpoint of TensorFlow's first format in a table that is sound: the list of variables, then a
// key and a message for each; or one block for Snappy.

#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "polytag/checkpoints/open_checkpoint.hpp"
#include "scratch_directory.hpp"
#include "unit/checkpoints/tf_bundle.hpp"

namespace {

using namespace polytag;

std::string table_of(fuzz::Choices choices) {
  if (choices.flag()) {
    const std::string last_key(1, '\xFF');
    return tf_bundle::Table().add_block(last_key, std::string(choices.rest()), 1).finish();
  }
  const std::size_t entries_per_block = std::size_t{1} + choices.byte() % 4;
  auto [list, rest] = fuzz::split_files<2>(choices.rest());
  tf_bundle::Entries entries{{"", std::string(list)}};
  while (!rest.empty()) {
    const auto [key, message, more] = fuzz::split_files<3>(rest);
    entries.emplace_back(key, message);
    rest = more;
  }
  std::ranges::sort(entries);
  return tf_bundle::table(entries, entries_per_block);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::ScratchDirectory directory;
  const fuzz::Choices choices({reinterpret_cast<const char*>(data), size});
  const auto file = directory.write("model.ckpt", table_of(choices));
  fuzz::succeeds([&] { fuzz::read_all(open_checkpoint(file).weights); });
  return 0;
}
