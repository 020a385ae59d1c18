//===- Output.cpp - Files and folders that appear whole -------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/Output.h"

#include "compress/Support/Error.h"
#include "compress/Support/JSON.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

using namespace llvm;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// OutputFile
//===----------------------------------------------------------------------===//

OutputFile::OutputFile(StringRef path, StringRef temporary, int descriptor)
    : path(path.str()), temporary(temporary.str()),
      stream(std::make_unique<raw_fd_ostream>(descriptor,
                                              /*shouldClose=*/true)) {}

Expected<OutputFile> OutputFile::create(StringRef path) {
  if (sys::fs::is_directory(path))
    return makeFileError(path, "is a folder; name a file to write");
  int descriptor;
  SmallString<128> temporary;
  if (std::error_code code = sys::fs::createUniqueFile(path + ".%%%%%%%%.tmp",
                                                       descriptor, temporary))
    return makeFileError(path, "can't be written: " + code.message());
  sys::RemoveFileOnSignal(temporary);
  return OutputFile(path, temporary, descriptor);
}

OutputFile::OutputFile(OutputFile &&other) { *this = std::move(other); }

OutputFile &OutputFile::operator=(OutputFile &&other) {
  if (this == &other)
    return *this;
  discard();
  path = std::move(other.path);
  temporary = std::exchange(other.temporary, std::string());
  stream = std::move(other.stream);
  return *this;
}

OutputFile::~OutputFile() { discard(); }

void OutputFile::discard() {
  if (temporary.empty())
    return;
  // A stream that is destroyed with a pending error ends the process.
  stream->clear_error();
  stream->close();
  stream->clear_error();
  stream.reset();
  (void)sys::fs::remove(temporary);
  sys::DontRemoveFileOnSignal(temporary);
  temporary.clear();
}

Error OutputFile::checkStream() {
  if (!stream->has_error())
    return Error::success();
  std::string reason = stream->error().message();
  discard();
  return makeFileError(path, "can't be written: " + reason);
}

Error OutputFile::write(ArrayRef<uint8_t> bytes) {
  return write(
      StringRef(reinterpret_cast<const char *>(bytes.data()), bytes.size()));
}

Error OutputFile::write(StringRef text) {
  if (temporary.empty())
    return makeFileError(path, "is closed after an earlier error");
  stream->write(text.data(), text.size());
  return checkStream();
}

Error OutputFile::commit() {
  if (temporary.empty())
    return makeFileError(path, "is closed after an earlier error");
  stream->flush();
  if (Error error = checkStream())
    return error;
  stream->close();
  if (Error error = checkStream())
    return error;
  if (std::error_code code = sys::fs::rename(temporary, path)) {
    discard();
    return makeFileError(path, "can't be replaced: " + code.message());
  }
  sys::DontRemoveFileOnSignal(temporary);
  temporary.clear();
  stream.reset();
  return Error::success();
}

Error mlir::compress::writeFile(StringRef path, StringRef text) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  if (Error error = file->write(text))
    return error;
  return file->commit();
}

//===----------------------------------------------------------------------===//
// OutputFolder
//===----------------------------------------------------------------------===//

/// Whether `path` holds nothing that a user could miss: see create().
static Error checkReplaceable(StringRef path, StringRef format) {
  if (!sys::fs::exists(path))
    return Error::success();
  if (!sys::fs::is_directory(path))
    return makeFileError(
        path, "is a file; remove it or choose another name for the folder");
  std::error_code code;
  sys::fs::directory_iterator entry(path, code);
  if (code)
    return makeFileError(path, "can't be read: " + code.message());
  if (entry == sys::fs::directory_iterator())
    return Error::success();

  SmallString<128> manifest(path);
  sys::path::append(manifest, "manifest.json");
  auto refuse = [&] {
    return makeFileError(path, "exists and is not a " + format +
                                   "; remove it or choose another name");
  };
  auto buffer = MemoryBuffer::getFile(manifest);
  if (!buffer)
    return refuse();
  Expected<json::Value> value = parseJSON((*buffer)->getBuffer(), manifest);
  if (!value) {
    consumeError(value.takeError());
    return refuse();
  }
  const json::Object *object = value->getAsObject();
  if (!object || object->getString("format") != format)
    return refuse();
  return Error::success();
}

Expected<OutputFolder> OutputFolder::create(StringRef path, StringRef format) {
  path = path.size() > 1 ? path.rtrim('/') : path;
  if (path.empty())
    return makeError("the output folder needs a name");
  if (Error error = checkReplaceable(path, format))
    return error;
  // createUniqueDirectory places its folders among the system's temporaries,
  // which may be another file system: no rename could reach the target.
  for (int attempt = 0;; ++attempt) {
    SmallString<128> temporary;
    sys::fs::createUniquePath(path + ".%%%%%%%%.tmp", temporary,
                              /*MakeAbsolute=*/false);
    std::error_code code =
        sys::fs::create_directory(temporary, /*IgnoreExisting=*/false);
    if (!code)
      return OutputFolder(path, temporary);
    if (code != std::errc::file_exists || attempt == 100)
      return makeFileError(path, "can't be written: " + code.message());
  }
}

OutputFolder::OutputFolder(OutputFolder &&other) { *this = std::move(other); }

OutputFolder &OutputFolder::operator=(OutputFolder &&other) {
  if (this == &other)
    return *this;
  discard();
  path = std::move(other.path);
  temporary = std::exchange(other.temporary, std::string());
  return *this;
}

OutputFolder::~OutputFolder() { discard(); }

void OutputFolder::discard() {
  if (!temporary.empty())
    (void)sys::fs::remove_directories(temporary);
  temporary.clear();
}

std::string OutputFolder::getPath(StringRef member) const {
  SmallString<128> result(temporary);
  sys::path::append(result, member);
  return std::string(result);
}

Error OutputFolder::commit() {
  // A folder can't be renamed onto one that holds files: the old one steps
  // aside and comes back if the new one can't take its place.
  std::string old;
  if (sys::fs::exists(path)) {
    old = temporary + ".old";
    if (std::error_code code = sys::fs::rename(path, old))
      return makeFileError(path, "can't be replaced: " + code.message());
  }
  if (std::error_code code = sys::fs::rename(temporary, path)) {
    if (!old.empty())
      (void)sys::fs::rename(old, path);
    return makeFileError(path, "can't be written: " + code.message());
  }
  temporary.clear();
  if (!old.empty())
    (void)sys::fs::remove_directories(old);
  return Error::success();
}
