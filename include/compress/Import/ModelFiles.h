//===- ModelFiles.h - A model as it lies on disk ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_MODELFILES_H
#define COMPRESS_IMPORT_MODELFILES_H

#include "compress/Encoding/StorageFormats.h"
#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/Error.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

#include <memory>
#include <vector>

namespace mlir::compress {

/// A tensor as a file stores it.
struct StoredTensor {
  /// The file and the name that the tensor has in it.
  std::string file;
  std::string name;
  /// Row-major.
  llvm::SmallVector<int64_t> shape;
  /// The file's word for the element or block type: `Q4_1`, `BF16`.
  std::string typeName;
  /// How the bytes are understood; null for types that can't be imported.
  const StorageFormat *format = nullptr;
  /// A view of the mapped file.
  llvm::ArrayRef<uint8_t> data;

  /// `<file>: tensor "<name>": <message>`.
  llvm::Error fail(const llvm::Twine &message) const;
  /// The canonical components of the stored encoding (Encoding/Codec.h).
  llvm::Expected<llvm::SmallVector<ComponentData>> unpack() const;
  /// The values, row-major.
  llvm::Expected<std::vector<float>> decode() const;
};

/// The kinds of model files. A new kind is a reader that implements ModelFiles.
enum class SourceKind { GGUF, HuggingFace };

/// The word for a kind in architecture files: `gguf`, `huggingface`.
llvm::StringRef str(SourceKind kind);

/// A model on disk: metadata, tensors and a tokenizer. What they mean is told
/// by an architecture file.
class ModelFiles {
public:
  virtual ~ModelFiles();

  /// Opens a GGUF file or a Hugging Face folder. All tensors' lengths have been
  /// checked then.
  static llvm::Expected<std::unique_ptr<ModelFiles>> open(llvm::StringRef path);

  SourceKind getKind() const { return kind; }
  llvm::StringRef getPath() const { return path; }
  /// The file that holds the metadata, for messages.
  virtual std::string getMetadataPath() const = 0;
  /// The model's name for people.
  virtual std::string getName() const = 0;
  /// GGUF: `general.architecture`; Hugging Face: `model_type`.
  llvm::StringRef getArchitecture() const { return architecture; }

  /// A metadata value. Hugging Face: `a.b` is key b of the object at key a;
  /// null counts as absent.
  virtual std::optional<llvm::json::Value> find(llvm::StringRef key) const = 0;
  /// The keys of all metadata that describes the architecture, each a key that
  /// find() knows.
  virtual std::vector<std::string> getKeys() const = 0;

  llvm::ArrayRef<StoredTensor> getTensors() const { return tensors; }
  /// The tensor of this name, or null.
  const StoredTensor *findTensor(llvm::StringRef name) const;

  /// The tokenizer that comes with the model; nothing where it has none.
  virtual llvm::Expected<std::optional<TokenizerModel>>
  readTokenizer() const = 0;

protected:
  ModelFiles(SourceKind kind, llvm::StringRef path)
      : kind(kind), path(path.str()) {}
  /// False where a tensor of this name exists.
  bool addTensor(StoredTensor tensor);

  std::string architecture;

private:
  SourceKind kind;
  std::string path;
  std::vector<StoredTensor> tensors;
  llvm::StringMap<size_t> indices;
};

/// The readers behind ModelFiles::open().
llvm::Expected<std::unique_ptr<ModelFiles>> openGGUFModel(llvm::StringRef path);
llvm::Expected<std::unique_ptr<ModelFiles>>
openHuggingFaceModel(llvm::StringRef path);

/// Reads a Hugging Face tokenizer.json; what else the tokenizer needs is taken
/// from the files beside it (tokenizer_config.json, ...), where there are any.
llvm::Expected<TokenizerModel> readTokenizerFile(llvm::StringRef path);

/// The files that readTokenizerFile() looks for: `path`, and those beside it,
/// of which any may be missing.
std::vector<std::string> getTokenizerFiles(llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_MODELFILES_H
