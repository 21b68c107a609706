// Memory is a stack: what was taken after a mark is given back at once.
let top: usize = __heap_base

/** Takes `bytes`, aligned to 16. Traps when there is no more memory. */
export function take(bytes: usize): usize {
  const at = (top + 15) & ~15
  top = at + bytes
  const missing = <i32>((top + 0xffff) >>> 16) - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) unreachable()
  return at
}

export function mark(): usize {
  return top
}

/** Gives back what was taken since `marked`, and wipes it: it may be made of secrets. */
export function release(marked: usize): void {
  memory.fill(marked, 0, top - marked)
  top = marked
}
