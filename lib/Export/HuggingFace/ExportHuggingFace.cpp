//===- ExportHuggingFace.cpp - Quantized Hugging Face folders -------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../ExportTensors.h"
#include "CheckpointConfig.h"

#include "compress/Support/JSON.h"
#include "compress/Support/Safetensors.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"

#include <numeric>

using namespace llvm;
using namespace mlir::compress;

/// The number format, without an order of columns around it.
static const EncodingSpec &getNumberFormat(const EncodingSpec &spec) {
  bool isPermuted =
      spec.kind == EncodingSpec::Kind::Permuted && spec.values.isEncoding();
  return isPermuted ? spec.values.getEncoding() : spec;
}

/// What of a format is like an encoding that it can't hold: the next number of
/// bits, the same groups, zero points where values have no sign or a minimum.
static EncodingSpec getClosestEncoding(const CheckpointFormat &format,
                                       const EncodingSpec &spec,
                                       int64_t columns) {
  const EncodingSpec &inner = getNumberFormat(spec);
  EncodingSpec closest;
  closest.block = {1, -1};
  // Groups that leave no smaller last one.
  if (inner.block.size() == 2 && inner.block[1] > 0)
    closest.block[1] = std::gcd(inner.block[1], columns);
  closest.scale = NumberType::getF16();
  if (format.isFloat()) {
    closest.kind = EncodingSpec::Kind::Float;
    closest.code = NumberType::getFloat(NumberType::Kind::F8E4M3FN);
    return closest;
  }
  unsigned bits = format.bits.back();
  for (unsigned legal : reverse(format.bits))
    if (legal >= inner.code.getBits())
      bits = legal;
  bool hasZero =
      inner.zero || inner.min ||
      (inner.kind == EncodingSpec::Kind::Affine && !inner.code.isSigned());
  closest.code =
      hasZero ? NumberType::getUnsigned(bits) : NumberType::getSigned(bits);
  if (hasZero)
    closest.zero = closest.code;
  return closest;
}

static std::optional<ElementType> findElementType(StringRef upperName) {
  for (ElementType type :
       {ElementType::Bool, ElementType::U8, ElementType::I8,
        ElementType::F8E4M3FN, ElementType::F8E5M2, ElementType::F8E8M0FNU,
        ElementType::I16, ElementType::U16, ElementType::F16, ElementType::BF16,
        ElementType::I32, ElementType::U32, ElementType::F32, ElementType::I64,
        ElementType::U64, ElementType::F64})
    if (str(type).upper() == upperName)
      return type;
  return std::nullopt;
}

namespace {
class FolderExporter {
public:
  FolderExporter(const PreparedModel &model, StringRef source,
                 const ModelFiles &files, const CheckpointFormat &format,
                 bool allowLossy, const OutputFolder &folder)
      : model(model), source(source), files(files), format(format),
        allowLossy(allowLossy), folder(folder) {}

  Expected<std::vector<ExportedTensor>> run();

private:
  /// A tensor on its way.
  struct Item {
    ExportTensor tensor;
    /// How it is packed; nothing where it is copied.
    std::optional<EncodingSpec> target;
  };
  Error describe(Item &item);
  Error write(const Item &item, SafetensorsWriter &writer);
  Error writeConfig();
  Error copyOthers();

  const PreparedModel &model;
  StringRef source;
  const ModelFiles &files;
  const CheckpointFormat &format;
  bool allowLossy;
  const OutputFolder &folder;
  std::vector<Item> items;
  std::vector<SafetensorsWriter::Declaration> declarations;
  CheckpointModules modules;
  std::vector<ExportedTensor> report;
};
} // namespace

/// Decides how a tensor is stored and declares its arrays.
Error FolderExporter::describe(Item &item) {
  const StoredTensor &stored = *item.tensor.source;
  ExportedTensor entry{stored.name, stored.typeName, stored.typeName, {}};
  StringRef module = stored.name;
  bool isWeight = module.consume_back(".weight");
  bool isPacked =
      isWeight && item.tensor.plan && !isPlain(item.tensor.plan->encoding) &&
      !(item.tensor.plan->encoding->kind == EncodingSpec::Kind::Float &&
        !item.tensor.plan->encoding->scale);
  if (!isPacked) {
    if (item.tensor.plan && item.tensor.plan->isTranscoded())
      return item.tensor.refuse(makeError(
          "what is not quantized stays as it is stored, " + stored.typeName));
    std::optional<ElementType> type = findElementType(stored.typeName);
    if (!type)
      return stored.fail("is quantized, but no matrix of a layer, to which "
                         "alone a scheme is applied in folders; take "
                         "--scheme=source and --override");
    declarations.push_back({stored.name, *type, stored.shape});
    if (isWeight && item.tensor.isMatrix)
      modules.plain.push_back(module.str());
    report.push_back(std::move(entry));
    return Error::success();
  }
  item.target = *item.tensor.plan->encoding;
  auto arrays = describeCheckpoint(format, *item.target, stored.shape);
  if (!arrays) {
    if (!allowLossy)
      return item.tensor.refuse(arrays.takeError());
    consumeError(arrays.takeError());
    item.target = getClosestEncoding(format, *item.target, stored.shape.back());
    arrays = describeCheckpoint(format, *item.target, stored.shape);
    if (!arrays)
      return stored.fail("can't be stored, not even rounded: " +
                         toString(arrays.takeError()));
  }
  for (const OwnedCheckpointArray &array : *arrays)
    declarations.push_back(
        {(module + "." + array.suffix).str(), array.type, array.shape});
  modules.quantized.push_back(
      {module.str(),
       cantFail(getCheckpointScheme(format, *item.target, stored.shape)),
       item.target->kind == EncodingSpec::Kind::Permuted});
  entry.after = str(*item.target);
  report.push_back(std::move(entry));
  return Error::success();
}

/// Appends what describe() declared.
Error FolderExporter::write(const Item &item, SafetensorsWriter &writer) {
  const StoredTensor &stored = *item.tensor.source;
  if (!item.target)
    return writer.append(stored.data);
  Expected<ExportedComponents> loaded =
      loadComponents(item.tensor, *item.target, Rounding::Nearest);
  if (!loaded)
    return loaded.takeError();
  SmallVector<ArrayRef<uint8_t>> views(loaded->components.begin(),
                                       loaded->components.end());
  auto arrays = packCheckpoint(format, *item.target, stored.shape, views);
  if (!arrays)
    return item.tensor.refuse(arrays.takeError());
  for (const OwnedCheckpointArray &array : *arrays)
    if (Error error = writer.append(array.data))
      return error;
  auto entry = find_if(report, [&](const ExportedTensor &entry) {
    return entry.name == stored.name;
  });
  entry->lossyError = loaded->lossyError;
  return Error::success();
}

Error FolderExporter::writeConfig() {
  Expected<json::Object> quantization = makeQuantizationConfig(format, modules);
  if (!quantization)
    return makeFileError(source, toString(quantization.takeError()));
  Expected<json::Value> config = readJSON(files.getMetadataPath());
  if (!config)
    return config.takeError();
  (*config->getAsObject())["quantization_config"] = std::move(*quantization);
  return writeFile(folder.getPath("config.json"),
                   formatv("{0:2}\n", *config).str());
}

/// Copies what is neither configuration nor weights.
Error FolderExporter::copyOthers() {
  std::vector<std::string> paths;
  std::error_code code;
  for (sys::fs::directory_iterator it(source, code), end; it != end && !code;
       it.increment(code)) {
    StringRef name = sys::path::filename(it->path());
    if (sys::fs::is_regular_file(it->path()) && name != "config.json" &&
        !name.ends_with(".mlir") && !name.ends_with(".safetensors") &&
        !name.ends_with(".safetensors.index.json"))
      paths.push_back(it->path());
  }
  for (const std::string &path : paths)
    if (!code)
      code =
          sys::fs::copy_file(path, folder.getPath(sys::path::filename(path)));
  if (code)
    return makeFileError(source,
                         "its files can't be copied: " + code.message());
  return Error::success();
}

Expected<std::vector<ExportedTensor>> FolderExporter::run() {
  Expected<std::vector<ExportTensor>> tensors =
      matchTensors(model, files, /*withTables=*/false);
  if (!tensors)
    return tensors.takeError();
  for (ExportTensor &tensor : *tensors) {
    items.push_back({std::move(tensor), std::nullopt});
    if (Error error = describe(items.back()))
      return error;
  }
  if (modules.quantized.empty())
    return makeFileError(source, "no weight would be quantized; say how with "
                                 "--scheme or --weights");
  // What the configuration can't say is told before the work.
  if (Error error = writeConfig())
    return error;
  Expected<SafetensorsWriter> writer = SafetensorsWriter::create(
      folder.getPath("model.safetensors"), declarations, {{"format", "pt"}},
      SafetensorsWriter::Padding::None);
  if (!writer)
    return writer.takeError();
  for (const Item &item : items)
    if (Error error = write(item, *writer))
      return error;
  if (Error error = writer->commit())
    return error;
  if (Error error = copyOthers())
    return error;
  return std::move(report);
}

Expected<std::vector<ExportedTensor>>
mlir::compress::exportHuggingFace(const PreparedModel &model, StringRef path,
                                  const ExportOptions &options,
                                  OutputFolder folder) {
  Expected<const CheckpointFormat *> format =
      findCheckpointFormat(options.format);
  if (!format)
    return makeError("--format: " + toString(format.takeError()));
  StringRef source = path;
  if (!sys::fs::is_directory(path))
    source = sys::path::parent_path(path).empty()
                 ? StringRef(".")
                 : sys::path::parent_path(path);
  SmallString<128> config(source);
  sys::path::append(config, "config.json");
  bool isGGUF = sys::path::extension(path) == ".gguf";
  if (isGGUF || !sys::fs::exists(config))
    return makeFileError(path, "does not lie in a Hugging Face folder, whose "
                               "names and configuration the result needs; "
                               "export it with --export-gguf");
  Expected<std::unique_ptr<ModelFiles>> files = ModelFiles::open(source);
  if (!files)
    return files.takeError();
  FolderExporter exporter(model, source, **files, **format, options.allowLossy,
                          folder);
  Expected<std::vector<ExportedTensor>> report = exporter.run();
  if (!report)
    return report.takeError();
  if (Error error = folder.commit())
    return error;
  return report;
}
