//===- TestUtils.h - Shared by the tests of encodings -----------*- C++ -*-===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_ENCODING_TESTUTILS_H
#define COMPRESS_UNITTESTS_ENCODING_TESTUTILS_H

#include "compress/Encoding/Codec.h"

#include "gtest/gtest.h"

#include <random>

namespace mlir::compress::test {

using Shape = llvm::SmallVector<int64_t>;
using Components = llvm::SmallVector<ComponentData>;

inline EncodingSpec parse(llvm::StringRef text) {
  llvm::Expected<EncodingSpec> spec = parseEncoding(text);
  if (!spec) {
    ADD_FAILURE() << llvm::toString(spec.takeError());
    return {};
  }
  return *spec;
}

inline std::string message(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "";
}

inline int64_t count(llvm::ArrayRef<int64_t> shape) {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}

/// Normally distributed values, of a scale that differs by row.
inline std::vector<float> makeValues(llvm::ArrayRef<int64_t> shape,
                                     unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count(shape));
  float scale = 1;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % shape.back() == 0)
      scale = std::ldexp(1.0f, int(random() % 9) - 4);
    // The sum of twelve uniform numbers; the library's normal distribution
    // differs between implementations.
    float sum = -6;
    for (int k = 0; k < 12; ++k)
      sum += float(random() >> 8) / float(1 << 24);
    values[i] = sum * scale;
  }
  return values;
}

inline llvm::SmallVector<llvm::ArrayRef<uint8_t>>
refs(const Components &components) {
  return {components.begin(), components.end()};
}

inline Components encodeAll(const EncodingSpec &spec,
                            llvm::ArrayRef<int64_t> shape,
                            llvm::ArrayRef<float> values,
                            const EncodeInputs &inputs = {}) {
  llvm::Expected<Components> components = encode(spec, shape, values, inputs);
  if (!components) {
    ADD_FAILURE() << str(spec) << ": "
                  << llvm::toString(components.takeError());
    return {};
  }
  return std::move(*components);
}

inline std::vector<float> decodeAll(const EncodingSpec &spec,
                                    llvm::ArrayRef<int64_t> shape,
                                    const Components &components) {
  std::vector<float> values(count(shape), -12345.0f);
  EXPECT_EQ(message(decode(spec, shape, refs(components), values)), "")
      << str(spec);
  return values;
}

/// Bytes of a component by its dotted name.
inline llvm::ArrayRef<uint8_t> find(const EncodingSpec &spec,
                                    llvm::ArrayRef<int64_t> shape,
                                    const Components &components,
                                    llvm::StringRef name) {
  auto specs = getComponents(spec, shape);
  for (size_t i = 0; i < specs.size(); ++i)
    if (specs[i].name == name)
      return components[i];
  ADD_FAILURE() << "no component " << name.str();
  return {};
}

} // namespace mlir::compress::test

#endif // COMPRESS_UNITTESTS_ENCODING_TESTUTILS_H
