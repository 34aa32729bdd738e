// All kernels of an instruction set, on top of its vectors.

#pragma once

#include "kernels/isa/attention.inl"
#include "kernels/isa/linear.inl"
