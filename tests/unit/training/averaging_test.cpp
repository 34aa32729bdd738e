#include "polytag/training/averaging.hpp"

#include "support/golden.hpp"

namespace polytag::training {

TEST_CASE("Moving averages and means of weights are PyTorch's") {
  const WeightSource golden =
      open_safetensors(*test::find_golden("training/units/optimizers.safetensors"));
  for (const std::string tensor : {"weight", "bias", "table"}) {
    INFO(tensor);
    const Tensor start = test::read_golden_tensor(golden, "start/" + tensor);
    const Tensor steps = test::read_golden_tensor(golden, "adamw/weights/" + tensor);
    const std::size_t size = start.size();
    MovingAverage moving(start.span(), 0.99);
    MeanOfWeights mean;
    for (std::size_t step = 0; step < 12; ++step) {
      moving.add(steps.span().subspan(step * size, size), step);
      if (step >= 8) mean.add(steps.span().subspan(step * size, size));
    }
    const Tensor ema = test::read_golden_tensor(golden, "adamw/ema/" + tensor);
    const Tensor swa = test::read_golden_tensor(golden, "adamw/swa_last_4/" + tensor);
    CHECK(test::distance(moving.average(), ema.span(), 1e-6, 1e-6).worst <= 1);
    CHECK(test::distance(mean.mean(), swa.span(), 1e-6, 1e-6).worst <= 1);
  }
}

}  // namespace polytag::training
