import { describe, expect, it } from 'vitest'
import { ABI_VERSION, abisOf, deploymentId, deploymentOf, DeploymentRecord, DEPLOYMENTS } from './index.ts'

const A = '0x00000000000000000000000000000000000000AA'
const B = '0x00000000000000000000000000000000000000bB'
const HASH = `0x${'22'.repeat(32)}`
const created = {
  transaction: HASH,
  block: 12,
  deployer: A,
  nonce: 3,
  args: [A, '60', { term: '3600' }],
  libraries: { PoseidonT2: B },
  creationCodeHash: HASH,
}
const good = {
  id: '0a1b2c3d4e5f',
  chainId: 7,
  abiVersion: 1,
  compiler: { version: '0.8.37', evmVersion: 'cancun', optimizerRuns: 1, viaIR: false },
  contracts: {
    Token: { source: 'T.sol:Token', address: A.toLowerCase(), codeHash: HASH },
    Escrow: { source: 'E.sol:Escrow', address: B, codeHash: HASH, created },
  },
  libraries: {},
}

describe('the record of a deployment', () => {
  it('says what it takes to talk to it', () => {
    const record = DeploymentRecord.parse(good)
    expect(deploymentOf(record)).toEqual({
      id: good.id,
      chainId: 7,
      abiVersion: 1,
      addresses: { Token: A, Escrow: B },
      firstBlock: 12n,
    })
  })

  it.each([
    { given: 'an id that is a path', bad: { id: '../../secret' } },
    { given: 'an unknown field', bad: { owner: A } },
    { given: 'a contract without an address', bad: { contracts: { Token: { source: 'T:T', codeHash: HASH } } } },
    { given: 'a number as argument', bad: { contracts: { T: { ...good.contracts.Escrow, created: { ...created, args: [1] } } } } },
    { given: 'a short hash', bad: { contracts: { T: { ...good.contracts.Token, codeHash: '0x12' } } } },
  ])('is refused with $given', ({ bad }) => {
    expect(DeploymentRecord.safeParse({ ...good, ...bad }).success).toBe(false)
  })
})

describe('the id of a deployment', () => {
  it('depends on chain, names and addresses, not on their order or letter case', () => {
    const id = deploymentId(7, { Token: A, Escrow: B })
    expect(id).toMatch(/^[0-9a-f]{12}$/)
    expect(deploymentId(7, { Escrow: B.toLowerCase() as typeof B, Token: A })).toBe(id)
    expect(deploymentId(8, { Token: A, Escrow: B })).not.toBe(id)
    expect(deploymentId(7, { Token: B, Escrow: A })).not.toBe(id)
  })
})

describe('the ABIs', () => {
  it('of the present version and of every known deployment are here', async () => {
    expect((await abisOf(ABI_VERSION))?.Escrow.length).toBeGreaterThan(0)
    for (const { abiVersion } of DEPLOYMENTS) expect(await abisOf(abiVersion)).toBeDefined()
  })

  it('of a version to come are not', async () => {
    expect(await abisOf(999)).toBeUndefined()
  })
})
