import { CONTENTS } from '@teahouse/protocol/chain-relay'
import { createPublicClient, zeroAddress, zeroHash } from 'viem'
import { describe, expect, it } from 'vitest'
import type { ChainAgreement } from './agreement.ts'
import { nodesError } from './errors.ts'
import { nodesTransport } from './transport.ts'

const agreement = {
  head: async () => ({ number: 1n, hash: zeroHash, timestamp: 1n }),
  ask: async ({ kind }: { kind: string }) =>
    kind === 'call' ? CONTENTS.call.encode({ ok: true, data: '0x01' }) : CONTENTS.logs.encode([]),
} as unknown as ChainAgreement
const client = createPublicClient({ transport: nodesTransport(1, agreement) })
const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: unknown) => nodesError(error)?.code ?? String(error),
  )

describe('reading over nodes', () => {
  it('asks for calls and events', async () => {
    expect(await client.call({ to: zeroAddress, data: '0x02' })).toEqual({ data: '0x01' })
    expect(await client.getLogs({ address: zeroAddress })).toEqual([])
  })

  it.each([
    ['a call of somebody', () => client.call({ account: zeroAddress, to: zeroAddress, data: '0x02' })],
    ['a call with coins', () => client.call({ to: zeroAddress, data: '0x02', value: 1n })],
    ['events of one block by its hash', () => client.getLogs({ address: zeroAddress, blockHash: zeroHash })],
  ])('refuses %s, which can not be asked', async (_, read) => {
    expect(await codeOf(read())).toBe('UNSUPPORTED')
  })
})
