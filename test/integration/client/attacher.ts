/** Sends a file to a contact, saying how far it is, until it is done or killed. Usage: attacher.ts JSON, with network, phrase, dir, path and to. */
import { createReadStream } from 'node:fs'
import { accountFromPhrase } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'

const { network, phrase, dir, path, to } = JSON.parse(process.argv[2]!) as {
  network: LocalNetwork
  phrase: string
  dir: string
  path: string
  to: string
}
const client = await nodeClient({ network, account: accountFromPhrase(phrase), dir })
const chat = await client.chat()
await chat.start()
const onProgress = (bytes: number) => void process.stdout.write(`${bytes}\n`)
const file = { name: '../leaves.bin', source: createReadStream(path), resumeAs: path }
const { id, state } = await chat.sendFile(to, file, { days: 1, onProgress })
process.stdout.write(`${state} ${id}\n`)
await client.stop()
