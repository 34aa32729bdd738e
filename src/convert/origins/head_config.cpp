#include "convert/origins/head_config.hpp"

#include <utility>

#include "model/config_writer.hpp"

namespace polytag {

void add_head(Json& config, const RecognisedHead& head, const std::vector<std::string>& labels,
              std::vector<std::string>& notes) {
  if (head.name.empty()) {
    notes.push_back("The checkpoint has no head: the directory holds an encoder, to be trained.");
    return;
  }
  if (!labels.empty()) config = with_labels(std::move(config), labels);
  if (head.name != "cls_dense" || !head.fields.empty()) {
    Json fields = config.value("polytag", Json::object());
    fields["head"] = head.name;
    fields.update(head.fields);
    config["polytag"] = std::move(fields);
  }
  if (!config.contains("problem_type")) {
    notes.push_back(
        "Nothing says whether a text may have several labels: add problem_type to config.json, or "
        "give it when the model is loaded.");
  }
}

IoError missing_tokenizer(const ConversionSource& files) {
  return IoError::missing((files.checkpoint / "vocab.txt").string(),
                          "the tokenizer (ConvertOptions::vocabulary names it)");
}

}  // namespace polytag
