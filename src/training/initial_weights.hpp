#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "polytag/model/model_config.hpp"
#include "polytag/training/labelled_texts.hpp"
#include "polytag/training/parameter_store.hpp"

namespace polytag::training {

/// Fills a new parameter as its initialiser says. Its numbers depend on the seed and its offset.
void initialise(const ParameterPlace& place, std::uint64_t seed, std::span<float> values);

/// Sets the bias of a head with a logit for each label to log((n + 1/2) / (N - n + 1/2)) of the n
/// of N texts that have it, and of one with two logits for each label to half of that, both ways.
void begin_at_log_odds(const ModelConfig& config, std::span<const LabelledText> texts,
                       ParameterStore& store);

}  // namespace polytag::training
