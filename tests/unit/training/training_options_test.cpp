#include "polytag/training/training_options.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"

namespace polytag::training {

TEST_CASE("Training options are set by Hugging Face's names and read back") {
  TrainingOptions options;
  set_training_option(options, "--num-train-epochs", "2.5");
  set_training_option(options, "lr_scheduler_type", "cosine");
  set_training_option(options, "eval_strategy", "steps");
  set_training_option(options, "load_best_model_at_end", "False");
  CHECK(options.num_train_epochs == 2.5);
  CHECK(options.lr_scheduler_type == ScheduleKind::kCosine);
  CHECK(options.eval_strategy == TrainingMoment::kSteps);
  CHECK_FALSE(options.load_best_model_at_end);
  TrainingOptions copy;
  for (const TrainingField& field : training_fields()) {
    set_training_option(copy, field.name, training_option(options, field.name));
    CHECK(training_option(copy, field.name) == training_option(options, field.name));
  }
}

TEST_CASE("Options that do not exist are refused with the nearest or the reason") {
  TrainingOptions options;
  CHECK_THROWS_WITH(set_training_option(options, "lerning_rate", "1"),
                    ContainsSubstring("is learning_rate meant?"));
  CHECK_THROWS_WITH(set_training_option(options, "push_to_hub", "true"),
                    ContainsSubstring("nothing leaves this machine"));
  CHECK_THROWS_WITH(set_training_option(options, "fp16", "true"), ContainsSubstring("float16"));
  CHECK_THROWS_WITH(set_training_option(options, "seed", "x"),
                    ContainsSubstring("seed: expected a whole number"));
  CHECK_THROWS_WITH(set_training_option(options, "eval_strategy", "sometimes"),
                    ContainsSubstring("one of no, steps, epoch"));
}

TEST_CASE("Values that make no sense are refused by their names") {
  TrainingOptions options;
  options.learning_rate = 0;
  CHECK_THROWS_WITH(check_training_options(options), ContainsSubstring("learning_rate"));
  options = {};
  options.metric_for_best_model = "accuracy";
  CHECK_THROWS_WITH(check_training_options(options), ContainsSubstring("subset_accuracy"));
  CHECK_NOTHROW(check_training_options(replaced_system_options()));
}

}  // namespace polytag::training
