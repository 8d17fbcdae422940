#include "local/engine/workload_image.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <link.h>
#include <numeric>
#include <set>

namespace ecsr::local {

namespace {

constexpr std::size_t block = 512; // of a tar archive
constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_prefix = 155;
constexpr unsigned folder_mode = 01777;
constexpr unsigned program_mode = 0755;

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) { return fail(ErrorKind::Io, "cannot read " + path); }
    return text;
}

void put(std::string& header, std::size_t at, std::string_view text) {
    std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(at));
}

struct Entry {
    std::string path;
    std::string_view contents;
    unsigned mode = program_mode;
    char type = '0';
};

// The fields of POSIX.1-1988 "ustar"; numbers are octal.
Result<std::string> header_of(const Entry& entry) {
    std::string prefix;
    std::string name = entry.path;
    if (name.size() > longest_name) {
        const auto slash = name.find('/', name.size() - longest_name - 1);
        if (slash == std::string::npos || slash > longest_prefix) {
            return fail(ErrorKind::Io, "the path is too long for a tar archive: " + entry.path);
        }
        prefix = name.substr(0, slash);
        name = name.substr(slash + 1);
    }
    std::string header(block, '\0');
    put(header, 0, name);
    put(header, 100, fmt::format("{:07o}", entry.mode));
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, fmt::format("{:011o}", entry.contents.size()));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = entry.type;
    put(header, 257, std::string_view("ustar\0", 6));
    put(header, 263, "00");
    put(header, 345, prefix);
    const auto sum = std::accumulate(header.begin(), header.end(), 0U,
                                     [](unsigned total, char c) { return total + static_cast<unsigned char>(c); });
    put(header, 148, fmt::format("{:06o}", sum));
    header[154] = '\0';
    return header;
}

Result<std::string> whole(const Entry& entry) {
    auto text = header_of(entry);
    if (!text) { return text; }
    text->append(entry.contents);
    text->resize((text->size() + block - 1) / block * block, '\0');
    return text;
}

int collect(dl_phdr_info* info, std::size_t, void* paths) {
    if (info->dlpi_name != nullptr && info->dlpi_name[0] == '/') {
        static_cast<std::set<std::string>*>(paths)->insert(info->dlpi_name);
    }
    return 0;
}

} // namespace

Result<std::string> tar_entry(const std::string& path, std::string_view contents) {
    return whole({path, contents});
}

Result<std::string> workload_archive(const std::string& executable) {
    std::set<std::string> libraries;
    ::dl_iterate_phdr(&collect, &libraries);
    auto archive = whole({"tmp/", "", folder_mode, '5'});
    const auto add = [&](const std::string& from, const std::string& to) {
        if (!archive) { return; }
        auto contents = read_file(from);
        auto entry = contents ? tar_entry(to.substr(1), *contents) : std::move(contents);
        if (entry) {
            archive->append(*entry);
        } else {
            archive = std::move(entry);
        }
    };
    add(executable, workload_program);
    for (const auto& library : libraries) { add(library, library); }
    if (archive) { archive->append(2 * block, '\0'); }
    return archive;
}

WorkloadImage::~WorkloadImage() {
    if (!id_) { return; }
    if (auto removed = api_.remove_image(*id_); !removed) {
        log(LogLevel::Warning, "the image of the built-in workloads is left behind",
            {{"image", repository_}, {"error", removed.error().message}});
    }
}

Result<std::string> WorkloadImage::id() {
    const std::lock_guard lock(mutex_);
    if (id_) { return *id_; }
    auto archive = workload_archive(executable_);
    if (!archive) { return archive; }
    auto id = api_.import_image(repository_, std::move(archive).value());
    if (id) { id_ = *id; }
    return id;
}

} // namespace ecsr::local
