#include "convert/converted_weights.hpp"

#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

using Bytes = AlignedBuffer<std::byte>;

std::string object_of(const StoredTensor& tensor) { return "tensor \"" + tensor.name + "\""; }

/// The shape with the last dimension first, and without the one channel of a convolution over
/// text: [width, hidden, 1, filters] becomes [filters, width, hidden].
Shape transposed_shape(const StoredTensor& tensor) {
  if (tensor.shape.size() < 2) {
    throw ShapeError::mismatch(tensor.file, object_of(tensor), "at least two dimensions",
                               to_string(tensor.shape));
  }
  Shape shape{tensor.shape.back()};
  shape.insert(shape.end(), tensor.shape.begin(), tensor.shape.end() - 1);
  if (shape.size() == 4 && shape.back() == 1) shape.pop_back();
  return shape;
}

StoredBytes transposed_bytes(const StoredTensor& tensor) {
  const std::size_t size = size_of(tensor.type);
  const std::size_t columns = tensor.shape.back();
  const std::size_t rows = columns == 0 ? 0 : tensor.bytes.size() / size / columns;
  const Bytes stored = tensor.bytes.read();
  Bytes bytes(stored.size());
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::memcpy(bytes.data() + (column * rows + row) * size,
                  stored.data() + (row * columns + column) * size, size);
    }
  }
  return StoredBytes(std::move(bytes));
}

/// Tensors of one shape that become one tensor, by their places in it.
using Parts = std::map<std::size_t, const StoredTensor*>;

StoredTensor stack(const std::string& target, const Parts& parts) {
  const StoredTensor& first = *parts.begin()->second;
  std::size_t expected = 0;
  for (const auto& [place, tensor] : parts) {
    if (place != expected) {
      throw ShapeError::mismatch(tensor->file, object_of(*tensor),
                                 "the one before it, number " + std::to_string(expected),
                                 "number " + std::to_string(place));
    }
    ++expected;
    if (tensor->shape != first.shape || tensor->type != first.type) {
      throw ShapeError::mismatch(
          tensor->file, object_of(*tensor),
          std::string(to_string(first.type)) + " " + to_string(first.shape) + " as \"" +
              first.name + "\" has",
          std::string(to_string(tensor->type)) + " " + to_string(tensor->shape));
    }
  }
  const std::size_t size = first.bytes.size();
  Bytes bytes(size * parts.size());
  for (const auto& [place, tensor] : parts) {
    tensor->bytes.read(0, bytes.span().subspan(place * size, size));
  }
  Shape shape = first.shape;
  shape.insert(shape.begin(), parts.size());
  return {target, first.type, std::move(shape), StoredBytes(std::move(bytes)), first.file};
}

}  // namespace

ConvertedWeights convert_weights(const WeightSource& source, const TensorNames& names,
                                 const std::stop_token& stop) {
  std::vector<StoredTensor> tensors;
  std::vector<ConvertedTensor> converted;
  std::vector<LeftOutTensor> left_out;
  std::map<std::string, Parts> stacked;
  for (const StoredTensor& tensor : source.tensors()) {
    if (stop.stop_requested()) throw CancelledError::requested();
    MappedName mapped = names.map(tensor.name);
    if (!mapped.left_out.empty()) {
      left_out.push_back({tensor.name, std::string(mapped.left_out)});
    } else if (mapped.part) {
      stacked[mapped.target].emplace(*mapped.part, &tensor);
    } else if (mapped.transposed) {
      converted.push_back(
          {tensor.name, mapped.target, tensor.shape, transposed_shape(tensor), "transposed"});
      tensors.push_back({std::move(mapped.target), tensor.type, converted.back().target_shape,
                         transposed_bytes(tensor), tensor.file});
    } else {
      converted.push_back({tensor.name, mapped.target, tensor.shape, tensor.shape, ""});
      tensors.push_back(
          {std::move(mapped.target), tensor.type, tensor.shape, tensor.bytes, tensor.file});
    }
  }
  for (const auto& [target, parts] : stacked) {
    tensors.push_back(stack(target, parts));
    for (const auto& [place, tensor] : parts) {
      converted.push_back(
          {tensor->name, target, tensor->shape, tensors.back().shape,
           "part " + std::to_string(place + 1) + " of " + std::to_string(parts.size())});
    }
  }
  return {WeightSource(source.location(), std::move(tensors)), std::move(converted),
          std::move(left_out)};
}

}  // namespace polytag
