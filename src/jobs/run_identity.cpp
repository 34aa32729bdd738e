#include "jobs/run_identity.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "files/crc32.hpp"
#include "files/regular_file.hpp"
#include "polytag/version.hpp"

namespace polytag {

namespace {

namespace fs = std::filesystem;

std::string checksum_of(const fs::path& path) {
  const RegularFile file(path);
  std::vector<std::byte> block(std::size_t{1} << 20);
  std::uint32_t checksum = 0;
  for (std::uint64_t at = 0; at < file.size(); at += block.size()) {
    block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), file.size() - at)));
    file.read(at, block);
    checksum = crc32c(block, checksum);
  }
  return fmt::format("{} bytes, CRC-32C {:08x}", file.size(), checksum);
}

void append_files(const fs::path& model, RunIdentity& identity) {
  static const std::set<std::string> kRead{".json", ".txt", ".safetensors"};
  std::set<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(model)) {
    if (entry.is_regular_file() && kRead.contains(entry.path().extension())) {
      files.insert(entry.path());
    }
  }
  for (const fs::path& file : files) {
    identity.emplace_back(file.filename(), checksum_of(file));
  }
}

}  // namespace

RunIdentity run_identity(std::string_view job, RunIdentity options, const fs::path& model,
                         const MultiLabelClassifier* classifier) {
  RunIdentity identity{{"polytag", std::string(version()).append(" ").append(job)}};
  std::ranges::move(options, std::back_inserter(identity));
  append_files(model, identity);
  if (classifier != nullptr) {
    const ModelDescription& description = classifier->description();
    identity.emplace_back("precision", to_string(description.precision));
    // Results of different instruction sets agree only within a tolerance.
    identity.emplace_back("instruction set", to_string(description.instruction_set));
  }
  return identity;
}

}  // namespace polytag
