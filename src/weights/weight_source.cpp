#include "polytag/weights/weight_source.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>

#include "core/edit_distance.hpp"
#include "polytag/error.hpp"

namespace polytag {

namespace {

static_assert(std::endian::native == std::endian::little, "stored tensors are little-endian");
static_assert(sizeof(std::size_t) == 8, "sizes of stored tensors are 64-bit numbers");

/// Names that are compared with a missing one, at most: a hostile file has more than any model.
constexpr std::size_t kMostCandidates = 10000;

float from_bfloat16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

/// IEEE 754 half precision: sign, 5 bits of exponent, 10 of fraction.
float from_float16(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13));
  if (exponent != 0) {
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  }
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;  // zero and subnormals
  return sign != 0 ? -magnitude : magnitude;
}

template <class Stored, class Convert>
void convert_each(std::span<const std::byte> bytes, std::span<float> out, Convert convert) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored element;
    std::memcpy(&element, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = convert(element);
  }
}

/// The elements of a tensor of a floating-point type.
void read_floats(const StoredTensor& stored, std::span<float> out) {
  if (stored.type == ElementType::kFloat32) {
    return stored.bytes.read(0, std::as_writable_bytes(out));
  }
  std::size_t done = 0;
  stored.bytes.for_each_piece([&](std::span<const std::byte> piece) {
    const std::size_t count = piece.size() / size_of(stored.type);
    to_float32(stored.type, piece, out.subspan(done, count));
    done += count;
  });
}

}  // namespace

std::size_t size_of(ElementType type) noexcept {
  switch (type) {
    case ElementType::kFloat64:
    case ElementType::kInt64:
      return 8;
    case ElementType::kFloat32:
    case ElementType::kInt32:
      return 4;
    case ElementType::kFloat16:
    case ElementType::kBfloat16:
    case ElementType::kInt16:
      return 2;
    case ElementType::kInt8:
    case ElementType::kUint8:
    case ElementType::kBool:
      return 1;
  }
  return 0;
}

std::string_view to_string(ElementType type) noexcept {
  switch (type) {
    case ElementType::kFloat64:
      return "float64";
    case ElementType::kFloat32:
      return "float32";
    case ElementType::kFloat16:
      return "float16";
    case ElementType::kBfloat16:
      return "bfloat16";
    case ElementType::kInt64:
      return "int64";
    case ElementType::kInt32:
      return "int32";
    case ElementType::kInt16:
      return "int16";
    case ElementType::kInt8:
      return "int8";
    case ElementType::kUint8:
      return "uint8";
    case ElementType::kBool:
      return "bool";
  }
  return "unknown";
}

bool to_float32(ElementType type, std::span<const std::byte> bytes, std::span<float> out) noexcept {
  switch (type) {
    case ElementType::kFloat32:
      if (!out.empty()) std::memcpy(out.data(), bytes.data(), out.size_bytes());
      return true;
    case ElementType::kFloat64:
      convert_each<double>(bytes, out, [](double value) { return static_cast<float>(value); });
      return true;
    case ElementType::kFloat16:
      convert_each<std::uint16_t>(bytes, out, from_float16);
      return true;
    case ElementType::kBfloat16:
      convert_each<std::uint16_t>(bytes, out, from_bfloat16);
      return true;
    default:
      return false;
  }
}

void from_int8(std::span<const std::byte> bytes, float scale, std::span<float> out) noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = scale * static_cast<float>(static_cast<std::int8_t>(bytes[i]));
  }
}

WeightSource::WeightSource(std::string location, std::vector<StoredTensor> tensors)
    : location_(std::move(location)), tensors_(std::move(tensors)) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const StoredTensor& tensor = tensors_[i];
    const std::size_t size = size_of(tensor.type);
    if (tensor.bytes.size() % size != 0 ||
        tensor.bytes.size() / size != element_count(tensor.shape)) {
      throw FormatError::mismatch(
          tensor.file, "tensor \"" + tensor.name + "\"",
          "the bytes of " + std::string(to_string(tensor.type)) + " " + to_string(tensor.shape),
          std::to_string(tensor.bytes.size()) + " bytes");
    }
    const auto [place, fresh] = indices_.emplace(tensor.name, i);
    if (!fresh) {
      throw FormatError::mismatch(tensor.file, "tensor \"" + tensor.name + "\"", "one definition",
                                  "another in " + tensors_[place->second].file);
    }
  }
}

const StoredTensor* WeightSource::find(std::string_view name) const {
  const auto place = indices_.find(name);
  return place == indices_.end() ? nullptr : &tensors_[place->second];
}

const StoredTensor& WeightSource::at(std::string_view name, const Shape& shape) const {
  const StoredTensor* const stored = find(name);
  const std::string object = "tensor \"" + std::string(name) + "\"";
  if (stored == nullptr) throw ShapeError::mismatch(location_, object, to_string(shape), "nothing");
  if (stored->shape != shape) {
    throw ShapeError::mismatch(stored->file, object, to_string(shape), to_string(stored->shape));
  }
  const bool is_int8_matrix = stored->type == ElementType::kInt8 && shape.size() >= 2;
  if (!to_float32(stored->type, {}, {}) && !is_int8_matrix) {
    throw FormatError::mismatch(stored->file, object, "a floating-point type",
                                to_string(stored->type));
  }
  return *stored;
}

Tensor WeightSource::scales(const StoredTensor& int8, std::size_t blocks) const {
  const std::string name = std::string(int8.name).append(kScaleSuffix);
  const std::string object = "tensor \"" + name + "\"";
  const Shape shape{int8.shape.front(), blocks};
  const StoredTensor* const stored = find(name);
  if (stored == nullptr || stored->shape != shape) {
    throw ShapeError::mismatch(stored == nullptr ? int8.file : stored->file, object,
                               to_string(shape) + ", the scales of \"" + int8.name + '"',
                               stored == nullptr ? "nothing" : to_string(stored->shape));
  }
  if (!to_float32(stored->type, {}, {})) {
    throw FormatError::mismatch(stored->file, object, "a floating-point type",
                                to_string(stored->type));
  }
  Tensor scales(shape);
  read_floats(*stored, scales.span());
  for (const float scale : std::as_const(scales).span()) {
    if (!(scale >= 0 && std::isfinite(scale))) {
      throw FormatError::mismatch(stored->file, object, "finite numbers of at least 0",
                                  std::to_string(scale));
    }
  }
  return scales;
}

void WeightSource::read(const ParameterSpec& parameter, std::span<float> out) const {
  const StoredTensor& stored = at(parameter.name, parameter.shape);
  if (stored.type != ElementType::kInt8) return read_floats(stored, out);
  const std::size_t rows = parameter.shape[0];
  std::vector<std::size_t> blocks = parameter.traits.quantized_columns;
  if (blocks.empty()) blocks.push_back(rows == 0 ? 0 : out.size() / rows);
  const Tensor scales = this->scales(stored, blocks.size());
  const AlignedBuffer<std::byte> numbers = stored.bytes.read();
  std::size_t begin = 0;  // of a block of a row
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const std::size_t columns = blocks[i % blocks.size()];
    from_int8(numbers.span().subspan(begin, columns), scales.span()[i],
              out.subspan(begin, columns));
    begin += columns;
  }
}

Tensor WeightSource::read(const ParameterSpec& parameter) const {
  Tensor tensor(parameter.shape);
  read(parameter, tensor.span());
  return tensor;
}

Tensor WeightSource::read(std::string_view name, const Shape& shape) const {
  return read(ParameterSpec{std::string(name), shape});
}

void WeightSource::expect(std::span<const ParameterSpec> parameters,
                          const std::function<bool(std::string_view)>& is_ignored) const {
  std::set<std::string_view> known;
  for (const ParameterSpec& parameter : parameters) known.insert(parameter.name);
  const auto is_known = [&](std::string_view name) {
    return known.contains(name) || (is_ignored && is_ignored(name));
  };
  const auto unexpected = [&](const StoredTensor& tensor) {
    std::string_view name = tensor.name;
    if (is_known(name)) return false;
    if (!name.ends_with(kScaleSuffix)) return true;
    name.remove_suffix(kScaleSuffix.size());
    const StoredTensor* const scaled = find(name);
    return scaled == nullptr || scaled->type != ElementType::kInt8 || !is_known(name);
  };

  for (const ParameterSpec& parameter : parameters) {
    const StoredTensor* const stored = find(parameter.name);
    const std::string object = "tensor \"" + parameter.name + "\"";
    if (stored == nullptr) {
      const StoredTensor* nearest = nullptr;
      std::size_t least = parameter.name.size() / 2;
      for (const StoredTensor& candidate :
           tensors().first(std::min(tensors_.size(), kMostCandidates))) {
        // The distance is at least the difference in length, which spares the absurd names.
        if (candidate.name.size() > parameter.name.size() + least ||
            known.contains(candidate.name)) {
          continue;
        }
        const std::size_t distance = edit_distance(parameter.name, candidate.name);
        if (distance < least) least = distance, nearest = &candidate;
      }
      throw ShapeError::mismatch(
          location_, object, to_string(parameter.shape),
          nearest == nullptr ? "nothing" : "nothing (is \"" + nearest->name + "\" meant?)");
    }
    if (stored->shape != parameter.shape) {
      throw ShapeError::mismatch(stored->file, object, to_string(parameter.shape),
                                 to_string(stored->shape));
    }
  }
  for (const StoredTensor& tensor : tensors_) {
    if (unexpected(tensor)) {
      throw ShapeError::mismatch(tensor.file, "tensor \"" + tensor.name + "\"",
                                 "no tensor of this name in the model that config.json describes",
                                 to_string(tensor.shape));
    }
  }
}

}  // namespace polytag
