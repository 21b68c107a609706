import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openKnownPeers } from './known-peers.ts'

const PEER = '16Uiu2HAmPLe7Mzm8TsYUubgCAW1aJoeFScxrLj8ppHFivPo97bUZ'

let path: string
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'teahouse-known-')), 'peers.json')
})

describe('known peers', () => {
  it('are none where there is no file, and are there again after it was written', async () => {
    const known = await openKnownPeers(path)
    expect(known.list()).toEqual([])
    known.seen(PEER, '/ip4/127.0.0.1/tcp/1')
    await known.save()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const [candidate] = (await openKnownPeers(path)).list()
    expect(candidate?.peerId.toString()).toBe(PEER)
    expect(candidate?.addresses.map(String)).toEqual([`/ip4/127.0.0.1/tcp/1/p2p/${PEER}`])
  })

  it('are the hundred seen last', async () => {
    const known = await openKnownPeers(path)
    known.seen(PEER, '/ip4/127.0.0.1/tcp/1')
    for (let at = 0; at < 99; at++) known.seen(`peer ${at}`, '/ip4/127.0.0.1/tcp/2')
    known.seen(PEER, '/ip4/127.0.0.1/tcp/3')
    known.seen('one more', '/ip4/127.0.0.1/tcp/4')
    await known.save()
    const text = await readFile(path, 'utf8')
    expect(JSON.parse(text)).toHaveLength(100)
    expect(text).toContain(PEER)
    expect(text).not.toContain('peer 0"')
  })
})

describe('when it must refuse', () => {
  it.each(['', '{', '{}', '[{"peerId":"a"}]'])('a file with %j, and leaves it as it is', async (text) => {
    await writeFile(path, text)
    await expect(openKnownPeers(path)).rejects.toMatchObject({ detail: { code: 'DATA_CORRUPT', path } })
    expect(await readFile(path, 'utf8')).toBe(text)
  })
})
