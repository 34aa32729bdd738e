#include "core/cgroup_quota.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace polytag {

namespace {

namespace fs = std::filesystem;

/// Where the groups of a hierarchy are mounted, and the one that this process is in.
struct Membership {
  fs::path mount;
  fs::path group;  // relative to the mount
  bool version_2;
};

std::optional<double> quotient(double quota, double period) {
  if (!(quota > 0 && period > 0)) return std::nullopt;
  return quota / period;
}

std::optional<double> quota_of(const fs::path& group, bool version_2) {
  double quota = 0;
  double period = 0;
  if (version_2) {
    // "<quota> <period>" in microseconds, or "max <period>".
    std::ifstream(group / "cpu.max") >> quota >> period;
  } else {
    std::ifstream(group / "cpu.cfs_quota_us") >> quota;  // -1 for none
    std::ifstream(group / "cpu.cfs_period_us") >> period;
  }
  return quotient(quota, period);
}

/// A line of /proc/self/cgroup: "0::/path" for version 2, "4:cpu,cpuacct:/path" for version 1.
std::optional<Membership> membership(const std::string& line, const fs::path& mounts) {
  const std::size_t first = line.find(':');
  const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
  if (second == std::string::npos) return std::nullopt;
  const std::string controllers = line.substr(first + 1, second - first - 1);
  // ".." names groups outside of this namespace, which are not mounted.
  fs::path group = fs::path(line.substr(second + 1)).lexically_normal().relative_path();
  if (controllers.empty()) return Membership{mounts, std::move(group), true};
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');) {
    if (name != "cpu") continue;
    std::error_code ignored;
    const bool alone = fs::is_directory(mounts / "cpu", ignored);
    return Membership{mounts / (alone ? "cpu" : controllers), std::move(group), false};
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> cgroup_cores(const fs::path& root) {
  std::optional<double> least;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto found = membership(line, root / "sys/fs/cgroup");
    if (!found) continue;
    // A container may see the host's path of its group although that group is mounted as the root.
    // A path that does not exist has no quota, and the root is asked last in any case.
    for (fs::path group = found->group;; group = group.parent_path()) {
      const auto cores = quota_of(found->mount / group, found->version_2);
      if (cores) least = std::min(*cores, least.value_or(*cores));
      if (group.empty()) break;
    }
  }
  return least;
}

}  // namespace polytag
