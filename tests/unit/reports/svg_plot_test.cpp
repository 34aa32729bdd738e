#include "reports/svg_plot.hpp"

#include <vector>

#include "support/catch.hpp"

namespace polytag {

TEST_CASE("html_escaped: markup, control characters and bad UTF-8 are harmless",
          "[reports][html]") {
  CHECK(html_escaped("<script>alert('1') & \"2\"</script>") ==
        "&lt;script&gt;alert(&#39;1&#39;) &amp; &quot;2&quot;&lt;/script&gt;");
  CHECK(html_escaped(std::string_view("a\0b\nc\x7F", 6)) == "a b c ");
  CHECK(html_escaped("\xFF外") == "\xEF\xBF\xBD外");
  CHECK(html_escaped("").empty());
}

TEST_CASE("html_label: long names end in an ellipsis, never in half an entity", "[reports][html]") {
  CHECK(html_label("grain", 5) == "grain");
  CHECK(html_label("grains", 5) == "grai…");
  CHECK(html_label("<<<<<<", 3) == "&lt;&lt;…");
  CHECK(html_label("外观味道", 5) == "外观…");
}

TEST_CASE("svg_plot: the unit square fills the area within the margins", "[reports][html]") {
  SvgPlot plot(156, 150, "a <title>");
  plot.line(std::vector<PlotPoint>{{0, 0}, {1, 1}}, "c0");
  plot.rectangle({1, 0.5}, {0.5, 0}, "yes");
  plot.line({}, "nothing");
  CHECK(plot.finish() ==
        "<svg viewBox=\"0 0 156 150\" role=\"img\" aria-label=\"a &lt;title&gt;\">"
        "<polyline class=\"c0\" points=\"44.0,110.0 144.0,10.0\"/>"
        "<rect class=\"yes\" x=\"94.0\" y=\"60.0\" width=\"50.0\" height=\"50.0\"/></svg>");
}

}  // namespace polytag
