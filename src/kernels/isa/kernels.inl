// All kernels of an instruction set, on top of its vectors.

#pragma once

#include "kernels/isa/attention.inl"
#include "kernels/isa/attention_bfloat16.inl"
#include "kernels/isa/bfloat16_product.inl"
#include "kernels/isa/convert.inl"
#include "kernels/isa/float32_product.inl"
#include "kernels/isa/int8_product.inl"
#include "kernels/isa/linear.inl"
