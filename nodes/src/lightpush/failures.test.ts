import { TeahouseError } from '@teahouse/protocol/errors'
import { describe, expect, it } from 'vitest'
import { PipelineError } from '../pipeline.ts'
import { ArchiveError } from '../store/index.ts'
import { MESSAGE, PROOFLESS, push, pushV2, scene, setUpLightPush } from './testing/scene.ts'

setUpLightPush()

describe('when something is missing or fails', () => {
  it('no peers to relay to, answers 505 and charges nothing', async () => {
    scene.relayPeers = 0
    expect((await push()).statusCode).toBe(505)
    expect(scene.steps).toEqual([])
  })

  it('peers that went away meanwhile, answers 505: the message is kept here only', async () => {
    scene.taken = 0
    expect((await push()).statusCode).toBe(505)
    expect(scene.steps.slice(-2)).toEqual(['keep', 'publish'])
  })

  it('peers that are away still, answers 505 to the retry of what it kept', async () => {
    scene.verdict = { result: 'ignore', code: 'DUPLICATE' }
    scene.archived = MESSAGE
    scene.taken = 0
    expect((await push()).statusCode).toBe(505)
    expect((await push({ message: PROOFLESS })).statusCode).toBe(505)
  })

  it('a message whose time ran out before it could be kept, answers 420', async () => {
    scene.keepFails = new PipelineError('too late', { code: 'LATE' })
    expect(await push()).toMatchObject({
      statusCode: 420,
      statusDesc: expect.stringContaining('TIMESTAMP_OUT_OF_WINDOW'),
    })
    expect(scene.steps).not.toContain('publish')
  })

  it.each(['UNAVAILABLE', 'CLOSED'] as const)('an archive that is %s, answers 503', async (code) => {
    scene.keepFails = new ArchiveError('disk full', { code })
    expect(await push()).toMatchObject({
      statusCode: 503,
      statusDesc: 'SERVICE_NOT_AVAILABLE: the message could not be kept',
    })
    expect((await pushV2(MESSAGE)).response).toMatchObject({ isSuccess: false })
    expect(scene.steps).not.toContain('publish')
  })

  it('an archive without room, answers 503 and says so', async () => {
    scene.keepFails = new ArchiveError('full', { code: 'DISK_FULL' })
    expect(await push()).toMatchObject({
      statusCode: 503,
      statusDesc: 'SERVICE_NOT_AVAILABLE: DISK_FULL',
    })
    expect(scene.steps).not.toContain('publish')
  })

  it('a peer that has to pay, answers 429', async () => {
    scene.charged = { ok: false, description: 'see offer 0xabc' }
    expect(await push()).toMatchObject({ statusCode: 429, statusDesc: 'TOO_MANY_REQUESTS: see offer 0xabc' })
  })

  it.each(['OUT_OF_RLN_PROOF', 'NO_MEMBERSHIP'])(
    '%s for a message without a proof, answers 504',
    async (code) => {
      scene.proofFails = new TeahouseError('none left', { code })
      expect(await push({ message: PROOFLESS })).toMatchObject({
        statusCode: 504,
        statusDesc: expect.stringContaining('none left'),
      })
    },
  )

  it('a message without a proof when it has none to give, and charges nothing', async () => {
    scene.noProof = new TeahouseError('none left', { code: 'OUT_OF_RLN_PROOF' })
    expect(await push({ message: PROOFLESS })).toMatchObject({ statusCode: 504 })
    expect(scene.steps).toEqual([])
    scene.noProof = undefined
    scene.charged = { ok: false, description: 'see offer 0xabc' }
    expect(await push({ message: PROOFLESS })).toMatchObject({ statusCode: 429 })
    expect(scene.held).toBe(0)
  })

  it('a failure of its own, answers 500 without saying which', async () => {
    scene.keepFails = new Error('disk full')
    expect(await push()).toMatchObject({ requestId: 'r', statusCode: 500 })
    expect(scene.steps).not.toContain('publish')
  })
})
