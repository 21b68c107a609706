import {
  decode,
  LightPushRequestV3,
  LightPushResponseV3,
  PROTOCOLS,
  PushRpc,
  WakuMessage as WakuMessageCodec,
} from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TOPICS } from '../net/test-hosts.ts'
import type { VerdictCode } from '../rln/verdict.ts'
import { askNode, MESSAGE, PROOFLESS, push, scene, setUpLightPush, UNSERVED } from './testing/scene.ts'

setUpLightPush()

describe('when it must refuse what it is asked', () => {
  it.each<{ given: string; request: Partial<LightPushRequestV3>; status: number }>([
    { given: 'no message', request: { message: undefined }, status: 400 },
    {
      given: 'a message without a topic',
      request: { message: { ...MESSAGE, contentTopic: '' } },
      status: 400,
    },
    {
      given: 'a topic without a shard',
      request: { message: { ...MESSAGE, contentTopic: '/x' } },
      status: 400,
    },
    { given: 'too long a meta', request: { message: { ...MESSAGE, meta: new Uint8Array(65) } }, status: 413 },
    {
      given: 'too long a payload',
      request: { message: { ...MESSAGE, payload: new Uint8Array(160 * 1024) } },
      status: 413,
    },
    { given: 'another shard', request: { pubsubTopic: TOPICS[4] }, status: 421 },
    { given: 'another cluster', request: { pubsubTopic: '/waku/2/rs/1/3' }, status: 421 },
  ])('$given, answers $status and does nothing', async ({ request, status }) => {
    expect((await push(request)).statusCode).toBe(status)
    expect(scene.steps).toEqual([])
  })

  it('a shard that the node does not serve, answers 421 before anything is done', async () => {
    const answer = await push({
      pubsubTopic: UNSERVED,
      message: { ...MESSAGE, contentTopic: '/other/1/x/proto' },
    })
    expect(answer).toMatchObject({ statusCode: 421, statusDesc: expect.stringContaining('does not serve') })
    expect(scene.steps).toEqual([])
  })

  it.each<{ code: VerdictCode; status: number }>([
    { code: 'TOO_LARGE', status: 413 },
    { code: 'WRONG_SHARD', status: 421 },
    { code: 'MEMBERSHIP_UNKNOWN', status: 503 },
    { code: 'EXPIRED_ROOT', status: 420 },
    { code: 'RATE_EXCEEDED', status: 420 },
    { code: 'INVALID_PROOF', status: 420 },
  ])('the verdict $code, answers $status and keeps nothing', async ({ code, status }) => {
    scene.verdict = { result: 'ignore', code }
    const response = await push()
    expect(response.statusCode).toBe(status)
    expect(response.statusDesc).toContain(code)
    expect(scene.steps).not.toContain('keep')
  })

  it.each<{ code: VerdictCode; status: number }>([
    { code: 'UNBOUND_META', status: 420 },
    { code: 'NO_TIMESTAMP', status: 420 },
    { code: 'TIMESTAMP_OUT_OF_WINDOW', status: 420 },
    { code: 'TOO_LARGE', status: 413 },
  ])('$code of a message without a proof, answers $status and makes none', async ({ code, status }) => {
    scene.fault = { result: 'reject', code }
    const answer = await push({ message: PROOFLESS })
    expect(answer).toMatchObject({ statusCode: status, statusDesc: expect.stringContaining(code) })
    expect(scene.steps).toEqual([])
  })

  it.each([PROTOCOLS.lightPush, PROTOCOLS.lightPushV2])(
    'any bytes on %s, with an answer',
    async (protocol) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (request) => {
          const reply = await askNode(protocol, request)
          if (protocol === PROTOCOLS.lightPush)
            expect([200, 400]).toContain(decode(LightPushResponseV3, reply).statusCode)
          else expect(decode(PushRpc, reply).response).toBeDefined()
        }),
        { numRuns: 30 },
      )
    },
  )

  it('a message that is cut off, answers 400', async () => {
    const whole = LightPushRequestV3.encode({ requestId: 'r', message: MESSAGE })
    const cut = whole.subarray(0, WakuMessageCodec.encode(MESSAGE).byteLength)
    expect(decode(LightPushResponseV3, await askNode(PROTOCOLS.lightPush, cut)).statusCode).toBe(400)
  })
})
