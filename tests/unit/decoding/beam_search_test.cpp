#include "polytag/decoding/beam_search.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "random_model.hpp"
#include "support/catch.hpp"

using namespace polytag;

namespace {

using Ids = std::vector<std::size_t>;

BeamSearchOptions search_options(std::size_t vocabulary, std::size_t width, std::size_t length) {
  BeamSearchOptions options;
  options.vocabulary_size = vocabulary;
  options.start_id = 1;
  options.end_id = 0;
  options.maximum_length = length;
  options.beam_width = width;
  return options;
}

BeamSearchResult search(const RandomModel& model, const BeamSearchOptions& options) {
  return std::move(beam_search(model.states.size(), options, RandomModel(model)).front());
}

bool same(const BeamSearchResult& a, const BeamSearchResult& b) {
  if (a.scores != b.scores || a.sequences.size() != b.sequences.size()) return false;
  for (std::size_t i = 0; i < a.sequences.size(); ++i) {
    if (a.sequences[i].ids != b.sequences[i].ids ||
        a.sequences[i].log_probability != b.sequences[i].log_probability ||
        a.sequences[i].finished != b.sequences[i].finished) {
      return false;
    }
  }
  return std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
                    [](const BeamSearchStep& x, const BeamSearchStep& y) {
                      return x.ids == y.ids && x.parents == y.parents && x.scores == y.scores;
                    });
}

/// BeamSearchDecoder of TensorFlow 1.15 word by word, for one text without penalties: finished
/// beams are stepped and masked, every step sorts [beams * vocabulary], gather_tree at the end.
struct PlainBeamSearch {
  std::vector<Ids> ids, parents;           // [time][beam]
  std::vector<std::vector<float>> scores;  // [time][beam]
  std::vector<std::size_t> lengths;
  std::vector<bool> finished;
  std::vector<Ids> sequences;  // [beam][time], filled up with the end id

  PlainBeamSearch(const RandomModel& model, const BeamSearchOptions& options) {
    const float minus_infinity = -std::numeric_limits<float>::infinity();
    const std::size_t width = options.beam_width;
    const std::size_t vocabulary = options.vocabulary_size;
    std::vector<float> log_probabilities(width, minus_infinity);
    log_probabilities[0] = 0;
    lengths.assign(width, 0);
    finished.assign(width, false);
    std::vector<std::uint64_t> states(width, model.states[0]);
    Ids last(width, options.start_id);
    while (ids.size() < options.maximum_length &&
           std::count(finished.begin(), finished.end(), false) > 0) {
      std::vector<float> totals;
      for (std::size_t beam = 0; beam < width; ++beam) {
        states[beam] = RandomModel::extended(states[beam], last[beam]);
        std::vector<float> row(vocabulary);
        for (std::size_t id = 0; id < vocabulary; ++id) row[id] = model.logit(states[beam], id);
        log_softmax(row, 0);
        if (finished[beam]) {
          row.assign(vocabulary, std::numeric_limits<float>::lowest());
          row[options.end_id] = 0;
        }
        for (const float value : row) totals.push_back(log_probabilities[beam] + value);
      }
      Ids order(totals.size());
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::stable_sort(order.begin(), order.end(),
                       [&](std::size_t a, std::size_t b) { return totals[a] > totals[b]; });
      const auto before_lengths = lengths;
      const auto before_finished = finished;
      const auto before_states = states;
      ids.emplace_back();
      parents.emplace_back();
      scores.emplace_back();
      for (std::size_t beam = 0; beam < width; ++beam) {
        const std::size_t parent = order[beam] / vocabulary;
        last[beam] = order[beam] % vocabulary;
        log_probabilities[beam] = totals[order[beam]];
        lengths[beam] = before_lengths[parent] + (before_finished[parent] ? 0 : 1);
        finished[beam] = before_finished[parent] || last[beam] == options.end_id;
        states[beam] = before_states[parent];
        ids.back().push_back(last[beam]);
        parents.back().push_back(parent);
        scores.back().push_back(log_probabilities[beam]);
      }
    }
    const std::size_t longest = *std::max_element(lengths.begin(), lengths.end());
    for (std::size_t beam = 0; beam < width; ++beam) {
      Ids sequence(ids.size(), options.end_id);
      std::size_t at = beam;
      for (std::size_t time = std::min(ids.size(), longest); time-- > 0; at = parents[time][at]) {
        sequence[time] = ids[time][at];
      }
      const auto end = std::find(sequence.begin(), sequence.end(), options.end_id);
      std::fill(end, sequence.end(), options.end_id);
      sequences.push_back(sequence);
    }
  }
};

}  // namespace

TEST_CASE("beam_search: ids, parents, scores and order are those of TensorFlow's decoder",
          "[decoding][beam_search]") {
  const float granule = GENERATE(0.0F, 0.5F, 4.0F);  // from no ties to all equal
  for (const std::size_t width : {1U, 2U, 3U, 5U, 7U}) {
    for (const std::size_t length : {1U, 5U, 10U}) {
      for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto options = search_options(7, width, length);
        const RandomModel model({seed * 1000003}, granule);
        const PlainBeamSearch expected(model, options);
        const BeamSearchResult result = search(model, options);
        INFO("granule " << granule << " width " << width << " length " << length << " seed "
                        << seed);
        REQUIRE(result.steps.size() == expected.ids.size());
        for (std::size_t time = 0; time < result.steps.size(); ++time) {
          REQUIRE(result.steps[time].ids == expected.ids[time]);
          REQUIRE(result.steps[time].parents == expected.parents[time]);
          REQUIRE(result.steps[time].scores == expected.scores[time]);
        }
        REQUIRE(result.sequences.size() == width);
        for (std::size_t beam = 0; beam < width; ++beam) {
          Ids filled = result.sequences[beam].ids;
          REQUIRE(filled.size() == expected.lengths[beam]);
          filled.resize(result.steps.size(), options.end_id);
          REQUIRE(filled == expected.sequences[beam]);
          REQUIRE(result.sequences[beam].finished == expected.finished[beam]);
          REQUIRE(result.sequences[beam].log_probability == expected.scores.back()[beam]);
        }
      }
    }
  }
}

TEST_CASE("beam_search: texts together get what each gets alone", "[decoding][beam_search]") {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t text = 0; text < 20; ++text) seeds.push_back(77 + text * 5);
  for (const std::size_t n_best : {0U, 1U}) {
    auto options = search_options(6, 3, 8);
    options.n_best = n_best;
    const auto together = beam_search(seeds.size(), options, RandomModel(seeds));
    REQUIRE(together.size() == seeds.size());
    for (std::size_t text = 0; text < seeds.size(); ++text) {
      CHECK(same(together[text], search(RandomModel({seeds[text]}), options)));
    }
  }
}

TEST_CASE("beam_search: only open beams are stepped", "[decoding][beam_search]") {
  const auto options = search_options(4, 3, 12);
  RandomModel model({11, 12, 13, 14});
  const auto results = beam_search(4, options, model);
  std::size_t open = 4;  // one row per text in the first step
  for (const BeamSearchResult& result : results) {
    for (std::size_t time = 0; time + 1 < result.steps.size(); ++time) {
      const Ids& ids = result.steps[time].ids;
      open += ids.size() - static_cast<std::size_t>(std::count(ids.begin(), ids.end(), 0U));
    }
  }
  CHECK(model.rows_stepped == open);
}

TEST_CASE("beam_search: a beam wide enough for all sequences is exhaustive search",
          "[decoding][beam_search]") {
  const std::size_t vocabulary = 3;
  const std::size_t length = 4;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RandomModel model({seed});
    std::map<Ids, float> all;
    const auto walk = [&](const auto& self, const Ids& ids, std::uint64_t state,
                          float log_p) -> void {
      if (ids.size() == length || (!ids.empty() && ids.back() == 0)) {
        all[ids] = log_p;
        return;
      }
      state = RandomModel::extended(state, ids.empty() ? 1 : ids.back());
      std::vector<float> row(vocabulary);
      for (std::size_t id = 0; id < vocabulary; ++id) row[id] = model.logit(state, id);
      log_softmax(row, 0);
      for (std::size_t id = 0; id < vocabulary; ++id) {
        Ids longer = ids;
        longer.push_back(id);
        self(self, longer, state, log_p + row[id]);
      }
    };
    walk(walk, {}, seed, 0);
    const BeamSearchResult result = search(model, search_options(vocabulary, 81, length));
    REQUIRE(result.sequences.size() == all.size());
    for (const DecodedSequence& sequence : result.sequences) {
      CHECK(all.at(sequence.ids) == sequence.log_probability);
    }
    CHECK(std::is_sorted(result.scores.rbegin(), result.scores.rend()));
  }
}

TEST_CASE("beam_search: asking for fewer sequences ends sooner with the same ones",
          "[decoding][beam_search]") {
  std::size_t full_rows = 0;
  std::size_t early_rows = 0;
  for (const float penalty : {0.0F, 0.6F, 1.0F, 3.0F}) {
    for (const float granule : {0.0F, 0.5F}) {
      for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        auto options = search_options(5, 4, 15);
        options.length_penalty = penalty;
        RandomModel full_model({seed}, granule);
        const BeamSearchResult full = beam_search(1, options, full_model).front();
        for (options.n_best = 1; options.n_best <= 4; ++options.n_best) {
          RandomModel model({seed}, granule);
          const BeamSearchResult early = beam_search(1, options, model).front();
          REQUIRE(early.sequences.size() == options.n_best);
          for (std::size_t i = 0; i < options.n_best; ++i) {
            REQUIRE(early.sequences[i].ids == full.sequences[i].ids);
            REQUIRE(early.scores[i] == full.scores[i]);
          }
          REQUIRE(model.rows_stepped <= full_model.rows_stepped);
          if (options.n_best == 1 && penalty == 0) {
            full_rows += full_model.rows_stepped;
            early_rows += model.rows_stepped;
          }
        }
      }
    }
  }
  CHECK(early_rows * 2 < full_rows);
}

TEST_CASE("beam_search: the length penalty ranks by the stated formula",
          "[decoding][beam_search]") {
  auto options = search_options(4, 64, 3);
  options.length_penalty = 1.5F;
  const BeamSearchResult result = search(RandomModel({5}), options);
  REQUIRE(std::is_sorted(result.scores.rbegin(), result.scores.rend()));
  for (std::size_t i = 0; i < result.sequences.size(); ++i) {
    const auto length = static_cast<double>(result.sequences[i].ids.size());
    const double penalty = std::pow((5 + length) / 6, 1.5);
    CHECK(result.scores[i] == Approx(result.sequences[i].log_probability / penalty).epsilon(1e-6));
  }
  options.length_penalty = 0;
  const BeamSearchResult plain = search(RandomModel({5}), options);
  CHECK(result.sequences[0].ids.size() > plain.sequences[0].ids.size());
}

TEST_CASE("beam_search: masks and uniqueness hold in every beam", "[decoding][beam_search]") {
  auto options = search_options(6, 4, 10);
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    options.unique_ids = true;
    options.allowed_ids = {false, true, true, false, true, true};  // the end may come all the same
    for (const DecodedSequence& sequence : search(RandomModel({seed}), options).sequences) {
      CHECK(std::set(sequence.ids.begin(), sequence.ids.end()).size() == sequence.ids.size());
      CHECK(std::count(sequence.ids.begin(), sequence.ids.end(), 3U) == 0);
      CHECK(sequence.finished);  // after four labels nothing but the end is left
    }
  }
}

TEST_CASE("beam_search: what can go nowhere is no beam", "[decoding][beam_search]") {
  auto options = search_options(3, 2, 5);
  const float never = -std::numeric_limits<float>::infinity();
  const auto step = [&](const DecodingStep& rows, MatrixView<float> logits) {
    for (std::size_t row = 0; row < logits.rows; ++row) {
      // Text 0 may only repeat its id 1, text 1 may do as it likes.
      logits.row(row)[0] = rows.texts[row] == 0 ? never : 1.0F;
      logits.row(row)[1] = 2.0F;
      logits.row(row)[2] = rows.texts[row] == 0 ? never : 3.0F;
    }
  };
  options.unique_ids = true;
  const auto results = beam_search(2, options, step);
  CHECK(results[0].sequences.empty());
  CHECK(results[1].sequences.size() == 2);
  options.unique_ids = false;
  CHECK(beam_search(2, options, step)[0].sequences.front().ids == Ids(5, 1));
}

TEST_CASE("beam_search: logits that are no distribution are errors that name the text",
          "[decoding][beam_search]") {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  using Row = std::vector<float>;
  for (const Row& bad : {Row{0, nan, 0}, Row{nan, 0, 0}, Row{0, infinity, 0}, Row(3, -infinity)}) {
    const auto step = [&](const DecodingStep& rows, MatrixView<float> logits) {
      for (std::size_t row = 0; row < logits.rows; ++row) {
        const Row& values = rows.texts[row] == 1 ? bad : Row{1, 2, 3};
        std::copy(values.begin(), values.end(), logits.row(row).begin());
      }
    };
    CHECK_THROWS_WITH(beam_search(2, search_options(3, 2, 5), step), ContainsSubstring("text 1"));
  }
  const auto forgetful = [](const DecodingStep&, MatrixView<float>) {};
  CHECK_THROWS_AS(beam_search(1, search_options(3, 2, 5), forgetful), ArgumentError);
}

TEST_CASE("beam_search: options out of range are errors", "[decoding][beam_search]") {
  const auto throws = [](auto change) {
    auto options = search_options(4, 2, 3);
    change(options);
    CHECK_THROWS_AS(beam_search(1, options, RandomModel({1})), ArgumentError);
  };
  throws([](auto& options) { options.vocabulary_size = 0; });
  throws([](auto& options) { options.maximum_length = 0; });
  throws([](auto& options) { options.end_id = 4; });
  throws([](auto& options) { options.allowed_ids = {true}; });
  throws([](auto& options) { options.beam_width = 0; });
  throws([](auto& options) { options.n_best = 3; });
  throws([](auto& options) { options.length_penalty = -1; });
  throws([](auto& options) { options.length_penalty = std::numeric_limits<float>::quiet_NaN(); });
  CHECK(beam_search(0, search_options(4, 2, 3), RandomModel({})).empty());
}
