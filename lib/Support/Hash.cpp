//===- Hash.cpp - Hashes of what was read and written ---------------------===//
//
// Part of the Compress project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compress/Support/Hash.h"

#include "compress/Support/MappedFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

using namespace llvm;
using namespace mlir::compress;

/// The first 32 bits of the fractional parts of the cube roots of the first 64
/// primes.
static constexpr uint32_t kRoundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// The same of the square roots of the first 8 primes.
static constexpr std::array<uint32_t, 8> kInitialState = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

SHA256Hasher::SHA256Hasher() : state(kInitialState) {}

void SHA256Hasher::addBlock(const uint8_t *block) {
  uint32_t words[64];
  for (unsigned i = 0; i < 16; ++i)
    words[i] = support::endian::read32be(block + 4 * i);
  for (unsigned i = 16; i < 64; ++i) {
    uint32_t early = words[i - 15], late = words[i - 2];
    uint32_t mixedEarly = rotr(early, 7) ^ rotr(early, 18) ^ (early >> 3);
    uint32_t mixedLate = rotr(late, 17) ^ rotr(late, 19) ^ (late >> 10);
    words[i] = words[i - 16] + mixedEarly + words[i - 7] + mixedLate;
  }
  // The standard's working variables.
  auto [a, b, c, d, e, f, g, h] = state;
  for (unsigned i = 0; i < 64; ++i) {
    uint32_t mixedE = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
    uint32_t choice = (e & f) ^ (~e & g);
    uint32_t first = h + mixedE + choice + kRoundConstants[i] + words[i];
    uint32_t mixedA = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
    uint32_t majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = d + first;
    d = c;
    c = b;
    b = a;
    a = first + mixedA + majority;
  }
  const uint32_t working[8] = {a, b, c, d, e, f, g, h};
  for (unsigned i = 0; i < 8; ++i)
    state[i] += working[i];
}

void SHA256Hasher::update(ArrayRef<uint8_t> bytes) {
  size_t used = length % kBlockBytes;
  length += bytes.size();
  if (used > 0) {
    size_t taken = std::min(bytes.size(), kBlockBytes - used);
    copy(bytes.take_front(taken), buffer.begin() + used);
    if (used + taken < kBlockBytes)
      return;
    addBlock(buffer.data());
    bytes = bytes.drop_front(taken);
  }
  for (; bytes.size() >= kBlockBytes; bytes = bytes.drop_front(kBlockBytes))
    addBlock(bytes.data());
  copy(bytes, buffer.begin());
}

std::string SHA256Hasher::finish() {
  // One bit, zeros, and the number of bits at the end of a block.
  uint8_t bits[8];
  support::endian::write64be(bits, length * 8);
  size_t rest = length % kBlockBytes;
  SmallVector<uint8_t> padding((rest < 56 ? 56 : 120) - rest, 0);
  padding.front() = 0x80;
  update(padding);
  update(bits);
  uint8_t hash[32];
  for (unsigned i = 0; i < 8; ++i)
    support::endian::write32be(hash + 4 * i, state[i]);
  return toHex(hash, /*LowerCase=*/true);
}

std::string mlir::compress::sha256(ArrayRef<uint8_t> bytes) {
  SHA256Hasher hasher;
  hasher.update(bytes);
  return hasher.finish();
}

Expected<std::string> mlir::compress::sha256File(StringRef path) {
  Expected<MappedFile> file = MappedFile::open(path);
  if (!file)
    return file.takeError();
  return sha256(file->getBytes());
}
