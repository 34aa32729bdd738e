#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "polytag/export.hpp"

namespace polytag {

/// Dimensions of a tensor, outermost first; empty for a scalar.
using Shape = std::vector<std::size_t>;

/// The number of elements of a shape; 1 for a scalar.
/// @throws ShapeError if the product does not fit a std::size_t
POLYTAG_EXPORT std::size_t element_count(const Shape& shape);

/// A shape as users read it: "[312, 768]".
POLYTAG_EXPORT std::string to_string(const Shape& shape);

/// Every buffer starts at a cache line, which is also the width of the widest vector register.
inline constexpr std::size_t kAlignment = 64;

/// Uninitialised storage for trivial elements that begins at a multiple of kAlignment. Moves only.
template <class T>
requires std::is_trivially_copyable_v<T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size)
      : data_(size == 0 ? nullptr
                        : static_cast<T*>(
                              ::operator new (checked_bytes(size), std::align_val_t{kAlignment}))),
        size_(size) {}

  T* data() noexcept { return data_.get(); }
  const T* data() const noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }
  std::span<T> span() noexcept { return {data(), size_}; }
  std::span<const T> span() const noexcept { return {data(), size_}; }

 private:
  struct Free {
    void operator()(T* data) const noexcept {
      ::operator delete (data, std::align_val_t{kAlignment});
    }
  };
  static std::size_t checked_bytes(std::size_t size) {
    if (size > static_cast<std::size_t>(-1) / sizeof(T)) throw std::bad_array_new_length();
    return size * sizeof(T);
  }

  std::unique_ptr<T, Free> data_;
  std::size_t size_ = 0;
};

/// A row-major matrix somebody else owns; rows may stand further apart than they are wide.
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t stride = 0;  ///< elements from one row's start to the next one's, >= columns

  MatrixView() = default;
  MatrixView(T* data_, std::size_t rows_, std::size_t columns_)
      : MatrixView(data_, rows_, columns_, columns_) {}
  MatrixView(T* data_, std::size_t rows_, std::size_t columns_, std::size_t stride_)
      : data(data_), rows(rows_), columns(columns_), stride(stride_) {}

  operator MatrixView<const T>() const requires(!std::is_const_v<T>) {
    return {data, rows, columns, stride};
  }

  std::span<T> row(std::size_t index) const { return {data + index * stride, columns}; }
  MatrixView row_range(std::size_t begin, std::size_t count) const {
    return {data + begin * stride, count, columns, stride};
  }
  MatrixView column_range(std::size_t begin, std::size_t count) const {
    return {data + begin, rows, count, stride};
  }
};

/// A dense float32 tensor that owns its elements. Moves, and copies only through clone().
class POLYTAG_EXPORT Tensor {
 public:
  Tensor() = default;
  /// Uninitialised. @throws ShapeError if the element count does not fit a std::size_t
  explicit Tensor(Shape shape) : shape_(std::move(shape)), elements_(element_count(shape_)) {}

  const Shape& shape() const noexcept { return shape_; }
  std::size_t size() const noexcept { return elements_.size(); }
  std::span<float> span() noexcept { return elements_.span(); }
  std::span<const float> span() const noexcept { return elements_.span(); }

  /// The tensor as a matrix: the first dimension is rows, all others together are columns.
  MatrixView<float> matrix() { return {elements_.data(), rows(), columns()}; }
  MatrixView<const float> matrix() const { return {elements_.data(), rows(), columns()}; }

  Tensor clone() const;

 private:
  std::size_t rows() const { return shape_.empty() ? 1 : shape_.front(); }
  std::size_t columns() const { return rows() == 0 ? 0 : size() / rows(); }

  Shape shape_;
  AlignedBuffer<float> elements_;
};

}  // namespace polytag
