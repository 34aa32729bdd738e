#include "polytag/training/schedule.hpp"

#include <cmath>

#include "support/golden.hpp"

namespace polytag::training {

TEST_CASE("Learning rates follow transformers' schedules in every update") {
  const auto golden = test::read_golden_json(*test::find_golden("training/units/schedules.json"));
  for (const auto& [name, factors] : golden["tables"].items()) {
    INFO(name);
    const std::size_t total = name.find("_T");
    const std::size_t warmup = name.find("_W");
    Schedule schedule{.kind = parse_schedule(name.substr(0, total)),
                      .warmup = std::stoul(name.substr(warmup + 2)),
                      .total = std::stoul(name.substr(total + 2, warmup - total - 2)),
                      .cycles = 2,
                      .power = 2};
    for (std::size_t step = 0; step < factors.size(); ++step) {
      INFO(step);
      CHECK(std::abs(schedule.factor(step) - factors[step].get<double>()) <= 1e-12);
    }
  }
}

TEST_CASE("The replaced system's learning rates are its own tables") {
  const auto golden =
      test::read_golden_json(*test::find_golden("training/optimizer/lr_tables.json"));
  for (const auto& [name, rates] : golden.items()) {
    INFO(name);
    const std::size_t total = name.find("_T");
    const std::size_t warmup = name.find("_W");
    const double rate = std::stod(name.substr(2, total - 2));
    const Schedule schedule{.kind = ScheduleKind::kReplacedSystem,
                            .warmup = std::stoul(name.substr(warmup + 2)),
                            .total = std::stoul(name.substr(total + 2, warmup - total - 2))};
    for (const auto& entry : rates) {
      const double found = rate * schedule.factor(entry[0].get<std::size_t>());
      CHECK(std::abs(found - entry[1].get<double>()) <= 3e-10);  // float32 there: 9e-11 observed
    }
  }
}

TEST_CASE("A schedule that nobody has is refused with those that exist") {
  CHECK_THROWS_WITH(parse_schedule("linaer"), ContainsSubstring("cosine_with_restarts"));
}

}  // namespace polytag::training
