#include "data/text_stream.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

// Expected texts are Python's: io.TextIOWrapper(io.BytesIO(bytes), encoding).
namespace polytag {

namespace {

using namespace std::string_literals;

Rows lines(TextEncoding encoding, const std::string& bytes) {
  return rows_at_every_split({.format = InputFormat::kLines, .encoding = encoding}, bytes);
}
Rows lines(const std::string& bytes) { return lines(TextEncoding::kUtf8, bytes); }

const std::string kLittle = "h\0\xE9\0=\xD8\0\xDE\n\0b\0\n\0"s;
const std::string kBig = "\0h\0\xE9\xD8=\xDE\0\0\n\0b\0\n"s;

}  // namespace

TEST_CASE("encodings: UTF-16 is recognised by its byte order mark", "[data][encoding]") {
  const Rows expected{"1|hé😀", "2|b"};
  CHECK(lines("\xFF\xFE" + kLittle) == expected);
  CHECK(lines("\xFE\xFF" + kBig) == expected);
  CHECK(lines(TextEncoding::kUtf16, "\xFE\xFF" + kBig) == expected);
  CHECK(lines(TextEncoding::kUtf16Le, "\xFF\xFE" + kLittle) == expected);
}

TEST_CASE("encodings: UTF-16 without a mark is read where it is asked for", "[data][encoding]") {
  CHECK(lines(TextEncoding::kUtf16Le, kLittle) == Rows{"1|hé😀", "2|b"});
  CHECK(lines(TextEncoding::kUtf16Be, kBig) == Rows{"1|hé😀", "2|b"});
  CHECK(lines(TextEncoding::kUtf16Be, "\0a\x20\xAC\0\r\0\n\0b"s) == Rows{"1|a€", "2|b"});
}

TEST_CASE("encodings: UTF-16 without a mark is not taken for UTF-8", "[data][encoding]") {
  CHECK_THROWS_WITH(read_rows(InputFormat::kLines, "h\0i\0\n\0"s),
                    ContainsSubstring("utf-16-le") && ContainsSubstring("(encoding)"));
  CHECK_THROWS_WITH(read_rows(InputFormat::kLines, "\0h\0i\0\n"s), ContainsSubstring("utf-16-be"));
  CHECK_THROWS_AS(read_rows(InputFormat::kCsv, "t\0e\0x\0t\0\n\0"s), FormatError);
  CHECK_THROWS_AS(read_rows(InputFormat::kJson, "[\0{\0}\0"s), FormatError);
}

TEST_CASE("encodings: Latin-1 and Windows-1252 differ where they do", "[data][encoding]") {
  CHECK(lines(TextEncoding::kLatin1, "caf\xE9\n") == Rows{"1|café"});
  CHECK(lines(TextEncoding::kWindows1252, "\x80 \x93q\x94\n\xE9") == Rows{"1|€ “q”", "2|é"});
  CHECK(lines(TextEncoding::kLatin1, "\x80") == Rows{"1|\xC2\x80"});
}

TEST_CASE("encodings: bytes that are no characters name line and place", "[data][encoding]") {
  CHECK(lines("good\ncaf\xE9 good\nbad\n") ==
        Rows{"1|good",
             "2!in: line 2: expected text in utf-8, found byte 0xE9 at byte 8 of the file; is it "
             "latin-1 or windows-1252? (encoding)",
             "3|bad"});
  CHECK_THAT(lines("\xEF\xBB\xBF"
                   "a\xC3")[0],
             ContainsSubstring("byte 0xC3 at byte 4"));
  CHECK_THAT(lines("\xED\xA0\x80")[0], ContainsSubstring("byte 0xED at byte 0"));
  CHECK_THAT(lines(TextEncoding::kWindows1252, "a\nb\x81")[1],
             ContainsSubstring("windows-1252, found what is no character at byte 3"));
  CHECK_THAT(lines(TextEncoding::kUtf16Le, "a\0\n\0\0\xD8x\0"s)[1],
             ContainsSubstring("utf-16-le, found what is no character at byte 4"));
  CHECK_THAT(lines(TextEncoding::kUtf16Le, "a\0b"s)[0], ContainsSubstring("no character"));
}

TEST_CASE("encodings: in every format a file that is not UTF-8 is an error", "[data][encoding]") {
  CHECK_THAT(read_rows(InputFormat::kCsv, "text,id\n\"a\ncaf\xE9\",1\nx,2\n")[0],
             ContainsSubstring("line 3: expected text in utf-8"));
  CHECK_THROWS_AS(read_rows(InputFormat::kCsv, "caf\xE9,text\n1,x\n"), FormatError);
  CHECK_THAT(read_rows(InputFormat::kJsonl, "{\"text\": \"\xE9\"}")[0],
             ContainsSubstring("byte 0xE9 at byte 10"));
  CHECK(read_rows(InputFormat::kJson, "[\n{\"text\": \"\xE9\"},\n{\"text\": \"x\"}]") ==
        Rows{"2!in: line 2: expected text in utf-8, found byte 0xE9 at byte 12 of the file; is it "
             "latin-1 or windows-1252? (encoding)",
             "3|x"});
}

TEST_CASE("encodings: a byte order mark that contradicts the encoding is an error",
          "[data][encoding]") {
  CHECK_THROWS_WITH(read_rows({.format = InputFormat::kLines, .encoding = TextEncoding::kLatin1},
                              "\xEF\xBB\xBFx"),
                    ContainsSubstring("a byte order mark of utf-8"));
  CHECK_THROWS_AS(read_rows({.format = InputFormat::kLines, .encoding = TextEncoding::kUtf16Be},
                            "\xFF\xFEx\0"s),
                  FormatError);
}

TEST_CASE("encodings: every format is read from UTF-16", "[data][encoding]") {
  const auto utf16 = [](std::string_view ascii) {
    std::string bytes = "\xFF\xFE";
    for (const char c : ascii) bytes.append({c, '\0'});
    return bytes;
  };
  CHECK(rows_at_every_split(InputFormat::kCsv, utf16("id,text\r\n1,\"a\nb\"\r\n")) ==
        Rows{"2|a\nb"});
  CHECK(rows_at_every_split(InputFormat::kJsonl, utf16("{\"text\": \"x\"}\n")) == Rows{"1|x"});
  CHECK(rows_at_every_split(InputFormat::kJson, utf16("[{\"text\": \"x\"}]")) == Rows{"1|x"});
}

}  // namespace polytag
