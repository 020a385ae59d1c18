//===- FileHashes.cpp - Hashes of files, remembered -----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/FileHashes.h"

#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/Output.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <cerrno>
#include <ctime>
#include <sys/stat.h>

using namespace llvm;
using namespace mlir::compress;

/// File systems stamp times in steps of up to two seconds: a file that changed
/// less than that before it was read may change again under the same time.
static constexpr int64_t kCoarsestStep = 2'000'000'000;

static constexpr size_t kHashDigits = 64;

static int64_t getNanoseconds(const timespec &time) {
  return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

//===----------------------------------------------------------------------===//
// FileState
//===----------------------------------------------------------------------===//

Expected<FileState> FileState::get(StringRef path) {
  // LLVM's file_status leaves out the time of the last change.
  struct stat status;
  if (::stat(path.str().c_str(), &status) != 0)
    return makeFileError(
        path, std::error_code(errno, std::generic_category()).message());
  return FileState{status.st_dev, status.st_ino, uint64_t(status.st_size),
                   getNanoseconds(status.st_mtim),
                   getNanoseconds(status.st_ctim)};
}

int64_t FileState::getClock() {
  timespec time;
  clock_gettime(CLOCK_REALTIME_COARSE, &time);
  return getNanoseconds(time);
}

bool FileState::operator==(const FileState &other) const {
  return device == other.device && inode == other.inode &&
         bytes == other.bytes && modified == other.modified &&
         changed == other.changed;
}

//===----------------------------------------------------------------------===//
// FileHashes
//===----------------------------------------------------------------------===//

static std::string getAbsolute(StringRef path) {
  SmallString<256> absolute(path);
  (void)sys::fs::make_absolute(absolute);
  return std::string(absolute);
}

static std::string hashText(StringRef text) {
  return sha256(arrayRefFromStringRef(text));
}

/// A record is the hash of the rest, the hash of the file, its state and its
/// path, a line each.
static std::string makeRecord(StringRef absolutePath, const FileHash &hash) {
  const FileState &state = hash.state;
  std::string rest = formatv("{0}\n{1} {2} {3} {4} {5}\n{6}\n", hash.sha256,
                             state.device, state.inode, state.bytes,
                             state.modified, state.changed, absolutePath);
  return hashText(rest) + "\n" + rest;
}

/// The file's hash that a record for this path and state holds, or nothing.
static std::string readRecord(StringRef recordPath, StringRef absolutePath,
                              const FileState &state) {
  auto buffer = MemoryBuffer::getFile(recordPath);
  if (!buffer)
    return "";
  StringRef sum = (*buffer)->getBuffer().split('\n').second;
  std::string hash = sum.take_front(kHashDigits).str();
  bool matches =
      (*buffer)->getBuffer() == makeRecord(absolutePath, {hash, state});
  return matches ? hash : "";
}

std::string FileHashes::getRecordPath(StringRef absolutePath) const {
  SmallString<256> record(folder);
  sys::path::append(record, hashText(absolutePath));
  return std::string(record);
}

void FileHashes::remember(StringRef path, const FileHash &hash) const {
  if (folder.empty() || sys::fs::create_directories(folder))
    return;
  std::string absolute = getAbsolute(path);
  consumeError(writeFile(getRecordPath(absolute), makeRecord(absolute, hash)));
}

Expected<FileHash> FileHashes::get(StringRef path) const {
  Expected<FileState> state = FileState::get(path);
  if (!state)
    return state.takeError();
  std::string absolute = getAbsolute(path);
  if (!folder.empty() && !reread) {
    std::string known = readRecord(getRecordPath(absolute), absolute, *state);
    if (!known.empty())
      return FileHash{std::move(known), *state};
  }
  int64_t start = FileState::getClock();
  Expected<std::string> sum = sha256File(path);
  if (!sum)
    return sum.takeError();
  Expected<FileState> after = FileState::get(path);
  if (!after)
    return after.takeError();
  if (*after != *state)
    return makeFileError(path, "changes while it is read");
  FileHash hash{std::move(*sum), *state};
  if (state->changed + kCoarsestStep < start)
    remember(path, hash);
  return hash;
}

void FileHashes::prune() const {
  std::error_code code;
  for (sys::fs::directory_iterator it(folder, code), end; it != end && !code;
       it.increment(code)) {
    // The last line is the path; a damaged record is of no use to anybody.
    auto buffer = MemoryBuffer::getFile(it->path());
    if (!buffer)
      continue;
    StringRef path = (*buffer)->getBuffer().rtrim('\n').rsplit('\n').second;
    // A record that another process is writing is none yet.
    if (StringRef(it->path()).ends_with(".tmp") || sys::fs::exists(path))
      continue;
    (void)sys::fs::remove(it->path());
  }
}
