#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace polytag {

/// Appends a JSON string with its quotes. What is not UTF-8 becomes U+FFFD, one for every maximal
/// ill-formed part.
void append_json_string(std::string& out, std::string_view text);

/// Appends a field as RFC 4180 wants it: quoted where it must be.
void append_csv_field(std::string& out, std::string_view text);

/// Appends the shortest digits that give the same float when read, "1.0" rather than "1"; "null"
/// for what is no number.
template <std::floating_point Number>
void append_number(std::string& out, Number number);

template <std::integral Number>
void append_number(std::string& out, Number number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

/// How many columns of a terminal a text takes: two for East Asian wide characters and emoji, none
/// for combining marks.
std::size_t display_width(std::string_view text) noexcept;

/// Appends a text in exactly `width` columns, on one line: white space and control characters are
/// one space each, what is too long ends in "…".
void append_cell(std::string& out, std::string_view text, std::size_t width);

extern template void append_number(std::string&, float);
extern template void append_number(std::string&, double);

}  // namespace polytag
