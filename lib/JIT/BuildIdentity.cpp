//===- BuildIdentity.cpp - Which build of the compiler this is ------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BuildIdentity.h"

#include "mlir/InitAllDialects.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Host.h"

#include <cstring>
#include <elf.h>
#include <link.h>
#include <set>
#include <vector>

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

/// The build id among the notes of a segment, as digits; empty without one.
static std::string findBuildId(ArrayRef<uint8_t> notes, size_t alignment) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes.data(), sizeof(header));
    size_t name = sizeof(header);
    size_t content = alignTo(name + header.n_namesz, alignment);
    size_t next = alignTo(content + header.n_descsz, alignment);
    if (content + header.n_descsz > notes.size())
      break;
    if (header.n_type == NT_GNU_BUILD_ID && header.n_namesz == 4 &&
        std::memcmp(notes.data() + name, "GNU", 4) == 0)
      return toHex(notes.slice(content, header.n_descsz), /*LowerCase=*/true);
    notes = notes.drop_front(std::min(next, notes.size()));
  }
  return "";
}

namespace {
/// What is loaded.
struct Objects {
  /// Parts of the compiler: addresses within them.
  std::vector<uintptr_t> parts;
  /// Build ids; sorted, so that the order of loading does not matter.
  std::set<std::string> ids;
  /// Files of parts of the compiler that have no build id.
  std::set<std::string> files;
};
} // namespace

static int visitObject(dl_phdr_info *info, size_t, void *data) {
  auto &objects = *static_cast<Objects *>(data);
  StringRef name(info->dlpi_name);
  // The kernel's part, which differs between kernels.
  if (name.contains("vdso"))
    return 0;
  bool isPart = false;
  std::string id;
  for (const ElfW(Phdr) &header :
       ArrayRef(info->dlpi_phdr, size_t(info->dlpi_phnum))) {
    uintptr_t start = info->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD)
      isPart |= any_of(objects.parts, [&](uintptr_t part) {
        return part >= start && part < start + header.p_memsz;
      });
    if (header.p_type == PT_NOTE && id.empty())
      id = findBuildId(ArrayRef(reinterpret_cast<const uint8_t *>(start),
                                size_t(header.p_memsz)),
                       std::max<size_t>(header.p_align, 4));
  }
  if (!id.empty())
    objects.ids.insert(id);
  else if (isPart)
    objects.files.insert(name.empty() ? "/proc/self/exe" : name.str());
  return 0;
}

Expected<std::string> compress::getBuildIdentity(const FileHashes &hashes) {
  Objects objects;
  objects.parts = {
      reinterpret_cast<uintptr_t>(&getBuildIdentity),
      reinterpret_cast<uintptr_t>(&sys::getHostCPUName),
      reinterpret_cast<uintptr_t>(
          static_cast<void (*)(DialectRegistry &)>(&mlir::registerAllDialects)),
  };
  dl_iterate_phdr(visitObject, &objects);
  std::string identity;
  for (const std::string &id : objects.ids)
    identity += id + "\n";
  for (const std::string &file : objects.files) {
    Expected<FileHash> hash = hashes.get(file);
    if (!hash)
      return hash.takeError();
    identity += hash->sha256 + "\n";
  }
  return identity;
}
