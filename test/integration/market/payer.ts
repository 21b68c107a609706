/** Pays a node for a query and asks it, again and again, saying what it has signed for, until it is killed. Usage: payer.ts JSON, with network, phrase, dir and node. */
import { accountFromPhrase } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'

const { network, phrase, dir, node } = JSON.parse(process.argv[2]!) as {
  network: LocalNetwork
  phrase: string
  dir: string
  node: number
}
const client = await nodeClient({ network, account: accountFromPhrase(phrase), dir })
for (;;) {
  const outcome = await client
    .history({ contentTopic: '/teahouse-test/1/payer/bytes', node, pay: true })
    .then(({ paid }) => `paid ${paid}`)
    .catch((error: unknown) => `failed ${String((error as { code?: string }).code)}`)
  process.stdout.write(`${outcome}\n`)
}
