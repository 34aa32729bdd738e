#include "jobs/tokenize_handler.hpp"

#include <utility>

#include "jobs/parallel_text.hpp"

namespace polytag {

TokenizeHandler::TokenizeHandler(const Tokenizer& tokenizer, const EncodeOptions& options,
                                 std::unique_ptr<RecordFormat<Encoding>> format, Executor& executor)
    : tokenizer_(tokenizer), options_(options), format_(std::move(format)), executor_(executor) {}

void TokenizeHandler::append_header(std::string& out) { format_->append_header(out); }

void TokenizeHandler::append_rows(std::span<const InputRow> rows, std::string& out) {
  append_in_parallel(executor_, rows.size(), out,
                     [&](std::size_t begin, std::size_t end, std::string& part) {
                       Encoding encoding;
                       for (const InputRow& row : rows.subspan(begin, end - begin)) {
                         tokenizer_.encode(row.text, row.text_pair, options_, encoding);
                         format_->append_row(row, encoding, part);
                       }
                     });
}

void TokenizeHandler::append_skipped(const InputRow& row, std::string& out) {
  format_->append_skipped(row, out);
}

}  // namespace polytag
