import { describe, expect, it } from 'vitest'
import {
  bytes,
  MESSAGE,
  PROOFLESS,
  push,
  pushV2,
  rateLimitProof,
  scene,
  setUpLightPush,
  TOPIC,
} from './testing/scene.ts'

setUpLightPush()

describe('light push', () => {
  it('charges, validates, keeps, publishes, and then answers', async () => {
    expect(await push()).toEqual({ requestId: 'r', statusCode: 200, statusDesc: 'OK', relayPeerCount: 2 })
    expect(scene.steps).toEqual(['charge lightpush 1', `validate ${TOPIC} with proof`, 'keep', 'publish'])
  })

  it('finds the shard of a message that names none', async () => {
    expect((await push({ pubsubTopic: undefined })).statusCode).toBe(200)
    expect(scene.steps).toContain(`validate ${TOPIC} with proof`)
  })

  it('adds a proof of its own to a message without', async () => {
    expect((await push({ message: PROOFLESS })).statusCode).toBe(200)
    expect(scene.steps[0]).toBe('charge lightpush 1 proof 1')
    expect(scene.steps.slice(1, 3)).toEqual(['prove for client', `validate ${TOPIC} with proof`])
  })

  it('publishes what it kept again when it is pushed again, under the proof that was accepted', async () => {
    scene.verdict = { result: 'ignore', code: 'DUPLICATE' }
    scene.archived = { ...MESSAGE }
    const spoiled = { ...MESSAGE, rateLimitProof: { ...rateLimitProof, proof: bytes('spoiled') } }
    expect(await push({ message: spoiled })).toMatchObject({
      statusCode: 200,
      statusDesc: 'DUPLICATE',
      relayPeerCount: 2,
    })
    expect(scene.published).toEqual([MESSAGE])
    expect(scene.published[0]).toBe(scene.archived)
    expect(scene.steps).not.toContain('keep')
  })

  it('answers with success for what was gossiped before, although nobody took it again', async () => {
    scene.verdict = { result: 'ignore', code: 'DUPLICATE' }
    scene.archived = MESSAGE
    scene.taken = 0
    scene.seen = true
    expect(await push()).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE', relayPeerCount: 2 })
  })

  it('answers with success for a copy of an ephemeral message, which nothing can be done for', async () => {
    scene.verdict = { result: 'ignore', code: 'DUPLICATE' }
    expect(await push()).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE' })
    expect(scene.steps).not.toContain('publish')
  })

  it('makes no second proof for a message that it keeps', async () => {
    scene.archived = MESSAGE
    expect(await push({ message: PROOFLESS })).toMatchObject({ statusCode: 200, statusDesc: 'DUPLICATE' })
    expect(scene.steps).toEqual(['charge lightpush 1', 'publish'])
    expect(scene.published).toEqual([MESSAGE])
  })

  it('speaks version 2', async () => {
    expect((await pushV2(MESSAGE)).response).toEqual({ isSuccess: true, info: 'OK' })
    scene.verdict = { result: 'reject', code: 'INVALID_PROOF' }
    expect(await pushV2(MESSAGE)).toMatchObject({
      requestId: 'r',
      response: { isSuccess: false, info: 'INVALID_MESSAGE: INVALID_PROOF' },
    })
  })
})
