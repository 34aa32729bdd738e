#include "polytag/training/backpropagation.hpp"

#include <variant>

#include "polytag/error.hpp"
#include "polytag/heads/cls_dense_gradient.hpp"
#include "polytag/heads/mean_dense_gradient.hpp"
#include "polytag/heads/seq2seq_gradient.hpp"
#include "polytag/heads/text_cnn_gradient.hpp"
#include "polytag/kernels/native_backend.hpp"
#include "polytag/training/head_backpropagation.hpp"

namespace polytag::training {

namespace {

/// The encoder and the head that a configuration is of, where they can be trained.
struct Trainable {
  static BertEncoder<NativeBackend> of(const BertConfig&);
  static ClsDenseHead<NativeBackend> of(const ClsDenseConfig&);
  static BinaryRelevanceHead<NativeBackend> of(const BinaryRelevanceConfig&);
  static MeanClassifierHead<NativeBackend> of(const MeanClassifierConfig&);
  static MeanDenseHead<NativeBackend> of(const MeanDenseConfig&);
  static TextCnnHead<NativeBackend> of(const TextCnnConfig&);
  static Seq2SeqHead<NativeBackend> of(const Seq2SeqConfig&);
};

}  // namespace

void check_store(const ParameterList& parameters, const ParameterLayout& layout) {
  const auto specs = parameters.specs();
  const auto places = layout.places();
  for (std::size_t i = 0; i < std::max(specs.size(), places.size()); ++i) {
    const std::string expected = i < specs.size() ? specs[i].name : "no other";
    const std::string found = i < places.size() ? places[i].name : "none";
    if (expected != found || specs[i].shape != places[i].shape) {
      throw ArgumentError::mismatch("parameter " + std::to_string(i) + " of the store", expected,
                                    found);
    }
  }
}

std::unique_ptr<Backpropagation> make_backpropagation(const ModelConfig& config,
                                                      const std::string& encoder_prefix,
                                                      ParameterStore& store,
                                                      const BackpropagationOptions& options,
                                                      InstructionSet instruction_set) {
  return std::visit(
      [&](const auto& encoder, const auto& head) -> std::unique_ptr<Backpropagation> {
        if constexpr (!requires { Trainable::of(encoder); }) {
          throw ConfigError::mismatch(config.file, "model_type",
                                      "an encoder of BERT's family, which alone can be trained",
                                      "\"" + config.model_type + "\"");
        } else if constexpr (!requires { Trainable::of(head); }) {
          throw ConfigError::mismatch(config.file, "polytag.head", "a head that can be trained",
                                      "\"" + std::string(head.kName) + "\"");
        } else {
          using Encoder = decltype(Trainable::of(encoder));
          using Head = decltype(Trainable::of(head));
          return std::make_unique<HeadBackpropagation<Encoder, Head>>(
              encoder, head, encoder_prefix, store, options, instruction_set);
        }
      },
      config.encoder, config.head);
}

}  // namespace polytag::training
