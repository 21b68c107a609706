/**
 * Pays a node for a query and asks it, until so many were answered, saying what came of each; or ends, as by SIGKILL, at a step of that. Usage:
 * dying-payer.ts JSON, with network, phrase, dir, node, answers and perhaps step.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { tcp } from '@libp2p/tcp'
import { accountFromPhrase, connect } from '@teahouse/client'
import { fileStore } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { PayResponse, StoreQueryResponse } from '@teahouse/protocol/wire'
import { die, type ClientStep } from './dying.ts'

const { network, phrase, dir, node, answers, step } = JSON.parse(process.argv[2]!) as {
  network: LocalNetwork
  phrase: string
  dir: string
  node: number
  answers: number
  step?: ClientStep
}
const VOUCHERS = 'voucher/'
const RETRY_MS = 200

let hasSigned = false
const at = (name: ClientStep): void => {
  if (name === step) die()
}

const files = await fileStore(dir)
const storage: typeof files = {
  ...files,
  async update(key, change) {
    const isVoucher = key.startsWith(VOUCHERS)
    if (isVoucher) at('before signing')
    const written = await files.update(key, change)
    if (isVoucher) {
      hasSigned = true
      at('after signing')
    }
    return written
  },
}
const [readPay, readPage] = [PayResponse.decode, StoreQueryResponse.decode]
Object.assign(PayResponse, {
  decode(...given: Parameters<typeof readPay>) {
    if (hasSigned) at('when the voucher was taken')
    return readPay(...given)
  },
})
Object.assign(StoreQueryResponse, {
  decode(...given: Parameters<typeof readPage>) {
    const page = readPage(...given)
    if (page.statusCode === 200) at('when the page came')
    return page
  },
})

const client = await connect({
  ...{ network, account: accountFromPhrase(phrase), storage, transports: [tcp()] },
  artifacts: () => Promise.reject(new Error('nothing is proven here')),
})
for (let answered = 0; answered < answers;) {
  try {
    const query = { contentTopic: '/teahouse-test/1/payer/bytes', node, pay: true }
    const { paid } = await client.history(query)
    answered++
    process.stdout.write(`paid ${paid}\n`)
  } catch (error) {
    process.stdout.write(`failed ${String((error as { code?: string }).code)}\n`)
    await sleep(RETRY_MS)
  }
}
await client.stop()
