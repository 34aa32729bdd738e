#include "polytag/nn/embedding_table.hpp"

namespace polytag {

EmbeddingTable::EmbeddingTable(const WeightSource& weights, std::string_view name, std::size_t rows,
                               std::size_t size)
    : rows_(rows), size_(size) {
  const StoredTensor& stored = weights.at(name, {rows, size});
  type_ = stored.type;
  bytes_ = stored.bytes.read();
  row_bytes_ = size * size_of(type_);
  if (type_ == ElementType::kInt8) scales_ = weights.scales(stored, 1);
}

}  // namespace polytag
