/** A bounded queue between a handler that pushes and a loop that awaits. The oldest items are dropped when full. */
export function queue<T>(limit: number) {
  const items: T[] = []
  let wake: (() => void) | undefined
  let ended = false
  return {
    push(item: T): void {
      if (ended) return
      items.push(item)
      if (items.length > limit) items.shift()
      wake?.()
    },
    end(): void {
      ended = true
      wake?.()
    },
    async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
      for (;;) {
        const item = items.shift()
        if (item !== undefined) yield item
        else if (ended) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}
