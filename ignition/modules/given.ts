import type { IgnitionModuleBuilder } from '@nomicfoundation/ignition-core'

/** Addresses of contracts that are on the chain already, by their name in a deployment. */
export type Given = Readonly<Record<string, string>>

/** A builder that takes a contract or library that is given where it is, and deploys the others. */
export function withGiven(builder: IgnitionModuleBuilder, given: Given): IgnitionModuleBuilder {
  const wrap = (make: 'contract' | 'library') => (name: string, second?: unknown, third?: unknown) => {
    const options = (make === 'contract' ? third : second) as { id?: string } | undefined
    const id = options?.id ?? name
    const address = given[id]
    if (address !== undefined) return builder.contractAt(name, address, { id })
    return make === 'contract'
      ? builder.contract(name, second as never, third as never)
      : builder.library(name, second as never)
  }
  return new Proxy(builder, {
    get(target, key) {
      if (key === 'contract' || key === 'library') return wrap(key)
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
