#include "polytag/nn/embedding_table.hpp"

namespace polytag {

EmbeddingTable::EmbeddingTable(ParameterId parameter, const Weights& weights) {
  const StoredTensor& stored = weights.stored(parameter);
  type_ = stored.type;
  bytes_ = stored.bytes.read();
  rows_ = stored.shape[0];
  size_ = stored.shape[1];
  row_bytes_ = size_ * size_of(type_);
  if (type_ == ElementType::kInt8) scales_ = weights.source().scales(stored, 1);
}

}  // namespace polytag
