#include "tests/support/virtual_disk.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sqlite3.h>

namespace ecsr::testing {

namespace {

using Operation = DiskContent::Operation;
using Kind = Operation::Kind;

constexpr std::size_t sector = 512;
constexpr std::byte garbage{0xA5};

void put(std::map<std::string, Bytes>& files, const Operation& operation) {
    if (operation.kind == Kind::Delete) {
        files.erase(operation.file);
        return;
    }
    Bytes& file = files[operation.file];
    if (operation.kind == Kind::Truncate) {
        file.resize(operation.offset);
        return;
    }
    const std::size_t end = operation.offset + operation.bytes.size();
    if (file.size() < end) { file.resize(end); }
    std::ranges::copy(operation.bytes, file.begin() + static_cast<std::ptrdiff_t>(operation.offset));
}

Operation torn(Operation operation) {
    if (operation.kind != Kind::Write) { return operation; }
    const std::size_t whole = operation.bytes.size() / 2 / sector * sector;
    std::fill(operation.bytes.begin() + static_cast<std::ptrdiff_t>(whole), operation.bytes.end(), garbage);
    return operation;
}

} // namespace

const char* to_string(Kept kept) {
    switch (kept) {
    case Kept::Nothing: return "nothing";
    case Kept::Everything: return "everything";
    case Kept::AllButLast: return "all-but-last";
    case Kept::TornLast: return "torn-last";
    case Kept::LastAlone: return "last-alone";
    case Kept::FirstTwice: return "first-twice";
    }
    return "";
}

std::map<std::string, Bytes> after_power_failure(const DiskContent& content, Kept kept) {
    auto files = content.durable;
    const auto& writes = content.unsynchronised;
    if (writes.empty() || kept == Kept::Nothing) { return files; }
    if (kept == Kept::LastAlone) {
        put(files, writes.back());
        return files;
    }
    for (std::size_t i = 0; i + 1 < writes.size(); ++i) { put(files, writes[i]); }
    if (kept == Kept::TornLast) { put(files, torn(writes.back())); }
    if (kept == Kept::Everything || kept == Kept::FirstTwice) { put(files, writes.back()); }
    if (kept == Kept::FirstTwice) { put(files, writes.front()); }
    return files;
}

// One file that SQLite has open, and the functions that SQLite calls.
struct VirtualDiskFile {
    sqlite3_file base;
    VirtualDisk* disk;
    std::string* name;

    static VirtualDiskFile& of(sqlite3_file* file) { return *reinterpret_cast<VirtualDiskFile*>(file); }

    static int close(sqlite3_file* file) {
        delete of(file).name;
        return SQLITE_OK;
    }

    static int read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
        auto& [base, disk, name] = of(file);
        if (disk->down_) { return SQLITE_IOERR_READ; }
        const Bytes& bytes = disk->files_[*name];
        const auto wanted = static_cast<std::size_t>(amount);
        const std::size_t from = std::min(static_cast<std::size_t>(offset), bytes.size());
        const std::size_t there = std::min(wanted, bytes.size() - from);
        if (there > 0) { std::memcpy(to, bytes.data() + from, there); }
        std::memset(static_cast<char*>(to) + there, 0, wanted - there);
        return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
        auto& [base, disk, name] = of(file);
        if (disk->down_) { return SQLITE_IOERR_WRITE; }
        if (disk->full_) { return SQLITE_FULL; }
        const auto* bytes = static_cast<const std::byte*>(from);
        disk->change({Kind::Write, *name, static_cast<std::size_t>(offset), Bytes(bytes, bytes + amount)});
        return disk->down_ ? SQLITE_IOERR_WRITE : SQLITE_OK;
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        auto& [base, disk, name] = of(file);
        if (disk->down_) { return SQLITE_IOERR_TRUNCATE; }
        disk->change({Kind::Truncate, *name, static_cast<std::size_t>(size), {}});
        return disk->down_ ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
    }

    static int sync(sqlite3_file* file, int) {
        auto& [base, disk, name] = of(file);
        if (disk->down_) { return SQLITE_IOERR_FSYNC; }
        disk->synchronise(*name);
        return SQLITE_OK;
    }

    static int size(sqlite3_file* file, sqlite3_int64* size) {
        auto& [base, disk, name] = of(file);
        if (disk->down_) { return SQLITE_IOERR_FSTAT; }
        *size = static_cast<sqlite3_int64>(disk->files_[*name].size());
        return SQLITE_OK;
    }

    // One connection at a time: there is nobody to lock out.
    static int lock(sqlite3_file*, int) { return SQLITE_OK; }
    static int is_reserved(sqlite3_file*, int* reserved) {
        *reserved = 0;
        return SQLITE_OK;
    }
    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) { return static_cast<int>(sector); }
    // As the file systems of Linux are taken for: a write that is cut damages nothing beside it.
    static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

    static int map_shared(sqlite3_file* file, int region, int region_size, int extend, void volatile** memory) {
        auto& [base, disk, name] = of(file);
        auto& regions = disk->shared_memory_[*name];
        const auto index = static_cast<std::size_t>(region);
        *memory = nullptr;
        if (index >= regions.size() && extend == 0) { return SQLITE_OK; }
        while (regions.size() <= index) {
            regions.push_back(std::make_unique<Bytes>(static_cast<std::size_t>(region_size)));
        }
        *memory = regions[index]->data();
        return SQLITE_OK;
    }
    static int lock_shared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
    static void barrier(sqlite3_file*) {}
    static int unmap_shared(sqlite3_file* file, int remove) {
        auto& [base, disk, name] = of(file);
        if (remove != 0) { disk->shared_memory_.erase(*name); }
        return SQLITE_OK;
    }
};

namespace {

constexpr sqlite3_io_methods file_methods = {
    2,
    VirtualDiskFile::close,
    VirtualDiskFile::read,
    VirtualDiskFile::write,
    VirtualDiskFile::truncate,
    VirtualDiskFile::sync,
    VirtualDiskFile::size,
    VirtualDiskFile::lock,
    VirtualDiskFile::lock,
    VirtualDiskFile::is_reserved,
    VirtualDiskFile::control,
    VirtualDiskFile::sector_size,
    VirtualDiskFile::characteristics,
    VirtualDiskFile::map_shared,
    VirtualDiskFile::lock_shared,
    VirtualDiskFile::barrier,
    VirtualDiskFile::unmap_shared,
    nullptr,
    nullptr,
};

// All disks of this process by their folders. Files elsewhere are those of the operating system.
class Disks {
public:
    static Disks& all() {
        static Disks disks;
        return disks;
    }

    void add(const std::string& folder, VirtualDisk* disk) {
        const std::lock_guard guard(mutex_);
        by_folder_[folder] = disk;
    }
    void remove(const std::string& folder) {
        const std::lock_guard guard(mutex_);
        by_folder_.erase(folder);
    }
    VirtualDisk* of(const char* path) {
        if (path == nullptr) { return nullptr; }
        const std::lock_guard guard(mutex_);
        const auto found = by_folder_.find(std::filesystem::path(path).parent_path().string());
        return found == by_folder_.end() ? nullptr : found->second;
    }
    sqlite3_vfs& native() { return *system_; }

private:
    Disks();

    std::mutex mutex_;
    std::map<std::string, VirtualDisk*> by_folder_;
    sqlite3_vfs* system_ = nullptr;
    sqlite3_vfs ours_{};
};

std::string file_name(const char* path) {
    return std::filesystem::path(path).filename().string();
}

} // namespace

// What SQLite asks of a file system.
struct VirtualDiskAccess {
    static int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* flags_out) {
        VirtualDisk* disk = Disks::all().of(path);
        sqlite3_vfs& native = Disks::all().native();
        if (disk == nullptr) { return native.xOpen(&native, path, file, flags, flags_out); }
        file->pMethods = nullptr;
        if (disk->down_) { return SQLITE_CANTOPEN; }
        auto& ours = VirtualDiskFile::of(file);
        ours.disk = disk;
        ours.name = new std::string(file_name(path));
        ours.base.pMethods = &file_methods;
        const bool is_new = disk->files_.try_emplace(*ours.name).second;
        if (is_new && (flags & SQLITE_OPEN_MAIN_DB) == 0) { disk->new_files_.insert(*ours.name); }
        if (flags_out != nullptr) { *flags_out = flags; }
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs*, const char* path, int synchronise) {
        VirtualDisk* disk = Disks::all().of(path);
        sqlite3_vfs& native = Disks::all().native();
        if (disk == nullptr) { return native.xDelete(&native, path, synchronise); }
        if (disk->down_) { return SQLITE_IOERR_DELETE; }
        disk->change({Kind::Delete, file_name(path), 0, {}});
        if (disk->down_) { return SQLITE_IOERR_DELETE; }
        if (synchronise != 0) { disk->synchronise(file_name(path)); }
        return SQLITE_OK;
    }

    static int access(sqlite3_vfs*, const char* path, int flags, int* answer) {
        VirtualDisk* disk = Disks::all().of(path);
        sqlite3_vfs& native = Disks::all().native();
        if (disk == nullptr) { return native.xAccess(&native, path, flags, answer); }
        if (disk->down_) { return SQLITE_IOERR_ACCESS; }
        *answer = disk->files_.contains(file_name(path)) ? 1 : 0;
        return SQLITE_OK;
    }

    static int full_path(sqlite3_vfs*, const char* path, int size, char* to) {
        sqlite3_vfs& native = Disks::all().native();
        if (Disks::all().of(path) == nullptr) { return native.xFullPathname(&native, path, size, to); }
        sqlite3_snprintf(size, to, "%s", path);
        return SQLITE_OK;
    }
};

namespace {

Disks::Disks() : system_(sqlite3_vfs_find(nullptr)) {
    ECSR_ASSERT(system_ != nullptr);
    ours_ = *system_;
    ours_.zName = "virtual-disk";
    ours_.pNext = nullptr;
    ours_.szOsFile = std::max(system_->szOsFile, static_cast<int>(sizeof(VirtualDiskFile)));
    ours_.xOpen = VirtualDiskAccess::open;
    ours_.xDelete = VirtualDiskAccess::remove;
    ours_.xAccess = VirtualDiskAccess::access;
    ours_.xFullPathname = VirtualDiskAccess::full_path;
    ECSR_ASSERT(sqlite3_vfs_register(&ours_, 1) == SQLITE_OK);
}

std::string private_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ecsr-disk-XXXXXX").string();
    ECSR_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

} // namespace

VirtualDisk::VirtualDisk(std::map<std::string, Bytes> files)
    : folder_(private_folder()), content_{files, {}}, files_(std::move(files)) {
    Disks::all().add(folder_, this);
}

VirtualDisk::~VirtualDisk() {
    Disks::all().remove(folder_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string VirtualDisk::path(const std::string& file) {
    const std::string path = folder_ + "/" + file;
    std::ofstream(path, std::ios::app).close();
    return path;
}

void VirtualDisk::cut_power_after(std::int64_t further_writes) {
    down_ = further_writes == 0;
    down_after_ = further_writes == 0 ? -1 : writes_ + further_writes;
}

void VirtualDisk::power_on(Kept kept) {
    files_ = after_power_failure(content_, kept);
    content_ = {files_, {}};
    new_files_.clear();
    shared_memory_.clear();
    down_ = false;
    down_after_ = -1;
}

void VirtualDisk::change(DiskContent::Operation operation) {
    put(files_, operation);
    content_.unsynchronised.push_back(std::move(operation));
    ++writes_;
    if (writes_ == down_after_) { down_ = true; }
    if (watcher_) { watcher_(); }
}

void VirtualDisk::synchronise(const std::string& file) {
    auto& waiting = content_.unsynchronised;
    // As SQLite has it on Linux: with the first synchronisation of a new file its folder is synchronised too.
    std::set<std::string> named{file};
    if (new_files_.erase(file) > 0) {
        for (const auto& operation : waiting) {
            if (operation.kind == Kind::Delete) { named.insert(operation.file); }
        }
    }
    for (const auto& operation : waiting) {
        if (named.contains(operation.file)) { put(content_.durable, operation); }
    }
    std::erase_if(waiting, [&](const auto& operation) { return named.contains(operation.file); });
    if (watcher_) { watcher_(); }
}

} // namespace ecsr::testing
