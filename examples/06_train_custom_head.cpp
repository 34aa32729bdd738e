// A head of your own that learns: what the first and the last token of a text say. It needs a
// forward that records, a backward, and nothing else; check_gradients finds mistakes in them.
// usage: 06_train_custom_head MODEL_DIRECTORY (a BERT or ALBERT) LABELLED_TEXTS

#include <algorithm>
#include <functional>
#include <iostream>
#include <polytag/data/find_labels.hpp>
#include <polytag/encoders/bert/encoder.hpp>
#include <polytag/kernels/native_backend.hpp>
#include <polytag/model/model_directory.hpp>
#include <polytag/nn/linear_gradient.hpp>
#include <polytag/training/gradient_check.hpp>
#include <polytag/training/head_backpropagation.hpp>
#include <polytag/training/labelled_texts.hpp>
#include <polytag/training/losses.hpp>
#include <polytag/training/optimizer.hpp>

using namespace polytag;

template <KernelBackend B>
class TwoEndsHead {
 public:
  struct Config {
    std::size_t hidden_size;
    std::size_t num_labels;
  };
  struct Parameters {
    LinearParameters classifier;
  };
  struct Record {
    MatrixView<float> ends;  // [batch, hidden]
    RaggedDropout dropout;   // given
  };
  static constexpr std::string_view kName = "two_ends";
  static constexpr HiddenRows kRows = HiddenRows::kAll;

  static Parameters declare(const HeadScope& scope, const Config& config) {
    return {declare_linear(scope.own / "classifier", config.hidden_size, config.num_labels)};
  }

  TwoEndsHead(const Config&, const Parameters& parameters, const Weights& weights, Precision)
      : classifier_(pack_linear<B>(parameters.classifier, weights, Precision::kFloat32)) {}

  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context) const {
    Record record;
    return logits(encoded, context, record);
  }
  /// The same, and leaves what backward reads.
  MatrixView<float> logits(const EncoderOutput& encoded, const ExecutionContext& context,
                           Record& record) const {
    record.ends = context.workspace.matrix(encoded.size(), classifier_.in_features());
    for (std::size_t text = 0; text < encoded.size(); ++text) {
      const auto first = encoded.first_token(text);
      const auto last = encoded.hidden_states.row(last_row(encoded, text));
      std::ranges::transform(first, last, record.ends.row(text).begin(), std::plus{});
    }
    record.dropout.apply(record.ends);
    const auto logits = context.workspace.matrix(encoded.size(), classifier_.out_features());
    classifier_.apply(record.ends, logits, {}, context);
    return logits;
  }
  LabelActivation activation() const { return LabelActivation::kSigmoid; }

  static std::size_t last_row(const EncoderOutput& encoded, std::size_t text) {
    return encoded.row_starts[text] + encoded.attended_lengths[text] - 1;
  }

 private:
  typename B::PackedLinear classifier_;
};

template <KernelBackend B>
struct polytag::HeadGradient<TwoEndsHead<B>> {
  using Head = TwoEndsHead<B>;

  HeadGradient(const typename Head::Config&, const typename Head::Parameters& parameters,
               const Weights& weights)
      : classifier(parameters.classifier, weights) {}

  void backward(const typename Head::Record& record, const EncoderOutput& encoded,
                MatrixView<const float> logits_gradient, MatrixView<float> hidden_gradient,
                const GradientSink& sink, const ExecutionContext& context) const {
    classifier.add_to_parameters(record.ends, logits_gradient, sink, context);
    const auto ends = context.workspace.matrix(record.ends.rows, record.ends.columns);
    classifier.to_input(logits_gradient, ends, {}, context);
    record.dropout.apply(ends);
    for (std::size_t text = 0; text < encoded.size(); ++text) {
      for (const std::size_t row : {encoded.row_starts[text], Head::last_row(encoded, text)}) {
        const auto to = hidden_gradient.row(row);
        std::ranges::transform(to, ends.row(text), to.begin(), std::plus{});
      }
    }
  }

  LinearGradient<B> classifier;
};

int main(int argc, char** argv) {
  using namespace polytag::training;
  if (argc != 3) return 2;
  const ModelDirectory model = open_model_directory(argv[1]);
  const auto& encoder = std::get<BertConfig>(model.config.encoder);
  const InputFile file{argv[2], {.format = InputFormat::kJsonl}};
  const FoundLabels found = find_labels(file, {});
  auto texts = read_labelled_texts(file, found.options, found.labels).texts;
  texts.resize(6);
  SerialExecutor executor;
  const TokenizedTexts tokens(texts, model.tokenizer, 12, executor);

  // The encoder's weights are the model's, the head's begin at zero.
  const TwoEndsHead<NativeBackend>::Config config{encoder.hidden_size, found.labels.size()};
  ParameterList parameters;
  declare_bert(parameters.root(model.encoder_prefix), encoder);
  const std::size_t of_encoder = parameters.specs().size();
  TwoEndsHead<NativeBackend>::declare({parameters.root(), parameters.root()}, config);
  ParameterStore store(parameters);
  for (const ParameterPlace& place : store.layout().places().first(of_encoder)) {
    model.weights.read({place.name, place.shape, place.traits},
                       ParameterStore::of(place, store.weights()));
  }

  std::vector<std::vector<float>> truth(texts.size(), std::vector<float>(found.labels.size()));
  std::vector<TrainingText> batch;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (const std::size_t label : texts[i].labels) truth[i][label] = 1;
    batch.push_back({tokens.ids(i), tokens.types(i), tokens.length(i), {truth[i], {}}});
  }
  HeadBackpropagation<BertEncoder<NativeBackend>, TwoEndsHead<NativeBackend>> backpropagation(
      encoder, config, model.encoder_prefix, store, {}, default_instruction_set());
  const BinaryCrossEntropy loss;
  std::vector<UpdateGroup> groups;
  for (const ParameterPlace& place : store.layout().places()) {
    const bool in_head = place.depth == store.layout().head_depth();
    groups.push_back({place.offset, place.offset + place.count, in_head ? 1e-2 : 1e-4, 0});
  }

  double first = 0, last = 0;
  for (std::size_t step = 0; step < 12; ++step) {
    last = backpropagation.run(batch, loss, static_cast<double>(batch.size()), step, executor).loss;
    if (step == 0) first = last;
    update_weights(
        {}, {store.weights(), store.gradients(), store.first_moments(), store.second_moments()},
        groups, {.step = step}, executor);
  }
  std::cout << "the loss falls to less than half: " << (last < first / 2 ? "yes" : "no") << '\n';

  double worst = 0;
  for (const CheckedGradient& gradient :
       check_gradients(backpropagation, store, batch, loss, 6, 1, executor)) {
    worst = std::max(worst, gradient.error(1e-2));
  }
  std::cout << "gradients agree with differences: " << (worst < 0.05 ? "yes" : "no") << '\n';
}
