#include "data/line_reader.hpp"

#include "polytag/error.hpp"
#include "support/catch.hpp"
#include "support/memory_stream.hpp"

namespace polytag {

TEST_CASE("lines: every line is a text, an empty one too", "[cli][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "one\n\n two \nthree") ==
        Rows{"1|one", "2|", "3| two ", "4|three"});
}

TEST_CASE("lines: a newline ends the last line and begins no other", "[cli][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "") == Rows{});
  CHECK(rows_at_every_split(InputFormat::kLines, "\n") == Rows{"1|"});
  CHECK(rows_at_every_split(InputFormat::kLines, "a") == Rows{"1|a"});
  CHECK(rows_at_every_split(InputFormat::kLines, "a\n") == Rows{"1|a"});
}

TEST_CASE("lines: CRLF ends a line, other carriage returns are text", "[cli][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "a\r\nb\rc\n\r\n\r\r\n") ==
        Rows{"1|a", "2|b\rc", "3|", "4|\r"});
}

TEST_CASE("lines: a byte order mark at the start alone is left out", "[cli][lines]") {
  CHECK(rows_at_every_split(InputFormat::kLines, "\xEF\xBB\xBF") == Rows{});
  CHECK(rows_at_every_split(InputFormat::kLines, "\xEF\xBB\xBF\n") == Rows{"1|"});
  CHECK(rows_at_every_split(InputFormat::kLines, "\xEF\xBB\xBFé\n\xEF\xBB\xBFx") ==
        Rows{"1|é", "2|\xEF\xBB\xBFx"});
  CHECK(rows_at_every_split(InputFormat::kLines, "\xEF\xBBx") == Rows{"1|\xEF\xBBx"});
}

TEST_CASE("lines: zero bytes and invalid UTF-8 pass through", "[cli][lines]") {
  const std::string bytes("a\0b\xFF\n", 5);
  CHECK(rows_at_every_split(InputFormat::kLines, bytes) == Rows{"1|" + bytes.substr(0, 4)});
}

TEST_CASE("lines: UTF-16 is refused with the command that converts it", "[cli][lines]") {
  const std::string little("\xFF\xFEh\0", 4);
  CHECK_THROWS_WITH(read_rows(InputFormat::kLines, little), ContainsSubstring("iconv -f UTF-16"));
  CHECK_THROWS_AS(read_rows(InputFormat::kCsv, std::string("\xFE\xFF\0h", 4)), FormatError);
}

TEST_CASE("lines: a line grows the buffer, up to the limit", "[cli][lines]") {
  const std::string most(kMostRowBytes - 1, 'x');
  CHECK(read_rows(InputFormat::kLines, most + "\ny").size() == 2);
  CHECK_THROWS_WITH(read_rows(InputFormat::kLines, "a\n" + most + "xx\ny"),
                    ContainsSubstring("in: line 2: expected a line of at most 256 MiB"));
}

TEST_CASE("lines: ready says whether a whole line is here", "[cli][lines]") {
  MemoryStream stream("one\ntwo\nthree", 1);
  LineReader lines("in", stream, 4);
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
