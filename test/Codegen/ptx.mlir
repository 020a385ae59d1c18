// Weights of any encoding reach PTX by the same way: their descriptions become loads, bit operations and arithmetic.

// RUN: compress-opt %s --compress-nvptx-pipeline=chip=sm_80 | compress-translate --mlir-to-ptx - | FileCheck %s

// The same text each time.
// RUN: compress-opt %s --compress-nvptx-pipeline=chip=sm_80 | compress-translate --mlir-to-ptx - -o %t.1
// RUN: compress-opt %s --compress-nvptx-pipeline=chip=sm_80 | compress-translate --mlir-to-ptx - -o %t.2
// RUN: diff %t.1 %t.2

// Another chip and a later version of PTX.
// RUN: compress-opt %s --compress-nvptx-pipeline='chip=sm_90 features=+ptx80' | compress-translate --mlir-to-ptx - \
// RUN:   | FileCheck %s --check-prefix=SM90
// SM90: .version 8.0
// SM90: .target sm_90

#mk = affine_map<(m, n, k) -> (m, k)>
#nk = affine_map<(m, n, k) -> (n, k)>
#mn = affine_map<(m, n, k) -> (m, n)>

// CHECK: .version 7.0
// CHECK: .target sm_80
// Nothing is called, and nothing is kept in local memory.
// CHECK-NOT: .extern
// CHECK: .global .align 64 .b8 table_{{[0-9A-F]*}}[64]

// Blocks of four warps. A lane multiplies every 32nd value, and lanes are added pairwise.
// CHECK: .visible .entry kernel_matmul(
// CHECK: .maxntid 128, 1, 1
// CHECK-NOT: .local
// CHECK: ld.global.b32
// CHECK: fma.rn.f32
// CHECK: add.s64 %rd{{[0-9]+}}, %rd{{[0-9]+}}, 128;
// CHECK: shfl.sync.bfly.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, 16, 31, -1;
// CHECK: shfl.sync.bfly.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, 8, 31, -1;
// CHECK: shfl.sync.bfly.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, 4, 31, -1;
// CHECK: shfl.sync.bfly.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, 2, 31, -1;
// CHECK: shfl.sync.bfly.b32 %r{{[0-9]+}}, %r{{[0-9]+}}, 1, 31, -1;
// CHECK: st.global.b32
!f32 = tensor<64x100xf32>
ml_program.global private @w_f32(#compress.parameter<"m", "w_f32">) : !f32
func.func @f_f32(%x: tensor<?x100xf32>) -> tensor<?x64xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x100xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %w = ml_program.global_load_const @w_f32 : !f32
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x100xf32>, !f32) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// Half a byte is cut out, and fused with its block's scale and minimum. The last block's warps that have no column leave.
// CHECK-LABEL: .visible .entry kernel_matmul_0(
// CHECK: setp.gt.u64 %p{{[0-9]+}}, %rd{{[0-9]+}}, 32;
// CHECK: cvt.f32.f16 %[[SCALE:r[0-9]+]]
// CHECK: cvt.f32.f16 %[[MIN:r[0-9]+]]
// CHECK: ld.global.b8 %[[BYTE:r[0-9]+]]
// CHECK: shr.u32 %[[SHIFTED:r[0-9]+]], %[[BYTE]], %r{{[0-9]+}};
// CHECK: and.b32 %[[CODE:r[0-9]+]], %[[SHIFTED]], 15;
// CHECK: cvt.rn.f32.u32 %[[F:r[0-9]+]], %[[CODE]];
// CHECK: fma.rn.f32 %{{r[0-9]+}}, %[[F]], %[[SCALE]], %[[MIN]];
!q4_min = tensor<33x256xf32, #quantized.affine<ui4, block = [1, 32], scale = f16, min = f16>>
ml_program.global private @w_q4_min(#compress.parameter<"m", "w_q4_min">) : !q4_min
func.func @f_q4_min(%x: tensor<?x256xf32>) -> tensor<?x33xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x256xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x33xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x33xf32>) -> tensor<?x33xf32>
  %w = ml_program.global_load_const @w_q4_min : !q4_min
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x256xf32>, !q4_min) outs(%init : tensor<?x33xf32>) -> tensor<?x33xf32>
  return %y : tensor<?x33xf32>
}

// A code is an index of the table.
// CHECK-LABEL: .visible .entry kernel_matmul_1(
// CHECK: and.b32 %[[CODE:r[0-9]+]], %{{r[0-9]+}}, 15;
// CHECK: mul.wide.u32 %[[OFFSET:rd[0-9]+]], %[[CODE]], 4;
// CHECK: add.s64 %[[AT:rd[0-9]+]], %rd{{[0-9]+}}, %[[OFFSET]];
// CHECK: ld.global.nc.b32 %[[F:r[0-9]+]], [%[[AT]]];
// CHECK: mul.rn.f32 %{{r[0-9]+}}, %[[F]], %{{r[0-9]+}};
!nf4 = tensor<48x128xf32, #quantized.codebook<"nf4", block = [1, 64], scale = f16>>
ml_program.global private @w_nf4(#compress.parameter<"m", "w_nf4">) : !nf4
func.func @f_nf4(%x: tensor<?x128xf32>) -> tensor<?x48xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x128xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x48xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x48xf32>) -> tensor<?x48xf32>
  %w = ml_program.global_load_const @w_nf4 : !nf4
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x128xf32>, !nf4) outs(%init : tensor<?x48xf32>) -> tensor<?x48xf32>
  return %y : tensor<?x48xf32>
}

// Scales and minima have six bits and scales of their own.
// CHECK-LABEL: .visible .entry kernel_matmul_2(
// CHECK: and.b32 %{{r[0-9]+}}, %{{r[0-9]+}}, 15;
// CHECK-COUNT-2: and.b32 %{{r[0-9]+}}, %{{r[0-9]+}}, 63;
// CHECK: fma.rn.f32
!nested = tensor<32x512xf32, #quantized.affine<ui4, block = [1, 32], scale = #quantized.affine<ui6, block = [1, 8], scale = f16>,
             min = #quantized.affine<ui6, block = [1, 8], scale = f16>>>
ml_program.global private @w_nested(#compress.parameter<"m", "w_nested">) : !nested
func.func @f_nested(%x: tensor<?x512xf32>) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x512xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x32xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x32xf32>) -> tensor<?x32xf32>
  %w = ml_program.global_load_const @w_nested : !nested
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x512xf32>, !nested) outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// Codes of three bits straddle bytes; blocks of 24 divide neither k nor 32. There is no division.
// CHECK-LABEL: .visible .entry kernel_matmul_3(
// CHECK-NOT: div.
// CHECK-NOT: rem.
// CHECK: bfe.s32 %[[CODE:r[0-9]+]], %r{{[0-9]+}}, 0, 3;
// CHECK: cvt.rn.f32.s32 %{{r[0-9]+}}, %[[CODE]];
!odd = tensor<21x50xf32, #quantized.affine<i3, block = [1, 24], scale = f32>>
ml_program.global private @w_odd(#compress.parameter<"m", "w_odd">) : !odd
func.func @f_odd(%x: tensor<?x50xf32>) -> tensor<?x21xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x50xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x21xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x21xf32>) -> tensor<?x21xf32>
  %w = ml_program.global_load_const @w_odd : !odd
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x50xf32>, !odd) outs(%init : tensor<?x21xf32>) -> tensor<?x21xf32>
  return %y : tensor<?x21xf32>
}

// Of four values, two are stored with their positions.
// CHECK-LABEL: .visible .entry kernel_matmul_4(
// CHECK: ld.global.s8
// CHECK: selp.f32
// CHECK: fma.rn.f32
!nm = tensor<32x64xf32, #sparse.nm<2 : 4, values = #quantized.affine<i8, block = [1, -1], scale = f32>>>
ml_program.global private @w_nm(#compress.parameter<"m", "w_nm">) : !nm
func.func @f_nm(%x: tensor<?x64xf32>) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x64xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x32xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x32xf32>) -> tensor<?x32xf32>
  %w = ml_program.global_load_const @w_nm : !nm
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x64xf32>, !nm) outs(%init : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// The layout of panels, too, is only a description.
// CHECK-LABEL: .visible .entry kernel_matmul_5(
// CHECK: and.b32 %{{r[0-9]+}}, %{{r[0-9]+}}, 15;
// CHECK: fma.rn.f32
// CHECK-NOT: .entry
!panels = tensor<43x96xf32, #compress.panel<#quantized.affine<i4, block = [1, 32], scale = f16>, rows = 16, row_dim = 0, reduction_dim = 1>>
ml_program.global private @w_panels(#compress.parameter<"m", "w_panels">) : !panels
func.func @f_panels(%x: tensor<?x96xf32>) -> tensor<?x43xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x96xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x43xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x43xf32>) -> tensor<?x43xf32>
  %w = ml_program.global_load_const @w_panels : !panels
  %y = linalg.matmul indexing_maps = [#mk, #nk, #mn]
    ins(%x, %w : tensor<?x96xf32>, !panels) outs(%init : tensor<?x43xf32>) -> tensor<?x43xf32>
  return %y : tensor<?x43xf32>
}
