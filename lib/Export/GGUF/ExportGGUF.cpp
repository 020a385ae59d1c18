//===- ExportGGUF.cpp - Quantized GGUF files ------------------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../ExportTensors.h"
#include "GGUFWriter.h"

#include "compress/Import/GGUF/GGUFFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir::compress;

/// What ggml calls a file whose tensors have types that no name stands for.
static constexpr uint32_t kGuessedFileType = 1024;

/// The type whose blocks hold an encoding, or null.
static const StorageFormat *findType(const EncodingSpec &spec, unsigned rank) {
  for (const StorageFormat &format : getStorageFormats())
    if (format.getEncoding(rank) == spec)
      return &format;
  return nullptr;
}

/// Of the types that hold rows of this shape, the one of the fewest bits that
/// has no fewer than `bits` a value and a minimum where that is asked for.
static const StorageFormat *findClosestType(const EncodingSpec &spec,
                                            ArrayRef<int64_t> shape) {
  const EncodingSpec &inner =
      spec.kind == EncodingSpec::Kind::Permuted && spec.values.isEncoding()
          ? spec.values.getEncoding()
          : spec;
  bool hasMin = inner.min || inner.zero;
  for (StringRef name : {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "F16"}) {
    const StorageFormat *format = findStorageFormat(name);
    const EncodingSpec &type = format->matrixEncoding;
    bool fits = shape.back() % format->valuesPerBlock == 0 &&
                type.code.getBits() >= inner.code.getBits();
    // 8 bits and more have no minima, and are fine enough without.
    if (fits && (!hasMin || type.min || type.code.getBits() >= 8))
      return format;
  }
  return findStorageFormat("F32");
}

namespace {
class GGUFExporter {
public:
  GGUFExporter(const PreparedModel &model, const ModelFiles &files,
               const GGUFFile &file, bool allowLossy)
      : model(model), files(files), file(file), allowLossy(allowLossy) {}

  Expected<std::vector<ExportedTensor>> run(StringRef output);

private:
  struct Item {
    ExportTensor tensor;
    /// The type it is written as; null where it is copied.
    const StorageFormat *type = nullptr;
  };
  Error describe(Item &item);
  Expected<std::vector<uint8_t>> pack(const Item &item, ExportedTensor &entry);
  std::vector<uint8_t> getMetadata() const;

  const PreparedModel &model;
  const ModelFiles &files;
  const GGUFFile &file;
  bool allowLossy;
  std::vector<Item> items;
  std::vector<GGUFWriter::Declaration> declarations;
  std::vector<ExportedTensor> report;
};
} // namespace

Error GGUFExporter::describe(Item &item) {
  const StoredTensor &stored = *item.tensor.source;
  const GGUFTensor &original = *file.findTensor(stored.name);
  report.push_back({stored.name, stored.typeName, stored.typeName, {}});
  if (!item.tensor.plan || !item.tensor.plan->isTranscoded()) {
    declarations.push_back(
        {stored.name, original.type->id, stored.shape, stored.data.size()});
    return Error::success();
  }
  EncodingSpec plain;
  plain.kind = EncodingSpec::Kind::Float;
  plain.code = NumberType::getF32();
  EncodingSpec spec = item.tensor.plan->encoding.value_or(plain);
  item.type = findType(spec, stored.shape.size());
  Expected<int64_t> bytes = item.type ? item.type->getBytes(stored.shape)
                                      : makeError("no type of GGUF files has "
                                                  "blocks of " +
                                                  str(spec));
  if (!bytes) {
    if (!allowLossy)
      return item.tensor.refuse(bytes.takeError());
    consumeError(bytes.takeError());
    item.type = findClosestType(spec, stored.shape);
    bytes = item.type->getBytes(stored.shape);
    if (!bytes)
      return stored.fail(toString(bytes.takeError()));
  }
  declarations.push_back(
      {stored.name, item.type->ggmlType, stored.shape, uint64_t(*bytes)});
  report.back().after = item.type->name.str();
  return Error::success();
}

Expected<std::vector<uint8_t>> GGUFExporter::pack(const Item &item,
                                                  ExportedTensor &entry) {
  const StoredTensor &stored = *item.tensor.source;
  Expected<ExportedComponents> loaded =
      loadComponents(item.tensor, item.type->getEncoding(stored.shape.size()),
                     item.type->rounding);
  if (!loaded)
    return loaded.takeError();
  entry.lossyError = loaded->lossyError;
  SmallVector<ArrayRef<uint8_t>> views(loaded->components.begin(),
                                       loaded->components.end());
  Expected<std::vector<uint8_t>> blocks =
      packBlocks(*item.type, stored.shape, views);
  if (!blocks)
    return item.tensor.refuse(blocks.takeError());
  return blocks;
}

/// The source's metadata; the word for its types is no longer true.
std::vector<uint8_t> GGUFExporter::getMetadata() const {
  std::vector<uint8_t> metadata = file.getMetadataBytes().vec();
  const GGUFValue *type = file.find("general.file_type");
  if (type && type->getType() == GGUFValue::Type::U32 &&
      any_of(items, [](const Item &item) { return item.type; })) {
    size_t offset = type->getBytes().data() - file.getMetadataBytes().data();
    support::endian::write32le(&metadata[offset], kGuessedFileType);
  }
  return metadata;
}

Expected<std::vector<ExportedTensor>> GGUFExporter::run(StringRef output) {
  Expected<std::vector<ExportTensor>> tensors =
      matchTensors(model, files, /*withTables=*/true);
  if (!tensors)
    return tensors.takeError();
  for (ExportTensor &tensor : *tensors) {
    items.push_back({std::move(tensor), nullptr});
    if (Error error = describe(items.back()))
      return error;
  }
  const GGUFValue *value = file.find("general.alignment");
  // The reader has checked it.
  uint64_t alignment = value ? *value->getInteger() : 32;
  Expected<GGUFWriter> writer =
      GGUFWriter::create(output, getMetadata(), file.getKeys().size(),
                         alignment, std::move(declarations));
  if (!writer)
    return writer.takeError();
  for (auto [item, entry] : zip_equal(items, report)) {
    if (!item.type) {
      if (Error error = writer->append(item.tensor.source->data))
        return error;
      continue;
    }
    Expected<std::vector<uint8_t>> blocks = pack(item, entry);
    if (!blocks)
      return blocks.takeError();
    if (Error error = writer->append(*blocks))
      return error;
  }
  if (Error error = writer->commit())
    return error;
  return std::move(report);
}

Expected<std::vector<ExportedTensor>>
mlir::compress::exportGGUF(const PreparedModel &model, StringRef path,
                           const ExportOptions &options, StringRef output) {
  std::string source = path.str();
  // A module names the file beside it.
  if (model.archives.size() == 1)
    source = (sys::path::parent_path(path).empty()
                  ? Twine(model.archives.front())
                  : sys::path::parent_path(path) + "/" + model.archives.front())
                 .str();
  if (!StringRef(source).ends_with(".gguf"))
    return makeFileError(path, "is no GGUF file, whose metadata and tokenizer "
                               "the result needs; export it with "
                               "--export-huggingface");
  Expected<std::unique_ptr<ModelFiles>> files = ModelFiles::open(source);
  if (!files)
    return files.takeError();
  Expected<GGUFFile> file = GGUFFile::open(source);
  if (!file)
    return file.takeError();
  return GGUFExporter(model, **files, *file, options.allowLossy).run(output);
}
