#pragma once

/// The parts of polytag that most programs need: load a classifier, classify, catch errors.

#include "polytag/classifier.hpp"
#include "polytag/error.hpp"
#include "polytag/version.hpp"
