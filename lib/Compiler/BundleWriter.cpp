//===- BundleWriter.cpp - Writes bundles ----------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Compiler/Compiler.h"

#include "compress/Support/Error.h"
#include "compress/Support/Hash.h"
#include "compress/Support/Safetensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"

using namespace llvm;
using namespace mlir;
using namespace mlir::compress;

static constexpr StringLiteral kParametersName = "parameters-0.safetensors";
static constexpr StringLiteral kTokenizerName = "tokenizer.safetensors";

namespace {

/// The steps of writing one bundle.
class BundleWriter {
public:
  BundleWriter(PreparedModel &model, ArrayRef<CompiledCode> code,
               OutputFolder folder, const CompileOptions &options,
               llvm::function_ref<void(int64_t, StringRef)> advance)
      : model(model), code(code), folder(std::move(folder)), options(options),
        advance(advance) {}

  Error run();

private:
  Error writeCode();
  Error writeParameters();
  Error writeTokenizer();
  Error writeManifest();
  Error addFile(StringRef name);

  PreparedModel &model;
  ArrayRef<CompiledCode> code;
  OutputFolder folder;
  const CompileOptions &options;
  llvm::function_ref<void(int64_t, StringRef)> advance;
};

} // namespace

/// Enters a file that is complete into the manifest.
Error BundleWriter::addFile(StringRef name) {
  std::string path = folder.getPath(name);
  uint64_t bytes = 0;
  if (std::error_code error = sys::fs::file_size(path, bytes))
    return makeFileError(path, "can't be read: " + error.message());
  Expected<std::string> hash = sha256File(path);
  if (!hash)
    return hash.takeError();
  model.manifest.files.push_back(
      {name.str(), static_cast<int64_t>(bytes), std::move(*hash)});
  return Error::success();
}

Error BundleWriter::writeCode() {
  llvm::StringSet<> names;
  for (const CompiledCode &target : code) {
    std::string name = "code-" + target.target.cpu + ".so";
    // Two targets may differ in features only.
    for (unsigned i = 2; !names.insert(name).second; ++i)
      name = formatv("code-{0}-{1}.so", target.target.cpu, i);
    if (Error error = linkSharedObject(target.object, folder.getPath(name)))
      return error;
    if (Error error = addFile(name))
      return error;
    TargetInfo info{target.target.triple, target.target.cpu, {}, name};
    for (const std::string &feature : target.target.features)
      info.features.push_back("+" + feature);
    model.manifest.targets.push_back(std::move(info));
  }
  return Error::success();
}

Error BundleWriter::writeParameters() {
  std::vector<SafetensorsWriter::Declaration> declarations;
  for (const ParameterPlan &plan : model.parameters) {
    Expected<std::vector<ProgramComponent>> components =
        getProgramComponents(plan);
    if (!components)
      return components.takeError();
    for (const ProgramComponent &component : *components)
      declarations.push_back({getParameterKey(plan.symbol, component.name),
                              component.type, component.shape});
  }
  Expected<SafetensorsWriter> writer =
      SafetensorsWriter::create(folder.getPath(kParametersName), declarations);
  if (!writer)
    return writer.takeError();
  auto write = [&](size_t index, LaidOutParameter parameter) -> Error {
    int64_t bytes = 0;
    for (const ComponentData &component : parameter.components) {
      if (Error error = writer->append(component))
        return error;
      bytes += component.size();
    }
    model.ledger.entries[index].record(model.parameters[index], parameter);
    advance(bytes, model.parameters[index].symbol);
    return Error::success();
  };
  if (Error error = layOutAll(model.parameters, options.threads, write))
    return error;
  if (Error error = writer->commit())
    return error;
  for (ParameterInfo &info : model.manifest.parameters)
    info.file = kParametersName;
  return addFile(kParametersName);
}

Error BundleWriter::writeTokenizer() {
  if (!model.tokenizer)
    return Error::success();
  Expected<std::unique_ptr<Tokenizer>> tokenizer =
      Tokenizer::create(*model.tokenizer);
  if (!tokenizer)
    return tokenizer.takeError();
  if (Error error = (*tokenizer)->write(folder.getPath(kTokenizerName)))
    return error;
  model.manifest.tokenizer = kTokenizerName;
  return addFile(kTokenizerName);
}

Error BundleWriter::writeManifest() {
  model.manifest.ledger = model.ledger.toJSON();
  std::string text = formatv("{0:2}\n", model.manifest.toJSON());
  return writeFile(folder.getPath(kManifestName), text);
}

Error BundleWriter::run() {
  model.manifest.targets.clear();
  model.manifest.files.clear();
  if (Error error = describeCode(model, code))
    return error;
  using Step = Error (BundleWriter::*)();
  for (Step step :
       {&BundleWriter::writeCode, &BundleWriter::writeParameters,
        &BundleWriter::writeTokenizer, &BundleWriter::writeManifest})
    if (Error error = (this->*step)())
      return error;
  return folder.commit();
}

Error compress::writeBundle(
    PreparedModel &model, ArrayRef<CompiledCode> code, OutputFolder folder,
    const CompileOptions &options,
    llvm::function_ref<void(int64_t, StringRef)> advance) {
  return BundleWriter(model, code, std::move(folder), options, advance).run();
}

int64_t compress::estimatePeakMemory(const PreparedModel &model,
                                     const CompileOptions &options) {
  // MLIR, LLVM and the code of one target, as measured on models of 2 to 60
  // layers.
  constexpr int64_t compiler = int64_t(300) << 20;
  return model.sourceBytes + compiler +
         estimatePeakBytes(model.parameters, options.threads);
}
