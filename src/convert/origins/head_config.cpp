#include "convert/origins/head_config.hpp"

#include <utility>

namespace polytag {

namespace {

void add_labels(Json& config, const std::vector<std::string>& labels) {
  Json id2label = Json::object();
  Json label2id = Json::object();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    id2label[std::to_string(i)] = labels[i];
    label2id[labels[i]] = i;
  }
  config["id2label"] = std::move(id2label);
  config["label2id"] = std::move(label2id);
  config.erase("num_labels");
}

}  // namespace

void add_head(Json& config, const RecognisedHead& head, const std::vector<std::string>& labels,
              std::vector<std::string>& notes) {
  if (head.name.empty()) {
    notes.push_back("The checkpoint has no head: the directory holds an encoder, to be trained.");
    return;
  }
  if (!labels.empty()) add_labels(config, labels);
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
