//===- Architecture.h - A family of models, described by data ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What a model family computes, and where its sizes and weights are found in
// model files, is told by a JSON file (lib/Import/Architectures/*.json, or a
// user's own). Nothing in the importer knows a family; what it knows are the
// ops that a family's steps name. docs/architecture-files.md explains the
// format.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_ARCHITECTURE_H
#define COMPRESS_IMPORT_ARCHITECTURE_H

#include "compress/Import/Expression.h"
#include "compress/Import/ModelFiles.h"
#include "compress/Support/NameGlob.h"

#include <map>
#include <vector>

namespace mlir::compress {

/// Where a hyper-parameter's value may come from in one kind of model files.
struct HyperparameterSource {
  enum class Kind {
    /// The metadata value at key `text`, in which `{architecture}` stands for
    /// what the model file calls its architecture.
    Key,
    /// `value` itself.
    Constant,
    /// Whether the model has (lacks) the tensor `text`.
    HasTensor,
    LacksTensor,
    /// The rows of the tensor `text`: its shape's first size.
    RowsOf
  };
  Kind kind = Kind::Key;
  std::string text;
  ScalarValue value;
};

/// A number, word or truth value that a family's models differ in.
struct Hyperparameter {
  enum class Type { Integer, Number, Boolean, String };
  std::string name;
  Type type = Type::Integer;
  /// Each layer has a value of its own: sources may be lists, and the default
  /// may use `layer`.
  bool perLayer = false;
  /// Smallest legal integer.
  int64_t minimum = 1;
  /// Legal words; empty where all are.
  std::vector<std::string> values;
  /// The first source that has a value counts.
  std::map<SourceKind, std::vector<HyperparameterSource>> sources;
  /// A formula for where no source has one; empty where there must be one.
  std::string defaultFormula;
};

/// Where a weight lies in one kind of model files.
struct TensorSource {
  /// The tensor's name; `{layer}` stands for the layer's number.
  std::string tensor;
  /// A formula for the first row; empty where the whole tensor is the weight.
  std::string firstRow;
  /// A formula for how many tensors are stacked, in whose names `{index}`
  /// stands for their number; empty where there is one.
  std::string stacked;
  /// The file stores columns as rows.
  bool transposed = false;
  /// Is added to all values.
  double offset = 0;
};

/// A weight tensor.
struct ParameterDescription {
  /// The first source whose tensor the model has counts.
  std::map<SourceKind, std::vector<TensorSource>> sources;
  /// A formula per dimension.
  std::vector<std::string> shape;
  /// The parameter exists where this formula is true; empty means always.
  std::string when;
  /// Where `tiedWhen` is true, the parameter is the one named `tiedTo`.
  std::string tiedTo, tiedWhen;
};

/// One step of the computation: an op and its fields, as the file has them.
struct ArchitectureStep {
  std::string op;
  /// Words: names of values and parameters, formulas, or the like; numbers are
  /// kept as their text. Which field is what, the op knows.
  std::map<std::string, std::string> fields;
};

struct ArchitectureConstraint {
  std::string require, message;
};

/// What a family's programs are (docs/architecture-files.md).
enum class ArchitectureKind {
  /// Predicts the next token: `@step` with a key-value cache, and `@score`.
  Decoder,
  /// Gives each token of a whole text a vector: `@encode`, without a cache.
  Encoder
};

/// Stands in metadata keys for what the model file calls its architecture.
inline constexpr llvm::StringLiteral kArchitecturePlaceholder =
    "{architecture}";
/// `text` with `by` in place of each placeholder.
std::string replaceArchitecture(llvm::StringRef text, llvm::StringRef by);

/// Texts of architecture files, by file name.
using ArchitectureTexts =
    llvm::ArrayRef<std::pair<llvm::StringLiteral, llvm::StringLiteral>>;

/// The texts of the built-in architecture files.
ArchitectureTexts getBuiltinArchitectures();

/// Model files that an architecture serves.
struct ServedModels {
  /// What they call their architecture.
  std::string architecture;
  /// A metadata key that they have; empty for any.
  std::string withKey;
};

/// The contents of an architecture file.
struct Architecture {
  /// The file, for messages.
  std::string path;
  std::string name, summary;
  ArchitectureKind kind = ArchitectureKind::Decoder;
  std::map<SourceKind, std::vector<ServedModels>> serves;
  /// In the order of the alphabet; formulas may use all of them.
  std::map<std::string, Hyperparameter> hyperparameters;
  std::vector<ArchitectureConstraint> constraints;
  /// Metadata keys and tensors that have no influence on the result. Globs of
  /// keys match them with their first word replaced by `{architecture}`, too,
  /// where it is the model file's architecture.
  std::map<SourceKind, std::vector<NameGlob>> ignoredKeys, ignoredTensors;
  /// Once per model, and once per layer (symbols `<name>`, `blk.<l>.<name>`).
  std::map<std::string, ParameterDescription> parameters, layerParameters;
  /// Formulas for the key-value cache's sizes; empty for encoders.
  std::string cacheLayers, cacheHeads, cacheHeadDim;
  std::vector<ArchitectureStep> prologue, layer, epilogue;

  /// Parses an architecture file's text; what it extends is among `bases`.
  /// Unknown fields are errors that name where they stand.
  static llvm::Expected<Architecture>
  parse(llvm::StringRef text, llvm::StringRef path,
        ArchitectureTexts bases = getBuiltinArchitectures());
  /// Reads a user's file.
  static llvm::Expected<Architecture> read(llvm::StringRef path);
  /// The built-in architecture that serves these files, by preference one that
  /// asks for a key that they have. The error lists the ones that there are.
  static llvm::Expected<Architecture> findFor(const ModelFiles &files);
};

/// A family's hyper-parameters with the values of one model.
class Hyperparameters {
public:
  /// Finds or derives every value, and checks types, constraints and that the
  /// metadata has no key that the architecture does not know.
  static llvm::Expected<Hyperparameters>
  resolve(const Architecture &architecture, const ModelFiles &files);

  /// All values that are not per layer, in the order of the alphabet.
  const std::map<std::string, ScalarValue> &getValues() const { return values; }
  /// Evaluates a formula over the values. With a layer it may also use the
  /// values that each layer has of its own, and `layer`, counted from 0.
  using Layer = std::optional<int64_t>;
  llvm::Expected<ScalarValue> evaluate(llvm::StringRef formula,
                                       Layer layer = {}) const;
  llvm::Expected<int64_t> evaluateInteger(llvm::StringRef formula,
                                          Layer layer = {}) const;
  llvm::Expected<double> evaluateNumber(llvm::StringRef formula,
                                        Layer layer = {}) const;
  llvm::Expected<bool> evaluateBoolean(llvm::StringRef formula,
                                       Layer layer = {}) const;
  llvm::Expected<std::string> evaluateString(llvm::StringRef formula,
                                             Layer layer = {}) const;

private:
  friend class HyperparameterResolver;
  llvm::Error fail(llvm::StringRef formula, const llvm::Twine &message) const;
  std::optional<ScalarValue> find(llvm::StringRef name, Layer layer) const;

  std::string path;
  std::map<std::string, ScalarValue> values;
  /// One value per layer.
  std::map<std::string, std::vector<ScalarValue>> layerValues;
};

/// A parameter of one model and the tensor that holds it.
struct ModelParameter {
  /// `token_embd`, `blk.3.ffn_up`.
  std::string symbol;
  /// The parameter's name in the architecture, and its layer if it has one.
  std::string name;
  std::optional<int64_t> layer;
  llvm::SmallVector<int64_t> shape;
  const StoredTensor *tensor = nullptr;
};

/// The parameters of one model.
class ModelParameters {
public:
  /// Finds every parameter's tensor and checks its shape and type. A missing
  /// tensor is an error, and so is one that nothing uses and that the
  /// architecture does not list as ignored.
  static llvm::Expected<ModelParameters>
  resolve(const Architecture &architecture, ModelFiles &files,
          const Hyperparameters &values);

  /// Those that have a tensor of their own, layer by layer.
  llvm::ArrayRef<ModelParameter> getAll() const { return parameters; }
  /// The parameter of this name in a layer, or for the whole model, seen
  /// through ties; null where the model does not have it.
  const ModelParameter *find(llvm::StringRef name,
                             std::optional<int64_t> layer) const;

private:
  friend class ParameterResolver;
  std::vector<ModelParameter> parameters;
  llvm::StringMap<size_t> indices;
};

/// The symbol of a parameter.
std::string getParameterSymbol(llvm::StringRef name,
                               std::optional<int64_t> layer);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_ARCHITECTURE_H
