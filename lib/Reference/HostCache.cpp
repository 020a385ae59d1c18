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

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::compress;

llvm::Error HostCache::checkLayer(int64_t layer) const {
  if (layer >= 0 && layer < type.getLayers())
    return llvm::Error::success();
  return makeError("the cache has no layer " + llvm::Twine(layer) + " among " +
                   llvm::Twine(type.getLayers()));
}

llvm::Expected<std::vector<float>>
HostCache::round(ArrayRef<float> numbers, ArrayRef<int64_t> shape,
                 CacheSide side, Arithmetic arithmetic) const {
  Attribute format = type.getFormat(side);
  Part part = getPart(format);
  if (part.isNumber()) {
    std::vector<float> rounded;
    for (float number : numbers)
      rounded.push_back(
          part.getNumber().decode(part.getNumber().encode(number)));
    return rounded;
  }
  HostTensor plain = HostTensor::getF32(type.getContext(), shape, numbers);
  llvm::Expected<HostTensor> encoded =
      plain.encode(withEncoding(plain.getType(), format));
  if (!encoded)
    return encoded.takeError();
  if (arithmetic == Arithmetic::Generated)
    return getFactors(*encoded);
  llvm::Expected<HostTensor> decoded = encoded->decode();
  if (!decoded)
    return decoded.takeError();
  return decoded->getFloats().vec();
}

llvm::Expected<std::vector<float>>
HostCache::roundKeys(ArrayRef<float> keys, Arithmetic arithmetic) const {
  if (type.getKeyGroup() == 1)
    return round(keys, {type.getHeads(), type.getHeadDim()}, CacheSide::Keys,
                 arithmetic);
  NumberType recent = getRecentSpec().code;
  std::vector<float> rounded;
  for (float key : keys)
    rounded.push_back(recent.decode(recent.encode(key)));
  return rounded;
}

llvm::Expected<std::vector<float>>
HostCache::encodeGroup(const Place &place, Arithmetic arithmetic) const {
  int64_t group = type.getKeyGroup(), columns = type.getHeadDim();
  int64_t width = type.getHeads() * columns, first = place[2] * group;
  std::vector<float> result(group * width);
  for (int64_t head = 0; head < type.getHeads(); ++head) {
    std::vector<float> numbers;
    for (int64_t i = 0; i < group; ++i) {
      llvm::Expected<const Entry *> entry = find(place[0], place[1], first + i);
      if (!entry)
        return entry.takeError();
      auto own = ArrayRef((*entry)->keys).slice(head * columns, columns);
      numbers.insert(numbers.end(), own.begin(), own.end());
    }
    llvm::Expected<std::vector<float>> rounded =
        round(numbers, {group, columns}, CacheSide::Keys, arithmetic);
    if (!rounded)
      return rounded.takeError();
    for (int64_t i = 0; i < group; ++i)
      llvm::copy(ArrayRef(*rounded).slice(i * columns, columns),
                 result.begin() + i * width + head * columns);
  }
  return result;
}

llvm::Error HostCache::append(int64_t layer, int64_t sequence, int64_t position,
                              ArrayRef<float> keys, ArrayRef<float> values,
                              Arithmetic arithmetic) {
  if (llvm::Error error = checkLayer(layer))
    return error;
  if (sequence < 0 || position < 0)
    return makeError("the cache has no sequence " + llvm::Twine(sequence) +
                     ", position " + llvm::Twine(position));
  llvm::Expected<std::vector<float>> roundedKeys = roundKeys(keys, arithmetic);
  if (!roundedKeys)
    return roundedKeys.takeError();
  llvm::Expected<std::vector<float>> roundedValues =
      round(values, {type.getHeads(), type.getHeadDim()}, CacheSide::Values,
            arithmetic);
  if (!roundedValues)
    return roundedValues.takeError();
  entries[{layer, sequence, position}] = {std::move(*roundedKeys),
                                          std::move(*roundedValues)};
  groups.erase({layer, sequence, position / type.getKeyGroup()});
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

llvm::Error HostCache::encodeKeys(int64_t layer, int64_t sequence,
                                  int64_t position, Arithmetic arithmetic) {
  if (llvm::Error error = checkLayer(layer))
    return error;
  int64_t group = type.getKeyGroup();
  if (group == 1 || position % group != group - 1)
    return llvm::Error::success();
  Place place = {layer, sequence, position / group};
  llvm::Expected<std::vector<float>> encoded = encodeGroup(place, arithmetic);
  if (!encoded)
    return encoded.takeError();
  groups[place] = std::move(*encoded);
  return llvm::Error::success();
}

llvm::Expected<ArrayRef<float>> HostCache::getKeys(int64_t layer,
                                                   int64_t sequence,
                                                   int64_t position,
                                                   int64_t query) const {
  llvm::Expected<const Entry *> entry = find(layer, sequence, position);
  if (!entry)
    return entry.takeError();
  int64_t group = type.getKeyGroup();
  if (group == 1 || position / group >= query / group)
    return (*entry)->keys;
  auto known = groups.find({layer, sequence, position / group});
  if (known == groups.end())
    return makeError("the keys at position " + llvm::Twine(position) +
                     " of sequence " + llvm::Twine(sequence) +
                     " were not encoded since they were stored in layer " +
                     llvm::Twine(layer));
  int64_t width = type.getHeads() * type.getHeadDim();
  return ArrayRef(known->second).slice(position % group * width, width);
}

llvm::Expected<ArrayRef<float>>
HostCache::getValues(int64_t layer, int64_t sequence, int64_t position) const {
  llvm::Expected<const Entry *> entry = find(layer, sequence, position);
  if (!entry)
    return entry.takeError();
  return (*entry)->values;
}
