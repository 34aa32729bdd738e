// Label one text: load a model directory, ask, print.
// usage: 01_classify MODEL_DIRECTORY

#include <iomanip>
#include <iostream>
#include <polytag/polytag.hpp>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: 01_classify MODEL_DIRECTORY\n";
    return 2;
  }
  try {
    const auto classifier = polytag::load_classifier(argv[1]);
    const auto prediction =
        classifier->classify("Wheat exports rose as the dollar fell against the yen.");
    for (const auto& label : prediction.labels) {
      std::cout << label.name << ' ' << std::setprecision(3) << label.score << '\n';
    }
  } catch (const polytag::Error& error) {
    // The message names the file, the object in it, what was expected and what was found.
    std::cerr << error.what() << '\n';
    return 1;
  }
}
