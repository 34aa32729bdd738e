// From scores to labels: the model's own policy, another threshold, the best two, at least one.
// usage: 03_thresholds MODEL_DIRECTORY

#include <iomanip>
#include <iostream>
#include <polytag/polytag.hpp>
#include <string_view>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: 03_thresholds MODEL_DIRECTORY\n";
    return 2;
  }
  const auto classifier = polytag::load_classifier(argv[1]);
  const polytag::TextInput text = "Wheat exports rose as the dollar fell against the yen.";

  const auto show = [&](std::string_view title, const polytag::DecisionPolicy& policy) {
    polytag::ClassifyOptions options;
    options.decision = policy;
    std::cout << title << ':';
    for (const auto& label : classifier->classify(text, options).labels) {
      std::cout << ' ' << label.name;
    }
    std::cout << '\n';
  };

  polytag::DecisionPolicy policy = classifier->decision_policy();  // what the model directory says
  show("model's own", policy);
  policy.threshold = 0.75F;
  show("at least 0.75", policy);
  policy.threshold = 0.99F;
  show("at least 0.99", policy);
  policy.at_least_one = true;
  show("at least 0.99, or the best one", policy);
  policy.threshold = 0.0F;
  policy.top_k = 2;
  show("the best two", policy);

  // Every label's score, in the order of classifier->labels().
  const auto scores = classifier->scores(text).scores;
  std::cout << scores.size() << " scores; " << classifier->labels().name(26) << ' '
            << std::setprecision(3) << scores[26] << '\n';
}
