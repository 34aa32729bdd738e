#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "polytag/core/executor.hpp"
#include "polytag/core/instruction_set.hpp"
#include "polytag/export.hpp"
#include "polytag/model/model_config.hpp"
#include "polytag/training/parameter_store.hpp"
#include "polytag/training/target.hpp"

namespace polytag::training {

/// The loss of one text. Called from several threads at once.
/// @param logits    those of the head: [labels], or [labels * {off, on}], or, of a sequence head,
///                  [steps, labels] for the steps of the target's sequence
/// @param gradient  out, of the loss by each logit
/// @return the loss, which is added up in double
using Loss = std::function<double(std::span<const float> logits, const Target& target,
                                  std::span<float> gradient)>;

/// Probabilities of dropping an element; 0 drops none and costs nothing.
struct DropoutRates {
  float hidden = 0;     ///< embeddings and the outputs of attention and feed-forward
  float attention = 0;  ///< attention probabilities
  float head = 0;       ///< what the last layer of the head reads
};

struct BackpropagationOptions {
  /// Parts of a batch whose gradients are summed apart, then pairwise in a tree: a power of two.
  /// It decides how sums round, so it is a part of what makes a run repeatable.
  std::size_t shards = 8;
  /// How many shards are in memory at a time at most; 0: one for each thread. Changes no bit.
  std::size_t shards_in_flight = 0;
  DropoutRates dropout = {};
  std::uint64_t seed = 0;  ///< of dropout
  /// What attention's scores add for all keys alike, the keys' bias, has a gradient of zero but for
  /// rounding. Whether to write what the sums round to instead, as the replaced system does.
  bool computes_key_bias = false;
  /// Leaves the encoder as it is: it gets no gradient and no dropout, its weights are read once,
  /// and a batch takes about a third of the time.
  bool freezes_encoder = false;
  /// What a sequence head reads before the first id of a sequence; none: its start_id.
  std::optional<std::size_t> first_id = std::nullopt;
};

/// What one batch gives beside the gradients.
struct BatchLoss {
  double loss = 0;  ///< the sum of all texts' losses, divided by the batch's units
  /// The sum of squares of the gradient's rows of the word table before rows of the same id are
  /// added up: TensorFlow's norm of such a gradient.
  double squares_of_word_rows = 0;
  std::span<const double> text_losses;  ///< [texts], valid until the next batch
};

/// Computes gradients: forward and backward through an encoder and a head, whose weights it reads
/// from a store and whose gradients it writes there.
///
/// The gradient is that of the batch's loss. It is summed in an order that the lengths
/// of the texts and the number of shards decide alone, so the number of threads and of shards in
/// flight changes no bit. Not thread-safe; borrows the store.
class POLYTAG_EXPORT Backpropagation {
 public:
  virtual ~Backpropagation() = default;

  /// Reads the store's weights, writes its gradients.
  /// @param units  what the sum of the texts' losses is divided by: how many texts there are, or
  ///               the steps of all their sequences
  /// @param step  the number of the step, by which dropout differs from step to step
  /// @throws EncodingError, ShapeError for ids and lengths beyond the model's; ArgumentError for no
  ///         text at all
  virtual BatchLoss run(std::span<const TrainingText> texts, const Loss& loss, double units,
                        std::uint64_t step, Executor& executor) = 0;
};

/// @throws ArgumentError unless a store has the parameters of the list, in their order
POLYTAG_EXPORT void check_store(const ParameterList& parameters, const ParameterLayout& layout);

/// For the model that a configuration describes.
/// @param store           of the parameters that model_parameters(config, encoder_prefix) lists
/// @throws ConfigError for an encoder or a head that cannot be trained; ArgumentError for a number
///         of shards that is no power of two
POLYTAG_EXPORT std::unique_ptr<Backpropagation> make_backpropagation(
    const ModelConfig& config, const std::string& encoder_prefix, ParameterStore& store,
    const BackpropagationOptions& options, InstructionSet instruction_set);

}  // namespace polytag::training
