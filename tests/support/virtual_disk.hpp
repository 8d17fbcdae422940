// A disk in memory under the real SQLite, whose power can fail between any two writes.
//
// The operating system is believed in one thing alone: what was synchronised is there. Of what was written since, each
// power failure keeps another part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace ecsr::testing {

// What is left of the writes that were not synchronised when the power failed.
enum class Kept {
    Nothing,    // lost
    Everything, // as when only the process dies
    AllButLast, // cut at a write
    TornLast,   // the last one arrived up to a sector in its middle; behind it is garbage
    LastAlone,  // reordered: the last arrived, the earlier ones did not
    FirstTwice, // reordered: the first one arrived once more, after all others
};
inline constexpr Kept all_kept[] = {Kept::Nothing,  Kept::Everything, Kept::AllButLast,
                                    Kept::TornLast, Kept::LastAlone,  Kept::FirstTwice};
const char* to_string(Kept kept); // "nothing", ...

using Bytes = std::vector<std::byte>;

// The files of a disk. A value.
struct DiskContent {
    struct Operation {
        enum class Kind { Write, Truncate, Delete } kind = Kind::Write;
        std::string file;
        std::size_t offset = 0; // Truncate: the size
        Bytes bytes;
    };
    std::map<std::string, Bytes> durable;
    std::vector<Operation> unsynchronised; // in the order in which they were made
};

// What a machine finds after a power failure.
std::map<std::string, Bytes> after_power_failure(const DiskContent& content, Kept kept);

class VirtualDisk {
public:
    explicit VirtualDisk(std::map<std::string, Bytes> files = {});
    ~VirtualDisk();
    VirtualDisk(const VirtualDisk&) = delete;
    VirtualDisk& operator=(const VirtualDisk&) = delete;

    // The path of a file on this disk: what SQLite opens under it is here. An empty real file is made at the path, so
    // that whoever looks for the file finds it. One connection at a time.
    std::string path(const std::string& file);

    // The folder of those paths; another one for each disk.
    const std::string& folder() const { return folder_; }

    // Writes, truncations and deletions so far.
    std::int64_t writes() const { return writes_; }
    const DiskContent& content() const { return content_; }
    // Called after each write, truncation, deletion and synchronisation.
    void watch(std::function<void()> watcher) { watcher_ = std::move(watcher); }

    // The power fails when that many further writes are made, before anything else: the last of them has been made,
    // and from then on every access fails. 0: at once.
    void cut_power_after(std::int64_t further_writes);
    void never_cut_power() { down_after_ = -1; }
    bool is_down() const { return down_; }
    // Requires: nothing is open.
    void power_on(Kept kept);

    // Writes fail as on a full disk.
    void set_full(bool full) { full_ = full; }

private:
    friend struct VirtualDiskFile;
    friend struct VirtualDiskAccess;

    void change(DiskContent::Operation operation);
    void synchronise(const std::string& file);

    std::string folder_; // a real, private folder
    DiskContent content_;
    std::map<std::string, Bytes> files_; // as whoever reads them sees them
    std::set<std::string> new_files_;    // not yet in their folder for sure
    std::map<std::string, std::vector<std::unique_ptr<Bytes>>> shared_memory_;
    std::function<void()> watcher_;
    std::int64_t writes_ = 0;
    std::int64_t down_after_ = -1; // never
    bool down_ = false;
    bool full_ = false;
};

} // namespace ecsr::testing
