// A program of somebody else's: loads a model directory, labels a text, catches our errors.
#include <cstdio>
#include <cstring>
#include <polytag/polytag.hpp>

int main(int argc, char** argv) {
  if (argc != 2 || std::strcmp(polytag::version(), "") == 0) return 2;
  try {
    polytag::load_classifier("no such directory");
    return 3;
  } catch (const polytag::IoError& error) {
    std::printf("as it should: %s\n", error.what());
  }
  const auto classifier = polytag::load_classifier(argv[1]);
  const auto prediction =
      classifier->classify("Wheat exports rose as the dollar fell against the yen.");
  for (const auto& label : prediction.labels) {
    std::printf("%s %.3f\n", label.name.c_str(), static_cast<double>(label.score));
  }
  return prediction.labels.empty() || prediction.labels.front().name != "grain" ? 4 : 0;
}
