#include "model/converted_weights.hpp"

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "polytag/error.hpp"

namespace polytag {

namespace {

using Bytes = std::vector<std::byte>;

/// What the new tensors' bytes point into.
struct Owner {
  std::shared_ptr<const void> source;
  std::vector<std::unique_ptr<Bytes>> made;
};

std::string object_of(const StoredTensor& tensor) { return "tensor \"" + tensor.name + "\""; }

/// The last dimension goes first, and the one channel of a convolution over text goes away:
/// [width, hidden, 1, filters] becomes [filters, width, hidden].
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

Bytes transposed_bytes(const StoredTensor& tensor) {
  const std::size_t size = size_of(tensor.type);
  const std::size_t columns = tensor.shape.back();
  const std::size_t rows = columns == 0 ? 0 : tensor.bytes.size() / size / columns;
  Bytes bytes(tensor.bytes.size());
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::memcpy(bytes.data() + (column * rows + row) * size,
                  tensor.bytes.data() + (row * columns + column) * size, size);
    }
  }
  return bytes;
}

/// Tensors of one shape that become one tensor, by their places in it.
using Parts = std::map<std::size_t, const StoredTensor*>;

StoredTensor stack(const std::string& target, const Parts& parts, Owner& owner) {
  const StoredTensor& first = *parts.begin()->second;
  Bytes bytes;
  bytes.reserve(first.bytes.size() * parts.size());
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
    bytes.insert(bytes.end(), tensor->bytes.begin(), tensor->bytes.end());
  }
  Shape shape = first.shape;
  shape.insert(shape.begin(), parts.size());
  owner.made.push_back(std::make_unique<Bytes>(std::move(bytes)));
  return {target, first.type, std::move(shape), *owner.made.back(), first.file};
}

}  // namespace

ConvertedWeights convert_weights(const WeightSource& source, const NameMap& names) {
  const auto owner = std::make_shared<Owner>();
  owner->source = source.owner();
  std::vector<StoredTensor> tensors;
  std::vector<ConvertedTensor> converted;
  std::vector<LeftOutTensor> left_out;
  std::map<std::string, Parts> stacked;
  for (const StoredTensor& tensor : source.tensors()) {
    MappedName mapped = names.map(tensor.name);
    if (!mapped.left_out.empty()) {
      left_out.push_back({tensor.name, std::string(mapped.left_out)});
    } else if (mapped.part) {
      stacked[mapped.target].emplace(*mapped.part, &tensor);
    } else if (mapped.transposed) {
      converted.push_back(
          {tensor.name, mapped.target, tensor.shape, transposed_shape(tensor), "transposed"});
      owner->made.push_back(std::make_unique<Bytes>(transposed_bytes(tensor)));
      tensors.push_back({std::move(mapped.target), tensor.type, converted.back().target_shape,
                         *owner->made.back(), tensor.file});
    } else {
      converted.push_back({tensor.name, mapped.target, tensor.shape, tensor.shape, ""});
      tensors.push_back(
          {std::move(mapped.target), tensor.type, tensor.shape, tensor.bytes, tensor.file});
    }
  }
  for (const auto& [target, parts] : stacked) {
    tensors.push_back(stack(target, parts, *owner));
    for (const auto& [place, tensor] : parts) {
      converted.push_back(
          {tensor->name, target, tensor->shape, tensors.back().shape,
           "part " + std::to_string(place + 1) + " of " + std::to_string(parts.size())});
    }
  }
  return {WeightSource(source.location(), std::move(tensors), owner), std::move(converted),
          std::move(left_out)};
}

}  // namespace polytag
