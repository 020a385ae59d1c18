//===- Bundle.cpp - Loads bundles -----------------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Runtime/Program.h"

#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/JSON.h"
#include "compress/Support/MappedFile.h"
#include "compress/Support/Safetensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/TargetParser/X86TargetParser.h"

#include <dlfcn.h>

using namespace llvm;
using namespace mlir::compress;

static std::string getMember(StringRef bundle, StringRef name) {
  SmallString<256> path(bundle);
  sys::path::append(path, name);
  return std::string(path);
}

//===----------------------------------------------------------------------===//
// Targets
//===----------------------------------------------------------------------===//

/// What keeps a machine from running code for `target`; empty if nothing does.
static std::string findObstacle(const TargetInfo &target, StringRef triple,
                                const StringMap<bool> &features) {
  Triple wanted(target.triple), have(triple);
  if (wanted.getArch() != have.getArch() || wanted.getOS() != have.getOS())
    return "needs " + wanted.getArchName().str() + "-" +
           wanted.getOSName().str();
  std::string missing;
  for (StringRef feature : target.features)
    if (feature.consume_front("+") && !features.lookup(feature))
      missing += (missing.empty() ? "needs " : ", ") + feature.str();
  return missing;
}

Expected<size_t> mlir::compress::selectTarget(ArrayRef<TargetInfo> targets,
                                              StringRef triple,
                                              const StringMap<bool> &features) {
  std::string obstacles;
  for (auto [index, target] : enumerate(targets)) {
    std::string obstacle = findObstacle(target, triple, features);
    if (obstacle.empty())
      return index;
    obstacles += "; " + target.library + " " + obstacle;
  }
  return makeError("no code for this machine (" + triple + ")" + obstacles +
                   "; compile the model with --target=native on it");
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

namespace {
/// The steps of loading one bundle.
class Loader {
public:
  Loader(StringRef path, const BundleOptions &options)
      : path(path), options(options) {}

  Expected<std::unique_ptr<Program>> run();

private:
  Error readManifest();
  Error checkFiles();
  Error loadCode();
  Error loadParameters();
  Error loadTokenizer();
  Expected<SafetensorsFile *> openArchive(StringRef name);
  Expected<void *> findSymbol(void *library, StringRef file, StringRef symbol);

  std::string path;
  const BundleOptions &options;
  ProgramParts parts;
  StringMap<std::shared_ptr<SafetensorsFile>> archives;
};
} // namespace

Error Loader::readManifest() {
  if (!sys::fs::is_directory(path))
    return makeFileError(path, "is not a bundle: no such folder");
  std::string file = getMember(path, kManifestName);
  if (!sys::fs::exists(file))
    return makeFileError(path, "is not a bundle: it has no " + kManifestName);
  Expected<MappedFile> text = MappedFile::open(file);
  if (!text)
    return text.takeError();
  // Most of a manifest is for people.
  Expected<json::Value> value =
      parseJSON(blankMembers(text->getText(), {"ledger", "options"}), file);
  if (!value)
    return value.takeError();
  Expected<Manifest> manifest = Manifest::fromJSON(*value, file);
  if (!manifest)
    return manifest.takeError();
  parts.manifest = std::move(*manifest);
  return Error::success();
}

Error Loader::checkFiles() {
  for (const FileInfo &info : parts.manifest.files) {
    std::string file = getMember(path, info.name);
    uint64_t bytes = 0;
    if (std::error_code code = sys::fs::file_size(file, bytes))
      return makeFileError(file, "cannot be read: " + code.message());
    if (bytes != static_cast<uint64_t>(info.bytes))
      return makeFileError(file, "has " + Twine(bytes) +
                                     " bytes, the manifest says " +
                                     Twine(info.bytes) +
                                     "; the bundle is damaged, copy or "
                                     "compile it again");
    if (!options.verifyHashes)
      continue;
    Expected<std::string> hash = sha256File(file);
    if (!hash)
      return hash.takeError();
    if (*hash != StringRef(info.sha256).lower())
      return makeFileError(file, "its SHA-256 is " + *hash +
                                     ", the manifest says " + info.sha256 +
                                     "; the bundle is damaged, copy or "
                                     "compile it again");
  }
  return Error::success();
}

Expected<void *> Loader::findSymbol(void *library, StringRef file,
                                    StringRef symbol) {
  if (void *address = dlsym(library, symbol.str().c_str()))
    return address;
  return makeFileError(file, "has no symbol " + symbol +
                                 ", which the manifest's functions need");
}

/// What this machine's processor has.
static StringMap<bool> getHostFeatures() {
  StringMap<bool> features = sys::getHostCPUFeatures();
  // The host's list leaves out what every x86-64 processor has, such as x87.
  if (Triple(sys::getProcessTriple()).getArch() == Triple::x86_64) {
    SmallVector<StringRef> baseline;
    X86::getFeaturesForCPU("x86-64", baseline);
    for (StringRef feature : baseline)
      features[feature] = true;
  }
  return features;
}

Error Loader::loadCode() {
  StringMap<bool> features = getHostFeatures();
  if (!options.features.empty()) {
    features.clear();
    for (StringRef feature : options.features)
      features[feature] = true;
  }
  Expected<size_t> target =
      selectTarget(parts.manifest.targets, sys::getProcessTriple(), features);
  if (!target)
    return makeFileError(path, toString(target.takeError()));
  std::string file = getMember(path, parts.manifest.targets[*target].library);
  // dlopen looks a name without a slash up elsewhere.
  SmallString<256> absolute(file);
  if (std::error_code code = sys::fs::make_absolute(absolute))
    return makeFileError(file, code.message());
  void *library = dlopen(absolute.c_str(), RTLD_LOCAL | RTLD_NOW);
  if (!library)
    return makeFileError(file, Twine("cannot be loaded: ") + dlerror());
  parts.owners.emplace_back(library, [](void *handle) { dlclose(handle); });
  for (const FunctionSignature &function : parts.manifest.functions) {
    std::string symbol = "compress_" + function.name;
    Expected<void *> code = findSymbol(library, file, symbol);
    if (!code)
      return code.takeError();
    Expected<void *> workspace =
        findSymbol(library, file, symbol + "_workspace");
    if (!workspace)
      return workspace.takeError();
    parts.code.emplace_back(reinterpret_cast<CompressFunction>(*code),
                            reinterpret_cast<CompressWorkspace>(*workspace));
  }
  return Error::success();
}

Expected<SafetensorsFile *> Loader::openArchive(StringRef name) {
  std::shared_ptr<SafetensorsFile> &archive = archives[name];
  if (!archive) {
    Expected<SafetensorsFile> opened =
        SafetensorsFile::open(getMember(path, name));
    if (!opened)
      return opened.takeError();
    archive = std::make_shared<SafetensorsFile>(std::move(*opened));
    parts.owners.push_back(archive);
  }
  return archive.get();
}

Error Loader::loadParameters() {
  for (const ParameterInfo &info : parts.manifest.parameters) {
    Expected<SafetensorsFile *> archive = openArchive(info.file);
    if (!archive)
      return archive.takeError();
    const SafetensorsTensor *tensor = (*archive)->find(info.key);
    if (!tensor)
      return makeFileError((*archive)->getPath(),
                           "has no tensor '" + info.key +
                               "', which the manifest names; code and "
                               "parameters belong to different bundles");
    // The file is mapped at a page, so this is the offset's alignment.
    if (reinterpret_cast<uintptr_t>(tensor->data.data()) % 64 != 0)
      return makeFileError((*archive)->getPath(),
                           "tensor '" + info.key +
                               "' does not start at a multiple of 64 bytes; "
                               "compile the model again");
    ProgramParameter parameter;
    parameter.data = tensor->data.data();
    parameter.bytes = tensor->data.size();
    parameter.rows = tensor->shape.empty() ? 1 : tensor->shape.front();
    parts.parameters.push_back(parameter);
  }
  return Error::success();
}

/// Builds a tokenizer from the form that people write.
static Expected<std::unique_ptr<Tokenizer>> readTokenizer(StringRef file) {
  Expected<json::Value> value = readJSON(file);
  if (!value)
    return value.takeError();
  Expected<TokenizerModel> model = TokenizerModel::fromJSON(*value);
  if (!model)
    return makeFileError(file, toString(model.takeError()));
  Expected<std::unique_ptr<Tokenizer>> tokenizer = Tokenizer::create(*model);
  if (!tokenizer)
    return makeFileError(file, toString(tokenizer.takeError()));
  return tokenizer;
}

Error Loader::loadTokenizer() {
  if (parts.manifest.tokenizer.empty())
    return Error::success();
  std::string file = getMember(path, parts.manifest.tokenizer);
  Expected<std::unique_ptr<Tokenizer>> tokenizer =
      sys::path::extension(file) == ".json" ? readTokenizer(file)
                                            : Tokenizer::open(file);
  if (!tokenizer)
    return tokenizer.takeError();
  parts.tokenizer = std::move(*tokenizer);
  return Error::success();
}

Expected<std::unique_ptr<Program>> Loader::run() {
  using Step = Error (Loader::*)();
  for (Step step :
       {&Loader::readManifest, &Loader::checkFiles, &Loader::loadParameters,
        &Loader::loadCode, &Loader::loadTokenizer})
    if (Error error = (this->*step)())
      return error;
  return Program::create(std::move(parts));
}

Expected<std::unique_ptr<Program>>
mlir::compress::loadBundle(StringRef path, const BundleOptions &options) {
  return Loader(path, options).run();
}
