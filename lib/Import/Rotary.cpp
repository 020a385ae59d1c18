//===- Rotary.cpp - Frequencies of rotary embeddings ----------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Import/Rotary.h"

#include "compress/Support/Error.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace llvm;
using namespace mlir::compress;

static Error check(const RotaryDescription &description) {
  if (description.dimensions <= 0 || description.dimensions % 2)
    return makeError(
        "rotary positions need an even number of dimensions, not " +
        Twine(description.dimensions));
  if (!(description.base > 0))
    return makeError("the base of rotary positions must be positive");
  StringRef scaling = description.scaling;
  if (scaling != "none" && scaling != "default" && scaling != "linear" &&
      scaling != "llama3")
    return makeError("the scaling \"" + scaling +
                     "\" of rotary positions is not known; known are none, "
                     "default, linear, llama3");
  if (!(description.factor > 0))
    return makeError("the scaling factor of rotary positions must be positive");
  if (scaling == "llama3" &&
      !(description.lowFactor > 0 && description.originalLength > 0 &&
        description.highFactor > description.lowFactor))
    return makeError("llama3 scaling of rotary positions needs an original "
                     "length and 0 < low factor < high factor");
  size_t count = description.dimensions / 2;
  if (!description.divisors.empty() && description.divisors.size() != count)
    return makeError(Twine(description.divisors.size()) +
                     " divisors do not fit " + Twine(count) +
                     " rotary frequencies");
  for (float divisor : description.divisors)
    if (!(divisor > 0) || !std::isfinite(divisor))
      return makeError("a divisor of the rotary frequencies is not positive");
  return Error::success();
}

static double scaleLlama3(double frequency,
                          const RotaryDescription &description) {
  double wavelength = 2 * numbers::pi / frequency;
  double turns = description.originalLength / wavelength;
  if (turns > description.highFactor)
    return frequency;
  if (turns < description.lowFactor)
    return frequency / description.factor;
  double share = (turns - description.lowFactor) /
                 (description.highFactor - description.lowFactor);
  return (1 - share) * frequency / description.factor + share * frequency;
}

Expected<std::vector<float>>
mlir::compress::getRotaryFrequencies(const RotaryDescription &description) {
  if (Error error = check(description))
    return error;
  std::vector<float> result;
  for (int64_t i = 0; i != description.dimensions / 2; ++i) {
    double frequency =
        std::pow(description.base, -2.0 * i / description.dimensions);
    if (description.scaling == "linear")
      frequency /= description.factor;
    else if (description.scaling == "llama3")
      frequency = scaleLlama3(frequency, description);
    if (!description.divisors.empty())
      frequency /= description.divisors[i];
    result.push_back(static_cast<float>(frequency));
  }
  return result;
}
