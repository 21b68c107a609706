import { isTeahouseError } from '@teahouse/protocol/errors'
import { abis, chainError } from '@teahouse/protocol/chain'
import { createPublicClient, custom, encodeFunctionData, http, HttpRequestError } from 'viem'
import { describe, expect, it } from 'vitest'
import { createLog, levelSetter } from './log.ts'
import { DataError } from './files.ts'

const KEY = 'b9f1d2c4aa'
const URL_WITH_KEY = `http://user:pass@127.0.0.1:1/v3/${KEY}`
const SECRET =
  21_888_242_871_839_275_222_246_405_745_257_275_088_548_364_400_416_034_343_698_204_186_575_808_495_610n
const REGISTRY = `0x${'cc'.repeat(20)}` as const
const SLASH = {
  address: REGISTRY,
  abi: abis.MembershipRegistry,
  functionName: 'slash',
  args: [SECRET, REGISTRY, `0x${'ab'.repeat(32)}`],
} as const

function logged(err: unknown): { text: string; err: Record<string, unknown> } {
  let text = ''
  createLog('info', { write: (line: string) => void (text += line) })
    .child({ module: 'slashing' })
    .warn({ err }, 'failed')
  return { text, ...(JSON.parse(text) as { err: Record<string, unknown> }) }
}

/** What slashing throws when the RPC address refuses. */
async function slashError(transport: Parameters<typeof createPublicClient>[0]['transport']) {
  return createPublicClient({ transport })
    .simulateContract(SLASH)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
}

describe('createLog', () => {
  it.each([
    { given: 'an RPC address that is away', transport: http(URL_WITH_KEY, { retryCount: 0 }) },
    {
      given: 'an RPC address that refuses',
      transport: custom(
        {
          async request() {
            const body = { data: encodeFunctionData(SLASH) }
            throw new HttpRequestError({ url: URL_WITH_KEY, body, status: 403 })
          },
        },
        { retryCount: 0 },
      ),
    },
  ])('tells no key of $given, and no secret of the call', async ({ transport }) => {
    const error = await slashError(transport)
    expect(String(error)).toContain(SECRET.toString()) // viem tells all of it
    for (const one of [error, chainError(error)]) {
      const { text } = logged(one)
      expect(text).not.toContain(KEY)
      expect(text).not.toContain('pass')
      expect(text).not.toContain(SECRET.toString())
      expect(text).not.toContain(SECRET.toString(16))
      expect(text).not.toContain('ab'.repeat(32))
    }
    expect(logged(error).err).toMatchObject({ name: 'ContractFunctionExecutionError' })
  })

  it('tells name, code, one line and the codes of the causes', () => {
    const cause = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    const error = new DataError(
      'Can not write.\nsecond line',
      { code: 'DATA_CORRUPT', path: '/x' },
      { cause },
    )
    expect(isTeahouseError(error)).toBe(true)
    expect(logged(error).err).toEqual({
      name: 'DataError',
      code: 'DATA_CORRUPT',
      message: 'Can not write.',
      causes: ['ENOSPC'],
    })
  })

  it.each([
    {
      given: new Error(`connect ${URL_WITH_KEY} refused`),
      message: 'connect http://127.0.0.1:1 refused',
    },
    {
      given: new Error(`refused: NotAMember(${SECRET}, 0x01)`),
      message: 'refused: NotAMember([number], 0x01)',
    },
    { given: new Error('could not dial /ip4/203.0.113.7/tcp/1'), message: 'could not dial [address]' },
    { given: 'just text', message: 'just text' },
  ])('leaves keys, secrets and addresses out of $message', ({ given, message }) => {
    expect(logged(given).err).toMatchObject({ message })
  })
})

describe('levelSetter', () => {
  it('changes a log and all that are made of it', () => {
    const lines: string[] = []
    const log = createLog('warn', { write: (line: string) => void lines.push(line) })
    const setLevel = levelSetter(log)
    const child = log.child({ module: 'a' })
    const grandchild = child.child({ module: 'b' })
    const say = () => [log, child, grandchild].forEach((each) => each.debug('Said'))
    say()
    expect(lines).toHaveLength(0)
    setLevel('debug')
    say()
    expect(lines).toHaveLength(3)
    setLevel('error')
    say()
    expect(lines).toHaveLength(3)
  })
})
