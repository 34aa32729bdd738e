#pragma once

#include <string>
#include <string_view>

#include "reports/evaluation_report.hpp"

namespace polytag {

/// A page that needs nothing else, in the style of the evaluation page.
/// @param title  escaped already
std::string html_page(std::string_view title, std::string_view body, std::string_view footer);

/// A section with a title and a sentence above its content.
std::string html_card(std::string_view title, std::string_view words, std::string_view content);

/// A figure with its name.
std::string html_tile(double value, std::string_view name);

/// The evaluation page without its title: figures, charts, all labels.
std::string evaluation_sections(const EvaluationReport& report);

}  // namespace polytag
