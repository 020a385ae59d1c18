//===- EncodingSpec.h - How the values of a tensor are stored ---*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one description of a storage format. Codecs, importers, the reference
// evaluator, the runtime and every code generator interpret this tree; a
// format is therefore data, and no component has code for a particular one.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_ENCODING_ENCODINGSPEC_H
#define COMPRESS_ENCODING_ENCODINGSPEC_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlir::compress {

/// A number format: what one code, scale or stored element is.
class NumberType {
public:
  enum class Kind : uint8_t {
    SignedInteger,
    UnsignedInteger,
    F32,
    F16,
    BF16,
    F8E4M3FN,
    F8E5M2,
    F8E8M0FNU,
    F4E2M1FN
  };

  static NumberType getSigned(unsigned bits) {
    return NumberType(Kind::SignedInteger, bits);
  }
  static NumberType getUnsigned(unsigned bits) {
    return NumberType(Kind::UnsignedInteger, bits);
  }
  /// A float format; its width follows from `kind`.
  static NumberType getFloat(Kind kind);
  static NumberType getF32() { return getFloat(Kind::F32); }
  static NumberType getF16() { return getFloat(Kind::F16); }
  static NumberType getBF16() { return getFloat(Kind::BF16); }

  Kind getKind() const { return kind; }
  unsigned getBits() const { return bits; }
  bool isInteger() const {
    return kind == Kind::SignedInteger || kind == Kind::UnsignedInteger;
  }
  bool isSigned() const { return kind != Kind::UnsignedInteger; }
  bool isFloat() const { return !isInteger(); }
  /// Smallest and largest code of an integer format.
  int64_t getMin() const;
  int64_t getMax() const;
  /// Largest finite magnitude.
  double getLargest() const;

  /// MLIR's spelling: `i4` (signed), `ui6`, `f16`, `f8E4M3FN`, ...
  std::string str() const;
  static std::optional<NumberType> parse(llvm::StringRef text);

  /// The value of a code, given in the low `getBits()` bits. Exact. Integer
  /// codes are sign-extended first where the format is signed.
  float decode(uint32_t code) const;
  /// The code nearest to `value`, ties to even; values beyond the range give
  /// the code at its end, also for float formats that have an infinity or NaN
  /// above it, except f32, f16 and bf16, which overflow to infinity as IEEE
  /// 754 says. NaN gives the format's NaN, or code 0 where it has none.
  uint32_t encode(float value) const;

  bool operator==(const NumberType &other) const {
    return kind == other.kind && bits == other.bits;
  }
  bool operator!=(const NumberType &other) const { return !(*this == other); }

private:
  NumberType(Kind kind, unsigned bits) : kind(kind), bits(bits) {}
  Kind kind;
  uint8_t bits;
};

struct EncodingSpec;

/// A tensor-valued part of an encoding (scales, minima, values, ...): absent,
/// stored plainly in a number format, or encoded itself.
class Part {
public:
  Part() = default;
  Part(NumberType number) : number(number) {}
  Part(std::shared_ptr<const EncodingSpec> encoding)
      : encoding(std::move(encoding)) {}
  Part(EncodingSpec encoding);

  explicit operator bool() const { return number || encoding; }
  bool isNumber() const { return number.has_value(); }
  bool isEncoding() const { return encoding != nullptr; }
  NumberType getNumber() const { return *number; }
  const EncodingSpec &getEncoding() const { return *encoding; }

  bool operator==(const Part &other) const;
  bool operator!=(const Part &other) const { return !(*this == other); }

private:
  std::optional<NumberType> number;
  std::shared_ptr<const EncodingSpec> encoding;
};

/// How the values of a tensor are stored: a small tree.
///
/// Number formats (Affine, Float, Codebook) map each code q of a block to
///     x = s * (v(q) - z) + m
/// with v(q) the integer, the float, or the codebook's entry; s, z and m are
/// the block's scale (1 where absent), zero point and minimum (0 where
/// absent). Every step is rounded to f32, in this order; the codec is the
/// definition, generated code may fuse the last multiply and add.
///
/// Structures (NM, Block, Permuted, Split) hold a smaller or reordered tensor
/// of `values`, which is encoded by a number format of its own.
struct EncodingSpec {
  enum class Kind : uint8_t {
    /// Integer codes. Fields: code, block, scale, zero or min, narrow, sums.
    Affine,
    /// Float codes. Fields: code, block and scale (both optional together).
    Float,
    /// Codes that index a table. Fields: code (unsigned), table (empty where it
    /// is a component), block, scale, min.
    Codebook,
    /// Of `m` consecutive values along the last dimension, `n` are stored.
    /// Fields: n, m, values. Stored: `values` of shape [..., ceil(K/m)*n] and
    /// `index`, the position of each within its group (ceil(log2 m) bits,
    /// ascending). Positions beyond a ragged last group's end are padding.
    NM,
    /// Whole blocks are stored or zero. Fields: block (over the last two
    /// dimensions), values. Stored in block compressed row form: `offset`
    /// (i32, block rows + 1), `column` (i32, per block), and `values` of shape
    /// [blocks * block[0], block[1]], the stored blocks one above the other,
    /// ragged ones filled up with zeros. Block rows are counted over all
    /// leading
    /// dimensions together.
    Block,
    /// The last dimension is stored in another order: stored column j holds
    /// logical column order[j]. Fields: values. Stored: `order` (i32, K).
    Permuted,
    /// The sum, rounded to f32, of two tensors of the same shape: the `base`,
    /// in a format for most values, and few `outliers` that it does not suit.
    /// Fields: values (the base), outliers (an encoding; makeOutlierRows() for
    /// compressed rows). Outliers of 0 are not added, so that zeros of the base
    /// keep their sign. Stored: `base`, `outliers`.
    Split
  };

  Kind kind = Kind::Affine;
  NumberType code = NumberType::getSigned(8);
  /// Size of a block per logical dimension; -1 spans the dimension. Sizes that
  /// do not divide leave a smaller last block. Empty where nothing is per
  /// block.
  llvm::SmallVector<int64_t> block;
  Part scale;
  Part zero;
  Part min;
  /// Whether the lowest signed code is unused, so that the range is symmetric.
  bool narrow = false;
  /// Affine: the sum of each block's codes is stored too (derived data that
  /// products with asymmetric operands need). Components' name: `sums`, i32.
  bool sums = false;
  /// Codebook: 2^bits entries; empty where they are a component (`table`,
  /// f32, one for the whole tensor).
  std::vector<float> table;
  /// Codebook: name of a well-known table, for printing; may be empty.
  std::string tableName;
  int64_t n = 0, m = 0;
  Part values;
  /// Split only.
  Part outliers;

  bool isNumberFormat() const {
    return kind == Kind::Affine || kind == Kind::Float ||
           kind == Kind::Codebook;
  }
  bool operator==(const EncodingSpec &other) const;
  bool operator!=(const EncodingSpec &other) const { return !(*this == other); }
};

/// The table of a well-known codebook (`nf4`, `iq4_nl`, `e2m1`, `dynamic8`), or
/// empty. Their sources are told in lib/Encoding/NamedTables.cpp.
llvm::ArrayRef<float> getNamedTable(llvm::StringRef name);

/// One stored part of an encoded tensor.
///
/// Layout: codes of fewer than 8 bits are packed densely along the last
/// dimension, element i of a row at bit i*bits, little endian; each row starts
/// at a byte. Such components have type u8 and count bytes. Codes of 8 bits
/// have type u8 and count codes.
struct ComponentSpec {
  /// Dotted path: `codes`, `scale`, `scale.codes`, `values.scale`, ...
  std::string name;
  /// Element of the stored array: u8, i32, f16, bf16 or f32.
  NumberType type = NumberType::getUnsigned(8);
  /// Shape in elements; -1 for a count that depends on the data.
  llvm::SmallVector<int64_t> shape;
  /// The number format that the bytes hold, and their logical shape.
  NumberType number = NumberType::getUnsigned(8);
  llvm::SmallVector<int64_t> logicalShape;

  /// Bytes of the whole component; -1 where the shape is not known.
  int64_t getBytes() const;
};

/// Checks that `spec` is well formed and fits a tensor of `shape` (dynamic
/// sizes are -1). The message says what is wrong and what would be right.
llvm::Error verify(const EncodingSpec &spec, llvm::ArrayRef<int64_t> shape);

/// The stored parts, nested ones flattened in place, in this order:
/// number formats `codes`, `scale`, `zero`, `min`, `table`, `sums`; N:M
/// `values`, `index`; Block `offset`, `column`, `values`; Permuted `order`,
/// `values`; Split `base`, `outliers`. Sizes that depend on a dynamic dimension
/// or on the data are -1.
llvm::SmallVector<ComponentSpec> getComponents(const EncodingSpec &spec,
                                               llvm::ArrayRef<int64_t> shape);

/// The number of components; it does not depend on a shape.
unsigned getNumComponents(const EncodingSpec &spec);
unsigned getNumComponents(const Part &part);

/// Plain floats as a Split's outliers: in compressed row form, which is Block
/// with blocks of 1 x 1. Encodings stay as they are.
Part makeOutlierRows(Part values);

/// Number of blocks per dimension, a ragged last one counted whole.
llvm::SmallVector<int64_t> getBlockGrid(llvm::ArrayRef<int64_t> block,
                                        llvm::ArrayRef<int64_t> shape);

/// Text in the attributes' syntax, e.g.
/// `affine<i4, block = [1, 32], scale = f16>`; for messages and reports.
std::string str(const EncodingSpec &spec);
std::string str(const Part &part);

/// The inverse of `str`. Errors name the position and what was expected; that
/// the encoding fits a tensor is verify()'s to say.
llvm::Expected<EncodingSpec> parseEncoding(llvm::StringRef text);

} // namespace mlir::compress

#endif // COMPRESS_ENCODING_ENCODINGSPEC_H
