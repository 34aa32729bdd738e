#include "core/cgroup_quota.hpp"

#include <filesystem>
#include <string>

#include "polytag/core/executor.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace polytag;

namespace {

/// The files of a system that decide, in a directory that stands for "/".
class FakeSystem {
 public:
  FakeSystem& file(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((root_.path() / name).parent_path());
    root_.write(name, bytes);
    return *this;
  }
  std::optional<double> cores() const { return cgroup_cores(root_.path()); }

 private:
  TemporaryDirectory root_;
};

}  // namespace

TEST_CASE("cgroup quota: the least of version 2's nested groups counts", "[core][cgroup]") {
  FakeSystem system;
  system.file("proc/self/cgroup", "0::/user.slice/job.scope/step\n")
      .file("sys/fs/cgroup/user.slice/cpu.max", "max 100000\n")
      .file("sys/fs/cgroup/user.slice/job.scope/cpu.max", "250000 100000\n")
      .file("sys/fs/cgroup/user.slice/job.scope/step/cpu.max", "400000 100000\n");
  CHECK(system.cores() == 2.5);
  system.file("sys/fs/cgroup/user.slice/job.scope/step/cpu.max", "50000 100000\n");
  CHECK(system.cores() == 0.5);
  system.file("sys/fs/cgroup/user.slice/cpu.max", "20000 100000\n");
  CHECK(system.cores() == 0.2);
}

TEST_CASE("cgroup quota: in a container the own group is the root of what is mounted",
          "[core][cgroup]") {
  FakeSystem system;
  system.file("sys/fs/cgroup/cpu.max", "300000 100000\n");
  CHECK_FALSE(system.cores().has_value());  // no process without a group
  system.file("proc/self/cgroup", "0::/\n");
  CHECK(system.cores() == 3);
  // Without a namespace of its own for groups it sees the host's path.
  system.file("proc/self/cgroup", "0::/docker/0123abcd\n");
  CHECK(system.cores() == 3);
  system.file("proc/self/cgroup", "0::/../../elsewhere\n");
  CHECK(system.cores() == 3);
}

TEST_CASE("cgroup quota: version 1 has its controllers in directories of their own",
          "[core][cgroup]") {
  for (const char* mount : {"cpu", "cpu,cpuacct"}) {
    FakeSystem system;
    const std::string base = std::string("sys/fs/cgroup/") + mount;
    system.file("proc/self/cgroup", "5:memory:/jobs/a\n4:cpu,cpuacct:/jobs/a\n1:name=systemd:/\n")
        .file(base + "/cpu.cfs_quota_us", "-1\n")
        .file(base + "/cpu.cfs_period_us", "100000\n")
        .file(base + "/jobs/cpu.cfs_quota_us", "150000\n")
        .file(base + "/jobs/cpu.cfs_period_us", "100000\n")
        .file(base + "/jobs/a/cpu.cfs_quota_us", "800000\n")
        .file(base + "/jobs/a/cpu.cfs_period_us", "200000\n")
        .file("sys/fs/cgroup/memory/jobs/a/cpu.cfs_quota_us", "1\n");
    CHECK(system.cores() == 1.5);
  }
}

TEST_CASE("cgroup quota: of two hierarchies, both count", "[core][cgroup]") {
  FakeSystem system;
  system.file("proc/self/cgroup", "2:cpu:/a\n0::/b\n")
      .file("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "200000")
      .file("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000")
      .file("sys/fs/cgroup/b/cpu.max", "100000 100000");
  CHECK(system.cores() == 1);
}

TEST_CASE("cgroup quota: nonsense is no quota", "[core][cgroup]") {
  for (const char* line : {"", "0", "0:", "::", "0::", "a:b", "\0"}) {
    for (const char* quota : {"", "max", "-5 100", "1000 0", "x y", "nan 1"}) {
      FakeSystem system;
      system.file("proc/self/cgroup", line).file("sys/fs/cgroup/cpu.max", quota);
      CHECK_FALSE(system.cores().has_value());
    }
  }
}

TEST_CASE("available_threads: at least one, and no more than the machine has", "[core][cgroup]") {
  CHECK(available_threads() >= 1);
  if (const auto cores = cgroup_cores("/")) {
    CHECK(static_cast<double>(available_threads()) < *cores + 1);
  }
}
