// RUN: compress-opt %s --compress-expand-math | FileCheck %s

// CHECK-LABEL: func.func @expanded
// CHECK-NOT: math.{{exp|log|tanh|erf}}
// CHECK: math.fma {{.*}} : vector<8xf32>
// CHECK-NOT: math.{{exp|log|tanh|erf}}
// CHECK: return
func.func @expanded(%x: vector<8xf32>, %y: f32) -> (vector<8xf32>, f32, vector<8xf32>, f32) {
  %0 = math.exp %x : vector<8xf32>
  %1 = math.tanh %y : f32
  %2 = math.erf %x : vector<8xf32>
  %3 = math.log %y : f32
  return %0, %1, %2, %3 : vector<8xf32>, f32, vector<8xf32>, f32
}

// What processors compute themselves stays.
// CHECK-LABEL: func.func @kept
// CHECK-NEXT: math.sqrt
// CHECK-NEXT: math.roundeven
// CHECK-NEXT: return
func.func @kept(%x: vector<8xf32>) -> vector<8xf32> {
  %0 = math.sqrt %x : vector<8xf32>
  %1 = math.roundeven %0 : vector<8xf32>
  return %1 : vector<8xf32>
}
