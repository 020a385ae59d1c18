//===- EncodingText.cpp - Encodings as text and back ------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Numbers.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <cstdio>
#include <cstdlib>

using namespace mlir::compress;
using Kind = EncodingSpec::Kind;

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

/// The shortest decimal that reads back as the same f32, with a point.
static std::string strFloat(float value) {
  char text[32];
  for (int digits = 1; digits <= 9; ++digits) {
    std::snprintf(text, sizeof(text), "%.*e", digits, double(value));
    if (std::strtof(text, nullptr) == value)
      break;
  }
  return text;
}

static std::string strFloats(llvm::ArrayRef<float> values) {
  std::string text = "[";
  for (auto [i, value] : llvm::enumerate(values))
    text += (i ? ", " : "") + strFloat(value);
  return text + "]";
}

std::string mlir::compress::str(const Part &part) {
  if (part.isEncoding())
    return str(part.getEncoding());
  return part.isNumber() ? part.getNumber().str() : "none";
}

static std::string strNumberFormat(const EncodingSpec &spec) {
  std::string text;
  if (spec.kind == Kind::Codebook && !spec.tableName.empty()) {
    text = "codebook<" + spec.tableName;
  } else {
    text = spec.kind == Kind::Affine  ? "affine<"
           : spec.kind == Kind::Float ? "float<"
                                      : "codebook<";
    text += spec.code.str();
    if (!spec.table.empty())
      text += ", table = " + strFloats(spec.table);
  }
  if (!spec.block.empty())
    text += ", block = " + strShape(spec.block);
  if (spec.scale)
    text += ", scale = " + str(spec.scale);
  if (spec.zero)
    text += ", zero = " + str(spec.zero);
  if (spec.min)
    text += ", min = " + str(spec.min);
  if (spec.narrow)
    text += ", narrow";
  if (spec.sums)
    text += ", sums";
  return text + ">";
}

/// Compressed rows of plain floats are written as these alone.
static std::string strSplit(const EncodingSpec &spec) {
  Part outliers = spec.outliers;
  if (outliers.isEncoding()) {
    const Part &values = outliers.getEncoding().values;
    if (values.isNumber() && outliers == makeOutlierRows(values))
      outliers = values;
  }
  return "split<base = " + str(spec.values) + ", outliers = " + str(outliers) +
         ">";
}

std::string mlir::compress::str(const EncodingSpec &spec) {
  switch (spec.kind) {
  case Kind::NM:
    return "nm<" + std::to_string(spec.n) + " : " + std::to_string(spec.m) +
           ", values = " + str(spec.values) + ">";
  case Kind::Block:
    return "block<" + strShape(spec.block) + ", values = " + str(spec.values) +
           ">";
  case Kind::Permuted:
    return "permuted<values = " + str(spec.values) + ">";
  case Kind::Split:
    return strSplit(spec);
  default:
    return strNumberFormat(spec);
  }
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

namespace {
/// Recursive descent over the text. The first error is kept; the functions
/// return false from there on.
class Parser {
public:
  explicit Parser(llvm::StringRef text) : text(text), rest(text) {}

  llvm::Expected<EncodingSpec> run() {
    EncodingSpec spec;
    if (parseEncoding(spec) && !rest.empty())
      fail("the end");
    if (!message.empty())
      return makeError(message);
    return spec;
  }

private:
  bool parseEncoding(EncodingSpec &spec) {
    consume("#");
    std::string name = word().str();
    // Both the bare form and the attributes' are read: `#quantized.affine`,
    // tables as strings or arrays, flags with values.
    if (consume("."))
      name = word().str();
    if (name == "affine" || name == "float" || name == "codebook") {
      spec.kind = name == "affine"  ? Kind::Affine
                  : name == "float" ? Kind::Float
                                    : Kind::Codebook;
      return expect("<") && parseNumberFormat(spec);
    }
    if (name == "nm") {
      spec.kind = Kind::NM;
      return expect("<") && integer(spec.n) && expect(":") && integer(spec.m) &&
             expect(",") && parseValues(spec);
    }
    if (name == "block") {
      spec.kind = Kind::Block;
      return expect("<") && integers(spec.block) && expect(",") &&
             parseValues(spec);
    }
    if (name == "permuted") {
      spec.kind = Kind::Permuted;
      return expect("<") && parseValues(spec);
    }
    if (name == "split") {
      spec.kind = Kind::Split;
      Part outliers;
      if (!(expect("<") && keyword("base") && expect("=") &&
            parsePart(spec.values) && expect(",") && keyword("outliers") &&
            expect("=") && parsePart(outliers) && expect(">")))
        return false;
      spec.outliers = makeOutlierRows(std::move(outliers));
      return true;
    }
    return fail(
        "an encoding (affine, float, codebook, nm, block, permuted, split)");
  }

  bool parseValues(EncodingSpec &spec) {
    return keyword("values") && expect("=") && parsePart(spec.values) &&
           expect(">");
  }

  bool parseNumberFormat(EncodingSpec &spec) {
    if (!parseCode(spec))
      return false;
    llvm::StringSet<> seen;
    while (consume(",")) {
      llvm::StringRef name = word();
      if (!seen.insert(name).second)
        return fail("each parameter once, but `" + name.str() + "` twice");
      if (!parseParameter(name, spec))
        return false;
    }
    return expect(">");
  }

  /// The first parameter: a number format, or a codebook's table.
  bool parseCode(EncodingSpec &spec) {
    bool quoted = consume("\"");
    llvm::StringRef first = word();
    if (quoted && !expect("\""))
      return false;
    if (std::optional<NumberType> code = NumberType::parse(first)) {
      spec.code = *code;
      return true;
    }
    if (spec.kind == Kind::Codebook && first == "array") {
      if (!expect("<") || !keyword("f32") || !expect(":") ||
          !floats(spec.table) || !expect(">"))
        return false;
    } else if (auto table = getNamedTable(first);
               spec.kind == Kind::Codebook && !table.empty()) {
      spec.table = table.vec();
      spec.tableName = first.str();
    } else {
      return fail("a number format or a table's name before this");
    }
    unsigned bits = std::max(1u, llvm::Log2_64_Ceil(spec.table.size()));
    spec.code = NumberType::getUnsigned(std::min(bits, 32u));
    return true;
  }

  bool parseFlag(bool &flag) {
    flag = true;
    if (!consume("=") || consume("true"))
      return true;
    flag = false;
    return consume("false") || fail("`true` or `false`");
  }

  bool parseParameter(llvm::StringRef name, EncodingSpec &spec) {
    if (name == "narrow")
      return parseFlag(spec.narrow);
    if (name == "sums")
      return parseFlag(spec.sums);
    if (!expect("="))
      return false;
    if (name == "block")
      return integers(spec.block);
    if (name == "table" && spec.tableName.empty())
      return list([&] { return number(spec.table.emplace_back()); });
    if (name == "scale")
      return parsePart(spec.scale);
    if (name == "zero")
      return parsePart(spec.zero);
    if (name == "min")
      return parsePart(spec.min);
    return fail("block, scale, zero, min, table, narrow or sums before this");
  }

  bool parsePart(Part &part) {
    llvm::StringRef before = rest;
    if (std::optional<NumberType> number = NumberType::parse(word())) {
      part = *number;
      return true;
    }
    rest = before;
    EncodingSpec spec;
    if (!parseEncoding(spec))
      return false;
    part = std::move(spec);
    return true;
  }

  template <typename Element> bool list(Element element) {
    if (!expect("["))
      return false;
    if (consume("]"))
      return true;
    do
      if (!element())
        return false;
    while (consume(","));
    return expect("]");
  }
  bool integers(llvm::SmallVectorImpl<int64_t> &values) {
    return list([&] { return integer(values.emplace_back()); });
  }
  bool floats(std::vector<float> &values) {
    do
      if (!number(values.emplace_back()))
        return false;
    while (consume(","));
    return true;
  }
  bool number(float &value) {
    skip();
    llvm::StringRef text = rest.take_while([](char c) {
      return llvm::isAlnum(c) || llvm::is_contained("+-.", c);
    });
    double parsed;
    if (text.getAsDouble(parsed))
      return fail("a float");
    rest = rest.drop_front(text.size());
    value = float(parsed);
    return true;
  }
  bool integer(int64_t &value) {
    skip();
    if (rest.consumeInteger(10, value))
      return fail("an integer");
    return true;
  }

  void skip() { rest = rest.ltrim(); }
  bool consume(llvm::StringRef token) {
    skip();
    return rest.consume_front(token);
  }
  bool expect(llvm::StringRef token) {
    return consume(token) || fail("`" + token.str() + "`");
  }
  bool keyword(llvm::StringRef name) {
    llvm::StringRef before = rest;
    if (word() == name)
      return true;
    rest = before;
    return fail("`" + name.str() + "`");
  }
  llvm::StringRef word() {
    skip();
    llvm::StringRef name =
        rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    rest = rest.drop_front(name.size());
    return name;
  }
  bool fail(const std::string &expected) {
    if (message.empty())
      message = "encoding `" + text.str() + "`: expected " + expected +
                " at character " + std::to_string(text.size() - rest.size());
    return false;
  }

  llvm::StringRef text, rest;
  std::string message;
};
} // namespace

llvm::Expected<EncodingSpec>
mlir::compress::parseEncoding(llvm::StringRef text) {
  return Parser(text).run();
}
