/** Stores a file, saying how far it is, until it is done or killed. Usage: uploader.ts JSON, with network, phrase, dir and path. */
import { readFileSync } from 'node:fs'
import { accountFromPhrase } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'

const { network, phrase, dir, path } = JSON.parse(process.argv[2]!) as {
  network: LocalNetwork
  phrase: string
  dir: string
  path: string
}
const client = await nodeClient({ network, account: accountFromPhrase(phrase), dir })
const onProgress = (bytes: number) => void process.stdout.write(`${bytes}\n`)
await client.files.put(new Uint8Array(readFileSync(path)), { days: 7, pay: true, onProgress })
await client.stop()
