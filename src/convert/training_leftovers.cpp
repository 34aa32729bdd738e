#include "convert/training_leftovers.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "checkpoints/training_words.hpp"

namespace polytag {

namespace {

constexpr std::string_view kOptimizer = "optimizer state";
constexpr std::string_view kAverage = "moving average of the weights";
constexpr std::string_view kCopy = "of another encoder";
constexpr std::string_view kCounter = "counter of training steps";
constexpr std::string_view kWholeNumbers = "whole numbers, which no layer has";
constexpr std::string_view kScalar = "a number of the training";
constexpr std::string_view kLoss = "weights of the loss";

/// Last parts of names, for checkpoints that lack the variables which these belong to.
struct KnownName {
  std::string_view name;
  std::string_view reason;
};
constexpr std::array kKnownNames{
    KnownName{"adam_m", kOptimizer},
    KnownName{"adam_v", kOptimizer},
    KnownName{"lamb_m", kOptimizer},
    KnownName{"lamb_v", kOptimizer},
    KnownName{"AdamWeightDecayOptimizer", kOptimizer},
    KnownName{"AdamWeightDecayOptimizer_1", kOptimizer},
    KnownName{"Adam", kOptimizer},
    KnownName{"Adam_1", kOptimizer},
    KnownName{"Momentum", kOptimizer},
    KnownName{"Adagrad", kOptimizer},
    KnownName{"RMSProp", kOptimizer},
    KnownName{"RMSProp_1", kOptimizer},
    KnownName{"beta1_power", kOptimizer},
    KnownName{"beta2_power", kOptimizer},
    KnownName{"global_step", kCounter},
};

/// Last parts of the names of weights that a loss gives its classes.
constexpr std::array<std::string_view, 4> kLossWeights{"pos_weight", "class_weight",
                                                       "class_weights", "label_weights"};

/// More parts than any name has; a hostile name has more.
constexpr std::size_t kMostParts = 40;

bool is_separator(char c) { return c == '/' || c == '.'; }

bool is_floating_point(ElementType type) {
  return type == ElementType::kFloat64 || type == ElementType::kFloat32 ||
         type == ElementType::kFloat16 || type == ElementType::kBfloat16;
}

/// Whether a name is of a variable in a graph of TensorFlow.
bool is_graph(std::string_view name) { return name.find('.') == std::string_view::npos; }

/// Whether an optimizer keeps a state of this shape for a variable: of the same, a number, or, as
/// Adafactor does, sums along one dimension.
bool is_state_of(const Shape& state, const Shape& variable) {
  if (state == variable || element_count(state) == 1) return true;
  if (state.size() + 1 != variable.size()) return false;
  for (std::size_t i = 0; i < variable.size(); ++i) {
    Shape summed = variable;
    summed.erase(summed.begin() + static_cast<std::ptrdiff_t>(i));
    if (state == summed) return true;
  }
  return false;
}

}  // namespace

TrainingLeftovers::TrainingLeftovers(const WeightSource& source,
                                     std::span<const ParameterSpec> parameters,
                                     bool encoder_was_chosen)
    : source_(source), encoder_was_chosen_(encoder_was_chosen) {
  for (const ParameterSpec& parameter : parameters) {
    parameters_.emplace(parameter.name, &parameter.shape);
  }
}

/// Optimizers and averages name what they keep for a variable after it: its name with a suffix,
/// behind the scope of the optimizer if that has one.
std::string_view TrainingLeftovers::reason_beside_variable(const StoredTensor& tensor) const {
  const std::string_view name = tensor.name;
  std::vector<std::size_t> begins{0};
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < name.size() && begins.size() <= kMostParts; ++i) {
    if (!is_separator(name[i])) continue;
    ends.push_back(i);
    begins.push_back(i + 1);
  }
  ends.push_back(name.size());
  for (std::size_t b = 0; b < begins.size(); ++b) {
    for (std::size_t e = b; e < ends.size(); ++e) {
      if (begins[b] >= ends[e] || ends[e] - begins[b] == name.size()) continue;
      const std::string_view variable = name.substr(begins[b], ends[e] - begins[b]);
      const auto parameter = parameters_.find(variable);
      const StoredTensor* const stored = source_.find(variable);
      if (parameter == parameters_.end() && stored == nullptr) continue;
      const Shape& shape = stored != nullptr ? stored->shape : *parameter->second;
      const bool is_whole_end = ends[e] == name.size();
      // A name of one part may end another's by chance.
      if (is_whole_end && (e == b || shape != tensor.shape)) continue;
      if (!is_state_of(tensor.shape, shape)) continue;
      if (names_moving_average(name)) return kAverage;
      if (is_whole_end && encoder_was_chosen_ && parameter != parameters_.end()) return kCopy;
      // Modules of PyTorch hold no optimizer, but may name their own parameters after others.
      if (!is_whole_end && is_graph(name)) return kOptimizer;
    }
  }
  return {};
}

std::string_view TrainingLeftovers::reason(const StoredTensor& tensor) const {
  const std::string_view name = tensor.name;
  const std::size_t separator = name.find_last_of("/.");
  const std::string_view last =
      separator == std::string_view::npos ? name : name.substr(separator + 1);
  const auto* const known = std::ranges::find(kKnownNames, last, &KnownName::name);
  if (known != kKnownNames.end()) return known->reason;
  if (const auto beside = reason_beside_variable(tensor); !beside.empty()) return beside;
  if (!is_floating_point(tensor.type)) return kWholeNumbers;
  // Graphs of TensorFlow keep rates and scales as variables. PyTorch's modules may learn a number.
  if (is_graph(name) && tensor.shape.empty()) return kScalar;
  if (names_moving_average(name)) return kAverage;
  const bool is_of_loss = has_word(name, "loss") || has_word(name, "criterion") ||
                          std::ranges::find(kLossWeights, last) != kLossWeights.end();
  return is_of_loss && tensor.shape.size() < 2 ? kLoss : std::string_view();
}

}  // namespace polytag
