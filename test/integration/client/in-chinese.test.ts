import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTeahouse, type RunOptions } from '../../../cli/src/testing/teahouse.ts'
import { englishIn } from '../../support/english.ts'
import { startNetwork, type TestNetwork } from './network.ts'

const TOPIC = '/my-table/1/chat/utf8'

let net: TestNetwork
let home: string
let words: string

beforeAll(async () => {
  net = await startNetwork({
    nodes: [{ payments: { freeQuota: 1_000 } }, { payments: { freeQuota: 1_000 } }],
  })
  home = await mkdtemp(join(tmpdir(), 'teahouse-zh-'))
  await writeFile(join(home, 'local.json'), JSON.stringify(net.network))
  await writeFile(join(home, 'tea.txt'), '茶')
  await writeFile(join(home, 'pass'), 'correct horse')
  // It prints twelve English words.
  const made = ['alice', 'bob'].map((name) =>
    runTeahouse(home, ['account', 'new', '--account', name, '--json']),
  )
  const [alice] = await Promise.all(made)
  words = (JSON.parse(alice!.stdout) as { phrase: string }).phrase
})
afterAll(() => net?.stop())

/** Runs it with Chinese; all that it printed, in which there is no English. */
async function teahouse(line: string, { code: wanted = 0, ...options }: RunOptions & { code?: number } = {}) {
  const args = [...line.split(' '), ...(line.includes('--account') ? [] : ['--account', 'alice'])]
  const { code, stdout, stderr } = await runTeahouse(home, [...args, '--lang', 'zh'], options)
  const all = stdout + stderr
  expect(code, `${line}\n${all}`).toBe(wanted)
  expect(englishIn(all), `${line}\n${all}`).toEqual([])
  return all
}

describe('somebody who reads Chinese, and no English', () => {
  it('is told of an account, and how it is kept', async () => {
    await teahouse('account show')
    await teahouse('account fund')
    await teahouse('account invite --name 小艾')
    await teahouse('account gifts')
    await teahouse('account backup alice.backup')
    await teahouse('account backup alice.backup', { code: 1 })
    expect(await teahouse('account show --account nobody', { code: 1 })).toMatch(/^错误：.*\n提示：/)
  })

  it('joins, sends and reads', async () => {
    expect(await teahouse('send /my-table/1/chat/utf8 茶', { code: 1 })).toContain('会员')
    await teahouse('membership join')
    await teahouse('membership join', { code: 1 })
    await teahouse('membership status')
    await teahouse(`send ${TOPIC} 茶好了`)
    await teahouse(`history ${TOPIC}`)
    await teahouse('listen /my-table/1/silence/utf8 --count 1 --timeout 1s', { code: 1 })
    await teahouse('resend')
    await teahouse('court status')
    await teahouse('court check')
    await teahouse('court evidence')
    await teahouse('membership renew')
  })

  it('talks', async () => {
    await teahouse('membership join --account bob')
    await teahouse('chat listen --timeout 1s --account bob')
    const card = /tea1\w{58}/.exec(await teahouse('chat card --account bob'))![0]
    await teahouse(`chat add ${card} --name 小博`)
    await teahouse('chat contacts')
    await teahouse('chat with 小博 茶好了')
    await teahouse('chat list')
    await teahouse('chat log 小博')
    await teahouse('chat listen --timeout 2s --account bob')
    await teahouse('chat requests --account bob')
    await teahouse('chat blocks list')
    await teahouse('chat block 小博')
    expect(await teahouse('chat with 小博 茶', { code: 1 })).toContain('屏蔽')
    expect(await teahouse('chat with 老王 茶', { code: 1 })).toMatch(/^错误：没有这个联系人/)
  })

  it('has whom it knew on another device, from its words alone', async () => {
    await teahouse('account backup --on-nodes')
    for (const line of ['account backup', 'account backup tea.backup --on-nodes'])
      await teahouse(line, { code: 2 })
    await teahouse('account restore --from-nodes --account found', { stdin: words })
    expect(await teahouse('chat contacts --account found')).toContain('小博')
    expect(await teahouse('account restore --from-nodes --account bob')).toContain('没有')
  })

  it('pays, keeps files, and looks at nodes', async () => {
    const { stdout } = await runTeahouse(home, ['account', 'show', '--account', 'bob', '--json'])
    const { address } = JSON.parse(stdout) as { address: string }
    await teahouse(`pay ${address} 2.5 --yes`)
    await teahouse(`pay ${address} 100000 --yes`, { code: 1 })
    await teahouse('pay history')
    await teahouse('envelope create 1 --shares 2 --yes')
    await teahouse('envelope status')
    await teahouse('envelope refund --yes')
    const reference = /teahouse:file\/\S+/.exec(await teahouse('file put tea.txt'))![0]
    await teahouse(`file get ${reference} -o copy.txt`)
    await teahouse(`file renew ${reference} --days 9`)
    await teahouse('market')
    await teahouse('node status')
    await teahouse('node ledger')
    await teahouse('exit')
    await net.nodes[1]!.kill()
    expect(await teahouse('node status', { code: 1 })).toContain('那里连接不到')
  })

  it('leaves', async () => {
    await teahouse('membership exit')
    await teahouse('membership withdraw', { code: 1 })
    expect(await teahouse('exit --yes')).toMatch(/以后　MembershipRegistry：会员 0 的押金/)
  })
})
