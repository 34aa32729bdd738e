#include "polytag/encoders/encoder_names.hpp"

#include <algorithm>
#include <array>

#include "polytag/error.hpp"

namespace polytag {

/// Names relative to the architecture's prefix; those of a layer relative to the layer.
struct EncoderNames::Scheme {
  std::string_view model_type;
  std::string_view layer;        // before the number of a layer, or of a group of layers
  std::string_view inner_layer;  // between it and the number of a layer in its group, or empty
  std::string_view projection;
  std::string_view query, key, value, attention_output, attention_layer_norm;
  std::string_view intermediate, output, output_layer_norm;
  std::string_view pooler;
};

namespace {

constexpr EncoderNames::Scheme kBert{
    .model_type = "bert",
    .layer = "encoder.layer.",
    .inner_layer = "",
    .projection = "",
    .query = "attention.self.query",
    .key = "attention.self.key",
    .value = "attention.self.value",
    .attention_output = "attention.output.dense",
    .attention_layer_norm = "attention.output.LayerNorm",
    .intermediate = "intermediate.dense",
    .output = "output.dense",
    .output_layer_norm = "output.LayerNorm",
    .pooler = "pooler.dense",
};

constexpr EncoderNames::Scheme electra() {
  EncoderNames::Scheme scheme = kBert;
  scheme.model_type = "electra";
  scheme.projection = "embeddings_project";
  scheme.pooler = "";
  return scheme;
}

constexpr std::array kSchemes{
    EncoderNames::Scheme{
        .model_type = "albert",
        .layer = "encoder.albert_layer_groups.",
        .inner_layer = ".albert_layers.",
        .projection = "encoder.embedding_hidden_mapping_in",
        .query = "attention.query",
        .key = "attention.key",
        .value = "attention.value",
        .attention_output = "attention.dense",
        .attention_layer_norm = "attention.LayerNorm",
        .intermediate = "ffn",
        .output = "ffn_output",
        .output_layer_norm = "full_layer_layer_norm",
        .pooler = "pooler",
    },
    kBert,
    EncoderNames::Scheme{
        .model_type = "distilbert",
        .layer = "transformer.layer.",
        .inner_layer = "",
        .projection = "",
        .query = "attention.q_lin",
        .key = "attention.k_lin",
        .value = "attention.v_lin",
        .attention_output = "attention.out_lin",
        .attention_layer_norm = "sa_layer_norm",
        .intermediate = "ffn.lin1",
        .output = "ffn.lin2",
        .output_layer_norm = "output_layer_norm",
        .pooler = "",
    },
    electra(),
};

std::string joined(std::string_view a, std::string_view b) { return std::string(a).append(b); }

}  // namespace

std::string EncoderNames::known() {
  std::string names;
  for (const Scheme& scheme : kSchemes) {
    names.append(names.empty() ? "" : ", ").append(scheme.model_type);
  }
  return names;
}

namespace {

const EncoderNames::Scheme* find_scheme(std::string_view model_type) {
  const auto found = std::ranges::find(kSchemes, model_type, &EncoderNames::Scheme::model_type);
  return found == kSchemes.end() ? nullptr : &*found;
}

}  // namespace

bool EncoderNames::knows(std::string_view model_type) { return find_scheme(model_type) != nullptr; }

EncoderNames::EncoderNames(std::string_view model_type, const WeightSource& weights)
    : scheme_(find_scheme(model_type)) {
  if (scheme_ == nullptr) {
    throw ConfigError::mismatch(weights.location(), "model_type", "one of " + known(),
                                "\"" + std::string(model_type) + "\"");
  }
  const bool bare = weights.find(word_embeddings()) != nullptr;
  if (!bare) prefix_ = joined(model_type, ".");
}

std::string EncoderNames::word_embeddings() const {
  return prefix_ + "embeddings.word_embeddings.weight";
}

std::string EncoderNames::position_embeddings() const {
  return prefix_ + "embeddings.position_embeddings.weight";
}

std::string EncoderNames::token_type_embeddings() const {
  return prefix_ + "embeddings.token_type_embeddings.weight";
}

std::string EncoderNames::embedding_layer_norm() const { return prefix_ + "embeddings.LayerNorm"; }

std::string EncoderNames::embedding_projection() const {
  return joined(prefix_, scheme_->projection);
}

std::string EncoderNames::layer(std::size_t group, std::size_t inner) const {
  std::string name = joined(prefix_, scheme_->layer) + std::to_string(group);
  if (!scheme_->inner_layer.empty()) name.append(scheme_->inner_layer) += std::to_string(inner);
  return name + ".";
}

SelfAttentionNames EncoderNames::self_attention(std::size_t group, std::size_t inner) const {
  const std::string base = layer(group, inner);
  return {.query = joined(base, scheme_->query),
          .key = joined(base, scheme_->key),
          .value = joined(base, scheme_->value),
          .output = joined(base, scheme_->attention_output),
          .layer_norm = joined(base, scheme_->attention_layer_norm)};
}

FeedForwardNames EncoderNames::feed_forward(std::size_t group, std::size_t inner) const {
  const std::string base = layer(group, inner);
  return {.intermediate = joined(base, scheme_->intermediate),
          .output = joined(base, scheme_->output),
          .layer_norm = joined(base, scheme_->output_layer_norm)};
}

std::string EncoderNames::pooler() const {
  return scheme_->pooler.empty() ? "" : joined(prefix_, scheme_->pooler);
}

}  // namespace polytag
