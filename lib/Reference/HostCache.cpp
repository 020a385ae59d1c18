//===- HostCache.cpp - A key-value cache on the host ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Reference/HostCache.h"

#include "Factors.h"

#include "compress/Reference/HostTensor.h"
#include "compress/Support/Error.h"

using namespace mlir;
using namespace mlir::compress;

llvm::Error HostCache::checkLayer(int64_t layer) const {
  if (layer >= 0 && layer < type.getLayers())
    return llvm::Error::success();
  return makeError("the cache has no layer " + llvm::Twine(layer) + " among " +
                   llvm::Twine(type.getLayers()));
}

llvm::Expected<std::vector<float>>
HostCache::round(ArrayRef<float> numbers, Arithmetic arithmetic) const {
  Part part = getPart(type.getValues());
  if (part.isNumber()) {
    std::vector<float> rounded;
    for (float number : numbers)
      rounded.push_back(
          part.getNumber().decode(part.getNumber().encode(number)));
    return rounded;
  }
  SmallVector<int64_t, 2> shape = {type.getHeads(), type.getHeadDim()};
  HostTensor plain = HostTensor::getF32(type.getContext(), shape, numbers);
  llvm::Expected<HostTensor> encoded = plain.encode(
      withEncoding(plain.getType(), cast<Attribute>(type.getValues())));
  if (!encoded)
    return encoded.takeError();
  if (arithmetic == Arithmetic::Generated)
    return getFactors(*encoded);
  llvm::Expected<HostTensor> decoded = encoded->decode();
  if (!decoded)
    return decoded.takeError();
  return decoded->getFloats().vec();
}

llvm::Error HostCache::append(int64_t layer, int64_t sequence, int64_t position,
                              ArrayRef<float> keys, ArrayRef<float> values,
                              Arithmetic arithmetic) {
  if (llvm::Error error = checkLayer(layer))
    return error;
  if (sequence < 0 || position < 0)
    return makeError("the cache has no sequence " + llvm::Twine(sequence) +
                     ", position " + llvm::Twine(position));
  llvm::Expected<std::vector<float>> roundedKeys = round(keys, arithmetic);
  if (!roundedKeys)
    return roundedKeys.takeError();
  llvm::Expected<std::vector<float>> roundedValues = round(values, arithmetic);
  if (!roundedValues)
    return roundedValues.takeError();
  entries[{layer, sequence, position}] = {std::move(*roundedKeys),
                                          std::move(*roundedValues)};
  return llvm::Error::success();
}

llvm::Expected<const HostCache::Entry *>
HostCache::find(int64_t layer, int64_t sequence, int64_t position) const {
  if (llvm::Error error = checkLayer(layer))
    return std::move(error);
  auto it = entries.find({layer, sequence, position});
  if (it == entries.end())
    return makeError("nothing was stored in layer " + llvm::Twine(layer) +
                     " at position " + llvm::Twine(position) + " of sequence " +
                     llvm::Twine(sequence));
  return &it->second;
}

llvm::Expected<ArrayRef<float>>
HostCache::getKeys(int64_t layer, int64_t sequence, int64_t position) const {
  llvm::Expected<const Entry *> entry = find(layer, sequence, position);
  if (!entry)
    return entry.takeError();
  return (*entry)->keys;
}

llvm::Expected<ArrayRef<float>>
HostCache::getValues(int64_t layer, int64_t sequence, int64_t position) const {
  llvm::Expected<const Entry *> entry = find(layer, sequence, position);
  if (!entry)
    return entry.takeError();
  return (*entry)->values;
}
