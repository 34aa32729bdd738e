#pragma once

#include <filesystem>
#include <optional>

namespace polytag {

/// How many cores' worth of time the control groups of this process grant it (Linux): the least of
/// the quotas of its own group and of all groups around it, in cgroup v2 (cpu.max) and in v1
/// (cpu.cfs_quota_us).
/// @param root  where proc/self/cgroup and sys/fs/cgroup are looked for: "/", but for tests
/// @return none without a quota, and where there are no control groups
std::optional<double> cgroup_cores(const std::filesystem::path& root);

}  // namespace polytag
