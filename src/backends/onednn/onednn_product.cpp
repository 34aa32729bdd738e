#include "backends/onednn/onednn_product.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <new>
#include <oneapi/dnnl/dnnl.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "polytag/core/instruction_set.hpp"
#include "polytag/error.hpp"

#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
#include <dlfcn.h>
#elif DNNL_CPU_RUNTIME != DNNL_RUNTIME_SEQ
#error "polytag needs a oneDNN that was built for OpenMP or for one thread"
#endif

/// All that differs between oneDNN 2 and 3, and all that is known of either.
namespace polytag::kernels {

namespace {

using dnnl::inner_product_forward;
using dnnl::memory;

#if DNNL_CPU_RUNTIME == DNNL_RUNTIME_OMP
/// Keeps oneDNN on the calling thread while it lives. OpenMP's thread count is a property of the
/// thread that asks, so no other thread sees the change. The functions are looked up in whichever
/// OpenMP runtime oneDNN has brought along: two of them in one program would not do.
class SingleThread {
 public:
  SingleThread() : previous_(runtime().max_threads()) {
    if (previous_ != 1) runtime().set_threads(1);
  }
  ~SingleThread() {
    if (previous_ != 1) runtime().set_threads(previous_);
  }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  struct Runtime {
    int (*max_threads)();
    void (*set_threads)(int);
  };
  static const Runtime& runtime() {
    static const Runtime instance = [] {
      const Runtime found{
          reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads")),
          reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"))};
      if (found.max_threads == nullptr || found.set_threads == nullptr) {
        throw ConfigError::missing("", "OpenMP runtime", "the one that oneDNN was built for");
      }
      return found;
    }();
    return instance;
  }

  int previous_;
};
#else
struct SingleThread {
  SingleThread() {}
};
#endif

const dnnl::engine& cpu() {
  static const dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

memory::desc row_major(std::size_t rows, std::size_t columns, memory::data_type type) {
  return {{static_cast<memory::dim>(rows), static_cast<memory::dim>(columns)},
          type,
          memory::format_tag::ab};
}

memory::data_type data_type(BlockOperand operand) {
  return operand == BlockOperand::kFloat32 ? memory::data_type::f32 : memory::data_type::bf16;
}

/// dnnl::error as one of ours.
[[noreturn]] void rethrow(const dnnl::error& error) {
  if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
  throw ConfigError::mismatch("", "oneDNN", "a matrix product for this CPU", error.what());
}

/// Copies between types and layouts.
void reorder(memory& from, memory& to) {
  dnnl::stream stream(cpu());
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

inner_product_forward::primitive_desc describe(const memory::desc& input,
                                               const memory::desc& weight,
                                               const memory::desc& output) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
#if DNNL_VERSION_MAJOR >= 3
  return {cpu(), dnnl::prop_kind::forward_inference, input, weight, output, attributes};
#else
  return {{dnnl::prop_kind::forward_inference, input, weight, output}, attributes, cpu()};
#endif
}

class OneDnnPanel final : public BlockProduct {
 public:
  OneDnnPanel(MatrixView<const float> weight, BlockOperand operand)
      : columns_(weight.rows), in_features_(weight.columns), operand_(operand) {
    const SingleThread single_thread;
    // The tallest block chooses the weight's layout; the others take it or are left out.
    for (std::size_t height = kTallest; height > 0; height /= 2) add_height(height);
    pack(weight);
    keep_consistent();
  }

  std::span<const std::size_t> heights() const override { return heights_; }
  std::size_t columns() const override { return columns_; }
  std::size_t output_stride() const override { return columns_; }
  std::size_t scratch_bytes() const override { return scratch_bytes_; }

  void multiply(std::size_t height, const void* input, float* output, std::byte* scratch,
                InstructionSet) const override try {
    const SingleThread single_thread;
    const auto index =
        static_cast<std::size_t>(std::ranges::find(heights_, height) - heights_.begin());
    const Block& block = blocks_[index];
    dnnl::stream stream(cpu());
    // oneDNN takes what it only reads through the same type as what it writes.
    block.product.execute(stream,
                          {{DNNL_ARG_SRC, memory(block.input, cpu(), const_cast<void*>(input))},
                           {DNNL_ARG_WEIGHTS, weight_},
                           {DNNL_ARG_DST, memory(block.output, cpu(), output)},
                           {DNNL_ARG_SCRATCHPAD, memory(block.scratchpad, cpu(), scratch)}});
    stream.wait();
  } catch (const dnnl::error& error) {
    rethrow(error);
  }

 private:
  static constexpr std::size_t kTallest = 64;

  struct Block {
    inner_product_forward product;
    memory::desc input, output, scratchpad;
  };

  void add_height(std::size_t height) {
    Block block{.product = {},
                .input = row_major(height, in_features_, data_type(operand_)),
                .output = row_major(height, columns_, memory::data_type::f32),
                .scratchpad = {}};
    const bool is_first = blocks_.empty();
    const memory::desc weight =
        is_first ? memory::desc(
                       {static_cast<memory::dim>(columns_), static_cast<memory::dim>(in_features_)},
                       data_type(operand_), memory::format_tag::any)
                 : weight_desc_;
    try {
      const auto description = describe(block.input, weight, block.output);
      block.product = inner_product_forward(description);
      block.scratchpad = description.scratchpad_desc();
      weight_desc_ = description.weights_desc();
    } catch (const dnnl::error&) {
      if (is_first) throw;
      return;
    }
    scratch_bytes_ = std::max(scratch_bytes_, block.scratchpad.get_size());
    heights_.insert(heights_.begin(), height);
    blocks_.insert(blocks_.begin(), std::move(block));
  }

  void pack(MatrixView<const float> weight) {
    std::vector<float> rows;
    rows.reserve(columns_ * in_features_);
    for (std::size_t r = 0; r < columns_; ++r) {
      rows.insert(rows.end(), weight.row(r).begin(), weight.row(r).end());
    }
    memory source(row_major(columns_, in_features_, memory::data_type::f32), cpu(), rows.data());
    weight_ = memory(weight_desc_, cpu());
    reorder(source, weight_);
  }

  /// How oneDNN orders a sum depends on the CPU, the height and, in some of its kernels, on where
  /// a row stands. So the heights are tried out: a random row repeated must give one result in
  /// every place. The tallest height that passes is kept, and those that agree with it.
  void keep_consistent() {
    // Two orders of a short sum often round alike, hence many sums.
    const std::size_t trials = 1 + 1024 / std::max<std::size_t>(1, columns_);
    AlignedBuffer<std::byte> scratch(scratch_bytes_);
    std::vector<float> expected;
    for (std::size_t i = heights_.size(); i-- > 0;) {
      std::vector<float> found;
      for (unsigned seed = 1; seed <= trials; ++seed) {
        const std::vector<float> row = trial(heights_[i], seed, scratch.data());
        found.insert(found.end(), row.begin(), row.end());
      }
      const bool is_consistent = std::ranges::none_of(found, [](float x) { return std::isnan(x); });
      if (is_consistent && expected.empty()) expected = found;
      if (is_consistent && found == expected) continue;
      heights_.erase(heights_.begin() + static_cast<std::ptrdiff_t>(i));
      blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  /// The product of one random row, repeated; not a number where places differ.
  std::vector<float> trial(std::size_t height, unsigned seed, std::byte* scratch) const {
    std::minstd_rand random(seed);
    std::vector<float> rows(in_features_);
    for (float& x : rows) x = static_cast<float>(random()) / 2e9F - 0.5F;
    rows.resize(height * in_features_);
    for (std::size_t i = in_features_; i < rows.size(); ++i) rows[i] = rows[i - in_features_];
    memory source(row_major(height, in_features_, memory::data_type::f32), cpu(), rows.data());
    memory operands(row_major(height, in_features_, data_type(operand_)), cpu());
    reorder(source, operands);
    std::vector<float> results(height * columns_);
    multiply(height, operands.get_data_handle(), results.data(), scratch,
             InstructionSet::kBaseline);
    for (std::size_t i = columns_; i < results.size(); ++i) {
      float& first = results[i % columns_];
      if (first != results[i]) first = std::numeric_limits<float>::quiet_NaN();
    }
    results.resize(columns_);
    return results;
  }

  std::size_t columns_;
  std::size_t in_features_;
  BlockOperand operand_;
  std::vector<std::size_t> heights_;  // ascending
  std::vector<Block> blocks_;         // of each height
  std::size_t scratch_bytes_ = 0;
  memory::desc weight_desc_;
  memory weight_;
};

}  // namespace

bool onednn_multiplies(BlockOperand operand) {
  // oneDNN emulates bfloat16 on CPUs that lack it, slower than float32.
  return operand == BlockOperand::kFloat32 ||
         std::ranges::count(supported_instruction_sets(), InstructionSet::kAvx512Bf16) != 0;
}

std::unique_ptr<const BlockProduct> make_onednn_product(MatrixView<const float> weight,
                                                        BlockOperand operand) try {
  return std::make_unique<OneDnnPanel>(weight, operand);
} catch (const dnnl::error& error) {
  rethrow(error);
}

}  // namespace polytag::kernels
