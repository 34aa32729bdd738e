#pragma once

#include <cstddef>

#include "polytag/core/execution.hpp"

namespace polytag::test {

/// A context of its own for one forward pass, on so many threads.
class OnThreads {
 public:
  explicit OnThreads(std::size_t threads = 1,
                     InstructionSet instruction_set = default_instruction_set())
      : pool_(threads), context{workspace_, pool_, instruction_set} {}

 private:
  Workspace workspace_;
  ThreadPool pool_;

 public:
  ExecutionContext context;
};

}  // namespace polytag::test
