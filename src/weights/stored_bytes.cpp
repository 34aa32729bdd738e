#include "polytag/weights/stored_bytes.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "files/regular_file.hpp"

namespace polytag {

namespace {

/// Large enough that calls of the system cost nothing beside the copying, small enough to stay in
/// cache until a piece has been looked at.
constexpr std::size_t kPieceSize = std::size_t{1} << 17;
static_assert(kPieceSize % kAlignment == 0);

}  // namespace

StoredBytes::StoredBytes(std::span<const std::byte> memory, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)), memory_(memory.data()), size_(memory.size()) {}

StoredBytes::StoredBytes(AlignedBuffer<std::byte> memory) {
  const auto owner = std::make_shared<const AlignedBuffer<std::byte>>(std::move(memory));
  *this = StoredBytes(owner->span(), owner);
}

StoredBytes::StoredBytes(const std::filesystem::path& file)
    : file_(std::make_shared<const RegularFile>(file)),
      size_(static_cast<std::size_t>(file_->size())) {}

StoredBytes StoredBytes::subrange(std::size_t offset, std::size_t count) const {
  StoredBytes part = *this;
  if (file_) {
    part.offset_ += offset;
  } else if (memory_ != nullptr) {
    part.memory_ += offset;
  }
  part.size_ = count;
  return part;
}

void StoredBytes::read(std::size_t offset, std::span<std::byte> out) const {
  if (out.empty()) return;
  if (file_) {
    file_->read(offset_ + offset, out);
  } else {
    std::memcpy(out.data(), memory_ + offset, out.size());
  }
}

AlignedBuffer<std::byte> StoredBytes::read() const {
  AlignedBuffer<std::byte> bytes(size_);
  read(0, bytes.span());
  return bytes;
}

void StoredBytes::for_each_piece(
    const std::function<void(std::span<const std::byte>)>& visit) const {
  if (!file_) return visit({memory_, size_});
  AlignedBuffer<std::byte> buffer(std::min(size_, kPieceSize));
  for (std::size_t done = 0; done < size_;) {
    const auto piece = buffer.span().first(std::min(size_ - done, kPieceSize));
    read(done, piece);
    visit(piece);
    done += piece.size();
  }
}

}  // namespace polytag
