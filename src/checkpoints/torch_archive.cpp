#include "polytag/checkpoints/torch_archive.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "checkpoints/sharded_weights.hpp"
#include "checkpoints/torch_file.hpp"
#include "files/byte_reader.hpp"
#include "polytag/error.hpp"

namespace polytag {

TorchFormat torch_format(const StoredBytes& bytes) {
  // The pickle of the magic number has a header of up to 11 bytes.
  constexpr std::string_view kMagic("\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19");
  constexpr std::size_t kMostHeaderBytes = 11;
  constexpr std::string_view kTarMagic = "ustar";
  constexpr std::size_t kTarMagicAt = 257;
  const auto start =
      bytes.subrange(0, std::min(bytes.size(), kTarMagicAt + kTarMagic.size())).read();
  const std::string_view text = as_text(start.span());
  if (text.starts_with("PK")) return TorchFormat::kZip;
  if (text.starts_with('\x80') &&
      text.substr(0, kMostHeaderBytes + kMagic.size()).find(kMagic) != std::string_view::npos) {
    return TorchFormat::kLegacy;
  }
  return text.ends_with(kTarMagic) && text.size() == kTarMagicAt + kTarMagic.size()
             ? TorchFormat::kTar
             : TorchFormat::kNone;
}

OpenedCheckpoint open_torch_file(const std::filesystem::path& file) {
  constexpr std::string_view kExpected =
      "the zip archive that torch.save writes since PyTorch 1.6, or the pickles that it wrote "
      "before";
  const StoredBytes bytes(file);
  const std::string name = file.string();
  switch (torch_format(bytes)) {
    case TorchFormat::kZip:
      return read_torch_zip(bytes, name);
    case TorchFormat::kLegacy:
      return read_torch_legacy(bytes, name);
    case TorchFormat::kTar:
      throw FormatError::mismatch(name, "format", kExpected,
                                  "a tar archive, as PyTorch 0.1 wrote it; load it with PyTorch "
                                  "and save it again");
    case TorchFormat::kNone:
      break;
  }
  throw FormatError::mismatch(name, "format", kExpected, "another format");
}

OpenedCheckpoint open_torch_shards(const std::filesystem::path& index) {
  std::vector<UnreadValue> unread;
  WeightSource weights = open_shards(index, [&](const std::filesystem::path& file) {
    OpenedCheckpoint shard = open_torch_file(file);
    std::ranges::move(shard.unread, std::back_inserter(unread));
    const auto tensors = shard.weights.tensors();
    return std::vector<StoredTensor>(tensors.begin(), tensors.end());
  });
  return {kTorchFormat, std::move(weights), std::move(unread)};
}

WeightSource open_torch_archive(const std::filesystem::path& file) {
  return std::move(open_torch_file(file).weights);
}

}  // namespace polytag
