#include "data/line_reader.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

namespace polytag {

TEST_CASE("lines: every line is a text, an empty one too", "[data][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "one\n\n two \nthree") ==
        Rows{"1|one", "2|", "3| two ", "4|three"});
}

TEST_CASE("lines: a newline ends the last line and begins no other", "[data][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "") == Rows{});
  CHECK(rows_at_every_split(InputFormat::kLines, "\n") == Rows{"1|"});
  CHECK(rows_at_every_split(InputFormat::kLines, "a") == Rows{"1|a"});
  CHECK(rows_at_every_split(InputFormat::kLines, "a\n") == Rows{"1|a"});
}

TEST_CASE("lines: CRLF ends a line, other carriage returns are text", "[data][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "a\r\nb\rc\n\r\n\r\r\n") ==
        Rows{"1|a", "2|b\rc", "3|", "4|\r"});
}

TEST_CASE("lines: a byte order mark at the start alone is left out", "[data][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "\xEF\xBB\xBF") == Rows{});
  CHECK(rows_at_every_split(InputFormat::kLines, "\xEF\xBB\xBF\n") == Rows{"1|"});
  CHECK(rows_at_every_split(InputFormat::kLines, "\xEF\xBB\xBFé\n\xEF\xBB\xBFx") ==
        Rows{"1|é", "2|\xEF\xBB\xBFx"});
  CHECK_THAT(rows_at_every_split(InputFormat::kLines, "\xEF\xBBx")[0],
             ContainsSubstring("byte 0xEF"));
}

TEST_CASE("lines: zero bytes are characters", "[data][lines]") {
  const std::string bytes("ab\0c\n", 5);
  CHECK(rows_at_every_split(InputFormat::kLines, bytes) == Rows{"1|" + bytes.substr(0, 4)});
}

TEST_CASE("lines: a carriage return ends lines where there is no newline", "[data][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "one\rtwo\r\rthree") ==
        Rows{"1|one", "2|two", "3|", "4|three"});
  CHECK(rows_at_every_split(InputFormat::kLines, "one\r") == Rows{"1|one"});
  // One of 64 KiB has a newline: it is a line like any other file's.
  const std::string late = std::string(1000, 'x') + "\r" + std::string(60'000, 'y') + "\n";
  CHECK(read_rows(InputFormat::kLines, late).size() == 1);
}

TEST_CASE("lines: a line grows the buffer, up to the limit", "[data][lines]") {
  const std::string most(kMostRowBytes - 1, 'x');
  CHECK(read_rows(InputFormat::kLines, most + "\ny").size() == 2);
  CHECK_THROWS_WITH(read_rows(InputFormat::kLines, "a\n" + most + "xx\ny"),
                    ContainsSubstring("in: line 2: expected a line of at most 256 MiB"));
}

TEST_CASE("lines: ready says whether a whole line is here", "[data][lines]") {
  MemoryStream stream("one\ntwo\nthree", 1);
  LineReader lines(TextStream("in", stream, TextEncoding::kUtf8, 4), CarriageReturns::kOfText, 4);
  stream.ready_until(0);
  CHECK_FALSE(lines.ready());
  stream.ready_until(3);
  CHECK_FALSE(lines.ready());  // "one", but who knows what follows
  stream.ready_until(6);
  CHECK(lines.ready());
  CHECK(lines.next() == "one");
  CHECK_FALSE(lines.ready());
  CHECK(stream.position() == 6);
  stream.ready_until(100);
  CHECK(lines.next() == "two");
  CHECK(lines.ready());  // the end is known without waiting
  CHECK(lines.next() == "three");
  CHECK(lines.ready());
  CHECK_FALSE(lines.next().has_value());
}

}  // namespace polytag
