#pragma once

#include <span>
#include <string>
#include <string_view>

namespace polytag {

/// A text that is safe between tags and inside quoted attributes: markup characters are escaped,
/// control characters and what is not UTF-8 replaced.
std::string html_escaped(std::string_view text);

/// The same, in at most `columns` columns, "…" at the end of what was cut.
std::string html_label(std::string_view text, std::size_t columns);

/// A point of a plot; both coordinates from 0 to 1, y upwards.
struct PlotPoint {
  double x;
  double y;
};

/// A picture as inline SVG: an area of a unit square with axes. Colours come from classes of the
/// page's style sheet.
class SvgPlot {
 public:
  /// @param width    of the picture with its margins, in the picture's own units, as is `height`
  /// @param title    read out by screen readers
  SvgPlot(double width, double height, std::string_view title);

  /// Grid lines and numbers at 0, 0.25, …, 1, and what the axis shows.
  void x_axis(std::string_view name);
  void y_axis(std::string_view name);

  void line(std::span<const PlotPoint> points, std::string_view style);
  void dot(PlotPoint at, std::string_view style, std::string_view tooltip);
  /// From corner to corner, in any order.
  void rectangle(PlotPoint a, PlotPoint b, std::string_view style);
  void vertical(double x, std::string_view style);
  void text(PlotPoint at, std::string_view words, std::string_view style);

  std::string finish();

 private:
  double left(double x) const { return kLeft + x * (width_ - kLeft - kRight); }
  double top(double y) const { return kTop + (1 - y) * (height_ - kTop - kBottom); }

  static constexpr double kLeft = 44, kRight = 12, kTop = 10, kBottom = 40;
  double width_;
  double height_;
  std::string out_;
};

}  // namespace polytag
