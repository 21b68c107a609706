import { describe, expect, it } from 'vitest'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { pipeline } from './pipeline.ts'
import type { Verdict } from './rln/verdict.ts'
import { ArchiveError, type PutResult } from './store/index.ts'

const MESSAGE: WakuMessage = { payload: Uint8Array.of(1), contentTopic: '/a/1/b/c' }

let hasRoom = true
let isForgotten = false

function join(
  verdict: Verdict | Error,
  put: PutResult = 'stored',
  onDisk: Promise<unknown> = Promise.resolve(),
) {
  const done: string[] = []
  const joined = pipeline({
    validate: async () => {
      if (verdict instanceof Error) throw verdict
      return verdict
    },
    archive: { put: async () => (done.push('kept'), await onDisk, put) },
    filter: { push: () => void done.push('pushed') },
    blame: (peerId) => void done.push(`blamed ${peerId}`),
    isRefused: (peerId) => peerId === 'refused',
    isForgotten: () => isForgotten,
    room: { has: () => hasRoom, ranOut: () => void done.push('ran out') },
  })
  return { done, joined }
}

describe('pipeline', () => {
  it('keeps an accepted message before it hands it to subscribers', async () => {
    const { done, joined } = join({ result: 'accept', code: 'OK' })
    await joined.validate('topic', MESSAGE)
    await joined.accepted('topic', MESSAGE)
    expect(done).toEqual(['kept', 'pushed'])
  })

  it('keeps the lasting copy of an ephemeral message and pushes it to nobody a second time', async () => {
    const { done, joined } = join({ result: 'accept', code: 'OK_LASTING' })
    await joined.validate('topic', MESSAGE)
    await joined.accepted('topic', MESSAGE)
    expect(done).toEqual(['kept'])
  })

  it('pushes a message to nobody a second time, whatever its proof', async () => {
    const { done, joined } = join({ result: 'accept', code: 'OK' }, 'duplicate')
    await joined.accepted('topic', MESSAGE)
    await joined.accepted('topic', { ...MESSAGE })
    expect(done).toEqual(['kept', 'pushed', 'kept'])
  })

  it('pushes what another node put into an archive that both share', async () => {
    const { done, joined } = join({ result: 'accept', code: 'OK' }, 'duplicate')
    await joined.accepted('topic', MESSAGE)
    expect(done).toEqual(['kept', 'pushed'])
  })

  it('throws for a message that came too late to be kept, so that nobody acknowledges it', async () => {
    const { joined } = join({ result: 'accept', code: 'OK' }, 'late')
    await expect(joined.accepted('topic', MESSAGE)).rejects.toMatchObject({ code: 'LATE' })
  })

  it('hands nothing to subscribers before it is on disk, and nothing at all if it never is', async () => {
    const disk = Promise.withResolvers<void>()
    const { done, joined } = join({ result: 'accept', code: 'OK' }, 'stored', disk.promise)
    const accepted = joined.accepted('topic', MESSAGE)
    await new Promise(setImmediate)
    expect(done).toEqual(['kept'])
    disk.reject(new ArchiveError('disk full', { code: 'UNAVAILABLE' }))
    await expect(accepted).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(done).toEqual(['kept'])
  })

  it('blames the peer that sent an invalid proof, and nobody for the node’s own', async () => {
    const { done, joined } = join({ result: 'reject', code: 'INVALID_PROOF' })
    await joined.validate('topic', MESSAGE, 'mallory')
    await joined.validate('topic', MESSAGE)
    expect(done).toEqual(['blamed mallory'])
  })

  it('blames nobody for what is ignored', async () => {
    const { done, joined } = join({ result: 'ignore', code: 'OVERLOADED' })
    await joined.validate('topic', MESSAGE, 'busy')
    expect(done).toEqual([])
  })

  it('accepts nothing while there is no room on the disk, and says so when it finds it full', async () => {
    hasRoom = false
    const { joined } = join({ result: 'accept', code: 'OK' })
    const refused = { result: 'ignore', code: 'DISK_FULL' }
    expect(await joined.validate('topic', MESSAGE)).toEqual(refused)
    hasRoom = true
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 })
    const { done, joined: other } = join(full)
    expect(await other.validate('topic', MESSAGE)).toEqual(refused)
    expect(done).toEqual(['ran out'])
    await expect(join(new Error('a fault')).joined.validate('topic', MESSAGE)).rejects.toThrow('a fault')
  })

  it('neither accepts nor keeps what the operator has forgotten', async () => {
    const { done, joined } = join({ result: 'accept', code: 'OK' }, 'forgotten')
    await expect(joined.accepted('topic', MESSAGE)).rejects.toMatchObject({ code: 'FORGOTTEN' })
    isForgotten = true
    const refused = { result: 'ignore', code: 'FORGOTTEN' }
    expect(await joined.validate('topic', MESSAGE)).toEqual(refused)
    const again = join({ result: 'ignore', code: 'DUPLICATE' })
    expect(await again.joined.validate('topic', MESSAGE)).toEqual(refused)
    isForgotten = false
    expect(done).not.toContain('pushed')
  })

  it('does not look at what a peer that was turned away still has under way', async () => {
    const { joined } = join({ result: 'accept', code: 'OK' })
    expect(await joined.validate('topic', MESSAGE, 'refused')).toEqual({
      result: 'ignore',
      code: 'SENDER_REFUSED',
    })
  })
})
