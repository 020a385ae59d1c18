//===- Value.h - Values of template programs --------------------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_RUNTIME_JINJA_VALUE_H
#define COMPRESS_LIB_RUNTIME_JINJA_VALUE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mlir::compress::jinja {

struct MacroStatement;

/// Values that nest deeper are refused: printing and freeing them recurses.
inline constexpr int kDeepestNesting = 500;

/// A value, as Python has them. Lists and dictionaries are shared and, except
/// for namespaces, never change.
class Value {
public:
  enum class Kind {
    Undefined,
    None,
    Boolean,
    Integer,
    Float,
    String,
    List,
    Dictionary,
    /// A dictionary whose fields `set` may change.
    Namespace,
    Macro
  };
  using List = std::vector<Value>;
  /// In order of insertion.
  using Dictionary = std::vector<std::pair<std::string, Value>>;

  /// Undefined; `name` is what messages call it.
  explicit Value(llvm::StringRef name = "") : text(name.str()) {}
  static Value getNone() { return Value(Kind::None); }
  static Value get(bool value);
  static Value get(int64_t value);
  static Value get(double value);
  static Value get(std::string value);
  static Value get(List value);
  static Value get(Dictionary value);
  static Value getNamespace(Dictionary fields);
  static Value get(const MacroStatement *macro);
  /// Objects' keys in alphabetical order: JSON objects have none.
  static Value get(const llvm::json::Value &value);

  Kind getKind() const { return kind; }
  bool is(Kind other) const { return kind == other; }
  bool isNumber() const {
    return kind == Kind::Boolean || kind == Kind::Integer ||
           kind == Kind::Float;
  }
  bool isMapping() const {
    return kind == Kind::Dictionary || kind == Kind::Namespace;
  }
  /// Of a Boolean too, as Python's True is 1.
  int64_t getInteger() const { return integer; }
  /// Any number.
  double getFloat() const {
    return kind == Kind::Float ? real : static_cast<double>(integer);
  }
  llvm::StringRef getString() const { return text; }
  const List &getList() const { return *list; }
  const Dictionary &getDictionary() const { return *dictionary; }
  const MacroStatement *getMacro() const { return macro; }
  /// The name of an undefined value.
  llvm::StringRef getName() const { return text; }

  /// The field of this name, or null.
  const Value *find(llvm::StringRef key) const;
  /// Changes a field of a namespace; all copies see it.
  void setField(llvm::StringRef key, Value value) const;

  /// Lists and dictionaries within each other; 0 for plain values. A namespace
  /// counts as kDeepestNesting: it may stand in no other value, so that there
  /// are no cycles.
  int getNesting() const { return nesting; }

  /// Python's truth: empty and zero are false.
  bool isTrue() const;
  /// Python's ==.
  bool operator==(const Value &other) const;
  /// What `{{ }}` prints: Python's str(), nothing for undefined.
  std::string str() const;
  /// Python's repr(), used for what lists and dictionaries print.
  std::string repr() const;
  /// `a string`, `an undefined value`, ... for messages.
  llvm::StringRef describe() const;

private:
  explicit Value(Kind kind) : kind(kind) {}

  Kind kind = Kind::Undefined;
  int nesting = 0;
  int64_t integer = 0;
  double real = 0;
  std::string text;
  std::shared_ptr<const List> list;
  std::shared_ptr<Dictionary> dictionary;
  const MacroStatement *macro = nullptr;
};

} // namespace mlir::compress::jinja

#endif // COMPRESS_LIB_RUNTIME_JINJA_VALUE_H
