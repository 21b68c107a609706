import { join } from 'node:path'
import { abis } from '@teahouse/protocol/chain'
import type { StorageReceipt } from '@teahouse/protocol/receipts'
import type { Hex } from 'viem'
import { inBackground } from './background.ts'
import type { Base } from './base.ts'
import type { BlobStore, ContentSource, IssueReceipt } from './blob/index.ts'
import type { BlockRef } from './chain/head.ts'
import type { Net } from './net/index.ts'
import {
  challengeBook,
  challengeReading,
  courtChain,
  createAnswerer,
  elsewhere as lookElsewhere,
  readChallenges,
  receiptBook,
  receiptDesk,
  type CourtsInfo,
  type Holder,
} from './receipts/index.ts'
import { stopMark } from './rln/stop-mark.ts'

/** The provision whose stake answers for what is promised to be stored: IAdjudicator.SERVICE. */
const STORE_SERVICE = 1
/** Seconds after its last window for which a receipt is remembered. */
const REMEMBERED = 86_400

/** The node's receipts, and its answers before the retrieval court. */
export interface Courts {
  /** What the store of blobs asks for. */
  readonly issue: IssueReceipt
  info(): CourtsInfo
  close(): Promise<void>
}

export interface CourtsParts {
  readonly content: ContentSource & Pick<BlobStore, 'reserve' | 'keep'>
  readonly net: Net
  /** The nodes of registered operators; asked once the host runs. */
  readonly holders: () => readonly Holder[]
}

/** Opens the books and follows the chain from the next block on. Throws ChainError if the court can't be read. */
export async function openCourts(base: Base, parts: CourtsParts): Promise<Courts> {
  const { content } = parts
  const { config, key, chain, db, now } = base
  const { courts, contracts, operatorId: operator, chainId } = config
  const log = base.log.child({ module: 'courts' })
  const court = contracts.RetrievalCourt
  const { window, maxTerm } = await readTerms(base)
  const promiser = { chainId, court, operator, maxTerm }
  const chainTime = () => chain.head.current.timestamp
  const isAlone = config.store.database.engine === 'sqlite' || courts.alone
  const signs = courts.receipts && operator !== 0 && isAlone
  const book = receiptBook(db.receipts, promiser, stopMark(join(config.dataDir, 'receipts.stop')))
  await book.open(Math.max(Math.floor(now() / 1_000), chainTime()), courts.liability)
  const desk = receiptDesk(
    { ...courts, receipts: signs },
    {
      ...{ book, promiser, window, account: key.account, content, chainTime, log },
      stakeUntil: (until) => stakeUntil(base, until),
    },
  )
  const answering = openAnswering(base, { ...parts, receipts: book, window })
  let isClosed = false
  chain.head.onBlock('receipts', async ({ timestamp }) => {
    if (!isClosed) book.prune(timestamp - 3 * window - REMEMBERED)
  })
  return {
    async issue({ size, ...wanted }) {
      const issued = await desk.issue({ ...wanted, size: BigInt(size) })
      if (issued.receipt) return issued
      log.debug({ reason: issued.reason, root: wanted.root }, 'Signed no receipt')
      return undefined
    },
    info: () => ({
      receipts: { issued: desk.issued, running: book.count(chainTime()) },
      ...answering.info(),
    }),
    async close() {
      isClosed = true
      await answering.stop()
      await book.close()
    },
  }
}

/** Answers for this node, and for those that it watches. */
function openAnswering(
  { config, chain, db, log: nodeLog }: Base,
  {
    content,
    net,
    holders,
    receipts,
    window,
  }: CourtsParts & {
    readonly receipts: { find(id: Hex): StorageReceipt | undefined }
    readonly window: number
  },
) {
  const { courts, contracts, operatorId } = config
  const log = nodeLog.child({ module: 'courts' })
  const abort = new AbortController()
  const court = contracts.RetrievalCourt
  const operators = [...new Set([operatorId, ...courts.watchFor])].filter((operator) => operator !== 0)
  const book = challengeBook(db.challenges, { court, operators })
  const { confirmations, fromBlock, blockRange, tailBlocks } = config.chain
  const reader = courtChain(chain.client, court, chain.sender, confirmations)
  const { signal } = abort
  const { answersAtOnce } = courts
  const elsewhere = lookElsewhere({ net, holders, store: content, signal, log })
  const answerer = createAnswerer({
    ...{ chain: reader, book, receipts, content, elsewhere, answersAtOnce, window, signal, log },
    operator: operatorId,
  })
  const following = {
    ...{ chain: reader, book, operators, log },
    fromBlock: BigInt(fromBlock),
    blockRange: BigInt(blockRange),
    confirmations: BigInt(confirmations),
    tailBlocks: BigInt(tailBlocks),
  }
  const reading = challengeReading(chain.head.current.timestamp, window, log)
  const work = inBackground(async (head: BlockRef) => {
    try {
      await readChallenges(head, following)
      reading.done(head.timestamp)
    } catch (err) {
      log.warn({ err }, 'Could not read challenges; trying again')
    }
    try {
      await answerer.step(head)
    } catch (err) {
      log.error({ err }, 'Could not look after challenges; trying again')
    }
  })
  chain.head.onBlock('courts', async (head) => {
    if (signal.aborted) return
    reading.check(head.timestamp)
    work.run(head)
  })
  return {
    info() {
      const upTo = book.readTo()
      return {
        challenges: { ...book.counts(), unanswerable: answerer.unanswerable },
        read: {
          ...(upTo && { block: Number(upTo.number) }),
          behindSeconds: reading.behind(chain.head.current.timestamp),
        },
      }
    },
    async stop() {
      abort.abort()
      await work.idle()
      await elsewhere.idle()
    },
  }
}

async function readTerms({ chain, config }: Base): Promise<{ window: number; maxTerm: number }> {
  const contract = { address: config.contracts.RetrievalCourt, abi: abis.RetrievalCourt } as const
  const [window, maxTerm] = await Promise.all([
    chain.client.readContract({ ...contract, functionName: 'window' }),
    chain.client.readContract({ ...contract, functionName: 'maxTerm' }),
  ])
  return { window, maxTerm }
}

/** Stake of this operator that the court can slash in every second before then. */
async function stakeUntil({ chain, config }: Base, unixSeconds: number): Promise<bigint> {
  const { OperatorStaking, RetrievalCourt } = config.contracts
  return await chain.client.readContract({
    address: OperatorStaking,
    abi: abis.OperatorStaking,
    functionName: 'slashableUntil',
    args: [config.operatorId, STORE_SERVICE, RetrievalCourt, unixSeconds],
  })
}
