// Our side of compare_tokenizers.py: tokenizes the same texts again each time it is asked to.
//
// Reads commands from standard input, one a line: "round" tokenizes all texts once and prints the
// seconds of processor time that it took; "ids FILE" writes all ids of all texts as little-endian
// int32.

#include <cstdint>
#include <ctime>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

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
                        polytag::Encoding& encoding) {
  const std::clock_t begin = std::clock();
  for (const std::string& text : texts) tokenizer.encode(text, std::nullopt, {}, encoding);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

void write_ids(const polytag::Tokenizer& tokenizer, const std::vector<std::string>& texts,
               const std::string& path) {
  std::ofstream stream(path, std::ios::binary);
  for (const std::string& text : texts) {
    const polytag::Encoding encoding = tokenizer.encode(text);
    stream.write(reinterpret_cast<const char*>(encoding.ids.data()),
                 static_cast<std::streamsize>(encoding.ids.size() * sizeof(std::int32_t)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: tokenizer_throughput MODEL_DIRECTORY TEXTS.jsonl\n";
    return 2;
  }
  try {
    const polytag::Tokenizer tokenizer = polytag::load_tokenizer(argv[1]);
    const std::vector<std::string> texts = read_texts(argv[2]);
    polytag::Encoding encoding;
    for (std::string command; std::getline(std::cin, command);) {
      if (command == "round") {
        std::cout << seconds_of_round(tokenizer, texts, encoding) << std::endl;
      } else if (command.starts_with("ids ")) {
        write_ids(tokenizer, texts, command.substr(4));
        std::cout << "done" << std::endl;
      }
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
