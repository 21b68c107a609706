/** Lets tasks of one name run one after the other, those of different names side by side. */
export function turns() {
  const last = new Map<string, Promise<unknown>>()
  return {
    async take<T>(name: string, task: () => Promise<T>): Promise<T> {
      const before = last.get(name)
      const mine = (before ?? Promise.resolve()).then(task, task)
      const settled = mine.then(done, done)
      last.set(name, settled)
      function done(): void {
        if (last.get(name) === settled) last.delete(name)
      }
      return mine
    },
    /** Resolves when nothing is under way. */
    async idle(): Promise<void> {
      while (last.size > 0) await Promise.all(last.values())
    },
  }
}
