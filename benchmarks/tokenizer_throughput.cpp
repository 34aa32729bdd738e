// Our side of beside_peers/compare_tokenizers.py: tokenizes the same texts again each time it is
// asked to.
//
// Reads commands from standard input, one a line: "round" tokenizes all texts once and prints the
// seconds that it took; "ids FILE" writes all ids of all texts as little-endian int32.

#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "polytag/core/execution.hpp"
#include "polytag/core/executor.hpp"
#include "polytag/text/tokenizer.hpp"

namespace {

std::vector<std::string> read_texts(const char* path) {
  std::ifstream stream(path);
  std::vector<std::string> texts;
  for (std::string line; std::getline(stream, line);) {
    texts.push_back(nlohmann::json::parse(line).at("text"));
  }
  return texts;
}

double seconds_of_round(const polytag::Tokenizer& tokenizer, const std::vector<std::string>& texts,
                        std::vector<polytag::Encoding>& encodings, polytag::Executor& executor) {
  constexpr std::size_t kTextsPerTask = 64;  // as in a classifier's call
  const std::size_t tasks = (texts.size() + kTextsPerTask - 1) / kTextsPerTask;
  const auto begin = std::chrono::steady_clock::now();
  executor.run(tasks, [&](std::size_t task) {
    const auto range = polytag::work_range(texts.size(), tasks, task);
    for (std::size_t i = range.begin; i < range.end; ++i) {
      tokenizer.encode(texts[i], std::nullopt, {}, encodings[i]);
    }
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void write_ids(const std::vector<polytag::Encoding>& encodings, const std::string& path) {
  std::ofstream stream(path, std::ios::binary);
  for (const polytag::Encoding& encoding : encodings) {
    stream.write(reinterpret_cast<const char*>(encoding.ids.data()),
                 static_cast<std::streamsize>(encoding.ids.size() * sizeof(std::int32_t)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: tokenizer_throughput MODEL_DIRECTORY TEXTS.jsonl THREADS\n";
    return 2;
  }
  try {
    const polytag::Tokenizer tokenizer = polytag::load_tokenizer(argv[1]);
    const std::vector<std::string> texts = read_texts(argv[2]);
    std::vector<polytag::Encoding> encodings(texts.size());
    polytag::ThreadPool pool(std::stoul(argv[3]));
    for (std::string command; std::getline(std::cin, command);) {
      if (command == "round") {
        std::cout << seconds_of_round(tokenizer, texts, encodings, pool) << std::endl;
      } else if (command.starts_with("ids ")) {
        seconds_of_round(tokenizer, texts, encodings, pool);
        write_ids(encodings, command.substr(4));
        std::cout << "done" << std::endl;
      }
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
