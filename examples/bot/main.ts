// node examples/bot/main.ts FOLDER: a bot on the local network; FOLDER holds its phrase and its memory (docs/sdk.md).
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { accountFromPhrase } from '@teahouse/client'
import { LocalNetwork } from '@teahouse/protocol/chain'
import { runBot } from './bot.ts'

const [folder = '.', networkFile = '.teahouse/local.json'] = process.argv.slice(2)
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())

await runBot({
  network: LocalNetwork.parse(JSON.parse(await readFile(networkFile, 'utf8'))),
  account: accountFromPhrase(await readFile(join(folder, 'phrase.txt'), 'utf8')),
  dir: join(folder, 'store'),
  signal: stopping.signal,
  log: (line) => process.stdout.write(`${line}\n`),
})
