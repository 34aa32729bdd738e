#include "polytag/training/optimizer.hpp"

#include <cmath>
#include <map>

#include "polytag/training/schedule.hpp"
#include "support/golden.hpp"

namespace polytag::training {

namespace {

/// Tensors one after the other in flat buffers.
struct Flat {
  void add(const std::string& name, const Tensor& start, double rate, double decay) {
    places[name] = weights.size();
    groups.push_back({weights.size(), weights.size() + start.size(), rate, decay});
    weights.insert(weights.end(), start.span().begin(), start.span().end());
    for (auto* const buffer : {&gradients, &first, &second}) buffer->resize(weights.size());
  }
  void set_gradient(const std::string& name, std::span<const float> values) {
    std::ranges::copy(values, gradients.begin() + static_cast<std::ptrdiff_t>(places.at(name)));
  }
  std::span<const float> of(const std::string& name, const std::vector<float>& buffer,
                            std::size_t size) const {
    return std::span(buffer).subspan(places.at(name), size);
  }
  UpdateBuffers buffers() { return {weights, gradients, first, second}; }

  std::map<std::string, std::size_t> places;
  std::vector<UpdateGroup> groups;
  std::vector<float> weights, gradients, first, second;
};

void check_adamw(const std::string& name, const OptimizerOptions& options) {
  INFO(name);
  const auto json = test::read_golden_json(*test::find_golden("training/units/optimizers.json"));
  const WeightSource golden =
      open_safetensors(*test::find_golden("training/units/optimizers.safetensors"));
  Flat flat;
  for (const auto& group : json["groups"]) {
    for (const std::string tensor : group["tensors"]) {
      flat.add(tensor, test::read_golden_tensor(golden, "start/" + tensor),
               group["learning_rate"].get<double>(), group["weight_decay"].get<double>());
    }
  }
  SerialExecutor serial;
  const Schedule schedule{.kind = ScheduleKind::kLinear, .warmup = 3, .total = 12};
  for (std::size_t step = 0; step < 12; ++step) {
    for (const auto& [tensor, place] : flat.places) {
      const Tensor all = test::read_golden_tensor(golden, "gradients/" + tensor);
      flat.set_gradient(tensor, all.matrix().row(step));
    }
    const double norm = std::sqrt(sum_of_squares(flat.gradients, serial));
    CHECK(norm == Approx(json["norms"][name][step].get<double>()).epsilon(1e-6));
    update_weights(options, flat.buffers(), flat.groups,
                   {step, schedule.factor(step), clip_scale(options.kind, norm, 1)}, serial);
    for (const auto& [tensor, place] : flat.places) {
      INFO(tensor << ", step " << step);
      const Tensor all = test::read_golden_tensor(golden, name + "/weights/" + tensor);
      const auto expected = all.matrix().row(step);
      const auto found = flat.of(tensor, flat.weights, expected.size());
      CHECK(test::distance(found, expected, 1e-6, 1e-6).worst <= 1);  // float64 there
    }
  }
  for (const auto& [tensor, place] : flat.places) {
    const Tensor first = test::read_golden_tensor(golden, name + "/m/" + tensor);
    const Tensor second = test::read_golden_tensor(golden, name + "/v/" + tensor);
    CHECK(
        test::distance(flat.of(tensor, flat.first, first.size()), first.span(), 1e-6, 1e-6).worst <=
        1);
    CHECK(test::distance(flat.of(tensor, flat.second, second.size()), second.span(), 1e-6, 1e-6)
              .worst <= 1);
  }
}

void check_replaced(const std::string& name, OptimizerKind kind) {
  INFO(name);
  const auto json =
      test::read_golden_json(*test::find_golden("training/optimizer/" + name + ".json"));
  const WeightSource golden =
      open_safetensors(*test::find_golden("training/optimizer/" + name + ".safetensors"));
  Flat flat;
  for (const StoredTensor& stored : golden.tensors()) {
    if (!stored.name.starts_with("init/")) continue;
    const std::string tensor = stored.name.substr(5);
    flat.add(tensor, test::read_golden_tensor(golden, stored.name), json["init_lr"].get<double>(),
             replaced_system_excludes(tensor) ? 0 : 0.01);
  }
  REQUIRE(flat.places.size() == 7);
  ThreadPool pool(2);
  const Schedule schedule{.kind = ScheduleKind::kReplacedSystem,
                          .warmup = json["warmup"].get<std::size_t>(),
                          .total = json["num_train_steps"].get<std::size_t>()};
  const OptimizerOptions options{.kind = kind, .epsilon = 1e-6};
  for (const auto& log : json["log"]) {
    const auto step = log["step"].get<std::size_t>();
    const std::string number = std::to_string(step) + "/";
    for (const auto& [tensor, place] : flat.places) {
      const Tensor gradient = test::read_golden_tensor(golden, "grad/" + number + tensor);
      flat.set_gradient(tensor, gradient.span());
    }
    const double norm = std::sqrt(sum_of_squares(flat.gradients, pool));
    CHECK(norm == Approx(log["global_norm"].get<double>()).epsilon(2e-6));  // 7e-7 observed
    update_weights(options, flat.buffers(), flat.groups,
                   {step, schedule.factor(step), clip_scale(kind, norm, 1)}, pool);
    for (const auto& [tensor, place] : flat.places) {
      INFO(tensor << ", step " << step);
      const Tensor after = test::read_golden_tensor(golden, "after/" + number + tensor);
      CHECK(test::distance(flat.of(tensor, flat.weights, after.size()), after.span(), 1.5e-6, 0)
                .worst <= 1);  // 4.5e-7 observed
    }
  }
}

}  // namespace

TEST_CASE("AdamW is PyTorch's, with groups that have rates and decays of their own") {
  check_adamw("adamw", {});
  check_adamw("adamw_beta2_98_eps6", {.beta2 = 0.98, .epsilon = 1e-6});
}

TEST_CASE("AdamW and LAMB of the replaced system take its 24 steps") {
  check_replaced("unit_adamw", OptimizerKind::kReplacedAdamW);
  check_replaced("unit_lamb", OptimizerKind::kReplacedLamb);
}

TEST_CASE("Sums of squares and updates have the same bits on any number of threads") {
  std::vector<float> numbers(100'003);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = std::sin(static_cast<float>(i) * 0.37F);
  }
  SerialExecutor serial;
  ThreadPool pool(3);
  CHECK(sum_of_squares(numbers, serial) == sum_of_squares(numbers, pool));
  const std::vector<UpdateGroup> groups{{0, 70'001, 0.1, 0.01}, {70'001, 100'003, 0.2, 0}};
  const auto updated = [&](Executor& executor) {
    std::vector<float> weights = numbers, first(numbers.size()), second(numbers.size());
    update_weights({}, {weights, numbers, first, second}, groups, {}, executor);
    return weights;
  };
  CHECK(updated(serial) == updated(pool));
}

}  // namespace polytag::training
