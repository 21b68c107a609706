/** An API all of whose functions give promises. */
type Asynchronous<T> = { readonly [Name in keyof T]: (...args: never[]) => Promise<unknown> }

/** What `load` gives, loaded with the first `get`, and again if that failed; `peek` loads nothing. */
export function loadOnce<T>(load: () => Promise<T>) {
  let loading: Promise<T> | undefined
  return {
    get(): Promise<T> {
      if (loading) return loading
      const opening = load()
      loading = opening
      opening.catch(() => (loading = undefined))
      return opening
    },
    peek: (): Promise<T> | undefined => loading,
  }
}

/**
 * An API whose code is loaded with its first call, so that a page which never calls it never downloads it. What `load` throws is
 * thrown by the call, and the next call tries again.
 */
export function loadedLater<T extends Asynchronous<T> & object>(load: () => Promise<T>): T {
  const loading = loadOnce(load)

  async function call(name: keyof T, args: readonly unknown[]): Promise<unknown> {
    const api = (await loading.get()) as Record<keyof T, (...args: readonly unknown[]) => Promise<unknown>>
    return await api[name](...args)
  }

  return new Proxy({} as T, {
    // Whatever has a function `then` is taken for a promise.
    get: (_, name) =>
      name === 'then' || typeof name === 'symbol'
        ? undefined
        : (...args: readonly unknown[]) => call(name as keyof T, args),
  })
}
