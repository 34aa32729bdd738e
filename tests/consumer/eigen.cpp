// A program of somebody else's that computes with Eigen's matrix products.
#include <cstdio>
#include <polytag/backends/eigen.hpp>
#include <polytag/polytag.hpp>

int main(int, char** argv) {
  polytag::LoadOptions options;
  options.backend = polytag::eigen_backend();
  const auto classifier = polytag::load_classifier(argv[1], options);
  const auto prediction =
      classifier->classify("Wheat exports rose as the dollar fell against the yen.");
  std::printf("%s\n", classifier->description().backend.c_str());
  return prediction.labels.empty() || prediction.labels.front().name != "grain" ? 1 : 0;
}
