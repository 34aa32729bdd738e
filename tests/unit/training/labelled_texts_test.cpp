#include "polytag/training/labelled_texts.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"
#include "training/random.hpp"

namespace polytag::training {

namespace {

std::vector<LabelledText> texts_with_labels(std::size_t count) {
  std::vector<LabelledText> texts;
  for (std::size_t i = 0; i < count; ++i) {
    LabelledText text{"text " + std::to_string(i), std::nullopt, {}};
    if (i % 2 == 0) text.labels.push_back(0);
    if (i % 10 == 3) text.labels.push_back(1);
    if (i == 7) text.labels.push_back(2);
    texts.push_back(text);
  }
  return texts;
}

}  // namespace

TEST_CASE("Random numbers are Philox4x32-10's") {
  // The known answer of a counter of zeros under the key zero (Salmon et al. 2011): 6627e8d5
  // e169c58d bc57ac4c 9b00dbd8. A stream's number is in the counter's last word.
  CHECK(random_number(0, RandomStream{0}, 0, 0) == 0xe169c58d6627e8d5);
  CHECK(random_number(1, RandomStream::kOrder, 0, 5) !=
        random_number(1, RandomStream::kSplit, 0, 5));
}

TEST_CASE("A stratified sample has every label's share, and the same texts each time") {
  const auto texts = texts_with_labels(400);
  const auto sample = stratified_sample(texts, 3, 0.1, 42);
  CHECK(sample.size() == 40);
  std::vector<LabelledText> chosen;
  for (const std::size_t place : sample) chosen.push_back(texts[place]);
  CHECK(label_counts(chosen, 3) == std::vector<std::size_t>{20, 4, 0});
  CHECK(sample == stratified_sample(texts, 3, 0.1, 42));
  CHECK(sample != stratified_sample(texts, 3, 0.1, 43));
  CHECK_THROWS_AS(stratified_sample(std::span(texts).first(1), 3, 0.1, 42), ArgumentError);
}

TEST_CASE("An epoch takes every text once, in an order of its own") {
  std::vector<std::size_t> lengths(1000);
  for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] = 3 + i * 37 % 120;
  for (const bool grouped : {false, true}) {
    const BatchOptions options{.batch_size = 32, .group_by_length = grouped};
    const auto batches = epoch_batches(lengths, options, 0);
    CHECK(batches.size() == 32);
    std::vector<std::size_t> all;
    std::size_t padded = 0;
    for (const auto& batch : batches) {
      std::size_t longest = 0;
      for (const std::size_t text : batch) longest = std::max(longest, lengths[text]);
      padded += longest * batch.size();
      all.insert(all.end(), batch.begin(), batch.end());
    }
    const std::size_t tokens = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
    CHECK((static_cast<double>(padded) / static_cast<double>(tokens) < 1.1) == grouped);
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == i);
    CHECK(batches == epoch_batches(lengths, options, 0));
    CHECK(batches != epoch_batches(lengths, options, 1));
  }
}

TEST_CASE("The replaced system's last batch of an epoch is left out even where it is full") {
  const std::vector<std::size_t> lengths(64, 5);
  CHECK(epoch_batches(lengths, {.batch_size = 8, .drop_last = true}, 0).size() == 7);
}

TEST_CASE("Labelled texts come with their labels, and rows that leave labels open are left out") {
  const TemporaryDirectory directory;
  const InputFile file{directory.write("in", "text,a,b\nx,1,0\ny,,1\nz,0,1\n"),
                       {.format = InputFormat::kCsv}};
  const auto found = read_labelled_texts(file, {}, LabelVocabulary({"a", "b"}, "test"));
  REQUIRE(found.texts.size() == 2);
  CHECK(found.left_out == 1);
  CHECK(found.texts[1].labels == std::vector<std::size_t>{1});
}

}  // namespace polytag::training
