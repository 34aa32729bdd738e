#pragma once

#include "core/utf8.hpp"

namespace polytag::text {

using polytag::append_utf8;
using polytag::decode_utf8;
using polytag::DecodedCharacter;
using polytag::kReplacementCharacter;
using polytag::utf8_size;

}  // namespace polytag::text
