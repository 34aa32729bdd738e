// All kernels for training of an instruction set, on top of its vectors.

#pragma once

#include "kernels/isa/attention_gradient.inl"
#include "kernels/isa/rows_gradient.inl"
#include "kernels/isa/weight_gradient.inl"
