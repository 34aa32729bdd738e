// Bytes of UTF-8 tokenized per second, one thread, on the texts of the tests' golden files.

#include <benchmark/benchmark.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "polytag/text/tokenizer.hpp"

namespace {

using polytag::Tokenizer;

const std::string kData = POLYTAG_TEST_DATA "/text/";

Tokenizer make_tokenizer(const std::string& directory) {
  return {polytag::read_vocabulary(kData + directory + "/vocab.txt"), {}};
}

std::vector<std::string> golden_texts(const std::string& path) {
  std::ifstream stream(kData + path);
  std::vector<std::string> texts;
  for (std::string line; std::getline(stream, line);) {
    texts.push_back(nlohmann::json::parse(line).at("text"));
  }
  return texts;
}

void encode_all(benchmark::State& state, const Tokenizer& tokenizer,
                const std::vector<std::string>& texts, const polytag::EncodeOptions& options) {
  polytag::Encoding encoding;
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  for (auto _ : state) {
    for (const std::string& text : texts) {
      tokenizer.encode(text, std::nullopt, options, encoding);
      benchmark::DoNotOptimize(encoding.ids.data());
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) * state.iterations());
}

void random_scripts(benchmark::State& state) {
  encode_all(state, make_tokenizer("english_uncased"), golden_texts("english_uncased/golden.jsonl"),
             {.with_offsets = state.range(0) != 0});
}
BENCHMARK(random_scripts)->ArgName("offsets")->Arg(0)->Arg(1);

void chinese_reviews(benchmark::State& state) {
  encode_all(state, make_tokenizer("chinese_uncased"), golden_texts("tensorflow/golden.jsonl"),
             {.with_offsets = state.range(0) != 0});
}
BENCHMARK(chinese_reviews)->ArgName("offsets")->Arg(0)->Arg(1);

void english_sentence(benchmark::State& state) {
  const std::string sentence =
      "Wheat exports rose as the dollar fell, the ministry's spokeswoman said on Tuesday; analysts "
      "had expected 4.5 million tonnes. ";
  std::string text;
  for (int i = 0; i < 8; ++i) text += sentence;
  encode_all(state, make_tokenizer("english_uncased"), {text},
             {.with_offsets = state.range(0) != 0});
}
BENCHMARK(english_sentence)->ArgName("offsets")->Arg(0)->Arg(1);

void one_giant_word(benchmark::State& state) {
  encode_all(state, make_tokenizer("english_uncased"),
             {std::string(static_cast<std::size_t>(state.range(0)), 'a')}, {});
}
BENCHMARK(one_giant_word)->Range(1 << 10, 1 << 20);

void load_vocabulary(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(make_tokenizer("english_uncased"));
}
BENCHMARK(load_vocabulary)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
