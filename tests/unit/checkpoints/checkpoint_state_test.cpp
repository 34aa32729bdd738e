#include "checkpoints/checkpoint_state.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

std::string refusal(std::string_view text) {
  try {
    return "read as " + latest_checkpoint(text, "checkpoint");
  } catch (const FormatError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("checkpoint state: the newest name is taken, whatever stands around it",
          "[checkpoints][tf]") {
  CHECK(latest_checkpoint("model_checkpoint_path: \"model_0_0.ckpt\"\n"
                          "all_model_checkpoint_paths: \"older.ckpt\"\n"
                          "all_model_checkpoint_paths: \"model_0_0.ckpt\"\n",
                          "checkpoint") == "model_0_0.ckpt");
  CHECK(latest_checkpoint("# a comment\nlast_preserved_timestamp: 1.5e+9, "
                          "model_checkpoint_path:'sub/model-7'; # more",
                          "checkpoint") == "sub/model-7");
}

TEST_CASE("checkpoint state: escape sequences are decoded", "[checkpoints][tf]") {
  CHECK(latest_checkpoint(R"(model_checkpoint_path: "\346\250\241\345\236\213\t\x41\"\1")",
                          "checkpoint") == "\xE6\xA8\xA1\xE5\x9E\x8B\tA\"\1");
}

TEST_CASE("checkpoint state: of a path on another machine the last part is taken",
          "[checkpoints][tf]") {
  CHECK(latest_checkpoint("model_checkpoint_path: \"/home/x/model.ckpt\"", "c") == "model.ckpt");
  CHECK(latest_checkpoint(R"(model_checkpoint_path: "D:\\work\\model.ckpt")", "c") == "model.ckpt");
}

TEST_CASE("checkpoint state: a name outside of the directory is refused", "[checkpoints][tf]") {
  for (const char* path :
       {"../model.ckpt", "sub/../../model.ckpt", "..", "", "/", "/x/..", "a\\0b"}) {
    INFO(path);
    CHECK_THAT(refusal("model_checkpoint_path: \"" + std::string(path) + "\""),
               ContainsSubstring("the name of a checkpoint in the same directory"));
  }
}

TEST_CASE("checkpoint state: what is no state is refused", "[checkpoints][tf]") {
  CHECK_THAT(refusal(""), ContainsSubstring("expected a checkpoint's name, found nothing"));
  CHECK_THAT(refusal("all_model_checkpoint_paths: \"x\""), ContainsSubstring("found nothing"));
  CHECK_THAT(refusal("model_checkpoint_path: \"a\" model_checkpoint_path: \"b\""),
             ContainsSubstring("expected one, found several"));
  CHECK_THAT(refusal("model_checkpoint_path \"a\""), ContainsSubstring("':' behind"));
  CHECK_THAT(refusal("model_checkpoint_path: a"), ContainsSubstring("a string in quotes"));
  CHECK_THAT(refusal("model_checkpoint_path: \"a"), ContainsSubstring("the end of a string"));
  CHECK_THAT(refusal("model_checkpoint_path: \"\\q\""), ContainsSubstring("escape sequence"));
  CHECK_THAT(refusal("model_checkpoint_path: \"\\xg\""), ContainsSubstring("escape sequence"));
  CHECK_THAT(refusal("{}"), ContainsSubstring("the name of a field"));
  CHECK_THAT(refusal("other: {"), ContainsSubstring("a string or a number"));
}
