#!/usr/bin/env bash
# usage: consume.sh HOW SOURCE BUILD WORK
# Uses polytag as another project would, and runs that project's program.
#   installed      find_package from the static library of BUILD, installed, then moved
#   subdirectory   add_subdirectory of SOURCE as a shared library; leaves it built in WORK
#   shared         find_package and pkg-config from that shared library, installed, then moved
set -euo pipefail
how=$1 source=$2 build=$3 work=$4
here=$source/tests/consumer
model=$source/examples/models/reuters-albert-tiny
shared_build=$work/subdirectory/polytag

# install_and_move BUILD: installs a build tree, and moves the result to $prefix
prefix=$work/$how/moved
install_and_move() {
  rm -rf "${work:?}/$how"
  cmake --install "$1" --prefix "$work/$how/first" >/dev/null
  mv "$work/$how/first" "$prefix"
  if grep -rlF -e "$work/$how/first" -e "$source" "$prefix" --include='*.cmake' --include='*.pc'; then
    echo "these installed files name the place where they were built" >&2
    return 1
  fi
}

use_by_find_package() {
  cmake -S "$here/project" -B "$work/$how/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
  cmake --build "$work/$how/build"
  "$work/$how/build/consumer" "$model"
}

case $how in
  installed)
    install_and_move "$build"
    use_by_find_package
    ;;
  subdirectory)
    cmake -S "$here/subdirectory" -B "$work/subdirectory" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      -DPOLYTAG_SOURCE="$source" -DBUILD_SHARED_LIBS=ON -DPOLYTAG_INSTALL=ON >/dev/null
    cmake --build "$work/subdirectory"
    "$work/subdirectory/consumer" "$model"
    ;;
  shared)
    install_and_move "$shared_build"
    use_by_find_package
    pc=$(dirname "$(find "$prefix" -name polytag.pc)")
    read -r -a flags < <(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs polytag)
    c++ -std=c++20 "$here/main.cpp" "${flags[@]}" -o "$work/$how/by_pkg_config"
    LD_LIBRARY_PATH=$(dirname "$pc") "$work/$how/by_pkg_config" "$model"
    ;;
esac
