// Element k of an array at p.

@inline
export function f64At(p: usize, k: i32): f64 {
  return load<f64>(p + (<usize>k << 3));
}

@inline
export function putF64(p: usize, k: i32, value: f64): void {
  store<f64>(p + (<usize>k << 3), value);
}

@inline
export function i32At(p: usize, k: i32): i32 {
  return load<i32>(p + (<usize>k << 2));
}

@inline
export function putI32(p: usize, k: i32, value: i32): void {
  store<i32>(p + (<usize>k << 2), value);
}
