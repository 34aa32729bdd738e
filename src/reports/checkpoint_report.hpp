#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "polytag/checkpoints/open_checkpoint.hpp"

namespace polytag {

/// Every tensor's name, type and shape in aligned columns, and the sums.
std::string checkpoint_table(const OpenedCheckpoint& checkpoint);
/// {"format", "location", "elements", "bytes", "tensors": [{"name", "type", "shape"}, …]}
nlohmann::ordered_json checkpoint_json(const OpenedCheckpoint& checkpoint);

/// "11.2 MB": decimal units, as disks have them.
std::string readable_size(std::size_t bytes);

}  // namespace polytag
