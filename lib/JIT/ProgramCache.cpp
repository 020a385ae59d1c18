//===- ProgramCache.cpp - Compiled models, kept on disk -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/JIT/ProgramCache.h"

#include "BuildIdentity.h"
#include "compress/Import/ModelFiles.h"
#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/JSON.h"
#include "compress/Support/Version.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

static constexpr StringLiteral kEntryFormat = "compress-program";
static constexpr int64_t kEntryVersion = 1;
static constexpr StringLiteral kBundleName = "bundle";

/// Unfinished entries older than this were left by processes that died.
static constexpr std::chrono::hours kAbandoned(24);

static std::string getMember(StringRef folder, StringRef name) {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  return std::string(path);
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

std::string compress::getDefaultCacheFolder() {
  auto get = [](const char *name) {
    const char *value = std::getenv(name);
    return StringRef(value ? value : "");
  };
  if (StringRef folder = get("COMPRESS_CACHE_DIR"); !folder.empty())
    return folder.str();
  // The XDG Base Directory Specification ignores paths that are relative.
  if (StringRef folder = get("XDG_CACHE_HOME"); sys::path::is_absolute(folder))
    return getMember(folder, "compress");
  SmallString<256> home;
  if (!sys::path::home_directory(home))
    return "";
  sys::path::append(home, ".cache", "compress");
  return std::string(home);
}

Expected<uint64_t> compress::parseCacheLimit(StringRef text) {
  StringRef digits = text;
  unsigned shift = 0;
  for (auto [unit, bits] : {std::pair("K", 10u), std::pair("M", 20u),
                            std::pair("G", 30u), std::pair("T", 40u)})
    if (digits.consume_back_insensitive(unit)) {
      shift = bits;
      break;
    }
  uint64_t number = 0;
  if (digits.getAsInteger(10, number) || number > UINT64_MAX >> shift)
    return makeError("'" + text +
                     "': expected a number of bytes, with K, M, G or T for "
                     "powers of 1024, as in 20G");
  return number << shift;
}

//===----------------------------------------------------------------------===//
// What decides a program
//===----------------------------------------------------------------------===//

namespace {

/// A file that a program is made from; a name within the key that does not
/// depend on where the file lies.
struct Input {
  std::string role, path;
  /// Nothing where there is no such file.
  std::optional<FileState> state;
};

} // namespace

/// All that readers of `path` may look at, as far as names tell. In a folder
/// that is every file: some more than needed, but never one too few.
static std::vector<Input> listInputs(StringRef path,
                                     const CompileOptions &options) {
  std::vector<Input> inputs;
  if (sys::fs::is_directory(path)) {
    std::error_code code;
    for (sys::fs::directory_iterator it(path, code), end; it != end && !code;
         it.increment(code)) {
      StringRef name = sys::path::filename(it->path());
      if (name.starts_with("."))
        continue;
      std::string role = ("model/" + name).str(), file = it->path();
      // Folders of sentence-transformers' modules.
      if (sys::fs::is_directory(file)) {
        role += "/config.json";
        file += "/config.json";
        if (!sys::fs::exists(file))
          continue;
      }
      inputs.push_back({role, file, std::nullopt});
    }
    sort(inputs,
         [](const Input &a, const Input &b) { return a.role < b.role; });
  } else {
    inputs.push_back({"model", path.str(), std::nullopt});
  }
  if (!options.tokenizer.empty())
    for (auto [i, file] : enumerate(getTokenizerFiles(options.tokenizer)))
      inputs.push_back({formatv("tokenizer/{0}", i), file, std::nullopt});
  if (!options.architecture.empty())
    inputs.push_back({"architecture", options.architecture, std::nullopt});
  for (Input &input : inputs) {
    Expected<FileState> state = FileState::get(input.path);
    if (state)
      input.state = *state;
    else
      consumeError(state.takeError());
  }
  return inputs;
}

static bool isSame(ArrayRef<Input> a, ArrayRef<Input> b) {
  return a.size() == b.size() && all_of(zip_equal(a, b), [](const auto &pair) {
           auto &[x, y] = pair;
           return x.path == y.path && x.state == y.state;
         });
}

/// The names of a model that end up in its program.
static std::string getNames(StringRef path) {
  SmallString<256> absolute(path);
  (void)sys::fs::make_absolute(absolute);
  sys::path::remove_dots(absolute, /*remove_dot_dot=*/true);
  return (sys::path::filename(path) + "\n" + sys::path::filename(absolute))
      .str();
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// Code is loaded from here: it must be the user's own, and nobody else's to
/// write.
static Error checkOwner(StringRef folder) {
  struct stat status;
  if (::stat(folder.str().c_str(), &status) != 0)
    return makeFileError(
        folder, std::error_code(errno, std::generic_category()).message());
  if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)))
    return makeFileError(folder, "belongs to another user, or others may write "
                                 "to it; code is not loaded from such a "
                                 "folder");
  return Error::success();
}

/// Takes an entry away, at once for everybody who looks for it.
static void removeEntry(StringRef entry) {
  SmallString<256> doomed;
  sys::fs::createUniquePath(entry + ".%%%%%%%%.tmp", doomed,
                            /*MakeAbsolute=*/false);
  if (!sys::fs::rename(entry, doomed))
    (void)sys::fs::remove_directories(doomed);
}

static uint64_t getFolderBytes(StringRef folder) {
  uint64_t total = 0;
  std::error_code code;
  for (sys::fs::recursive_directory_iterator it(folder, code), end;
       it != end && !code; it.increment(code)) {
    uint64_t bytes = 0;
    if (sys::fs::is_regular_file(it->path()) &&
        !sys::fs::file_size(it->path(), bytes))
      total += bytes;
  }
  return total;
}

/// Removes the entries that were not used for longest, until the others have no
/// more than `limit` bytes. `current` stays.
static void trim(StringRef folder, uint64_t limit, StringRef current) {
  struct Entry {
    sys::TimePoint<> used;
    std::string path;
    uint64_t bytes;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  auto now = std::chrono::system_clock::now();
  std::error_code code;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code)) {
    sys::fs::file_status status;
    if (sys::fs::status(it->path(), status))
      continue;
    sys::TimePoint<> used = status.getLastModificationTime();
    if (sys::path::filename(it->path()).contains(".tmp")) {
      if (used + kAbandoned < now)
        (void)sys::fs::remove_directories(it->path());
      continue;
    }
    entries.push_back({used, it->path(), getFolderBytes(it->path())});
    total += entries.back().bytes;
  }
  sort(entries, [](const Entry &a, const Entry &b) {
    return std::tie(a.used, a.path) < std::tie(b.used, b.path);
  });
  for (const Entry &entry : entries) {
    if (total <= limit)
      break;
    if (entry.path == current)
      continue;
    removeEntry(entry.path);
    total -= entry.bytes;
  }
}

/// The files of an entry or its archives, with their hashes, as JSON.
static json::Object toJSON(ArrayRef<FileInfo> files) {
  json::Object object;
  for (const FileInfo &file : files)
    object[file.name] = file.sha256;
  return object;
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

/// One model with its options, on its way to a program.
class ProgramCache::Request {
public:
  Request(ProgramCache &cache, StringRef path, const CompileOptions &options)
      : cache(cache), path(path), options(options),
        programs(getMember(cache.options.folder, "programs")),
        start(FileState::getClock()) {}

  Expected<CachedProgram> run();

private:
  Error makeKey(const CPUTarget &target);
  /// The program of the entry; null where there is none for these archives. The
  /// error says what is wrong with the entry.
  Expected<std::unique_ptr<Program>> load();
  /// Whether the files of `object` in `folder` have the hashes that it says;
  /// the error names one that can't be read.
  Expected<bool> matches(StringRef folder, const json::Object &object);
  Error store(CompiledModel &compiled);
  Error prepareFolder();
  Error writeEntry(CompiledModel &compiled, OutputFolder &folder);
  Expected<std::vector<FileInfo>> hashArchives(const PreparedModel &model);

  ProgramCache &cache;
  StringRef path;
  const CompileOptions &options;
  std::string programs, entry, key;
  std::vector<Input> inputs;
  /// Of a bundle that was written here.
  std::vector<FileInfo> files;
  int64_t start;
};

Error ProgramCache::Request::makeKey(const CPUTarget &target) {
  if (sys::fs::exists(programs))
    if (Error error = checkOwner(programs))
      return error;
  Expected<std::string> build = getBuildIdentity(cache.hashes);
  if (!build)
    return build.takeError();
  std::string text;
  raw_string_ostream os(text);
  os << kEntryFormat << " " << kEntryVersion << "\n"
     << getVersion() << "\n"
     << *build << target.triple << " " << target.cpu << " "
     << llvm::join(target.features, ",") << "\n"
     << options.toJSON() << "\n"
     << getNames(path) << "\n";
  inputs = listInputs(path, options);
  for (const Input &input : inputs) {
    if (!input.state) {
      os << input.role << " absent\n";
      continue;
    }
    Expected<FileHash> hash = cache.hashes.get(input.path);
    if (!hash)
      return hash.takeError();
    if (hash->state != *input.state)
      return makeFileError(input.path, "changes while it is read");
    os << input.role << " " << hash->sha256 << "\n";
  }
  key = sha256(arrayRefFromStringRef(text));
  entry = getMember(programs, key);
  return Error::success();
}

Expected<bool> ProgramCache::Request::matches(StringRef folder,
                                              const json::Object &object) {
  for (const auto &[name, value] : object) {
    Expected<FileHash> hash = cache.hashes.get(getMember(folder, name));
    if (!hash)
      return hash.takeError();
    if (value.getAsString() != StringRef(hash->sha256))
      return false;
  }
  return true;
}

Expected<std::unique_ptr<Program>> ProgramCache::Request::load() {
  if (!sys::fs::exists(entry))
    return nullptr;
  Expected<json::Value> value = readJSON(getMember(entry, kManifestName));
  if (!value)
    return value.takeError();
  const json::Object *object = value->getAsObject();
  const json::Object *files = object ? object->getObject("files") : nullptr;
  const json::Object *archives =
      object ? object->getObject("archives") : nullptr;
  if (!files || !archives || object->getString("key") != StringRef(key))
    return makeFileError(entry, "is damaged");
  std::string bundle = getMember(entry, kBundleName);
  Expected<bool> isWhole = matches(bundle, *files);
  if (!isWhole)
    return isWhole.takeError();
  if (!*isWhole)
    return makeFileError(entry, "is damaged");
  // An archive that can't be read is a matter for the compiler to tell.
  Expected<bool> isCurrent = matches(sys::path::parent_path(path), *archives);
  if (!isCurrent)
    consumeError(isCurrent.takeError());
  if (!isCurrent || !*isCurrent)
    return nullptr;
  return loadBundle(bundle);
}

Error ProgramCache::Request::prepareFolder() {
  if (std::error_code code = sys::fs::create_directories(
          programs, /*IgnoreExisting=*/true, sys::fs::perms::owner_all))
    return makeFileError(programs, "can't be made: " + code.message());
  return checkOwner(programs);
}

Expected<std::vector<FileInfo>>
ProgramCache::Request::hashArchives(const PreparedModel &model) {
  std::vector<FileInfo> archives;
  for (const std::string &name : model.archives) {
    std::string file = getMember(sys::path::parent_path(path), name);
    Expected<FileHash> hash = cache.hashes.get(file);
    if (!hash)
      return hash.takeError();
    // Its hash is asked for after it was compiled from.
    if (hash->state.changed >= start)
      return makeFileError(file, "changed while it was compiled");
    archives.push_back({name, int64_t(hash->state.bytes), hash->sha256});
  }
  return archives;
}

/// Fills the entry's folder: a bundle, and what it may be believed by.
Error ProgramCache::Request::writeEntry(CompiledModel &compiled,
                                        OutputFolder &folder) {
  std::string bundle = folder.getPath(kBundleName);
  Expected<OutputFolder> inner = OutputFolder::create(bundle, kBundleFormat);
  if (!inner)
    return inner.takeError();
  PreparedModel &model = *compiled.model;
  if (Error error = writeBundle(model, compiled.code, std::move(*inner),
                                options, [](int64_t, StringRef) {}))
    return error;
  Expected<std::vector<FileInfo>> archives = hashArchives(model);
  if (!archives)
    return archives.takeError();
  if (!isSame(inputs, listInputs(path, options)))
    return makeFileError(path, "changed while it was compiled");
  Expected<std::string> manifest = sha256File(getMember(bundle, kManifestName));
  if (!manifest)
    return manifest.takeError();
  files = model.manifest.files;
  files.push_back({kManifestName.str(), 0, std::move(*manifest)});
  json::Value value = json::Object{{"format", kEntryFormat},
                                   {"version", kEntryVersion},
                                   {"key", key},
                                   {"files", toJSON(files)},
                                   {"archives", toJSON(*archives)}};
  return writeFile(folder.getPath(kManifestName),
                   formatv("{0:2}\n", value).str());
}

Error ProgramCache::Request::store(CompiledModel &compiled) {
  uint64_t bytes = compiled.model->ledger.getBytesAfter();
  if (bytes > cache.options.limit)
    return makeFileError(path, "takes " + formatBytes(bytes) +
                                   ", more than the limit of " +
                                   formatBytes(cache.options.limit));
  if (Error error = prepareFolder())
    return error;
  Expected<OutputFolder> folder = OutputFolder::create(entry, kEntryFormat);
  if (!folder)
    return folder.takeError();
  if (Error error = writeEntry(compiled, *folder))
    return error;
  if (Error error = folder->commit())
    return error;
  std::string bundle = getMember(entry, kBundleName);
  for (const FileInfo &file : files) {
    std::string member = getMember(bundle, file.name);
    Expected<FileState> state = FileState::get(member);
    if (!state)
      return state.takeError();
    cache.hashes.remember(member, {file.sha256, *state});
  }
  trim(programs, cache.options.limit, entry);
  cache.hashes.prune();
  return Error::success();
}

Expected<CachedProgram> ProgramCache::Request::run() {
  Expected<CPUTarget> target = CPUTarget::parse("native");
  if (!target)
    return target.takeError();
  CachedProgram result;
  auto warn = [&](Error error) {
    if (result.warning.empty())
      result.warning = toString(std::move(error));
    else
      consumeError(std::move(error));
  };
  auto tryLoad = [&]() -> bool {
    Expected<std::unique_ptr<Program>> program = load();
    if (!program) {
      warn(program.takeError());
      removeEntry(entry);
      return false;
    }
    if (!*program)
      return false;
    result.program = std::move(*program);
    result.entry = entry;
    // What was used last is removed last.
    (void)::utimensat(AT_FDCWD, entry.c_str(), nullptr, 0);
    return true;
  };
  if (Error error = makeKey(*target)) {
    warn(std::move(error));
    key.clear();
  } else if (tryLoad()) {
    return result;
  }

  Expected<CompiledModel> compiled = compileModel(path, options, *target);
  if (!compiled)
    return compiled.takeError();
  result.isCompiled = true;
  if (!key.empty()) {
    Error error = store(*compiled);
    // Another process may have made the same entry in the meantime.
    if (tryLoad()) {
      consumeError(std::move(error));
      return result;
    }
    if (error)
      warn(std::move(error));
  }
  Expected<std::unique_ptr<Program>> program =
      loadProgram(*compiled->model, compiled->code, options);
  if (!program)
    return program.takeError();
  result.program = std::move(*program);
  return result;
}

//===----------------------------------------------------------------------===//
// ProgramCache
//===----------------------------------------------------------------------===//

ProgramCache::ProgramCache(ProgramCacheOptions options)
    : options(std::move(options)),
      hashes(getMember(this->options.folder, "hashes"), this->options.verify) {}

Expected<CachedProgram> ProgramCache::open(StringRef path,
                                           const CompileOptions &compile) {
  return Request(*this, path, compile).run();
}
