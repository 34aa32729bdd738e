#pragma once

#include <algorithm>

#include "polytag/weights/stored_bytes.hpp"

namespace polytag::test {

inline bool same_bytes(const StoredBytes& a, const StoredBytes& b) {
  const auto first = a.read();
  const auto second = b.read();
  return std::ranges::equal(first.span(), second.span());
}

}  // namespace polytag::test
