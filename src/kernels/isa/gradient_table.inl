// The kernels for training of an instruction set as the rest of the library sees them.

#pragma once

const GradientTable kGradientTable{
    .weight_gradient = weight_gradient,
    .layer_norm_gradient = layer_norm_gradient,
    .attention_gradient = attention_gradient,
    .activation_gradient = activation_gradient,
    .lstm_cell_gradient = lstm_cell_gradient,
    .additive_score_gradient = additive_score_gradient,
};
