#include "polytag/labels/label_vocabulary.hpp"

#include <string>

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

TEST_CASE("label_vocabulary: names and indices find each other", "[labels]") {
  const LabelVocabulary labels({"wheat", "", "外观"}, "config.json");
  CHECK(labels.size() == 3);
  CHECK(labels.name(2) == "外观");
  CHECK(labels.index_of("wheat") == std::size_t{0});
  CHECK(labels.index_of("") == std::size_t{1});
  CHECK_FALSE(labels.index_of("Wheat").has_value());
}

TEST_CASE("label_vocabulary: two labels of one name are an error that names both", "[labels]") {
  CHECK_THROWS_AS(LabelVocabulary({"a", "b", "a"}, "config.json"), ConfigError);
  CHECK_THROWS_WITH(LabelVocabulary({"a", "b", "a"}, "config.json"),
                    ContainsSubstring("\"a\"") && ContainsSubstring("0 and 2"));
}

TEST_CASE("label_vocabulary: the nearest name needs the fewest changes", "[labels]") {
  const LabelVocabulary labels({"grain", "gas", "gold", "heat", "wheat", "gols"}, "config.json");
  CHECK(labels.nearest("grains") == std::size_t{0});
  CHECK(labels.nearest("Wheat") == std::size_t{4});
  CHECK(labels.nearest("gole") == std::size_t{2});  // the first of two
  CHECK(labels.nearest("wheat") == std::size_t{4});
  CHECK_FALSE(labels.nearest("livestock").has_value());
  CHECK_FALSE(labels.nearest(std::string(1 << 20, 'g')).has_value());
  CHECK_FALSE(LabelVocabulary().nearest("gas").has_value());
}
