/** Runs `work` over all items, so many at a time. Throws what was thrown first, once all that had begun has ended. */
export async function allOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0
  let failed = false
  const worker = async () => {
    while (next < items.length && !failed) {
      try {
        await work(items[next++]!)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure) throw failure.reason
}

/** What `work` makes of the items, in their order, so many begun ahead. */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = []
  for (const item of items) {
    const one = work(item)
    one.catch(() => undefined) // thrown when its turn comes, if it comes
    begun.push(one)
    if (begun.length >= ahead) yield await begun.shift()!
  }
  for (const one of begun) yield await one
}
