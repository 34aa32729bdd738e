#include "reports/svg_plot.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "reports/text_output.hpp"

namespace polytag {

std::string html_label(std::string_view text, std::size_t columns) {
  std::string clean;
  append_cell(clean, text, std::min(display_width(text), columns));
  std::string escaped;
  for (const char c : clean) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string html_escaped(std::string_view text) { return html_label(text, text.size()); }

SvgPlot::SvgPlot(double width, double height, std::string_view title)
    : width_(width),
      height_(height),
      out_(fmt::format("<svg viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"{}\">", width,
                       height, html_escaped(title))) {}

void SvgPlot::x_axis(std::string_view name) {
  for (int quarter = 0; quarter <= 4; ++quarter) {
    const double value = quarter / 4.0;
    fmt::format_to(std::back_inserter(out_),
                   "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/>"
                   "<text class=\"tick\" x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\">"
                   "{4:g}</text>",
                   left(value), top(1), top(0), top(0) + 15, value);
  }
  fmt::format_to(std::back_inserter(out_),
                 "<text class=\"axis\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
                 left(0.5), height_ - 6, name);
}

void SvgPlot::y_axis(std::string_view name) {
  for (int quarter = 0; quarter <= 4; ++quarter) {
    const double value = quarter / 4.0;
    fmt::format_to(std::back_inserter(out_),
                   "<path class=\"grid\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>"
                   "<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>",
                   left(0), top(value), left(1), left(0) - 6, top(value) + 4, value);
  }
  fmt::format_to(std::back_inserter(out_),
                 "<text class=\"axis\" transform=\"translate(11 {:.1f}) rotate(-90)\" "
                 "text-anchor=\"middle\">{}</text>",
                 top(0.5), name);
}

void SvgPlot::line(std::span<const PlotPoint> points, std::string_view style) {
  if (points.empty()) return;
  fmt::format_to(std::back_inserter(out_), "<polyline class=\"{}\" points=\"", style);
  for (const PlotPoint& point : points) {
    fmt::format_to(std::back_inserter(out_), "{:.1f},{:.1f} ", left(point.x), top(point.y));
  }
  out_.back() = '"';
  out_ += "/>";
}

void SvgPlot::dot(PlotPoint at, std::string_view style, std::string_view tooltip) {
  fmt::format_to(std::back_inserter(out_),
                 "<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"><title>{}</title>"
                 "</circle>",
                 style, left(at.x), top(at.y), html_escaped(tooltip));
}

void SvgPlot::rectangle(PlotPoint a, PlotPoint b, std::string_view style) {
  const auto [x0, x1] = std::minmax({left(a.x), left(b.x)});
  const auto [y0, y1] = std::minmax({top(a.y), top(b.y)});
  fmt::format_to(
      std::back_inserter(out_),
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>", style,
      x0, y0, x1 - x0, y1 - y0);
}

void SvgPlot::vertical(double x, std::string_view style) {
  fmt::format_to(std::back_inserter(out_), "<path class=\"{}\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>",
                 style, left(x), top(1), top(0));
}

void SvgPlot::text(PlotPoint at, std::string_view words, std::string_view style) {
  fmt::format_to(std::back_inserter(out_), "<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                 style, left(at.x), top(at.y), html_escaped(words));
}

std::string SvgPlot::finish() {
  out_ += "</svg>";
  return std::move(out_);
}

}  // namespace polytag
