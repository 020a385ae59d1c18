//===- Verify.cpp - Which encodings are well formed -------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;
using llvm::Error;

namespace {
/// Checks one node after another; `path` names the node, for messages.
class Verifier {
public:
  Error verifyEncoding(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                       const std::string &path) {
    switch (spec.kind) {
    case Kind::NM:
      return verifyNM(spec, shape, path);
    case Kind::Block:
      return verifyBlock(spec, shape, path);
    case Kind::Permuted:
      if (Error error = verifyNoNumberFields(spec, path))
        return error;
      return verifyValues(spec, shape, path);
    case Kind::Split:
      return verifySplit(spec, shape, path);
    default:
      return verifyNumberFormat(spec, shape, path);
    }
  }

private:
  static Error fail(const std::string &path, const llvm::Twine &message) {
    return makeError(path.empty() ? message : "in `" + path + "`: " + message);
  }
  static std::string join(const std::string &path, const char *name) {
    return path.empty() ? name : path + "." + name;
  }

  Error verifyNumberFormat(const EncodingSpec &spec,
                           llvm::ArrayRef<int64_t> shape,
                           const std::string &path) {
    if (spec.values || spec.outliers || spec.n || spec.m)
      return fail(path, "`values`, `outliers`, n and m belong to structures "
                        "(nm, block, permuted, split), not to a number "
                        "format");
    if (Error error = verifyCode(spec, path))
      return error;
    if (Error error = verifyFields(spec, path))
      return error;
    if (Error error = verifyBlockShape(spec, shape, path))
      return error;
    if (spec.block.empty())
      return Error::success();
    auto grid = getBlockGrid(spec.block, shape);
    if (Error error = verifyFloatPart(spec.scale, grid, join(path, "scale")))
      return error;
    if (Error error = verifyFloatPart(spec.min, grid, join(path, "min")))
      return error;
    return verifyZero(spec, grid, join(path, "zero"));
  }

  static Error verifyCode(const EncodingSpec &spec, const std::string &path) {
    NumberType code = spec.code;
    if (spec.kind == Kind::Affine && (!code.isInteger() || code.getBits() > 8))
      return fail(path, "codes of `affine` are integers of 1 to 8 bits, not " +
                            code.str());
    if (spec.kind == Kind::Float &&
        (!code.isFloat() || code.getKind() == NumberType::Kind::F8E8M0FNU))
      return fail(path, "codes of `float` are f32, f16, bf16, f8E4M3FN, "
                        "f8E5M2 or f4E2M1FN, not " +
                            code.str());
    if (spec.kind != Kind::Codebook)
      return Error::success();
    if (!code.isInteger() || code.isSigned() || code.getBits() > 8)
      return fail(path, "codes of `codebook` are unsigned integers of 1 to 8 "
                        "bits, not " +
                            code.str());
    size_t entries = size_t(1) << code.getBits();
    if (!spec.table.empty() && spec.table.size() != entries)
      return fail(path, "a table for " + code.str() + " codes has " +
                            llvm::Twine(entries) + " entries, not " +
                            llvm::Twine(spec.table.size()));
    if (!llvm::all_of(spec.table, [](float v) { return std::isfinite(v); }))
      return fail(path, "a codebook's entries must be finite");
    if (!spec.tableName.empty() &&
        getNamedTable(spec.tableName) != llvm::ArrayRef<float>(spec.table))
      return fail(path, "the table is not the well-known one named `" +
                            spec.tableName + "`");
    return Error::success();
  }

  /// Fields that the kind of number format does not have, or not together.
  static Error verifyFields(const EncodingSpec &spec, const std::string &path) {
    bool affine = spec.kind == Kind::Affine;
    if (!affine && (!spec.table.empty() || !spec.tableName.empty()) &&
        spec.kind != Kind::Codebook)
      return fail(path, "only `codebook` has a table");
    if (affine && (!spec.table.empty() || !spec.tableName.empty()))
      return fail(path, "only `codebook` has a table");
    if (!affine && spec.zero)
      return fail(path, "only `affine` has zero points; use `min`");
    if (!affine && spec.sums)
      return fail(path, "only `affine` has sums of codes");
    if (!affine && spec.narrow)
      return fail(path, "only `affine` has a narrow range");
    if (spec.narrow && (!spec.code.isSigned() || spec.code.getBits() < 2))
      return fail(path, "a narrow range needs signed codes of 2 bits or more, "
                        "not " +
                            spec.code.str());
    if (spec.kind == Kind::Float && spec.min)
      return fail(path, "`float` has no minimum; use `affine` or `codebook`");
    if (spec.zero && spec.min)
      return fail(path, "`zero` and `min` exclude each other; both say what "
                        "code 0 stands for");
    if ((spec.zero || spec.min) && !spec.scale)
      return fail(path, "`zero` and `min` need a `scale`");
    return Error::success();
  }

  static Error verifyBlockShape(const EncodingSpec &spec,
                                llvm::ArrayRef<int64_t> shape,
                                const std::string &path) {
    bool perBlock = spec.scale || spec.sums;
    if (spec.block.empty()) {
      if (perBlock)
        return fail(path, "per-block parts need `block`, with one size for "
                          "each of the " +
                              llvm::Twine(shape.size()) +
                              " dimensions of the tensor or block grid");
      return Error::success();
    }
    if (!perBlock)
      return fail(path, "`block` is given, but nothing is stored per block; "
                        "add a `scale` or drop `block`");
    if (spec.block.size() != shape.size())
      return fail(path, "`block` = " + strShape(spec.block) + " has " +
                            llvm::Twine(spec.block.size()) +
                            " sizes, but the tensor or block grid " +
                            strShape(shape) + " has " +
                            llvm::Twine(shape.size()) + " dimensions");
    for (int64_t size : spec.block)
      if (size != -1 && size < 1)
        return fail(path, "block sizes are positive, or -1 for the whole "
                          "dimension, not " +
                              llvm::Twine(size));
    return Error::success();
  }

  /// A scale or minimum.
  Error verifyFloatPart(const Part &part, llvm::ArrayRef<int64_t> grid,
                        const std::string &path) {
    if (part.isNumber() && part.getNumber().isInteger())
      return fail(path, "must be a float format, or an encoding such as "
                        "affine<" +
                            part.getNumber().str() +
                            ", block = ..., scale = f16>, not " +
                            part.getNumber().str());
    return verifyNestedPart(part, grid, path);
  }

  Error verifyZero(const EncodingSpec &spec, llvm::ArrayRef<int64_t> grid,
                   const std::string &path) {
    if (!spec.zero.isNumber())
      return verifyNestedPart(spec.zero, grid, path);
    NumberType zero = spec.zero.getNumber();
    if (zero.getKind() == NumberType::Kind::F8E8M0FNU)
      return fail(path, "f8E8M0FNU has no zero; use an integer, f16 or f32");
    if (zero.isInteger() &&
        (zero.getBits() > 8 || zero.getMin() > spec.code.getMin() ||
         zero.getMax() < spec.code.getMax()))
      return fail(path, "an integer zero point must hold every code of " +
                            spec.code.str() + " and have at most 8 bits; " +
                            zero.str() + " does not");
    return Error::success();
  }

  Error verifyNestedPart(const Part &part, llvm::ArrayRef<int64_t> grid,
                         const std::string &path) {
    if (!part.isEncoding())
      return Error::success();
    if (!part.getEncoding().isNumberFormat())
      return fail(path, "per-block parts are dense; use a number format "
                        "(affine, float, codebook)");
    return verifyEncoding(part.getEncoding(), grid, path);
  }

  static Error verifyNoNumberFields(const EncodingSpec &spec,
                                    const std::string &path) {
    if (spec.scale || spec.zero || spec.min || spec.sums || spec.narrow ||
        !spec.table.empty() || !spec.tableName.empty())
      return fail(path, "a structure has no scales, zero points, minima, sums "
                        "or tables; they belong to its `values`");
    if (spec.kind != Kind::Block && !spec.block.empty())
      return fail(path, "this structure has no `block`");
    if (spec.kind != Kind::NM && (spec.n || spec.m))
      return fail(path, "only `nm` has n and m");
    if (spec.kind != Kind::Split && spec.outliers)
      return fail(path, "only `split` has outliers");
    return Error::success();
  }

  Error verifyNM(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                 const std::string &path) {
    if (Error error = verifyNoNumberFields(spec, path))
      return error;
    if (spec.n < 1 || spec.n >= spec.m || spec.m > 16)
      return fail(path, "n : m needs 1 <= n < m <= 16, not " +
                            llvm::Twine(spec.n) + " : " + llvm::Twine(spec.m));
    return verifyValues(spec, getValuesShape(spec, shape), path);
  }

  Error verifyBlock(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                    const std::string &path) {
    if (Error error = verifyNoNumberFields(spec, path))
      return error;
    if (shape.size() < 2)
      return fail(path, "a block structure needs a tensor of two or more "
                        "dimensions");
    if (spec.block.size() != 2 || spec.block[0] < 1 || spec.block[1] < 1)
      return fail(path, "a block structure has two positive block sizes, over "
                        "the last two dimensions, not " +
                            strShape(spec.block));
    return verifyValues(spec, getValuesShape(spec, shape), path);
  }

  Error verifySplit(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                    const std::string &path) {
    if (Error error = verifyNoNumberFields(spec, path))
      return error;
    if (Error error = verifyValues(spec.values, "base", shape, path))
      return error;
    if (spec.outliers.isNumber())
      return fail(path, "`outliers` of plain floats need a place each; use "
                        "compressed rows (makeOutlierRows)");
    return verifyValues(spec.outliers, "outliers", shape, path);
  }

  Error verifyValues(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape,
                     const std::string &path) {
    return verifyValues(spec.values, "values", shape, path);
  }

  Error verifyValues(const Part &values, const char *name,
                     llvm::ArrayRef<int64_t> shape, const std::string &path) {
    if (!values)
      return fail(path, llvm::Twine("a structure needs `") + name +
                            "`, a float format or an encoding");
    std::string valuesPath = join(path, name);
    if (values.isEncoding())
      return verifyEncoding(values.getEncoding(), shape, valuesPath);
    NumberType number = values.getNumber();
    if (number.isInteger() || number.getKind() == NumberType::Kind::F8E8M0FNU)
      return fail(valuesPath, "must be a float format other than f8E8M0FNU, or "
                              "an encoding, not " +
                                  number.str());
    return Error::success();
  }
};
} // namespace

Error mlir::compress::verify(const EncodingSpec &spec,
                             llvm::ArrayRef<int64_t> shape) {
  if (shape.empty())
    return makeError("an encoded tensor has at least one dimension");
  for (int64_t size : shape)
    if (size < -1)
      return makeError("sizes are positive, or -1 where dynamic, not " +
                       llvm::Twine(size));
  return Verifier().verifyEncoding(spec, shape, "");
}
