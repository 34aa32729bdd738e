# Cross-compiles for 64-bit ARM with Debian's compiler and its arm64 libraries, and runs what was
# built in qemu's user-mode emulation, so that plain ctest works.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
