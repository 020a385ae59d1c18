//===- ModelFiles.h - A model as it lies on disk ----------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_MODELFILES_H
#define COMPRESS_IMPORT_MODELFILES_H

#include "compress/Encoding/CheckpointFormats.h"
#include "compress/Encoding/StorageFormats.h"
#include "compress/Runtime/Manifest.h"
#include "compress/Runtime/Tokenizer.h"
#include "compress/Support/Error.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/JSON.h"

#include <memory>
#include <vector>

namespace mlir::compress {

/// What a weight is made of: a tensor, or some rows of it, read as the file has
/// it or with rows and columns exchanged, with a number added to each value; or
/// several tensors.
struct TensorView {
  std::string tensor;
  /// So many tensors, one after the other along a new first dimension: `tensor`
  /// with `{index}` replaced by 0, 1, ... Has none of the rest.
  std::optional<int64_t> stacked;
  bool transposed = false;
  /// Rows [first, end) after a transposition; none for all.
  std::optional<std::pair<int64_t, int64_t>> rows;
  float offset = 0;

  bool isWhole() const {
    return !stacked && !transposed && !rows && offset == 0;
  }
  /// The name of tensor number `index` of a stack.
  std::string getStackedName(int64_t index) const;
};

/// The spelling of a view: the tensor's name, and where the view is not all of
/// it as it is, a list as in `qkv.weight{transposed, rows = 0:64, offset = 1}`.
std::string str(const TensorView &view);
/// The inverse; text without such a list is a tensor's name.
TensorView parseTensorView(llvm::StringRef text);

/// A tensor as a file stores it, or a view of one.
struct StoredTensor {
  /// The file and the name that the tensor has in it; of views the spelling.
  std::string file;
  std::string name;
  /// Row-major, of a view as it is seen.
  llvm::SmallVector<int64_t> shape;
  /// The file's word for the element or block type: `Q4_1`, `BF16`; of a weight
  /// in several arrays the name of the checkpoint's format.
  std::string typeName;
  /// How the bytes are understood; null for weights in several arrays, and for
  /// types that can't be imported.
  const StorageFormat *format = nullptr;
  /// A view of the mapped file.
  llvm::ArrayRef<uint8_t> data;
  /// Of a transposed view: the elements between the first and the last column
  /// of a row lie this many elements apart, and rows follow element by element.
  /// 0 means row-major.
  int64_t columnStride = 0;
  /// Of a stack: the bytes of its tensors in place of `data`.
  llvm::SmallVector<llvm::ArrayRef<uint8_t>, 0> parts = {};
  /// In place of `format` and `data`: a weight in several arrays, or more of
  /// them in a stack.
  llvm::SmallVector<std::shared_ptr<const CheckpointWeight>, 0> weights = {};
  /// Of a view of a weight in several arrays: its rows [first, end).
  std::optional<std::pair<int64_t, int64_t>> weightRows = {};

  /// Whether what it holds is known.
  bool isReadable() const { return format || !weights.empty(); }
  /// How a readable tensor is stored.
  EncodingSpec getEncoding() const;
  /// Bytes in files.
  int64_t getStoredBytes() const;
  /// The member of the model's folder through which the tensor is found again:
  /// its file, or where it takes several arrays, config.json.
  std::string getArchive() const;

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
  /// A view of a tensor, which lives as long as the files; null where there is
  /// no such tensor. Errors: rows that it does not have, or that cut blocks;
  /// transposition of anything but matrices of plain elements; an offset on
  /// anything but a vector; a stack of tensors that are not all there, or not
  /// alike.
  llvm::Expected<const StoredTensor *> findView(const TensorView &view);

  /// The tokenizer that comes with the model; nothing where it has none.
  virtual llvm::Expected<std::optional<TokenizerModel>>
  readTokenizer() const = 0;
  /// How an encoder's files say that texts get their embeddings; where they
  /// don't, the mean of the tokens.
  virtual llvm::Expected<PoolingInfo> readPooling() const {
    return PoolingInfo();
  }

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
  /// Views by their spelling, with the bytes that they do not share with a
  /// tensor.
  struct OwnedView {
    StoredTensor tensor;
    std::vector<uint8_t> bytes;
  };
  llvm::StringMap<std::unique_ptr<OwnedView>> views;
  llvm::Expected<StoredTensor> stack(const TensorView &view) const;
};

/// The readers behind ModelFiles::open().
llvm::Expected<std::unique_ptr<ModelFiles>> openGGUFModel(llvm::StringRef path);
llvm::Expected<std::unique_ptr<ModelFiles>>
openHuggingFaceModel(llvm::StringRef path);

/// Reads a Hugging Face tokenizer.json, or BERT's vocab.txt; what else the
/// tokenizer needs is taken from the files beside it (tokenizer_config.json,
/// ...), where there are any.
llvm::Expected<TokenizerModel> readTokenizerFile(llvm::StringRef path);

/// The files that readTokenizerFile() looks for: `path`, and those beside it,
/// of which any may be missing.
std::vector<std::string> getTokenizerFiles(llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_MODELFILES_H
