#pragma once

/// Marks what the shared libraries show to programs. All else is compiled with hidden visibility,
/// so that it is no part of the ABI and cannot clash with a program's own names.
#define POLYTAG_EXPORT __attribute__((visibility("default")))
