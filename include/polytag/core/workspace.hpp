#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "polytag/core/tensor.hpp"
#include "polytag/export.hpp"

namespace polytag {

/// A workspace has no room left. Derives from std::bad_alloc, so that callers who set no limit can
/// treat it as ordinary memory exhaustion.
class WorkspaceFull final : public std::bad_alloc {
 public:
  const char* what() const noexcept override { return "polytag: the workspace is full"; }
};

/// Scratch memory of one forward pass: a stack of uninitialised buffers that is never given back
/// to the system while the workspace lives, so that the steady state allocates nothing.
///
/// A workspace with a limit gives back at once what a scope frees, so that it never holds more
/// than is in use, and never more than the limit.
///
/// One workspace serves one call at a time; it is not thread-safe. Allocate before a parallel
/// region and hand each task its part.
class POLYTAG_EXPORT Workspace {
 public:
  Workspace() = default;
  /// @param limit  bytes that it may hold; allocations beyond throw WorkspaceFull
  explicit Workspace(std::size_t limit) : limit_(limit) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  /// Frees, at its end, everything that was allocated since its beginning.
  class Scope {
   public:
    explicit Scope(Workspace& workspace)
        : workspace_(workspace), block_(workspace.block_), used_(workspace.used_) {}
    ~Scope() { workspace_.free_behind(block_, used_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Workspace& workspace_;
    std::size_t block_;
    std::size_t used_;
  };

  /// Uninitialised elements, aligned to kAlignment, valid until the enclosing Scope ends.
  template <class T>
  requires std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T> std::span<T>
  allocate(std::size_t count) {
    if (count > static_cast<std::size_t>(-1) / 2 / sizeof(T)) throw std::bad_array_new_length();
    return {reinterpret_cast<T*>(allocate_bytes(count * sizeof(T))), count};
  }

  /// An uninitialised float matrix [rows, columns].
  MatrixView<float> matrix(std::size_t rows, std::size_t columns) {
    return {allocate<float>(rows * columns).data(), rows, columns};
  }

  /// Bytes held, used or not.
  std::size_t capacity() const noexcept;
  /// The most bytes that were held at a time. Counted in workspaces with a limit alone.
  std::size_t peak() const noexcept { return peak_; }
  /// The limit of each of `count` workspaces that share what this one has left; none without one.
  std::optional<std::size_t> share_of_rest(std::size_t count) const noexcept;

 private:
  std::byte* allocate_bytes(std::size_t bytes);
  std::byte* allocate_within_limit(std::size_t bytes);
  void free_behind(std::size_t block, std::size_t used) noexcept;

  std::optional<std::size_t> limit_;
  std::size_t held_ = 0;  // bytes of all blocks, with a limit
  std::size_t peak_ = 0;
  std::vector<AlignedBuffer<std::byte>> blocks_;
  std::size_t block_ = 0;  // the block that the next allocation comes from
  std::size_t used_ = 0;   // bytes taken from it
};

}  // namespace polytag
