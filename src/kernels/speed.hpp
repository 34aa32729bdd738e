#pragma once

#include "polytag/core/instruction_set.hpp"
#include "polytag/core/precision.hpp"

namespace polytag::kernels {

/// How fast a layer is in a precision, float32 on the same instruction set being 1: the products of
/// the native backend with the conversion of their inputs, over 128 rows of 384 -> 1536 and
/// 1536 -> 384. What renews the table:
///
///   POLYTAG_ISA=LEVEL ./dev bench 'native/.*/1_threads/128x(384->1536|1536->384)'
///
/// Zero for kAuto.
double speed(Precision precision, InstructionSet instruction_set);

}  // namespace polytag::kernels
