#!/bin/sh
# usage: add_head.sh SOURCE_DIRECTORY COMPILER
# Follows CONTRIBUTING.md's recipe for a head in a copy of the tree, with the files of toy_head, and
# compiles what it touches. Fails if the recipe leaves out a file that the toy head needs, names one
# that it does not need, or one that a head of the library has no word in; and if the library speaks
# of a head in a file that the recipe does not name.
set -eu
source=$1
compiler=$2
toy=$source/tests/recipes/toy_head
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "$*" >&2
  exit 1
}

sed -n '/^```recipe head$/,/^```$/p' "$source/CONTRIBUTING.md" | grep -E '^(new|line) ' > "$work/recipe"
[ -s "$work/recipe" ] || fail "CONTRIBUTING.md: expected a recipe for a head, found none"

# The heads that exist.
for head in text_cnn:TextCnn binary_relevance:BinaryRelevance seq2seq:Seq2Seq; do
  name=${head%:*}
  class=${head#*:}
  awk -v name="$name" '{ gsub("NAME", name, $2); print $2 }' "$work/recipe" | sort > "$work/expected"
  (cd "$source" && grep -rlE "$name|$class" include src docs/model_directory.md tests/unit/heads) |
    grep -vE '^src/(convert|cli|training)/|_gradient\.hpp$|_test\.cpp$' > "$work/found"
  (cd "$source" && ls "tests/unit/heads/${name}_test.cpp") >> "$work/found"
  sort -o "$work/found" "$work/found"
  diff "$work/expected" "$work/found" >&2 ||
    fail "the recipe (<) and the files that speak of $name (>) differ"
done

# The toy head.
mkdir -p "$work/tree/docs" "$work/tree/tests/unit/heads"
cp -R "$source/include" "$source/src" "$work/tree"
cp "$source/docs/model_directory.md" "$work/tree/docs"
cp "$source/tests/unit/heads/CMakeLists.txt" "$work/tree/tests/unit/heads"
grep -v '^#' "$toy/lines" | cut -d '|' -f 1 | sort -u > "$work/inserted"
grep '^line ' "$work/recipe" | awk '{ print $2 }' | sort -u > "$work/lines"
diff "$work/lines" "$work/inserted" >&2 ||
  fail "the recipe's lines (<) and those that the toy head adds (>) differ"
grep '^new ' "$work/recipe" | awk '{ gsub("NAME", "toy", $2); print $2 }' | while read -r file; do
  cp "$toy/$(basename "$file")" "$work/tree/$file"
done
grep -v '^#' "$toy/lines" | while IFS='|' read -r file before line; do
  LINE=$line BEFORE=$before awk '
    { print }
    !done && index($0, ENVIRON["BEFORE"]) { print ENVIRON["LINE"]; done = 1 }
    END { exit !done }' "$work/tree/$file" > "$work/changed" ||
    fail "$file: expected a line with \"$before\", found none"
  sed 's/\\n/\
/g' "$work/changed" > "$work/tree/$file"
done
for file in src/heads/toy_config.cpp src/model/head_rows.cpp src/model/model_parameters.cpp \
            src/runtime/reference_classifier.cpp tests/unit/heads/toy_test.cpp; do
  "$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -I"$work/tree/include" -I"$work/tree/src" \
    "$work/tree/$file" || fail "$file: the toy head does not compile"
done
