// A step function that does not take what it is to write to.
#include "polytag/decoding/beam_search.hpp"

using namespace polytag;

#ifdef BROKEN
const auto step = [](const DecodingStep&) {};
#else
const auto step = [](const DecodingStep&, MatrixView<float>) {};
#endif

std::vector<BeamSearchResult> results = beam_search(1, BeamSearchOptions{}, step);
