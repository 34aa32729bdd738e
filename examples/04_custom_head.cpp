// A head of your own under polytag's encoder: instead of [CLS] alone, every token is shown to the
// classifier, and a label's score is that of the token that speaks for it most.
// usage: 04_custom_head MODEL_DIRECTORY (a BERT or ALBERT)

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <polytag/encoders/bert/encoder.hpp>
#include <polytag/kernels/native_backend.hpp>
#include <polytag/nn/linear.hpp>
#include <polytag/runtime/head_classifier.hpp>

using namespace polytag;

template <KernelBackend Backend>
class MaxOverTokensHead {
 public:
  struct Config {
    std::string pooler;
    std::size_t hidden_size;
    std::size_t num_labels;
  };
  struct Parameters {
    LinearParameters pooler, classifier;
  };
  static constexpr std::string_view kName = "max_over_tokens";
  static constexpr HiddenRows kRows = HiddenRows::kAll;  // kFirstToken would spare the encoder work

  /// The tensors that it needs: checked, by name and shape, before anything is computed.
  static Parameters declare(const HeadScope& scope, const Config& config) {
    return {declare_linear(scope.encoder / config.pooler, config.hidden_size, config.hidden_size),
            declare_linear(scope.own / "classifier", config.hidden_size, config.num_labels)};
  }

  MaxOverTokensHead(const Config&, const Parameters& parameters, const Weights& weights,
                    Precision precision)
      : pooler_(pack_linear<Backend>(parameters.pooler, weights, precision)),
        classifier_(pack_linear<Backend>(parameters.classifier, weights, precision)) {}

  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    const auto logits = context.workspace.matrix(encoded.size(), classifier_.out_features());
    const Workspace::Scope scope(context.workspace);      // ends the life of what follows
    const std::size_t rows = encoded.hidden_states.rows;  // of all texts, one after the other
    const auto pooled = context.workspace.matrix(rows, pooler_.out_features());
    pooler_.apply(encoded.hidden_states, pooled, {Activation::kTanh, {}}, context);
    const auto of_tokens = context.workspace.matrix(rows, classifier_.out_features());
    classifier_.apply(pooled, of_tokens, {}, context);

    for (std::size_t text = 0; text < encoded.size(); ++text) {
      const auto best = logits.row(text);
      std::ranges::copy(of_tokens.row(encoded.row_starts[text]), best.begin());
      for (std::size_t row = encoded.row_starts[text]; row < encoded.row_starts[text + 1]; ++row) {
        std::ranges::transform(of_tokens.row(row), best, best.begin(), std::ranges::max);
      }
    }
    return logits;
  }
  LabelActivation activation() const { return LabelActivation::kSigmoid; }

 private:
  typename Backend::PackedLinear pooler_;
  typename Backend::PackedLinear classifier_;
};

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto model = open_model_directory(argv[1]);
  const MaxOverTokensHead<NativeBackend>::Config config{
      model.config.model_type == "albert" ? "pooler" : "pooler.dense",
      facts_of(model.config.encoder).hidden_size, model.config.labels.size()};
  const HeadClassifier<BertEncoder<NativeBackend>, MaxOverTokensHead<NativeBackend>> classifier(
      std::move(model), config, {});
  for (const auto& label : classifier.classify("Wheat exports rose as the dollar fell.").labels) {
    std::cout << label.name << ' ' << std::setprecision(2) << label.score << '\n';
  }
}
