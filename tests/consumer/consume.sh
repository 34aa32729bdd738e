#!/usr/bin/env bash
# usage: consume.sh HOW SOURCE BUILD WORK [COMPONENT…]
# Uses polytag as another project would, and runs that project's programs.
#   static         find_package of BUILD, installed, then moved
#   shared         find_package and pkg-config of its shared libraries, installed, then moved
#   subdirectory   add_subdirectory of SOURCE, with its shared library
set -euo pipefail
how=$1 source=$2 build=$3 work=$4/$1
components=("${@:5}")
here=$source/tests/consumer
model=$source/examples/models/reuters-albert-tiny
prefix=$work/moved
list=$(IFS=';'; echo "${components[*]}")

install_and_move() {
  rm -rf "${work:?}"
  cmake --install "$build" --prefix "$work/first" >/dev/null
  mv "$work/first" "$prefix"
  if grep -rlF -e "$work/first" -e "$source" "$prefix" --include='*.cmake' --include='*.pc'; then
    echo "these installed files name the place where they were built" >&2
    return 1
  fi
}

# needs_no LIBRARY FILE…: fails if one of the files asks for it to be loaded.
needs_no() {
  local library=$1 file
  shift
  for file in "$@"; do
    if readelf --dynamic "$file" | grep NEEDED | grep -F "$library"; then
      echo "$file needs $library" >&2
      return 1
    fi
  done
}

# use_by_find_package ON|OFF: unoptimised, which is what the library's own build is not for.
use_by_find_package() {
  cmake -S "$here/project" -B "$work/build" -G Ninja -DBUILD_SHARED_LIBS="$1" \
    -DCMAKE_PREFIX_PATH="$prefix" -DEXAMPLES="$source/examples" -DCOMPONENTS="$list" >/dev/null
  cmake --build "$work/build"
  "$work/build/consumer" "$model"
  diff <("$work/build/custom_head" "$model") "$source/examples/04_custom_head.output"
  local component
  for component in "${components[@]}"; do "$work/build/with_$component" "$model"; done
  needs_no libdnnl "$work/build/consumer" "$work/build/custom_head"
}

case $how in
  static)
    install_and_move
    use_by_find_package OFF
    ;;
  shared)
    install_and_move
    use_by_find_package ON
    libraries=$(dirname "$(find "$prefix" -name libpolytag.so)")
    needs_no libdnnl "$libraries"/libpolytag.so "$libraries"/libpolytag_eigen.so
    for package in polytag "${components[@]/#/polytag_}"; do
      main=${package#polytag_}
      [ "$package" != polytag ] || main=main
      read -r -a flags < <(PKG_CONFIG_PATH=$libraries/pkgconfig pkg-config --cflags --libs "$package")
      c++ -std=c++20 "$here/$main.cpp" "${flags[@]}" -o "$work/by_pkg_config"
      LD_LIBRARY_PATH=$libraries "$work/by_pkg_config" "$model"
    done
    ;;
  subdirectory)
    cmake -S "$here/subdirectory" -B "$work" -G Ninja -DCMAKE_CXX_FLAGS=-g \
      -DPOLYTAG_SOURCE="$source" -DBUILD_SHARED_LIBS=ON >/dev/null
    cmake --build "$work" --target consumer
    "$work/consumer" "$model"
    ;;
esac
