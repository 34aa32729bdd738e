#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "files/crc32.hpp"

/// Zip archives and pickles by hand, well-formed or not.
namespace torch_bytes {

template <class T>
std::string fixed(T value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
  return bytes;
}

inline std::uint32_t crc_of(std::string_view bytes) {
  return polytag::crc32(std::as_bytes(std::span(bytes)));
}

/// What the headers of a member say, where that is not the truth.
struct Claims {
  std::string local_name = {};  // empty: the name
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc_change = 0;
  std::int64_t size_change = 0;
  std::int64_t stored_size_change = 0;
  std::int64_t offset_change = 0;
  bool zip64 = false;
  std::string local_extra = {};
};

class Zip {
 public:
  Zip& add(std::string_view name, std::string_view bytes, const Claims& claims = {}) {
    const auto changed = [](std::size_t value, std::int64_t change) {
      return static_cast<std::uint64_t>(value) + static_cast<std::uint64_t>(change);
    };
    const std::uint64_t offset = changed(bytes_.size(), claims.offset_change);
    const std::uint64_t size = changed(bytes.size(), claims.size_change);
    const std::uint64_t stored = changed(bytes.size(), claims.stored_size_change);
    const std::uint32_t crc = crc_of(bytes) ^ claims.crc_change;
    const auto number = [&](std::uint64_t value) {
      return fixed(claims.zip64 ? ~0U : static_cast<std::uint32_t>(value));
    };
    const std::string extra = claims.zip64
                                  ? fixed(std::uint16_t{0xABCD}) + fixed(std::uint16_t{2}) + "xy" +
                                        fixed(std::uint16_t{1}) + fixed(std::uint16_t{24}) +
                                        fixed(size) + fixed(stored) + fixed(offset)
                                  : "";
    const std::string common = fixed(std::uint16_t{45}) + fixed(claims.flags) +
                               fixed(claims.method) + fixed(std::uint32_t{0}) + fixed(crc) +
                               number(stored) + number(size);
    const std::string local_name(claims.local_name.empty() ? name : claims.local_name);
    bytes_ += "PK\3\4" + common + fixed(static_cast<std::uint16_t>(local_name.size())) +
              fixed(static_cast<std::uint16_t>(claims.local_extra.size())) + local_name +
              claims.local_extra + std::string(bytes);
    directory_ += "PK\1\2" + fixed(std::uint16_t{45}) + common +
                  fixed(static_cast<std::uint16_t>(name.size())) +
                  fixed(static_cast<std::uint16_t>(extra.size())) + std::string(10, '\0') +
                  number(offset) + std::string(name) + extra;
    ++members_;
    return *this;
  }

  std::string finish(std::string_view comment = "") const {
    return bytes_ + directory_ +
           end(static_cast<std::uint16_t>(members_), static_cast<std::uint32_t>(directory_.size()),
               static_cast<std::uint32_t>(bytes_.size()), comment);
  }

  /// With the place of the directory in 64 bits.
  std::string finish_zip64(std::uint64_t members_change = 0, std::uint64_t size_change = 0,
                           std::uint64_t offset_change = 0, std::uint64_t end_change = 0) const {
    const std::uint64_t members = members_ + members_change;
    return bytes_ + directory_ + "PK\6\6" + fixed(std::uint64_t{44}) + std::string(12, '\0') +
           fixed(members) + fixed(members) + fixed(directory_.size() + size_change) +
           fixed(bytes_.size() + offset_change) + "PK\6\7" + fixed(0U) +
           fixed(bytes_.size() + directory_.size() + end_change) + fixed(1U) +
           end(0xFFFF, ~0U, ~0U, "");
  }

  static std::string end(std::uint16_t members, std::uint32_t size, std::uint32_t offset,
                         std::string_view comment) {
    return "PK\5\6" + fixed(0U) + fixed(members) + fixed(members) + fixed(size) + fixed(offset) +
           fixed(static_cast<std::uint16_t>(comment.size())) + std::string(comment);
  }

 private:
  std::string bytes_;
  std::string directory_;
  std::uint64_t members_ = 0;
};

inline std::string text(std::string_view value) {
  std::string opcode = "X";
  return opcode.append(fixed(static_cast<std::uint32_t>(value.size()))).append(value);
}

inline std::string integer(std::int64_t value) {
  return std::string("\x8A\x08").append(fixed(value));
}

inline std::string global(std::string_view module, std::string_view name) {
  return std::string("c").append(module).append("\n").append(name).append("\n");
}

inline std::string tuple(std::string_view items) {
  return std::string("(").append(items).append("t");
}

inline std::string storage(std::string_view type, std::string_view key, std::int64_t size) {
  return tuple(text("storage") + global("torch", type) + text(key) + text("cpu") + integer(size)) +
         "Q";
}

inline std::string tensor(std::string_view storage_, std::int64_t offset, std::string_view shape,
                          std::string_view strides) {
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple(std::string(storage_) + integer(offset) + tuple(shape) + tuple(strides) + "\x89N") +
         "R";
}

/// What a file begins with before PyTorch 1.6: the magic number, the version of the format and
/// facts about the machine.
inline std::string legacy_start() {
  return std::string("\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19.") +
         "\x80\x02M\xE9\x03." + "\x80\x02}.";
}

/// A pickle of a dict with these keys and values.
inline std::string dict_pickle(std::string_view items) {
  return std::string("\x80\x02}(").append(items).append("u.");
}

/// The tensors of an archive, all of float32 and contiguous.
class Tensors {
 public:
  /// @param bytes  of its elements
  Tensors& add(std::string_view name, std::span<const std::size_t> shape, std::string_view bytes) {
    std::size_t stride = bytes.size() / sizeof(float);
    const std::string storage_ =
        storage("FloatStorage", std::to_string(storages_), static_cast<std::int64_t>(stride));
    std::string sizes, strides;
    for (const std::size_t size : shape) {
      stride /= size;
      sizes += integer(static_cast<std::int64_t>(size));
      strides += integer(static_cast<std::int64_t>(stride));
    }
    items_ += text(name) + tensor(storage_, 0, sizes, strides);
    zip_.add("m/data/" + std::to_string(storages_++), bytes);
    return *this;
  }

  /// Names and tensors, as items of a dict.
  const std::string& items() const { return items_; }
  /// An archive with a pickle that has these items.
  std::string archive(const std::string& pickle) const {
    return Zip(zip_).add("m/data.pkl", pickle).finish();
  }
  std::string archive() const { return archive(dict_pickle(items_)); }

 private:
  std::string items_;
  Zip zip_;
  std::size_t storages_ = 0;
};

}  // namespace torch_bytes
