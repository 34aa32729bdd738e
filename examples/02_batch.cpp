// Label many texts on all cores: one call for a batch, then a stream of any length.
// usage: 02_batch MODEL_DIRECTORY

#include <iostream>
#include <polytag/polytag.hpp>
#include <polytag/stream.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace {

void print(const polytag::Prediction& prediction) {
  for (const auto& label : prediction.labels) std::cout << label.name << ' ';
  std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: 02_batch MODEL_DIRECTORY\n";
    return 2;
  }
  polytag::LoadOptions options;
  options.threads = 0;  // all that this process may use
  const auto classifier = polytag::load_classifier(argv[1], options);

  // Texts of different lengths go through the model together, without any padding between them.
  const std::vector<polytag::TextInput> texts{
      "Crude oil output will stay at 16 million barrels a day, OPEC said.",
      "The company said net profit rose to 45 cents a share from 31 cents.",
      "Coffee and cocoa prices slipped."};
  for (const auto& prediction : classifier->classify(texts)) print(prediction);

  // Any input range of strings will do, a generator or the lines of a file: memory stays bounded.
  std::istringstream file(
      "The central bank raised its interest rate by half a point.\n"
      "Gold climbed above 400 dlrs an ounce.\n");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  classify_stream(*classifier, lines, print);
}
